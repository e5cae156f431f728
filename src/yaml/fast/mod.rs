//! A reader for the forms of YAML that fleets are written in: text to the same nodes as the general parser, faster.
//!
//! It knows mappings and lists by indentation, texts on one line, with or without quotes, texts
//! that keep their lines, flow collections, anchors and aliases, comments.
//! At the first thing that it does not fully know, which may be a fault or only rare, it gives up without a word, and
//! the general parser reads the whole text: every message and every place of a fault comes from there. What it does
//! accept is held equal to what the general parser makes of it: `tests/fast`, and a fuzz target in `tests/fuzz`.

mod anchor;
mod block;
mod escape;
mod flow;
mod literal;
mod printable;
mod scalar;
mod scan;

use super::node::Document;

/// How deep collections may nest here; the general parser, which goes deeper, reports what is too deep.
const DEPTH: usize = 64;

/// How long a key may be here, in bytes; the general parser knows whether it is too long.
const KEY_LENGTH: usize = 1024;

/// Reads the only document of `text`; none where the general parser must be asked, as for more than `max_nodes`.
pub fn read(text: &str, max_nodes: usize) -> Option<Document<'_>> {
    let start = printable::start(text)?;
    let mut scan = scan::Scan::new(text, start, max_nodes);
    block::document(&mut scan)?;
    scan.finish()
}
