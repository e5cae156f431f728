//! JUnit XML: a suite a rule, a test a finding; an error fails, a warning passes and says what is odd.
//!
//! CI servers know tests by their names, so names have no line numbers and are unique in their suite: GitLab ignores
//! the second test of a name. A clean fleet is one test that passes. Columns count characters from 1.

use std::collections::HashMap;
use std::io::{self, Write};

use super::text::one_line;
use super::{Style, prose};
use crate::diag::{Finding, Level, Report};
use crate::source::Sources;

pub(super) fn write(report: &Report, sources: &Sources, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let (tests, failures) = (report.findings.len(), report.count(Level::Error));
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let total = format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\"", tests.max(1));
    writeln!(out, "<testsuites name=\"fleetc\" {total}>")?;
    if tests == 0 {
        writeln!(out, "  <testsuite name=\"check\" {total}>")?;
        writeln!(out, "    <testcase classname=\"fleetc.check\" name=\"no faults\"/>\n  </testsuite>")?;
    }
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    findings.sort_by_key(|finding| finding.diagnostic.rule.id);
    for suite in findings.chunk_by(|a, b| a.diagnostic.rule == b.diagnostic.rule) {
        write_suite(suite, sources, style, out)?;
    }
    writeln!(out, "</testsuites>")
}

/// The findings of a rule, which are not none.
fn write_suite(findings: &[&Finding], sources: &Sources, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let Some(rule) = findings.first().map(|finding| finding.diagnostic.rule.id) else { return Ok(()) };
    let failures = findings.iter().filter(|finding| finding.level == Level::Error).count();
    let tests = findings.len();
    writeln!(out, "  <testsuite name=\"{rule}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">")?;
    let mut names: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let found = &finding.diagnostic;
        let message = one_line(&found.message);
        let mut name = format!("{}: {message}", one_line(&style.path(sources.get(found.place.span.file))));
        let count = names.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            name.push_str(&format!(" ({count})"));
        }
        let text = escaped(&prose::tell(found, sources, style));
        writeln!(out, "    <testcase classname=\"fleetc.{rule}\" name=\"{}\">", escaped(&name))?;
        if finding.level == Level::Error {
            let message = escaped(&message);
            writeln!(out, "      <failure type=\"error\" message=\"{message}\">{text}</failure>")?;
        } else {
            writeln!(out, "      <system-out>warning: {text}</system-out>")?;
        }
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

/// Text as it stands in an element or a quoted attribute, without the characters that XML 1.0 has no way to write.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Format;
    use crate::report::testing::{ODD, WRONG, at, drawn, hard, hosts, report};

    #[test]
    fn lines_and_columns_are_counted_as_people_do() {
        let (sources, report) = hard();
        // Line 2: `žluť` 1–4, `:` 5, space 6, the face 7, space 8, `wrong` from 9. Line 3: the tab is one character.
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"fleetc\" tests=\"2\" failures=\"1\" errors=\"0\">
  <testsuite name=\"odd-value\" tests=\"1\" failures=\"0\" errors=\"0\">
    <testcase classname=\"fleetc.odd-value\" name=\"fleet.yaml: odd\">
      <system-out>warning: fleet.yaml:3:2: odd
fleet.yaml:1:1: as here</system-out>
    </testcase>
  </testsuite>
  <testsuite name=\"wrong-value\" tests=\"1\" failures=\"1\" errors=\"0\">
    <testcase classname=\"fleetc.wrong-value\" name=\"fleet.yaml: `wrong` is wrong\">
      <failure type=\"error\" message=\"`wrong` is wrong\">fleet.yaml:2:9: `wrong` is wrong
help: write `right`</failure>
    </testcase>
  </testsuite>
</testsuites>
";
        assert_eq!(drawn(Format::Junit, &report, &sources, &Style::PLAIN), expected);
    }

    #[test]
    fn a_clean_fleet_passes_a_test() {
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"fleetc\" tests=\"1\" failures=\"0\" errors=\"0\">
  <testsuite name=\"check\" tests=\"1\" failures=\"0\" errors=\"0\">
    <testcase classname=\"fleetc.check\" name=\"no faults\"/>
  </testsuite>
</testsuites>
";
        assert_eq!(drawn(Format::Junit, &report([]), &Sources::new(""), &Style::PLAIN), expected);
    }

    #[test]
    fn names_are_unique_in_their_suite() {
        let (sources, file) = hosts(3);
        let found = (1..=3).map(|line| WRONG.at(at(&sources, file, line, "mac"), "a\nb"));
        let text = drawn(
            Format::Junit,
            &report(found.chain([ODD.at(at(&sources, file, 1, "mac"), "a\nb")])),
            &sources,
            &Style::PLAIN,
        );
        let names: Vec<_> =
            text.lines().filter_map(|line| line.split(" name=").nth(1)).filter(|name| name.contains("yaml")).collect();
        assert_eq!(
            names,
            ["\"fleet.yaml: a b\">", "\"fleet.yaml: a b\">", "\"fleet.yaml: a b (2)\">", "\"fleet.yaml: a b (3)\">"]
        );
    }

    #[test]
    fn what_xml_acts_on_or_cannot_hold_is_written_otherwise() {
        assert_eq!(
            escaped("<a href=\"x\">&amp; ]]> 'q'\n\tž"),
            "&lt;a href=&quot;x&quot;&gt;&amp;amp; ]]&gt; 'q'\n\tž"
        );
        assert_eq!(
            escaped("\u{0}\u{8}\r\u{1b}\u{fffe}\u{ffff}\u{7f}😀"),
            "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{7f}😀"
        );
    }
}
