//! The groups of an inventory, under names that Ansible takes.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::model::{Fleet, Host};

/// What puts machines into one group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trait<'f> {
    Label(&'f str, &'f str),
    Release(&'f str),
    Role(&'f str),
    State(&'f str),
}

impl Trait<'_> {
    /// The name that says it, in the letters that Ansible takes: `role_compute`, `label_rack_r1`.
    fn name(&self) -> String {
        match self {
            Trait::Label(key, value) => format!("label_{}_{}", clean(key), clean(value)),
            Trait::Release(name) => format!("release_{}", clean(name)),
            Trait::Role(name) => format!("role_{}", clean(name)),
            Trait::State(word) => format!("state_{word}"),
        }
    }

    /// What tells it from all others.
    fn identity(&self) -> String {
        match self {
            Trait::Label(key, value) => format!("label\0{key}\0{value}"),
            Trait::Release(name) => format!("release\0{name}"),
            Trait::Role(name) => format!("role\0{name}"),
            Trait::State(word) => format!("state\0{word}"),
        }
    }

    /// What it is, for people.
    fn title(&self) -> String {
        match self {
            Trait::Label(key, value) => format!("label {key:?}: {value:?}"),
            Trait::Release(name) => format!("release {name}"),
            Trait::Role(name) => format!("role {name}"),
            Trait::State(word) => format!("state {word}"),
        }
    }
}

/// A text in the letters of a group's name: any other is an underscore.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// Groups by name, each with its machines in the order of the fleet.
#[derive(Debug, Default)]
pub(super) struct Groups<'f> {
    pub(super) hosts: BTreeMap<String, Vec<&'f str>>,
    /// Groups that would have had one name: the name that each has instead, and what it stands for.
    pub(super) parted: BTreeMap<String, String>,
}

/// The traits of a machine.
fn traits<'f>(fleet: &'f Fleet, host: &'f Host) -> Vec<Trait<'f>> {
    let mut found =
        vec![Trait::Role(fleet.role(host.role.value).name.as_str()), Trait::State(host.settings.state().word())];
    found.extend(host.settings.release.get().map(|id| Trait::Release(fleet.release(id.value).name.as_str())));
    found.extend(host.labels.iter().map(|(key, label)| Trait::Label(key, &label.value)));
    found
}

/// Puts the machines into groups.
pub(super) fn groups(fleet: &Fleet) -> Groups<'_> {
    let mut members: BTreeMap<Trait<'_>, Vec<&str>> = BTreeMap::new();
    for host in &fleet.hosts {
        for it in traits(fleet, host) {
            members.entry(it).or_default().push(host.name.as_str());
        }
    }
    let mut groups = Groups::default();
    let names = names(members.keys());
    for (it, hosts) in members {
        let name = names[&it].clone();
        if name != it.name() {
            groups.parted.insert(name.clone(), it.title());
        }
        groups.hosts.insert(name, hosts);
    }
    groups
}

/// A name for each. Where two would have one, neither gets it: each has a name that its own text decides, and that no other
/// machine, label or role changes. A playbook then finds no group, and never another one.
fn names<'t, 'f>(all: impl Iterator<Item = &'t Trait<'f>>) -> BTreeMap<Trait<'f>, String>
where
    'f: 't,
{
    let mut by_name: BTreeMap<String, Vec<&Trait<'f>>> = BTreeMap::new();
    for it in all {
        by_name.entry(it.name()).or_default().push(it);
    }
    let mut taken: BTreeSet<String> = by_name.keys().cloned().collect();
    let mut names = BTreeMap::new();
    for (name, traits) in &by_name {
        for it in traits {
            let mut chosen = name.clone();
            if traits.len() > 1 {
                let digest = HEXLOWER.encode(&Sha256::digest(it.identity()));
                let longer = (6..=digest.len()).map(|length| format!("{name}_{}", &digest[..length]));
                chosen = longer.into_iter().find(|longer| !taken.contains(longer)).unwrap_or_default();
                taken.insert(chosen.clone());
            }
            names.insert((*it).clone(), chosen);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_what_they_say() {
        let all = [
            Trait::Role("db.main"),
            Trait::Label("rack", "r1"),
            Trait::Label("Größe", "zwei Höhen"),
            Trait::State("install"),
        ];
        let names: Vec<String> = names(all.iter()).into_values().collect();
        assert_eq!(names, ["label_Gr__e_zwei_H_hen", "label_rack_r1", "role_db_main", "state_install"]);
    }

    #[test]
    fn two_that_would_have_one_name_keep_apart_whoever_else_is_there() {
        let (a, b) = (Trait::Label("a", "b_c"), Trait::Label("a_b", "c"));
        let pair = names([&a, &b].into_iter());
        assert!(pair[&a] != pair[&b] && pair.values().all(|name| name.starts_with("label_a_b_c_")), "{pair:?}");
        let c = Trait::Label("a", "b-c");
        let three = names([&a, &b, &c].into_iter());
        assert_eq!((&three[&a], &three[&b]), (&pair[&a], &pair[&b]));
        // One that has the name of another's by itself.
        let (_, suffix) = pair[&a].rsplit_once('_').unwrap_or_default();
        let long = format!("b_c_{suffix}");
        let d = Trait::Label("a", &long);
        let four = names([&a, &b, &c, &d].into_iter());
        assert_eq!(four[&d], pair[&a]);
        assert_eq!(four.values().collect::<BTreeSet<_>>().len(), 4, "{four:?}");
    }

    proptest! {
        #[test]
        fn no_two_have_one_name(texts in prop::collection::btree_set(("[a-c_.é -]{0,3}", "[a-c_.é -]{0,3}"), 0..12)) {
            let labels = texts.iter().map(|(key, value)| Trait::Label(key, value));
            let roles = texts.iter().map(|(key, _)| Trait::Role(key));
            let all: BTreeSet<Trait<'_>> = labels.chain(roles).collect();
            let names = names(all.iter());
            let distinct: BTreeSet<&String> = names.values().collect();
            prop_assert_eq!((names.len(), distinct.len()), (all.len(), all.len()));
            for name in distinct {
                prop_assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{}", name);
                prop_assert!(name.starts_with(|c: char| c.is_ascii_alphabetic()));
            }
        }
    }
}
