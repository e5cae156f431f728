//! Workflow commands of GitHub Actions: each finding becomes a note beside its line in a pull request.
//!
//! Columns count characters from 1; `endColumn` is behind the last character. GitHub shows ten errors and ten warnings a
//! step, so that the worst come first. The log shows the text of a command but not its place, so the text has it too.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::place::Place;
use super::{Style, prose, summary};
use crate::diag::{Finding, Level, Report};
use crate::source::Sources;

pub(super) fn write(report: &Report, sources: &Sources, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    // In the log, nothing but the text of a command is shown, and no colour.
    let style = &Style { colour: false, ..*style };
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    findings.sort_by_key(|finding| (Reverse(finding.level), !finding.diagnostic.rule.fixed));
    for finding in findings {
        one(finding, sources, style, out)?;
    }
    summary::table(report, style, out)?;
    if !report.findings.is_empty() {
        writeln!(out, "{}", summary::line(report))?;
    }
    Ok(())
}

fn one(finding: &Finding, sources: &Sources, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let found = &finding.diagnostic;
    let Place { start, end, .. } = Place::of(found.place.span, sources);
    let command = if finding.level == Level::Error { "error" } else { "warning" };
    let file = property(&style.path(sources.get(found.place.span.file)));
    write!(out, "::{command} file={file},line={}", start.line)?;
    if start.line == end.line {
        write!(out, ",col={},endLine={},endColumn={}", start.column, end.line, end.column)?;
    } else {
        // The runner takes no columns of a place over several lines.
        write!(out, ",endLine={}", end.line)?;
    }
    let title = property(&format!("fleetc: {}", found.rule.id));
    writeln!(out, ",title={title}::{}", data(&prose::tell(found, sources, style)))
}

/// Text behind the `::` of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Format;
    use crate::report::testing::{BOOK, ODD, WRONG, WRONG_VALUE, at, drawn, find, hard, hosts, report};
    use crate::source::Span;

    #[test]
    fn lines_and_columns_are_counted_as_people_do() {
        let (sources, report) = hard();
        // Line 2: `žluť` 1–4, `:` 5, space 6, the face 7, space 8, `wrong` 9–13. Line 3: the tab is one character.
        let expected = "\
::error file=fleet.yaml,line=2,col=9,endLine=2,endColumn=14,title=fleetc%3A wrong-value::\
fleet.yaml:2:9: `wrong` is wrong%0Ahelp: write `right`
::warning file=fleet.yaml,line=3,col=2,endLine=3,endColumn=5,title=fleetc%3A odd-value::\
fleet.yaml:3:2: odd%0Afleet.yaml:1:1: as here
1 error, 1 warning
";
        assert_eq!(drawn(Format::Github, &report, &sources, &Style::PLAIN), expected);
    }

    #[test]
    fn what_the_runner_acts_on_is_escaped() {
        let mut sources = Sources::new("");
        let file = sources.add("a,b:c%.yaml", "x: 1\ny: 2\n");
        let found = WRONG.at(Span { file, start: 0, end: 7 }, "100%\r\n::error::no, a: b").help("50%");
        let expected = "\
::error file=50%25/a%2Cb%3Ac%25.yaml,line=1,endLine=2,title=fleetc%3A wrong-value::\
50%/a,b:c%.yaml:1:1: 100%25␍%0A::error::no, a: b%0Ahelp: 50%25%0Ahttps://book.example/rules/wrong-value.html
  1  error  wrong-value  https://book.example/rules/wrong-value.html
1 error
";
        let style = Style { folder: "50%", ..BOOK };
        let expected = expected.replace("::50%/a", "::50%25/a").replace("c%.yaml:1", "c%25.yaml:1");
        assert_eq!(drawn(Format::Github, &report([found]), &sources, &style), expected);
    }

    #[test]
    fn the_worst_come_first_and_the_table_last() {
        static WORST: crate::diag::Rule = crate::diag::Rule { id: "worst-value", fixed: true, ..WRONG_VALUE };
        let (sources, file) = hosts(20);
        let place = |line| at(&sources, file, line, "mac");
        let odd = (1..=9).map(|line| ODD.at(place(line), "odd"));
        let found = odd.chain([WRONG.at(place(10), "a"), WORST.at(place(12), "b"), WORST.at(place(11), "c")]);
        let text = drawn(Format::Github, &report(found), &sources, &Style { colour: true, ..Style::PLAIN });
        let heads: Vec<_> = text.lines().map(|line| line.split(",col").next().unwrap_or_default()).collect();
        assert_eq!(
            heads[..4],
            [
                "::error file=fleet.yaml,line=11",
                "::error file=fleet.yaml,line=12",
                "::error file=fleet.yaml,line=10",
                "::warning file=fleet.yaml,line=1"
            ]
        );
        let end =
            "\n  9  warning  odd-value\n  2  error    worst-value\n  1  error    wrong-value\n3 errors, 9 warnings\n";
        assert!(text.ends_with(end), "{text}");
    }

    #[test]
    fn an_empty_place_has_a_column() {
        let mut sources = Sources::new("");
        let file = sources.add("fleet.yaml", "a: [");
        let end = find(&sources, file, "[").end;
        let found = report([WRONG.at(Span { file, start: end, end }, "cut off")]);
        let text = drawn(Format::Github, &found, &sources, &Style::PLAIN);
        assert!(text.starts_with("::error file=fleet.yaml,line=1,col=5,endLine=1,endColumn=5,"), "{text}");
    }
}
