//! One side of a comparison: a fleet, its tree, and the places in its sources.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::change::Place;
use crate::emit::Emission;
use crate::model::{Fleet, Mac, Unknown};
use crate::source::{Loader, Sources, Span};

/// One side of a comparison.
pub struct Side<'s> {
    pub(super) fleet: &'s Fleet,
    pub(super) sources: &'s Sources,
    pub(super) tree: Emission<'s>,
    pub(super) loader: &'s dyn Loader,
    files: Vec<Arc<str>>,
    lines: OnceLock<HashSet<Box<str>>>,
}

impl<'s> Side<'s> {
    /// A side from a fleet without errors, the sources it was compiled from, and what read them.
    pub fn new(fleet: &'s Fleet, sources: &'s Sources, loader: &'s dyn Loader) -> Side<'s> {
        let files = sources.ids().map(|id| sources.get(id).shown.as_str().into()).collect();
        Side { fleet, sources, tree: Emission::new(fleet, sources), loader, files, lines: OnceLock::new() }
    }

    /// The line of a span.
    pub(super) fn place(&self, span: Span, gone: bool) -> Place {
        let line = self.sources.get(span.file).line_of(span.start);
        Place { file: self.files[span.file.0 as usize].clone(), line, gone }
    }

    /// Whether the sources have a line like the one that a span of another side begins in.
    pub(super) fn has_line_of(&self, other: &Side<'_>, span: Span) -> bool {
        let all = || {
            self.sources.ids().flat_map(|id| self.sources.get(id).text.lines()).map(|line| line.trim().into()).collect()
        };
        let source = other.sources.get(span.file);
        let (start, end) = source.line_range(source.line_of(span.start));
        self.lines.get_or_init(all).contains(source.text[start..end].trim())
    }

    /// What machines that are not listed get, in words.
    pub(super) fn unknown(&self) -> String {
        match self.fleet.unknown {
            Unknown::Refuse => "refuse".to_string(),
            Unknown::Local => "local".to_string(),
            Unknown::Install(role) => format!("install {}", self.fleet.role(role.value).name.as_str()),
        }
    }
}

/// Which host of one side is which of the other, by index.
pub(super) struct Matches {
    /// For each host of the head, the host of the base that it was.
    pub(super) was: Vec<Option<u32>>,
    /// The hosts of the base that are listed no more.
    pub(super) removed: Vec<u32>,
    /// The hosts of the base by their cards.
    pub(super) before: HashMap<Mac, u32>,
    /// The hosts of the head by their cards.
    pub(super) after: HashMap<Mac, u32>,
}

fn cards(fleet: &Fleet) -> HashMap<Mac, u32> {
    let hosts = fleet.hosts.iter().enumerate();
    hosts.flat_map(|(index, host)| host.macs.iter().map(move |mac| (mac.value, index as u32))).collect()
}

impl Matches {
    /// Hosts are the same by name; of those that are left, by card.
    pub(super) fn of(base: &Fleet, head: &Fleet) -> Matches {
        let (before, after) = (cards(base), cards(head));
        let mut was = vec![None; head.hosts.len()];
        let mut left: BTreeSet<u32> = BTreeSet::new();
        // Both are sorted by name.
        let mut new = head.hosts.iter().enumerate().peekable();
        for (index, host) in base.hosts.iter().enumerate() {
            while new.next_if(|(_, other)| other.name.value < host.name.value).is_some() {}
            match new.next_if(|(_, other)| other.name.value == host.name.value) {
                Some((at, _)) => was[at] = Some(index as u32),
                None => {
                    left.insert(index as u32);
                }
            }
        }
        for (index, host) in head.hosts.iter().enumerate() {
            if was[index].is_none() && !left.is_empty() {
                let known = host.macs.iter().filter_map(|mac| before.get(&mac.value)).find(|host| left.remove(host));
                was[index] = known.copied();
            }
        }
        Matches { was, removed: left.into_iter().collect(), before, after }
    }
}
