//! How much was found: in one line, and by rule when that is more than a few.

use std::io::{self, Write};

use super::Style;
use super::text::thousands;
use crate::diag::{Level, Report};

/// Findings that need no table by rule.
const FEW: usize = 10;

/// How many findings there are: `2 errors, 1 warning`, or nothing.
pub(super) fn line(report: &Report) -> String {
    let part = |level: Level| match report.count(level) {
        0 => None,
        1 => Some(format!("1 {}", level.word())),
        count => Some(format!("{} {}s", thousands(count), level.word())),
    };
    [part(Level::Error), part(Level::Warn)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Findings a rule, most first, where there are more than a few or pages to link to; says whether it wrote any.
pub(super) fn table(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<bool> {
    let links = style.book.is_some() && !style.colour;
    if report.findings.is_empty() || report.findings.len() <= FEW && !links {
        return Ok(false);
    }
    let rows = report.by_rule();
    let width = rows.iter().map(|(.., count)| thousands(*count).len()).max().unwrap_or(0);
    let widest = rows.iter().map(|(_, level, _)| level.word().len()).max().unwrap_or(0);
    let longest = rows.iter().map(|(rule, ..)| rule.len()).max().unwrap_or(0);
    for (rule, level, count) in rows {
        let word = level.word();
        let gap = " ".repeat(widest - word.len());
        write!(out, "  {:>width$}  {}{gap}  {}", thousands(count), style.paint(word, level), style.linked(rule, rule))?;
        if let Some(page) = style.page(rule).filter(|_| links) {
            write!(out, "{}  {page}", " ".repeat(longest - rule.len()))?;
        }
        writeln!(out)?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Diagnostic;
    use crate::report::testing::{BOOK, ODD, WRONG, report};
    use crate::source::{FileId, Span};

    fn at(start: u32) -> Span {
        Span { file: FileId(0), start, end: start }
    }

    fn drawn(found: impl IntoIterator<Item = Diagnostic>, style: &Style) -> String {
        let mut out = Vec::new();
        table(&report(found), style, &mut out).expect("memory can be written");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn the_line_counts() {
        assert_eq!(line(&report([])), "");
        assert_eq!(line(&report([ODD.at(at(0), "a")])), "1 warning");
        let mixed = report([WRONG.at(at(0), "a"), WRONG.at(at(1), "a"), ODD.at(at(0), "a")]);
        assert_eq!(line(&mixed), "2 errors, 1 warning");
        assert_eq!(line(&report((0..1234).map(|n| WRONG.at(at(n), "a")))), "1,234 errors");
    }

    #[test]
    fn the_table_comes_with_many_findings() {
        let found = |count: u32| (0..count).map(|n| ODD.at(at(n), "a"));
        assert_eq!(drawn(found(10), &Style::PLAIN), "");
        assert_eq!(drawn(found(11), &Style::PLAIN), "  11  warning  odd-value\n");
        let both = found(1200).chain([WRONG.at(at(0), "a")]);
        let expected = "  1,200  warning  odd-value\n      1  error    wrong-value\n";
        assert_eq!(drawn(both, &Style::PLAIN), expected);
    }

    #[test]
    fn pages_are_linked_where_there_is_a_book() {
        let found = || [WRONG.at(at(0), "a"), WRONG.at(at(1), "a"), ODD.at(at(0), "a")];
        let expected = "  2  error    wrong-value  https://book.example/rules/wrong-value.html\n  \
                        1  warning  odd-value    https://book.example/rules/odd-value.html\n";
        assert_eq!(drawn(found(), &BOOK), expected);
        assert_eq!(drawn([], &BOOK), "");
        // In a terminal with colours, the rule itself is the link.
        assert_eq!(drawn(found(), &Style { colour: true, ..BOOK }), "");
        let many = (0..11).map(|n| ODD.at(at(n), "a"));
        let row = "  11  \u{1b}[33mwarning\u{1b}[0m  \
                   \u{1b}]8;;https://book.example/rules/odd-value.html\u{1b}\\odd-value\u{1b}]8;;\u{1b}\\\n";
        assert_eq!(drawn(many, &Style { colour: true, ..BOOK }), row);
    }
}
