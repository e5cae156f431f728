//! The look at both generations: whether each file and each folder is as the ledger says.

use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};

use super::ready::{Ready, has, is};
use crate::publish::folder::Looker;
use crate::publish::ledger::{Chunk, Damaged, Folder, Reader, Stamp};
use crate::publish::manifest::{Parts, lines};
use crate::publish::pipeline::pipeline;
use crate::publish::spare;

/// Frames that are looked at before more are read.
const BATCH: usize = 16;

impl Ready<'_> {
    /// Whether every file and every folder is as the ledger says. No, too, when `stop` is set meanwhile.
    pub(super) fn is_as_recorded(&self, stop: &AtomicBool) -> bool {
        self.folders(stop, true).and_then(|()| self.files(stop)).is_ok()
    }

    /// Whether no folder of the generation that was published has changed: nobody put a file there, or took one.
    pub(super) fn is_untouched(&self) -> bool {
        let foreign = self.header.foreign.iter();
        self.folders(&AtomicBool::new(false), false).is_ok()
            && foreign
                .filter_map(|entry| Some((&entry.path, entry.folder?)))
                .all(|(path, stamp)| is(self.here, path, stamp, true))
            && spare::names(self.here).is_ok_and(|names| names == self.names)
    }

    /// Looks at the folders of the published generation, and at those of the spare if `both`.
    fn folders(&self, stop: &AtomicBool, both: bool) -> Result<(), Damaged> {
        let mut reader = Reader::folders(&self.ledger)?;
        let work = |chunk: Chunk| {
            let [mut here, mut spare] = [self.here, self.kept.as_fd()].map(Looker::new);
            let mut right = |folder: &Folder<'_>| {
                let path = folder.path.trim_end_matches('/').as_bytes();
                let kept = folder.spare.filter(|_| both);
                has(&mut here, path, folder.here, true) && kept.is_none_or(|kept| has(&mut spare, path, kept, true))
            };
            all(&chunk, stop, |folder| right(&folder))
        };
        pipeline(|| batch(&mut reader), work, Ok)
    }

    /// Looks at the files of the published generation. Those of the spare are the same, but where the two differ.
    fn files(&self, stop: &AtomicBool) -> Result<(), Damaged> {
        let mut reader = Reader::files(&self.ledger)?;
        let mut listed = self.lines()?;
        let next = || {
            let chunks = batch(&mut reader)?;
            if chunks.is_empty() && !listed.run(1)?.ok_or(Damaged)?.is_empty() {
                return Err(Damaged);
            }
            let beside = |chunk: Chunk| Ok((listed.run(chunk.len())?.ok_or(Damaged)?, chunk));
            chunks.into_iter().map(beside).collect()
        };
        let work = |(run, chunk): (Vec<u8>, Chunk)| {
            let (mut looker, mut lines) = (Looker::new(self.here), lines::of(&run));
            let right = |stamp: Stamp| {
                let path = lines.next().and_then(Parts::of).map(|parts| parts.path.as_bytes());
                path.is_some_and(|path| has(&mut looker, path, stamp, false))
            };
            all(&chunk, stop, right)
        };
        pipeline(next, work, Ok)
    }
}

/// Whether all items of a chunk are right.
fn all<'c, T: serde::Deserialize<'c>>(
    chunk: &'c Chunk,
    stop: &AtomicBool,
    mut right: impl FnMut(T) -> bool,
) -> Result<(), Damaged> {
    let is_right = chunk.items().all(|item: Result<T, Damaged>| item.is_ok_and(&mut right));
    if is_right && !stop.load(Ordering::Relaxed) { Ok(()) } else { Err(Damaged) }
}

/// Some more frames of a section; none at its end.
fn batch(reader: &mut Reader<'_>) -> Result<Vec<Chunk>, Damaged> {
    std::iter::from_fn(|| reader.chunk().transpose()).take(BATCH).collect()
}
