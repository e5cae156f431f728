//! What is told of machines, in the order in which they ask.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use crate::example;
use crate::raw::{exchange, get};
use crate::serving::Serving;

/// The requests of node-001 of the example *pilot* (`fleetc trace node-001`), as iPXE and the installer write them.
const WALK: [&str; 8] = [
    "/ipxe_boot_script.txt",
    "/boot/52-54-00-00-01-01.ipxe",
    "/linux",
    "/initrd",
    "/icis/static/ister/node-001/ister.conf",
    "/icis/static/ister/node-001/ister_config.json",
    "/icis/get_config/52%3A54%3A00%3A00%3A01%3A01",
    "/icis/get_role/compute",
];

/// The pilot, with boot files beside the tree.
fn pilot() -> (tempfile::TempDir, Serving) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("linux"), vec![7; 50_000_000]).unwrap();
    fs::write(folder.path().join("initrd"), "an initrd\n").unwrap();
    let serving = Serving::start(&example::named("pilot").folder, &["--root", folder.path().to_str().unwrap()]);
    (folder, serving)
}

fn ask(serving: &Serving, paths: &[&str]) {
    for path in paths {
        get(serving.address, path);
    }
}

#[test]
fn a_machine_is_followed_to_its_role() {
    let (_folder, serving) = pilot();
    ask(&serving, &WALK);
    assert_eq!(
        serving.events(8),
        [
            "TIME 127.0.0.1: entry script",
            "TIME node-001: own script: installs release stable (29880)",
            "TIME node-001: kernel",
            "TIME node-001: initrd",
            "TIME node-001: ister.conf",
            "TIME node-001: template",
            "TIME node-001: config",
            "TIME node-001: role `compute`, the last that it asks for",
        ]
    );
    // contract I-88: it is installed, and its state is not changed.
    ask(&serving, &WALK[..2]);
    assert_eq!(
        serving.events(2),
        [
            "TIME 127.0.0.1: entry script",
            "TIME node-001: own script: installs release stable (29880) once more; `state: installed` ends that",
        ]
    );
    let (code, rest) = serving.stop();
    assert_eq!(code, Some(0));
    assert_eq!(
        rest,
        [
            "node-001: 10 requests, the last: own script: installs release stable (29880) once more; `state: installed` ends that",
            "1 of 5 hosts asked for something",
        ]
    );
}

#[test]
fn a_machine_that_has_its_system_and_one_that_nobody_knows() {
    let (_folder, serving) = pilot();
    ask(&serving, &[WALK[0], "/boot/52-54-00-00-01-04.ipxe", WALK[0], "/boot/52-54-00-ff-ff-01.ipxe"]);
    assert_eq!(
        serving.events(4),
        [
            "TIME 127.0.0.1: entry script",
            "TIME node-004: own script: has its system, goes on to its local disk",
            "TIME 127.0.0.1: entry script",
            "TIME 52:54:00:ff:ff:01 is not in the fleet: refused",
        ]
    );
    let (code, rest) = serving.stop();
    assert_eq!(code, Some(0));
    assert_eq!(
        rest,
        [
            "node-004: 2 requests, the last: own script: has its system, goes on to its local disk",
            "52:54:00:ff:ff:01: 2 requests, the last: is not in the fleet: refused",
            "1 of 5 hosts asked for something",
        ]
    );
}

#[test]
fn a_machine_that_nobody_knows_is_installed_where_the_fleet_says_so() {
    let serving = Serving::start(&example::named("bulk").folder, &[]);
    ask(
        &serving,
        &[
            "/ipxe_boot_script.txt",
            "/icis/static/ister/ister.conf",
            "/icis/static/ister/ister_config.json",
            "/icis/get_role/compute",
        ],
    );
    assert_eq!(
        serving.events(4),
        [
            "TIME 127.0.0.1: entry script",
            "TIME 127.0.0.1: ister.conf: not in the fleet, installed with role `compute`",
            "TIME 127.0.0.1: template: not in the fleet, installed with role `compute`",
            "TIME 127.0.0.1: role `compute`, the last that it asks for",
        ]
    );
}

#[test]
fn a_machine_that_asks_again_and_again_is_one_line() {
    let (_folder, serving) = pilot();
    ask(&serving, &WALK[..2]);
    // contract I-5, X-14: 15 seconds without a pause
    for _ in 0..1234 {
        get(serving.address, "/icis/static/ister/node-01/ister.conf");
    }
    ask(&serving, &["/linux", "/nothing", "/boot", "/icis/", "/manifest.json"]);
    let asked = "404 icis/static/ister/node-01/ister.conf";
    let storm =
        ["", " (10 times)", " (100 times)", " (1000 times)"].map(|times| format!("TIME node-001: {asked}{times}"));
    assert_eq!(serving.events(6)[2..], storm);
    assert_eq!(
        serving.events(5),
        [
            "TIME node-001: kernel",
            "TIME node-001: 404 nothing",
            "TIME node-001: 301 boot",
            "TIME node-001: 403 icis/",
            "TIME node-001: `manifest.json`",
        ]
    );
    assert_eq!(serving.stop().1[0], "node-001: 1241 requests, the last: `manifest.json`");
}

#[test]
fn what_is_no_request_and_what_breaks_off_is_told() {
    let (_folder, serving) = pilot();
    // A machine that speaks https.
    exchange(serving.address, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
    ask(&serving, &[WALK[1]]);
    let mut machine = TcpStream::connect(serving.address).unwrap();
    machine.write_all(b"GET /linux HTTP/1.1\r\nHost: boot\r\n\r\n").unwrap();
    let mut some = [0; 1000];
    machine.read_exact(&mut some).unwrap();
    drop(machine);
    let events = serving.events(4);
    assert_eq!(
        events[..3],
        [
            "TIME 127.0.0.1: 400: this is no HTTP",
            "TIME node-001: own script: installs release stable (29880)",
            "TIME node-001: kernel",
        ]
    );
    let broke = events[3].strip_prefix("TIME node-001: kernel broke off after ").unwrap();
    let sent: u64 = broke.strip_suffix(" of 50000000 bytes").unwrap().parse().unwrap();
    assert!((500..50_000_000).contains(&sent), "{sent}");
}

/// What clients send is shown; nothing in it may move the cursor of whoever looks.
#[test]
fn what_is_asked_for_cannot_act_on_a_terminal() {
    let (_folder, serving) = pilot();
    ask(&serving, &["/%1b%5b2J%0aTIME%20node-001%3a%20role"]);
    assert_eq!(serving.events(1), ["TIME 127.0.0.1: 404 \u{241b}[2J TIME node-001: role"]);
}
