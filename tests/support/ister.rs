//! The installer as a judge: which rules of the contract a template breaks.
//!
//! Written from the contract alone, over plain JSON, so that it shares no mistake with the program that it judges.
//! [`validate`] is what the installer itself enforces before it touches a disk (contract 1.4), as lenient as it is;
//! [`traps`] is what it lets through and what fails, or goes wrong in silence, later (contract 1.2, 1.5, ch. 5).
#![allow(dead_code)]

#[path = "ister/disks.rs"]
mod disks;
#[path = "ister/system.rs"]
mod system;
#[path = "ister/validate.rs"]
mod validate;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

pub use validate::validate;

/// A rule of the contract that a template breaks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// The rule, like `I-51`.
    pub rule: &'static str,
    /// What breaks it.
    pub what: String,
    /// Whether the contract only asks for a warning.
    pub warning: bool,
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.warning { " (warning)" } else { "" };
        write!(f, "{}{kind}: {}", self.rule, self.what)
    }
}

/// What a template does not say, but its consequences hang on.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// The version of the installer.
    pub installer: u64,
    /// Sizes of disks in MiB, where they are known.
    pub disks: BTreeMap<String, u64>,
}

impl Around {
    /// An installer of this version, on disks of unknown sizes.
    pub fn installer(version: u64) -> Around {
        Around { installer: version, disks: BTreeMap::new() }
    }
}

/// The rules that a template breaks although the installer accepts it.
pub fn traps(template: &Value, around: &Around) -> Vec<Broken> {
    let mut judge = Judge::default();
    disks::judge(template, around, &mut judge);
    system::judge(template, around, &mut judge);
    judge.sorted()
}

/// The numbers of rules, each once.
pub fn rules(broken: &[Broken]) -> Vec<&'static str> {
    let mut rules: Vec<&str> = broken.iter().map(|broken| broken.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// Collects what is broken.
#[derive(Default)]
struct Judge(Vec<Broken>);

impl Judge {
    fn sorted(mut self) -> Vec<Broken> {
        self.0.sort();
        self.0.dedup();
        self.0
    }

    /// `rule` is broken unless `holds`.
    fn must(&mut self, holds: bool, rule: &'static str, what: impl fmt::Display) {
        if !holds {
            self.0.push(Broken { rule, what: what.to_string(), warning: false });
        }
    }

    /// The same, where the contract asks for no more than a warning.
    fn should(&mut self, holds: bool, rule: &'static str, what: impl fmt::Display) {
        if !holds {
            self.0.push(Broken { rule, what: what.to_string(), warning: true });
        }
    }
}

/// What Python takes for true.
fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// The elements of a list; none when it is none.
fn list<'v>(template: &'v Value, key: &str) -> &'v [Value] {
    template[key].as_array().map_or(&[], Vec::as_slice)
}

/// A value as text, as the installer puts it into paths and keys.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

/// The partition that an entry of any of the three lists speaks of.
fn partition(entry: &Value) -> (String, String) {
    (text(&entry["disk"]), text(&entry["partition"]))
}

/// The entry of a list for a partition.
fn of_partition<'v>(entries: &'v [Value], wanted: &(String, String)) -> Option<&'v Value> {
    entries.iter().find(|entry| partition(entry) == *wanted)
}

/// The entry of what is mounted at a place.
fn mounted<'v>(template: &'v Value, place: &str) -> Option<&'v Value> {
    list(template, "PartitionMountPoints").iter().find(|entry| entry["mount"] == place)
}

/// The filesystem of a partition.
fn filesystem<'v>(template: &'v Value, entry: &Value) -> Option<&'v Value> {
    of_partition(list(template, "FilesystemTypes"), &partition(entry))
}

/// A size in MiB; none for `rest` and for what is no size.
fn mib(size: &Value) -> Option<u64> {
    let size = size.as_str()?;
    let factor = match size.chars().last()? {
        'M' => 1,
        'G' => 1 << 10,
        'T' => 1 << 20,
        _ => return None,
    };
    size[..size.len() - 1].parse::<u64>().ok()?.checked_mul(factor)
}

/// Whether every character is an ASCII letter, a digit, or one of `more`, and there is one.
fn made_of(text: &str, more: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}
