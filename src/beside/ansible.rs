//! Ansible's inventory: as a file in YAML, and as the answers of an inventory script.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::inventory::{Inventory, PYTHON, inventory, is_template};
use super::trouble::Trouble;
use super::{Form, Options, yaml};
use crate::model::Fleet;
use crate::rules::Access;

pub(super) fn emit(fleet: &Fleet, access: &[Arc<Access>], options: &Options) -> Result<String, Trouble> {
    let inventory = inventory(fleet, access, options)?;
    Ok(match &options.form {
        Form::File => file(&inventory),
        Form::List => answer(&list(&inventory)),
        Form::Host(name) => answer(&host(&inventory, name)),
    })
}

/// A text as YAML. One that Ansible would evaluate is marked as a mere text.
fn text(text: &str) -> String {
    if is_template(text) { format!("!unsafe {}", yaml::quoted(text)) } else { yaml::quoted(text) }
}

fn file(inventory: &Inventory<'_>) -> String {
    let mut out = String::from("# Written by `fleetc emit ansible`; change the fleet file, not this.\n");
    out.push_str("# Ansible reads it under a name that ends in `.yaml`: `ansible -i hosts.yaml all -m ping`.\n");
    for (name, title) in &inventory.groups.parted {
        // What a label says is any text, and this is one line.
        let _ = writeln!(out, "# {name} is {title}; another group would have the same name.");
    }
    let _ = write!(out, "all:\n  vars:\n    ansible_python_interpreter: {}\n", text(PYTHON));
    let _ = writeln!(out, "  hosts:{}", if inventory.hosts.is_empty() { " {}" } else { "" });
    for (name, vars) in &inventory.hosts {
        let _ = writeln!(out, "    {}:", yaml::quoted(name));
        for (key, value) in vars {
            let _ = writeln!(out, "      {}: {}", yaml::quoted(key), yaml::line(value, &text));
        }
    }
    let _ = writeln!(out, "  children:{}", if inventory.groups.hosts.is_empty() { " {}" } else { "" });
    for (name, hosts) in &inventory.groups.hosts {
        let _ = writeln!(out, "    {}:\n      hosts:", yaml::quoted(name));
        for host in hosts {
            let _ = writeln!(out, "        {}:", yaml::quoted(host));
        }
    }
    out
}

/// The answer to `--list`: groups, and the variables of all machines, so that none is asked for one by one.
fn list(inventory: &Inventory<'_>) -> Value {
    let mut all = Map::new();
    let vars = |vars: &Map<String, Value>| marked(&Value::Object(vars.clone()));
    let hosts: Map<String, Value> = inventory.hosts.iter().map(|(name, of)| (name.to_string(), vars(of))).collect();
    all.insert("_meta".to_string(), json!({ "hostvars": hosts }));
    let names: Vec<&str> = inventory.hosts.iter().map(|(name, _)| *name).collect();
    all.insert("all".to_string(), json!({ "hosts": names, "vars": { "ansible_python_interpreter": PYTHON } }));
    for (name, hosts) in &inventory.groups.hosts {
        all.insert(name.clone(), json!({ "hosts": hosts }));
    }
    Value::Object(all)
}

/// The answer to `--host`: the variables of a machine. One that is not there has none.
fn host(inventory: &Inventory<'_>, name: &str) -> Value {
    let found = inventory.hosts.iter().find(|(known, _)| *known == name);
    found.map_or(json!({}), |(_, vars)| marked(&Value::Object(vars.clone())))
}

/// A value in which texts that Ansible would evaluate are marked as mere texts.
fn marked(value: &Value) -> Value {
    match value {
        Value::String(text) if is_template(text) => json!({ "__ansible_unsafe": text }),
        Value::Array(items) => items.iter().map(marked).collect(),
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), marked(value))).collect(),
        other => other.clone(),
    }
}

fn answer(value: &Value) -> String {
    format!("{value:#}\n")
}
