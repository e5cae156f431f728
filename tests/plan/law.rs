//! A host is in the plan if and only if a byte that its walk reads differs: random pairs of fleets.

use fleetc::compile::{Compiled, compile};
use fleetc::diag::Levels;
use fleetc::plan::{Side, plan};
use fleetc::source::Memory;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::truth::{Built, kinds};
use crate::{example, fleets};

/// Numbers that decide on a mutation.
struct Dice<'n>(std::slice::Iter<'n, u16>);

impl Dice<'_> {
    fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % count.max(1)
    }
}

/// Puts a part of one fleet in the place of another's; gives whether anything differs then.
fn mutate(dice: &mut Dice<'_>, fleet: &mut Value, other: &Value) -> bool {
    let (Value::Object(mine), Value::Object(theirs)) = (&mut *fleet, other) else {
        let differs = fleet != other;
        *fleet = other.clone();
        return differs;
    };
    let mut keys: Vec<String> = mine.keys().chain(theirs.keys()).cloned().collect();
    keys.sort();
    keys.dedup();
    keys.retain(|key| mine.get(key) != theirs.get(key));
    if keys.is_empty() {
        return false;
    }
    let key = keys.swap_remove(dice.below(keys.len()));
    match (mine.get_mut(&key), theirs.get(&key)) {
        (Some(a), Some(b)) if dice.below(5) > 0 => mutate(dice, a, b),
        (_, Some(b)) => {
            mine.insert(key, b.clone());
            true
        }
        (_, None) => {
            mine.remove(&key);
            true
        }
    }
}

/// Changes who the machines are: names, cards, states.
fn change_hosts(dice: &mut Dice<'_>, fleet: &mut Value) {
    let Some(hosts) = fleet["hosts"].as_object_mut() else { return };
    let names: Vec<String> = hosts.keys().cloned().collect();
    if names.is_empty() {
        return;
    }
    let (one, other) = (&names[dice.below(names.len())], &names[dice.below(names.len())]);
    match dice.below(7) {
        0 => {
            let host = hosts.remove(one).unwrap();
            hosts.insert("renamed".to_string(), host);
        }
        1 => {
            hosts.remove(one);
        }
        2 => {
            let mut host = hosts[one].clone();
            host["mac"] = "52:54:00:00:77:01".into();
            host.as_object_mut().unwrap().remove("address");
            hosts.insert("added".to_string(), host);
        }
        3 => hosts[one]["mac"] = "52:54:00:00:77:02".into(),
        4 => {
            let (a, b) = (hosts[one]["mac"].clone(), hosts[other]["mac"].clone());
            hosts[one]["mac"] = b;
            hosts[other]["mac"] = a;
        }
        5 => hosts[one]["state"] = "installed".into(),
        _ => hosts[one]["state"] = "install".into(),
    }
}

fn side(fleet: &Value, loader: &Memory) -> Compiled {
    let text = serde_yaml::to_string(fleet).unwrap();
    compile("fleet.yaml", text, "", loader, &Levels::default())
}

/// What the plan says, and what is true; none for fleets with errors.
pub fn compared(
    old: (&Compiled, &Memory),
    new: (&Compiled, &Memory),
) -> Option<(crate::truth::Kinds, crate::truth::Kinds, [bool; 2])> {
    let built = |(compiled, loader): (&Compiled, &Memory)| {
        let files = example::tree(compiled, loader)?;
        Some(Built::new(compiled, files))
    };
    let (base, head) = (built(old)?, built(new)?);
    let sides = [old, new].map(|(compiled, loader)| Side::new(compiled.fleet().unwrap(), &compiled.sources, loader));
    let plan = plan(Some(&sides[0]), &sides[1]);
    for change in &plan.hosts {
        assert!(!change.because.is_empty() && !change.fields.is_empty(), "{change:?}");
        assert!(change.kinds.is_sorted(), "{change:?}");
    }
    let said = plan
        .hosts
        .iter()
        .map(|change| (change.host.to_string(), change.kinds.iter().map(|kind| kind.word()).collect()));
    let strangers = base.stranger() != head.stranger();
    Some((said.collect(), kinds(&base, &head), [plan.unlisted.is_some(), strangers]))
}

#[test]
fn a_host_is_in_the_plan_if_and_only_if_its_walk_reads_another_byte() {
    let tape = || proptest::collection::vec(any::<u16>(), 0..160);
    let dice = proptest::collection::vec(any::<u16>(), 40);
    let mut runner = TestRunner::new(Config { cases: 600, failure_persistence: None, ..Config::default() });
    let counted = std::cell::RefCell::new(std::collections::BTreeMap::<&'static str, usize>::new());
    let result = runner.run(&(tape(), tape(), dice), |(one, two, numbers)| {
        let mut dice = Dice(numbers.iter());
        let mut fleet = fleets::fleet(&mut fleets::Tape::new(&one));
        for host in fleet["hosts"].as_object_mut().unwrap().values_mut() {
            if dice.below(4) == 0 {
                host["state"] = "installed".into();
            }
        }
        let other = fleets::fleet(&mut fleets::Tape::new(&two));
        let loader = fleets::files();
        let old = side(&fleet, &loader);
        prop_assume!(old.fleet().is_some());
        let mut mutant = fleet.clone();
        let mut files = fleets::files();
        for _ in 0..dice.below(3) {
            mutate(&mut dice, &mut mutant, &other);
        }
        if dice.below(6) == 0 {
            files.files.get_mut("roles/plain.yaml").unwrap().extend_from_slice(b"# more\n");
        }
        if dice.below(2) == 0 {
            change_hosts(&mut dice, &mut mutant);
        }
        if dice.below(12) == 0 {
            let text = mutant.to_string().replace("\"stable\"", "\"steady\"");
            mutant = serde_json::from_str(&text).unwrap();
        }
        let new = side(&mutant, &files);
        prop_assume!(new.fleet().is_some());
        if let Some((said, truth, strangers)) = compared((&old, &loader), (&new, &files)) {
            for kind in truth.values().flatten() {
                *counted.borrow_mut().entry(kind).or_default() += 1;
            }
            let texts = || {
                format!("{}\n---\n{}", serde_yaml::to_string(&fleet).unwrap(), serde_yaml::to_string(&mutant).unwrap())
            };
            prop_assert!(said == truth, "said {said:?}\ntrue {truth:?}\n{}", texts());
            prop_assert!(strangers[0] == strangers[1], "strangers: {strangers:?}\n{}", texts());
            let disagreement = crate::trees::disagreement((&old, &loader), (&new, &files));
            prop_assert!(disagreement.is_none(), "{}\n{}", disagreement.unwrap_or_default(), texts());
        }
        Ok(())
    });
    let counted = counted.into_inner();
    if let Err(error) = result {
        panic!("{error}");
    }
    for kind in ["reinstall", "install", "new", "removed", "renamed", "finished", "network", "boot", "cosmetic"] {
        assert!(counted.get(kind).is_some_and(|count| *count > 1), "{kind} is not tried: {counted:?}");
    }
}
