//! The tree on servers that know nothing of it: every request of every machine's walk is answered with the right bytes.
//!
//! The walk is computed from the scripts and files that the server gives, by the rules of the programs that read them
//! (`support/ipxe.rs`, `support/installer.rs`), and from the fleet file as any YAML reader sees it.
#![allow(clippy::unwrap_used)]

mod hook;
mod scripts;

#[path = "../support/example.rs"]
mod example;
#[path = "../support/installer.rs"]
mod installer;
#[path = "../support/ipxe.rs"]
mod ipxe;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/server.rs"]
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use example::Example;
use ipxe::{Boot, End, Machine};
use serde_json::Value;
use server::{Kind, Server};

/// What a machine that is not listed has for an address.
const UNLISTED: &str = "52:54:00:ff:ff:01";

/// An example that was built, as the admin puts it on the server.
struct Site {
    example: Example,
    document: Value,
    /// The files of the tree, by path.
    files: BTreeMap<String, Vec<u8>>,
    /// `server.url`, without a last slash.
    url: String,
    /// The folder of the service's answers.
    service: String,
    folder: tempfile::TempDir,
}

/// A host, as any reader of the fleet file sees it.
struct Listed {
    name: String,
    macs: Vec<String>,
    installed: bool,
}

impl Site {
    fn new(example: Example) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let files = program::build(&example.folder, &folder.path().join("out"));
        let document = example.document();
        let url = document["server"]["url"].as_str().unwrap().trim_end_matches('/').to_string();
        let service = document["server"]["service"].as_str().unwrap_or("icis").to_string();
        let site = Site { example, document, files, url, service, folder };
        // Boot files that the fleet file expects on the server are put there by the admin.
        for release in site.document["releases"].as_object().unwrap().values() {
            for key in ["kernel", "initrd"] {
                if let Some(path) = release[key].as_str().filter(|path| !path.contains("://")) {
                    fs::write(site.root().join(path), format!("{key} of the installer\n")).unwrap();
                }
            }
        }
        site
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn entry(&self) -> String {
        format!("{}/ipxe_boot_script.txt", self.url)
    }

    /// The path on the test's server for a URL that the fleet's server has.
    fn path<'u>(&self, url: &'u str) -> Option<&'u str> {
        url.strip_prefix(&self.url).filter(|path| path.starts_with('/'))
    }

    fn hosts(&self) -> Vec<Listed> {
        let layers = self.document["roles"].as_object().unwrap().values().chain([&self.document["defaults"]]);
        assert!(layers.map(|layer| &layer["state"]).all(Value::is_null), "a state that this test does not see");
        let hosts = self.document["hosts"].as_object().unwrap();
        hosts.iter().map(|(name, host)| Listed::new(name, host)).collect()
    }

    fn unknown(&self) -> &Value {
        &self.document["unknown"]
    }

    /// Answers from the files of the tree, without a server; boot files of other servers are there.
    fn offline(&self, url: &str) -> Option<Vec<u8>> {
        match self.path(url) {
            Some(path) => fs::read(self.root().join(&path[1..])).ok(),
            None => Some(b"of another server".to_vec()),
        }
    }
}

