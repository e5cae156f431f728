//! A Code Quality report of GitLab: an array of findings, an object a line.
//!
//! Lines and columns count from 1, columns in characters; the end is behind the last character.

use std::io::{self, Write};

use serde::Serialize;

use super::fingerprint::Fingerprints;
use super::place::Place;
use super::{Style, text};
use crate::diag::{Finding, Level, Report};
use crate::source::{Position, Sources};

/// A violation, as GitLab calls it.
#[derive(Serialize)]
struct Violation<'a> {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    positions: Positions,
}

#[derive(Serialize)]
struct Positions {
    begin: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
}

impl From<Position> for Point {
    fn from(Position { line, column }: Position) -> Point {
        Point { line, column }
    }
}

/// More to read, as Markdown.
#[derive(Serialize)]
struct Content {
    body: String,
}

pub(super) fn write(report: &Report, sources: &Sources, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut fingerprints = Fingerprints::new(sources, style);
    write!(out, "[")?;
    for (index, finding) in report.findings.iter().enumerate() {
        let found = &finding.diagnostic;
        let Place { start, end, .. } = Place::of(found.place.span, sources);
        let violation = Violation {
            description: description(finding),
            check_name: found.rule.id,
            fingerprint: fingerprints.of(found),
            severity: severity(finding),
            location: Location {
                path: &style.path(sources.get(found.place.span.file)),
                positions: Positions { begin: start.into(), end: end.into() },
            },
            content: style.page(found.rule.id).map(|page| Content { body: format!("<{page}>") }),
        };
        writeln!(out, "{}", if index == 0 { "" } else { "," })?;
        serde_json::to_writer(&mut *out, &violation)?;
    }
    writeln!(out, "{}]", if report.findings.is_empty() { "" } else { "\n" })
}

/// What is wrong and what to do, on the one line that GitLab shows.
fn description(finding: &Finding) -> String {
    let found = &finding.diagnostic;
    let message = text::one_line(&found.message);
    match &found.help {
        Some(help) => format!("{message} ({})", words(&text::one_line(help))),
        None => message,
    }
}

/// Text without the blanks that indent the lines it had.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What cannot be allowed weighs most.
fn severity(finding: &Finding) -> &'static str {
    match (finding.level, finding.diagnostic.rule.fixed) {
        (Level::Error, true) => "blocker",
        (Level::Error, false) => "critical",
        _ => "minor",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Format;
    use crate::report::testing::{BOOK, WRONG_VALUE, at, drawn, hard, hosts, report};

    #[test]
    fn lines_and_columns_are_counted_as_people_do() {
        let (sources, report) = hard();
        let text = drawn(Format::Gitlab, &report, &sources, &Style { folder: "site", ..BOOK });
        let mut value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let prints: Vec<_> = (0..2).map(|index| value[index]["fingerprint"].take()).collect();
        assert!(prints[0].is_string() && prints[0] != prints[1], "{prints:?}");
        // Line 2: `žluť` 1–4, `:` 5, space 6, the face 7, space 8, `wrong` 9–13. Line 3: the tab is one character.
        let expected = serde_json::json!([
            {
                "description": "`wrong` is wrong (write `right`)", "check_name": "wrong-value", "fingerprint": null,
                "severity": "critical",
                "location": {
                    "path": "site/fleet.yaml",
                    "positions": {"begin": {"line": 2, "column": 9}, "end": {"line": 2, "column": 14}},
                },
                "content": {"body": "<https://book.example/rules/wrong-value.html>"},
            },
            {
                "description": "odd", "check_name": "odd-value", "fingerprint": null, "severity": "minor",
                "location": {
                    "path": "site/fleet.yaml",
                    "positions": {"begin": {"line": 3, "column": 2}, "end": {"line": 3, "column": 5}},
                },
                "content": {"body": "<https://book.example/rules/odd-value.html>"},
            },
        ]);
        assert_eq!(value, expected);
    }

    #[test]
    fn a_finding_is_a_line_and_none_is_an_array_too() {
        static WORST: crate::diag::Rule = crate::diag::Rule { id: "worst-value", fixed: true, ..WRONG_VALUE };
        let (sources, file) = hosts(2);
        assert_eq!(drawn(Format::Gitlab, &report([]), &sources, &Style::PLAIN), "[]\n");
        let found = [1, 2].map(|line| WORST.at(at(&sources, file, line, "mac"), "no").help("write\n  this:\n    that"));
        let text = drawn(Format::Gitlab, &report(found), &sources, &Style::PLAIN);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines.len(), lines[0], lines[3]), (4, "[", "]"));
        assert!(
            lines[1].starts_with(r#"{"description":"no (write this: that)","check_name":"worst-value","#),
            "{text}"
        );
        assert!(lines[1].contains(r#""severity":"blocker""#) && lines[1].ends_with("},"), "{text}");
    }
}
