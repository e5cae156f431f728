//! What Ansible is told of a fleet: its machines, how each is reached and as whom, and the variables that were asked for.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Options;
use super::groups::{self, Groups};
use super::trouble::Trouble;
use crate::model::Fleet;
use crate::nearest::did_you_mean;
use crate::rules::Access;

/// Where Python is on the machines (contract A-5).
pub(super) const PYTHON: &str = "/usr/bin/python3";

/// An inventory.
pub(super) struct Inventory<'f> {
    /// The machines by name, each with its variables.
    pub(super) hosts: Vec<(&'f str, Map<String, Value>)>,
    pub(super) groups: Groups<'f>,
}

/// Whether a text would be a template to Ansible, which evaluates such texts wherever it uses them, on the machine that it
/// runs on.
pub(super) fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|sign| text.contains(sign))
}

/// Makes the inventory. A variable that is asked for wins over what the fleet gives of itself.
pub(super) fn inventory<'f>(
    fleet: &'f Fleet,
    access: &[Arc<Access>],
    options: &Options,
) -> Result<Inventory<'f>, Trouble> {
    for name in &options.vars {
        asked(fleet, name)?;
    }
    let mut hosts = Vec::new();
    for (host, access) in fleet.hosts.iter().zip(access) {
        let name = host.name.as_str();
        let mut vars = Map::new();
        let address = host.address.as_ref().map_or(name.to_string(), |address| address.ip.to_string());
        vars.insert("ansible_host".to_string(), Value::from(address));
        if let Some(user) = &access.user {
            vars.insert("ansible_user".to_string(), Value::from(user.as_str()));
        }
        for asked in &options.vars {
            let Some(value) = host.vars.get(asked) else { continue };
            known(&value.value, asked)?;
            vars.insert(asked.clone(), Value::clone(&value.value));
        }
        hosts.push((name, vars));
    }
    Ok(Inventory { hosts, groups: groups::groups(fleet) })
}

/// Holds a variable that is asked for to what there is, and to what Ansible takes for a name.
fn asked(fleet: &Fleet, name: &str) -> Result<(), Trouble> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if fleet.hosts.iter().all(|host| host.vars.get(name).is_none()) {
        let mut names: Vec<&str> =
            fleet.hosts.iter().flat_map(|host| host.vars.iter()).map(|(name, _)| &**name).collect();
        names.sort_unstable();
        names.dedup();
        let help = did_you_mean(name, "variables of the machines", names);
        let help = help.unwrap_or_else(|| "`fleetc show HOST` lists those of a machine".to_string());
        return Err(Trouble::new(format!("no machine has a variable `{name}`"), help));
    }
    if !name.chars().all(good) || name.starts_with(|c: char| c.is_ascii_digit()) {
        let message = format!("`{name}` is no name for a variable of Ansible");
        return Err(Trouble::new(message, "letters, digits and `_`, beginning with a letter or `_`"));
    }
    Ok(())
}

/// Refuses a value that Ansible would take for something else than it is.
fn known(value: &Value, name: &str) -> Result<(), Trouble> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| known(item, name)),
        Value::Object(members) => match members.keys().find(|key| key.starts_with("__ansible_")) {
            Some(key) => {
                let message = format!("variable `{name}` has a key `{key}`, which means something else to Ansible");
                Err(Trouble::new(message, "give the key another name"))
            }
            None => members.values().try_for_each(|value| known(value, name)),
        },
        _ => Ok(()),
    }
}
