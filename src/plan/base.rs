//! What machines were before, however that is known: from a fleet, or from a built tree.

use std::collections::BTreeSet;

use super::change::{Field, Kind, Place, Unlisted};
use crate::model::{Host, Mac};

/// The machines before a change, by number, in the order of their names.
pub(super) trait Base: Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// A machine's name.
    fn name(&self, was: u32) -> &str;

    /// Whether a machine has another name now.
    fn renamed(&self, was: u32, now: &Host) -> bool {
        self.name(was) != now.name.as_str()
    }

    /// Its cards.
    fn macs(&self, was: u32) -> Vec<Mac>;

    /// Whether its boot script installs.
    fn installs(&self, was: u32) -> bool;

    /// What differs in the entry for each listed machine.
    fn entry(&self) -> &[Field];

    /// Adds what differs between two installations.
    fn installation(&self, was: u32, now: &Host, found: &mut Found);

    /// The lines that caused what was found; those of the head first, each once.
    fn because(&self, was: u32, now: &Host, found: &Found) -> Vec<Place>;

    /// Where a machine was listed that is listed no more.
    fn listed_at(&self, was: u32) -> Option<Place>;

    /// What changes for machines that are not listed.
    fn unlisted(&self) -> Option<Unlisted>;
}

/// A change in the making.
#[derive(Default)]
pub(super) struct Found {
    pub(super) kinds: BTreeSet<Kind>,
    pub(super) fields: BTreeSet<Field>,
}

impl Found {
    pub(super) fn add(&mut self, kind: Kind, field: Field) {
        self.kinds.insert(kind);
        self.fields.insert(field);
    }

    /// The words of the fields, each once.
    pub(super) fn words(&self) -> Vec<&'static str> {
        let mut words: Vec<&'static str> = Vec::new();
        for field in &self.fields {
            if !words.contains(&field.word()) {
                words.push(field.word());
            }
        }
        words
    }

    /// What is cosmetic beside another change is not said.
    pub(super) fn settle(&mut self) {
        if self.kinds.len() > 1 && self.kinds.remove(&Kind::Cosmetic) {
            self.fields.remove(&Field::ReleaseName);
            self.fields.remove(&Field::Role);
        }
    }
}
