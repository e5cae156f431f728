//! What the formats of reports promise to those who read them: places, schemas, paths, fingerprints, silence on secrets.
//!
//! The schemas beside this file are other people's: `sarif-schema-2.1.0.json` is that of OASIS, as the package
//! `serde-sarif` 0.8.0 of crates.io has it (`src/schema.json`); `junit-10.xsd` is that of Jenkins' xUnit plugin, as the
//! package `pytest` 9.2.0 of PyPI has it (`testing/example_scripts/junit-10.xsd`).
#![allow(clippy::unwrap_used)]

mod book;
#[path = "../support/changed.rs"]
mod changed;
mod fingerprints;
#[path = "../support/imported.rs"]
mod imported;
mod junit;
mod paths;
mod places;
mod sarif;
mod secrets;

#[path = "../support/program.rs"]
mod program;

use std::collections::BTreeMap;

use fleetc::compile::{Compiled, compile};
use fleetc::diag::{Levels, Page};
use fleetc::plan::{Overrides, Side, judge, plan};
use fleetc::report::{Format, Style, render};
use fleetc::rules::RULES;
use fleetc::source::Memory;
use serde_json::Value;

const BASE: &str = include_str!("../rules/base.yaml");

/// Compiles a fleet file with files beside it.
fn compiled(fleet: &str, files: &[(&str, &str)]) -> Compiled {
    compile("fleet.yaml", fleet.to_string(), "", &Memory::new(files.iter().copied()), &Levels::default())
}

fn drawn(format: Format, compiled: &Compiled, style: &Style) -> String {
    let mut out = Vec::new();
    render(format, &compiled.report, &compiled.sources, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn json(format: Format, compiled: &Compiled, style: &Style) -> Value {
    serde_json::from_str(&drawn(format, compiled, style)).unwrap()
}

/// Where there is a book.
const BOOK: Style<'static> = Style { book: Some("https://fleet.example/book"), ..Style::PLAIN };

/// Fleets with findings of every kind: the examples of all rules, a clean fleet, and one that is no YAML at all.
fn fleets() -> Vec<Compiled> {
    let mut fleets = vec![compiled(BASE, &[]), compiled("\u{0}: [\u{1b}", &[]), compiled("", &[])];
    fleets.extend(RULES.iter().map(|rule| {
        let blocks = Page::of(rule).blocks("Example");
        let fleet = blocks.iter().find(|block| block.file == "fleet.yaml").map_or(BASE, |block| &block.text);
        let files: Vec<(&str, &str)> = blocks.iter().map(|block| (block.file.as_str(), block.text.as_str())).collect();
        let mut after = compiled(&whole(fleet), &files);
        if let Some(before) = blocks.iter().find(|block| block.file == "before.yaml") {
            let before = compiled(&whole(&before.text), &files);
            let nothing = Memory::default();
            let sides = [&before, &after].map(|one| Side::new(one.fleet().unwrap(), &one.sources, &nothing));
            let plan = plan(Some(&sides[0]), &sides[1]);
            let judged = judge(&plan, Some(&sides[0]), &sides[1], &Overrides::default());
            drop(sides);
            (after.report, after.sources) = (judged.report, judged.sources);
        }
        let files = blocks.iter().filter_map(|block| Some((block.file.strip_prefix("tree/")?, &block.text)));
        let files: BTreeMap<String, Vec<u8>> =
            files.map(|(path, text)| (path.to_string(), text.clone().into_bytes())).collect();
        if !files.is_empty() {
            changed::judge(&mut after, files);
        }
        let files = blocks.iter().map(|block| (block.file.clone(), block.text.clone().into_bytes()));
        imported::judge(&mut after, &files.collect());
        after
    }));
    fleets
}

/// An excerpt of a fleet file, completed with the sections of the base that it does not have.
fn whole(excerpt: &str) -> String {
    let key = |line: &str| line.split(':').next().unwrap_or_default().to_string();
    let starts = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
    let mine: Vec<String> = excerpt.lines().filter(starts).map(key).collect();
    let mut text = excerpt.to_string();
    let mut keep = true;
    for line in BASE.split_inclusive('\n') {
        if starts(&line) {
            keep = !mine.contains(&key(line));
        }
        if keep {
            text.push_str(line);
        }
    }
    text
}

#[test]
fn the_fleets_have_findings_of_every_rule() {
    let fleets = fleets();
    let found = |id: &str| {
        fleets.iter().any(|fleet| fleet.report.findings.iter().any(|finding| finding.diagnostic.rule.id == id))
    };
    let missing: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|id| !found(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_same_findings_are_the_same_bytes() {
    for (name, format, _) in fleetc::report::FORMATS {
        for (before, after) in fleets().iter().zip(&fleets()) {
            assert_eq!(drawn(*format, before, &BOOK), drawn(*format, after, &BOOK), "{name}");
        }
    }
}
