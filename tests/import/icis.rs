//! The service's data: its own sample, and rows with everything that goes wrong; imported, built, served by nginx, and
//! compared with the service URL by URL.
//!
//! The sample is that of the service's repository, clearlinux/ister-cloud-init-svc (Apache-2.0): `config.txt` of
//! v0.0.1, the role `compute`, its backup, and the boot script that its set-up writes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{build, fleetc};
use crate::server::Server;
use crate::service::Service;
use crate::{text, write};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/icis")
}

/// The service that has the files of a folder.
fn roles(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), text(folder, entry.file_name().to_str().unwrap())))
        .collect()
}

const CARD: &str = "52:54:00:00:00:01";

/// The sample as it is, but for one row that a card can have, and machines that are not listed installed, as the
/// service did: every URL of it.
#[test]
fn the_sample_is_served_as_the_service_did() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let config = format!("{}{CARD},compute\n", text(&sample(), "config.txt"));
    write(folder, &[("config.txt", &config)]);
    let (roles_folder, script) = (sample().join("roles"), sample().join("ipxe_boot_script.txt"));
    let arguments = ["import", "icis", "config.txt", roles_folder.to_str().unwrap(), "-o", "fleet"];
    let more = ["--boot-script", script.to_str().unwrap(), "--repair", "sudo-rule-with-name"];
    let run = fleetc(folder, &[&arguments[..], &more].concat());
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let fleet = text(folder, "fleet/fleet.yaml");
    let unlisted =
        fleet.replace("unknown: refuse ", "unknown: { install: compute } ").replace("  state: installed\n", "");
    // The stand-in is a release whose first boot has no network yet; what the service installed had one.
    let unlisted = unlisted.replace("version: 29880", "version: 32000");
    assert_ne!(fleet, unlisted);
    fs::write(folder.join("fleet/fleet.yaml"), unlisted).unwrap();
    let tree = build(&folder.join("fleet"), &folder.join("public"));
    assert!(tree.contains_key("icis/static/ister/ister.conf"));

    let nginx =
        fleetc(&folder.join("fleet"), &["emit", "nginx", "--root", folder.join("public").to_str().unwrap()]).stdout;
    let server = Server::nginx(&|address| {
        let block = nginx.replace("listen 80;", &format!("listen {address};")).replace("192.168.1.1", "localhost");
        assert!(block.contains(&address.to_string()), "{nginx}");
        block
    });
    let service = Service { config: &config, roles: roles(&roles_folder) };
    let get = |path: &str| server.get(&format!("/icis/{path}"));
    // A card that is listed, one that is not, and the literal `default` (S-2, S-6): body for body.
    for asked in [CARD, "52:54:00:00:00:99", "default"] {
        let (expected, found) = (service.config(asked), get(&format!("get_config/{asked}")));
        assert_eq!((found.status, found.body), (expected.status, expected.body), "{asked}");
    }
    // The row of a card that no machine has is dead, and was reported; whoever asks gets what all others get.
    let broadcast = String::from_utf8(get("get_config/ff:ff:ff:ff:ff:ff").body).unwrap();
    assert_eq!(broadcast, "{\"mac_addr\":\"default\",\"role\":\"compute\"}\n");
    assert!(run.stdout.contains("warning[dead-row]: `ff:ff:ff:ff:ff:ff` is the broadcast address"), "{}", run.stdout);
    // The role, but for the repair that was asked for (S-9).
    let expected = String::from_utf8(service.role("compute").body).unwrap();
    let repaired = expected.replace("- ALL ALL=(ALL) NOPASSWD:ALL", "- ALL=(ALL) NOPASSWD:ALL");
    assert_ne!(expected, repaired);
    let found = get("get_role/compute");
    assert_eq!((found.status, String::from_utf8(found.body).unwrap()), (200, repaired));
    // What was 404 is (S-2, S-7). The page that says that the service is alive (S-1) is none of the tree's: no machine
    // asks.
    for missing in ["get_role/nothing", "get_role/compute/x", "get_config/", "get_role/"] {
        assert_eq!(get(missing).status, 404, "{missing}");
    }
    // Every machine starts what the boot script of the service started.
    let boot = String::from_utf8(tree[&format!("boot/{}.ipxe", CARD.replace(':', "-"))].clone()).unwrap();
    let old = text(&sample(), "ipxe_boot_script.txt");
    let old: Vec<&str> = old.lines().find(|line| line.starts_with("kernel ")).unwrap().split(' ').collect();
    let new: Vec<&str> = boot.lines().find(|line| line.starts_with("kernel ")).unwrap().split(' ').collect();
    let arguments = |words: &[&str]| -> Vec<String> {
        let own = |word: &&&str| !word.starts_with("initrd=") && !word.starts_with("isterconf=");
        words[2..].iter().take_while(|word| **word != "||").filter(own).map(|word| word.to_string()).collect()
    };
    assert_eq!(arguments(&new), arguments(&old));
    assert_eq!((new[1], old[1]), ("http://192.168.1.1/linux", "linux"));
}

