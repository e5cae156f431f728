//! The tree, served by nginx as `fleetc emit nginx` says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fleetc::beside::{Kind, Options, emit};
use fleetc::compile::Compiled;

use crate::example::{self, Example};
use crate::program;
use crate::programs::{self, options};
use crate::server::{Answer, Server};

/// No example lists it.
const UNLISTED: &str = "52:54:00:ff:ff:fe";

/// An example below another path, on a real server.
struct Site {
    server: Server,
    /// The path of `server.url`.
    prefix: &'static str,
    files: BTreeMap<String, Vec<u8>>,
}

impl Site {
    fn new(example: &Example, prefix: &'static str, root: &Path) -> Site {
        let text = example.text();
        let known = text.lines().find_map(|line| line.trim().strip_prefix("url: ")).unwrap().split(' ').next().unwrap();
        let moved = |port: u16| text.replacen(known, &format!("http://192.168.1.1:{port}{prefix}"), 1);
        let options = Options { root: root.to_str().unwrap().to_string(), ..options() };
        let server = Server::nginx(&|address| {
            let compiled: Compiled = example.compile(&moved(address.port()));
            let block = emit(compiled.fleet().unwrap(), Kind::Nginx, &options).unwrap();
            // A test listens where nobody else asks; nothing else is changed.
            let here = block.replacen(&format!("listen {};", address.port()), &format!("listen {address};"), 1);
            assert_ne!(here, block);
            here
        });
        let folder = tempfile::tempdir().unwrap();
        program::copy(&example.folder, folder.path());
        let port = server.url().rsplit(':').next().unwrap().parse().unwrap();
        fs::write(folder.path().join("fleet.yaml"), moved(port)).unwrap();
        Site { server, prefix, files: program::build(folder.path(), root) }
    }

    fn get(&self, path: &str) -> Answer {
        self.server.get(&format!("{}/{path}", self.prefix))
    }
}

/// Every file is served, as the machines ask for it; nothing else is; machines that are not listed get what they are to get.
fn serve(example: &Example, prefix: &'static str, root: &Path) {
    let site = Site::new(example, prefix, root);
    let about = |path: &str| format!("{} at {prefix:?}: {path}", example.name);
    let mut folders = std::collections::BTreeSet::from([String::new()]);
    for (path, bytes) in &site.files {
        let answer = site.get(path);
        assert_eq!((answer.status, &answer.body), (200, bytes), "{}", about(path));
        assert_eq!(answer.kind, "application/octet-stream", "{}", about(path));
        // contract X-6
        assert_eq!(site.get(&path.replace(':', "%3A")), answer, "{}", about(path));
        folders.extend(path.match_indices('/').map(|(at, _)| path[..at].to_string()));
    }
    for folder in folders {
        for path in [folder.clone(), format!("{folder}/")] {
            assert_eq!(site.get(&path).status, 404, "{}", about(&path));
        }
    }
    let service = example.document()["server"]["service"].as_str().unwrap_or("icis").to_string();
    let default = site.files.get(&format!("{service}/get_config/default"));
    assert_eq!(default.is_some(), example.name == "bulk", "the one example that installs machines that are not listed");
    for mac in [UNLISTED.to_string(), UNLISTED.replace(':', "%3A")] {
        let answer = site.get(&format!("{service}/get_config/{mac}"));
        match default {
            Some(bytes) => assert_eq!((answer.status, &answer.body), (200, bytes), "{}", about(&mac)),
            None => assert_eq!(answer.status, 404, "{}", about(&mac)),
        }
    }
    // contract S-2
    assert_eq!(site.get(&format!("{service}/get_config/?MAC={UNLISTED}")).status, 404);
    // The scripts, not the server, decide what becomes of a machine.
    assert_eq!(site.get("boot/52-54-00-ff-ff-fe.ipxe").status, 404);
    for path in ["nothing", &format!("{service}/get_role/nothing"), "..%2f..%2fetc/passwd"] {
        assert!(matches!(site.get(path).status, 400 | 404), "{}", about(path));
    }
    if !prefix.is_empty() {
        assert_eq!(site.server.get("/ipxe_boot_script.txt").status, 404, "outside of its path nothing is served");
        assert_eq!(site.server.get(prefix).status, 404, "{}", about(""));
    }
}

#[test]
fn nginx_serves_every_file_of_every_example() {
    for example in example::all() {
        for prefix in ["", "/fleet", "/a/b-2/~c"] {
            let folder = tempfile::tempdir().unwrap();
            serve(&example, prefix, &folder.path().join("public"));
        }
    }
}

/// Names that nginx would take apart.
#[test]
fn nginx_finds_the_tree_in_any_folder() {
    let example = example::named("bulk");
    let mut prefixes = ["", "/fleet"].into_iter().cycle();
    for name in ["a blank", "semi;colon{brace}", "quote\"d 'so'", "back\\slash\\\\n\\", "#hash", "žluť", "~tilde"] {
        let folder = tempfile::tempdir().unwrap();
        // Both forms hold the folder in the same way.
        serve(&example, prefixes.next().unwrap(), &folder.path().join(name).join("public"));
    }
}

#[test]
fn an_https_url_is_served_with_its_certificate() {
    let example = example::named("bulk");
    let compiled = example.compile(&example.text().replacen("http://192.168.1.1", "https://192.168.1.1/fleet", 1));
    let fleet = compiled.fleet().unwrap();
    let without = emit(fleet, Kind::Nginx, &options()).unwrap_err();
    assert_eq!(without.message, "nginx needs a certificate to serve `https://192.168.1.1/fleet`");
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let mut command = std::process::Command::new(programs::find("openssl"));
    command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=192.168.1.1"]);
    let made = command.args(["-keyout", &place("a key"), "-out", &place("cert.pem")]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let with = Options { certificate: Some((place("cert.pem"), place("a key"))), ..options() };
    let block = emit(fleet, Kind::Nginx, &with).unwrap();
    assert!(block.contains("listen 443 ssl;\n"), "{block}");
    programs::judge(Kind::Nginx, &block).unwrap_or_else(|fault| panic!("{fault}"));
    let plain = example.compile(&example.text());
    assert!(emit(plain.fleet().unwrap(), Kind::Nginx, &with).is_err(), "a certificate that nobody would see");
}
