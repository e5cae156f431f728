//! Findings for people and programs: a format a file, all drawn from one [`Report`].
//!
//! A new format is a file with a `write` function and one entry of `formats!` below.

mod drawing;
mod human;
mod json;
mod place;
mod secret;
mod short;
mod snippet;
mod text;

pub(crate) use secret::mask;

use std::io::{self, BufWriter, Write};

use crate::diag::{Level, Report};
use crate::source::Sources;

pub use json::{Findings, JsonFinding, JsonLevel, JsonRelated, JsonSummary, findings_schema};

/// How findings may look where they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour with ANSI escapes.
    pub colour: bool,
    /// Whether lines and arrows may be drawn with characters beyond ASCII.
    pub unicode: bool,
    /// Columns of the terminal.
    pub width: usize,
}

impl Style {
    /// What stands for something left out.
    fn dots(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }
}

/// Declares the formats: doc comment, variant, and the module that writes it, which is also the format's name.
macro_rules! formats {
    ($(#[doc = $about:literal] $variant:ident = $module:ident;)*) => {
        /// A format of findings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Format {
            $(#[doc = $about] $variant,)*
        }

        /// Every format, with its name on the command line and what it is for.
        pub const FORMATS: &[(&str, Format, &str)] = &[$((stringify!($module), Format::$variant, $about.trim_ascii()),)*];

        impl Format {
            fn write(self, report: &Report, sources: &Sources, style: &Style, out: &mut dyn Write) -> io::Result<()> {
                match self {
                    $(Format::$variant => $module::write(report, sources, style, out),)*
                }
            }
        }
    };
}

formats! {
    /// The source with every place marked, for people.
    Human = human;
    /// One line a finding, for editors and `grep`.
    Short = short;
    /// One JSON object, for programs.
    Json = json;
}

impl Format {
    /// The format of this name.
    pub fn named(name: &str) -> Option<Format> {
        FORMATS.iter().find(|(known, ..)| *known == name).map(|(_, format, _)| *format)
    }
}

/// Writes the findings of a run. Human and short text of a report without findings is empty.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(
    format: Format,
    report: &Report,
    sources: &Sources,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    format.write(report, sources, style, &mut out)?;
    out.flush()
}

