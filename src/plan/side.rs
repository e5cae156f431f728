//! One side of a comparison: a fleet, its tree, and the places in its sources.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use super::change::Place;
use crate::emit::Emission;
use crate::model::{Fleet, Unknown};
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

    /// A file beside the fleet file, as the user would open it.
    pub(super) fn shown(&self, name: &str) -> Arc<str> {
        let known = self.sources.find(name).map(|id| self.files[id.0 as usize].clone());
        known.unwrap_or_else(|| name.into())
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
