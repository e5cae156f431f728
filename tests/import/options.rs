//! What a user says of a template, and what the fleet file says that it is added to.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Run, copy, fleetc};
use crate::templates::{template, text as text_of, three};
use crate::{text, write};

fn good() -> Value {
    let bundles = "kernel-native os-core os-core-update os-cloudguest systemd-networkd-autostart";
    template("sda", &three("512M", "4G", "rest"), 29880, bundles)
}

fn import(folder: &Path, json: &Value, arguments: &[&str]) -> Run {
    write(folder, &[("rack 1.json", &text_of(json))]);
    fleetc(folder, &[&["import", "ister", "rack 1.json"], arguments].concat())
}

/// What was said, without the ends of its lines.
fn said(run: &Run) -> String {
    let all = format!("{}{}", run.stdout, run.stderr);
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_name_is_made_of_that_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let run = import(folder, &good(), &["-o", "a"]);
    assert_eq!(run.code, Some(0), "{}", said(&run));
    assert!(run.stdout.ends_with("no faults; no host has the role `rack-1` yet\n"), "{}", run.stdout);
    assert!(text(folder, "a/fleet.yaml").contains("\nlayouts:\n  rack-1:\n"));
    let run = import(folder, &good(), &["-o", "b", "--name", "web"]);
    assert_eq!((run.code, text(folder, "b/fleet.yaml").contains("\nroles:\n  web: {}\n")), (Some(0), true));
    for (arguments, expected) in [
        (["-o", "c", "--name", "a b"], "`--name`: `a b` is no name that is safe"),
        (["-o", "c", "--disk", "/dev/sda"], "`--disk`: `/dev/sda` is no disk as the kernel names it"),
        (["-o", "c", "--mac", "x"], "`--mac`: `x` is no MAC address"),
        (["-o", "c", "--mac", "52:54:00:00:00:01"], "this machine has no name"),
    ] {
        let run = import(folder, &good(), &arguments);
        assert!(run.code != Some(0) && said(&run).contains(expected), "{arguments:?}: {}", said(&run));
        assert!(!folder.join("c").exists());
    }
    write(folder, &[("…", "{}")]);
    let run = fleetc(folder, &["import", "ister", "…", "-o", "c"]);
    assert_eq!((run.code, said(&run).contains("`--name NAME` gives them one")), (Some(2), true), "{}", said(&run));
}

#[test]
fn a_disk_takes_the_place_of_one_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let run = import(folder, &good(), &["-o", "a", "--disk", "nvme0n1"]);
    assert_eq!(run.code, Some(0), "{}", said(&run));
    let fleet = text(folder, "a/fleet.yaml");
    assert!(fleet.contains("    - disk: nvme0n1 ") && !fleet.contains("sda"), "{fleet}");
    let mut two = good();
    for list in ["PartitionLayout", "FilesystemTypes", "PartitionMountPoints"] {
        let mut entry = two[list][two[list].as_array().unwrap().len() - 1].clone();
        (entry["disk"], entry["partition"]) = ("sdb".into(), 1.into());
        if entry.get("mount").is_some() {
            (entry["mount"], entry["forcemu"]) = ("/srv".into(), true.into());
        }
        two[list].as_array_mut().unwrap().push(entry);
    }
    let run = import(folder, &two, &["-o", "b", "--disk", "nvme0n1"]);
    assert!(said(&run).contains("`--disk nvme0n1` names one disk, and this template has several"), "{}", said(&run));
    assert_eq!(import(folder, &two, &["-o", "b"]).code, Some(0));
    // An image file is no disk of a machine.
    let mut image: Value = serde_json::from_str(&good().to_string().replace("sda", "a.img")).unwrap();
    image["DestinationType"] = "virtual".into();
    let run = import(folder, &image, &["-o", "c"]);
    let help = "it is an image file; `--disk sda` puts what is in it onto that disk of machines";
    assert_eq!((run.code, said(&run).contains(help)), (Some(1), true), "{}", said(&run));
}

