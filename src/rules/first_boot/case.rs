//! A rendered text on its way through the checks: places in it, and what is said of them.

use std::collections::HashMap;

use super::read::{Place, Text};
use crate::diag::{Diagnostic, Fault, Rule};
use crate::model::Host;
use crate::source::Span;
use crate::template::Rendered;

/// The machines that a text is rendered for.
#[derive(Clone, Copy)]
pub(super) enum Machines<'f> {
    /// This one alone.
    One(&'f Host),
    /// Several, or ones that nobody has listed.
    Many,
}

/// What a text's machines are, as far as it matters to the text.
pub(super) struct Around<'a> {
    pub(super) machines: Machines<'a>,
    /// The version of a release whose ucd runs before the network is up (contract U-4).
    pub(super) early: Option<Span>,
    /// Whether another machine has such a release, and a text from the same template.
    pub(super) early_elsewhere: bool,
    /// Whether one of them is to be installed.
    pub(super) installs: bool,
    /// Whether one of them may have bundles that Clear Linux does not have.
    pub(super) mix: bool,
    /// The users that the installer makes, and whether it writes a key for them.
    pub(super) users: &'a HashMap<&'a str, bool>,
}

/// A text on its way through the checks.
pub(super) struct Case<'r> {
    pub(super) rendered: &'r Rendered<'r>,
    pub(super) around: &'r Around<'r>,
    pub(super) sink: &'r dyn Fn(Diagnostic),
}

impl Case<'_> {
    /// The rendered text.
    pub(super) fn text(&self) -> &str {
        &self.rendered.text
    }

    /// The place in the template, or in the fleet file.
    pub(super) fn span(&self, place: Place) -> Span {
        self.rendered.span_of(place.start as usize, place.end as usize)
    }

    /// The place, where the source has its bytes as they are.
    pub(super) fn literal(&self, place: Place) -> Option<Span> {
        self.rendered.literal(place.start as usize, place.end as usize)
    }

    /// Whether the text is part of the fleet file, where its lines are indented deeper than here.
    pub(super) fn is_inline(&self) -> bool {
        self.rendered.is_inline()
    }

    /// A finding, to be reported when more is said.
    pub(super) fn finding(&self, rule: &'static Rule, place: Place, message: impl Into<String>) -> Diagnostic {
        rule.at(self.span(place), message)
    }

    /// Reports a finding.
    pub(super) fn report(&self, finding: Diagnostic) {
        (self.sink)(finding);
    }

    /// Adds an edit, where the source has the bytes of the place as they are.
    pub(super) fn edited(&self, finding: Diagnostic, place: Place, text: &str) -> Diagnostic {
        match self.literal(place) {
            Some(span) => finding.edit(span, text),
            None => finding,
        }
    }

    /// Reports what is said with a message and a help.
    pub(super) fn at(&self, rule: &'static Rule, place: Place, message: impl Into<String>, help: impl Into<String>) {
        self.report(self.finding(rule, place, message).help(help));
    }

    /// Reports the fault of a typed text.
    pub(super) fn fault(&self, fault: Fault, place: Place) {
        self.report(Fault { instead: None, ..fault }.at(self.span(place)));
    }

    /// A part of a text for a message, as the template has it where it is written there; else the whole.
    pub(super) fn part(&self, part: &str, text: &Text<'_>) -> String {
        if self.literal(text.place).is_some() { format!("`{part}`") } else { self.quote(text) }
    }

    /// A text for a message, as the template has it: the same for all machines, so that one fault is one finding.
    pub(super) fn quote(&self, text: &Text<'_>) -> String {
        let place = text.place;
        let written = match self.literal(place) {
            Some(_) => text.text,
            None => self.rendered.written(place.start as usize, place.end as usize),
        };
        short(written)
    }
}

/// A text in backticks, cut to one line.
pub(super) fn short(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let most = 60;
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("`{}…`", &line[..end]),
        None if text.trim().lines().count() > 1 => format!("`{line} …`"),
        None => format!("`{line}`"),
    }
}
