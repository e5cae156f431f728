//! A place in the document on its way into a record, and the faults that are found there.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use serde::de::{Deserialize, Visitor};

use super::faults::{DUPLICATE_KEY, MERGE_KEY, UNKNOWN_KEY, WRONG_KIND};
use super::node::{Document, Kind, NodeId};
use crate::diag::{Diagnostic, Reported, Sink};
use crate::nearest;
use crate::source::{FileId, Span};

/// Reads records out of a document, and reports what cannot be read.
#[derive(Clone, Copy)]
pub struct Decoder<'a> {
    document: &'a Document<'a>,
    file: FileId,
    pub(super) sink: &'a Sink,
}

impl<'a> Decoder<'a> {
    /// A decoder for a document of `file`.
    pub fn new(document: &'a Document<'a>, file: FileId, sink: &'a Sink) -> Self {
        Decoder { document, file, sink }
    }

    /// Reads the record at `node`.
    ///
    /// # Errors
    /// Proof of the finding that says why there is none.
    pub fn read<T: Deserialize<'a>>(&self, node: NodeId) -> Result<T, Reported> {
        T::deserialize(Cursor { decoder: self, node, part: None }).map_err(|fault| self.report(fault, node))
    }

    /// The place of a node as written; for an alias, the alias.
    pub fn span(&self, node: NodeId) -> Span {
        let node = self.document.node(node);
        Span { file: self.file, start: node.start, end: node.end }
    }

    pub(super) fn report(&self, fault: Misfit, node: NodeId) -> Reported {
        match fault.reported {
            Some(reported) => reported,
            None => self.sink.report(WRONG_KIND.at(self.span(node), fault.message).help_if(fault.help)),
        }
    }
}

/// Why a node does not fit the record.
#[derive(Debug)]
pub(super) struct Misfit {
    message: String,
    help: Option<String>,
    reported: Option<Reported>,
}

impl Misfit {
    /// The value, unless something was reported that leaves none.
    fn unless<T>(reported: Option<Reported>, value: T) -> Result<T, Misfit> {
        match reported {
            Some(_) => Err(Misfit { message: String::new(), help: None, reported }),
            None => Ok(value),
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Misfit {}

impl serde::de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Misfit { message: message.to_string(), help: None, reported: None }
    }
}

/// Keys up to which a mapping is searched in line.
const FEW: usize = 16;

/// A node on its way into a record.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'d, 'a> {
    pub(super) decoder: &'d Decoder<'a>,
    pub(super) node: NodeId,
    /// Set while a record is read in two parts: the keys that the parts know.
    pub(super) part: Option<&'d RefCell<Vec<&'static [&'static str]>>>,
}

impl<'d, 'a> Cursor<'d, 'a> {
    pub(super) fn at(&self, node: NodeId) -> Self {
        Cursor { decoder: self.decoder, node, part: None }
    }

    pub(super) fn document(&self) -> &'a Document<'a> {
        self.decoder.document
    }

    /// The node with aliases followed.
    pub(super) fn target(&self) -> NodeId {
        self.document().follow(self.node)
    }

    pub(super) fn kind(&self) -> Kind {
        self.document().node(self.target()).kind
    }

    pub(super) fn is_null(&self) -> bool {
        self.document().is_null(self.target())
    }

    pub(super) fn span(&self) -> Span {
        self.decoder.span(self.node)
    }

    pub(super) fn misfit(&self, expected: &str) -> Misfit {
        let found = match self.kind() {
            _ if self.is_null() => "nothing",
            Kind::Sequence => "a list",
            Kind::Mapping => "a mapping",
            _ => "text",
        };
        Misfit { message: format!("expected {expected}, found {found}"), help: None, reported: None }
    }

    pub(super) fn expect(&self, kind: Kind, word: &str) -> Result<NodeId, Misfit> {
        if self.kind() == kind { Ok(self.target()) } else { Err(self.misfit(word)) }
    }

