//! The spare: the generation before the published one, kept as the ground of the next.
//!
//! A build of a large fleet links hundreds of thousands of files into a new generation when one machine changed, and
//! unlinks as many names of the old one. With a spare it does neither: what the last two builds changed is brought up to
//! date there, and the two folders are exchanged. See [`super::rotate`].
//!
//! What is in the spare lies one folder deeper than it was. So a server that is bound to the folder itself, and not to
//! the one above, as it should be, finds nothing after a build, just as if the old generation were gone: an old tree that
//! is served in silence would install machines that are installed.
//!
//! ```text
//!  srv/public                  the published generation
//!  srv/.public.fleetc-spare    manifest.json and .fleetc-kept, which holds the rest
//!  srv/.public.fleetc-ledger   what both are like on disk
//! ```
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeSet;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Mode};
use rustix::io::Errno;

use super::error::PublishError;
use super::folder::{self, rename_new};
use super::place::{Held, Place};
use super::retire;
use crate::tree::MANIFEST;

/// Whether a build leaves a spare for the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spare {
    /// For a large tree, where it saves a few seconds.
    #[default]
    Auto,
    /// For any tree.
    Always,
    /// For none; one that is there is removed.
    Never,
}

/// The files of a tree that is large.
const MANY: usize = 20_000;

/// The folder in the spare that holds what was at its root.
const KEPT: &[u8] = b".fleetc-kept";

/// File systems whose inodes have times that tell of every change, by the numbers that Linux gives them: btrfs, ext2 to
/// ext4, f2fs, overlayfs, tmpfs, XFS, ZFS. What another machine does to a network file system shows late.
const KNOWN: [u64; 7] = [0x9123_683e, 0xef53, 0xf2f5_2010, 0x794c_7630, 0x0102_1994, 0x5846_5342, 0x2fc1_2fc1];

impl Spare {
    /// Whether a tree of so many files gets a spare in `folder`.
    pub(super) fn is_wanted(self, files: usize, folder: impl AsFd) -> bool {
        let known = || rustix::fs::fstatfs(folder).is_ok_and(|seen| KNOWN.contains(&(seen.f_type as u64)));
        match self {
            Spare::Never => false,
            Spare::Auto => files >= MANY && known(),
            Spare::Always => known(),
        }
    }
}

/// The names in a generation's root, without the manifest.
pub(super) fn names(root: impl AsFd) -> Result<BTreeSet<Vec<u8>>, Errno> {
    let names = folder::list(folder::open(root, b".")?)?;
    Ok(names.into_iter().map(|(name, _)| name).filter(|name| name != MANIFEST.as_bytes()).collect())
}

/// What is in the spare, and its root; none when there is no whole spare.
pub(super) fn find(place: &Place) -> Result<Option<(OwnedFd, OwnedFd)>, Errno> {
    let root = match folder::open(&place.parent, &place.spare) {
        Ok(root) => root,
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(errno),
    };
    if names(&root)?.iter().any(|name| name != KEPT) {
        return Ok(None);
    }
    match folder::open(&root, KEPT) {
        Ok(kept) => Ok(Some((kept, root))),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// Makes the old generation, under the name of a new one, the spare. `expected` are the names in its root; gives the
/// folder that holds them then.
///
/// # Errors
/// When it has other names, or the file system refuses. All is then as it was, as far as possible.
pub(super) fn hide(place: &Place, root: BorrowedFd<'_>, expected: &BTreeSet<Vec<u8>>) -> Result<OwnedFd, Errno> {
    if names(root)? != *expected || expected.contains(KEPT) {
        return Err(Errno::EXIST);
    }
    // It may have been without write permission, as the output folder was.
    rustix::fs::fchmod(root, Mode::RWXU)?;
    // Under its own name first: a folder that is both hidden and named as a new generation would be taken for one.
    rename_new(place.parent.as_fd(), &place.new, place.parent.as_fd(), &place.spare)?;
    let hidden = (|| {
        rustix::fs::mkdirat(root, KEPT, Mode::RWXU)?;
        let kept = folder::open(root, KEPT)?;
        expected.iter().try_for_each(|name| rename_new(root, name, kept.as_fd(), name))?;
        Ok(kept)
    })();
    if hidden.is_err() {
        show(root)?;
        rename_new(place.parent.as_fd(), &place.spare, place.parent.as_fd(), &place.new)?;
    }
    hidden
}

/// Puts what is in the spare back at its root. What is done already is left so.
pub(super) fn show(root: BorrowedFd<'_>) -> Result<(), Errno> {
    let kept = match folder::open(root, KEPT) {
        Ok(kept) => kept,
        Err(Errno::NOENT) => return Ok(()),
        Err(errno) => return Err(errno),
    };
    for (name, _) in folder::list(&kept)? {
        rename_new(kept.as_fd(), &name, root, &name)?;
    }
    folder::remove(root, KEPT, FileType::Directory)
}

/// Removes the ledger.
pub(super) fn forget(place: &Place) -> Result<(), PublishError> {
    folder::remove(&place.parent, &place.ledger, FileType::RegularFile).map_err(place.failed("remove", &place.ledger))
}

/// Clears the spare, and what a killed build left of one. What in it is not fleetc's and not in the output folder is
/// moved there; says whether anything was.
///
/// # Errors
/// As for [`retire::recover`], which must have been called before.
pub(super) fn release(place: &Place, held: &Held, notice: &dyn Fn(&str)) -> Result<bool, PublishError> {
    forget(place)?;
    if !place.has(&place.spare)? {
        return Ok(false);
    }
    let failed = || place.failed("clear", &place.spare);
    let root = folder::open(&place.parent, &place.spare).map_err(failed())?;
    show(root.as_fd()).map_err(failed())?;
    rename_new(place.parent.as_fd(), &place.spare, place.parent.as_fd(), &place.new).map_err(failed())?;
    retire::recover(place, held, notice)
}
