//! One finding in lines of text, for services that show text beside a line or a test.

use super::Style;
use super::place::Place;
use super::text::{clean, one_line, thousands};
use crate::diag::{Diagnostic, Label};
use crate::source::Sources;

/// Other places that are told of one finding.
const MAX_TOLD: usize = 10;

/// Where a finding is, what is wrong, what to do, the other places, and where to read more.
pub(super) fn tell(found: &Diagnostic, sources: &Sources, style: &Style) -> String {
    let mut lines = vec![format!("{}: {}", place(&found.place, sources, style), clean(&found.message))];
    if let Some(help) = &found.help {
        let head = if help.contains('\n') { "help:\n" } else { "help: " };
        lines.push(format!("{head}{}", clean(help.trim_end())));
    }
    for label in found.related.iter().take(MAX_TOLD) {
        lines.push(format!("{}: {}", place(label, sources, style), one_line(&label.text)));
    }
    if let Some(more @ 1..) = found.related.len().checked_sub(MAX_TOLD) {
        lines.push(format!("{} and {} more places", style.dots(), thousands(more)));
    }
    lines.extend(style.page(found.rule.id));
    lines.join("\n")
}

/// A place as editors and terminals find it: `file:line:column`.
fn place(label: &Label, sources: &Sources, style: &Style) -> String {
    let Place { start, .. } = Place::of(label.span, sources);
    format!("{}:{}:{}", one_line(&style.path(sources.get(label.span.file))), start.line, start.column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{BOOK, WRONG, at, hosts};

    #[test]
    fn a_finding_is_told_with_its_places() {
        let (sources, file) = hosts(20);
        let found = WRONG.at(at(&sources, file, 2, "mac"), "wrong\u{1b}").help("write\n  right\n");
        let style = Style { folder: "site", ..BOOK };
        let told = "site/fleet.yaml:2:9: wrong␛\nhelp:\nwrite\n  right\nhttps://book.example/rules/wrong-value.html";
        assert_eq!(tell(&found, &sources, &style), told);
        let many = (3..=14).fold(found, |found, line| found.and(at(&sources, file, line, "mac"), format!("n {line}")));
        let text = tell(&many, &sources, &Style::PLAIN);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines[4], lines[13]), ("fleet.yaml:3:9: n 3", "fleet.yaml:12:10: n 12"));
        assert_eq!((lines.len(), lines[14]), (15, "… and 2 more places"));
    }
}
