//! Machines are added to fleet files of every form: what is there stays, byte for byte.

use std::fs;
use std::path::Path;

use fleetc::compile::compile;
use fleetc::diag::{Levels, Report, Sink};
use fleetc::import::{self, Known, List};
use fleetc::model::FromText;
use fleetc::source::{Disk, FileId, Memory, Sources};
use proptest::prelude::*;

use crate::program::{copy, fleetc};
use crate::{text, write};

/// A fleet file but for its hosts.
const HEAD: &str = "version: 1\nserver: { url: http://192.168.1.1 }\ndefaults: { state: installed }\nroles:\n  compute: {}\n  storage: {}\n";

const LIST: &str = "name,mac,role,rack\nnew-2,52:54:00:00:09:02,storage,\"a: 1\"\nnew-1,52:54:00:00:09:01,compute,no\n";

fn list() -> List {
    let sink = Sink::default();
    let mut sources = Sources::default();
    let file = sources.add_foreign("list.csv", LIST);
    let mut list = import::csv(LIST, file, &sink);
    import::judge(&mut list, &Known::default(), None, &sink);
    assert!(Report::plain(sink, &Levels::default()).findings.is_empty());
    list
}

/// The text with the machines of the list added; they are in the fleet, and so is everything that was.
fn added(before: &str) -> Result<String, String> {
    let list = list();
    let after = import::add(before, FileId(0), &list)
        .map_err(|refusal| format!("{}: {}", refusal.place.start, refusal.message))?;
    let fleet = |text: &str| compile("fleet.yaml", text.to_string(), "", &Memory::default(), &Levels::default());
    let (old, new) = (fleet(before), fleet(&after));
    let (old, new) = (old.resolved().unwrap(), new.resolved().unwrap_or_else(|| panic!("{after}")));
    import::verify(&list, new).unwrap_or_else(|why| panic!("{why}\n{after}"));
    assert_eq!(new.hosts.len(), old.hosts.len() + 2, "{after}");
    for host in &old.hosts {
        let still = new.host(host.name.as_str()).unwrap();
        let macs = |host: &fleetc::model::Host| host.macs.iter().map(|mac| mac.value).collect::<Vec<_>>();
        assert_eq!((macs(host), host.role.value), (macs(still), still.role.value));
    }
    Ok(after)
}

/// What was put in where, as lines: those that are not in the old text.
fn new_lines(before: &str, after: &str) -> String {
    let diff = similar::TextDiff::from_lines(before, after);
    let changes = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    changes
        .map(|change| {
            format!("{}{}", if change.tag() == similar::ChangeTag::Insert { "+" } else { "-" }, change.value())
        })
        .collect()
}

#[test]
fn new_machines_look_like_those_that_are_there() {
    let cases = [
        // In braces, with quotes; what follows stays where it is.
        (
            "hosts:\n  a: { mac: \"52:54:00:00:00:01\", role: compute }   # first\n  # of rack 1\n\n# the end\nunknown: local\n",
            "+  new-1: { mac: \"52:54:00:00:09:01\", role: compute, labels: { rack: \"no\" } }\n\
             +  new-2: { mac: \"52:54:00:00:09:02\", role: storage, labels: { rack: \"a: 1\" } }\n",
        ),
        // Line by line, four blanks a level; addresses have quotes where they need them.
        (
            "hosts:\n    a:\n        mac: 52:54:00:00:00:0a\n        role: compute",
            "+    new-1:\n+        mac: \"52:54:00:00:09:01\"\n+        role: compute\n",
        ),
        // Nothing there yet.
        ("hosts: {}   # none\n", "-hosts: {}   # none\n+hosts:   # none\n"),
        ("hosts:\n", "+  new-1: { mac"),
        ("hosts: null\n", "-hosts: null\n+hosts:\n"),
        ("hosts:\n  {}\nunknown: local\n", "+  new-1: { mac"),
        ("hosts:\n  # none\n  null\nunknown: local\n", "+  new-1: { mac"),
        ("\"hosts\":\n  {}", "+  new-1: { mac"),
        ("", "+\n+hosts:\n+  new-1: { mac"),
        // On one line, and on several.
        ("hosts: { a: { mac: 52:54:00:00:00:0a, role: compute } }\n", "role: compute }, new-1: { mac: "),
        (
            "hosts: {\n  a: { mac: \"52:54:00:00:00:0a\", role: compute } # one\n  }\n",
            "+  a: { mac: \"52:54:00:00:00:0a\", role: compute }, # one\n",
        ),
        ("hosts: {\n  a: { mac: \"52:54:00:00:00:0a\", role: compute }, # one\n  }\n", "+  new-1: { mac: "),
    ];
    for (hosts, expected) in cases {
        let before = format!("{HEAD}{hosts}");
        let after = added(&before).unwrap();
        let lines = new_lines(&before, &after);
        assert!(lines.contains(expected), "{before}\n{lines}");
    }
    // Windows' line breaks stay the only ones.
    let before = format!("{HEAD}hosts:\n  a: {{ mac: 52:54:00:00:00:0a, role: compute }}\n").replace('\n', "\r\n");
    let after = added(&before).unwrap();
    assert!(after.starts_with(&before) && after.matches('\n').count() == after.matches("\r\n").count(), "{after:?}");
}

