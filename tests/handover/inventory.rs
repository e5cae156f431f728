//! The inventory as a file: Ansible reads of it what the fleet file says (contract A-5).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fleetc::beside::{Kind, emit};
use fleetc::compile::{Compiled, compile};
use fleetc::diag::Levels;
use fleetc::source::Disk;
use serde_json::{Value, json};

use crate::control::{options, read_text, written};
use crate::example;

/// The members of each group, as Ansible has them.
fn groups(read: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let members = |group: &Value| group["hosts"].as_array().into_iter().flatten().map(text).collect();
    let all =
        read.as_object().unwrap().iter().filter(|(name, _)| !["_meta", "all", "ungrouped"].contains(&name.as_str()));
    all.map(|(name, group)| (name.clone(), members(group))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_string()
}

/// The members of each group, as the fleet file says it to another reader of YAML.
fn expected(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    // From the highest layer down: the host, its role and what that extends, the defaults.
    let chain = |host: &Value| {
        let defaults = &document["defaults"];
        let mut role = host["role"].as_str().or(defaults["role"].as_str()).map(str::to_string);
        let mut layers = vec![host.clone()];
        let own = role.clone().unwrap();
        while let Some(name) = role {
            layers.push(document["roles"][&name].clone());
            role = document["roles"][&name]["extends"].as_str().map(str::to_string);
        }
        layers.push(defaults.clone());
        (own, layers)
    };
    for (name, host) in document["hosts"].as_object().unwrap() {
        let (role, layers) = chain(host);
        let first = |key: &str| layers.iter().find_map(|layer| layer[key].as_str());
        let mut of = vec![format!("role_{role}")];
        of.push(format!("state_{}", first("state").unwrap_or("install")));
        of.push(format!("release_{}", first("release").unwrap()));
        let mut labels: BTreeMap<&str, &str> = BTreeMap::new();
        for layer in layers.iter().rev() {
            let here = layer["labels"].as_object().into_iter().flatten();
            labels.extend(here.map(|(key, value)| (key.as_str(), value.as_str().unwrap())));
        }
        of.extend(labels.iter().map(|(key, value)| format!("label_{key}_{value}")));
        for group in of {
            groups.entry(group).or_default().insert(name.clone());
        }
    }
    groups
}

#[test]
fn ansible_reads_what_the_examples_say() {
    for example in example::all() {
        let compiled = example.compile(&example.text());
        let read = read_text(&written(&compiled, Kind::Ansible, &[])).unwrap_or_else(|said| panic!("{said}"));
        assert_eq!(groups(&read), expected(&example.document()), "{}", example.name);
        for (name, host) in example.document()["hosts"].as_object().unwrap() {
            let vars = &read["_meta"]["hostvars"][name];
            let address = host["address"].as_str().map_or(name.as_str(), |text| text.split('/').next().unwrap());
            assert_eq!(vars["ansible_host"], address, "{name}");
            // The text of `legacy` is a script, of which nobody knows whom it makes.
            let user = if host["role"] == "legacy" { Value::Null } else { Value::from("ansible") };
            assert_eq!(vars["ansible_user"], user, "{name}");
            assert_eq!(vars["ansible_python_interpreter"], "/usr/bin/python3", "{name}");
            assert_eq!(vars.as_object().unwrap().len(), if user.is_null() { 2 } else { 3 }, "{vars}");
        }
    }
}

fn campus() -> Compiled {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/valid/rich/campus");
    let text = fs::read_to_string(folder.join("fleet.yaml")).unwrap();
    compile("fleet.yaml", text, "", &Disk::new(&folder), &Levels::default())
}

#[test]
fn nothing_of_the_fleet_is_told_that_was_not_asked_for() {
    let mixed = example::named("mixed");
    for compiled in [campus(), mixed.compile(&mixed.text())] {
        let told = written(&compiled, Kind::Ansible, &[]) + &written(&compiled, Kind::SshConfig, &[]);
        // Passphrases, hashes, keys, proxies, variables.
        for secret in ["change me", "$6$", "ssh-ed25519", "AAAA", "proxy", "motd", "handled by", "5432", "1500"] {
            assert!(!told.contains(secret), "{secret} in\n{told}");
        }
    }
    let asked = written(&campus(), Kind::Ansible, &["ports", "motd"]);
    let read = read_text(&asked).unwrap();
    assert_eq!(read["_meta"]["hostvars"]["desk-01"]["ports"], json!([22, 443]));
    assert!(asked.contains("handled by the fleet file") && !asked.contains("AAAA"), "{asked}");
}

/// The pilot, with these settings added to one of its hosts.
fn pilot(settings: &str) -> Compiled {
    let pilot = example::named("pilot");
    let text = pilot.text();
    let changed = text.replace("role: compute, address: 192.168.1.11 }", &format!("role: compute, {settings} }}"));
    assert_ne!(changed, text);
    pilot.compile(&changed)
}

#[test]
fn groups_that_would_have_one_name_stay_apart() {
    let settings = "labels: { rack: a b, rack_a: b, rack-a: b, 'Größe 1': '' }, address: 192.168.1.11";
    let text = written(&pilot(settings), Kind::Ansible, &[]);
    let groups = groups(&read_text(&text).unwrap());
    let racks: Vec<&String> = groups.keys().filter(|name| name.starts_with("label_rack_a_b_")).collect();
    assert_eq!(racks.len(), 3, "{groups:#?}");
    assert!(!groups.contains_key("label_rack_a_b") && groups.contains_key("label_Gr__e_1_"), "{groups:#?}");
    for (rack, title) in racks.iter().zip([0, 1, 2]) {
        assert_eq!(groups[*rack].len(), 1, "{title}");
        assert!(text.contains(&format!("# {rack} is label \"rack")), "{text}");
    }
    // A machine more in another group changes no name.
    let again = written(&pilot(&settings.replace("a b,", "a b, room: x,")), Kind::Ansible, &[]);
    assert!(racks.iter().all(|rack| again.contains(rack.as_str())), "{again}");
}

#[test]
fn a_variable_that_is_asked_for_wins_over_what_the_fleet_gives() {
    let vars = "vars: { ansible_user: ops, ansible_host: 10.9.8.7, ansible_port: 2222, data: { a: [1, null, no] } }";
    let compiled = pilot(vars);
    let asked = ["ansible_user", "ansible_host", "ansible_port", "data"];
    let read = read_text(&written(&compiled, Kind::Ansible, &asked)).unwrap();
    let mut host = read["_meta"]["hostvars"]["node-001"].clone();
    assert_eq!(host["data"]["a"], json!([1, null, "no"]));
    host.as_object_mut().unwrap().retain(|key, _| asked[..3].contains(&key.as_str()));
    assert_eq!(host, json!({ "ansible_user": "ops", "ansible_host": "10.9.8.7", "ansible_port": 2222 }));
    let without = read_text(&written(&compiled, Kind::Ansible, &[])).unwrap();
    assert_eq!(without["_meta"]["hostvars"]["node-001"]["ansible_user"], "ansible");
    assert_eq!(without["_meta"]["hostvars"]["node-001"]["ansible_host"], "node-001");
}

#[test]
fn what_ansible_would_misread_is_refused() {
    let compiled = pilot("vars: { a-b: 1, port: 1, deep: [{ x: { __ansible_vault: x } }] }");
    let trouble = |name: &str| emit(compiled.fleet().unwrap(), Kind::Ansible, &options(&[name])).unwrap_err();
    assert_eq!(trouble("a-b").message, "`a-b` is no name for a variable of Ansible");
    assert!(trouble("deep").message.starts_with("variable `deep` has a key `__ansible_vault`"));
    let none = trouble("prot");
    assert_eq!(
        (none.message.as_str(), none.help.as_str()),
        ("no machine has a variable `prot`", "did you mean `port`?")
    );
}
