//! Passes over the ledger, by many threads, beside the tree.

use std::fs::File;
use std::ops::Range;

use crate::publish::ledger::{Chunk, Damaged, Reader, Record};
use crate::publish::pipeline::pipeline;
use crate::tree::Tree;

/// Chunks that are worked on before what was made of them is taken.
const BATCH: usize = 32;

/// A file that the tree has, or the ledger, or both.
pub(super) enum Side<'r, 't> {
    /// The tree has it at an index, and the ledger records it.
    Both(usize, Record<'r>),
    /// Only the ledger.
    Old(Record<'r>),
    /// Only the tree.
    New(usize, &'t str),
}

/// Whether every record is right; what `with` makes is used for some of them.
pub(super) fn records<W>(
    ledger: &File,
    with: impl Fn() -> W + Sync,
    right: impl Fn(&mut W, &Record<'_>) -> bool + Sync,
) -> bool {
    let chunk = |chunk: Chunk| {
        let mut with = with();
        let right = chunk.records().all(|record| record.is_ok_and(|record| right(&mut with, &record)));
        if right { Ok(()) } else { Err(Damaged) }
    };
    Reader::records(ledger).and_then(|mut reader| pipeline(|| batch(&mut reader), chunk, Ok)).is_ok()
}

/// Does `work` on each chunk, and on the part of the tree that lies beside it, by many threads; what is made of them is
/// handed to `take` in order.
///
/// # Errors
/// When the ledger is damaged, `work` or `take` has an error, or the paths of the tree do not grow.
pub(super) fn beside<T: Send>(
    tree: &dyn Tree,
    ledger: &File,
    work: impl Fn(Range<usize>, &Chunk) -> Result<T, Damaged> + Sync,
    take: impl FnMut(T) -> Result<(), Damaged> + Send,
) -> Result<(), Damaged> {
    let mut reader = Reader::records(ledger)?;
    let (mut from, mut ended) = (0, false);
    let next = || {
        let mut chunks = if ended { Vec::new() } else { batch(&mut reader)? };
        // What sorts behind all that was there lies beside nothing.
        if chunks.is_empty() && !std::mem::replace(&mut ended, true) {
            chunks.push(Chunk::new());
        }
        let mut range = |chunk: &Chunk| -> Result<Range<usize>, Damaged> {
            let to = if chunk.is_empty() { tree.len() } else { until(tree, chunk.last()?).max(from) };
            Ok(std::mem::replace(&mut from, to)..to)
        };
        chunks.into_iter().map(|chunk| Ok((range(&chunk)?, chunk))).collect()
    };
    pipeline(next, |(range, chunk)| work(range, &chunk), take)
}

/// Goes through a chunk and the part of the tree beside it, in the order of their paths.
///
/// # Errors
/// Those of `each`; when the chunk is damaged, or paths do not grow.
pub(super) fn merge<'c>(
    tree: &dyn Tree,
    range: Range<usize>,
    chunk: &'c Chunk,
    mut each: impl FnMut(Side<'c, '_>) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    let mut ahead = Ahead::new(tree, range)?;
    for record in chunk.records() {
        let record = record?;
        while let Some(index) = ahead.index.filter(|_| *ahead.path < *record.path) {
            each(Side::New(index, &ahead.path))?;
            ahead.go_on()?;
        }
        match ahead.index.filter(|_| *ahead.path == *record.path) {
            Some(index) => {
                each(Side::Both(index, record))?;
                ahead.go_on()?;
            }
            None => each(Side::Old(record))?,
        }
    }
    while let Some(index) = ahead.index {
        each(Side::New(index, &ahead.path))?;
        ahead.go_on()?;
    }
    Ok(())
}

/// The next file of the tree.
struct Ahead<'t> {
    tree: &'t dyn Tree,
    index: Option<usize>,
    path: String,
    /// The path before it.
    last: String,
    end: usize,
}

impl<'t> Ahead<'t> {
    fn new(tree: &'t dyn Tree, range: Range<usize>) -> Result<Ahead<'t>, Damaged> {
        let mut ahead = Ahead { tree, index: None, path: String::new(), last: String::new(), end: range.end };
        if let Some(before) = range.start.checked_sub(1) {
            tree.put_path(before, &mut ahead.path);
        }
        ahead.go_to(range.start)?;
        Ok(ahead)
    }

    fn go_on(&mut self) -> Result<(), Damaged> {
        self.index.map_or(Ok(()), |index| self.go_to(index + 1))
    }

    fn go_to(&mut self, index: usize) -> Result<(), Damaged> {
        self.index = (index < self.end).then_some(index);
        if self.index.is_some() {
            std::mem::swap(&mut self.path, &mut self.last);
            self.tree.put_path(index, &mut self.path);
            if self.path <= self.last {
                return Err(Damaged);
            }
        }
        Ok(())
    }
}

/// Some more chunks; none at the end.
fn batch(reader: &mut Reader<'_>) -> Result<Vec<Chunk>, Damaged> {
    std::iter::from_fn(|| reader.chunk().transpose()).take(BATCH).collect()
}

/// How many files of a tree have paths that do not sort behind `path`.
fn until(tree: &dyn Tree, path: &str) -> usize {
    tree.before(path.as_bytes()) + usize::from(tree.index(path).is_some())
}