#[test]
fn a_level_is_as_deep_as_those_that_are_there() {
    let before = format!("{HEAD}hosts:\n    a:\n        mac: 52:54:00:00:00:0a\n        role: compute\n");
    let after = added(&before).unwrap();
    let expected =
        "    new-1:\n        mac: \"52:54:00:00:09:01\"\n        role: compute\n        labels: { rack: \"no\" }\n";
    assert!(after[before.len()..].starts_with(expected), "{after}");
}

/// Roles come before the machines that need them, in every form that their section may have.
#[test]
fn roles_are_added_in_their_own_section() {
    let mut list = list();
    list.hosts.clear();
    let name = fleetc::model::Name::from_text("extra").unwrap();
    list.roles.push(fleetc::import::Role { name, text: Some("#!/bin/sh\n".to_string()), comment: None });
    let entry = "extra: { cloud_config: roles/extra.sh }";
    let cases = [
        ("roles:\n  a: {}\n  # b\nunknown: local\n", format!("roles:\n  a: {{}}\n  # b\n  {entry}\nunknown: local\n")),
        (
            "roles:\n  a:\n    labels: {}\n",
            "roles:\n  a:\n    labels: {}\n  extra:\n    cloud_config: roles/extra.sh\n".to_string(),
        ),
        ("roles: {}\n", format!("roles:\n  {entry}\n")),
        ("roles: { a: {} }\n", format!("roles: {{ a: {{}}, {entry} }}\n")),
        ("unknown: local\n", format!("unknown: local\n\nroles:\n  {entry}\n")),
        ("unknown: local", format!("unknown: local\n\nroles:\n  {entry}")),
    ];
    for (before, after) in cases {
        let head = "version: 1\n";
        assert_eq!(import::add(&format!("{head}{before}"), FileId(0), &list).unwrap(), format!("{head}{after}"));
    }
}

#[test]
fn json_stays_json() {
    let before = "{\n  \"version\": 1,\n  \"server\": { \"url\": \"http://192.168.1.1\" },\n  \"defaults\": { \"state\": \"installed\" },\n  \
                  \"roles\": { \"compute\": {}, \"storage\": {} },\n  \"hosts\": {\n    \"a\": { \"mac\": \"52:54:00:00:00:0a\", \"role\": \"compute\" }\n  }\n}\n";
    for before in [
        before.to_string(),
        before.replace(
            "\"hosts\": {\n    \"a\": { \"mac\": \"52:54:00:00:00:0a\", \"role\": \"compute\" }\n  }",
            "\"hosts\": {}",
        ),
    ] {
        let after = added(&before).unwrap();
        let value: serde_json::Value = serde_json::from_str(&after).unwrap_or_else(|error| panic!("{error}\n{after}"));
        assert_eq!(value["hosts"]["new-1"]["labels"]["rack"], "no");
    }
}

#[test]
fn what_cannot_be_added_to_is_left_alone() {
    let shared = format!("{HEAD}hosts: &all {{ a: {{ mac: 52:54:00:00:00:0a, role: compute }} }}\n")
        .replace("version: 1\n", "version: 1\n")
        .replace("  storage: {}\n", "  storage: { vars: { x: 1 } }\n");
    assert!(added(&shared).is_ok());
    let elsewhere = format!("{HEAD}hosts: &all\n  a: {{ mac: 52:54:00:00:00:0a, role: compute, vars: {{ x: 1 }} }}\n");
    assert!(added(&elsewhere).is_ok());
    let alias = format!("x: &all {{}}\n{HEAD}hosts: *all\n");
    assert!(import::add(&alias, FileId(0), &list()).unwrap_err().message.contains("written elsewhere"));
    let wrong = format!("{HEAD}hosts: [a]\n");
    assert!(import::add(&wrong, FileId(0), &list()).unwrap_err().message.contains("no mapping"));
}

