//! One finding as miette draws it: what is wrong, the lines with its places marked, what to do.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::Style;
use super::secret::Masks;
use super::snippet::{Cut, MAX_PLACES, Snippets};
use super::text::{clean, fold, thousands};
use crate::diag::Finding;
use crate::source::Sources;

/// One finding, drawn, with a line feed at the end.
pub(super) fn draw(
    finding: &Finding,
    sources: &Sources,
    masks: &mut Masks,
    style: &Style,
) -> Result<String, fmt::Error> {
    let found = &finding.diagnostic;
    let width = style.width.clamp(40, 200);
    // The frame left of a line takes up to twelve columns: seven digits, blanks, a bar, and dots where it is cut.
    let cut = Cut { limit: width - 12, dots: style.dots() };
    let drawing = Drawing {
        help: found.help.as_ref().map(|help| fold(&clean(help), width - 8, width - 8)),
        snippets: Snippets::new(found, sources, masks, cut),
    };
    let mut drawn = String::new();
    handler(style).render_report(&mut drawn, &drawing)?;
    let mut text = head(finding, style, width);
    // miette begins with a head of its own, and draws blanks behind the bar of an empty line.
    text.extend(drawn.lines().skip(1).flat_map(|line| [line.trim_end(), "\n"]));
    let places = 1 + found.related.len();
    if places > MAX_PLACES {
        text.push_str(&format!("  {} and {} more places\n", style.dots(), thousands(places - MAX_PLACES)));
    }
    Ok(text)
}

/// The head: level, rule and message, folded below itself.
fn head(finding: &Finding, style: &Style, width: usize) -> String {
    let (word, rule) = (finding.level.word(), finding.diagnostic.rule.id);
    let left = width.saturating_sub(word.len() + rule.len() + "[]: ".len());
    let message = fold(&clean(&finding.diagnostic.message), left, width - 4);
    let head = style.paint(&format!("{word}[{}]:", style.linked(rule, rule)), finding.level);
    format!("{head} {}\n", message.replace('\n', "\n    "))
}

/// miette's renderer.
fn handler(style: &Style) -> GraphicalReportHandler {
    let theme = match (style.unicode, style.colour) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::none(),
    };
    // Text is folded before; miette would break names at their hyphens.
    GraphicalReportHandler::new_themed(theme).with_wrap_lines(false).with_links(false).without_syntax_highlighting()
}

/// A finding as miette wants it; its head is drawn without miette, which would put a bar before a folded line.
#[derive(Debug)]
struct Drawing {
    help: Option<String>,
    snippets: Snippets,
}

impl fmt::Display for Drawing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Drawing {}

