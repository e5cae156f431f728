//! nginx and `fleetc serve` are asked the same, byte for byte, and answer the same.

use std::fs;
use std::net::SocketAddr;

use crate::raw::{Answer, answers, exchange, get};
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

fn request(method: &str, path: &str, headers: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nHost: boot\r\n{headers}\r\n").into_bytes()
}

/// Paths: those of the tree and beside it, folders, and spellings.
const PATHS: &[&str] = &[
    "/",
    "//",
    "/.",
    "/..",
    "/./",
    "/../",
    "/boot",
    "/boot/",
    "/boot//",
    "/BOOT/",
    "/boot/.",
    "/boot/..",
    "/boot/../",
    "/boot/../..",
    "/ipxe_boot_script.txt",
    "/ipxe_boot_script.txt/",
    "/ipxe_boot_script.txt/x",
    "/IPXE_boot_script.txt",
    "//ipxe_boot_script.txt",
    "/./ipxe_boot_script.txt",
    "/boot/../ipxe_boot_script.txt",
    "/%69pxe_boot_script.txt",
    "/ipxe_boot_script.txt?a=b",
    "/ipxe_boot_script.txt?a/../b",
    "/ipxe_boot_script.txt#x",
    "/ipxe_boot_script.txt%00",
    "/ipxe_boot_script.txt%3f",
    "/ipxe_boot_script.txt%",
    "/ipxe_boot_script.txt%2",
    "/ipxe_boot_script.txt%zz",
    "/boot/52-54-00-00-01-01.ipxe",
    "/boot/52-54-00-00-01-ff.ipxe",
    "/boot%2f52-54-00-00-01-01.ipxe",
    "/boot%5c52-54-00-00-01-01.ipxe",
    "/boot\\52-54-00-00-01-01.ipxe",
    "/icis",
    "/icis/",
    "/icis/get_config",
    "/icis/get_config/",
    "/icis/get_config/52:54:00:00:01:01",
    "/icis/get_config/52%3A54%3a00%3A00%3A01%3A01",
    "/icis/get_config/52:54:00:00:01:01/",
    "/icis/get_config/?MAC=52:54:00:00:01:01",
    "/icis/get_role/compute",
    "/icis/get_role/compute?x",
    "/icis/get_role/Compute",
    "/icis/get_role/",
    "/icis/static/ister/node-001/ister.conf",
    "/icis/static/ister/node-001/ister_config.json",
    "/icis/static/ister/node-001",
    "/icis/static/ister/node-001/",
    "/icis/static/ister/node-004/ister.conf",
    "/icis/./static/../static/ister/node-001/ister.conf",
    "/manifest.json/..",
    "/linux",
    "/initrd",
    "/empty",
    "/with%20index",
    "/with%20index/",
    "/with%20index/index.html",
    "/with%20index/a%3fb%23c%25d",
    "/%c3%a4+b",
    "/ä+b",
    "/%C3%A4%2bb",
    "/..name",
    "/%2e%2ename",
    "/kinds",
    "/kinds/",
    "/boot/more.txt",
    "/nothing",
    "/nothing/",
    "/nothing/here",
    "/a b",
    "/*",
    "/~",
    "/\u{7f}",
    "/\t",
    "/\"<>^`{|}",
    "http://boot/linux",
    "http://boot:80/linux",
    "HTTP://boot",
    "http://boot?x",
    "http://boot/",
    "http:///linux",
    "http:/linux",
    "ftp://boot/initrd",
    "linux",
    "*",
    "",
    "http://boot/../x",
    "1http://boot/linux",
    "/boot?a",
    "/icis#a",
    "/boot/%2e%2e/%2e%2e/etc/passwd",
    "/../../../../etc/passwd",
    "/..%2f..%2fetc/passwd",
    "/%2e%2e%2f%2e%2e/etc/passwd",
    "/....//linux",
    "/.../linux",
    "/.%2e/linux",
    "/boot/.%2e/linux",
    "/linux/.",
    "/linux/..",
    "/linux/../initrd",
];

const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "PROPFIND", "MKCOL", "get", "G",
    "GET1", "G-T", "_GET", "GÉT", "",
];

const RANGES: &[&str] = &[
    "bytes=0-0",
    "bytes=0-",
    "bytes=5-",
    "bytes=-5",
    "bytes=0-99999999",
    "bytes=299999-",
    "bytes=300000-",
    "bytes=300000-300001",
    "bytes=-0",
    "bytes=-300000",
    "bytes=-999999",
    "bytes=0-1,3-4",
    "bytes=0-1,3-4,-2",
    "bytes=0-1, 3-4",
    "bytes=0-299999,0-1",
    "bytes=5-4",
    "bytes=5-4,0-1",
    "bytes=a-b",
    "bytes=",
    "bytes=-",
    "bytes=1",
    "bytes= 1 - 2 ",
    "bytes=1-2x",
    "bytes=1-2,",
    "bytes=,1-2",
    "lines=0-1",
    "BYTES=0-1",
    "bytes 0-1",
    "bytes=0-1;2-3",
    "bytes=99999999999999999999-",
    "bytes=0-99999999999999999999",
    "bytes=9223372036854775807-",
    "bytes=0-9223372036854775807",
    "bytes=0-0,1-1,2-2,3-3",
    "bytes=9-10,10-11,11-12",
    "",
];

