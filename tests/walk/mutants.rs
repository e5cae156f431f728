//! Scripts with a line that was changed: whenever the second reader finds that a machine ends elsewhere, so does `build`.

use std::collections::BTreeMap;

use fleetc::compile::{Compiled, compile};
use fleetc::diag::Levels;
use fleetc::source::{Disk, Loader};

use crate::reader::{self, Case, Expected, quiet};
use crate::tree::{Files, judged};
use crate::{example, fleets};

/// Labels of one script that are changed: of many that are alike, some say it all.
const LABELS: usize = 3;

/// Random fleets whose scripts are changed.
const FLEETS: usize = 25;

/// What was done to a script.
struct Mutant {
    path: String,
    how: String,
    files: Files,
}

/// Every way in which a line of a script is changed.
fn changes(lines: &[String], at: usize, macs: &[String]) -> Vec<(&'static str, Vec<String>)> {
    let line = &lines[at];
    let mut found: Vec<(&'static str, Vec<String>)> = Vec::new();
    let put = |with: &[&str]| {
        let with: Vec<String> = with.iter().map(|line| line.to_string()).collect();
        [&lines[..at], &with[..], &lines[at + 1..]].concat()
    };
    found.push(("dropped", put(&[])));
    found.push(("doubled", put(&[line, line])));
    if let Some(next) = lines.get(at + 1) {
        let mut swapped = lines.to_vec();
        swapped.swap(at, at + 1);
        if next != line {
            found.push(("swapped with the next", swapped));
        }
    }
    if line.starts_with(':') {
        found.push(("another label", put(&[&format!("{line}x")])));
    }
    for (operator, how) in [(" ||", "without what catches a failure"), (" &&", "without its condition")] {
        if let Some(at) = line.find(operator) {
            found.push((how, put(&[&line[..at]])));
        }
    }
    if line.contains("|| goto ") {
        found.push(("a failure that is passed over", put(&[&line[..line.find("|| goto ").unwrap() + 2]])));
        found.push(("an end in the place of the jump", put(&[&line.replace("|| goto ", "|| exit 0 ")])));
        found.push(("another jump", put(&[&line.replace("|| goto ", "&& goto ")])));
        found.push(("a jump to nowhere", put(&[&format!("{line}x")])));
    }
    let mac = macs.iter().find(|mac| line.contains(&mac.replace(':', "-")));
    if let (Some(mac), Some(other)) = (mac, macs.iter().find(|other| Some(*other) != mac)) {
        found.push(("the card of another", put(&[&line.replace(&mac.replace(':', "-"), &other.replace(':', "-"))])));
    }
    if line.contains("netX") {
        found.push(("the first card", put(&[&line.replace("netX", "net0")])));
    }
    if line.contains("isterconf=") {
        found.push(("without `isterconf=`", put(&[&line.replace("isterconf=", "isterconfig=")])));
        found.push(("with two `isterconf=`", put(&[&line.replace("isterconf=", "isterconf=x isterconf=")])));
        found.push(("a comment in the line", put(&[&line.replace("isterconf=", "#isterconf=")])));
        found.push(("another initrd", put(&[&line.replace("initrd=initrd", "initrd=initrd2")])));
    }
    if line == "exit 1" {
        found.push(("boots in the place of leaving", put(&["boot"])));
        found.push(("a label in the place of leaving", put(&[":end"])));
    }
    if line == "imgfree" {
        found.push(("not freed", put(&["echo"])));
    }
    found.push(("a comment", put(&[&format!("# {line}")])));
    found
}

/// The mutants of a tree's scripts.
fn mutants(files: &Files, macs: &[String], scripts: usize) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let boots = files.0.keys().filter(|path| path.starts_with("boot/")).take(scripts);
    for path in boots.map(String::as_str).chain(["ipxe_boot_script.txt"]) {
        let lines = files.lines(path);
        let mut labels = 0;
        for at in 1..lines.len() {
            labels += usize::from(lines[at].starts_with(':'));
            if lines[at].starts_with(':') && lines.len() > 80 && labels > LABELS {
                continue;
            }
            for (how, changed) in changes(&lines, at, macs) {
                let how = format!("line {}, {how}: {}", at + 1, lines[at]);
                mutants.push(Mutant { path: path.to_string(), how, files: files.with(path, &changed) });
            }
        }
    }
    mutants
}