/// The examples, which are written as people write.
#[test]
fn the_examples_can_be_added_to() {
    for example in ["bulk", "minimal", "mixed", "pilot"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example);
        let before = text(&folder, "fleet.yaml");
        let role = if example == "minimal" {
            "managed"
        } else if example == "mixed" {
            "web"
        } else {
            "compute"
        };
        let mut list = list();
        for host in &mut list.hosts {
            let name = host.role.as_ref().unwrap().span;
            host.role = Some(fleetc::source::Spanned::new(fleetc::model::Name::from_text(role).unwrap(), name));
        }
        let after = import::add(&before, FileId(0), &list).unwrap();
        let compiled = compile("fleet.yaml", after.clone(), "", &Disk::new(&folder), &Levels::default());
        import::verify(&list, compiled.resolved().unwrap()).unwrap();
        assert!(!compiled.report.has_errors(), "{example}: {:#?}", compiled.report.by_rule());
        let changes = new_lines(&before, &after);
        assert!(changes.lines().all(|line| line.starts_with('+')), "{example}\n{changes}");
    }
}

/// Parts of a `hosts` section, of which any may stand there.
fn hosts() -> impl Strategy<Value = String> {
    let comment = prop_oneof![4 => Just(""), 1 => Just("   # a"), 1 => Just(" # {b: c}")];
    let entry = (0..6_u8, comment).prop_map(|(form, comment)| (form, comment));
    (prop::collection::vec(entry, 0..4), prop_oneof![Just(1_usize), Just(2), Just(4)], 0..5_u8, prop::bool::ANY).prop_map(
        |(entries, indent, tail, last)| {
            let blanks = " ".repeat(indent);
            let mut out = String::from("hosts:\n");
            for (index, (form, comment)) in entries.iter().enumerate() {
                let mac = format!("52:54:00:00:00:a{index}");
                let entry = match form {
                    0 => format!("h{index}: {{ mac: {mac}, role: compute }}{comment}\n"),
                    1 => format!("h{index}:{comment}\n{blanks}{blanks}mac: \"{mac}\"\n{blanks}{blanks}role: compute{comment}\n"),
                    2 => format!("\"h{index}\": {{ mac: [{mac}],{comment}\n{blanks}  role: compute }}\n"),
                    3 => format!("h{index}:\n{blanks} role: compute\n{blanks} mac:\n{blanks} - {mac}{comment}\n"),
                    4 => format!("h{index}:\n{blanks}  role: compute\n{blanks}  mac: {mac}\n{blanks}  vars:\n{blanks}    x: |\n{blanks}      text\n\n{blanks}      # text\n"),
                    _ => format!("h{index}: {{ mac: {mac}, role: compute }}\n\n{blanks}# h9: {{ mac: x }}\n"),
                };
                out.push_str(&format!("{blanks}{entry}"));
            }
            if entries.is_empty() {
                out = ["hosts:\n", "hosts: {}\n", "hosts:   # none yet\n", "hosts: ~ # x\n", ""][usize::from(tail)].to_string();
            }
            let after = ["", "\n# the end\n", "unknown: local\n", "\n\n\nunknown: local # x", "...\n"][usize::from(tail)];
            match (last, after) {
                (true, "") => out.trim_end_matches('\n').to_string(),
                (_, after) => out + after,
            }
        },
    )
}

proptest! {
    #[test]
    fn any_section_is_added_to_and_nothing_else_changes(hosts in hosts(), windows in prop::bool::ANY) {
        let mut before = format!("{HEAD}{hosts}");
        if windows {
            before = before.replace('\n', "\r\n");
        }
        let after = match added(&before) {
            Ok(after) => after,
            Err(why) => panic!("{why}\n{before}"),
        };
        // Every line of the old text is there, in order, but for the word that says that there are none.
        let empty = ["hosts: {}", "hosts: ~ # x"];
        let mut lines = after.lines();
        for line in before.lines().filter(|line| !empty.contains(line)) {
            prop_assert!(lines.any(|new| new == line), "{line:?} is lost:\n{after}");
        }
    }
}

