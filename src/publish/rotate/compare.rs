//! What a build changes: the tree beside the published manifest.

use std::io;

use rayon::prelude::*;

use super::list::List;
use super::pass::{self, Side};
use super::ready::Ready;
use crate::publish::error::PublishError;
use crate::publish::folder::is_in;
use crate::publish::generation::Build;
use crate::publish::ledger::{Carried, Damaged, Header, above};
use crate::publish::make::{self, Sum, pour};
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
pub(super) struct Changes<'p> {
    pub(super) fresh: Fresh,
    /// Paths that get another file, their first, or none; sorted.
    pub(super) paths: Vec<Change>,
    /// The size of all files of the tree, without the manifest, and of the manifest.
    pub(super) bytes: u64,
    pub(super) size: u64,
    /// The manifest, where it is not the published one.
    pub(super) list: Option<List<'p>>,
}

/// A path that changes.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) path: String,
    /// Its index in the tree; none when it is removed.
    pub(super) index: Option<u32>,
    /// Whether the published generation has it.
    pub(super) was: bool,
}

impl Fresh {
    /// Sum and size of a file of the tree, if it was made.
    pub(super) fn made(&self, index: usize) -> Option<(Checksum, u64)> {
        let at = self.files.binary_search_by_key(&index, |(index, ..)| *index as usize).ok()?;
        Some((self.files[at].1, self.files[at].2))
    }
}

impl Changes<'_> {
    /// How a path changes; nothing when it does not.
    pub(super) fn at(&self, path: &str) -> Option<&Change> {
        let at = self.paths.binary_search_by(|change| change.path.as_str().cmp(path)).ok()?;
        Some(&self.paths[at])
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
/// is not made is as it is published.
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
            Ok(Sum { sha256, size })
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

/// Compares the tree with the published manifest, and writes the next one.
///
/// # Errors
/// When the published manifest is not as fleetc writes it, or the next one cannot be written.
pub(super) fn compare<'p>(build: &Build<'p>, ready: &Ready<'_>, fresh: Fresh) -> Result<Changes<'p>, Damaged> {
    let tree = build.tree;
    let work = |range, run: &_| {
        let mut part = Part { lines: Vec::with_capacity(<[u8]>::len(run) + 1024), ..Part::default() };
        pass::merge(tree, range, run, |side| part.take(tree, &fresh, side))?;
        Ok(part)
    };
    let (mut paths, mut bytes) = (Vec::new(), ready.header.bytes);
    let mut list = manifest::Writer::new(List::new(build.place, ready.manifest()?)?)?;
    pass::beside(tree, ready, work, |part| {
        paths.extend(part.paths);
        bytes = (bytes + part.more).checked_sub(part.less).ok_or(Damaged)?;
        Ok(list.lines(&part.lines)?)
    })?;
    let (mut list, size) = list.finish()?;
    if tree.index(MANIFEST).is_some() {
        return Err(Damaged);
    }
    let list = list.is_new()?.then_some(list);
    Ok(Changes { fresh, paths, bytes, size, list })
}

/// What a run of files changes.
#[derive(Default)]
struct Part {
    paths: Vec<Change>,
    /// What their sizes add to the whole, and take from it.
    more: u64,
    less: u64,
    /// Their lines in the next manifest.
    lines: Vec<u8>,
}

impl Part {
    fn take(&mut self, tree: &dyn Tree, fresh: &Fresh, side: Side<'_, '_>) -> Result<(), Damaged> {
        let (index, old, path) = match side {
            Side::Both(index, old) => (Some(index), Some(old), old.path),
            Side::Old(old) => (None, Some(old), old.path),
            Side::New(index, path) => (Some(index), None, path),
        };
        let made = index.and_then(|index| fresh.made(index));
        let changes = match (&old, made) {
            (Some(old), Some(made)) => old.content() != Some(made),
            // What is not made is as it is published.
            (Some(_), None) => index.is_none(),
            (None, Some(_)) => true,
            (None, None) => return Err(Damaged),
        };
        if changes {
            self.more += made.map_or(0, |(_, size)| size);
            self.less += old.map_or(Some(0), |old| old.size()).ok_or(Damaged)?;
            let index = index.map(|index| index as u32);
            self.paths.push(Change { path: path.to_string(), index, was: old.is_some() });
        }
        let Some(index) = index else { return Ok(()) };
        let origin = tree.origin(index).into();
        match (old.filter(|_| !changes), made) {
            (Some(old), _) => old.put(&mut self.lines, &origin)?,
            (None, Some((sha256, size))) => manifest::line(&mut self.lines, &Line { path, size, sha256, origin })?,
            (None, None) => return Err(Damaged),
        }
        Ok(())
    }
}
