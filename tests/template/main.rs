//! The installer's templates, judged by a second reading of the contract: those of the examples, and those of fleets
//! made at random. What `check` accepts, installs.
#![allow(clippy::unwrap_used)]

mod judge;

#[path = "../support/example.rs"]
mod example;
#[path = "../support/fleets/mod.rs"]
mod fleets;
#[path = "../support/installer.rs"]
mod installer;
#[path = "../support/ipxe.rs"]
mod ipxe;
#[path = "../support/ister.rs"]
mod ister;
#[path = "../support/meaning.rs"]
mod meaning;

use std::cell::RefCell;
use std::collections::BTreeMap;

use fleetc::compile::{Compiled, compile};
use fleetc::diag::{Level, Levels};
use fleetc::source::{Disk, Loader};
use ipxe::{Boot, End, Machine};
use ister::Broken;
use meaning::Meaning;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use serde_json::Value;

type Files = BTreeMap<String, Vec<u8>>;

/// Holds everything that a fleet without errors promises against its tree.
fn judge(document: &Value, compiled: &Compiled, loader: &dyn Loader) -> Result<(), String> {
    let files = example::tree(compiled, loader).ok_or("the fleet has errors")?;
    let meaning = Meaning(document);
    let machines = meaning.installations();
    let templates: BTreeMap<&str, Value> = example::templates(&files).collect();
    let paths: Vec<&str> = machines.keys().map(String::as_str).collect();
    if templates.keys().copied().collect::<Vec<_>>() != paths {
        return Err(format!("templates {:?}, and machines {paths:?}", templates.keys()));
    }
    for (path, machine) in &machines {
        let (template, around) = (&templates[path.as_str()], meaning.around(machine));
        let mut broken = ister::validate(template);
        broken.extend(ister::traps(template, &around));
        let (warnings, faults): (Vec<Broken>, Vec<Broken>) = broken.into_iter().partition(|broken| broken.warning);
        if !faults.is_empty() {
            return Err(format!("{path}: {faults:#?}"));
        }
        if !warnings.is_empty() && compiled.report.count(Level::Warn) == 0 {
            return Err(format!("{path}: nobody warns of {warnings:#?}"));
        }
        let expected = meaning.template(machine);
        let found = without_hook(template, machine, &meaning, &files);
        if found != expected {
            return Err(format!("{path}: {found:#}\nis to be {expected:#}"));
        }
    }
    for name in document["hosts"].as_object().unwrap().keys() {
        walk(&meaning, name, &files)?;
    }
    unlisted(&meaning, &files)
}

/// A template without the hook that fetches the role of a machine that is not listed; it must be there.
fn without_hook(template: &Value, machine: &meaning::Machine, meaning: &Meaning<'_>, files: &Files) -> Value {
    let mut template = template.clone();
    if machine.name.is_none() && machine.has_text {
        let path = format!("{}/get_role/{}", meaning.service(), machine.role);
        assert!(files.contains_key(&path), "{path}");
        let url = format!("\"{}/{path}\"", meaning.url());
        let hooks = template["PostNonChrootShell"].as_array_mut().unwrap();
        let hook = hooks.remove(0);
        assert!(hook.as_str().unwrap().contains(&url), "{hook}");
        if hooks.is_empty() {
            template.as_object_mut().unwrap().remove("PostNonChrootShell");
        }
    }
    template
}

/// A file at a URL: of the tree, of another server, or a boot file that the admin puts beside the tree.
fn at(url: &str, meaning: &Meaning<'_>, files: &Files) -> Option<Vec<u8>> {
    match url.strip_prefix(meaning.url()).and_then(|path| path.strip_prefix('/')) {
        Some(path) => files.get(path).cloned().or_else(|| meaning.boot_files().contains(path).then(Vec::new)),
        None => Some(Vec::new()),
    }
}

/// The kernels that a machine can reach, whatever fails on its way.
fn reachable(meaning: &Meaning<'_>, files: &Files, machine: &Machine) -> Vec<Boot> {
    let entry = format!("{}/ipxe_boot_script.txt", meaning.url());
    let walks = ipxe::every_walk(machine, &entry, &mut |url| at(url, meaning, files));
    walks.into_iter().filter_map(|walk| if let End::Boot(boot) = walk.end { Some(boot) } else { None }).collect()
}

