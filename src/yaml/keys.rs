//! The keys of mappings: those that a record takes, those that nobody knows, those that stand twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::cursor::{Cursor, Misfit, Pair, Parts};
use super::faults::{DUPLICATE_KEY, MERGE_KEY, UNKNOWN_KEY, WRONG_KIND};
use super::node::{Kind, NodeId};
use crate::diag::Reported;
use crate::nearest;

/// Keys up to which a mapping is searched in line.
const FEW: usize = 16;

/// Known keys up to which help lists them all.
const LISTED: usize = 12;

impl<'a> Cursor<'_, 'a> {
    /// The text of a mapping's key; reports a key that is a collection.
    ///
    /// A merge key makes the mapping something else than what is written, so it goes into `merged`, for the caller to
    /// give up the mapping as a whole.
    fn key_text(&self, key: NodeId, merged: &mut Option<Reported>) -> Option<&'a str> {
        let target = self.document().follow(key);
        if matches!(self.document().node(target).kind, Kind::Sequence | Kind::Mapping) {
            let fault = WRONG_KIND.at(self.at(key).span(), "a list or a mapping as a key");
            self.decoder.sink.report(fault.help("keys are plain names"));
            return None;
        }
        let text = self.document().scalar(target);
        if text == "<<" && self.document().node(target).kind == Kind::Plain {
            let fault = MERGE_KEY.at(self.at(key).span(), "merge keys (`<<`) are not part of the language");
            let fault = fault.help("put what is common into `defaults`, or into a role that others `extends`");
            *merged = Some(self.decoder.sink.report(fault));
            return None;
        }
        Some(text)
    }

    fn duplicate(&self, text: &str, first: NodeId, again: NodeId) {
        let fault = DUPLICATE_KEY.at(self.at(again).span(), format!("`{text}` stands twice in one mapping"));
        self.decoder.sink.report(
            fault.label("again here").and(self.at(first).span(), "first here").help("remove one, or rename it"),
        );
    }

    /// Reports a key that nobody knows. Gives the known key that was meant by it: near to it, and not there.
    fn unknown(&self, text: &str, key: NodeId, known: &[&'static str], there: impl Fn(&str) -> bool) -> Option<Pair> {
        let place = self.at(key).span();
        let first = text.split([' ', '\u{a0}', ':']).next().unwrap_or_default();
        let absent = || known.iter().copied().filter(|name| !there(name));
        let glued = absent().find(|name| *name == first && *name != text);
        let fault = match glued {
            Some(name) => {
                let value = text[name.len()..].trim_start_matches([' ', '\u{a0}', ':']);
                let fault = UNKNOWN_KEY.at(place, format!("`{text}` has no colon with a blank behind it"));
                fault.help(format!("`{name}: {value}`"))
            }
            None => {
                let fault = UNKNOWN_KEY.at(place, format!("unknown key `{text}`"));
                let help = nearest::did_you_mean(text, "the keys here", known.iter().copied());
                let all = || "`fleetc schema` and the book's page on the fleet file list the keys".to_string();
                let fault = fault.help(help.unwrap_or_else(all));
                // `ssh-key` can only mean `ssh_key`.
                let meant = text.replace('-', "_").to_ascii_lowercase();
                match known.iter().find(|known| **known == meant) {
                    Some(known) => fault.edit(place, *known),
                    None => fault,
                }
            }
        };
        let faulty = Some(self.decoder.sink.report(fault));
        let only = || (known.len() <= LISTED && absent().count() == 1).then(|| absent().next()).flatten();
        let name = glued.or_else(|| nearest::nearest(text, absent())).or_else(only)?;
        Some(Pair { name, node: key, faulty })
    }

    /// The pairs of a mapping whose keys are the user's own; a key that stands twice is reported, and counts once.
    pub(super) fn distinct(&self, map: NodeId) -> Result<Vec<(NodeId, NodeId)>, Misfit> {
        let mut merged = None;
        let mut pairs: Vec<(NodeId, NodeId)> = Vec::new();
        // A table pays for large mappings alone, and there is one of those: `hosts`.
        let mut table: Option<HashMap<&str, NodeId>> = None;
        for (key, value) in self.document().pairs(map) {
            let Some(text) = self.key_text(key, &mut merged) else { continue };
            let name = |key: NodeId| self.document().scalar(self.document().follow(key));
            if table.is_none() && pairs.len() == FEW {
                table = Some(pairs.iter().map(|(key, _)| (name(*key), *key)).collect());
            }
            let first = match &mut table {
                Some(table) => match table.entry(text) {
                    Entry::Occupied(first) => Some(*first.get()),
                    Entry::Vacant(free) => {
                        free.insert(key);
                        None
                    }
                },
                None => pairs.iter().find(|(known, _)| name(*known) == text).map(|(first, _)| *first),
            };
            match first {
                Some(first) => self.duplicate(text, first, key),
                None => pairs.push((key, value)),
            }
        }
        Misfit::unless(merged, pairs)
    }

    /// The pairs of a mapping that a record takes, and those that are missing because their keys are misspelt.
    pub(super) fn fields(&self, map: NodeId, known: &'static [&'static str]) -> Result<Vec<Pair>, Misfit> {
        let (mut pairs, meant) = match self.parts {
            // All keys were judged when the first part was read.
            Some(parts) => {
                let mut pairs: Vec<Pair> = Vec::new();
                for (key, node) in self.document().pairs(map) {
                    let text = self.document().scalar(self.document().follow(key));
                    let Some(name) = known.iter().find(|name| **name == text) else { continue };
                    if pairs.iter().all(|pair| pair.name != *name) {
                        pairs.push(Pair { name, node, faulty: None });
                    }
                }
                (pairs, parts.borrow().meant.clone())
            }
            None => self.judged(map, &[known])?,
        };
        pairs.extend(meant.into_iter().filter(|pair| known.contains(&pair.name)));
        Ok(pairs)
    }

    /// Judges, before the first part of a record is read, all keys of its mapping.
    pub(super) fn judge(&self, map: NodeId, parts: &mut Parts) -> Result<(), Misfit> {
        let (_, meant) = self.judged(map, &parts.known)?;
        parts.meant = meant;
        Ok(())
    }

    /// The pairs of a mapping whose keys are known, and what was meant by the others, which are reported.
    fn judged(&self, map: NodeId, known: &[&'static [&'static str]]) -> Result<(Vec<Pair>, Vec<Pair>), Misfit> {
        let mut merged = None;
        let mut pairs: Vec<Pair> = Vec::new();
        let mut keys: Vec<(&str, NodeId)> = Vec::new();
        let mut strange: Vec<(&str, NodeId)> = Vec::new();
        for (key, node) in self.document().pairs(map) {
            let Some(text) = self.key_text(key, &mut merged) else { continue };
            if let Some((_, first)) = keys.iter().find(|(name, _)| *name == text) {
                self.duplicate(text, *first, key);
                continue;
            }
            keys.push((text, key));
            match known.iter().flat_map(|part| part.iter()).find(|name| **name == text) {
                Some(name) => pairs.push(Pair { name, node, faulty: None }),
                None => strange.push((text, key)),
            }
        }
        let mut meant: Vec<Pair> = Vec::new();
        if !strange.is_empty() {
            let known: Vec<&'static str> = known.iter().flat_map(|part| part.iter().copied()).collect();
            for (text, key) in strange {
                let there = |name: &str| pairs.iter().chain(&meant).any(|pair| pair.name == name);
                let found = self.unknown(text, key, &known, there);
                meant.extend(found);
            }
        }
        Misfit::unless(merged, (pairs, meant))
    }
}
