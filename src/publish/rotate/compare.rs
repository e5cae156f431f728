//! What a build changes: the tree beside the ledger, and the ledger beside what is on disk.

use std::io::{self, BufReader};
use std::os::fd::AsFd;

use rayon::prelude::*;
use rustix::fs::{Mode, OFlags};

use super::pass::{self, Side};
use super::ready::{Ready, has};
use crate::publish::compare::{BUFFER, Same};
use crate::publish::error::PublishError;
use crate::publish::folder::{Looker, is_in};
use crate::publish::generation::Build;
use crate::publish::ledger::{Carried, Damaged, Header, Record, above};
use crate::publish::make::{self, Made, pour};
use crate::publish::manifest::{self, Checksum, Line};
use crate::tree::{File, MANIFEST, Mark, Tree};

/// What was made of the tree, because it may differ.
pub(super) struct Fresh {
    pub(super) ground: Option<Mark>,
    /// The marks of all machines, sorted; none when one has none.
    pub(super) marks: Vec<Mark>,
    /// Sum and size of files, by index.
    files: Vec<(u32, Checksum, u64)>,
}

/// What changes.
pub(super) struct Changes {
    pub(super) fresh: Fresh,
    /// Paths that get another file, their first, or none; sorted.
    pub(super) paths: Vec<Change>,
    /// The size of all files of the tree, without the manifest.
    pub(super) bytes: u64,
}

/// A path that changes.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) path: String,
    /// Its index in the tree; none when it is removed.
    pub(super) index: Option<u32>,
    /// Whether the published generation has it.
    was: bool,
}

impl Fresh {
    /// Sum and size of a file of the tree, which `record` describes as it is published.
    ///
    /// # Errors
    /// When it is neither recorded nor made.
    pub(super) fn file(&self, index: usize, record: Option<&Record<'_>>) -> Result<(Checksum, u64), Damaged> {
        let at = self.files.binary_search_by_key(&index, |(index, ..)| *index as usize);
        match (at, record) {
            (Ok(at), _) => Ok((self.files[at].1, self.files[at].2)),
            (Err(_), Some(record)) => Ok((record.sum()?, record.size)),
            (Err(_), None) => Err(Damaged),
        }
    }
}

impl Changes {
    /// Whether a path changes.
    pub(super) fn has(&self, path: &str) -> bool {
        self.paths.binary_search_by(|change| change.path.as_str().cmp(path)).is_ok()
    }

    /// Whether something foreign stands where a file comes, above it, or below.
    pub(super) fn meet(&self, foreign: &[Carried]) -> bool {
        let new = self.paths.iter().filter(|change| !change.was).map(|change| change.path.as_bytes());
        let has = |path: &[u8]| foreign.binary_search_by(|entry| (*entry.path).cmp(path)).ok();
        let is_file = |at: usize| foreign[at].folder.is_none();
        new.into_iter().any(|path| {
            let text = std::str::from_utf8(path).unwrap_or_default();
            let inside = [path, b"/"].concat();
            let first = foreign.partition_point(|entry| entry.path < inside);
            has(path).is_some()
                || above(text).any(|folder| has(folder.as_bytes()).is_some_and(is_file))
                || foreign[first..].first().is_some_and(|entry| is_in(&entry.path, path))
        })
    }
}

/// Makes what may differ: the files of machines that were made from something else, and those of no single machine. What
/// is not made is as the ledger has it.
///
/// # Errors
/// When a source cannot be read, or the tree is not right.
pub(super) fn changed(build: &Build<'_>, header: &Header) -> Result<Fresh, PublishError> {
    let tree = build.tree;
    let ground = tree.ground();
    let marks: Vec<Option<Mark>> = (0..tree.machines()).into_par_iter().map(|machine| tree.mark(machine)).collect();
    let same_ground = ground.is_some() && ground == header.ground;
    let is_known =
        |mark: &Option<Mark>| same_ground && mark.is_some_and(|mark| header.marks.binary_search(&mark).is_ok());
    let known: Vec<bool> = marks.par_iter().map(is_known).collect();
    for (machine, _) in (0..).zip(&known).filter(|(_, known)| **known) {
        tree.known(machine);
    }
    let may_differ = |index: &u32| !tree.reader(*index as usize).is_some_and(|machine| known[machine as usize]);
    let indices: Vec<u32> = (0..tree.len() as u32).filter(may_differ).collect();
    let failed = |_| PublishError::Tree { path: String::new(), why: "in a form that cannot be summed" };
    let sum = |files: &[File<'_>]| {
        let one = |file: &File<'_>| {
            let (sha256, size) = pour(&file.body, build.loader, io::sink(), failed)?;
            Ok(Made { sha256, size, there: false, same: None })
        };
        files.iter().map(one).collect()
    };
    let mut files = Vec::with_capacity(indices.len());
    make::some(tree, indices, sum, |index, made| files.push((index, made.sha256, made.size)), |_| ())?;
    files.par_sort_unstable_by_key(|(index, ..)| *index);
    let mut marks: Vec<Mark> = marks.into_iter().collect::<Option<_>>().unwrap_or_default();
    marks.par_sort_unstable();
    Ok(Fresh { ground, marks, files })
}

