//! A pass over the published manifest, by many threads, beside the tree.

use std::ops::Range;

use super::ready::Ready;
use crate::publish::ledger::Damaged;
use crate::publish::manifest::{Parts, lines};
use crate::publish::pipeline::pipeline;
use crate::tree::Tree;

/// Lines that one thread works on at a time.
const RUN: usize = 1 << 10;

/// Runs that are worked on before what was made of them is taken.
const BATCH: usize = 16;

/// A file that the tree has, or the manifest, or both.
pub(super) enum Side<'l, 't> {
    /// The tree has it at an index, and the manifest lists it.
    Both(usize, Parts<'l>),
    /// Only the manifest.
    Old(Parts<'l>),
    /// Only the tree.
    New(usize, &'t str),
}

/// Does `work` on each run of lines, and on the part of the tree that lies beside it, by many threads; what is made of
/// them is handed to `take` in order.
///
/// # Errors
/// When the manifest is not as fleetc writes it, `work` or `take` has an error, or the paths of the tree do not grow.
pub(super) fn beside<T: Send>(
    tree: &dyn Tree,
    ready: &Ready<'_>,
    work: impl Fn(Range<usize>, &[u8]) -> Result<T, Damaged> + Sync,
    take: impl FnMut(T) -> Result<(), Damaged> + Send,
) -> Result<(), Damaged> {
    let mut lines = ready.lines()?;
    let (mut from, mut ended) = (0, false);
    let next = || {
        let mut runs = Vec::new();
        while runs.len() < BATCH && !ended {
            let run = lines.run(RUN)?.ok_or(Damaged)?;
            // What sorts behind all that is listed lies beside nothing.
            ended = run.is_empty();
            let to = if ended { tree.len() } else { until(tree, lines::last_of(&run))?.max(from) };
            runs.push((std::mem::replace(&mut from, to)..to, run));
        }
        Ok(runs)
    };
    pipeline(next, |(range, run)| work(range, &run), take)
}

/// Goes through a run and the part of the tree beside it, in the order of their paths.
///
/// # Errors
/// Those of `each`; when a line is not as fleetc writes it, or paths do not grow.
pub(super) fn merge<'l>(
    tree: &dyn Tree,
    range: Range<usize>,
    run: &'l [u8],
    mut each: impl FnMut(Side<'l, '_>) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    let mut ahead = Ahead::new(tree, range)?;
    for line in lines::of(run) {
        let old = Parts::of(line).ok_or(Damaged)?;
        while let Some(index) = ahead.index.filter(|_| *ahead.path < *old.path) {
            each(Side::New(index, &ahead.path))?;
            ahead.go_on()?;
        }
        match ahead.index.filter(|_| *ahead.path == *old.path) {
            Some(index) => {
                each(Side::Both(index, old))?;
                ahead.go_on()?;
            }
            None => each(Side::Old(old))?,
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

/// How many files of a tree have paths that do not sort behind that of a line.
fn until(tree: &dyn Tree, line: &[u8]) -> Result<usize, Damaged> {
    let path = Parts::of(line).ok_or(Damaged)?.path;
    Ok(tree.before(path.as_bytes()) + usize::from(tree.index(path).is_some()))
}
