//! The ledger after a turn: the old one, and what changed.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::bring;
use super::compare::Changes;
use super::ready::Ready;
use crate::publish::generation::Build;
use crate::publish::ledger::{
    Carried, Chunk, Damaged, Difference, End, Folder, Header, Reader, Stamp, Stock, Writer, folders, is_at_root, keep,
    write,
};
use crate::tree::MANIFEST;

/// Writes the ledger of a turn, both generations being in their new places.
///
/// # Errors
/// When that cannot be done: the next build then goes without.
pub(super) fn write_ledger(
    build: &Build<'_>,
    ready: &Ready<'_>,
    changes: &Changes<'_>,
    end: &End<'_>,
    stock: &Stock<'_>,
) -> Result<(), Damaged> {
    let gone = changes.paths.iter().filter(|change| change.index.is_none()).map(|change| change.path.as_str());
    if ready.spare.is_none() {
        let gone: Vec<String> = gone.map(str::to_string).collect();
        let there = changes.paths.iter().filter(|change| change.index.is_some());
        let differ = there.map(|change| change.path.clone()).collect();
        let linked = |_: usize, path: &str| changes.at(path).is_none();
        return keep(
            build,
            Difference { differ, gone, bytes: changes.bytes, linked: &linked },
            end,
            stock,
            std::iter::empty(),
        );
    }
    let mut header = Header::new(ready.header.device).ok_or(Damaged)?;
    header.bytes = changes.bytes;
    header.manifest = stock.file(MANIFEST, false);
    header.ground = changes.fresh.ground;
    header.marks = changes.fresh.marks.clone();
    header.differ = changes.paths.iter().map(|change| change.path.clone()).collect();
    header.extra = stock.extra(gone);
    let foreign = ready.header.foreign.iter().map(|entry| (&*entry.path, entry.folder.is_some()));
    header.foreign = stock.carried(build.tree, foreign);

    // What was moved with the root was changed by that, too.
    let root = end.here.1.iter().filter_map(|name| std::str::from_utf8(name).ok());
    let mut fresh = bring::paths(ready, changes);
    let foreign = ready.header.foreign.iter().map(Carried::text);
    let touched: BTreeSet<&str> = fresh.iter().copied().chain(foreign).flat_map(folders).collect();
    fresh.extend(root);
    write(build.place, end, header, |writer| {
        write_folders(writer, build, ready, &touched, stock)?;
        writer.end()?;
        write_files(writer, build, (ready, changes), &fresh, stock)?;
        writer.end()
    })
}

/// Writes the folders of the tree: those of `touched` and at the root as they are now, the others as they were, but with
/// published generation and spare exchanged.
fn write_folders(
    writer: &mut Writer,
    build: &Build<'_>,
    ready: &Ready<'_>,
    touched: &BTreeSet<&str>,
    stock: &Stock<'_>,
) -> Result<(), Damaged> {
    let touched: Vec<&str> = touched.iter().copied().collect();
    let look = |path| {
        let is_there = build.tree.has_folder(str::trim_end_matches(path, '/').as_bytes());
        (path, is_there.then(|| stock.record(path)))
    };
    let looked: Vec<_> = touched.into_par_iter().map(look).collect();
    let mut fresh = looked.into_iter().peekable();
    let mut reader = Reader::folders(&ready.ledger)?;
    while let Some(chunk) = reader.chunk()? {
        for old in chunk.items() {
            let Folder { path, here, spare } = old?;
            while let Some((_, new)) = fresh.next_if(|(new, _)| *new < path) {
                new.map_or(Ok(()), |new| writer.add(&new))?;
            }
            match (fresh.next_if(|(new, _)| *new == path), spare) {
                (Some((_, new)), _) => new.map_or(Ok(()), |new| writer.add(&new))?,
                (None, Some(spare)) if !is_at_root(path.trim_end_matches('/').as_bytes()) => {
                    writer.add(&Folder { path, here: spare, spare: Some(here) })?;
                }
                (None, _) => writer.add(&stock.record(path))?,
            }
        }
    }
    fresh.try_for_each(|(_, new)| new.map_or(Ok(()), |new| writer.add(&new)))
}

/// Writes the files of the tree: those of `fresh` as they are now, the others as they were.
fn write_files(
    writer: &mut Writer,
    build: &Build<'_>,
    (ready, changes): (&Ready<'_>, &Changes<'_>),
    fresh: &BTreeSet<&str>,
    stock: &Stock<'_>,
) -> Result<(), Damaged> {
    let look = |path: &&str| build.tree.index(path).map(|_| stock.file(path, changes.at(path).is_none()));
    let fresh: Vec<&str> = fresh.iter().copied().collect();
    let looked: Vec<Option<Stamp>> = fresh.par_iter().map(look).collect();
    let mut old = Stamps { reader: Reader::files(&ready.ledger)?, some: Vec::new().into_iter() };
    let mut written = 0;
    for (path, new) in fresh.into_iter().zip(looked) {
        let before = build.tree.before(path.as_bytes());
        old.copy(writer, before - written)?;
        written = before + usize::from(new.is_some());
        if changes.at(path).map_or(new.is_some(), |change| change.was) {
            old.skip()?;
        }
        new.map_or(Ok(()), |new| writer.add(&new))?;
    }
    old.copy(writer, build.tree.len().checked_sub(written).ok_or(Damaged)?)?;
    if old.is_at_end()? { Ok(()) } else { Err(Damaged) }
}

/// The stamps of a ledger's files.
struct Stamps<'r> {
    reader: Reader<'r>,
    /// The rest of a frame that was begun.
    some: std::vec::IntoIter<Stamp>,
}

impl Stamps<'_> {
    /// Copies so many stamps: whole frames as they are, as far as may be.
    fn copy(&mut self, writer: &mut Writer, mut count: usize) -> Result<(), Damaged> {
        while count > 0 {
            if let Some(stamp) = self.some.next() {
                writer.add(&stamp)?;
                count -= 1;
                continue;
            }
            let chunk = self.reader.chunk()?.ok_or(Damaged)?;
            if chunk.len() <= count && writer.is_even() {
                count -= chunk.len();
                writer.chunk(chunk)?;
            } else {
                self.begin(&chunk)?;
            }
        }
        Ok(())
    }

    /// Goes over a stamp.
    fn skip(&mut self) -> Result<(), Damaged> {
        if self.some.len() == 0 {
            let chunk = self.reader.chunk()?.ok_or(Damaged)?;
            self.begin(&chunk)?;
        }
        self.some.next().map(|_| ()).ok_or(Damaged)
    }

    fn is_at_end(&mut self) -> Result<bool, Damaged> {
        Ok(self.some.len() == 0 && self.reader.chunk()?.is_none())
    }

    fn begin(&mut self, chunk: &Chunk) -> Result<(), Damaged> {
        self.some = chunk.items().collect::<Result<Vec<_>, _>>()?.into_iter();
        Ok(())
    }
}
