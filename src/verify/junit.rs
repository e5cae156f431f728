//! JUnit XML: a suite a kind of URL, a test for each answer that is wrong, and one for all those that are right.

use std::fmt::Write;

use super::kind::Kind;
use super::meaning::meaning;
use super::report::{Finding, Report};
use crate::report::{escaped, one_line};

/// The check as JUnit XML.
pub fn junit(report: &Report) -> String {
    let (mut suites, mut tests, mut failures) = (String::new(), 0, 0);
    for (kind, tally) in &report.tally {
        let findings: Vec<&Finding> = report.findings.iter().filter(|finding| finding.kind == *kind).collect();
        let good = tally.asked.saturating_sub(tally.bad);
        let all = findings.len() + usize::from(good > 0);
        (tests, failures) = (tests + all, failures + findings.len());
        let name = escaped(kind.label());
        let counts = format!("tests=\"{all}\" failures=\"{}\" errors=\"0\"", findings.len());
        let _ = writeln!(suites, "  <testsuite name=\"{name}\" {counts}>");
        if good > 0 {
            let _ = writeln!(suites, "    <testcase classname=\"{}\" name=\"right answers\">", class(*kind));
            let _ = writeln!(suites, "      <system-out>{good} of {}</system-out>\n    </testcase>", tally.asked);
        }
        for finding in findings {
            case(finding, &mut suites);
        }
        suites.push_str("  </testsuite>\n");
    }
    let mut errors = 0;
    if let Some(why) = &report.unfinished {
        (tests, errors) = (tests + 1, 1);
        let why = escaped(&one_line(why));
        suites.push_str("  <testsuite name=\"the check\" tests=\"1\" failures=\"0\" errors=\"1\">\n");
        let _ = writeln!(suites, "    <testcase classname=\"fleetc.verify\" name=\"is finished\">");
        let _ = writeln!(suites, "      <error type=\"unfinished\" message=\"{why}\"/>\n    </testcase>");
        suites.push_str("  </testsuite>\n");
    }
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"fleetc\" {counts}>\n{suites}</testsuites>\n"
    )
}

fn class(kind: Kind) -> String {
    let word = serde_json::to_value(kind).unwrap_or_default();
    format!("fleetc.verify.{}", word.as_str().unwrap_or_default())
}

fn case(finding: &Finding, out: &mut String) {
    let kind = finding.fault.kind();
    let message = escaped(&one_line(&finding.fault.message()));
    let name = escaped(&one_line(&finding.path));
    let mut lines = vec![one_line(&finding.url)];
    lines.extend(meaning(kind, finding.kind).map(str::to_string));
    lines.extend(finding.origin.as_ref().map(|origin| format!("{}:{}", one_line(&origin.file), origin.line)));
    let _ = writeln!(out, "    <testcase classname=\"{}\" name=\"{name}\">", class(finding.kind));
    let text = escaped(&lines.join("\n"));
    let _ = writeln!(out, "      <failure type=\"{}\" message=\"{message}\">{text}</failure>", kind.word());
    out.push_str("    </testcase>\n");
}
