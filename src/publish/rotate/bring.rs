//! The spare, brought up to date: what the last build and this one change, and nothing else.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};

use rayon::prelude::*;
use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;

use super::compare::Changes;
use super::ready::Ready;
use crate::publish::folder::{self, Cursor};
use crate::publish::generation::{Build, folders};
use crate::publish::ledger::{Carried, Damaged, above};

/// Paths that one thread works on at a time.
const CHUNK: usize = 1 << 8;

/// Every path at which the spare is not what it is to be, sorted.
pub(super) fn paths<'p>(ready: &'p Ready<'_>, changes: &'p Changes<'_>) -> BTreeSet<&'p str> {
    let changed = changes.paths.iter().map(|change| change.path.as_str());
    changed.chain(ready.header.differ.iter().map(String::as_str)).collect()
}

/// Brings the spare up to date, with its manifest and to the disk, as a new generation; gives its root, locked.
///
/// # Errors
/// When that cannot be done; the spare is half-built then.
pub(super) fn up(build: &Build<'_>, ready: &Ready<'_>, changes: &mut Changes<'_>) -> Result<File, Damaged> {
    let draft = changes.draft.take().ok_or(Damaged)?;
    let root = ready.take(build.place)?;
    fill(build, ready, changes, &root)?;
    // After a loss of power a name must not stand for a file whose bytes never came to the disk.
    rustix::fs::syncfs(&build.place.parent)?;
    draft.put(root.as_fd())?;
    rustix::fs::fchmod(&root, build.held.like.mode)?;
    Ok(root)
}

fn fill(build: &Build<'_>, ready: &Ready<'_>, changes: &Changes<'_>, root: &File) -> Result<(), Damaged> {
    let paths: Vec<&str> = paths(ready, changes).into_iter().collect();
    paths.par_chunks(CHUNK).try_for_each(|paths| remove(root.as_fd(), paths))?;
    prune(root.as_fd(), build, ready, &paths)?;
    paths.par_chunks(CHUNK).try_for_each(|paths| write(build, ready, changes, root.as_fd(), paths))?;
    let mut foreign = ready.foreign(ready.here);
    if !build.carry(root, &mut foreign).map_err(|_| Damaged)?.is_empty() {
        return Err(Damaged);
    }
    build.dress(root, folders(&foreign)).map_err(|_| Damaged)?;
    folder::copy_labels(&build.held.out, root);
    build.held.like.put_owner(root);
    Ok(())
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

fn write(
    build: &Build<'_>,
    ready: &Ready<'_>,
    changes: &Changes<'_>,
    root: BorrowedFd<'_>,
    paths: &[&str],
) -> Result<(), Damaged> {
    let (mut from, mut to) = (Cursor::new(ready.here), Cursor::new(root));
    for path in paths {
        let change = changes.paths.binary_search_by(|change| change.path.as_str().cmp(path)).ok();
        match change.map(|at| changes.paths[at].index) {
            Some(Some(index)) => {
                let index = index as usize;
                let written = build.file(&mut to, &[], &build.tree.file(index)).map_err(|_| Damaged)?;
                if Some(written) != changes.fresh.made(index) {
                    return Err(Damaged);
                }
            }
            Some(None) => {}
            // Only the last build changed it: it is as it is published.
            None if build.tree.index(path).is_some() => {
                let (folder, name) = folder::split(path.as_bytes());
                rustix::fs::linkat(from.enter(folder)?, name, to.make(folder)?, name, AtFlags::empty())?;
            }
            None => {}
        }
    }
    Ok(())
}
