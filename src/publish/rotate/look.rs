//! The look at both generations: whether each file and each folder is as the ledger says.

use std::fs::File;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::FileType;

use super::ready::{Ready, has, is};
use crate::publish::cursor::Looker;
use crate::publish::folder::{Seen, Time};
use crate::publish::ledger::{Chunk, Damaged, Folder, Reader, Stamp, entered};
use crate::publish::manifest::Parts;
use crate::publish::manifest::lines::{self, Lines};
use crate::publish::pipeline::pipeline;
use crate::publish::spare;

/// Frames, or runs of lines, that are looked at before more are read.
const BATCH: usize = 16;

/// Lines that one thread looks at at a time.
const RUN: usize = 1 << 10;

impl Ready<'_> {
    /// Whether every file and every folder is as the ledger says. No, too, when `stop` is set meanwhile.
    pub(super) fn is_as_recorded(&self, stop: &AtomicBool) -> bool {
        match self.header.window {
            Some(window) => self.in_window(window, stop, true).is_ok(),
            None => self.folders(stop, true).and_then(|()| self.files(stop)).is_ok(),
        }
    }

    /// Whether no folder of the generation that was published has changed: nobody put a file there, or took one.
    pub(super) fn is_untouched(&self) -> bool {
        let foreign = self.header.foreign.iter();
        let stop = AtomicBool::new(false);
        let folders = match self.header.window {
            Some(window) => self.in_window(window, &stop, false),
            None => self.folders(&stop, false),
        };
        folders.is_ok()
            && foreign
                .filter_map(|entry| Some((&entry.path, entry.folder?)))
                .all(|(path, stamp)| is(self.here, path, stamp, true))
            && spare::names(self.here).is_ok_and(|names| names == self.names)
    }

    /// Looks at the folders of the published generation, and at those of the spare if `both`.
    fn folders(&self, stop: &AtomicBool, both: bool) -> Result<(), Damaged> {
        let mut reader = Reader::folders(&self.ledger)?;
        let kept = self.spare.as_ref().filter(|_| both).map(|spare| spare.kept.as_fd());
        let work = |chunk: Chunk| {
            let (mut here, mut spare) = (Looker::new(self.here), kept.map(Looker::new));
            let right = |folder: Folder<'_>| {
                let path = folder.path.trim_end_matches('/').as_bytes();
                let kept = spare.as_mut().zip(folder.spare);
                has(&mut here, path, folder.here, true) && kept.is_none_or(|(spare, kept)| has(spare, path, kept, true))
            };
            all(&chunk, stop, right)
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

    /// Looks whether the folders of the published generation, and its files if `all`, were changed last in a time.
    fn in_window(&self, window: (Time, Time), stop: &AtomicBool, all: bool) -> Result<(), Damaged> {
        let mut listed = self.lines()?;
        let run = |listed: &mut Lines<File>| Ok(Some(listed.run(RUN)?.ok_or(Damaged)?).filter(|run| !run.is_empty()));
        let next = || std::iter::from_fn(|| run(&mut listed).transpose()).take(BATCH).collect();
        let work = |run: Vec<u8>| {
            let (mut looker, mut before) = (Looker::new(self.here), "");
            let mut is_calm = |path: &str, folder: bool| {
                let seen = looker.look(path.trim_end_matches('/').as_bytes()).ok().flatten();
                let in_time = |seen: &Seen| (window.0..=window.1).contains(&seen.changed);
                let kind = if folder { FileType::Directory } else { FileType::RegularFile };
                seen.is_some_and(|seen| seen.kind == kind && in_time(&seen))
            };
            for line in lines::of(&run) {
                let path = Parts::of(line).ok_or(Damaged)?.path;
                let right = entered(before, path).all(|folder| is_calm(folder, true)) && (!all || is_calm(path, false));
                if !right || stop.load(Ordering::Relaxed) {
                    return Err(Damaged);
                }
                before = path;
            }
            Ok(())
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
