//! Any `config.txt` against a model of the service: what was imported answers as the service did, and what is not was
//! reported.

use std::collections::{BTreeMap, BTreeSet};

use fleetc::compile::compile;
use fleetc::diag::{Level, Levels, Report, Sink};
use fleetc::emit::Emission;
use fleetc::import::{self, Known, Pattern, Repairs, RoleFile};
use fleetc::source::{Memory, Sources};
use fleetc::tree::{Body, Tree};
use proptest::prelude::*;

use crate::service::Service;

const TEXT: &str = "#!/bin/sh\necho {{ $1 }} {% b\n";

/// Rows that are right, and rows with what people and programs do to them.
fn row() -> impl Strategy<Value = String> {
    let card = (0_u8..6).prop_map(|number| format!("52:54:00:00:00:a{number}"));
    let written = (card, 0..14).prop_map(|(card, how)| match how {
        0 => card.to_uppercase(),
        1 => card.replace(':', "-"),
        2 => format!(" {card}"),
        3 => format!("{card} "),
        4 => format!("{card}:00"),
        5 => card[..11].to_string(),
        6 => "default".to_string(),
        7 => "defaults".to_string(),
        8 => "#52:54:00:00:00:a0".to_string(),
        _ => card,
    });
    let role = prop_oneof![
        6 => Just(",compute"), 3 => Just(",storage"), 1 => Just(", compute"), 1 => Just(",compute ,x"), 1 => Just(""),
        1 => Just(","), 1 => Just(",nobody"), 1 => Just(",compute,x"), 1 => Just(",a b"), 1 => Just(",ž"),
    ];
    (written, role).prop_map(|(key, role)| format!("{key}{role}"))
}

fn config() -> impl Strategy<Value = String> {
    let ending = prop_oneof![6 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n"), 1 => Just(" \t\n")];
    prop::collection::vec((row(), ending), 0..8).prop_map(|rows| rows.into_iter().map(|(row, end)| row + end).collect())
}

/// The tree of an import, by path, and the lines of `config.txt` that were reported; no tree when there was an error.
fn imported(
    config: &str,
    service: &Service<'_>,
    repairs: Repairs,
) -> (Option<BTreeMap<String, Vec<u8>>>, BTreeSet<u32>) {
    let mut sources = Sources::default();
    let sink = Sink::default();
    let file = sources.add_foreign("config.txt", config);
    let roles: Vec<RoleFile> = service
        .roles
        .iter()
        .map(|(name, text)| RoleFile {
            name: name.clone(),
            text: Some((text.clone(), sources.add_foreign(name, text.as_str()))),
        })
        .collect();
    let mut list = import::icis(config, file, &roles, repairs, &sink);
    let known = Known { names: Pattern::read("node-#").ok(), ..Known::default() };
    import::judge(&mut list, &known, None, &sink);
    let report = Report::plain(sink, &Levels::default());
    let places = report.findings.iter().map(|finding| finding.diagnostic.place.span).filter(|span| span.file == file);
    let lines = places.map(|span| sources.get(file).line_of(span.start)).collect();
    if report.findings.iter().any(|finding| finding.level == Level::Error) {
        return (None, lines);
    }
    let mut files = import::new_fleet(&list, "config.txt");
    let fleet = files.remove("fleet.yaml").unwrap();
    let memory = Memory::new(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let compiled = compile("fleet.yaml", fleet, "", &memory, &Levels::default());
    let fleet = compiled.fleet().unwrap_or_else(|| panic!("{config}{:#?}", compiled.report));
    import::verify(&list, fleet).unwrap();
    let tree = Emission::new(fleet, &compiled.sources);
    let bytes = |index: usize| {
        let file = tree.file(index);
        let Body::Bytes(bytes) = file.body else { panic!("a copy") };
        (file.path.as_str().to_string(), bytes.into_owned())
    };
    (Some((0..tree.len()).map(bytes).collect()), lines)
}

fn service(config: &str) -> Service<'_> {
    let roles = ["compute", "storage"].map(|role| (role.to_string(), format!("{TEXT}# {role}\n")));
    Service { config, roles: BTreeMap::from(roles) }
}

/// The line (from 1) with which the service answers a card itself.
fn line_of(config: &str, card: &str) -> Option<u32> {
    config.split('\n').position(|line| line.starts_with(card)).map(|index| index as u32 + 1)
}

fn cards() -> impl Iterator<Item = String> {
    (0..6).map(|number| format!("52:54:00:00:00:a{number}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn what_is_imported_answers_as_the_service_did(config in config()) {
        let service = service(&config);
        let (tree, reported) = imported(&config, &service, Repairs::default());
        for card in cards() {
            let line = line_of(&config, &card);
            let quiet = line.is_some_and(|line| !reported.contains(&line));
            let answered = service.installed_with(&card);
            // A row of which nothing is said is one with which the service installed the machine.
            if quiet {
                // A role without a file is reported once, with its first row.
                let nobody = |line: &str| line.split(',').nth(1).is_some_and(|role| role.trim() == "nobody");
                let mut lines = (1..).zip(config.split('\n'));
                let with_nobody = answered == Err("no role \"nobody\"".to_string())
                    && lines.any(|(number, line)| nobody(line) && reported.contains(&number));
                prop_assert!(matches!(answered, Ok(Some(_))) || with_nobody, "{config}{card}: {answered:?}");
            }
            let Some(tree) = &tree else { continue };
            let found = tree.get(&format!("icis/get_config/{card}"));
            prop_assert_eq!(found.is_some(), line.is_some(), "{}{}", config, card);
            if let (Some(found), Ok(Some((role, text)))) = (found, answered) {
                if quiet {
                    prop_assert_eq!(found, &service.config(&card).body);
                }
                let answer: serde_json::Value = serde_json::from_slice(found).unwrap();
                prop_assert_eq!(answer["role"].as_str(), Some(role.as_str()));
                prop_assert_eq!(&tree[&format!("icis/get_role/{role}")], &text.into_bytes());
            }
        }
        // Whatever stands in another row than these, and is no comment, was reported.
        let live: BTreeSet<u32> = cards().filter_map(|card| line_of(&config, &card)).collect();
        let last = config.split('\n').enumerate().filter(|(_, line)| line.starts_with("default")).last();
        for (index, line) in config.split('\n').enumerate() {
            let number = index as u32 + 1;
            let says = !line.trim().is_empty() && !line.starts_with('#');
            if says && !live.contains(&number) && last.is_none_or(|(default, _)| default != index) {
                prop_assert!(reported.contains(&number), "{config}line {number}");
            }
        }
    }

    #[test]
    fn repairs_leave_nothing_out(config in config()) {
        let mut repairs = Repairs::default();
        prop_assert!(repairs.add("all"));
        let service = service(&config);
        let (tree, _) = imported(&config, &service, repairs);
        let Some(tree) = tree else { return Ok(()) };
        for card in cards() {
            // Every way of writing the address, but for what is longer or shorter.
            let listed = config.split('\n').filter(|line| !line.starts_with('#')).any(|line| {
                let key = line.split(',').next().unwrap_or_default().trim();
                key.to_lowercase().replace('-', ":") == card
            });
            prop_assert_eq!(tree.contains_key(&format!("boot/{}.ipxe", card.replace(':', "-"))), listed, "{}{}", config, card);
        }
    }
}
