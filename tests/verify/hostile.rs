//! Servers that hang, close, never end, or are not there; and a manifest that means harm.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::shop::{Act, Shop, bytes, page};
use crate::{Site, faults, verify};

const ROLE: &str = "/icis/get_role/compute";
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";

/// Checks the pilot's tree on a server that does this for one role; gives what is said, and how long it took.
fn at_role(act: fn() -> Act, flags: &[&str]) -> (String, Duration) {
    let site = Site::pilot();
    let shop = Shop::open(&site.root(), move |request| (request.path == ROLE).then(act));
    let begun = Instant::now();
    let run = site.verify(&shop.url(), flags);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{}", run.stdout);
    (faults(&run), begun.elapsed())
}

#[test]
fn one_answer_that_never_comes() {
    for (act, said) in [
        ((|| Act::Hang(Vec::new())) as fn() -> Act, "no answer within 1 s (roles/managed.yaml:1)"),
        (|| Act::Raw(Vec::new()), "the connection is closed without an answer (roles/managed.yaml:1)"),
        (|| Act::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), "what answers does not speak HTTP (roles/managed.yaml:1)"),
        (|| Act::Hang([HEAD, b"#cloud"].concat()), "the answer stops after 6 bytes (roles/managed.yaml:1)"),
    ] {
        let (text, took) = at_role(act, &["--timeout", "1"]);
        let then = "then: the installation fails after the disk is written";
        assert_eq!(text, format!("no-answer: 1 of …/get_role/<role>\n  icis/get_role/compute: {said}\n  {then}"));
        assert!(took < Duration::from_secs(20), "{took:?}");
    }
}

#[test]
fn an_answer_without_end() {
    let (text, took) = at_role(|| Act::Endless(HEAD.to_vec()), &[]);
    assert!(
        text.starts_with("endless: 1 of …/get_role/<role>\n  icis/get_role/compute: the answer has no end"),
        "{text}"
    );
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn a_server_that_is_not_there() {
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let run = verify(&format!("http://{address}"), &[]);
    let help = " help: is the server up, and is this machine in the network of the machines?\n";
    assert_eq!(run.stderr, format!("error: `http://SERVER` cannot be asked: the connection is refused\n{help}"));
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    // One that takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let run = verify(&format!("http://{}", silent.local_addr().unwrap()), &["--timeout", "1"]);
    assert!(run.stderr.starts_with("error: `http://SERVER` cannot be asked: no answer within 1 s\n"), "{}", run.stderr);
    assert_eq!(run.code, Some(2));
}

/// A server that goes away is not asked for every file of a fleet.
#[test]
fn a_server_that_goes_away() {
    let site = Site::new("bulk", None);
    let root = site.root();
    let shop = Shop::open(&root, |request| (request.path != "/manifest.json").then(|| Act::Raw(Vec::new())));
    let run = verify(&shop.url(), &["--jobs", "4"]);
    let all = "the server no longer answers: the connection is closed without an answer";
    assert!(run.code == Some(2) && run.stderr.contains(all), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("not finished: ") && shop.asked().len() < 60, "{} requests", shop.asked().len());
    let run = verify(&shop.url(), &["--jobs", "4", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(json["unfinished"].as_str().unwrap().contains("no longer answers") && json["good"] == false);
}

#[test]
fn the_time_for_everything_is_kept() {
    let site = Site::pilot();
    let shop = Shop::open(&site.root(), |request| (request.path == ROLE).then(|| Act::Hang(Vec::new())));
    let begun = Instant::now();
    let run = site.verify(&shop.url(), &["--max-time", "2", "--timeout", "60"]);
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert!(run.code == Some(2) && run.stderr.contains("the time for the whole run is up (2 s)"), "{}", run.stderr);
}

#[test]
fn manifests_that_mean_harm() {
    let site = Site::pilot();
    let manifest = String::from_utf8(site.read("manifest.json")).unwrap();
    let outside = manifest.replacen("icis/get_role/compute", "icis/../../etc/passwd", 1);
    let again = manifest.replacen("\"version\": 1", "\"version\": 2", 1);
    for (body, why) in [
        (outside, "is no path inside a tree"),
        (again, "version 2, and this fleetc reads version 1"),
        (manifest[..500].to_string(), "EOF while parsing"),
        ("[".repeat(1 << 20), "its `manifest.json` is none"),
        ("{\"name\": \"a web app\"}".to_string(), "unknown field `name`"),
    ] {
        let shop =
            Shop::open(&site.root(), move |request| (request.path == "/manifest.json").then(|| bytes(body.clone())));
        let run = verify(&shop.url(), &[]);
        assert!(run.code == Some(2) && run.stderr.contains(why), "{}{}", run.stdout, run.stderr);
        assert!(
            run.stderr.contains(" help: say what it should serve: `--tree DIR` or `--fleet FILE`"),
            "{}",
            run.stderr
        );
        // With the tree at hand, nobody needs it.
        let run = site.verify(&shop.url(), &[]);
        assert!(run.code == Some(0) && run.stdout.contains("note: the server gives no manifest: "), "{}", run.stdout);
    }
    let shop =
        Shop::open(&site.root(), |request| (request.path == "/manifest.json").then(|| page(200, "<!doctype html>")));
    let run = verify(&shop.url(), &[]);
    assert!(run.stderr.contains("`manifest.json`: the server answers with an HTML page"), "{}", run.stderr);
}

/// What a server says does not act on the terminal.
#[test]
fn what_a_server_says_is_cleaned() {
    let site = Site::pilot();
    let shop = Shop::open(&site.root(), |request| {
        let to = "http://\u{1b}[2J.example/\u{7}".to_string();
        (request.path == ROLE).then(|| Act::Reply(308, vec![("Location", to)], Vec::new()))
    });
    for format in ["human", "junit"] {
        let run = site.verify(&shop.url(), &["--format", format]);
        assert!(!run.stdout.contains(['\u{1b}', '\u{7}']), "{format}: {:?}", run.stdout);
        assert_eq!(run.code, Some(1));
    }
}

/// A server may close a connection that waits for its next request; machines come with a new one.
#[test]
fn connections_that_are_closed_between_requests() {
    let site = Site::pilot();
    let root = site.root();
    let shop = Shop::open(&site.root(), move |request| {
        let Act::Reply(status, _, body) = crate::shop::file(&root, &request.path) else { return None };
        // It does not say that it closes.
        let head = format!("HTTP/1.1 {status} Status\r\nContent-Length: {}\r\n\r\n", body.len());
        Some(Act::Raw([head.as_bytes(), &body].concat()))
    });
    let run = site.verify(&shop.url(), &["--jobs", "1"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
}
