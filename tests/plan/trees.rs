//! A plan against a built tree says what a plan against the fleet that it was built from says.

use std::collections::{BTreeMap, BTreeSet};

use fleetc::compile::Compiled;
use fleetc::emit::Emission;
use fleetc::plan::{Built, Plan, Side, plan, plan_from_tree};
use fleetc::publish::Manifest;
use fleetc::publish::manifest::{Checksum, Entry, Origin};
use fleetc::source::Memory;
use fleetc::tree::Tree;
use sha2::Digest;

use crate::example;

/// The manifest that a build would write, and the files.
pub fn built(compiled: &Compiled, loader: &Memory) -> (Manifest, Memory) {
    let files = example::tree(compiled, loader).unwrap();
    let emission = Emission::new(compiled.fleet().unwrap(), &compiled.sources);
    let entries = (0..emission.len()).map(|index| {
        let file = emission.file(index);
        let bytes = &files[file.path.as_str()];
        let sha256 = Checksum(sha2::Sha256::digest(bytes).into());
        Entry {
            path: file.path.clone(),
            size: bytes.len() as u64,
            sha256,
            origin: Origin::from(emission.origin(index)),
        }
    });
    let manifest = Manifest { version: 1, files: entries.collect() };
    (manifest, Memory { files })
}

type Says = BTreeMap<String, (BTreeSet<&'static str>, BTreeSet<&'static str>, Vec<String>, Vec<String>)>;

fn says(plan: &Plan) -> Says {
    let each = plan.hosts.iter().map(|change| {
        let moved = change.moved.iter().map(|card| format!("{} {} {}", card.mac, card.from, card.to)).collect();
        let unlisted = change.unlisted.iter().map(|mac| mac.colons()).collect();
        let kinds = change.kinds.iter().map(|kind| kind.word()).collect();
        (change.host.to_string(), (kinds, change.fields.iter().copied().collect(), unlisted, moved))
    });
    let strangers = plan.unlisted.iter().map(|unlisted| {
        let kinds = unlisted.kinds.iter().map(|kind| kind.word()).collect();
        let fields = unlisted.fields.iter().copied().collect();
        ("(unlisted)".to_string(), (kinds, fields, vec![unlisted.now.clone()], Vec::new()))
    });
    each.chain(strangers).collect()
}

/// What the plans disagree on; none when they agree.
pub fn disagreement(old: (&Compiled, &Memory), new: (&Compiled, &Memory)) -> Option<String> {
    let sides = [old, new].map(|(compiled, loader)| Side::new(compiled.fleet().unwrap(), &compiled.sources, loader));
    let known = says(&plan(Some(&sides[0]), &sides[1]));
    let (manifest, files) = built(old.0, old.1);
    let tree = Built::read(&manifest, Some(&files), "the tree").unwrap();
    let whole = plan_from_tree(&tree, &sides[1]).unwrap();
    for change in &whole.hosts {
        assert!(!change.because.is_empty() && !change.fields.is_empty(), "{change:?}");
    }
    let whole = says(&whole);
    if whole != known {
        return Some(format!("the tree says {whole:#?}\nthe fleet says {known:#?}"));
    }
    let alone = Built::read(&manifest, None, "the manifest").unwrap();
    let alone = says(&plan_from_tree(&alone, &sides[1]).unwrap());
    // A manifest alone may know less of what differs, never less of who is touched or wiped.
    let nameless = |host: &String| host.contains(':');
    let some_nameless = alone.keys().any(nameless);
    for (host, (kinds, ..)) in &known {
        if kinds.contains("removed") && some_nameless {
            continue;
        }
        if kinds.contains("network") || kinds.contains("renamed") {
            // There a machine that has its system is known by its cards alone.
            continue;
        }
        let Some((said, ..)) = alone.get(host) else {
            return Some(format!("the manifest alone does not tell of {host}: {kinds:?}\n{alone:#?}"));
        };
        for kind in ["reinstall", "new", "removed", "finished"] {
            if kinds.contains(kind) != said.contains(kind) {
                return Some(format!("{kind} of {host}: the fleet says {kinds:?}, the manifest alone {said:?}"));
            }
        }
    }
    // Where the entry is another, all that the manifest tells is that every machine may run other lines of it.
    let entry = known.contains_key("(unlisted)") || known.values().any(|(_, fields, ..)| fields.contains("server"));
    let other = alone.keys().find(|host| !known.contains_key(*host)).filter(|_| !entry && !some_nameless);
    other.map(|host| format!("the manifest alone tells of {host} without a reason: {alone:#?}\n{known:#?}"))
}