/// Compares the tree with the ledger, and the ledger with what is on disk.
///
/// # Errors
/// When a file or a folder of either generation is not as the ledger has it.
pub(super) fn compare(tree: &dyn Tree, ready: &Ready<'_>, fresh: Fresh) -> Result<Changes, Damaged> {
    let (mut paths, mut bytes) = (Vec::new(), 0);
    let untouched = |record: &Record<'_>, [in_here, in_spare]: &mut [Looker<'_>; 2]| {
        let folder = |(path, (here, spare)): (&str, &(_, Option<_>))| {
            let path = path.as_bytes();
            has(in_here, path, *here, true) && spare.is_none_or(|spare| has(in_spare, path, spare, true))
        };
        above(record.path).rev().zip(record.folders.iter().rev()).all(folder)
            && has(in_here, record.path.as_bytes(), record.stamp, false)
    };
    let work = |range, chunk: &_| {
        let mut lookers = [ready.here, ready.kept.as_fd()].map(Looker::new);
        let (mut paths, mut bytes) = (Vec::new(), 0);
        pass::merge(tree, range, chunk, |side| {
            let (index, record, path) = match &side {
                Side::Both(index, record) => (Some(*index), Some(record), record.path),
                Side::Old(record) => (None, Some(record), record.path),
                Side::New(index, path) => (Some(*index), None, *path),
            };
            if record.is_some_and(|record| !untouched(record, &mut lookers)) {
                return Err(Damaged);
            }
            let file = index.map(|index| fresh.file(index, record)).transpose()?;
            bytes += file.map_or(0, |(_, size)| size);
            let old = record.map(|record| record.sum().map(|sum| (sum, record.size))).transpose()?;
            if file != old {
                paths.push(Change {
                    path: path.to_string(),
                    index: index.map(|index| index as u32),
                    was: record.is_some(),
                });
            }
            Ok(())
        })?;
        Ok((paths, bytes))
    };
    pass::beside(tree, &ready.ledger, work, |(more, size): (Vec<Change>, u64)| {
        paths.extend(more);
        bytes += size;
        Ok(())
    })?;
    if tree.index(MANIFEST).is_some() {
        return Err(Damaged);
    }
    Ok(Changes { fresh, paths, bytes })
}

/// Writes the manifest of the tree to `sink`; gives the sink back, unflushed, and the size.
///
/// # Errors
/// When the ledger is damaged, or the sink has an error.
pub(super) fn list<W: io::Write + Send>(
    tree: &dyn Tree,
    ready: &Ready<'_>,
    fresh: &Fresh,
    sink: W,
) -> Result<(W, u64), Damaged> {
    let mut list = manifest::Writer::new(sink)?;
    let work = |range, chunk: &_| {
        let mut lines = Vec::new();
        pass::merge(tree, range, chunk, |side| {
            let (index, record, path) = match &side {
                Side::Both(index, record) => (*index, Some(record), record.path),
                Side::New(index, path) => (*index, None, *path),
                Side::Old(_) => return Ok(()),
            };
            let (sha256, size) = fresh.file(index, record)?;
            Ok(manifest::line(&mut lines, &Line { path, size, sha256, origin: tree.origin(index).into() })?)
        })?;
        Ok(lines)
    };
    pass::beside(tree, &ready.ledger, work, |lines: Vec<u8>| Ok(list.lines(&lines)?))?;
    Ok(list.finish()?)
}

/// Whether the published manifest is that of the tree, in which no file changes; adds its size if so.
pub(super) fn is_listed(tree: &dyn Tree, ready: &Ready<'_>, changes: &mut Changes) -> bool {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(file) = rustix::fs::openat(ready.here, MANIFEST, flags, Mode::empty()) else { return false };
    let theirs = Same::new(BufReader::with_capacity(BUFFER, std::fs::File::from(file)));
    let Ok((same, size)) = list(tree, ready, &changes.fresh, theirs) else { return false };
    changes.bytes += size;
    same.finish()
}
