//! One server broken in each way that there is a word for, and what is said of it, word for word.

use crate::Site;
use crate::faults;
use crate::shop::{Act, Request, Shop, bytes, file, missing, page, redirect};

const CONFIG: &str = "/icis/get_config/52:54:00:00:01:01";
const ROLE: &str = "/icis/get_role/compute";
const SCRIPT: &str = "/boot/52-54-00-00-01-01.ipxe";
const CONF: &str = "/icis/static/ister/node-001/ister.conf";
const TEMPLATE: &str = "/icis/static/ister/node-001/ister_config.json";

/// Breaks the answer for one path, in both of its spellings.
fn at(
    path: &'static str,
    act: impl Fn() -> Act + Send + Sync + 'static,
) -> impl Fn(&Request) -> Option<Act> + Send + Sync {
    move |request| (request.path.replace("%3A", ":") == path).then(&act)
}

/// What is said of a server of the pilot's tree that is broken; it must be something.
fn said(site: &Site, twist: impl Fn(&Request) -> Option<Act> + Send + Sync + 'static) -> String {
    let shop = Shop::open(&site.root(), twist);
    let run = site.verify(&shop.url(), &["--timeout", "5"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{}", run.stdout);
    faults(&run)
}

#[test]
fn missing_files() {
    let text = said(&Site::pilot(), at(CONFIG, missing));
    assert_eq!(
        text,
        "missing: 1 of …/get_config/<MAC>
  icis/get_config/52:54:00:00:01:01: it is not there (404) (fleet.yaml:77)
  then: the machine is installed without its role, and nobody is told

missing: 1 of …/get_config/<MAC> with %3A
  icis/get_config/52:54:00:00:01:01: it is not there (404) (fleet.yaml:77)
  then: clients that write `:` as `%3A` get another answer than the installer"
    );
}

#[test]
fn a_server_that_knows_one_spelling_of_colons() {
    let text = said(&Site::pilot(), |request| request.path.contains("%3A").then(missing));
    assert_eq!(
        text,
        "missing: 6 of …/get_config/<MAC> with %3A
  icis/get_config/52:54:00:00:01:01: it is not there (404) (fleet.yaml:77)
  icis/get_config/52:54:00:00:01:02: it is not there (404) (fleet.yaml:78)
  icis/get_config/52:54:00:00:01:03: it is not there (404) (fleet.yaml:79)
  and 3 more
  then: clients that write `:` as `%3A` get another answer than the installer"
    );
}

#[test]
fn forbidden_files() {
    let text = said(&Site::pilot(), at(CONF, || page(403, "<html>")));
    assert_eq!(
        text,
        "refused: 1 of …/static/ister/…/ister.conf
  icis/static/ister/node-001/ister.conf: the server answers 403 (fleet.yaml:77)
  then: the installer asks again and again for 15 seconds, then stops; disks are untouched"
    );
}

#[test]
fn stale_files_that_should_be_gone() {
    let text = said(&Site::pilot(), at("/icis/static/ister/node-004/ister.conf", || bytes("template=http://h/t\n")));
    assert_eq!(
        text,
        "stale: 1 of what must not be there
  icis/static/ister/node-004/ister.conf: it is served, and the host has its system (`state:
    installed`)
  then: a machine that is sent there gets what the fleet no longer says"
    );
}

#[test]
fn a_stale_generation() {
    let site = Site::pilot();
    let shop = Shop::open(&site.root(), |_| None);
    let old = tempfile::tempdir().unwrap();
    crate::program::copy(&site.root(), old.path());
    // The tree goes on, the server does not.
    site.edit("node-001: {", "node-101: {");
    site.build();
    let shop_of_old = Shop::open(old.path(), |_| None);
    let run = site.verify(&shop_of_old.url(), &[]);
    assert_eq!(run.code, Some(1));
    assert_eq!(
        faults(&run),
        "stale: 1 of boot/<MAC>.ipxe
  boot/52-54-00-00-01-01.ipxe: its bytes are those of another generation, which the server's
    manifest lists (fleet.yaml:77)
  then: machines run another script than the fleet has

missing: 1 of …/static/ister/…/ister.conf
  icis/static/ister/node-101/ister.conf: it is not there (404) (fleet.yaml:77)
  then: the installer asks again and again for 15 seconds, then stops; disks are untouched

missing: 1 of …/static/ister/…/ister_config.json
  icis/static/ister/node-101/ister_config.json: it is not there (404) (fleet.yaml:77)
  then: the installer stops; disks are untouched

stale: 2 of what must not be there
  icis/static/ister/node-001/ister.conf: it is served, and only the server's own manifest lists it
  icis/static/ister/node-001/ister_config.json: it is served, and only the server's own manifest
    lists it
  then: a machine that is sent there gets what the fleet no longer says

stale: 1 of manifest.json
  manifest.json: it is that of another generation (other bytes: 1; not in it: 2; in it alone: 2)"
    );
    // The one whose files went on with the tree is well.
    assert_eq!(site.verify(&shop.url(), &[]).code, Some(0));
}

#[test]
fn a_stale_cache() {
    let text = said(&Site::pilot(), |request| {
        let fresh = request.headers.iter().any(|(name, value)| name == "cache-control" && value == "no-cache");
        (request.path == ROLE && !fresh).then(|| bytes("#cloud-config\n"))
    });
    assert_eq!(
        text,
        "stale: 1 of …/get_role/<role>
  icis/get_role/compute: a cache gives old bytes; asked to step aside, it gives the right ones
    (roles/managed.yaml:1)
  then: it is installed as it is, without complaint"
    );
}

#[test]
fn different_bytes() {
    let site = Site::pilot();
    let role = String::from_utf8(site.read(&ROLE[1..])).unwrap();
    let dos = role.replace('\n', "\r\n");
    let marked = format!("\u{feff}{role}");
    let other = role.replacen('#', "%", 1);
    let cut = role[..100].to_string();
    for (body, how) in [
        (dos, "its lines end in CR LF (roles/managed.yaml:1)"),
        (marked, "it begins with a byte-order mark (roles/managed.yaml:1)"),
        (other, "other bytes, 362 of them as there should be (roles/managed.yaml:1)"),
        (cut, "100 bytes, and other ones, where 362 should be (roles/managed.yaml:1)"),
        (String::new(), "it is empty (roles/managed.yaml:1)"),
        (format!("{role}<!-- -->"), "8 more bytes stand behind its end (roles/managed.yaml:1)"),
    ] {
        let text = said(&site, at(ROLE, move || bytes(body.clone())));
        let then = "then: it is installed as it is, without complaint";
        assert_eq!(text, format!("different: 1 of …/get_role/<role>\n  icis/get_role/compute: {how}\n  {then}"));
    }
}

#[test]
fn names_in_wrong_case() {
    let site = Site::new("pilot", None);
    site.edit("52:54:00:00:01:01", "52:54:00:00:ab:01");
    site.build();
    let root = site.root();
    let text = said(&site, move |request| {
        let script = "/boot/52-54-00-00-ab-01.ipxe";
        let capitals = "/boot/52-54-00-00-AB-01.ipxe";
        match request.path.as_str() {
            path if path == script => Some(missing()),
            path if path == capitals => Some(file(&root, script)),
            _ => None,
        }
    });
    assert_eq!(
        text,
        "wrong-case: 1 of boot/<MAC>.ipxe
  boot/52-54-00-00-ab-01.ipxe: it is not there, but `boot/52-54-00-00-AB-01.ipxe` is (fleet.yaml:77)
  then: the machine is not taken for a listed one"
    );
}

/// Capitals that make no difference harm nobody: machines ask in small letters.
#[test]
fn a_server_to_which_capitals_are_all_one() {
    let site = Site::new("pilot", None);
    site.edit("52:54:00:00:01:01", "52:54:00:00:ab:01");
    site.build();
    let root = site.root();
    let shop = Shop::open(&site.root(), move |request| {
        (request.path == "/boot/52-54-00-00-AB-01.ipxe").then(|| file(&root, "boot/52-54-00-00-ab-01.ipxe"))
    });
    let run = site.verify(&shop.url(), &[]);
    let note = "note: capitals make no difference to the server: that is harmless, since machines ask in small\n      \
                letters alone\n";
    assert!(run.code == Some(0) && run.stdout.contains(note), "{}", run.stdout);
}

#[test]
fn a_server_that_rewrites() {
    // An application with a page for everything.
    let site = Site::pilot();
    let root = site.root();
    let text = said(&site, move |request| match file(&root, &request.path) {
        Act::Reply(404, ..) => Some(page(200, "<!doctype html><div id=app></div>")),
        _ => None,
    });
    assert_eq!(
        text,
        "rewritten: 10 of what must not be there
  icis/static/ister/node-004/ister.conf: there is no such file, and the server answers with an HTML
    page
  icis/static/ister/node-004/ister_config.json: there is no such file, and the server answers with
    an HTML page
  icis/static/ister/ister.conf: there is no such file, and the server answers with an HTML page
  and 7 more
  then: a file that is missing looks as if it were there

unlisted: 1 of a machine that is not listed
  ipxe_boot_script.txt: 52:54:00:ff:ff:01, which no host lists, cannot be followed: what is at
    http://192.168.1.1/boot/52-54-00-ff-ff-01.ipxe is no script
  then: machines that nobody listed may be installed, or hang"
    );
    // A rule that gives every machine the same answer.
    let root = site.root();
    let text = said(&site, at(CONFIG, move || file(&root, "icis/get_config/52:54:00:00:01:02")));
    let first = "rewritten: 1 of …/get_config/<MAC>
  icis/get_config/52:54:00:00:01:01: the server gives `icis/get_config/52:54:00:00:01:02` in its
    place (fleet.yaml:77)
  then: the machine may get another role";
    assert!(text.starts_with(first), "{text}");
}

#[test]
fn html_instead_of_json() {
    let text = said(&Site::pilot(), at(TEMPLATE, || page(200, "<!DOCTYPE html><title>Sign in</title>")));
    assert_eq!(
        text,
        "html: 1 of …/static/ister/…/ister_config.json
  icis/static/ister/node-001/ister_config.json: the server answers with an HTML page (fleet.yaml:77)
  then: the installer stops; disks are untouched"
    );
}

#[test]
fn directory_listings() {
    let list = || page(200, "<html>\r\n<head><title>Index of /icis/get_role/compute/</title></head>");
    let text = said(&Site::pilot(), move |request| match request.path.as_str() {
        ROLE => Some(redirect(301, "/icis/get_role/compute/")),
        "/icis/get_role/compute/" => Some(list()),
        _ => None,
    });
    assert_eq!(
        text,
        "directory-listing: 1 of …/get_role/<role>
  icis/get_role/compute: the server lists a folder (roles/managed.yaml:1)
  then: it is installed as it is, without complaint"
    );
}

#[test]
fn redirects_that_lead_nowhere() {
    let site = Site::pilot();
    let said_of =
        |path: &'static str, status: u16, to: &'static str| said(&site, at(path, move || redirect(status, to)));
    assert_eq!(
        said_of(CONF, 308, "/elsewhere/ister.conf"),
        "redirect: 1 of …/static/ister/…/ister.conf
  icis/static/ister/node-001/ister.conf: a 308 leads to http://SERVER/elsewhere/ister.conf:
    Python before 3.11 does not follow a 308 (fleet.yaml:77)
  then: the installer asks again and again for 15 seconds, then stops; disks are untouched"
    );
    assert_eq!(
        said_of(SCRIPT, 302, "https://boot.example/s"),
        "redirect: 1 of boot/<MAC>.ipxe
  boot/52-54-00-00-01-01.ipxe: a 302 leads to https://boot.example/s: most builds of iPXE have no
    https (fleet.yaml:77)
  then: the machine is not taken for a listed one"
    );
    assert_eq!(
        said_of(TEMPLATE, 301, "https://boot.example/t"),
        "redirect: 1 of …/static/ister/…/ister_config.json
  icis/static/ister/node-001/ister_config.json: a 301 leads to https://boot.example/t: the installer
    takes https only with certificates in its image and a clock that is right (fleet.yaml:77)
  then: the installer stops; disks are untouched"
    );
    let slash = said_of(ROLE, 301, "/icis/get_role/compute/");
    assert!(slash.contains("a 301 leads to http://SERVER/icis/get_role/compute/: that is\n"), "{slash}");
    let round = said_of(ROLE, 302, ROLE);
    assert!(round.contains("/icis/get_role/compute: it goes round"), "{round}");
}

/// A redirect that a client follows to the right bytes is none of its troubles.
#[test]
fn redirects_that_are_followed() {
    let site = Site::pilot();
    let root = site.root();
    let shop = Shop::open(&site.root(), move |request| {
        let inside = request.path.strip_prefix("/cdn/");
        match inside {
            Some(path) => Some(file(&root, path)),
            None if request.path == CONF => {
                Some(redirect(307, "../../../../cdn/icis/static/ister/node-001/ister.conf"))
            }
            // iPXE follows a 308, and writes colons otherwise than the installer.
            None if request.path == SCRIPT => Some(redirect(308, "/cdn/boot/52-54-00-00-01-01.ipxe#x")),
            None => None,
        }
    });
    let run = site.verify(&shop.url(), &[]);
    let note = "note: 2 answers came by way of a redirect that its client follows, such as to\n      http://SERVER/cdn/boot/52-54-00-00-01-01.ipxe\n";
    assert_eq!((run.code, faults(&run).as_str()), (Some(0), ""), "{}", run.stdout);
    assert!(run.stdout.contains(note), "{}", run.stdout);
}

#[test]
fn packed_answers() {
    let text = said(
        &Site::pilot(),
        at(SCRIPT, || Act::Reply(200, vec![("Content-Encoding", "gzip".to_string())], b"\x1f\x8b\x08\0\0".to_vec())),
    );
    assert_eq!(
        text,
        "encoded: 1 of boot/<MAC>.ipxe
  boot/52-54-00-00-01-01.ipxe: the answer is packed (gzip), and no machine unpacks it
    (fleet.yaml:77)
  then: a machine with BIOS hangs; one with UEFI goes on to its next boot device"
    );
}

#[test]
fn answers_that_are_cut_short() {
    let text = said(
        &Site::pilot(),
        at(ROLE, || Act::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 362\r\n\r\n#cloud-config\n".to_vec())),
    );
    assert_eq!(
        text,
        "cut-short: 1 of …/get_role/<role>
  icis/get_role/compute: the answer ends after 14 of 362 bytes (roles/managed.yaml:1)
  then: it is installed as it is, without complaint"
    );
}

/// A tree that was built for another server than the one that has it.
#[test]
fn a_tree_that_leads_elsewhere() {
    let site = Site::pilot();
    let shop = Shop::open(&site.root(), |_| None);
    let fleet = site.fleet();
    site.edit("url: http://192.168.1.1", "url: http://192.168.7.7");
    let run = crate::verify(&shop.url(), &["--fleet", fleet.to_str().unwrap()]);
    assert_eq!(run.code, Some(1));
    let text = faults(&run);
    let first = "elsewhere: 1 of boot script
  ipxe_boot_script.txt: it sends machines to http://192.168.1.1 (fleet.yaml:6)
  then: what machines get there was not asked for

elsewhere: 5 of boot/<MAC>.ipxe
  boot/52-54-00-00-01-01.ipxe: it sends machines to http://192.168.1.1 (fleet.yaml:77)";
    assert!(text.starts_with(first), "{text}");
    assert!(
        !text.contains("different:")
            && text.ends_with("(other bytes: 14; not in it: 0; in it alone: 0)")
            && text.contains("elsewhere: 4 of …/static/ister/…/ister.conf"),
        "{text}"
    );
}

/// A machine that nobody listed, and that is installed all the same.
#[test]
fn an_unlisted_machine_that_is_installed() {
    let text = said(&Site::pilot(), |request| {
        let script = "#!ipxe\nkernel http://192.168.1.1/linux isterconf=http://192.168.1.1/x\nboot\n";
        (request.path == "/boot/52-54-00-ff-ff-01.ipxe").then(|| bytes(script))
    });
    assert_eq!(
        text,
        "stale: 1 of what must not be there
  boot/52-54-00-ff-ff-01.ipxe: it is served, and no host lists this address
  then: a machine that is sent there gets what the fleet no longer says

unlisted: 1 of a machine that is not listed
  ipxe_boot_script.txt: 52:54:00:ff:ff:01, which no host lists, is installed:
    isterconf=http://192.168.1.1/x
  then: machines that nobody listed may be installed, or hang"
    );
}
