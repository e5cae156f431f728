//! A vendor's list: what it becomes, and what is said of its faults.

use std::fs;

use fleetc::compile::compile;
use fleetc::diag::{Levels, Sink};
use fleetc::emit::Emission;
use fleetc::import::{self, Entry, Known, Pattern, Repairs, RoleFile, Template, Value};
use fleetc::source::{Memory, Sources};
use fleetc::tree::Tree;

use crate::program::fleetc;
use crate::{text, write};

/// A list of 500 machines, three of them with a role.
fn machines() -> Vec<String> {
    let mut lines = vec!["Host Name;MAC Address;Rack;Serial No.;Role".to_string()];
    for number in 1..=500_u32 {
        let (rack, role) = ((number - 1) / 40 + 1, if number % 10 == 0 { "storage" } else { "compute" });
        let mac = format!("525400{:06x}", 0x0a_0000 + number);
        lines.push(format!("node-{number:03};{mac};r{rack:02};S{number:05};{role}"));
    }
    lines
}

#[test]
fn five_faults_among_five_hundred_machines_are_found_in_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = machines();
    assert_eq!(lines.len(), 501);
    lines[49] = "node-049;5.254E+11;r02;S00049;compute".to_string();
    lines[200] = "node-200;52-54-00-0A-00-7B;r05;S00200;storage".to_string();
    lines[300] = ";5254000a012c;r08;S00300;storage".to_string();
    lines[400] = "node_400;5254000a0190;r10;S00400;storage".to_string();
    lines[450] = "node-450;5254000a01c2;r12;S00450;;storage".to_string();
    write(folder.path(), &[("machines.csv", &(lines.join("\r\n") + "\r\n"))]);
    let run = fleetc(folder.path(), &["import", "csv", "machines.csv", "-o", "fleet"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.stderr, "nothing was written\n");
    assert_eq!(
        run.stdout,
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/import/five-faults.txt")).unwrap()
    );
    // Line and column of each, from the list itself.
    let place = |line: usize, part: &str| format!("machines.csv:{}:{}]", line + 1, lines[line].find(part).unwrap() + 1);
    for (line, part) in [(49, "5.254E"), (200, "52-54"), (300, "5254"), (400, "node_400"), (450, "node-450")] {
        assert!(run.stdout.contains(&place(line, part)), "{part}");
    }
    assert!(!folder.path().join("fleet").exists());
}

/// The list as it was before the faults came, in every form that programs write.
#[test]
fn a_list_is_read_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let lines = machines();
    let plain = lines.join("\n").replace(';', ",");
    let wide: Vec<u8> =
        "\u{feff}".chars().chain(plain.replace(',', "\t").chars()).flat_map(|c| (c as u16).to_le_bytes()).collect();
    let quoted: Vec<String> = lines.iter().map(|line| format!("\"{}\"", line.replace(';', "\", \""))).collect();
    let forms: [(&str, Vec<u8>); 6] = [
        ("plain", plain.clone().into_bytes()),
        ("semicolons", ("\u{feff}".to_string() + &lines.join("\r\n") + "\r\n").into_bytes()),
        ("wide", wide),
        ("quoted", quoted.join("\n").replace("\", \"", "\",\"").into_bytes()),
        ("ends", plain.replace(',', ";").replace('\n', ";\n").replacen(";\n", "\n", 1).into_bytes()),
        ("upper", plain.replace("0a0", "0A0").replace("Host Name,MAC Address", "HOSTNAME, mac-address ").into_bytes()),
    ];
    let mut first = None;
    for (name, bytes) in forms {
        fs::write(folder.path().join("machines.csv"), bytes).unwrap();
        let run = fleetc(folder.path(), &["import", "csv", "machines.csv", "-o", name]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{name}: {}", run.stdout);
        let fleet = text(folder.path(), &format!("{name}/fleet.yaml"));
        let hosts = fleet.split_once("\nhosts:\n").unwrap().1.to_string();
        assert_eq!(hosts.lines().count(), 500, "{name}");
        assert_eq!(&hosts, first.get_or_insert(hosts.clone()), "{name}");
    }
    let line = "  node-500: { mac: \"52:54:00:0a:01:f4\", role: storage, labels: { rack: r13, serial_no: S00500 } }";
    assert_eq!(first.unwrap().lines().last(), Some(line));
}

