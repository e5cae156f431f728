//! nginx and `fleetc serve` are asked the same, byte for byte, and answer the same.

use std::fs;
use std::net::SocketAddr;

use crate::raw::{Answer, answers, exchange, get};
use crate::requests::requests;
use crate::server::{Kind, Server};
use crate::serving::Serving;
use crate::{example, program};

/// The same files on both servers: the tree of an example, and what an admin puts beside it.
struct Both {
    nginx: Server,
    ours: Serving,
    _folder: tempfile::TempDir,
}

/// What lies beside the tree.
fn beside() -> Vec<(String, Vec<u8>)> {
    let long: Vec<u8> = (0..300_000u32).map(|number| (number % 251) as u8).collect();
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("linux".into(), long),
        ("initrd".into(), b"an initrd\n".to_vec()),
        ("empty".into(), Vec::new()),
        ("with index/index.html".into(), b"<p>index\n".to_vec()),
        ("with index/a?b#c%d".into(), b"odd\n".to_vec()),
        ("ä+b".into(), b"letters\n".to_vec()),
        ("..name".into(), b"dots\n".to_vec()),
        ("boot/more.txt".into(), b"beside scripts\n".to_vec()),
    ];
    // Every extension that has a type.
    let kinds = fs::read_to_string("/etc/nginx/mime.types")
        .unwrap_or_else(|error| panic!("no types of nginx ({error}); on Debian: apt-get install nginx-light"));
    for line in kinds.lines().filter_map(|line| line.trim().strip_suffix(';')) {
        for extension in line.split_whitespace().skip(1) {
            files.push((format!("kinds/x.{extension}"), extension.as_bytes().to_vec()));
        }
    }
    assert!(files.len() > 100);
    files
}

impl Both {
    fn start() -> Both {
        let folder = tempfile::tempdir().unwrap();
        let (out, root) = (folder.path().join("out"), folder.path().join("root"));
        let pilot = example::named("pilot");
        program::build(&pilot.folder, &out);
        for (path, bytes) in beside() {
            for place in [out.join(&path), root.join(&path)] {
                fs::create_dir_all(place.parent().unwrap()).unwrap();
                fs::write(place, &bytes).unwrap();
            }
        }
        let ours = Serving::start(&pilot.folder, &["--root", root.to_str().unwrap()]);
        Both { nginx: Server::start(Kind::Stock, &out), ours, _folder: folder }
    }

    /// Asks both; gives what differs. `{tag}` in a request is the tag that the asked server gives the file at `of`.
    fn ask(&self, request: &[u8], of: &str) -> Option<String> {
        let theirs = said(self.nginx.address(), request, of);
        let ours = said(self.ours.address, request, of);
        let shown = String::from_utf8_lossy(&request[..request.len().min(300)]).into_owned();
        (theirs != ours).then(|| format!("{shown:?}\n  nginx {theirs:#?}\n  ours {ours:#?}"))
    }
}

/// What matters of an answer.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    status: u16,
    keeps: bool,
    headers: Vec<(&'static str, Option<String>)>,
    body: Option<Vec<u8>>,
}

fn said(address: SocketAddr, request: &[u8], of: &str) -> Vec<Said> {
    let request = match String::from_utf8(request.to_vec()) {
        Ok(text) if text.contains("{tag}") => {
            let tag = get(address, of).header("etag").unwrap().to_string();
            text.replace("{tag}", &tag).into_bytes()
        }
        _ => request.to_vec(),
    };
    let headless = request.starts_with(b"HEAD");
    answers(&exchange(address, &request), headless).iter().map(|answer| what_matters(answer, address)).collect()
}

fn what_matters(answer: &Answer, address: SocketAddr) -> Said {
    let has_file = matches!(answer.status, 0 | 200 | 206);
    let kind = answer.header("content-type").unwrap_or_default();
    // Only the length of a boundary matters.
    let boundary = kind.split_once("boundary=").map(|(_, boundary)| boundary.to_string());
    let mut masked = String::from_utf8_lossy(&answer.body).into_owned();
    if let Some(boundary) = &boundary {
        masked = masked.replace(boundary, &"b".repeat(boundary.len()));
    }
    let body = if boundary.is_some() { masked.into_bytes() } else { answer.body.clone() };
    let is_page = answer.status == 0 && body.starts_with(b"<html>\r\n<head><title>");
    let mut headers = Vec::new();
    for name in ["content-type", "content-length", "content-range", "accept-ranges", "location"] {
        if has_file || matches!(name, "content-range" | "location") {
            let value = answer.header(name).map(|value| value.replace(&format!(":{}", address.port()), ":PORT"));
            headers.push((name, value.map(|value| value.split("boundary=").next().unwrap_or_default().to_string())));
        }
    }
    Said {
        status: answer.status,
        keeps: answer.header("connection") == Some("keep-alive"),
        headers,
        body: (has_file && !is_page).then_some(body),
    }
}

#[test]
fn nginx_and_fleetc_answer_the_same() {
    let both = Both::start();
    let requests = requests(&beside());
    let differences: Vec<String> = requests.iter().filter_map(|(request, of)| both.ask(request, of)).collect();
    assert!(requests.len() > 5000, "{}", requests.len());
    println!("{} requests", requests.len());
    let (count, all) = (differences.len(), differences.join("\n"));
    assert!(differences.is_empty(), "{count} of {} answers differ:\n{all}", requests.len());
}

/// The one place where they differ: nginx passes over a line that is no header, fleetc refuses it. No machine sends one.
#[test]
fn a_line_that_is_no_header_is_refused() {
    let both = Both::start();
    for line in ["X(Y): 1", "nocolon", "X\u{e4}: 1", "X@: 1"] {
        let request = format!("GET /initrd HTTP/1.0\r\n{line}\r\n\r\n");
        let status = |address| answers(&exchange(address, request.as_bytes()), false)[0].status;
        assert_eq!((status(both.nginx.address()), status(both.ours.address)), (200, 400), "{line}");
    }
}