#[test]
fn a_boot_script_says_what_starts_the_installer() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let script = "#!ipxe\nkernel images/linux rw isterconf=http://10.0.0.1/icis/static/ister/ister.conf initrd=i\ninitrd images/i\nboot\n";
    write(folder, &[("boot.txt", script)]);
    let run = import(folder, &good(), &["-o", "a", "--boot-script", "boot.txt"]);
    assert_eq!(run.code, Some(0), "{}", said(&run));
    let fleet = text(folder, "a/fleet.yaml");
    for line in
        ["  url: http://10.0.0.1\n", "    kernel: images/linux\n", "    initrd: images/i\n", "    boot_args: [rw]\n"]
    {
        assert!(fleet.contains(line), "{line}{fleet}");
    }
}

#[test]
fn what_the_fleet_file_says_otherwise_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pilot"), &folder.join("pilot"));
    let before = text(folder, "pilot/fleet.yaml");
    let mut json = good();
    json["Static_IP"] = json!({ "iface": "eno1", "address": "192.168.1.77/24", "gateway": "192.168.1.254" });
    json["IsterCloudInitSvc"] = "http://10.0.0.1/icis/".into();
    let run = import(folder, &json, &["--into", "pilot", "--dry-run"]);
    assert_eq!(run.code, Some(0), "{}", said(&run));
    for expected in [
        "the template has another gateway than the network `rack1`",
        "the template has another name server than the network `rack1`",
        "the template names the service `http://10.0.0.1/icis/`, and the fleet file `http://192.168.1.1/icis/`",
        "help: list the machine in `hosts`: `NAME: { mac: \"…\", role: rack-1, address: 192.168.1.77/24 }`",
    ] {
        assert!(said(&run).contains(expected), "{expected}: {}", said(&run));
    }
    // What `defaults` say already is not said again.
    assert!(!run.stdout.contains("+    interface:") && !run.stdout.contains("+    release:"), "{}", run.stdout);
    json["Static_IP"] = json!({ "iface": "eno2", "address": "10.9.0.77/24", "gateway": "10.9.0.1" });
    let run = import(folder, &json, &["--into", "pilot", "--dry-run"]);
    assert!(
        said(&run).contains("no network of the fleet file contains the template's `10.9.0.0/24`"),
        "{}",
        said(&run)
    );
    assert!(run.stdout.contains("+    interface: eno2\n"), "{}", run.stdout);
    // Without a release, nobody knows what starts the installer.
    let (head, rest) = before.split_once("releases:\n").unwrap();
    let bare = format!("{head}{}", &rest[rest.find("layouts:\n").unwrap()..]).replace("  release: stable\n", "");
    let bare = bare
        .replace(", release: canary", "")
        .replace("role: compute, address", "role: compute, state: installed, address");
    let bare = bare.replace("    role: storage\n", "    role: storage\n    state: installed\n");
    write(folder, &[("pilot/fleet.yaml", &bare)]);
    let run = import(folder, &good(), &["--into", "pilot"]);
    assert_eq!((run.code, text(folder, "pilot/fleet.yaml")), (Some(2), bare), "{}", said(&run));
    assert!(
        said(&run).contains("help: add a release with the kernel and the initrd of the installer first"),
        "{}",
        said(&run)
    );
}

#[test]
fn no_machine_has_so_many_partitions() {
    let folder = tempfile::tempdir().unwrap();
    let mut many = good();
    let entry = many["PartitionLayout"][1].clone();
    many["PartitionLayout"] = Value::Array(vec![entry; 1025]);
    let run = import(folder.path(), &many, &["-o", "a"]);
    assert_eq!(run.code, Some(1));
    assert!(said(&run).contains("`PartitionLayout` has 1025 partitions: no machine has so many"), "{}", said(&run));
}
