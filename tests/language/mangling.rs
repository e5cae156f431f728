//! Bad input of any kind gets a finding, never a panic, and every place lies in its file.

use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::report::{Format, Style, render};
use fleetc::source::Disk;
use proptest::prelude::*;

const EXAMPLES: &[&str] = &["minimal", "pilot", "mixed"];

fn survive(folder: &str, text: String) {
    let compiled = compile("fleet.yaml", text, "", &Disk::new(folder), &Levels::default());
    for finding in &compiled.report.findings {
        let places = std::iter::once(&finding.diagnostic.place).chain(&finding.diagnostic.related);
        for place in places {
            let source = compiled.sources.get(place.span.file);
            assert!(place.span.start <= place.span.end && place.span.end as usize <= source.text.len(), "{finding:?}");
            assert!(source.text.is_char_boundary(place.span.start as usize), "{finding:?}");
            assert!(source.text.is_char_boundary(place.span.end as usize), "{finding:?}");
        }
        assert!(!finding.diagnostic.message.ends_with('.'), "{}", finding.diagnostic.message);
    }
    render(Format::Human, &compiled.report, &compiled.sources, &Style::PLAIN, &mut Vec::new()).unwrap();
}

fn example(name: &str) -> (String, String) {
    let folder = format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(format!("{folder}/fleet.yaml")).unwrap();
    (folder, text)
}

#[test]
fn cut_at_every_seventh_byte() {
    for name in EXAMPLES {
        let (folder, text) = example(name);
        for at in (0..text.len()).step_by(7).filter(|at| text.is_char_boundary(*at)) {
            survive(&folder, text[..at].to_string());
        }
    }
}

#[test]
fn each_line_dropped_or_doubled() {
    for name in EXAMPLES {
        let (folder, text) = example(name);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for index in 0..lines.len() {
            let mut dropped = lines.clone();
            dropped.remove(index);
            survive(&folder, dropped.concat());
            let mut doubled = lines.clone();
            doubled.insert(index, lines[index]);
            survive(&folder, doubled.concat());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_edits(name in prop::sample::select(EXAMPLES), edits in prop::collection::vec((any::<prop::sample::Index>(), "[ -~\n\tä\u{feff}]{0,4}", 0usize..8), 1..6)) {
        let (folder, mut text) = example(name);
        for (at, insert, remove) in edits {
            let mut start = at.index(text.len());
            while !text.is_char_boundary(start) { start -= 1; }
            let mut end = (start + remove).min(text.len());
            while !text.is_char_boundary(end) { end -= 1; }
            text.replace_range(start..end.max(start), &insert);
        }
        survive(&folder, text);
    }

    #[test]
    fn random_text(text in "[ -~\n]{0,200}") {
        survive(".", text);
    }

    #[test]
    fn random_roles(edits in prop::collection::vec((any::<prop::sample::Index>(), "[ -~\n{}%ä]{0,6}"), 1..5)) {
        let (folder, text) = example("mixed");
        let mut role = std::fs::read_to_string(format!("{folder}/roles/base.yaml")).unwrap();
        for (at, insert) in edits {
            let mut start = at.index(role.len());
            while !role.is_char_boundary(start) { start -= 1; }
            role.insert_str(start, &insert);
        }
        let indented: String = role.lines().map(|line| format!("      {line}\n")).collect();
        let text = text.replace("    cloud_config: roles/base.yaml\n", &format!("    cloud_config: |\n{indented}"));
        survive(&folder, text);
    }
}
