//! The ledger after a turn: the old one, and what changed.

use std::collections::BTreeSet;

use super::bring;
use super::compare::Changes;
use super::pass::{self, Side};
use super::ready::Ready;
use crate::publish::generation::Build;
use crate::publish::ledger::{
    Carried, Chunk, Damaged, End, Header, Record, Stamp, Stock, above, entered, is_at_root, write,
};

/// Writes the ledger of a turn, both generations being in their new places.
///
/// # Errors
/// When that cannot be done: the next build then goes without.
pub(super) fn write_ledger(
    build: &Build<'_>,
    ready: &Ready<'_>,
    changes: &Changes,
    end: &End<'_>,
    stock: &Stock<'_>,
) -> Result<(), Damaged> {
    let fresh = bring::paths(ready, changes);
    let foreign: Vec<&str> = ready.header.foreign.iter().map(Carried::text).collect();
    let touched: BTreeSet<&str> = fresh.iter().chain(&foreign).flat_map(|path| above(path)).collect();
    let removed = changes.paths.iter().filter(|change| change.index.is_none());
    let mut header = Header::new(ready.header.device).ok_or(Damaged)?;
    header.ground = changes.fresh.ground;
    header.marks = changes.fresh.marks.clone();
    header.differ = changes.paths.iter().map(|change| change.path.clone()).collect();
    header.extra = stock.extra(removed.map(|change| change.path.as_str()));
    let foreign = ready.header.foreign.iter().map(|entry| (&*entry.path, entry.folder.is_some()));
    header.foreign = stock.carried(build.tree, foreign);

    let folders = |before: &str, path: &str, record: Option<&Record<'_>>| {
        let recorded = |folder: &str| {
            // What was moved with the root was changed by that.
            if touched.contains(folder) || is_at_root(folder.as_bytes()) {
                return None;
            }
            let record = record?;
            let depth = above(path).rev().position(|above| above == folder)?;
            let (here, spare) = *record.folders.iter().rev().nth(depth)?;
            Some((spare?, Some(here)))
        };
        let stamps = |folder: &str| recorded(folder).unwrap_or_else(|| stock.folder(folder.as_bytes()));
        entered(before, path).map(stamps).collect::<Vec<(Stamp, Option<Stamp>)>>()
    };
    let work = |range: std::ops::Range<usize>, chunk: &_| {
        let before = range.start.checked_sub(1).map(|index| build.tree.path(index));
        let mut before = before.as_ref().map(|path| path.as_str().to_string()).unwrap_or_default();
        let mut new = Chunk::new();
        pass::merge(build.tree, range, chunk, |side| {
            let (index, record, path) = match &side {
                Side::Both(index, record) => (*index, Some(record), record.path),
                Side::New(index, path) => (*index, None, *path),
                Side::Old(_) => return Ok(()),
            };
            let (sha256, size) = changes.fresh.file(index, record)?;
            let stamp = match record {
                Some(record) if !fresh.contains(path) && !is_at_root(path.as_bytes()) => record.stamp,
                _ => stock.file(path, !changes.has(path)),
            };
            let folders = folders(&before, path, record);
            new.add(&Record { path, size, sha256: &sha256.0, stamp, folders });
            before.clear();
            before.push_str(path);
            Ok(())
        })?;
        Ok(new)
    };
    write(build.place, end, stock, header, |writer| {
        pass::beside(build.tree, &ready.ledger, work, |chunk| Ok(writer.chunk(&chunk)?))
    })
}
