//! The end of a generation: the one that was replaced, or what a killed build left behind.
//!
//! A folder under the name of a new generation is one of three things, and its manifest tells which:
//!
//! * Without a manifest it is **half-built**, for the manifest comes last. A build only *links* what is foreign into a
//!   half-built generation, and moves nothing out of the output folder. So each foreign file in it is one more name of
//!   a file that was in the output folder when the build was killed. If it is the last name by now, somebody has
//!   removed or replaced that file in the output folder since, and meant to. All of it is removed.
//! * With a manifest it is **complete**: the next generation, killed right before the exchange, or the last one, killed
//!   after it. The two are not told apart, and need not be: what the manifest does not list is foreign, and stays
//!   unless the output folder has it, as the same inode or with the same bytes. What the output folder lacks is moved
//!   there. If the output folder has another version, nothing is guessed: this one is moved there under another name.
//! * With a manifest that cannot be read it is **unknown**. The manifest reaches the disk before it gets its name, so
//!   no loss of power does this, but people do. The build stops.
//!
//! An old generation loses its foreign names first, then fleetc's files, then, in one go with the folder, its manifest:
//! killed at any point, it is read by the same rules.
#![allow(clippy::disallowed_methods)]

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rayon::prelude::*;
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use super::cursor::Cursor;
use super::error::PublishError;
use super::folder::{self, At, Attributes, rename_new};
use super::handover::{Handover, Move, take};
use super::manifest::{Entry, MAX_BYTES, Manifest};
use super::place::{Held, Place};
use super::scan::{self, Foreign};
use super::survey::Old;

use crate::tree::MANIFEST;

/// How often the clearing is begun again when something appears.
const TRIES: usize = 8;

/// Reads the manifest of a generation; nothing when it has none.
///
/// # Errors
/// Why it is none, or cannot be read.
pub(super) fn read_manifest(root: impl AsFd) -> Result<Option<Old>, String> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let mut file = match rustix::fs::openat(root, MANIFEST, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Err(format!("its `{MANIFEST}` is a symlink")),
        Err(errno) => return Err(format!("its `{MANIFEST}` cannot be read: {}", io::Error::from(errno))),
    };
    let unread = |error: io::Error| format!("its `{MANIFEST}` cannot be read: {error}");
    let seen = file.metadata().map_err(unread)?;
    if !seen.is_file() || seen.len() > MAX_BYTES {
        return Err(format!("its `{MANIFEST}` is no file, or too large"));
    }
    let manifest = Manifest::read(&mut file).map_err(|error| error.to_string())?;
    Ok(Some(Old { manifest, file }))
}

