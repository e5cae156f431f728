//! Templates that the installer's makers publish, carried over by hand: what fleetc emits means the same, but for what
//! the first lines of each fleet name, with the reason.
//!
//! `template.json` beside a fleet is the original, reduced to its facts. Not carried over: `container-config.json` and
//! `invalid-ister-no-kernel.json` (no kernel, so nothing boots: I-70), templates that the installer itself rejects, and
//! `native-cloud.json` of ICIS, which no public index has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fleetc::source::Disk;
use serde_json::Value;

use crate::{Good, example, good};

/// A value as one word or more.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim_end().to_string(),
        other => other.to_string(),
    }
}

/// What a template means, a line for each fact; `disks` are names to be taken for others.
fn meaning(template: &Value, disks: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    let mut partitions: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (key, value) in template.as_object().unwrap() {
        match (key.as_str(), value) {
            ("PartitionLayout" | "FilesystemTypes" | "PartitionMountPoints", Value::Array(entries)) => {
                for entry in entries {
                    let disk = entry["disk"].as_str().unwrap();
                    let disk = disks.get(disk).map_or(disk, String::as_str);
                    let partition = partitions.entry(format!("{disk} {}", entry["partition"])).or_default();
                    for (name, value) in entry.as_object().unwrap() {
                        // `type` is the partition's in one list, and the filesystem's in another.
                        let name = if key == "FilesystemTypes" && name == "type" { "filesystem" } else { name };
                        if !matches!(name, "disk" | "partition") {
                            assert_eq!(partition.insert(name.to_string(), word(value)), None, "{name}");
                        }
                    }
                }
            }
            ("Bundles", Value::Array(bundles)) => {
                facts.extend(bundles.iter().map(|bundle| format!("bundle {}", word(bundle))));
            }
            ("Users", Value::Array(users)) => {
                for user in users {
                    let keys = user.as_object().unwrap().iter().filter(|(key, _)| *key != "username");
                    facts.extend(
                        keys.map(|(key, value)| format!("user {} {key} {}", word(&user["username"]), word(value))),
                    );
                }
            }
            (hook, Value::Array(commands)) if hook.starts_with("Post") || hook.starts_with("Pre") => {
                facts.extend(commands.iter().map(|command| format!("{hook} {}", word(command))));
            }
            (key, value) => {
                facts.insert(format!("{key} {}", word(value)));
            }
        }
    }
    facts.extend(partitions.iter().map(|(place, keys)| format!("partition {place}: {keys:?}")));
    facts
}

/// What the first lines of a fleet say of the original: facts that are gone, facts that are new, disks by other names.
#[derive(Default)]
struct Differences {
    gone: BTreeSet<String>,
    new: BTreeSet<String>,
    disks: BTreeMap<String, String>,
}

fn differences(good: &Good) -> Differences {
    let mut found = Differences::default();
    for line in good.text().lines().map_while(|line| line.strip_prefix('#')) {
        let Some(line) = line.strip_prefix("   ") else { continue };
        let (fact, reason) = line.strip_suffix(')').and_then(|line| line.rsplit_once(" (")).map_or_else(
            || panic!("{}: no reason in {line}", good.name),
            // A fact of the contract may stand at the end of the reason.
            |(head, tail)| head.split_once(" (").unwrap_or((head, tail)),
        );
        assert!(reason.len() > 5, "{}: {line}", good.name);
        match fact.split_at(2) {
            ("- ", fact) => assert!(found.gone.insert(fact.to_string()), "{}: {fact} twice", good.name),
            ("+ ", fact) => assert!(found.new.insert(fact.to_string()), "{}: {fact} twice", good.name),
            ("= ", fact) => {
                let names: Vec<&str> = fact.split(' ').collect();
                let ["disk", old, new] = names[..] else { panic!("{}: {fact}", good.name) };
                found.disks.insert(old.to_string(), new.to_string());
            }
            _ => panic!("{}: {line}", good.name),
        }
    }
    found
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_template_carried_over_means_what_it_meant() {
    let all = good("tests/valid/templates");
    assert!(all.len() >= 35, "{} templates", all.len());
    let mut faults = Vec::new();
    for good in all {
        let differences = differences(&good);
        let original = meaning(&read(&good.folder.join("template.json")), &differences.disks);
        let strange: Vec<&String> =
            differences.gone.difference(&original).chain(differences.new.intersection(&original)).collect();
        assert!(strange.is_empty(), "{}: the template does not say so: {strange:?}", good.name);
        let expected: BTreeSet<String> =
            original.difference(&differences.gone).chain(&differences.new).cloned().collect();
        let Some(tree) = example::tree(&good.compile(), &Disk::new(&good.folder)) else {
            faults.push(format!("{} does not build", good.name));
            continue;
        };
        let emitted: Vec<Value> = example::templates(&tree).map(|(_, template)| template).collect();
        assert_eq!(emitted.len(), 1, "{}", good.name);
        let emitted = meaning(&emitted[0], &BTreeMap::new());
        if emitted != expected {
            let lost: Vec<_> = expected.difference(&emitted).collect();
            let more: Vec<_> = emitted.difference(&expected).collect();
            faults.push(format!("{}: lost {lost:#?}, and more {more:#?}", good.name));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