impl Listed {
    fn new(name: &str, host: &Value) -> Listed {
        let list = match &host["mac"] {
            Value::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        let macs = list.into_iter().map(|mac| {
            // A reader of YAML 1.1 would take some of these for numbers with base 60.
            let digits = mac.as_str().unwrap_or_else(|| panic!("{mac} is not read as text"));
            let digits = digits.replace([':', '-', '.'], "").to_lowercase();
            let pairs: Vec<&str> = (0..6).map(|index| &digits[index * 2..index * 2 + 2]).collect();
            pairs.join(":")
        });
        Listed { name: name.to_string(), macs: macs.collect(), installed: host["state"] == "installed" }
    }

    /// The machine, booted by each of its cards.
    fn machines(&self) -> Vec<Machine> {
        (0..self.macs.len()).map(|booted| Machine { booted, cards: self.macs.clone() }).collect()
    }
}

/// A machine with cards that no fleet lists.
fn unlisted() -> Machine {
    Machine { booted: 0, cards: vec![UNLISTED.to_string()] }
}

/// The way that a machine takes when nothing fails, on a server.
fn walk(site: &Site, server: &Server, machine: &Machine, asked: &mut BTreeSet<String>) -> End {
    ipxe::boot(machine, &site.entry(), &mut |url| get(site, server, url, asked), &mut || false).end
}

/// Asks the server for a URL, and holds its answer against the tree.
fn get(site: &Site, server: &Server, url: &str, asked: &mut BTreeSet<String>) -> Option<Vec<u8>> {
    let Some(path) = site.path(url) else {
        assert!(url.starts_with("http://mirror.example/clear/"), "{url} leads away from {}", site.url);
        return Some(b"of another server".to_vec());
    };
    let answer = server.get(path);
    // iPXE writes `:` as `%3A`; the answer is to be the same (contract X-6).
    assert_eq!(answer, server.get(&path.replace(':', "%3A")), "{url}");
    if answer.status != 200 {
        assert_eq!(answer.status, 404, "{url}");
        assert!(!site.files.contains_key(&path[1..]), "{url} is in the tree");
        return None;
    }
    // A directory would be an answer too, on some servers (contract X-13).
    let kept = site.files.get(&path[1..]).cloned().or_else(|| fs::read(site.root().join(&path[1..])).ok());
    assert!(kept.as_ref() == Some(&answer.body), "{url} is answered with other bytes than the tree has");
    asked.insert(path[1..].to_string());
    Some(answer.body)
}

/// Walks a machine that installs from the entry script to its role, and gives the template.
fn install(site: &Site, server: &Server, machine: &Machine, asked: &mut BTreeSet<String>) -> Value {
    let End::Boot(boot) = walk(site, server, machine, asked) else { panic!("{machine:?} boots its disk") };
    // The installer may speak by another card than the one that booted (contract I-16).
    let mut template = Value::Null;
    for mac in &machine.cards {
        let done = installer::install(&boot, mac, &mut |url| get(site, server, url, asked))
            .unwrap_or_else(|fault| panic!("{}: {mac}: {fault}", site.example.name));
        template = done.template;
    }
    template
}

/// Walks every machine through the tree. A template is reached from the kernel's line alone, always by way of an
/// `ister.conf` (contract I-4, I-7, P-5) that is there; a request is for one file by its whole name (S-3), whatever
/// type the server gives it (I-26, S-7); the server has no rule to fall back on (S-10, S-12); `default` is one file (S-6);
/// each script begins as iPXE needs it, and a machine that keeps its system gets to its disk.
fn walk_example(example: Example, kind: Kind) {
    let site = Site::new(example);
    let server = Server::start(kind, &site.root());
    let mut asked = BTreeSet::new();
    let mut kept_back = BTreeSet::from(["manifest.json".to_string()]);
    for host in site.hosts() {
        for machine in host.machines() {
            if host.installed {
                assert_eq!(walk(&site, &server, &machine, &mut asked), End::NextDevice, "{}", host.name);
                continue;
            }
            let template = install(&site, &server, &machine, &mut asked);
            assert_eq!(template["Hostname"], host.name.as_str());
        }
        if host.installed {
            // It keeps its role, for a second look, though nothing on its walk leads there.
            for mac in &host.macs {
                let path = format!("{}/get_config/{mac}", site.service);
                let config: Value = serde_json::from_slice(&server.get(&format!("/{path}")).body).unwrap();
                let role = format!("{}/get_role/{}", site.service, config["role"].as_str().unwrap());
                assert_eq!(server.get(&format!("/{role}")).status, 200);
                kept_back.extend([path, role]);
            }
        }
    }
    match site.unknown()["install"].as_str() {
        Some(_) => {
            let template = install(&site, &server, &unlisted(), &mut asked);
            assert_eq!((&template["Hostname"], &template["IsterCloudInitSvc"]), (&Value::Null, &Value::Null));
            kept_back.insert(format!("{}/get_config/default", site.service));
            // The hook's own request is made by `hook.rs`.
            kept_back.insert(format!("{}/get_role/{}", site.service, site.unknown()["install"].as_str().unwrap()));
        }
        None => assert_eq!(walk(&site, &server, &unlisted(), &mut asked), End::NextDevice),
    }
    // And nothing is in the tree that nobody asks for.
    let unasked: Vec<&String> =
        site.files.keys().filter(|path| !asked.contains(*path) && !kept_back.contains(*path)).collect();
    assert!(unasked.is_empty(), "{}: no walk leads to {unasked:#?}", site.example.name);
    wrong_spellings(&site, &server);
}

/// A MAC address in capitals is another path (contract X-13), and a folder is no answer to anything.
fn wrong_spellings(site: &Site, server: &Server) {
    let mut tried = 0;
    for path in site.files.keys() {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_mac = folder == "boot" || folder.ends_with("/get_config");
        let loud = name.strip_suffix(".ipxe").map_or(name.to_uppercase(), |mac| format!("{}.ipxe", mac.to_uppercase()));
        if is_mac && loud != name && name != "default" {
            assert_eq!(server.get(&format!("/{folder}/{loud}")).status, 404, "{folder}/{loud}");
            tried += 1;
        }
        if !folder.is_empty() {
            assert!(!site.files.contains_key(folder), "{folder} is a file and a folder");
        }
    }
    assert!(tried > 0 || ["minimal", "pilot"].contains(&site.example.name.as_str()), "no address has a letter in it");
}

macro_rules! served {
    ($($test:ident: $example:literal by $kind:ident;)*) => { $(
        #[test]
        fn $test() {
            walk_example(example::named($example), Kind::$kind);
        }
    )* };
}

served! {
    nginx_serves_minimal: "minimal" by Nginx;
    nginx_serves_pilot: "pilot" by Nginx;
    nginx_serves_bulk: "bulk" by Nginx;
    nginx_serves_mixed: "mixed" by Nginx;
    python_serves_minimal: "minimal" by Python;
    python_serves_pilot: "pilot" by Python;
    python_serves_bulk: "bulk" by Python;
    python_serves_mixed: "mixed" by Python;
}

#[test]
fn every_example_is_served() {
    let names: Vec<String> = example::all().into_iter().map(|example| example.name).collect();
    assert_eq!(names, ["bulk", "minimal", "mixed", "pilot"], "add the new example to `served!`");
}

/// The kernels of all installers that a machine can reach, whatever fails on its way.
fn reachable(site: &Site, machine: &Machine) -> Vec<Boot> {
    let walks = ipxe::every_walk(machine, &site.entry(), &mut |url| site.offline(url));
    walks.into_iter().filter_map(|walk| if let End::Boot(boot) = walk.end { Some(boot) } else { None }).collect()
}

/// The scripts decide what becomes of a machine that is not listed, whatever the server answers (contract S-11); no error
/// is left uncaught.
#[test]
fn whatever_fails_no_machine_is_installed_that_must_not_be() {
    for example in example::all() {
        let site = Site::new(example);
        let name = &site.example.name;
        for host in site.hosts() {
            for machine in host.machines() {
                let boots = reachable(&site, &machine);
                if host.installed {
                    assert_eq!(boots, [], "{name}: {}", host.name);
                    continue;
                }
                // The one way to an installer is its own, with nothing left over from another (contract X-3).
                let [boot] = &boots[..] else { panic!("{name}: {}: {boots:#?}", host.name) };
                let own = format!("isterconf={}/{}/static/ister/{}/ister.conf", site.url, site.service, host.name);
                assert!(boot.line.split(' ').any(|word| word == own), "{name}: {}: {}", host.name, boot.line);
                assert_eq!(boot.images.len(), 1);
            }
        }
        let boots = reachable(&site, &unlisted());
        assert_eq!(boots.len(), usize::from(site.unknown().get("install").is_some()), "{name}: {boots:#?}");
        // With one card that is listed, a machine is known, by whichever card it boots.
        if let Some(host) = site.hosts().first() {
            let machine = Machine { booted: 0, cards: vec![UNLISTED.to_string(), host.macs[0].clone()] };
            assert_eq!(reachable(&site, &machine), [], "{name}");
        }
    }
}

#[test]
fn the_scripts_of_machines_that_keep_their_disk_name_no_installer() {
    let quiet = |script: &[u8]| {
        let script = std::str::from_utf8(script).unwrap();
        ["kernel", "initrd", "isterconf"].iter().all(|word| !script.contains(word))
    };
    let pilot = Site::new(example::named("pilot"));
    assert!(pilot.hosts().iter().any(|host| host.name == "node-004" && host.installed));
    assert!(quiet(&pilot.files["boot/52-54-00-00-01-04.ipxe"]));
    assert!(!quiet(&pilot.files["boot/52-54-00-00-01-01.ipxe"]));
    // `refuse`, `refuse`, `local`: the entry script sends machines on, and installs none itself.
    for example in ["pilot", "minimal", "mixed"] {
        assert!(quiet(&Site::new(example::named(example)).files["ipxe_boot_script.txt"]), "{example}");
    }
}

#[test]
fn a_machine_that_is_refused_is_told_who_it_is() {
    let site = Site::new(example::named("pilot"));
    let walk = ipxe::boot(&unlisted(), &site.entry(), &mut |url| site.offline(url), &mut || false);
    let screen = walk.screen.join("\n");
    assert!(screen.contains(UNLISTED) && screen.contains("SERIAL-1"), "{screen}");
    // What it shows is to be pasted below `hosts`, as it stands.
    let line = walk.screen.iter().find(|line| line.contains("mac:")).unwrap();
    let line = line.replace("NAME", "node-9").replace("ROLE", "compute");
    let text = site.example.text().replace("hosts:\n", &format!("hosts:\n  {line}\n"));
    let compiled = site.example.compile(&text);
    assert!(compiled.fleet().is_some(), "{:#?}", example::findings(&compiled));
}

#[test]
fn the_five_urls_of_the_pre_flight_check_answer() {
    let site = Site::new(example::named("bulk"));
    for kind in [Kind::Nginx, Kind::Python] {
        let server = Server::start(kind, &site.root());
        let body = |path: &str| {
            let answer = server.get(path);
            assert_eq!(answer.status, 200, "{path}");
            String::from_utf8(answer.body).unwrap()
        };
        assert!(body("/ipxe_boot_script.txt").starts_with("#!ipxe\n"));
        let conf = body("/icis/static/ister/ister.conf");
        assert_eq!(conf, "template=http://192.168.1.1/icis/static/ister/ister_config.json\n");
        assert!(serde_json::from_str::<Value>(&body("/icis/static/ister/ister_config.json")).unwrap().is_object());
        for mac in ["52:54:00:01:00:01", "52:54:00:01:00:64", "default"] {
            let config = body(&format!("/icis/get_config/{mac}"));
            assert_eq!(config, format!("{{\"mac_addr\":\"{mac}\",\"role\":\"compute\"}}\n"));
        }
        assert!(body("/icis/get_role/compute").starts_with("#cloud-config\n"));
        if kind == Kind::Nginx {
            assert_eq!(server.get("/icis/get_config/52:54:00:01:00:01").kind, "application/octet-stream");
        }
    }
}