const HEADERS: &[&str] = &[
    "If-None-Match: {tag}\r\n",
    "If-None-Match: W/{tag}\r\n",
    "If-None-Match: \"x\", {tag}\r\n",
    "If-None-Match: *\r\n",
    "If-None-Match: \"x\"\r\n",
    "If-None-Match: x\r\n",
    "If-None-Match:\r\n",
    "If-Match: {tag}\r\n",
    "If-Match: *\r\n",
    "If-Match: \"x\"\r\n",
    "If-Match: W/{tag}\r\n",
    "If-Match: \"x\",{tag}\r\n",
    "If-None-Match: {tag}\r\nIf-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n",
    "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n",
    "If-Modified-Since: nonsense\r\n",
    "If-Match: \"x\"\r\nIf-None-Match: {tag}\r\n",
    "Range: bytes=1-3\r\nIf-Range: {tag}\r\n",
    "Range: bytes=1-3\r\nIf-Range: \"x\"\r\n",
    "Range: bytes=1-3\r\nIf-Range: W/{tag}\r\n",
    "Range: bytes=1-3\r\nIf-Range: Sat, 01 Jan 2000 00:00:00 GMT\r\n",
    "Range: bytes=1-3\r\nIf-None-Match: {tag}\r\n",
    "Range: bytes=1-3\r\nRange: bytes=4-5\r\n",
    "Connection: close\r\n",
    "Connection: Keep-Alive\r\n",
    "Connection: TE, close\r\n",
    "Accept: text/html\r\n",
    "Accept-Encoding: gzip\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: x\r\n",
    "Content-Length: -1\r\n",
    "Content-Length: 0\r\nContent-Length: 0\r\n",
    "Content-Length:\r\n",
    "Content-Length: 99999999999999999999\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
    "X_Y: 1\r\n",
    "User-Agent: Python-urllib/3.11\r\n",
    "User-Agent: iPXE/1.21.1\r\n",
    "X: \u{e4}\r\n",
    "X:\r\n",
    "X:y\r\n",
    "X:   y  \r\n",
    "X: a\tb\r\n",
    "X: a\0b\r\n",
    " X: folded\r\n",
    "X: a\r\n folded\r\n",
    ": no name\r\n",
    "X : blank\r\n",
    "Host: other\r\n",
];

fn requests() -> Vec<(Vec<u8>, String)> {
    let mut all: Vec<(Vec<u8>, String)> = Vec::new();
    let mut add = |bytes: Vec<u8>, of: &str| all.push((bytes, of.to_string()));
    for path in PATHS {
        for method in ["GET", "HEAD", "POST", "PUT"] {
            add(request(method, path, ""), path);
        }
    }
    for (path, _) in beside() {
        if path.starts_with("kinds/") {
            add(request("GET", &format!("/{path}"), ""), "");
            add(request("GET", &format!("/{}", path.to_uppercase()), ""), "");
        }
    }
    let files = ["/linux", "/ipxe_boot_script.txt", "/icis/get_role/compute", "/empty"];
    for method in METHODS {
        for path in ["/", "/boot", "/boot/", "/nothing", "/nothing/", "/linux", "/ipxe_boot_script.txt"] {
            add(request(method, path, ""), "");
        }
    }
    for range in RANGES {
        for file in files {
            for method in ["GET", "HEAD"] {
                add(request(method, file, &format!("Range: {range}\r\n")), file);
            }
        }
    }
    for headers in HEADERS {
        for file in files {
            for method in ["GET", "HEAD"] {
                add(request(method, file, headers), file);
            }
        }
        add(request("GET", "/nothing", headers), files[0]);
        add(request("GET", "/boot", headers), files[0]);
    }
    for bytes in heads() {
        add(bytes, "");
    }
    for seed in 0..600 {
        add(request("GET", &random_path(seed), ""), "");
    }
    all
}

