//! How findings are shown, and what surrounds them.

use std::borrow::Cow;

use crate::diag::Level;
use crate::source::Source;

/// How findings are shown, and what surrounds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style<'a> {
    /// Whether to colour with ANSI escapes, and to make links with them.
    pub colour: bool,
    /// Whether lines and arrows may be drawn with characters beyond ASCII.
    pub unicode: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// The folder of the fleet file, as a path from the top of the repository; empty for the top itself.
    pub folder: &'a str,
    /// Where the book is served, without a slash at the end.
    pub book: Option<&'a str>,
}

impl Style<'_> {
    /// No colours, 80 columns, the fleet file at the top of its repository, no book.
    pub const PLAIN: Style<'static> = Style { colour: false, unicode: true, width: 80, folder: "", book: None };

    /// What stands for something left out.
    pub(super) fn dots(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    /// The path of a file from the top of the repository: what services know it by.
    pub(super) fn path<'s>(&self, source: &'s Source) -> Cow<'s, str> {
        if self.folder.is_empty() || source.name.starts_with('<') {
            Cow::Borrowed(&source.name)
        } else {
            Cow::Owned(format!("{}/{}", self.folder, source.name))
        }
    }

    /// The address of a rule's page, where there is a book.
    pub fn page(&self, rule: &str) -> Option<String> {
        self.book.map(|book| format!("{book}/rules/{rule}.html"))
    }

    /// Text that leads to the page of a rule, where a terminal can do that.
    pub fn linked(&self, text: &str, rule: &str) -> String {
        match self.page(rule).filter(|_| self.colour) {
            Some(page) => format!("\u{1b}]8;;{page}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
            None => text.to_string(),
        }
    }

    /// Text that stands out.
    pub fn bold(&self, text: &str) -> String {
        if self.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_string() }
    }

    /// Text that stands back.
    pub fn dim(&self, text: &str) -> String {
        if self.colour { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_string() }
    }

    /// Text in the colour of a level.
    pub fn paint(&self, text: &str, level: Level) -> String {
        match (self.colour, level) {
            (false, _) => text.to_string(),
            (true, Level::Error) => format!("\u{1b}[31m{text}\u{1b}[0m"),
            (true, _) => format!("\u{1b}[33m{text}\u{1b}[0m"),
        }
    }
}