/// Walks a host from the entry script, by each of its cards.
fn walk(meaning: &Meaning<'_>, name: &str, files: &Files) -> Result<(), String> {
    let host = meaning.host(name);
    for booted in 0..host.macs.len() {
        let machine = Machine { booted, cards: host.macs.clone() };
        match (&reachable(meaning, files, &machine)[..], host.installs()) {
            ([], false) => {}
            ([boot], true) => {
                for mac in &host.macs {
                    let done = installer::install(boot, mac, &mut |url| at(url, meaning, files))?;
                    if done.role.is_some() != host.has_text || done.template["Hostname"] != name {
                        return Err(format!("{name}: {done:#?}"));
                    }
                }
            }
            (boots, installs) => return Err(format!("{name} is to install: {installs}; it can boot {boots:#?}")),
        }
    }
    Ok(())
}

/// Walks a machine that is not listed.
fn unlisted(meaning: &Meaning<'_>, files: &Files) -> Result<(), String> {
    let card = "52:54:00:ff:ff:01".to_string();
    let boots = reachable(meaning, files, &Machine { booted: 0, cards: vec![card.clone()] });
    match (&boots[..], meaning.0["unknown"]["install"].as_str()) {
        ([], None) => Ok(()),
        ([boot], Some(_)) => installer::install(boot, &card, &mut |url| at(url, meaning, files)).map(drop),
        (boots, role) => Err(format!("machines that are not listed get {role:?}, and can boot {boots:#?}")),
    }
}

#[test]
fn the_templates_of_the_examples_are_sound() {
    for example in example::all() {
        let compiled = example.compile(&example.text());
        let judged = judge(&example.document(), &compiled, &Disk::new(&example.folder));
        assert_eq!(judged, Ok(()), "{}", example.name);
    }
}

/// How many fleets are made.
const FLEETS: u32 = 1000;

#[test]
fn what_check_accepts_installs() {
    let config = Config { cases: FLEETS, failure_persistence: None, max_shrink_iters: 4000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let accepted = RefCell::new(Features::default());
    let loader = fleets::files();
    let tapes = proptest::collection::vec(proptest::num::u16::ANY, 0..500);
    let result = runner.run(&tapes, |numbers| {
        let mut tape = fleets::Tape::new(&numbers);
        let fleet = fleets::fleet(&mut tape);
        let text = fleets::text(&mut tape, &fleet);
        let compiled = compile("fleet.yaml", text.clone(), "", &loader, &Levels::default());
        let mut accepted = accepted.borrow_mut();
        accepted.made += 1;
        if compiled.fleet().is_some() {
            accepted.count(&fleet);
            judge(&fleet, &compiled, &loader).map_err(|fault| TestCaseError::fail(format!("{fault}\n\n{text}")))?;
        } else {
            assert!(compiled.report.has_errors(), "no fleet, and no error");
        }
        Ok(())
    });
    // The tape itself says nothing to people.
    match result {
        Err(TestError::Fail(fault, _)) => panic!("{fault}"),
        other => other.unwrap(),
    }
    accepted.into_inner().judge();
}

/// What the accepted fleets have used, so that the law is not kept by rejecting everything.
#[derive(Default)]
struct Features {
    made: u32,
    accepted: u32,
    seen: BTreeMap<&'static str, u32>,
}

const FEATURES: [&str; 14] = [
    "\"address\":",
    "\"encryption\":",
    "\"keep\":true",
    "\"force_unit\":true",
    "\"legacy_bios\":true",
    "\"keep_partition_table\":true",
    "\"extends\":",
    "\"remove\":",
    "\"post_nonchroot_shell\":",
    "\"state\":\"installed\"",
    "\"unknown\":{\"install\"",
    "\"uid\":",
    "\"file\":\"boot/linux\"",
    "\"cloud_config\":null",
];

impl Features {
    fn count(&mut self, fleet: &Value) {
        self.accepted += 1;
        let text = fleet.to_string();
        for feature in FEATURES.into_iter().filter(|feature| text.contains(feature)) {
            *self.seen.entry(feature).or_default() += 1;
        }
    }

    fn judge(&self) {
        assert!(self.accepted * 4 >= self.made, "only {} of {} fleets were accepted", self.accepted, self.made);
        for feature in FEATURES {
            let seen = self.seen.get(feature).copied().unwrap_or(0);
            assert!(seen >= 3, "only {seen} of {} accepted fleets have {feature}: {:#?}", self.accepted, self.seen);
        }
    }
}