/// Machines that the fleet has already: two places, in two files.
#[test]
fn what_is_there_already_is_shown_in_both_files() {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pilot"), &folder.path().join("pilot"));
    let list = "name,mac,ip\nNODE-001,52:54:00:00:09:01,\nnew,52-54-00-00-02-02,192.168.1.12\nother,52:54:00:00:09:02,10.0.0.1\n";
    write(folder.path(), &[("list.csv", list)]);
    let before = text(folder.path(), "pilot/fleet.yaml");
    let run = fleetc(folder.path(), &["import", "csv", "list.csv", "--into", "pilot/fleet.yaml", "--role", "computr"]);
    assert_eq!(run.code, Some(1));
    for expected in [
        "error[duplicate-key]: the fleet file has the name `NODE-001` already\n",
        "error[duplicate-mac]: the fleet file has the MAC address `52:54:00:00:02:02` already\n",
        "error[duplicate-address]: the fleet file has the address `192.168.1.12` already\n",
        "error[address-outside-networks]: no network of the fleet file contains `10.0.0.1`\n",
        "error[dangling-reference]: no role is called `computr`\n",
        "[pilot/fleet.yaml:77:3]",
        "[pilot/fleet.yaml:84:9]",
        "[list.csv:3:5]",
    ] {
        assert!(run.stdout.contains(expected), "{expected}{}", run.stdout);
    }
    assert_eq!(text(folder.path(), "pilot/fleet.yaml"), before);
}

#[test]
fn a_dry_run_shows_what_a_run_writes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pilot"), &folder.join("pilot"));
    write(folder, &[("list.csv", "name,mac,ip\nnode-005,52:54:00:00:01:05,192.168.1.15\n")]);
    let arguments = ["import", "csv", "list.csv", "--into", "pilot/fleet.yaml", "--role", "compute"];
    let before = text(folder, "pilot/fleet.yaml");
    let dry = fleetc(folder, &[&arguments[..], &["--dry-run"]].concat());
    assert_eq!((dry.code, text(folder, "pilot/fleet.yaml")), (Some(0), before.clone()));
    let line = "  node-005: { mac: \"52:54:00:00:01:05\", role: compute, address: 192.168.1.15 }\n";
    assert!(
        dry.stdout.starts_with("--- pilot/fleet.yaml\n+++ pilot/fleet.yaml\n")
            && dry.stdout.ends_with(&format!("+{line}")),
        "{}",
        dry.stdout
    );
    let run = fleetc(folder, &arguments);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.stdout.starts_with("added to pilot/fleet.yaml: 1 host\n"), "{}", run.stdout);
    assert_eq!(text(folder, "pilot/fleet.yaml"), before + line);
    assert!(
        run.stdout.ends_with("\n1 of them is wiped and installed at each network boot, until `state: installed`\n"),
        "{}",
        run.stdout
    );
    // Machines that have their system can be added as they are.
    write(folder, &[("more.csv", "name,mac\nold-1,52:54:00:00:01:07\n")]);
    let kept =
        fleetc(folder, &["import", "csv", "more.csv", "--into", "pilot", "--role", "compute", "--state", "installed"]);
    assert_eq!((kept.code, kept.stdout.contains("wiped")), (Some(0), false), "{}", kept.stdout);
    let after = text(folder, "pilot/fleet.yaml");
    assert!(after.ends_with("  old-1: { mac: \"52:54:00:00:01:07\", role: compute, state: installed }\n"), "{after}");
    // The service's rows go the same way, with the texts of their roles.
    write(
        folder,
        &[("config.txt", "52:54:00:00:01:06,web\n"), ("roles/web", "#cloud-config\nservice:\n  - mask: ucd.service\n")],
    );
    let arguments = ["import", "icis", "config.txt", "roles", "--into", "pilot/fleet.yaml", "--names", "node-###"];
    let run = fleetc(folder, &arguments);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    let after = text(folder, "pilot/fleet.yaml");
    assert!(after.contains("\n  web:\n    cloud_config: roles/web.yaml\n"), "{after}");
    assert!(after.ends_with("  node-006: { mac: \"52:54:00:00:01:06\", role: web }\n"), "{after}");
    assert_eq!(fs::read(folder.join("roles/web")).unwrap(), fs::read(folder.join("pilot/roles/web.yaml")).unwrap());
    let twice = fleetc(folder, &arguments);
    assert_eq!((twice.code, text(folder, "pilot/fleet.yaml")), (Some(1), after), "{}", twice.stdout);
}
