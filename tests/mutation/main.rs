//! Each kind of single-line fault, in each fleet where it applies: is it caught, on its line, and alone?
//!
//! The kinds stand in the files beside this one, by what they break. `FLEETC_MUTATION=verbose` lists every mutation and
//! what was found; `FLEETC_MUTATION=missed` those that fall short.

mod boot;
mod disk;
mod form;
mod install;
mod kind;
mod machine;
mod role;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::source::{Disk, Memory};
use kind::{Change, In, Kind, Lines};

/// How many lines of one file a kind is tried on.
const PLACES: usize = 4;

/// A fleet to break: its files by name.
struct Base {
    name: String,
    files: BTreeMap<String, String>,
    folder: PathBuf,
}

/// One line of one file, broken.
struct Mutation {
    file: String,
    /// The lines that blame the fault: those that were changed, or the block that one was taken from. From 1.
    lines: (usize, usize),
    text: String,
    shown: String,
}

/// What came of a mutation.
struct Outcome {
    kind: &'static str,
    place: String,
    shown: String,
    caught: bool,
    placed: bool,
    alone: bool,
    findings: Vec<String>,
}

fn bases() -> Vec<Base> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut bases = Vec::new();
    for parent in ["examples"] {
        let mut folders: Vec<PathBuf> = fs::read_dir(root.join(parent)).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        for folder in folders.into_iter().filter(|path| path.is_dir()) {
            let name = folder.file_name().unwrap().to_str().unwrap().to_string();
            let mut files = BTreeMap::from([("fleet.yaml".to_string(), fs::read_to_string(folder.join("fleet.yaml")).unwrap())]);
            for entry in fs::read_dir(folder.join("roles")).into_iter().flatten() {
                let path = entry.unwrap().path();
                let role = format!("roles/{}", path.file_name().unwrap().to_str().unwrap());
                files.insert(role, fs::read_to_string(path).unwrap());
            }
            bases.push(Base { name, files, folder });
        }
    }
    bases
}

fn kinds() -> Vec<&'static Kind> {
    [form::KINDS, machine::KINDS, boot::KINDS, disk::KINDS, install::KINDS, role::KINDS].into_iter().flatten().collect()
}

/// The places where a kind applies, spread over the file.
fn mutations(kind: &Kind, base: &Base) -> Vec<Mutation> {
    let mut found = Vec::new();
    for (file, text) in &base.files {
        if (kind.file == In::Fleet) != (file == "fleet.yaml") {
            continue;
        }
        let lines = Lines::of(text);
        let places: Vec<(usize, Change)> =
            (0..lines.all.len()).filter_map(|index| (kind.change)(&lines, index).map(|change| (index, change))).collect();
        let step = places.len().div_ceil(PLACES).max(1);
        for (index, change) in places.into_iter().step_by(step) {
            found.push(mutation(file, &lines, index, change));
        }
    }
    found
}

fn mutation(file: &str, lines: &Lines, index: usize, change: Change) -> Mutation {
    let mut all = lines.all.clone();
    let (blamed, shown) = match change {
        Change::Drop => {
            let (first, last) = lines.block(index);
            let shown = format!("- {}", all.remove(index));
            ((first + 1, last.max(first + 1)), shown)
        }
        Change::Line(line) => {
            let count = line.split('\n').count();
            let shown = format!("+ {}", line.replace('\n', "\n+ "));
            all[index] = line;
            ((index + 1, index + count), shown)
        }
    };
    Mutation { file: file.to_string(), lines: blamed, text: all.join("\n"), shown }
}

/// Compiles a base with one of its files replaced.
fn check(base: &Base, file: &str, text: &str) -> Vec<(String, usize, String)> {
    let mut files = base.files.clone();
    files.insert(file.to_string(), text.to_string());
    let fleet = files.remove("fleet.yaml").unwrap();
    let mut memory = Memory::default();
    for entry in fs::read_dir(base.folder.join("boot")).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = format!("boot/{}", path.file_name().unwrap().to_str().unwrap());
        memory.files.insert(name, fs::read(path).unwrap());
    }
    memory.files.extend(files.into_iter().map(|(name, text)| (name, text.into_bytes())));
    let compiled = compile("fleet.yaml", fleet, "", &memory, &Levels::default());
    let findings = compiled.report.findings.iter().map(|finding| {
        let found = &finding.diagnostic;
        let source = compiled.sources.get(found.place.span.file);
        let line = source.line_of(found.place.span.start) as usize;
        (source.name.clone(), line, format!("{}: {}", found.rule.id, found.message))
    });
    findings.collect()
}

fn outcomes(base: &Base) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for kind in kinds() {
        for mutation in mutations(kind, base) {
            let findings = check(base, &mutation.file, &mutation.text);
            let (first, last) = mutation.lines;
            let on = |(file, line, _): &(String, usize, String)| *file == mutation.file && (first..=last).contains(line);
            outcomes.push(Outcome {
                kind: kind.name,
                place: format!("{}/{}:{first}", base.name, mutation.file),
                shown: mutation.shown,
                caught: !findings.is_empty(),
                placed: findings.iter().any(on),
                alone: findings.len() <= 1,
                findings: findings.iter().map(|(file, line, text)| format!("{file}:{line}: {text}")).collect(),
            });
        }
    }
    outcomes
}

fn list(outcome: &Outcome, out: &mut String) {
    let mark = |good: bool, letter: char| if good { letter } else { '-' };
    let marks: String = [mark(outcome.caught, 'c'), mark(outcome.placed, 'p'), mark(outcome.alone, 'a')].iter().collect();
    writeln!(out, "[{marks}] {} ({})", outcome.kind, outcome.place).unwrap();
    for line in outcome.shown.lines() {
        let short: String = line.chars().take(140).collect();
        writeln!(out, "        {short}").unwrap();
    }
    for finding in &outcome.findings {
        writeln!(out, "      > {}", finding.chars().take(200).collect::<String>()).unwrap();
    }
}

#[test]
fn every_fault_is_caught_on_its_line_and_alone() {
    let show = std::env::var("FLEETC_MUTATION").unwrap_or_default();
    let mut listing = String::new();
    let mut figures = String::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut short = 0;
    for base in bases() {
        assert_eq!(check(&base, "fleet.yaml", &base.files["fleet.yaml"]), [], "{}", base.name);
        let outcomes = outcomes(&base);
        let kinds: BTreeSet<&str> = outcomes.iter().map(|outcome| outcome.kind).collect();
        let count = |good: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| good(outcome)).count();
        writeln!(
            figures,
            "{:8} {:4} kinds {:5} faults {:5} caught {:5} placed {:5} alone",
            base.name, kinds.len(), outcomes.len(), count(|o| o.caught), count(|o| o.placed), count(|o| o.alone && o.caught)
        )
        .unwrap();
        for outcome in &outcomes {
            let whole = outcome.caught && outcome.placed && outcome.alone;
            short += usize::from(!whole);
            if show == "verbose" || (show == "missed" && !whole) {
                list(outcome, &mut listing);
            }
        }
        seen.extend(kinds);
    }
    let never: Vec<&str> = kinds().iter().map(|kind| kind.name).filter(|name| !seen.contains(name)).collect();
    eprintln!("{listing}{figures}\nnever applied: {never:#?}");
    assert_eq!(short, 0);
}
