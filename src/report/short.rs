//! One line a finding: `file:line:column: error[rule]: message`, then how many there are.

use std::io::{self, Write};

use super::place::Place;
use super::{Style, summary, text};
use crate::diag::Report;
use crate::source::Sources;

pub(super) fn write(report: &Report, sources: &Sources, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    // A line is for programs as much as for people.
    let style = &Style { colour: false, ..*style };
    for finding in &report.findings {
        let found = &finding.diagnostic;
        let Place { file, start, .. } = Place::of(found.place.span, sources);
        let (file, message) = (text::one_line(file), text::one_line(&found.message));
        let (level, rule) = (finding.level.word(), found.rule.id);
        writeln!(out, "{file}:{}:{}: {level}[{rule}]: {message}", start.line, start.column)?;
    }
    summary::table(report, style, out)?;
    if !report.findings.is_empty() {
        writeln!(out, "{}", summary::line(report))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::report::testing::{WRONG, drawn, find, hard, report};
    use crate::report::{Format, Style};
    use crate::source::{Sources, Span};

    #[test]
    fn lines_and_columns_are_counted_as_people_do() {
        let (sources, report) = hard();
        // Line 2: `žluť` 1–4, `:` 5, space 6, the face 7, space 8, `wrong` from 9. Line 3: the tab is one character.
        let expected = "\
fleets/fleet.yaml:2:9: error[wrong-value]: `wrong` is wrong
fleets/fleet.yaml:3:2: warning[odd-value]: odd
1 error, 1 warning
";
        assert_eq!(drawn(Format::Short, &report, &sources, &Style::PLAIN), expected);
    }

    #[test]
    fn the_end_of_a_file_has_a_place() {
        let mut sources = Sources::new("");
        let (cut, whole) = (sources.add("cut.yaml", "a: 1\nžb:"), sources.add("whole.yaml", "a: 1\n"));
        let end = |file, offset| Span { file, start: offset, end: offset };
        let colon = find(&sources, cut, "b:").part(1, 2);
        let found = report([
            WRONG.at(end(cut, 9), "cut off"),
            WRONG.at(colon, "two\nlines"),
            WRONG.at(end(whole, 5), "nothing follows"),
        ]);
        let expected = "\
cut.yaml:2:3: error[wrong-value]: two lines
cut.yaml:2:4: error[wrong-value]: cut off
whole.yaml:2:1: error[wrong-value]: nothing follows
3 errors
";
        assert_eq!(drawn(Format::Short, &found, &sources, &Style::PLAIN), expected);
    }
}
