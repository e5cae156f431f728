//! The first ledgers: of a generation in an empty folder, and of one made whole whose old generation becomes the spare.

use std::ops::Range;
use std::os::fd::AsFd;

use rayon::prelude::*;

use super::stock::entered;
use super::{Chunk, Damaged, End, Header, Stock, write};
use crate::publish::folder::Time;
use crate::publish::generation::Build;
use crate::publish::make;
use crate::publish::manifest::Manifest;
use crate::publish::survey::Survey;
use crate::tree::{MANIFEST, Mark, Tree};

/// Writes the ledger of a generation that was built in an empty folder, from `window.0` on until `window.1`, when nobody had
/// reached it yet. `bytes` is the size of its files.
///
/// # Errors
/// When that cannot be done: the next build then goes without.
pub(in crate::publish) fn begin(
    build: &Build<'_>,
    end: &End<'_>,
    window: (Time, Time),
    bytes: u64,
) -> Result<(), Damaged> {
    let mut header = header(build)?;
    header.bytes = bytes;
    header.window = Some(window);
    let here = end.here.0.as_fd();
    let stock = Stock { here, spare: here, begun: window.0, complete: window.1, looked: window.1 };
    header.manifest = stock.file(MANIFEST, false);
    write(build.place, end, header, |writer| {
        writer.end()?;
        writer.end()
    })
}

/// How a generation that was published differs from the one before it, now the spare.
pub(in crate::publish) struct Difference<'d> {
    /// Paths that only the new one has, or with other bytes.
    pub(in crate::publish) differ: Vec<String>,
    /// Paths that only the old one has.
    pub(in crate::publish) gone: Vec<String>,
    /// The size of all files of the new one, without the manifest, in bytes.
    pub(in crate::publish) bytes: u64,
    /// Whether the file of the new one at an index was linked.
    pub(in crate::publish) linked: &'d (dyn Fn(usize, &str) -> bool + Sync),
}

impl Difference<'_> {
    /// Paths that the tree has with other bytes than the old generation, or alone; and those that only the latter has.
    pub(in crate::publish) fn paths(tree: &dyn Tree, old: &Manifest, survey: &Survey) -> [Vec<String>; 2] {
        let changed = survey.files.iter().enumerate().filter(|(_, made)| made.same.is_none());
        let differ = changed.map(|(index, _)| tree.path(index).as_str().to_string()).collect();
        let mut gone = Vec::new();
        let mut index = 0;
        for entry in &old.files {
            while index < tree.len() && tree.path(index) < entry.path {
                index += 1;
            }
            if index == tree.len() || tree.path(index) != entry.path {
                gone.push(entry.path.as_str().to_string());
            }
        }
        [differ, gone]
    }
}

/// Writes the ledger of a generation that was made whole, and of the one before it, now the spare. `foreign` says of what
/// is in both and not fleetc's whether it is a folder.
///
/// # Errors
/// When that cannot be done: the next build then goes without.
pub(in crate::publish) fn keep<'p>(
    build: &Build<'_>,
    difference: Difference<'_>,
    end: &End<'_>,
    stock: &Stock<'_>,
    foreign: impl Iterator<Item = (&'p [u8], bool)>,
) -> Result<(), Damaged> {
    let tree = build.tree;
    let mut header = header(build)?;
    header.bytes = difference.bytes;
    header.manifest = stock.file(MANIFEST, false);
    header.extra = stock.extra(difference.gone.iter().map(String::as_str));
    header.differ = [difference.differ, difference.gone].concat();
    header.differ.sort_unstable();
    header.foreign = stock.carried(tree, foreign);
    let folders = |range: Range<usize>| {
        let (mut before, mut path) = (String::new(), String::new());
        if let Some(index) = range.start.checked_sub(1) {
            tree.put_path(index, &mut before);
        }
        let mut chunk = Chunk::default();
        for index in range {
            tree.put_path(index, &mut path);
            entered(&before, &path).for_each(|folder| chunk.add(&stock.record(folder)));
            std::mem::swap(&mut before, &mut path);
        }
        Ok(chunk)
    };
    let files = |range: Range<usize>| {
        let (mut chunk, mut path) = (Chunk::default(), String::new());
        for index in range {
            tree.put_path(index, &mut path);
            chunk.add(&stock.file(&path, (difference.linked)(index, &path)));
        }
        Ok(chunk)
    };
    write(build.place, end, header, |writer| {
        make::in_order(tree.len(), folders, |_, chunk| writer.chunk(chunk))?;
        writer.end()?;
        make::in_order(tree.len(), files, |_, chunk| writer.chunk(chunk))?;
        writer.end()
    })
}

/// A header that says what the tree is made from.
fn header(build: &Build<'_>) -> Result<Header, Damaged> {
    let tree = build.tree;
    let mut header = Header::new(build.held.like.seen.id.0).ok_or(Damaged)?;
    header.ground = tree.ground();
    let marks: Option<Vec<Mark>> = (0..tree.machines()).into_par_iter().map(|machine| tree.mark(machine)).collect();
    header.marks = marks.unwrap_or_default();
    header.marks.par_sort_unstable();
    Ok(header)
}