impl miette::Diagnostic for Drawing {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.snippets)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.snippets.labels.iter().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use crate::report::testing::{WRONG, at, find, hosts, human};
    use crate::source::{Sources, Span};

    #[test]
    fn what_is_far_apart_is_drawn_apart() {
        let (sources, file) = hosts(1200);
        let second = WRONG.at(at(&sources, file, 1003, "02:ab"), "`02:ab` is given to two hosts").label("again here");
        let expected = "\
error[wrong-value]: `02:ab` is given to two hosts
      ╭─[fleet.yaml:1003:18]
 1002 │   h1002: { mac: '02:ab' }
 1003 │   h1003: { mac: '02:ab' }
      ·                  ──┬──
      ·                    ╰── again here
 1004 │   h1004: { mac: '02:ab' }
      ╰────
   ╭─[fleet.yaml:3:15]
 2 │   h2: { mac: '02:ab' }
 3 │   h3: { mac: '02:ab' }
   ·               ──┬──
   ·                 ╰── first here
 4 │   h4: { mac: '02:ab' }
   ╰────

1 error (`fleetc explain RULE` says more)
";
        assert_eq!(human([second.and(at(&sources, file, 3, "02:ab"), "first here")], &sources), expected);
    }

    #[test]
    fn a_place_in_another_file_is_drawn_there() {
        let (mut sources, file) = hosts(9);
        let role = sources.add("roles/web.yaml", "bundles:\r\n  - os-core\r\n  - web");
        let found = WRONG
            .at(at(&sources, file, 9, "mac"), "no")
            .and(find(&sources, role, "web"), "from this role")
            .and(at(&sources, file, 7, "h7"), "and this");
        let expected = "\
error[wrong-value]: no
   ╭─[fleet.yaml:9:9]
 6 │   h6: { mac: '02:ab' }
 7 │   h7: { mac: '02:ab' }
   ·   ─┬
   ·    ╰── and this
 8 │   h8: { mac: '02:ab' }
 9 │   h9: { mac: '02:ab' }
   ·         ───
   ╰────
   ╭─[roles/web.yaml:3:5]
 2 │   - os-core
 3 │   - web
   ·     ─┬─
   ·      ╰── from this role
   ╰────

1 error (`fleetc explain RULE` says more)
";
        assert_eq!(human([found], &sources), expected);
    }

    #[test]
    fn a_long_span_is_its_first_line_and_an_empty_one_a_caret() {
        let (sources, file) = hosts(60);
        let block = Span { end: at(&sources, file, 50, "mac").end, ..at(&sources, file, 10, "{ mac") };
        let empty = Span { end: at(&sources, file, 12, "mac").start, ..at(&sources, file, 12, "mac") };
        let end = sources.get(file).text.len() as u32;
        let text = human(
            [WRONG.at(block, "a"), WRONG.at(empty, "b"), WRONG.at(Span { file, start: end, end }, "c")],
            &sources,
        );
        let expected = "\
error[wrong-value]: a
    ╭─[fleet.yaml:10:8]
  9 │   h9: { mac: '02:ab' }
 10 │   h10: { mac: '02:ab' }
    ·        ────────────────
 11 │   h11: { mac: '02:ab' }
    ╰────

error[wrong-value]: b
    ╭─[fleet.yaml:12:10]
 11 │   h11: { mac: '02:ab' }
 12 │   h12: { mac: '02:ab' }
    ·          ▲
 13 │   h13: { mac: '02:ab' }
    ╰────

error[wrong-value]: c
    ╭─[fleet.yaml:61:1]
 60 │   h60: { mac: '02:ab' }
 61 │
    · ▲
    ╰────

3 errors (`fleetc explain RULE` says more)
";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_end_of_a_file_without_a_line_feed_has_a_caret() {
        let mut sources = Sources::new("");
        let file = sources.add("fleet.yaml", "a:\n  ž: [");
        let text = human([WRONG.at(Span { file, start: 10, end: 10 }, "cut off").label("here")], &sources);
        let expected = "   ╭─[fleet.yaml:2:7]\n 1 │ a:\n 2 │   ž: [\n   ·       ▲\n   ·       ╰── here\n   ╰────\n";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn a_long_line_is_cut_around_its_places() {
        let mut sources = Sources::new("");
        let file = sources.add("fleet.yaml", format!("x: [{}wrong, {}]\n", "ž, ".repeat(1000), "b, ".repeat(1000)));
        let found = WRONG.at(find(&sources, file, "wrong"), "no").and(find(&sources, file, "x"), "in this");
        let expected = "\
error[wrong-value]: no
   ╭─[fleet.yaml:1:3005]
 1 │ …, ž, ž, ž, ž, ž, wrong, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b,…
   ·                   ─────
   ╰────
   ╭─[fleet.yaml:1:1]
 1 │ x: [ž, ž, ž, ž, ž, ž, ž, ž, ž, ž, ž, ž, ž, ž, ž, ž, ž, ž, ž, ž, ž, ž…
   · ┬
   · ╰── in this
   ╰────

1 error (`fleetc explain RULE` says more)
";
        assert_eq!(human([found], &sources), expected);
    }

    #[test]
    fn text_is_folded_between_words() {
        let (sources, file) = hosts(3);
        let found = WRONG.at(at(&sources, file, 1, "mac"), format!("{}`a-long-host-name`", "word ".repeat(11)));
        let text = human([found.help(format!("{}\nkey: a-value", "word ".repeat(16)))], &sources);
        assert!(text.contains("word word\n    `a-long-host-name`\n"), "{text}");
        assert!(text.contains("word word\n        word word\n        key: a-value\n"), "{text}");
    }

    #[test]
    fn a_place_is_drawn_once_and_few_of_many() {
        let (sources, file) = hosts(2000);
        let main = at(&sources, file, 1, "mac");
        let found = WRONG.at(main, "m").label("here").and(main, "and here").and(main, "and here");
        let text = human([found.clone()], &sources);
        assert!(text.contains("·         ─┬─\n   ·          ╰── here; and here\n"), "{text}");
        let many = (2..2000).fold(found, |found, line| found.and(at(&sources, file, line, "mac"), "x"));
        let text = human([many], &sources);
        assert!(text.contains("  … and 1,991 more places\n"), "{text}");
        assert!(text.lines().count() < 40, "{text}");
    }
}
