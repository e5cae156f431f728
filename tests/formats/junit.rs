//! JUnit XML, as other programs read it: Python's parser, and `xmllint` with the schema of Jenkins' xUnit plugin.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use fleetc::report::{Format, Style};
use serde_json::Value;

use super::{BOOK, compiled, drawn, fleets, whole};

/// Reads reports with Python: per report its counts, and each test with its suite, name, outcome and text.
const READER: &str = "
import json, sys, xml.etree.ElementTree as tree
out = []
for path in sys.argv[1:]:
    root = tree.parse(path).getroot()
    assert root.tag == 'testsuites'
    tests = []
    for suite in root:
        assert suite.tag == 'testsuite'
        cases = suite.findall('testcase')
        assert len(cases) == len(suite) == int(suite.get('tests')), path
        assert sum(len(case.findall('failure')) for case in cases) == int(suite.get('failures')), path
        for case in cases:
            kind = case[0].tag if len(case) else 'passed'
            text = case[0].text if len(case) else ''
            tests.append([case.get('classname'), case.get('name'), kind, text])
    assert len(tests) == int(root.get('tests'))
    out.append(tests)
print(json.dumps(out))
";

fn run(program: &str, arguments: &[&str], files: &[String]) -> String {
    let output = Command::new(program).args(arguments).args(files).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; `tests/run` installs it"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{program}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn files(folder: &Path, reports: &[String]) -> Vec<String> {
    let write = |(index, report): (usize, &String)| {
        let path = folder.join(format!("{index}.xml"));
        fs::write(&path, report).unwrap();
        path.to_str().unwrap().to_string()
    };
    reports.iter().enumerate().map(write).collect()
}

fn read(reports: &[String]) -> Vec<Vec<[String; 4]>> {
    let folder = tempfile::tempdir().unwrap();
    let text = run("python3", &["-c", READER], &files(folder.path(), reports));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_report_is_read_by_other_programs() {
    let fleets = fleets();
    let reports: Vec<String> = fleets.iter().map(|fleet| drawn(Format::Junit, fleet, &BOOK)).collect();
    let folder = tempfile::tempdir().unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/junit-10.xsd");
    run("xmllint", &["--noout", "--schema", schema.to_str().unwrap()], &files(folder.path(), &reports));
    for (fleet, tests) in fleets.iter().zip(read(&reports)) {
        let names: BTreeSet<_> = tests.iter().map(|[class, name, ..]| (class, name)).collect();
        assert_eq!(names.len(), tests.len(), "names are unique: {tests:#?}");
        assert_eq!(tests.len(), fleet.report.findings.len().max(1));
        let failed = tests.iter().filter(|[.., kind, _]| kind == "failure").count();
        assert_eq!(failed > 0, fleet.report.has_errors());
    }
}

#[test]
fn what_xml_cannot_hold_does_not_break_it() {
    let fleet = whole(
        "roles:\n  \"<\\\"&'>\\u0001\\e]]>\\uFFFE\": {}\n  compute: { extends: \"<\\r\\n\\t\\u0085\\u2028😀\" }\n",
    );
    let text = drawn(Format::Junit, &compiled(&fleet, &[]), &Style::PLAIN);
    let tests = read(&[text]).remove(0);
    let said: Vec<&str> = tests.iter().map(|[_, _, _, text]| text.as_str()).collect();
    assert!(said.iter().any(|text| text.contains("<\"&'>")), "{said:?}");
    assert!(said.iter().any(|text| text.contains('😀')), "{said:?}");
}

#[test]
fn a_clean_fleet_passes_and_a_warning_too() {
    let clean = drawn(Format::Junit, &compiled(&whole(""), &[]), &Style::PLAIN);
    let odd = drawn(
        Format::Junit,
        &compiled(&whole("roles:\n  compute: { bundles: {add: [vim, vim]} }\n"), &[]),
        &Style::PLAIN,
    );
    let tests = read(&[clean, odd]);
    let row = |class: &str, name: &str, kind: &str, text: &str| [class, name, kind, text].map(str::to_string);
    assert_eq!(tests[0], [row("fleetc.check", "no faults", "passed", "")]);
    let text =
        "warning: fleet.yaml:2:35: `vim` stands twice in this list\nhelp: remove one\nfleet.yaml:2:30: first here";
    let name = "fleet.yaml: `vim` stands twice in this list";
    assert_eq!(tests[1], [row("fleetc.duplicate-in-list", name, "system-out", text)]);
}

#[test]
fn the_reader_finds_faults() {
    let folder = tempfile::tempdir().unwrap();
    let good = drawn(Format::Junit, &compiled(&whole(""), &[]), &Style::PLAIN);
    for wrong in [good.replace("tests=\"1\"", "tests=\"2\""), good.replace("no faults", "a & b"), format!("\n{good}")] {
        let files = files(folder.path(), &[wrong]);
        let output = Command::new("python3").args(["-c", READER]).args(files).output().unwrap();
        assert!(!output.status.success());
    }
    let _: Value = serde_json::to_value(read(&[good])).unwrap();
}
