//! Lines and columns, counted by hand: behind a byte-order mark, between CRLF line breaks, after characters that are two
//! in UTF-16, and combining ones. Every format counts characters (Unicode code points) from 1.

use fleetc::report::{FORMATS, Format, Style};
use serde_json::Value;

use super::{compiled, drawn, json, whole};

/// File, line, column; the line and the column behind the end, where the format has them.
type Place = (String, u64, u64, Option<(u64, u64)>);

fn fleet() -> String {
    // Line 2, by characters: `r` 3, `{` 6, `vars` 8–11, `{` 14, `a` 16, quote 19, face 20, `e` 21, its accent 22, quote
    // 23, `}` 25, comma 26, `bundlse` 28–34. In UTF-16 it would be 29, in bytes 32, as it looks 27.
    let roles =
        "roles:\n  r: { vars: { a: \"😀e\u{301}\" }, bundlse: [vim] }\n  compute: { cloud_config: roles/c.yaml }\n";
    format!("\u{feff}{}", whole(roles)).replace('\n', "\r\n")
}

/// Line 3: `hostname:` 1–9, blank 10, face 11, `e` 12, its accent 13, `{{` 14, `host.nmae` 17–25.
const ROLE: &str = "#cloud-config\r\n# ž\r\nhostname: 😀e\u{301}{{ host.nmae }}\r\n";

/// In the order of files and places.
fn expected() -> [Place; 2] {
    [("fleet.yaml".to_string(), 2, 28, Some((2, 35))), ("roles/c.yaml".to_string(), 3, 17, Some((3, 26)))]
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// `FILE:LINE:COLUMN` at the head of a text.
fn head(text: &str) -> Place {
    let mut parts = text.splitn(4, ':');
    let mut next = || parts.next().unwrap();
    let (file, line) = (next().to_string(), next().parse().unwrap());
    let column = next().split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
    (file, line, column, None)
}

fn places(format: Format, text: &str) -> Vec<Place> {
    let parsed = || serde_json::from_str::<Value>(text).unwrap();
    let all = |value: &Value| value.as_array().unwrap().clone();
    match format {
        // The first box of a finding is its own place.
        Format::Human => {
            text.split("\n\n").filter_map(|finding| finding.split_once("─[")).map(|(_, rest)| head(rest)).collect()
        }
        Format::Short => text.lines().filter(|line| line.contains("]: ")).map(head).collect(),
        Format::Json => all(&parsed()["findings"]).iter().map(json_place).collect(),
        Format::Sarif => all(&parsed()["runs"][0]["results"]).iter().map(sarif_place).collect(),
        Format::Gitlab => all(&parsed()).iter().map(gitlab_place).collect(),
        Format::Github => text.lines().filter_map(|line| line.strip_prefix("::error ")).map(github_place).collect(),
        // Sorted by rule: `template-fails` stands before `unknown-key`.
        Format::Junit => {
            let failures = text.lines().filter(|line| line.contains("<failure"));
            let texts = failures.map(|line| line.split_once("\">").unwrap().1);
            texts.map(head).rev().collect()
        }
    }
}

fn json_place(finding: &Value) -> Place {
    let end = (number(&finding["end_line"]), number(&finding["end_column"]));
    let file = finding["file"].as_str().unwrap().to_string();
    (file, number(&finding["line"]), number(&finding["column"]), Some(end))
}

fn sarif_place(result: &Value) -> Place {
    let place = &result["locations"][0]["physicalLocation"];
    let region = &place["region"];
    let file = place["artifactLocation"]["uri"].as_str().unwrap().to_string();
    let end = (number(&region["endLine"]), number(&region["endColumn"]));
    (file, number(&region["startLine"]), number(&region["startColumn"]), Some(end))
}

fn gitlab_place(violation: &Value) -> Place {
    let location = &violation["location"];
    let point = |which: &str| {
        let point = &location["positions"][which];
        (number(&point["line"]), number(&point["column"]))
    };
    let (line, column) = point("begin");
    (location["path"].as_str().unwrap().to_string(), line, column, Some(point("end")))
}

fn github_place(command: &str) -> Place {
    let (properties, text) = command.split_once("::").unwrap();
    let value = |name: &str| {
        let property = properties.split(',').find_map(|property| property.strip_prefix(&format!("{name}=")));
        property.unwrap().to_string()
    };
    let number = |name: &str| value(name).parse::<u64>().unwrap();
    let place = (value("file"), number("line"), number("col"), Some((number("endLine"), number("endColumn"))));
    assert_eq!(head(text), (place.0.clone(), place.1, place.2, None));
    place
}

#[test]
fn every_format_counts_as_people_do() {
    let compiled = compiled(&fleet(), &[("roles/c.yaml", ROLE)]);
    for (name, format, _) in FORMATS {
        let text = drawn(*format, &compiled, &Style::PLAIN);
        let found = places(*format, &text);
        let ends = |place: &Place| (place.0.clone(), place.1, place.2, place.3.filter(|_| found[0].3.is_some()));
        assert_eq!(found, expected().iter().map(ends).collect::<Vec<_>>(), "{name}: {text}");
    }
    let ends: Vec<&str> = FORMATS
        .iter()
        .filter(|(_, format, _)| places(*format, &drawn(*format, &compiled, &Style::PLAIN))[0].3.is_some())
        .map(|(name, ..)| *name)
        .collect();
    assert_eq!(ends, ["json", "sarif", "github", "gitlab"]);
    assert_eq!(json(Format::Sarif, &compiled, &Style::PLAIN)["runs"][0]["columnKind"], "unicodeCodePoints");
}

#[test]
fn a_byte_order_mark_takes_no_column() {
    let compiled = compiled(&format!("\u{feff}{}", whole("ž: 1\n")).replace('\n', "\r\n"), &[]);
    let expected = ("fleet.yaml".to_string(), 1, 1, Some((1, 2)));
    for format in [Format::Json, Format::Sarif, Format::Github, Format::Gitlab] {
        assert_eq!(places(format, &drawn(format, &compiled, &Style::PLAIN)), std::slice::from_ref(&expected));
    }
}