/// First lines, versions, hosts, ends of lines, lengths, several requests at once.
fn heads() -> Vec<Vec<u8>> {
    let mut all: Vec<String> = Vec::new();
    for version in [
        "HTTP/1.0",
        "HTTP/1.1",
        "HTTP/1.2",
        "HTTP/1.9",
        "HTTP/1.10",
        "HTTP/1.100",
        "HTTP/1.",
        "HTTP/1",
        "HTTP/",
        "HTTP",
        "HTTP/2.0",
        "HTTP/2",
        "HTTP/0.9",
        "HTTP/01.1",
        "HTTP/1.01",
        "HTTP/10.1",
        "http/1.1",
        "HTTP/1.1 ",
        "HTTP/1.1 x",
        "HTTP/1.1\t",
        "HTTPS/1.1",
        "ICY/1.1",
        "HTTP/a.b",
        "HTTP/1.a",
        "x",
        "",
        " HTTP/1.1",
        " ",
    ] {
        for path in ["/linux", "/nothing", "/ipxe_boot_script.txt"] {
            for method in ["GET", "HEAD", "POST"] {
                all.push(format!("{method} {path} {version}\r\nHost: boot\r\n\r\n"));
            }
        }
    }
    for host in [
        "",
        "Host:\r\n",
        "Host: boot\r\n",
        "Host: boot:8080\r\n",
        "Host: BOOT.example.\r\n",
        "Host: a..b\r\n",
        "Host: a/b\r\n",
        "Host: a b\r\n",
        "Host: [::1]\r\n",
        "Host: [::1]:80\r\n",
        "Host: .\r\n",
        "Host: :80\r\n",
        "Host: a\r\nHost: a\r\n",
        "Host: ä\r\n",
        "Host: a:b\r\n",
    ] {
        for version in ["1.0", "1.1"] {
            all.push(format!("GET /initrd HTTP/{version}\r\n{host}\r\n"));
            all.push(format!("GET /boot HTTP/{version}\r\n{host}\r\n"));
        }
    }
    for connection in ["", "Connection: close\r\n", "Connection: keep-alive\r\n", "Connection: KEEP-ALIVE\r\n"] {
        for version in ["1.0", "1.1"] {
            all.push(format!("GET /initrd HTTP/{version}\r\nHost: h\r\n{connection}\r\n").repeat(3));
            all.push(format!("GET /nothing HTTP/{version}\r\nHost: h\r\n{connection}\r\n").repeat(2));
            all.push(format!("PUT /initrd HTTP/{version}\r\nHost: h\r\n{connection}\r\n").repeat(2));
        }
    }
    all.extend(
        [
            "GET /initrd\r\n",
            "GET /initrd\n",
            "GET /nothing\r\n",
            "GET  /initrd  HTTP/1.0\r\n\r\n",
            "GET\r\n",
            "\r\n",
            "GET /initrd HTTP/1.0\n\n",
            "GET /initrd HTTP/1.0\r\n\n",
            "GET /initrd HTTP/1.0\n\r\n",
            "GET",
            "",
            "\r\n\r\nGET /initrd HTTP/1.0\r\n\r\n",
            "\nGET /initrd HTTP/1.0\r\n\r\n",
            " GET /initrd HTTP/1.0\r\n\r\n",
            "GET /initrd HTTP/1.0\r\rn\r\n",
            "GET\t/initrd HTTP/1.0\r\n\r\n",
            "GET /initrd HTTP/1.1\r\nHost: h\r\n",
            "GET /initrd HTTP/1.1\r\nHost: h\r\n\r\nGET /linux",
            "GET /initrd HTTP/1.1\r\nHost: h\r\n\r\nrubbish\r\n\r\n",
            "GET /ini\0trd HTTP/1.0\r\n\r\n",
            "\u{16}\u{3}\u{1}\0\u{ff}\r\n\r\n",
            "SSH-2.0-OpenSSH_9.2\r\n",
            "GET /initrd HTTP/1.0\r\nRange: bytes=0-1\r\n\r\n",
        ]
        .map(str::to_string),
    );
    for length in [6_000, 12_000, 40_000] {
        all.push(format!("GET /initrd?{} HTTP/1.0\r\n\r\n", "a".repeat(length)));
        all.push(format!("GET /{} HTTP/1.0\r\n\r\n", "a".repeat(length)));
        all.push(format!("GET /initrd HTTP/1.0\r\nX: {}\r\n\r\n", "a".repeat(length)));
        all.push(format!("GET /initrd HTTP/1.0\r\n{}\r\n", "X: 0123456789\r\n".repeat(length / 15)));
    }
    let mut bytes: Vec<Vec<u8>> = all.into_iter().map(String::into_bytes).collect();
    // Bytes that are no text.
    bytes.push(b"GET /\xff\xfe HTTP/1.0\r\n\r\n".to_vec());
    bytes.push(b"GET /initrd HTTP/1.0\r\nX: \xff\r\n\r\n".to_vec());
    bytes.push(vec![0xff; 100]);
    bytes
}

/// Paths put together at random, of what matters in a path.
fn random_path(seed: u64) -> String {
    const PARTS: &[&str] = &[
        "/", "/", "/", ".", "..", "%2e", "%2F", "%2f", "boot", "linux", "icis", "get_role", "compute", "?", "#", "%",
        "%3f", "%25", "%00", "+", "a", "x.txt", "kinds", "x.html", ":",
    ];
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % below
    };
    let count = 1 + next(9);
    let parts: String = (0..count).map(|_| PARTS[next(PARTS.len())]).collect();
    format!("/{parts}")
}

#[test]
fn nginx_and_fleetc_answer_the_same() {
    let both = Both::start();
    let requests = requests();
    let differences: Vec<String> = requests.iter().filter_map(|(request, of)| both.ask(request, of)).collect();
    assert!(requests.len() > 2000, "{}", requests.len());
    println!("{} requests", requests.len());
    let (count, all) = (differences.len(), differences.join("\n"));
    assert!(differences.is_empty(), "{count} of {} answers differ:\n{all}", requests.len());
}
