//! Findings for people and programs: a format a file, all drawn from one [`Report`].
//!
//! A new format is a file with a `write` function and one entry of `formats!` below.

mod drawing;
mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
pub mod page;
mod place;
mod prose;
mod sarif;
mod secret;
mod short;
mod snippet;
mod style;
mod summary;
mod text;

pub use junit::escaped;
pub(crate) use secret::{mask_text, mask_value};
pub(crate) use text::{clean, fold, one_line, thousands};

use std::io::{self, BufWriter, Write};

use crate::diag::Report;
use crate::source::Sources;

pub use json::{Findings, JsonEdit, JsonFinding, JsonLevel, JsonRelated, JsonSummary, findings_schema};
pub use style::Style;

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
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif = sarif;
    /// Workflow commands of GitHub Actions.
    Github = github;
    /// A Code Quality report of GitLab.
    Gitlab = gitlab;
    /// JUnit XML, for CI servers that show tests.
    Junit = junit;
}

impl Format {
    /// The format of this name.
    pub fn named(name: &str) -> Option<Format> {
        FORMATS.iter().find(|(known, ..)| *known == name).map(|(_, format, _)| *format)
    }
}

/// Writes the findings of a run. What people read of a report without findings is empty.
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

#[cfg(test)]
mod testing {
    //! Rules and short cuts for the tests of the formats.

    use super::{Format, Style, render};
    use crate::diag::{Diagnostic, Family, Level, Levels, Report, Rule, Sink};
    use crate::source::{FileId, Sources, Span};

    // Constants, so that other rules can be made from them.
    pub(super) const WRONG_VALUE: Rule = rule("wrong-value", Level::Error);
    pub(super) static WRONG: Rule = WRONG_VALUE;
    pub(super) static ODD: Rule = rule("odd-value", Level::Warn);

    const fn rule(id: &'static str, level: Level) -> Rule {
        Rule { id, formerly: &[], family: Family::Language, level, fixed: false, since: "0.1.0", doc: "" }
    }

    /// Where there is a book.
    pub(super) const BOOK: Style = Style { book: Some("https://book.example"), ..Style::PLAIN };

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
        drawn(Format::Human, &report(found), sources, &Style::PLAIN)
    }

    /// Text that makes columns hard: a byte-order mark, two-byte and four-byte characters, CRLF line breaks, a tab.
    pub(super) fn hard() -> (Sources, Report) {
        let mut sources = Sources::new("fleets");
        let file = sources.add("fleet.yaml", "\u{feff}name: žluť\r\nžluť: 😀 wrong # x\r\n\todd: 1\r\n");
        let findings = [
            WRONG
                .at(find(&sources, file, "wrong"), "`wrong` is wrong")
                .help("write `right`")
                .edit(find(&sources, file, "wrong"), "right"),
            ODD.at(find(&sources, file, "odd"), "odd").and(find(&sources, file, "name"), "as here"),
        ];
        (sources, report(findings))
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{BOOK, WRONG, drawn, report};
    use super::*;
    use crate::source::Span;

    #[test]
    fn formats_have_names() {
        let names: Vec<_> = FORMATS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names, ["human", "short", "json", "sarif", "github", "gitlab", "junit"]);
        assert_eq!(Format::named("short"), Some(Format::Short));
        assert_eq!(Format::named("xml"), None);
        assert_eq!(FORMATS[2].2, "One JSON object, for programs.");
    }

    #[test]
    fn nothing_is_said_of_a_clean_fleet() {
        let sources = Sources::new("");
        for format in [Format::Human, Format::Short, Format::Github] {
            assert_eq!(drawn(format, &report([]), &sources, &BOOK), "");
        }
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
                    for style in [Style::PLAIN, Style { colour: true, unicode: false, width: 0, ..BOOK }] {
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
            let text = drawn(*format, &found, &sources, &Style::PLAIN);
            let all = match format {
                Format::Human | Format::Short | Format::Github => text.contains("100,000 errors"),
                Format::Json => text.contains("\"errors\":100000"),
                Format::Junit => text.contains("failures=\"100000\""),
                Format::Sarif => text.matches("\"ruleIndex\":0").count() == 100_000,
                Format::Gitlab => text.lines().count() == 100_002,
            };
            assert!(all, "{name}");
        }
    }
}
