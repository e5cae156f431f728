//! Each kind of single-line fault, in each fleet where it applies: is it caught, on its line, and alone?
//!
//! The kinds stand in the files beside this one, by what they break. `FLEETC_MUTATION=verbose` lists every mutation and
//! what was found; `FLEETC_MUTATION=short` those that fall short.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod boot;
mod disk;
mod expected;
mod form;
mod install;
mod kind;
mod machine;
mod role;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use expected::{EXCEPTIONS, PENDING, Short};
use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::source::Memory;
use kind::{Change, In, Kind, Lines};

/// How many lines of one file a kind is tried on.
const PLACES: usize = 4;

/// A fleet to break: its files by name.
struct Base {
    name: String,
    files: BTreeMap<String, Vec<u8>>,
}

/// One line of one file, broken.
struct Mutation {
    file: String,
    /// The lines to blame, from 1: those that were changed, or the block that one was taken from and the keys above it.
    lines: BTreeSet<usize>,
    first: usize,
    text: String,
    shown: String,
}

/// What came of a mutation.
struct Outcome {
    kind: &'static str,
    base: String,
    place: String,
    shown: String,
    findings: Vec<Found>,
    short: Vec<Short>,
}

struct Found {
    file: String,
    /// The first and the last line of its main place.
    lines: (usize, usize),
    text: String,
}

fn files(folder: &Path, below: &str, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            files(&path, &format!("{name}/"), into);
        } else {
            into.insert(name, fs::read(path).unwrap());
        }
    }
}

/// The fleets to break, by name.
fn bases() -> Vec<Base> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut bases = Vec::new();
    let examples = fs::read_dir(root.join("examples")).unwrap().map(|entry| entry.unwrap().path());
    // What no example has: users with passwords, hooks of every kind, boot files that are copied.
    for folder in examples.chain([root.join("tests/valid/rich/campus")]) {
        let name = folder.file_name().unwrap().to_str().unwrap().to_string();
        let mut found = BTreeMap::new();
        files(&folder, "", &mut found);
        bases.push(Base { name, files: found });
    }
    bases.sort_by(|a, b| a.name.cmp(&b.name));
    bases
}

fn kinds() -> Vec<&'static Kind> {
    [form::KINDS, machine::KINDS, boot::KINDS, disk::KINDS, install::KINDS, role::KINDS].into_iter().flatten().collect()
}

/// The places where a kind applies, spread over the file.
fn mutations(kind: &Kind, base: &Base) -> Vec<Mutation> {
    let mut found = Vec::new();
    for (file, bytes) in &base.files {
        let fits = match kind.file {
            In::Fleet => file == "fleet.yaml",
            In::Role => file.starts_with("roles/"),
        };
        if !fits {
            continue;
        }
        let lines = Lines::of(std::str::from_utf8(bytes).unwrap());
        let places: Vec<(usize, Change)> = (0..lines.all.len())
            .filter_map(|index| (kind.change)(&lines, index).map(|change| (index, change)))
            .collect();
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
        Change::Drop => (lines.home(index), format!("- {}", all.remove(index))),
        Change::Line(line) => {
            let count = line.split('\n').count();
            let shown = format!("+ {}", line.replace('\n', "\n+ "));
            all[index] = line;
            ((index + 1..=index + count).collect(), shown)
        }
    };
    Mutation { file: file.to_string(), lines: blamed, first: index + 1, text: all.join("\n"), shown }
}

/// Compiles a base with one of its files replaced.
fn check(base: &Base, file: &str, text: &str) -> Vec<Found> {
    let mut memory = Memory { files: base.files.clone() };
    memory.files.insert(file.to_string(), text.as_bytes().to_vec());
    let fleet = String::from_utf8(memory.files.remove("fleet.yaml").unwrap()).unwrap();
    let compiled = compile("fleet.yaml", fleet, "", &memory, &Levels::default());
    let findings = compiled.report.findings.iter().map(|finding| {
        let found = &finding.diagnostic;
        let source = compiled.sources.get(found.place.span.file);
        let line = |offset: u32| source.line_of(offset) as usize;
        let (start, end) = (found.place.span.start, found.place.span.end);
        // A place that ends with a line break ends on that line.
        let lines = (line(start), line(end.saturating_sub(1).max(start)));
        Found { file: source.name.clone(), lines, text: format!("{}: {}", found.rule.id, found.message) }
    });
    findings.collect()
}

/// Whether a finding is on one of these lines. A text that goes on over a line break has both lines for its place.
fn is_on(found: &Found, mutation: &Mutation) -> bool {
    let (first, last) = found.lines;
    let last = if last - first <= 1 { last } else { first };
    found.file == mutation.file && (first..=last).any(|line| mutation.lines.contains(&line))
}

fn outcome(kind: &'static Kind, base: &Base, mutation: Mutation) -> Outcome {
    let findings = check(base, &mutation.file, &mutation.text);
    let mut short = Vec::new();
    if findings.is_empty() {
        short.push(Short::Missed);
    } else if !findings.iter().any(|found| is_on(found, &mutation)) {
        short.push(Short::Misplaced);
    }
    if findings.len() > 1 {
        short.push(Short::Beside);
    }
    let place = format!("{}/{}:{}", base.name, mutation.file, mutation.first);
    Outcome { kind: kind.name, base: base.name.clone(), place, shown: mutation.shown, findings, short }
}

