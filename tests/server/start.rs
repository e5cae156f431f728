//! What is said at the start, and what keeps it from starting.

use std::fs;
use std::net::TcpListener;

use crate::example;
use crate::program::fleetc;
use crate::serving::Serving;

#[test]
fn it_says_what_it_is_for_and_what_may_surprise() {
    let pilot = example::named("pilot").folder;
    let mut serving = Serving::start(&pilot, &[]);
    let at = serving.address;
    assert_eq!(
        serving.complaints("--root"),
        [
            &format!("5 hosts (4 to install, 1 installed), 3 roles, 2 releases, from http://{at}/ipxe_boot_script.txt")
                [..],
            "this is for a trial, not for production; Ctrl-C ends it",
            "note: machines that start here are led to `http://192.168.1.1`, as the fleet file says",
            &format!(" help: `--url http://{at}`, or the address that they know this machine by"),
            "note: not here: `initrd`, `linux`",
            " help: `--root DIR` serves the files of a folder besides",
        ]
    );
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("initrd"), "i").unwrap();
    let root = root.path().to_str().unwrap();
    let mut serving = Serving::start(&pilot, &["--url", "http://10.0.0.1/f", "--root", root]);
    assert_eq!(
        serving.complaints("--root")[2..],
        ["note: not here: `linux`", " help: `--root DIR` serves the files of a folder besides"]
    );
}

#[test]
fn beyond_this_machine_it_warns_of_secrets() {
    let pilot = example::named("pilot").folder;
    let mut serving = Serving::listen(&pilot, "0.0.0.0:0", &["--url", "http://10.0.0.1/f"]);
    let said = serving.complaints("--root");
    assert!(said[0].ends_with("/f/ipxe_boot_script.txt"), "{said:?}");
    assert_eq!(said[2], "note: whoever reaches this port can read the tree, and the secrets that are in it");
    assert_eq!(said.len(), 5, "{said:?}");
}

#[test]
fn a_fleet_with_errors_is_not_served() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("fleet.yaml"), "version: 1\nserver: { url: http://192.168.1.1 }\nhosts: {}\nx: 1\n")
        .unwrap();
    let run = fleetc(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), "nothing is served while the fleet has errors\n"));
    assert!(run.stdout.contains("`x`"), "{}", run.stdout);
}

#[test]
fn what_cannot_be_done_is_said() {
    let pilot = example::named("pilot").folder;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = fleetc(&pilot, &["serve", "--listen", &address]);
    assert_eq!(run.code, Some(2));
    let expected = format!(
        "error: cannot listen on `{address}`: address already in use\n \
         help: another program listens there; `--listen 127.0.0.1:0` takes any port\n"
    );
    assert_eq!(run.stderr, expected);
    let run = fleetc(&pilot, &["serve", "--url", "10.0.0.1"]);
    assert_eq!(run.code, Some(2));
    assert_eq!(run.stderr, "error: the URL `10.0.0.1` has no scheme\n help: write `http://10.0.0.1`\n");
    assert_eq!(fleetc(&pilot, &["serve", "--listen", "somewhere"]).code, Some(2));
    let run = fleetc(&pilot, &["serve", "--root", "nowhere"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(2), "error: `nowhere` is no folder\n"));
}
