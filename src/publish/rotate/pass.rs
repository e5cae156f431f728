//! Passes over the ledger, by many threads, beside the tree.

use std::fs::File;
use std::ops::Range;

use rayon::prelude::*;

use crate::publish::ledger::{Chunk, Damaged, Reader, Record};
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
    let chunk = |chunk: &Chunk| {
        let mut with = with();
        chunk.records().all(|record| record.is_ok_and(|record| right(&mut with, &record)))
    };
    let each = |chunks: Vec<Chunk>| if chunks.par_iter().all(chunk) { Ok(()) } else { Err(Damaged) };
    batches(ledger, each).is_ok()
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
    mut take: impl FnMut(T) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    let mut from = 0;
    batches(ledger, |chunks| {
        let range = |chunk: &Chunk| {
            let to = until(tree, chunk.last()?).max(from);
            Ok(std::mem::replace(&mut from, to)..to)
        };
        let ranges: Vec<Range<usize>> = chunks.iter().map(range).collect::<Result<_, Damaged>>()?;
        let parts: Vec<_> = chunks.par_iter().zip(ranges).map(|(chunk, range)| work(range, chunk)).collect();
        parts.into_iter().try_for_each(|part| take(part?))
    })?;
    // What sorts behind all that was there.
    take(work(from..tree.len(), &Chunk::new())?)
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

fn batches(ledger: &File, mut each: impl FnMut(Vec<Chunk>) -> Result<(), Damaged>) -> Result<(), Damaged> {
    let mut reader = Reader::records(ledger)?;
    loop {
        let mut chunks = Vec::new();
        while chunks.len() < BATCH {
            match reader.chunk()? {
                Some(chunk) => chunks.push(chunk),
                None => return each(chunks),
            }
        }
        each(chunks)?;
    }
}

/// How many files of a tree have paths that do not sort behind `path`.
fn until(tree: &dyn Tree, path: &str) -> usize {
    let (mut from, mut to) = (0, tree.len());
    while from < to {
        let middle = from.midpoint(to);
        if tree.path(middle).as_str() <= path { from = middle + 1 } else { to = middle }
    }
    from
}
