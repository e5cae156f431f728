//! Every rule, for ever: its Example reports exactly it, on exactly the marked lines; its Instead reports nothing.
//! The files beside this one hold what no page can show.

#[path = "../support/changed.rs"]
mod changed;
mod first_boot;
mod fleets;
mod handover;
mod hygiene;
#[path = "../support/imported.rs"]
mod imported;
mod ipxe;
mod machines;
#[path = "../support/part.rs"]
mod part;
mod release;
mod secrets;
mod software;
mod storage;
mod suppression;

use std::collections::{BTreeMap, BTreeSet};

use fleetc::compile::{Compiled, compile};
use fleetc::diag::{Block, Levels, Page, Rule};
use fleetc::plan::{Overrides, Side, judge, plan};
use fleetc::rules::RULES;
use fleetc::source::Memory;

const BASE: &str = include_str!("base.yaml");

/// Splits a fleet file into its sections: everything from one key at the margin to the next.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let key = line.split(':').next().unwrap_or_default();
        let starts = !line.starts_with([' ', '#', '\n', '\r', '-', '\t']) && line.contains(':');
        match sections.last_mut() {
            Some((_, body)) if !starts => body.push_str(line),
            _ => sections.push((key.to_string(), line.to_string())),
        }
    }
    sections
}

/// An excerpt of a fleet file, completed with the sections of the base that it does not have.
fn whole(excerpt: &str) -> String {
    let mine = sections(excerpt);
    let has = |key: &str| mine.iter().any(|(name, _)| name == key);
    let rest: String = sections(BASE).into_iter().filter(|(key, _)| !has(key)).map(|(_, body)| body).collect();
    format!("{excerpt}{rest}")
}

fn run(blocks: &[Block]) -> (Compiled, BTreeSet<(String, u32)>) {
    let mut memory = Memory::default();
    let mut fleet = whole("");
    // What a change started from: its plan is judged besides.
    let mut before = None;
    let mut marked = BTreeSet::new();
    // What the tree has in the place of what is built.
    let mut changed = BTreeMap::new();
    for block in blocks {
        let mut text = String::new();
        for (index, line) in block.text.lines().enumerate() {
            let clean = line.trim_end().strip_suffix("# <-").map(str::trim_end);
            if clean.is_some() {
                marked.insert((block.file.clone(), index as u32 + 1));
            }
            text.push_str(clean.unwrap_or(line));
            text.push('\n');
        }
        if let Some(path) = block.file.strip_prefix("tree/") {
            changed.insert(path.to_string(), text.into_bytes());
        } else if block.file == "fleet.yaml" || block.file == "before.yaml" {
            let text = whole(&text);
            if block.file == "before.yaml" {
                before = Some(text);
            } else {
                fleet = text;
            }
        } else {
            memory.files.insert(block.file.clone(), text.into_bytes());
        }
    }
    let compile = |text| compile("fleet.yaml", text, "", &memory, &Levels::default());
    let mut compiled = compile(fleet);
    if let Some(before) = before.map(compile) {
        compiled.report = judged(&before, &compiled, &memory);
    }
    if !changed.is_empty() {
        changed::judge(&mut compiled, changed);
    }
    imported::judge(&mut compiled, &memory.files);
    (compiled, marked)
}

/// What guards say of a change. Their places are in the fleet after it.
fn judged(before: &Compiled, after: &Compiled, memory: &Memory) -> fleetc::diag::Report {
    let sides = [before, after].map(|compiled| {
        assert!(compiled.report.findings.is_empty(), "{:#?}", found(compiled));
        Side::new(compiled.fleet().expect("a fleet without findings"), &compiled.sources, memory)
    });
    let plan = plan(Some(&sides[0]), &sides[1]);
    judge(&plan, Some(&sides[0]), &sides[1], &Overrides::default()).report
}

fn found(compiled: &Compiled) -> BTreeMap<(String, u32), Vec<String>> {
    let mut found: BTreeMap<(String, u32), Vec<String>> = BTreeMap::new();
    for finding in &compiled.report.findings {
        let place = finding.diagnostic.place.span;
        let source = compiled.sources.get(place.file);
        let line = source.line_of(place.start);
        let text = format!("{}: {}", finding.diagnostic.rule.id, finding.diagnostic.message);
        found.entry((source.name.clone(), line)).or_default().push(text);
    }
    found
}

fn check_example(rule: &Rule) -> Result<(), String> {
    let page = Page::of(rule);
    for section in ["What it does", "Why it matters"] {
        if page.section(section).is_none_or(str::is_empty) {
            return Err(format!("no section `{section}`"));
        }
    }
    let (compiled, marked) = run(&page.blocks("Example"));
    let found = found(&compiled);
    let lines: BTreeSet<(String, u32)> = found.keys().cloned().collect();
    let others: Vec<&String> =
        found.values().flatten().filter(|text| !text.starts_with(&format!("{}: ", rule.id))).collect();
    if marked.is_empty() || lines != marked || !others.is_empty() {
        return Err(format!("Example: marked {marked:?}, found {found:#?}"));
    }
    let instead = page.blocks("Instead");
    if instead.is_empty() {
        return Err("no block below Instead".to_string());
    }
    let (compiled, _) = run(&instead);
    if !compiled.report.findings.is_empty() || compiled.fleet().is_none() {
        return Err(format!("Instead: found {:#?}", self::found(&compiled)));
    }
    Ok(())
}

#[test]
fn the_base_of_the_examples_is_clean() {
    let (compiled, _) = run(&[]);
    assert_eq!(found(&compiled), BTreeMap::new());
}

/// Also role texts: judged by what ucd does, not by what a schema says (contract X-19).
#[test]
fn each_example_reports_its_rule_on_the_marked_lines_and_each_instead_nothing() {
    let only = std::env::var("RULE").ok();
    let faults: Vec<String> = RULES
        .iter()
        .filter(|rule| only.as_deref().is_none_or(|only| rule.id == only))
        .filter_map(|rule| check_example(rule).err().map(|fault| format!("{}: {fault}", rule.id)))
        .collect();
    assert!(faults.is_empty(), "{} rules:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn old_names_are_no_other_rules() {
    let mut names = BTreeSet::new();
    for name in RULES.iter().flat_map(|rule| rule.formerly.iter().chain([&rule.id])) {
        assert!(names.insert(name), "two rules are or were called {name}");
    }
}

#[test]
fn ids_are_unique_sorted_and_kebab_case() {
    for pair in RULES.windows(2) {
        assert!(pair[0].id < pair[1].id, "{} before {}", pair[0].id, pair[1].id);
    }
    for rule in RULES {
        assert!(rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", rule.id);
    }
}