/// How many findings there are: `2 errors, 1 warning`, or nothing.
fn summary(report: &Report) -> String {
    let part = |level: Level| match report.count(level) {
        0 => None,
        1 => Some(format!("1 {}", level.word())),
        count => Some(format!("{} {}s", text::thousands(count), level.word())),
    };
    [part(Level::Error), part(Level::Warn)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod testing {
    //! Rules and short cuts for the tests of the formats.

    use super::{Format, Style, render};
    use crate::diag::{Diagnostic, Family, Level, Levels, Report, Rule, Sink};
    use crate::source::{FileId, Sources, Span};

    pub(super) static WRONG: Rule = rule("wrong-value", Level::Error);
    pub(super) static ODD: Rule = rule("odd-value", Level::Warn);

    const fn rule(id: &'static str, level: Level) -> Rule {
        Rule { id, family: Family::Language, level, fixed: false, since: "0.1.0", doc: "" }
    }

    pub(super) const PLAIN: Style = Style { colour: false, unicode: true, width: 80 };

    /// The span of the first `part` in a file.
    pub(super) fn find(sources: &Sources, file: FileId, part: &str) -> Span {
        let start = sources.get(file).text.find(part).expect("the part is in the text") as u32;
        Span { file, start, end: start + part.len() as u32 }
    }

    /// The span of the first `part` in a line.
    pub(super) fn at(sources: &Sources, file: FileId, line: u32, part: &str) -> Span {
        let (start, end) = sources.get(file).line_range(line);
        let start = start + sources.get(file).text[start..end].find(part).expect("the part is in the line");
        Span { file, start: start as u32, end: (start + part.len()) as u32 }
    }

    pub(super) fn hosts(count: u32) -> (Sources, FileId) {
        let mut sources = Sources::new("");
        let lines: Vec<String> = (1..=count).map(|n| format!("  h{n}: {{ mac: '02:ab' }}\n")).collect();
        let file = sources.add("fleet.yaml", lines.concat());
        (sources, file)
    }

    pub(super) fn report(findings: impl IntoIterator<Item = Diagnostic>) -> Report {
        let sink = Sink::default();
        for finding in findings {
            sink.report(finding);
        }
        Report::new(sink, &Levels::default(), &Sources::default(), &[])
    }

    pub(super) fn drawn(format: Format, report: &Report, sources: &Sources, style: &Style) -> String {
        let mut out = Vec::new();
        render(format, report, sources, style, &mut out).expect("memory can be written");
        String::from_utf8(out).expect("reports are UTF-8")
    }

    pub(super) fn human(found: impl IntoIterator<Item = Diagnostic>, sources: &Sources) -> String {
        drawn(Format::Human, &report(found), sources, &PLAIN)
    }

    /// Text that makes columns hard: a byte-order mark, two-byte and four-byte characters, CRLF line breaks, a tab.
    pub(super) fn hard() -> (Sources, Report) {
        let mut sources = Sources::new("fleets");
        let file = sources.add("fleet.yaml", "\u{feff}name: žluť\r\nžluť: 😀 wrong # x\r\n\todd: 1\r\n");
        let findings = [
            WRONG.at(find(&sources, file, "wrong"), "`wrong` is wrong").help("write `right`"),
            ODD.at(find(&sources, file, "odd"), "odd").and(find(&sources, file, "name"), "as here"),
        ];
        (sources, report(findings))
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{ODD, PLAIN, WRONG, drawn, report};
    use super::*;
    use crate::source::{FileId, Span};

    #[test]
    fn formats_have_names() {
        let names: Vec<_> = FORMATS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names, ["human", "short", "json"]);
        assert_eq!(Format::named("short"), Some(Format::Short));
        assert_eq!(Format::named("sarif"), None);
        assert_eq!(FORMATS[2].2, "One JSON object, for programs.");
    }

    #[test]
    fn the_summary_counts() {
        let at = |start| Span { file: FileId(0), start, end: start };
        assert_eq!(summary(&report([])), "");
        assert_eq!(summary(&report([ODD.at(at(0), "a")])), "1 warning");
        let mixed = report([WRONG.at(at(0), "a"), WRONG.at(at(1), "a"), ODD.at(at(0), "a")]);
        assert_eq!(summary(&mixed), "2 errors, 1 warning");
        assert_eq!(summary(&report((0..1234).map(|n| WRONG.at(at(n), "a")))), "1,234 errors");
    }

    #[test]
    fn nothing_is_said_of_a_clean_fleet() {
        let sources = Sources::new("");
        assert_eq!(drawn(Format::Human, &report([]), &sources, &PLAIN), "");
        assert_eq!(drawn(Format::Short, &report([]), &sources, &PLAIN), "");
    }

    #[test]
    fn any_span_can_be_drawn() {
        let texts = ["", "a", "ž\r\n", "\u{feff}", "\r\n\r\n", "é\tä\n\n\rx", "\u{1b}[31m\u{202e}"];
        for text in texts {
            let mut sources = Sources::new("");
            let file = sources.add("f", text);
            let ends: Vec<u32> = (0..text.len() as u32 + 3).chain([u32::MAX]).collect();
            let spans = ends.iter().flat_map(|start| ends.iter().map(move |end| (*start, *end)));
            for (start, end) in spans {
                let span = Span { file, start, end };
                let found = report([WRONG.at(span, "m\n\u{1b}").label("l").and(Span { start: end, ..span }, "x\ny")]);
                for (name, format, _) in FORMATS {
                    for style in [PLAIN, Style { colour: true, unicode: false, width: 0 }] {
                        let text = drawn(*format, &found, &sources, &style);
                        assert!(!text.is_empty() && (style.colour || !text.contains('\u{1b}')), "{name} {span:?}");
                        // miette says so where a source refuses a label.
                        assert!(!text.contains("Failed"), "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_hundred_thousand_findings_take_no_time() {
        // Quadratic work would take minutes.
        let mut sources = Sources::new("");
        let lines: Vec<String> = (0..100_000).map(|n| format!("  - {{ name: host-{n:06}, mac: wrong }}\n")).collect();
        let file = sources.add("fleet.yaml", lines.concat());
        let at = |n: u32| Span { file, start: n * 36 + 4, end: n * 36 + 10 };
        let found = report((0..100_000).map(|n| WRONG.at(at(n), "m").and(at(99_999 - n), "other")));
        for (name, format, _) in FORMATS {
            let text = drawn(*format, &found, &sources, &PLAIN);
            assert!(text.contains("100,000 errors") || text.contains("\"errors\":100000"), "{name}");
        }
    }
}
