//! Which row answered which card, and which rows answered none.

use std::collections::HashMap;

use super::super::judge::mac;
use super::rows::Row;
use super::{Repairs, repair};
use crate::diag::Sink;
use crate::model::{FromText, Mac};
use crate::rules::import;
use crate::source::{Span, Spanned};

/// The length of an address as the installer asks with it.
const LENGTH: usize = "52:54:00:00:00:01".len();

/// What the service answered.
pub(super) struct Answers<'t> {
    /// The cards that have an answer of their own, in the order of the rows.
    pub(super) cards: Vec<Answer<'t>>,
    /// The answer to all others: the role in its row, and the row.
    pub(super) unlisted: Option<(Option<Spanned<&'t str>>, Span)>,
}

/// The answer to a card.
pub(super) struct Answer<'t> {
    pub(super) mac: Spanned<Mac>,
    /// The role, as it stands in the row; none when the row has none.
    pub(super) role: Option<Spanned<&'t str>>,
    /// The row.
    pub(super) place: Span,
}

impl<'t> Answers<'t> {
    /// Finds the rows that answer, and reports the others. Headings and comments, which begin with `#`, are no rows
    /// for anybody.
    pub(super) fn read(rows: &[Row<'t>], repairs: Repairs, sink: &Sink) -> Answers<'t> {
        let mut answers = Answers { cards: Vec::new(), unlisted: None };
        let mut first: HashMap<Mac, Span> = HashMap::new();
        let mut ignored: Vec<Span> = Vec::new();
        let comment = |row: &&Row<'_>| row.text.trim_start_matches(['\u{feff}', ' ', '\t']).starts_with('#');
        for row in rows.iter().filter(|row| !comment(row)) {
            if row.text.starts_with("default") {
                answers.default(row, sink);
            } else if let Some(card) = asked(row) {
                answers.card(row, card, &mut first, sink);
            } else {
                continue;
            }
            ignored.extend(row.rest());
        }
        // Only now is it known which addresses are answered.
        for row in rows.iter().filter(|row| !comment(row) && !row.text.starts_with("default")) {
            if asked(row).is_none() {
                answers.dead(row, &mut first, repairs, sink);
            }
        }
        answers.cards.sort_by_key(|answer| answer.place);
        if let Some(place) = ignored.first() {
            let rows = if ignored.len() == 1 { "1 row".to_string() } else { format!("{} rows", ignored.len()) };
            let message = format!("the service never looked at what stands behind the role, in {rows}");
            sink.report(import::not_imported().at(*place, message).help("put it into `labels` if it is of use"));
        }
        answers
    }

    /// A row for machines that are not listed: the last one counts (contract S-6).
    fn default(&mut self, row: &Row<'t>, sink: &Sink) {
        if let Some((_, before)) = self.unlisted.replace((row.role(), row.span)) {
            let dead = import::dead_row()
                .at(before, "a later `default` overrides this one")
                .and(row.span, "the one that counts");
            sink.report(dead.help("take it out"));
        }
    }

    /// A row that begins as a request does.
    fn card(&mut self, row: &Row<'t>, card: Mac, first: &mut HashMap<Mac, Span>, sink: &Sink) {
        if let Some(before) = first.get(&card) {
            let message = format!("the service never gets to this row: an earlier one has `{card}`");
            let dead = import::dead_row().at(row.span, message).and(*before, "the one that counts");
            sink.report(dead.help("take out the one that is wrong"));
            return;
        }
        first.insert(card, row.span);
        let key = row.key();
        let longer = &key.value[LENGTH.min(key.value.len())..];
        if longer.starts_with(':') {
            let message = format!("`{}` is longer than the address of a network card", key.value);
            let broken = import::broken_row().at(key.span, message);
            sink.report(broken.help("fleetc knows cards with six pairs of digits; take the row out"));
            return;
        }
        if !longer.is_empty() && row.role().is_some() {
            let message = format!("the service answered with `{}`; the tree does with `{card}`", key.value);
            let changed = import::not_imported().at(key.span, message);
            sink.report(changed.help("nobody reads that part of the answer; take out what stands behind the address"));
        }
        let mac = Spanned::new(card, row.span.part(0, LENGTH));
        self.cards.push(Answer { mac, role: row.role(), place: row.span });
    }

    /// A row that no request begins with.
    fn dead(&mut self, row: &Row<'t>, first: &mut HashMap<Mac, Span>, repairs: Repairs, sink: &Sink) {
        let key = row.key();
        let Ok(card) = mac(key.value.trim()) else {
            let fault = Mac::from_text(key.value.trim()).err();
            let why = match fault.filter(|fault| fault.rule.id == "unusable-mac") {
                Some(fault) => fault.message,
                None => format!("no machine asks with `{}`", key.value),
            };
            sink.report(import::dead_row().at(row.span, why).help("take it out"));
            return;
        };
        if let Some(before) = first.get(&card) {
            let message = format!("no machine asks with `{}`, and another row has that address", key.value);
            sink.report(import::dead_row().at(row.span, message).and(*before, "the other one").help("take it out"));
            return;
        }
        if repairs.dead_row {
            first.insert(card, row.span);
            self.cards.push(Answer { mac: Spanned::new(card, key.span), role: row.role(), place: row.span });
            return;
        }
        // contract S-4
        let message = format!("no machine asks with `{}`: the service never knew this one", key.value);
        let dead = import::dead_row().at(row.span, message);
        let help = format!("it is left out, as the service did; {} lists it as `{card}`", repair(import::dead_row()));
        sink.report(dead.help(help));
    }
}

/// The address that a row begins with, as the installer asks for it; none when no card does.
fn asked(row: &Row<'_>) -> Option<Mac> {
    let start = row.text.get(..LENGTH)?;
    let card = Mac::from_text(start).ok()?;
    (card.colons() == start).then_some(card)
}
