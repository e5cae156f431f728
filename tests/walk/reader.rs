//! The second reader's opinion: how each machine can end, from `support/ipxe.rs` alone.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use serde_json::Value;

use crate::ipxe::{Boot, End, Machine, every_walk};
use crate::tree::Files;

/// Cards that no fleet lists.
pub const UNLISTED: [&str; 2] = ["52:54:00:ff:ff:01", "52:54:00:ff:ff:02"];

/// A machine, and what it is to become.
#[derive(Clone, Debug)]
pub struct Case {
    pub machine: Machine,
    /// The host whose script is its own; none for a machine that must not be installed, or is not listed.
    pub host: Option<String>,
    /// Whether it is to be installed.
    pub installs: bool,
}

/// Every machine of a fleet, and of its neighbourhood. `hosts` are name, cards, whether it installs.
pub fn cases(hosts: &[(String, Vec<String>, bool)], unlisted_installs: bool) -> Vec<Case> {
    let mut found = Vec::new();
    let case = |booted: usize, cards: &[String], host: Option<&String>, installs: bool| Case {
        machine: Machine { booted, cards: cards.to_vec() },
        host: host.cloned(),
        installs,
    };
    for (name, cards, installs) in hosts {
        let other = [UNLISTED[0].to_string()];
        for booted in 0..cards.len() {
            found.push(case(booted, cards, Some(name), *installs));
            // The card that booted need not be the first.
            found.push(case(booted + 1, &[&other[..], cards].concat(), Some(name), *installs));
        }
        // A card that is not listed boots a listed machine: first or last of its cards.
        found.push(case(0, &[&other[..], cards].concat(), None, false));
        found.push(case(cards.len(), &[cards, &other[..]].concat(), None, false));
    }
    let unlisted = UNLISTED.map(str::to_string);
    for booted in 0..2 {
        found.push(case(booted, &unlisted[..=booted], None, unlisted_installs));
    }
    found
}

thread_local! {
    /// Whether a panic is an answer, and not a failure of the test.
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

/// Says nothing of panics by which the second reader refuses a script.
pub fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let say = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !ASKED.get() {
                say(info);
            }
        }));
    });
}

/// How a machine ends, for each set of failures: none for a script that this reader does not know to read.
pub fn ends(case: &Case, url: &str, files: &Files) -> Option<Vec<End>> {
    let entry = format!("{url}/ipxe_boot_script.txt");
    let mut fetch = |asked: &str| {
        let known = asked.strip_prefix(url).and_then(|path| files.0.get(path.strip_prefix('/')?)).cloned();
        let script = asked.ends_with(".ipxe") || asked.ends_with(".txt");
        known.or_else(|| (!script).then(Vec::new))
    };
    ASKED.set(true);
    let walks = catch_unwind(AssertUnwindSafe(|| every_walk(&case.machine, &entry, &mut fetch)));
    ASKED.set(false);
    let walks = walks.ok()?;
    Some(walks.into_iter().map(|walk| walk.end).collect())
}

/// What a machine that is to be installed starts, by the fleet file as any reader of YAML sees it.
pub struct Expected {
    /// By host; the empty name stands for machines that are not listed.
    boots: BTreeMap<String, BTreeSet<(String, String, String)>>,
}

impl Expected {
    /// What machines start in a tree that is right.
    pub fn of(cases: &[Case], url: &str, files: &Files) -> Expected {
        let mut boots: BTreeMap<String, BTreeSet<(String, String, String)>> = BTreeMap::new();
        for case in cases.iter().filter(|case| case.installs) {
            let ends = ends(case, url, files).unwrap();
            let End::Boot(boot) = &ends[0] else { panic!("{case:?} does not install") };
            boots.entry(case.host.clone().unwrap_or_default()).or_default().insert(parts(boot).unwrap());
        }
        assert!(boots.values().all(|boots| boots.len() == 1), "{boots:#?}");
        Expected { boots }
    }

    /// What is wrong with how a machine ends.
    pub fn fault(&self, case: &Case, ends: &[End]) -> Option<String> {
        let own = self.boots.get(case.host.as_deref().unwrap_or_default()).filter(|_| case.installs);
        for end in ends {
            if let End::Boot(boot) = end {
                let right = parts(boot).is_some_and(|parts| own.is_some_and(|own| own.contains(&parts)));
                if !right {
                    return Some(format!("{:?} starts {boot:?}", case.machine));
                }
            }
        }
        let smooth = matches!(ends[0], End::Boot(_));
        (case.installs && !smooth).then(|| format!("{:?} is not installed", case.machine))
    }
}

/// Kernel, command line without the name of the initrd, initrd; none when the kernel would not find its one initrd.
fn parts(boot: &Boot) -> Option<(String, String, String)> {
    let [(name, initrd)] = &boot.images[..] else { return None };
    let line = boot.line.strip_prefix(&format!("initrd={name} "))?;
    Some((boot.kernel.clone(), line.to_string(), initrd.clone()))
}

/// The hosts of a fleet file: name, cards, whether it installs; and whether machines that are not listed do.
pub fn listed(fleet: &fleetc::model::Fleet) -> (Vec<(String, Vec<String>, bool)>, bool) {
    let hosts = fleet.hosts.iter().map(|host| {
        let cards = host.macs.iter().map(|mac| mac.colons()).collect();
        (host.name.as_str().to_string(), cards, host.installs())
    });
    (hosts.collect(), fleet.unknown_role().is_some())
}

/// What a command line names, for a first look that needs no reader at all.
pub fn isterconf(line: &str) -> Vec<&str> {
    line.split(' ').filter_map(|word| word.strip_prefix("isterconf=")).collect()
}

/// The value of a JSON file.
pub fn json(files: &Files, path: &str) -> Value {
    serde_json::from_slice(&files.0[path]).unwrap()
}