    /// The text of a mapping's key; reports a key that is a collection.
    ///
    /// A merge key makes the mapping something else than what is written, so it goes into `merged`, for the caller to
    /// give up the mapping as a whole.
    pub(super) fn key(&self, key: NodeId, merged: &mut Option<Reported>) -> Option<&'a str> {
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

    pub(super) fn duplicate(&self, text: &str, first: NodeId, again: NodeId) {
        let fault = DUPLICATE_KEY.at(self.at(again).span(), format!("`{text}` stands twice in one mapping"));
        self.decoder.sink.report(
            fault.label("again here").and(self.at(first).span(), "first here").help("remove one, or rename it"),
        );
    }

    pub(super) fn unknown(&self, text: &str, key: NodeId, known: &[&'static str]) {
        let span = self.at(key).span();
        let fault: Diagnostic = UNKNOWN_KEY.at(span, format!("unknown key `{text}`"));
        let fault = fault.help_if(nearest::did_you_mean(text, "the keys here", known.iter().copied()));
        // `ssh-key` can only mean `ssh_key`.
        let meant = text.replace('-', "_").to_ascii_lowercase();
        self.decoder.sink.report(match known.iter().find(|known| **known == meant) {
            Some(known) => fault.edit(span, *known),
            None => fault,
        });
    }

    /// The pairs of a mapping whose keys are the user's own; a key that stands twice is reported, and counts once.
    pub(super) fn distinct(&self, map: NodeId) -> Result<Vec<(NodeId, NodeId)>, Misfit> {
        let mut merged = None;
        let mut pairs: Vec<(NodeId, NodeId)> = Vec::new();
        // A table pays for large mappings alone, and there is one of those: `hosts`.
        let mut table: Option<HashMap<&str, NodeId>> = None;
        for (key, value) in self.document().pairs(map) {
            let Some(text) = self.key(key, &mut merged) else { continue };
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

    /// The pairs of a mapping that a record takes; what it does not know is reported, unless it is one part of two.
    pub(super) fn fields(
        &self,
        map: NodeId,
        known: &'static [&'static str],
    ) -> Result<Vec<(&'static str, NodeId)>, Misfit> {
        let mut merged = None;
        let mut pairs: Vec<(&'static str, NodeId)> = Vec::new();
        let mut seen: Vec<NodeId> = Vec::new();
        for (key, value) in self.document().pairs(map) {
            let quiet = self.part.is_some();
            let target = self.document().follow(key);
            let text = if quiet { Some(self.document().scalar(target)) } else { self.key(key, &mut merged) };
            let Some(text) = text else { continue };
            match known.iter().find(|name| **name == text) {
                Some(name) => match pairs.iter().position(|(taken, _)| taken == name) {
                    Some(_) if quiet => {}
                    Some(index) => self.duplicate(text, seen[index], key),
                    None => {
                        pairs.push((name, value));
                        seen.push(key);
                    }
                },
                None if quiet => {}
                None => self.unknown(text, key, known),
            }
        }
        Misfit::unless(merged, pairs)
    }

    /// Reports, once both parts were read, the keys that neither takes.
    pub(super) fn judge_both(&self, map: NodeId, parts: &[&'static [&'static str]]) -> Result<(), Misfit> {
        let mut merged = None;
        let mut seen: Vec<(&str, NodeId)> = Vec::new();
        for (key, _) in self.document().pairs(map) {
            let Some(text) = self.key(key, &mut merged) else { continue };
            if let Some((_, first)) = seen.iter().find(|(name, _)| *name == text) {
                self.duplicate(text, *first, key);
            } else if parts.iter().all(|part| !part.contains(&text)) {
                let known: Vec<&'static str> = parts.iter().flat_map(|part| part.iter().copied()).collect();
                self.unknown(text, key, &known);
            }
            seen.push((text, key));
        }
        Misfit::unless(merged, ())
    }

    pub(super) fn visit_scalar<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let target = self.target();
        match self.document().node(target).kind {
            Kind::Sequence | Kind::Mapping => Err(self.misfit("text")),
            _ if self.is_null() => Err(self.misfit("text")),
            _ => visitor.visit_borrowed_str(self.document().scalar(target)),
        }
    }
}