/// The sample as it is: what it says.
#[test]
fn the_sample_is_reported_on() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |name: &str| fs::copy(sample().join(name), folder.path().join(name)).unwrap();
    fs::create_dir(folder.path().join("roles")).unwrap();
    for name in ["config.txt", "roles/compute", "roles/compute.bak"] {
        copy(name);
    }
    let run = fleetc(folder.path(), &["import", "icis", "config.txt", "roles", "-o", "fleet"]);
    let heads: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with(['w', 'e'])).collect();
    assert_eq!(
        heads,
        [
            "warning[not-imported]: machines that are not listed got the role `compute`; the fleet file refuses",
            "warning[dead-row]: `ff:ff:ff:ff:ff:ff` is the broadcast address; no network card has it",
            "warning[sudo-rule-with-name]: the sudo rule in role `compute` begins with a name, `ALL`; ucd puts",
            "warning[not-imported]: no machine gets the role `compute.bak`, so it is left out",
            "wrote fleet/fleet.yaml",
            "wrote fleet/roles/compute.yaml",
            "warning[no-hosts]: this fleet has no host, so nothing is installed",
        ]
    );
    assert_eq!(run.code, Some(0));
    assert_eq!(
        fs::read(folder.path().join("fleet/roles/compute.yaml")).unwrap(),
        fs::read(sample().join("roles/compute")).unwrap()
    );
}

const ROLE: &str = "#cloud-config\nservice:\n  - mask: ucd.service\n";

/// Everything that can be wrong with a row, and where it is said.
#[test]
fn rows_that_are_wrong_are_reported_and_repaired_where_asked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let config = "#MAC,role\n\ndefault,storage\n52:54:00:00:00:01,compute\n52:54:00:00:00:01,storage\n52:54:00:00:00:0A,compute\n\
                  52-54-00-00-00-0b,compute\n52:54:00:00:00:03, compute\n52:54:00:00:00:04\n52:54:00:00:00:05,nobody\nabc,compute\n\
                  52:54:00:00:00:06,compute,rack 1\n52:54:00:00:00:07 ,compute\ndefault,compute\n";
    write(folder, &[("config.txt", config), ("roles/compute", ROLE), ("roles/storage", ROLE)]);
    let run = |repairs: &[&str], config: &str| {
        let _ = fs::remove_dir_all(folder.join("fleet"));
        fs::write(folder.join("config.txt"), config).unwrap();
        let run = fleetc(folder, &[&["import", "icis", "config.txt", "roles", "-o", "fleet"], repairs].concat());
        let lines = run.stdout.lines().collect::<Vec<_>>();
        let mut found = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let Some(rule) =
                line.split(['[', ']']).nth(1).filter(|_| line.starts_with(['w', 'e']) && line.contains("]: "))
            else {
                continue;
            };
            let place = lines[index..].iter().find_map(|line| line.split_once("╭─[")).unwrap().1;
            found.push(format!("{place} {rule}").replace("config.txt:", "").replace("] ", " "));
        }
        (run.code, found)
    };
    let expected = [
        "3:1 dead-row",
        "5:1 dead-row",
        "6:1 dead-row",
        "7:1 dead-row",
        "8:19 broken-row",
        "9:1 broken-row",
        "10:19 role-without-file",
        "11:1 dead-row",
        "12:26 not-imported",
        "13:1 not-imported",
        "14:9 not-imported",
        "roles/storage:1:1 not-imported",
    ];
    assert_eq!(run(&[], config), (Some(1), expected.map(str::to_string).to_vec()));
    assert!(!folder.join("fleet").exists());
    // A role that is missing nobody can know; all else has a repair.
    let config = config.replace("52:54:00:00:00:04\n", "");
    let rest = [
        "3:1 dead-row",
        "5:1 dead-row",
        "10:1 dead-row",
        "11:26 not-imported",
        "12:1 not-imported",
        "13:9 not-imported",
    ];
    let (code, found) = run(&["--repair", "all"], &config);
    assert_eq!(code, Some(0));
    assert_eq!(found[..rest.len()], rest.map(str::to_string));
    let fleet = text(folder, "fleet/fleet.yaml");
    let (_, hosts) = fleet.split_once("\nhosts:\n").unwrap();
    let expected = "  node-001: { mac: \"52:54:00:00:00:01\", role: compute }
  node-002: { mac: \"52:54:00:00:00:0a\", role: compute }
  node-003: { mac: \"52:54:00:00:00:0b\", role: compute }
  node-004: { mac: \"52:54:00:00:00:03\", role: compute }
  node-005: { mac: \"52:54:00:00:00:05\", role: nobody }
  node-006: { mac: \"52:54:00:00:00:06\", role: compute }
  node-007: { mac: \"52:54:00:00:00:07\", role: compute }
";
    assert_eq!(hosts, expected);
}

/// Role texts that a template would read as its own, and those with other line breaks, are served as the service did.
#[test]
fn role_texts_come_out_as_they_went_in() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let texts = [
        ("braces", "#!/bin/sh\necho ${#a[@]} {{ x }} {% y %} {# z #}\n"),
        ("raw", "#!/bin/sh\n# {% raw %} {% endraw %} {{{ {%% {##}\n"),
        ("crlf", "#!/bin/sh\r\necho {{\r\n"),
        ("open", "#!/bin/sh\necho {{ \n  "),
    ];
    let mut files = vec![("config.txt".to_string(), String::new())];
    for (index, (name, body)) in texts.iter().enumerate() {
        files[0].1 += &format!("52:54:00:00:00:0{index},{name}\n");
        files.push((format!("roles/{name}"), body.to_string()));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    write(folder, &files);
    let run = fleetc(folder, &["import", "icis", "config.txt", "roles", "-o", "fleet"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let tree = build(&folder.join("fleet"), &folder.join("public"));
    let service = Service { config: files[0].1, roles: roles(&folder.join("roles")) };
    for (name, _) in texts {
        let served = String::from_utf8(tree[&format!("icis/get_role/{name}")].clone()).unwrap();
        assert_eq!(served.into_bytes(), service.role(name).body, "{name}");
    }
}
