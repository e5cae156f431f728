//! Layers that are put together again for one host end where resolving the whole fleet ended, and say what any reader of
//! YAML finds in the file.

use fleetc::compile::{Compiled, compile};
use fleetc::diag::Levels;
use fleetc::show::show;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use serde_json::Value;

use crate::{example, fleets};

/// What differs between a host as resolved and the last of its layers.
fn differences(compiled: &Compiled) -> Vec<String> {
    let mut differ = Vec::new();
    let Some(fleet) = compiled.resolved() else { return differ };
    for host in &fleet.hosts {
        let layers = compiled.layers(host);
        let Some(last) = layers.last() else {
            differ.push(format!("{} has no layers", host.name.as_str()));
            continue;
        };
        let resolved = format!("{:#?}\n{:#?}\n{:#?}", host.settings, host.labels, host.vars);
        let again = format!("{:#?}\n{:#?}\n{:#?}", last.settings, last.labels, last.vars);
        if let Some((a, b)) = resolved.lines().zip(again.lines()).find(|(a, b)| a != b) {
            differ.push(format!("{}: resolved {a}, again {b}", host.name.as_str()));
        }
        if resolved.lines().count() != again.lines().count() {
            differ.push(format!("{}: one has more", host.name.as_str()));
        }
    }
    differ
}

/// The layers of a host as they stand in the document: defaults, the role's chain, the host.
fn written<'d>(document: &'d Value, host: &str) -> Vec<&'d Value> {
    let own = &document["hosts"][host];
    let role = own["role"].as_str().or(document["defaults"]["role"].as_str());
    let mut chain = vec![own];
    let mut next = role;
    while let Some(role) = next {
        chain.push(&document["roles"][role]);
        next = document["roles"][role]["extends"].as_str();
    }
    chain.push(&document["defaults"]);
    chain.reverse();
    chain
}

/// The settings that are plain values: what holds, and what it overrode, is what the layers have, from the host down.
fn plain_values(compiled: &Compiled, document: &Value) -> Vec<String> {
    let mut differ = Vec::new();
    let Some(fleet) = compiled.resolved() else { return differ };
    for host in &fleet.hosts {
        let shown = show(compiled, fleet, host);
        let layers = written(document, host.name.as_str());
        let ways = ["state", "release", "layout", "interface", "cmdline", "mirror_url", "software_manager"]
            .map(|key| (key.to_string(), vec![key]))
            .into_iter()
            .chain(["rack", "owner", "tier"].map(|key| (format!("labels.{key}"), vec!["labels", key])))
            .chain(["port", "motd", "export"].map(|key| (format!("vars.{key}"), vec!["vars", key])));
        for (name, way) in ways {
            let mut expected: Vec<Value> = Vec::new();
            for layer in &layers {
                let value = way.iter().try_fold(*layer, |value, key| value.get(key));
                // A map that is cleared clears the keys that it had.
                let cleared = layer.get(way[0]).is_some_and(Value::is_null);
                let had = expected.first().is_some_and(|last| !last.is_null());
                expected.splice(0..0, value.cloned().or((cleared && had).then_some(Value::Null)));
            }
            let field = shown.fields.iter().find(|field| field.name() == name);
            let found: Vec<Value> = field
                .into_iter()
                .flat_map(|field| [&field.set].into_iter().chain(&field.superseded))
                .filter(|set| set.file.is_some())
                .map(|set| set.value.clone())
                .collect();
            if found != expected {
                differ.push(format!("{} {name}: {found:?}, expected {expected:?}", host.name.as_str()));
            }
        }
    }
    differ
}

#[test]
fn layers_end_where_resolving_ends() {
    for example in example::all() {
        let compiled = example.compile(&example.text());
        assert!(!compiled.resolved().unwrap().hosts.is_empty());
        assert_eq!(differences(&compiled), [""; 0], "{}", example.name);
        assert_eq!(plain_values(&compiled, &example.document()), [""; 0], "{}", example.name);
    }
}

#[test]
fn layers_end_where_resolving_ends_in_any_fleet() {
    let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let tapes = proptest::collection::vec(proptest::num::u16::ANY, 0..500);
    let result = runner.run(&tapes, |numbers| {
        let mut tape = fleets::Tape::new(&numbers);
        let fleet = fleets::fleet(&mut tape);
        let text = fleets::text(&mut tape, &fleet);
        let compiled = compile("fleet.yaml", text.clone(), "", &fleets::files(), &Levels::default());
        let mut differ = differences(&compiled);
        if compiled.fleet().is_some() {
            differ.extend(plain_values(&compiled, &serde_yaml::from_str(&text).unwrap()));
        }
        if differ.is_empty() { Ok(()) } else { Err(TestCaseError::fail(format!("{differ:#?}\n\n{text}"))) }
    });
    match result {
        Err(TestError::Fail(fault, _)) => panic!("{fault}"),
        other => other.unwrap(),
    }
}

#[test]
fn roles_in_circles_and_roles_that_are_not_there() {
    let base = "version: 1\nserver: { url: http://192.168.1.1 }\ndefaults: { interface: eno1, labels: { a: b } }\n";
    for roles in [
        "roles: { a: { extends: b, cmdline: x }, b: { extends: c }, c: { extends: b, state: installed } }",
        "roles: { a: { extends: a, cmdline: x } }",
        "roles: { a: { extends: b, cmdline: x }, b: { extends: gone, state: installed } }",
        "roles: { a: { extends: b, cmdline: x }, b: [1] }",
        "roles: { a: { extends: [b], cmdline: x } }",
    ] {
        let text = format!("{base}{roles}\nhosts: {{ h: {{ mac: 52:54:00:00:00:01, role: a, state: installed }} }}\n");
        let compiled = compile("fleet.yaml", text, "", &fleets::files(), &Levels::default());
        assert!(compiled.report.has_errors(), "{roles}");
        assert_eq!(differences(&compiled), [""; 0], "{roles}");
    }
}