/// Clears what killed builds left beside the output folder, which is locked. Says whether anything was moved there.
///
/// # Errors
/// When that cannot be done without losing something, or the file system refuses.
pub(super) fn recover(place: &Place, held: &Held, notice: &dyn Fn(&str)) -> Result<bool, PublishError> {
    folder::remove(&place.parent, &place.list, FileType::RegularFile).map_err(place.failed("remove", &place.list))?;
    if place.has(&place.aside)? {
        // Killed between the last two renames of an exchange in turn.
        rename_new(place.parent.as_fd(), &place.aside, place.parent.as_fd(), &place.new).map_err(|_| {
            let why = "was moved aside by a killed build: remove it, or the one in its way".into();
            PublishError::Leftover { path: place.beside(&place.aside, b""), why }
        })?;
    }
    let root = match folder::open(&place.parent, &place.new) {
        Ok(root) => root,
        Err(Errno::NOENT) => {
            let gone = folder::remove(&place.parent, &place.gone, FileType::RegularFile);
            return gone.map(|()| false).map_err(place.failed("remove", &place.gone));
        }
        Err(Errno::NOTDIR | Errno::LOOP) => {
            return Err(leftover(place, b"", "is no folder, and fleetc needs this name: remove it".into()));
        }
        Err(errno) => return Err(place.failed("open", &place.new)(errno)),
    };
    // Never hand a folder over to itself: each of its files would look like a double.
    if Attributes::of(&root).map_err(place.failed("open", &place.new))?.seen.id == held.like.seen.id {
        return Err(leftover(place, b"", "is the old tree, and could not be put back: build again".into()));
    }
    if place.has(&place.gone)? {
        // Killed between the last two steps of a retirement.
        match rename_new(place.parent.as_fd(), &place.gone, root.as_fd(), MANIFEST.as_bytes()) {
            Ok(()) => {}
            Err(Errno::EXIST) => {
                let done = folder::remove(&place.parent, &place.gone, FileType::RegularFile);
                done.map_err(place.failed("remove", &place.gone))?;
            }
            Err(errno) => return Err(place.failed("clear", &place.gone)(errno)),
        }
    }
    let manifest = read_manifest(&root).map_err(|why| {
        let why = format!("was left by a killed build, and {why}: look for files of yours in it, then remove it");
        leftover(place, b"", why)
    })?;
    let Some(old) = manifest else {
        wipe(&root, None).map_err(|at| failed(place, at))?;
        folder::remove(&place.parent, &place.new, FileType::Directory).map_err(place.failed("remove", &place.new))?;
        return Ok(false);
    };
    let (from, to) = (root.as_fd(), held.out.as_fd());
    let mut handover = Handover::new(from, to, &[], &|_| true);
    let doubles = handover.rest(&old.manifest).map_err(|at| failed(place, at))?;
    tell(place, &handover.moved, notice);
    retire(place, from, &old.manifest, to, doubles, notice).map_err(|at| failed(place, at))?;
    Ok(!handover.moved.is_empty())
}

/// Tells which foreign files got another name.
pub(super) fn tell(place: &Place, moved: &[Move], notice: &dyn Fn(&str)) {
    for Move { from, to } in moved.iter().filter(|entry| entry.from != entry.to) {
        let (from, to) = (place.shown(from), place.shown(to));
        notice(&format!(
            "`{}` changed during a build; its other version is kept as `{}`",
            from.display(),
            to.display()
        ));
    }
}

fn leftover(place: &Place, path: &[u8], why: String) -> PublishError {
    PublishError::Leftover { path: place.beside(&place.new, path), why }
}

fn failed(place: &Place, at: At) -> PublishError {
    match at.errno {
        Errno::EXIST => {
            let why =
                format!("is not fleetc's, and its place in `{}` is taken: move it away", place.shown(b"").display());
            leftover(place, &at.path, why)
        }
        Errno::XDEV => leftover(place, &at.path, "is a mount point: unmount it and build again".into()),
        errno => PublishError::Io { what: at.what, path: place.beside(&place.new, &at.path), error: errno.into() },
    }
}

/// Removes a generation that was replaced by the one at `to`, and whose foreign files have been handed over, as
/// `doubles` tells.
///
/// # Errors
/// When something cannot be removed. The tree at `to` is published all the same.
pub(super) fn retire(
    place: &Place,
    from: BorrowedFd<'_>,
    ours: &Manifest,
    to: BorrowedFd<'_>,
    mut doubles: Vec<Foreign>,
    notice: &dyn Fn(&str),
) -> Result<(), At> {
    // A program that works in a folder of the old generation may still put files there.
    let mut tries = 0;
    loop {
        match clear(place, from, ours, &doubles) {
            Err(At { errno: Errno::EXIST | Errno::NOTEMPTY, .. }) if tries < TRIES => tries += 1,
            cleared => return cleared,
        }
        let mut handover = Handover::new(from, to, &[], &|_| true);
        doubles = handover.rest(ours)?;
        tell(place, &handover.moved, notice);
    }
}

