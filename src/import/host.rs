//! A machine as an entry of `hosts`.

use super::list::Listed;
use super::quote::double;
use super::value::{Entry, Value};
use crate::model::Name;

/// How the entries of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    /// Line by line, or in braces on one line.
    pub(super) block: bool,
    /// Whether MAC addresses have quotes also where they need none.
    pub(super) quotes: bool,
}

/// The entry of a machine. Its role is left out where `default` says the same.
pub(super) fn entry(host: &Listed, default: Option<&Name>, style: Style) -> Entry {
    let mac = |mac: String| if style.quotes { Value::Word(double(&mac)) } else { Value::Text(mac) };
    let macs: Vec<Value> = host.macs.iter().map(|card| mac(card.colons())).collect();
    let macs = match <[Value; 1]>::try_from(macs) {
        Ok([one]) => one,
        Err(several) => Value::Row(several),
    };
    let mut keys = vec![Entry::new("mac", macs)];
    if let Some(role) = host.role.as_ref().filter(|role| Some(&role.value) != default) {
        keys.push(Entry::new("role", Value::text(role.as_str())));
    }
    if let Some(address) = &host.address {
        let length = address.prefix.map_or(String::new(), |prefix| format!("/{prefix}"));
        keys.push(Entry::new("address", Value::text(format!("{}{length}", address.ip))));
    }
    if let Some(state) = host.state {
        keys.push(Entry::new("state", Value::word(state.word())));
    }
    if !host.labels.is_empty() {
        let labels = host.labels.iter().map(|(key, value)| Entry::new(key, Value::text(value)));
        keys.push(Entry::new("labels", Value::Braces(labels.collect())));
    }
    let name = host.name.as_ref().map_or("", |name| name.as_str());
    Entry::new(name, if style.block { Value::Map(keys) } else { Value::Braces(keys) })
}

/// Whether every entry fits on a line of its own.
pub(super) fn fit(entries: &[Entry], indent: usize) -> bool {
    let mut text = String::new();
    entries.iter().all(|entry| {
        text.clear();
        entry.write(indent, 2, &mut text);
        text.bytes().filter(|byte| *byte == b'\n').count() == 1
    })
}
