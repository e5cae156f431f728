//! The next generation: the spare, brought up to date by what the last build and this one change and nothing else; or
//! without a spare, links to what is published.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};

use rayon::prelude::*;
use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;

use super::compare::Changes;
use super::ready::Ready;
use crate::publish::cursor::Cursor;
use crate::publish::folder;
use crate::publish::generation::{Build, folders, link};
use crate::publish::ledger::{Carried, Damaged, above};
use crate::publish::spare;

/// Paths that one thread works on at a time.
const CHUNK: usize = 1 << 8;

/// Every path at which the spare is not what it is to be, sorted.
pub(super) fn paths<'p>(ready: &'p Ready<'_>, changes: &'p Changes<'_>) -> BTreeSet<&'p str> {
    let changed = changes.paths.iter().map(|change| change.path.as_str());
    changed.chain(ready.header.differ.iter().map(String::as_str)).collect()
}

/// Makes the next generation, with its manifest and on the disk: of the spare, or anew; gives its root, locked.
///
/// # Errors
/// When that cannot be done; the generation is half-built then.
pub(super) fn up(build: &Build<'_>, ready: &Ready<'_>, changes: &mut Changes<'_>) -> Result<File, Damaged> {
    let list = changes.list.take().ok_or(Damaged)?;
    // From here on nobody may rely on it.
    spare::forget(build.place).map_err(|_| Damaged)?;
    let root = match &ready.spare {
        Some(spare) => update(build, ready, changes, spare.take(build.place)?)?,
        None => anew(build, ready, changes)?,
    };
    // After a loss of power a name must not stand for a file whose bytes never came to the disk.
    rustix::fs::syncfs(&build.place.parent)?;
    list.put(root.as_fd())?;
    rustix::fs::fchmod(&root, build.held.like.mode)?;
    Ok(root)
}

/// Brings what was the spare up to date.
fn update(build: &Build<'_>, ready: &Ready<'_>, changes: &Changes<'_>, root: File) -> Result<File, Damaged> {
    let paths: Vec<&str> = paths(ready, changes).into_iter().collect();
    paths.par_chunks(CHUNK).try_for_each(|paths| remove(root.as_fd(), paths))?;
    prune(root.as_fd(), build, ready, &paths)?;
    let write = |paths: &[&str]| {
        let mut ends = Ends::new(ready, root.as_fd());
        paths.iter().filter(|path| build.tree.index(path).is_some()).try_for_each(|path| ends.put(build, changes, path))
    };
    paths.par_chunks(CHUNK).try_for_each(write)?;
    let mut foreign = ready.foreign(ready.here);
    if !build.carry(&root, &mut foreign).map_err(|_| Damaged)?.is_empty() {
        return Err(Damaged);
    }
    build.dress(&root, folders(&foreign)).map_err(|_| Damaged)?;
    folder::copy_labels(&build.held.out, &root);
    build.held.like.put_owner(&root);
    (build.progress)(build.tree.len());
    Ok(root)
}

/// Makes a generation with links to what does not change.
fn anew(build: &Build<'_>, ready: &Ready<'_>, changes: &Changes<'_>) -> Result<File, Damaged> {
    let root = build.root().map_err(|_| Damaged)?;
    let files = build.tree.len();
    let write = |chunk: usize| {
        let (mut ends, mut path) = (Ends::new(ready, root.as_fd()), String::new());
        let range = chunk * CHUNK..files.min((chunk + 1) * CHUNK);
        for index in range.clone() {
            build.tree.put_path(index, &mut path);
            ends.put(build, changes, &path)?;
        }
        (build.progress)(range.len());
        Ok::<_, Damaged>(())
    };
    // Threads that begin far from each other do not wait for each other's folders.
    (0..files.div_ceil(CHUNK)).into_par_iter().try_for_each(write)?;
    Ok(root)
}

fn remove(root: BorrowedFd<'_>, paths: &[&str]) -> Result<(), Damaged> {
    let mut cursor = Cursor::new(root);
    for path in paths {
        let (folder, name) = folder::split(path.as_bytes());
        match cursor.enter(folder).and_then(|folder| folder::remove(folder, name, FileType::RegularFile)) {
            // A folder in the place of a file goes when it is empty.
            Ok(()) | Err(Errno::NOENT | Errno::NOTDIR | Errno::ISDIR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

/// Removes the folders that are empty and needed no more, the deepest first. One that is needed stays as somebody may
/// have made it.
fn prune(root: BorrowedFd<'_>, build: &Build<'_>, ready: &Ready<'_>, paths: &[&str]) -> Result<(), Damaged> {
    let (needed, gone): (Vec<&str>, Vec<&str>) = paths.iter().partition(|path| build.tree.index(path).is_some());
    let foreign = ready.header.foreign.iter().map(Carried::text);
    let needed: BTreeSet<&str> = needed.into_iter().chain(foreign).flat_map(above).collect();
    let gone: BTreeSet<&str> = gone.into_iter().flat_map(above).collect();
    for path in gone.into_iter().rev().filter(|path| !needed.contains(path)) {
        match rustix::fs::unlinkat(root, path, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT | Errno::NOTDIR | Errno::NOTEMPTY | Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

/// Where files are taken from, and where they are put.
struct Ends<'g> {
    from: Cursor<'g>,
    to: Cursor<'g>,
}

impl<'g> Ends<'g> {
    fn new(ready: &Ready<'g>, root: BorrowedFd<'g>) -> Ends<'g> {
        Ends { from: Cursor::new(ready.here), to: Cursor::new(root) }
    }

    /// Puts a file of the tree there: written where it changes, and linked where not.
    fn put(&mut self, build: &Build<'_>, changes: &Changes<'_>, path: &str) -> Result<(), Damaged> {
        match changes.at(path).and_then(|change| change.index) {
            Some(index) => {
                let index = index as usize;
                let written = build.file(&mut self.to, &[], &build.tree.file(index)).map_err(|_| Damaged)?;
                if Some(written) == changes.fresh.made(index) { Ok(()) } else { Err(Damaged) }
            }
            None => Ok(link(&mut self.from, &mut self.to, path.as_bytes())?),
        }
    }
}