/// Removes a complete generation whose foreign files have been handed over.
///
/// # Errors
/// `EXIST` or `NOTEMPTY` for what is neither listed nor one of the doubles: it appeared since, and is left.
fn clear(place: &Place, root: BorrowedFd<'_>, ours: &Manifest, doubles: &[Foreign]) -> Result<(), At> {
    forget(root, doubles)?;
    wipe(root, Some(&ours.files))?;
    // Without its manifest it would look half-built, and something may appear in it even now. So the manifest is only
    // put aside until the folder is removed.
    let list = MANIFEST.as_bytes();
    let parent = place.parent.as_fd();
    let aside = rename_new(root, list, parent, &place.gone);
    aside.or_else(|errno| if errno == Errno::NOENT { Ok(()) } else { Err(errno) }).map_err(At::new("remove", list))?;
    match folder::remove(parent, &place.new, FileType::Directory) {
        Ok(()) => folder::remove(parent, &place.gone, FileType::RegularFile).map_err(At::new("remove", list)),
        Err(errno) => {
            let back = rename_new(parent, &place.gone, root, list);
            Err(At::new("remove", b"")(back.err().unwrap_or(errno)))
        }
    }
}

/// Removes from a generation what another one has, too, and is not fleetc's.
///
/// # Errors
/// When the file system refuses. What has come to one of the names since is left.
pub(super) fn forget(root: BorrowedFd<'_>, doubles: &[Foreign]) -> Result<(), At> {
    // It may have been without write permission, as the output folder was.
    let _ = rustix::fs::fchmod(root, Mode::RWXU);
    let (files, folders): (Vec<&Foreign>, Vec<&Foreign>) = doubles.iter().partition(|entry| entry.folder.is_none());
    let parts = files.par_chunks(256).map(|files| remove_all(root, files.iter().copied()));
    parts.collect::<Result<Vec<()>, At>>()?;
    remove_all(root, folders.into_iter().rev())
}

fn remove_all<'f>(root: BorrowedFd<'_>, entries: impl Iterator<Item = &'f Foreign>) -> Result<(), At> {
    let mut cursor = Cursor::new(root);
    for entry in entries {
        let (folder, name) = folder::split(&entry.path);
        let removed = cursor.enter(folder).and_then(|folder| match entry.folder {
            Some(_) => folder::remove(folder, name, FileType::Directory),
            // If another file has come there since, it is found when the rest is wiped.
            None => take(folder, name, |seen| seen.is_same(&entry.seen)).map(|_| ()),
        });
        match removed {
            // What keeps the folder is found when the rest is wiped.
            Ok(()) | Err(Errno::NOENT | Errno::NOTEMPTY | Errno::EXIST) => {}
            Err(errno) => return Err(At::new("remove", &entry.path)(errno)),
        }
    }
    Ok(())
}

/// Empties a generation: of all that is in it, or only of what `ours` lists, and not of its manifest.
fn wipe(root: impl AsFd, ours: Option<&[Entry]>) -> Result<(), At> {
    let failed = || At::new("remove", b"");
    let root = folder::open(root, b".").map_err(failed())?;
    let device = Attributes::of(&root).map_err(failed())?.seen.id.0;
    wipe_folder(&root, b"", ours, device)
}

fn wipe_folder(folder: &OwnedFd, path: &[u8], ours: Option<&[Entry]>, device: u64) -> Result<(), At> {
    let mut folders = Vec::new();
    for (name, kind) in folder::list(folder).map_err(At::new("list", path))? {
        let child = folder::join(path, &name);
        if kind == FileType::Directory {
            folders.push((name, child));
        } else if ours.is_some() && path.is_empty() && name == MANIFEST.as_bytes() && kind == FileType::RegularFile {
            continue;
        } else if ours.is_none_or(|ours| kind == FileType::RegularFile && scan::lists(ours, &child)) {
            folder::remove(folder, &name, kind).map_err(At::new("remove", &child))?;
        } else {
            return Err(At::new("remove", &child)(Errno::EXIST));
        }
    }
    let one = |(name, child): (Vec<u8>, Vec<u8>)| {
        let (inner, _) = match scan::enter(folder.as_fd(), &name, device) {
            Err(Errno::NOENT) => return Ok(()),
            entered => entered.map_err(At::new("remove", &child))?,
        };
        wipe_folder(&inner, &child, ours.map(|ours| scan::inside(ours, &child)), device)?;
        folder::remove(folder, &name, FileType::Directory).map_err(At::new("remove", &child))
    };
    if folders.len() < 2 {
        return folders.into_iter().try_for_each(one);
    }
    folders.into_par_iter().try_for_each(one)
}
