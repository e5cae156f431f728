//! Good fleets: `check` says nothing of them, neither errors nor warnings, and they build.
//!
//! `rich/` has every key of the language, and the many ways to write YAML; `templates/` carries over what the makers of
//! the installer publish.
#![allow(clippy::unwrap_used)]

#[path = "../support/example.rs"]
mod example;
mod templates;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fleetc::compile::{Compiled, compile};
use fleetc::diag::Levels;
use fleetc::schemas::SCHEMAS;
use fleetc::source::Disk;
use serde_json::Value;

/// A folder with a fleet.
struct Good {
    name: String,
    folder: PathBuf,
}

impl Good {
    fn text(&self) -> String {
        fs::read_to_string(self.folder.join("fleet.yaml")).unwrap()
    }

    fn compile(&self) -> Compiled {
        compile("fleet.yaml", self.text(), "", &Disk::new(&self.folder), &Levels::default())
    }

    /// What other programs read in it.
    fn document(&self) -> Value {
        serde_yaml::from_str(self.text().trim_start_matches('\u{feff}')).unwrap()
    }
}

/// Every fleet below a folder of the repository.
fn good(parent: &str) -> Vec<Good> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(parent);
    let entries = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<Good> = entries
        .filter(|path| path.is_dir())
        .map(|folder| Good { name: folder.file_name().unwrap().to_str().unwrap().to_string(), folder })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(found.len() > 3, "{parent} holds {} fleets", found.len());
    found
}

fn all() -> Vec<Good> {
    ["examples", "tests/valid/rich", "tests/valid/templates"].into_iter().flat_map(good).collect()
}

#[test]
fn good_fleets_check_without_a_word_and_build() {
    let mut faults = Vec::new();
    for good in all() {
        let compiled = good.compile();
        let findings = example::findings(&compiled);
        if !findings.is_empty() {
            faults.push(format!("{}: {findings:#?}", good.name));
            continue;
        }
        let files = example::tree(&compiled, &Disk::new(&good.folder)).unwrap();
        assert!(files.contains_key("ipxe_boot_script.txt"), "{}", good.name);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn editors_find_no_fault_in_good_fleets() {
    let (_, make) = SCHEMAS.iter().find(|(name, _)| *name == "fleet").unwrap();
    let schema = jsonschema::draft202012::new(&serde_json::to_value(make()).unwrap()).unwrap();
    for good in all() {
        let document = good.document();
        let faults: Vec<String> =
            schema.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(faults, [""; 0], "{}", good.name);
    }
}

/// The keys that the schema names.
fn known(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            map.values().for_each(|value| known(value, keys));
        }
        Value::Array(list) => list.iter().for_each(|value| known(value, keys)),
        _ => {}
    }
}

/// The keys that a document uses.
fn used(document: &Value, keys: &mut BTreeSet<String>) {
    match document {
        Value::Object(map) => {
            keys.extend(map.keys().cloned());
            map.values().for_each(|value| used(value, keys));
        }
        Value::Array(list) => list.iter().for_each(|value| used(value, keys)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_language_is_in_a_good_fleet() {
    let (_, make) = SCHEMAS.iter().find(|(name, _)| *name == "fleet").unwrap();
    let (mut all_keys, mut in_use) = (BTreeSet::new(), BTreeSet::new());
    known(&serde_json::to_value(make()).unwrap(), &mut all_keys);
    for good in all() {
        used(&good.document(), &mut in_use);
    }
    assert!(all_keys.len() > 60, "{} keys", all_keys.len());
    let missing: Vec<&String> = all_keys.difference(&in_use).collect();
    assert!(missing.is_empty(), "no good fleet has {missing:?}");
}
