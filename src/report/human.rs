//! For people: the source with every place marked, what to do, and how much there is.

use std::io::{self, Write};

use super::drawing::draw;
use super::secret::Masks;
use super::text::thousands;
use super::{Style, summary};
use crate::diag::{Finding, Level, Report};
use crate::source::Sources;

/// Findings that are drawn; the rest are counted.
const MAX_DRAWN: usize = 50;

pub(super) fn write(report: &Report, sources: &Sources, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let total = report.findings.len();
    if total == 0 {
        return Ok(());
    }
    let drawn = chosen(report);
    let mut masks = Masks::new(sources);
    for finding in &drawn {
        writeln!(out, "{}", draw(finding, sources, &mut masks, style).map_err(io::Error::other)?)?;
    }
    if total > drawn.len() {
        let rest = total - drawn.len();
        let findings = if rest == 1 { "finding" } else { "findings" };
        writeln!(out, "{} and {} more {findings}\n", style.dots(), thousands(rest))?;
    }
    if summary::table(report, style, out)? {
        writeln!(out)?;
    }
    let mended = report.findings.iter().filter(|finding| !finding.diagnostic.fix.is_empty()).count();
    let fix = if mended > 0 { format!("; `--fix` mends {}", thousands(mended)) } else { String::new() };
    writeln!(out, "{} (`fleetc explain RULE` says more{fix})", summary::line(report))
}

/// What is drawn, by place: everything, or errors before warnings.
fn chosen(report: &Report) -> Vec<&Finding> {
    let errors = report.count(Level::Error).min(MAX_DRAWN);
    let mut left = [errors, MAX_DRAWN - errors];
    let take = |finding: &&Finding| {
        let left = &mut left[usize::from(finding.level != Level::Error)];
        let room = *left > 0;
        *left = left.saturating_sub(1);
        room
    };
    report.findings.iter().filter(take).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Format;
    use crate::report::testing::{BOOK, ODD, WRONG, at, drawn, hard, hosts, human};

    #[test]
    fn lines_and_columns_are_counted_as_people_do() {
        let (sources, report) = hard();
        // Line 2: `žluť` 1–4, `:` 5, space 6, the face 7 (two columns wide), space 8, `wrong` from 9.
        let expected = "\
error[wrong-value]: `wrong` is wrong
   ╭─[fleets/fleet.yaml:2:9]
 1 │ name: žluť
 2 │ žluť: 😀 wrong # x
   ·          ─────
 3 │     odd: 1
   ╰────
  help: write `right`

warning[odd-value]: odd
   ╭─[fleets/fleet.yaml:3:2]
 1 │ name: žluť
   · ──┬─
   ·   ╰── as here
 2 │ žluť: 😀 wrong # x
 3 │     odd: 1
   ·     ───
   ╰────

1 error, 1 warning (`fleetc explain RULE` says more; `--fix` mends 1)
";
        assert_eq!(drawn(Format::Human, &report, &sources, &Style::PLAIN), expected);
    }

    #[test]
    fn colour_and_ascii_are_the_callers_choice() {
        let (sources, found) = hard();
        let ascii = drawn(Format::Human, &found, &sources, &Style { unicode: false, ..Style::PLAIN });
        assert!(ascii.contains("\n   ,-[fleets/fleet.yaml:3:2]\n 1 | name: žluť\n   : ^^|^\n   :   `-- as here\n"));
        let coloured = drawn(Format::Human, &found, &sources, &Style { colour: true, ..Style::PLAIN });
        assert!(coloured.starts_with("\u{1b}[31merror[wrong-value]:\u{1b}[0m `wrong` is wrong\n"), "{coloured}");
        let linked = drawn(Format::Human, &found, &sources, &Style { colour: true, ..BOOK });
        let link = "\u{1b}]8;;https://book.example/rules/wrong-value.html\u{1b}\\wrong-value\u{1b}]8;;\u{1b}\\";
        assert!(linked.starts_with(&format!("\u{1b}[31merror[{link}]:\u{1b}[0m `wrong` is wrong\n")), "{linked}");
    }

    #[test]
    fn the_rest_is_counted_and_no_error_hides_behind_warnings() {
        let (sources, file) = hosts(2000);
        let warnings = (1..=1280).map(|line| ODD.at(at(&sources, file, line, "mac"), "odd"));
        let errors = [3, 1999].map(|line| WRONG.at(at(&sources, file, line, "mac"), "wrong"));
        let text = human(warnings.chain(errors), &sources);
        let heads: Vec<_> = text.lines().filter(|line| line.contains("-value]: ")).collect();
        assert_eq!(heads.len(), MAX_DRAWN);
        assert_eq!((heads[3], heads[MAX_DRAWN - 1]), ("error[wrong-value]: wrong", "error[wrong-value]: wrong"));
        let end = "
… and 1,232 more findings

  1,280  warning  odd-value
      2  error    wrong-value

2 errors, 1,280 warnings (`fleetc explain RULE` says more)
";
        assert!(text.ends_with(end), "{text}");
    }
}