/// A new fleet installs nothing before somebody has looked at it, and can be built as it is.
#[test]
fn a_new_fleet_installs_nothing_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let list = "name,mac,ip,role\nnode-2,52:54:00:00:00:02,10.1.0.2,a\nnode-1,52:54:00:00:00:01,10.0.0.1,b\n,52:54:00:00:00:03,,\n";
    write(folder.path(), &[("list.csv", list)]);
    let arguments =
        ["import", "csv", "list.csv", "-o", "fleet", "--names", "spare-#", "--url", "http://10.0.0.250:8080/x"];
    let run = fleetc(folder.path(), &arguments);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    let tree = crate::program::build(&folder.path().join("fleet"), &folder.path().join("public"));
    let scripts: Vec<&Vec<u8>> =
        tree.iter().filter(|(path, _)| path.ends_with(".ipxe")).map(|(_, bytes)| bytes).collect();
    assert_eq!(scripts.len(), 3);
    for script in scripts.into_iter().chain([&tree["ipxe_boot_script.txt"]]) {
        assert!(!String::from_utf8_lossy(script).lines().any(|line| line.starts_with("kernel")));
    }
    let again = fleetc(folder.path(), &arguments);
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("`fleet/fleet.yaml` is there already"), "{}", again.stderr);
}

#[test]
fn what_is_no_list_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("", "this list is empty"),
        ("name,serial\na,b\n", "no column of this list holds MAC addresses"),
        ("node-1,52:54:00:00:00:01\n", "the first row is a machine, and no heading"),
        ("mac\n52:54:00:00:00:01\n52:54:00:00:00:02\n", "no machine of this list has a name; the first is here"),
        ("name,mac\na,\"52:54:00:00:00:01\n", "this quote is never closed"),
        ("name,mac\na,\n", "this machine has no MAC address"),
        ("name,mac\na,52:54:00:00:00:01 52:54:00:00:00:01\n", "this machine has `52:54:00:00:00:01` twice"),
    ];
    for (list, expected) in cases {
        write(folder.path(), &[("list.csv", list)]);
        let run = fleetc(folder.path(), &["import", "csv", "list.csv", "-o", "fleet"]);
        assert_eq!(run.code, Some(1), "{list}{}", run.stdout);
        assert!(run.stdout.contains(expected), "{list}{}", run.stdout);
    }
    write(folder.path(), &[("list.csv", "name,mac\n")]);
    let run = fleetc(folder.path(), &["import", "csv", "list.csv", "-o", "fleet"]);
    assert_eq!((run.code, run.stdout.contains("warning[no-hosts]")), (Some(0), true), "{}", run.stdout);
}

/// Where the source says how machines are installed, that is written, and nothing keeps them from it: as a reader of
/// the installer's template would fill it in.
#[test]
fn what_a_template_says_is_no_stand_in() {
    let sink = Sink::default();
    let mut sources = Sources::default();
    let text = "default,a\n52:54:00:00:00:01,a\n";
    let file = sources.add_foreign("config.txt", text);
    let role = "#cloud-config\nservice:\n  - mask: ucd.service\n";
    let roles = [RoleFile { name: "a".to_string(), text: Some((role.to_string(), file)) }];
    let mut list = import::icis(text, file, &roles, Repairs::default(), &sink);
    let word = |key: &str, value: &str| Entry::new(key, Value::word(value));
    let partitions = [
        [word("size", "512M"), word("type", "EFI"), word("filesystem", "vfat"), word("mount", "/boot")],
        [word("size", "rest"), word("type", "linux"), word("filesystem", "ext4"), word("mount", "/")],
    ];
    let partitions = Value::List(partitions.map(|keys| Value::Braces(keys.to_vec())).to_vec());
    let bundles = ["kernel-native", "os-core", "os-core-update", "os-cloudguest", "systemd-networkd-autostart"];
    list.setup.template = Some(Template {
        version: Some(Value::word(29900)),
        layout: Some(Value::List(vec![Value::Map(vec![word("disk", "sdb"), Entry::new("partitions", partitions)])])),
        settings: vec![Entry::new("bundles", Value::Row(bundles.map(Value::text).to_vec()))],
        ..Template::default()
    });
    import::judge(&mut list, &Known { names: Pattern::read("n-#").ok(), ..Known::default() }, None, &sink);
    assert!(sink.is_empty());
    let mut files = import::new_fleet(&list, "config.txt");
    let fleet = files.remove("fleet.yaml").unwrap();
    let memory = Memory::new(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let compiled = compile("fleet.yaml", fleet.clone(), "", &memory, &Levels::default());
    assert!(compiled.report.findings.is_empty(), "{fleet}{:#?}", compiled.report);
    let fleet = compiled.fleet().unwrap();
    assert!(fleet.hosts[0].installs() && fleet.unknown_role().is_some());
    let tree = Emission::new(fleet, &compiled.sources);
    let paths: Vec<String> = (0..tree.len()).map(|index| tree.file(index).path.as_str().to_string()).collect();
    for path in ["icis/get_config/default", "icis/static/ister/n-1/ister_config.json", "icis/static/ister/ister.conf"] {
        assert!(paths.iter().any(|known| known == path), "{paths:?}");
    }
}
