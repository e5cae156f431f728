//! Servers as people have them: the trees of all examples are found good on them, in every way of asking.

use crate::Site;
use crate::server::{Kind, Server};
use crate::verify;

const PILOT: &str = "
                                    asked  good  bad
boot script                             1     1    0
boot/<MAC>.ipxe                         6     6    0
…/static/ister/…/ister.conf             4     4    0
…/static/ister/…/ister_config.json      4     4    0
…/get_config/<MAC>                      6     6    0
…/get_config/<MAC> with %3A             6     6    0
…/get_role/<role>                       2     2    0
kernel and initrd                       2     2    0
what must not be there                 10    10    0
a machine that is not listed            1     1    0
manifest.json                           1     1    0

all is well at http://SERVER: 43 requests for 6 network cards, against ";

const TRIAL: &str = "note: the files send machines to http://192.168.1.1; http://SERVER stood in for it\n";
const NO_SUM: &str = "note: 2 boot files have no sum to compare: only that they are there was checked; ";
const BY_FLEET: &str = "`--fleet FILE`\n      compares `sha256` of the fleet file\n";
const LISTS: &str =
    "note: the server lists folders (no machine asks for one): whoever reaches it can find every file\n";

#[test]
fn good_servers_are_found_good() {
    for (kind, lists) in [(Kind::Nginx, ""), (Kind::Python, LISTS)] {
        let site = Site::pilot();
        let server = Server::start(kind, &site.root());
        let run = verify(&server.url(), &[]);
        let notes = format!("{TRIAL}{lists}{NO_SUM}{BY_FLEET}");
        assert_eq!(run.stdout, format!("{notes}{PILOT}its own manifest\n"), "{kind:?}");
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        let run = site.verify(&server.url(), &[]);
        assert_eq!(run.stdout, format!("{notes}{PILOT}the tree\n"), "{kind:?}");
        let fleet = site.fleet();
        let run = verify(&server.url(), &["--fleet", fleet.to_str().unwrap()]);
        let notes = format!("{TRIAL}{lists}{NO_SUM}give it `sha256` in\n      the fleet file\n");
        assert_eq!(run.stdout, format!("{notes}{PILOT}the fleet file\n"), "{kind:?}");
    }
}

#[test]
fn every_example_is_found_good() {
    for example in ["bulk", "minimal", "mixed", "pilot"] {
        let site = Site::new(example, None);
        let server = Server::start(Kind::Nginx, &site.root());
        let fleet = site.fleet();
        for against in [&[][..], &["--fleet", fleet.to_str().unwrap()]] {
            let run = verify(&server.url(), against);
            // Boot files of other servers are out of reach here.
            let elsewhere = run.stdout.contains("mirror.example");
            assert_eq!((run.code, elsewhere), (Some(i32::from(elsewhere)), elsewhere), "{example}: {}", run.stdout);
            let bad =
                run.stdout.lines().filter(|line| line.ends_with(|c: char| c.is_ascii_digit()) && !line.ends_with(" 0"));
            let bad: Vec<&str> = bad.collect();
            assert!(bad.iter().all(|line| line.starts_with("kernel and initrd")), "{example}: {}", run.stdout);
        }
    }
}

/// The fleet file may have another URL than the server that is tried: both trees of it are right, and told apart.
#[test]
fn the_url_stands_in_for_the_servers() {
    let site = Site::pilot();
    let server = Server::start(Kind::Nginx, &site.root());
    // Another name for this machine, which is no loopback address by its looks.
    let url = server.url().replace("127.0.0.1", "0.0.0.0");
    let fleet = site.fleet();
    // The rule is right: machines boot from neither.
    let fleet = ["--fleet", fleet.to_str().unwrap(), "--allow", "loopback-server"];
    // The tree as it is: a machine that comes here is sent away.
    let elsewhere = "elsewhere: 1 of boot script\n  ipxe_boot_script.txt: it sends machines to http://192.168.1.1\n  \
                     then: what machines get there was not asked for\n";
    for against in [&[][..], &fleet] {
        let run = verify(&url, against);
        assert_eq!((run.code, run.stdout.starts_with(elsewhere)), (Some(1), true), "{}", run.stdout);
        assert!(run.stdout.contains("\n1 fault at http://SERVER: "), "{}", run.stdout);
        let run = verify(&url, &[against, &["--trial"]].concat());
        assert!(run.code == Some(0) && run.stdout.starts_with(TRIAL), "{}", run.stdout);
    }
    // A tree for the URL that is tried, and a fleet file with the real one: compiled with the first.
    site.edit("url: http://192.168.1.1", &format!("url: {url}"));
    site.build();
    site.edit(&format!("url: {url}"), "url: http://192.168.1.1");
    let run = verify(&url, &fleet);
    let note =
        "note: compiled with http://SERVER in the place of http://192.168.1.1, the `server.url` of the fleet file\n";
    assert!(run.code == Some(0) && run.stdout.replace("\n      ", " ").contains(note), "{}", run.stdout);
    // The fleet file has the URL that is tried: nothing is to be said.
    site.edit("url: http://192.168.1.1", &format!("url: {url}"));
    let run = verify(&url, &fleet);
    assert_eq!((run.code, run.stdout.contains("192.168.1.1")), (Some(0), false), "{}", run.stdout);
}

/// A file that is named by its sum is fetched and summed.
#[test]
fn boot_files_are_summed() {
    let site = Site::pilot();
    let server = Server::start(Kind::Nginx, &site.root());
    let sum = sha256(b"the linux of the installer\n");
    site.edit("kernel: linux", &format!("kernel: {{ url: linux, sha256: {sum} }}"));
    let fleet = site.fleet();
    let fleet = fleet.to_str().unwrap();
    let run = verify(&server.url(), &["--fleet", fleet]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    std::fs::write(site.root().join("linux"), "another kernel\n").unwrap();
    let run = verify(&server.url(), &["--fleet", fleet]);
    assert_eq!(run.code, Some(1), "{}", run.stdout);
    let said = format!(
        "different: 1 of kernel and initrd\n  http://192.168.1.1/linux: its SHA-256 is\n    {}, and the fleet file says\n    {sum}\n",
        sha256(b"another kernel\n")
    );
    assert!(run.stdout.starts_with(&said), "{}", run.stdout);
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
