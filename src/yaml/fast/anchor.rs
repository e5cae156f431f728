//! Anchors and aliases: `&name` before a value, `*name` in place of one.

use super::scan::{Anchor, Scan};
use crate::yaml::node::Kind;

/// How many nodes an anchor may stand for here; the general parser counts more.
const NODES: u64 = 1 << 32;

/// How many anchors there may be here: they are searched in line.
const NAMES: usize = 256;

/// The index of an anchor in its text.
pub(super) type AnchorId = usize;

impl<'a> Scan<'a> {
    /// Reads an anchor, and the blanks behind it. It names the node that is made next, which [`Scan::named`] completes.
    ///
    /// A name that was given before is left to the general parser.
    pub(super) fn anchor(&mut self) -> Option<AnchorId> {
        let name = self.name()?;
        if self.anchors.len() >= NAMES || self.anchors.iter().any(|anchor| anchor.name == name) {
            return None;
        }
        if !self.blanks() && !matches!(self.next(), b'\n' | b'\r') {
            return None;
        }
        self.anchors.push(Anchor { name, node: self.after(), before: self.expanded(), size: None });
        Some(self.anchors.len() - 1)
    }

    /// Completes the node of an anchor.
    pub(super) fn named(&mut self, anchor: AnchorId) -> Option<()> {
        let now = self.expanded();
        let anchor = self.anchors.get_mut(anchor)?;
        let size = now - anchor.before;
        anchor.size = (size < NODES).then_some(size);
        anchor.size.map(|_| ())
    }

    /// Reads an alias of a node that is complete.
    pub(super) fn alias(&mut self, flow: bool) -> Option<()> {
        let start = self.at;
        let name = self.name()?;
        match self.next() {
            b' ' | b'\n' | b'\r' | 0 => {}
            b',' | b']' | b'}' if flow => {}
            _ => return None,
        }
        let anchor = self.anchors.iter().find(|anchor| anchor.name == name)?;
        let (node, size) = (anchor.node, anchor.size?);
        self.push(Kind::Alias, start, self.at, node);
        // The alias itself was counted as one.
        self.aliased += size - 1;
        Some(())
    }

    /// Goes over a sign and the name behind it, which is of letters, digits, `-` and `_` here.
    fn name(&mut self) -> Option<&'a str> {
        self.at += 1;
        let start = self.at;
        while matches!(self.next(), b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_') {
            self.at += 1;
        }
        (self.at > start).then(|| self.slice(start, self.at))
    }
}
