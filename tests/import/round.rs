//! Fleets made at random: what is emitted for their machines, imported and emitted again, is the same, byte for byte; and
//! the role that it becomes in another fleet says the same.

use std::cell::Cell;

use fleetc::compile::{Compiled, compile};
use fleetc::diag::{Levels, Report, Sink};
use fleetc::emit::Emission;
use fleetc::import::{self, Known, Setup, Wish};
use fleetc::model::{FromText, Mac, Name};
use fleetc::source::{FileId, Memory, Sources};
use fleetc::tree::{Body, Tree};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::fleets;

/// The installers' templates of a fleet, by the name of the machine; that of machines that are not listed has none.
fn emitted(compiled: &Compiled) -> Vec<(String, String)> {
    let fleet = compiled.fleet().unwrap();
    let tree = Emission::new(fleet, &compiled.sources);
    let mut found = Vec::new();
    for index in 0..tree.len() {
        let file = tree.file(index);
        let Some(folder) = file.path.as_str().strip_suffix("/ister_config.json") else { continue };
        let name = folder.rsplit_once("/static/ister/").map_or("", |(_, name)| name);
        if let Body::Bytes(bytes) = file.body {
            found.push((name.to_string(), String::from_utf8(bytes.into_owned()).unwrap()));
        }
    }
    found
}

/// Imports a template for one machine, and emits it again.
fn again(template: &str, unlisted: bool) -> String {
    let (mut sources, sink) = (Sources::default(), Sink::default());
    let file = sources.add_foreign("ister_config.json", template);
    let wish = Wish {
        name: Name::from_text("again").ok(),
        disk: None,
        macs: if unlisted { Vec::new() } else { vec![Mac::from_text("52:54:00:00:09:01").unwrap()] },
        added: false,
    };
    let mut list = import::ister(template, file, &wish, Setup::default(), &sink);
    import::judge(&mut list, &Known::default(), None, &sink);
    let report = Report::plain(sink, &Levels::default());
    assert!(report.findings.is_empty(), "{template}{:#?}", report.findings);
    let mut files = import::new_fleet(&list, "ister_config.json");
    // The text of the service is a stand-in, so the machine is not installed yet.
    let mut fleet = files.remove("fleet.yaml").unwrap().replace("\n  state: installed\n", "\n");
    if unlisted {
        fleet = fleet.replace("unknown: refuse ", "unknown: { install: again } ");
    }
    let memory = Memory::new(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let compiled = compile("fleet.yaml", fleet.clone(), "", &memory, &Levels::default());
    assert!(compiled.fleet().is_some(), "{template}{fleet}{:#?}", compiled.report.findings);
    import::verify(&list, compiled.resolved().unwrap()).unwrap_or_else(|why| panic!("{why}\n{template}{fleet}"));
    let mut all = emitted(&compiled);
    assert_eq!(all.len(), 1, "{fleet}");
    all.remove(0).1
}

#[test]
fn what_is_emitted_comes_back_the_same() {
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (templates, keys) = (Cell::new(0), std::cell::RefCell::new(std::collections::BTreeSet::new()));
    let tapes = prop::collection::vec(any::<u16>(), 0..400);
    let result = runner.run(&tapes, |numbers| {
        let fleet = fleets::fleet(&mut fleets::Tape::new(&numbers)).to_string();
        let compiled = compile("fleet.yaml", fleet, "", &fleets::files(), &Levels::default());
        if compiled.fleet().is_none() {
            return Ok(());
        }
        for (name, template) in emitted(&compiled) {
            prop_assert_eq!(&again(&template, name.is_empty()), &template);
            templates.set(templates.get() + 1);
            let json: serde_json::Value = serde_json::from_str(&template).unwrap();
            keys.borrow_mut().extend(json.as_object().unwrap().keys().cloned());
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(templates.get() > 200, "{}", templates.get());
    // Every key that there is came by.
    assert_eq!(keys.borrow().len(), 23, "{keys:?}");
}

/// What is peculiar to a machine, and to the service of its fleet, is in no role.
fn of_a_role(template: &str) -> String {
    let mut json: serde_json::Value = serde_json::from_str(template).unwrap();
    let map = json.as_object_mut().unwrap();
    ["Hostname", "Static_IP", "IsterCloudInitSvc"].into_iter().for_each(|key| drop(map.remove(key)));
    json.to_string()
}

#[test]
fn a_role_in_another_fleet_says_the_same() {
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (added, cleared) = (Cell::new(0), Cell::new(0));
    let tapes = || prop::collection::vec(any::<u16>(), 0..400);
    let result = runner.run(&(tapes(), tapes()), |(one, other)| {
        let fleet = |text: String| compile("fleet.yaml", text, "", &fleets::files(), &Levels::default());
        let source = fleet(fleets::fleet(&mut fleets::Tape::new(&one)).to_string());
        let mut tape = fleets::Tape::new(&other);
        let base = fleets::fleet(&mut tape);
        let base = fleets::text(&mut tape, &base);
        let there = fleet(base.clone());
        let Some((_, template)) = source.fleet().and_then(|_| emitted(&source).pop()) else { return Ok(()) };
        let Some(known) = there.fleet() else { return Ok(()) };
        let template = of_a_role(&template);
        let (mut sources, sink) = (Sources::default(), Sink::default());
        let file = sources.add_foreign("ister_config.json", template.as_str());
        let wish = Wish { name: Name::from_text("new").ok(), added: true, ..Wish::default() };
        let mut list = import::ister(&template, file, &wish, Setup::default(), &sink);
        import::judge(&mut list, &Known::default(), Some(known), &sink);
        import::against(&list, known, &sink);
        prop_assert!(sink.is_empty());
        let Ok(after) = import::add(&base, FileId(0), &list) else { return Ok(()) };
        let new = fleet(after.clone());
        let new = new.resolved().unwrap();
        let role = new.roles.iter().find(|role| role.name.as_str() == "new").unwrap();
        let found = fleetc::emit::ister::template_of_role(new, role).unwrap();
        prop_assert_eq!(&of_a_role(&String::from_utf8(found).unwrap()), &template, "{}", after);
        prop_assert!(import::verify(&list, new).is_ok());
        added.set(added.get() + 1);
        cleared.set(cleared.get() + usize::from(after.matches("null").count() > base.matches("null").count()));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    assert!(added.get() > 50 && cleared.get() > 20, "{} {}", added.get(), cleared.get());
}