/// What came of mutants.
#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    mutants: usize,
    /// The second reader finds a machine that ends elsewhere.
    astray: usize,
    /// It cannot read the script.
    unreadable: usize,
    /// `build` finds something.
    found: usize,
    /// `build` finds what ends do not show: images left behind, files loaded for nothing, scripts that cannot be read.
    beyond: BTreeMap<&'static str, usize>,
}

/// Holds the verdict on every mutant of a tree against the second reader's.
fn hold(name: &str, compiled: &Compiled, loader: &dyn Loader, scripts: usize, figures: &mut Figures) {
    let Some(files) = Files::of(compiled, loader) else { return };
    let fleet = compiled.fleet().unwrap();
    assert_eq!(judged(compiled, &files), [], "{name}: the tree itself");
    let url = fleet.server.url.as_str().to_string();
    let (hosts, unlisted) = reader::listed(fleet);
    let all = reader::cases(&hosts, unlisted);
    let expected = Expected::of(&all, &url, &files);
    let macs: Vec<String> = hosts.iter().flat_map(|(_, macs, _)| macs.clone()).collect();
    for mutant in mutants(&files, &macs, scripts) {
        let path = &mutant.path;
        // A host's script is read by its own machine alone; of many that read the entry, some say it all.
        let entry = path == "ipxe_boot_script.txt";
        let own = |case: &&Case| entry || path.contains(&case.machine.cards[case.machine.booted].replace(':', "-"));
        let cases: Vec<&Case> = all.iter().filter(own).collect();
        let step = if cases.len() > 30 { cases.len() / 11 } else { 1 };
        let opinions =
            cases.into_iter().rev().step_by(step).map(|case| match reader::ends(case, &url, &mutant.files) {
                Some(ends) => expected.fault(case, &ends).map(Some),
                None => Some(None),
            });
        let opinions: Vec<Option<String>> = opinions.flatten().collect();
        let found = judged(compiled, &mutant.files);
        figures.mutants += 1;
        figures.found += usize::from(!found.is_empty());
        let fault = opinions.iter().flatten().next();
        if let Some(fault) = fault {
            figures.astray += 1;
            assert!(!found.is_empty(), "{name}: {path}: {}: not found: {fault}", mutant.how);
        } else if !opinions.is_empty() {
            figures.unreadable += 1;
            assert!(!found.is_empty(), "{name}: {path}: {}: not found, and not read", mutant.how);
        } else if let Some((message, help)) = found.first() {
            let known = [
                "still loaded",
                "is not to be installed",
                "which its installation does not have",
                "is not understood",
                "goes round for ever",
                "starts what is not its installation",
            ];
            // Some of many were asked.
            let mut known = known.into_iter().chain((step > 1).then_some("is not installed, though nothing fails"));
            let kind = known.find(|kind| message.contains(kind));
            let kind = kind.unwrap_or_else(|| panic!("{name}: {path}: {}: {message}\n{help}", mutant.how));
            *figures.beyond.entry(kind).or_default() += 1;
        }
    }
}

#[test]
fn changed_scripts_of_the_examples_are_found_out() {
    quiet();
    let mut figures = Figures::default();
    for example in example::all() {
        let compiled = example.compile(&example.text());
        hold(&example.name, &compiled, &Disk::new(&example.folder), 3, &mut figures);
    }
    println!("examples: {figures:#?}");
    assert!(figures.mutants > 500 && figures.astray > 200, "{figures:#?}");
}

#[test]
fn changed_scripts_of_any_fleet_are_found_out() {
    let mut figures = Figures::default();
    let (mut seed, mut sound) = (7_u32, 0);
    quiet();
    for round in 0..400 {
        let numbers: Vec<u16> = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) as u16
        })
        .take(400)
        .collect();
        let mut tape = fleets::Tape::new(&numbers);
        let fleet = fleets::fleet(&mut tape);
        let text = fleets::text(&mut tape, &fleet);
        let files = fleets::files();
        let compiled = compile("fleet.yaml", text, "", &files, &Levels::default());
        if compiled.fleet().is_some() {
            sound += 1;
            hold(&format!("fleet {round}"), &compiled, &files, 3, &mut figures);
        }
        if sound == FLEETS {
            break;
        }
    }
    println!("{sound} random fleets: {figures:#?}");
    assert!(sound == FLEETS && figures.astray > 500, "{sound} fleets: {figures:#?}");
}