/// Breaks a fleet in every way, in two halves at a time.
fn outcomes(base: &Base) -> Vec<Outcome> {
    let work: Vec<(&'static Kind, Mutation)> = kinds()
        .into_iter()
        .flat_map(|kind| mutations(kind, base).into_iter().map(move |mutation| (kind, mutation)))
        .collect();
    let half = work.len() / 2;
    let run = |part: &mut dyn Iterator<Item = (&'static Kind, Mutation)>| -> Vec<Outcome> {
        part.map(|(kind, mutation)| outcome(kind, base, mutation)).collect()
    };
    let mut work = work.into_iter();
    let first: Vec<_> = work.by_ref().take(half).collect();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| run(&mut first.into_iter()));
        let second = run(&mut work);
        first.join().unwrap().into_iter().chain(second).collect()
    })
}

fn list(outcome: &Outcome, out: &mut String) {
    let marks: Vec<String> = outcome.short.iter().map(|short| format!("{short:?}")).collect();
    writeln!(out, "{} ({}) {}", outcome.kind, outcome.place, marks.join(" ")).unwrap();
    for line in outcome.shown.lines() {
        writeln!(out, "        {}", line.chars().take(140).collect::<String>()).unwrap();
    }
    for found in &outcome.findings {
        let line = format!("{}:{}: {}", found.file, found.lines.0, found.text);
        writeln!(out, "      > {}", line.chars().take(200).collect::<String>()).unwrap();
    }
}

fn is_pending(kind: &str) -> bool {
    PENDING.contains(&kind)
}

#[test]
fn every_fault_is_caught_on_its_line_and_alone() {
    let show = std::env::var("FLEETC_MUTATION").unwrap_or_default();
    let (mut listing, mut figures, mut faults) = (String::new(), String::new(), String::new());
    let mut applied: BTreeSet<&str> = BTreeSet::new();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    for base in bases() {
        let fleet = String::from_utf8(base.files["fleet.yaml"].clone()).unwrap();
        let clean: Vec<String> = check(&base, "fleet.yaml", &fleet).into_iter().map(|found| found.text).collect();
        assert_eq!(clean, [""; 0], "{} is to be broken, and is not whole", base.name);
        let outcomes = outcomes(&base);
        let mut counts = [0; 5];
        for outcome in &outcomes {
            applied.insert(outcome.kind);
            if is_pending(outcome.kind) {
                counts[4] += 1;
                if outcome.short != [Short::Missed] {
                    writeln!(faults, "pending, and caught: take it out of the table").unwrap();
                    list(outcome, &mut faults);
                }
                continue;
            }
            let is = |short: Short| usize::from(!outcome.short.contains(&short));
            counts[0] += 1;
            counts[1] += is(Short::Missed);
            counts[2] += usize::from(is(Short::Missed) == 1 && is(Short::Misplaced) == 1);
            counts[3] += is(Short::Beside);
            let mut excused = true;
            for short in &outcome.short {
                let known = EXCEPTIONS.iter().position(|exception| {
                    exception.kind == outcome.kind
                        && exception.short == *short
                        && exception.bases.iter().any(|base| *base == outcome.base || *base == "*")
                });
                used.extend(known);
                excused &= known.is_some();
            }
            if !excused {
                list(outcome, &mut faults);
            }
            if show == "verbose" || (show == "short" && !outcome.short.is_empty()) {
                list(outcome, &mut listing);
            }
        }
        let [all, caught, placed, alone, pending] = counts;
        writeln!(
            figures,
            "{:8} {all:4} faults: {caught:4} caught, {placed:4} on their line, {alone:4} with nothing beside them; {pending} pending",
            base.name
        )
        .unwrap();
    }
    println!("{listing}{figures}{} kinds", applied.len());
    assert!(faults.is_empty(), "\n{faults}\n{figures}");
    let idle: Vec<&str> = kinds().iter().map(|kind| kind.name).filter(|kind| !applied.contains(kind)).collect();
    assert_eq!(idle, [""; 0], "kinds that apply nowhere");
    let stale: Vec<_> = EXCEPTIONS
        .iter()
        .enumerate()
        .filter(|(index, _)| !used.contains(index))
        .map(|(_, exception)| exception)
        .collect();
    assert!(stale.is_empty(), "exceptions that are no more: {stale:#?}");
}

#[test]
fn each_kind_says_why_it_breaks_a_machine() {
    let mut names = BTreeSet::new();
    for kind in kinds() {
        assert!(names.insert(kind.name), "{} twice", kind.name);
        assert!(kind.why.contains(' ') && !kind.why.ends_with('.'), "{}: {}", kind.name, kind.why);
    }
    for exception in EXCEPTIONS {
        assert!(exception.why.len() > 10 && !exception.why.ends_with('.'), "{exception:?}");
    }
    for name in PENDING.iter().chain(EXCEPTIONS.iter().map(|exception| &exception.kind)) {
        assert!(names.contains(name), "no kind is called {name}");
    }
    assert!(names.len() >= 60, "{} kinds", names.len());
}
