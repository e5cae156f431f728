//! A spare that fits: the ledger is whole, and speaks of the two generations that are there.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use super::pass;
use crate::publish::folder::{self, Attributes, Looker, Seen, look, rename_new};
use crate::publish::ledger::{Header, Reader, Stamp, above};
use crate::publish::place::{Held, Place};
use crate::publish::scan::Foreign;
use crate::publish::spare;
use crate::tree::MANIFEST;

/// Two generations and their ledger.
pub(super) struct Ready<'b> {
    pub(super) header: Header,
    pub(super) ledger: File,
    /// The published generation.
    pub(super) here: BorrowedFd<'b>,
    /// What is in the spare.
    pub(super) kept: OwnedFd,
    /// What is at the root of the published generation.
    pub(super) names: BTreeSet<Vec<u8>>,
    root: OwnedFd,
}

impl<'b> Ready<'b> {
    /// Looks for a spare, and whether the ledger speaks of it and of the output folder; of single files nothing is
    /// known then.
    pub(super) fn find(place: &Place, held: &'b Held) -> Option<Ready<'b>> {
        // What a killed build left is cleared first.
        for name in [&place.new, &place.aside, &place.gone, &place.list] {
            if place.has(name).ok()? {
                return None;
            }
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let ledger = File::from(rustix::fs::openat(&place.parent, &*place.ledger, flags, Mode::empty()).ok()?);
        let header = Reader::header(&ledger).ok()?;
        let (kept, root) = spare::find(place).ok()??;
        let here = held.out.as_fd();
        let names = spare::names(here).ok()?;
        let ready = Ready { header, ledger, here, kept, names, root };
        ready.fits(held).then_some(ready)
    }

    fn fits(&self, held: &Held) -> bool {
        let header = &self.header;
        let folder = |at: BorrowedFd<'_>, path: &[u8], stamp: Stamp| is(at, path, stamp, true);
        let Ok(kept) = Attributes::of(&self.kept) else { return false };
        [held.like, kept].iter().all(|like| like.seen.id.0 == header.device)
            && Stamp::of(&held.like.seen) == header.root
            && Stamp::of(&kept.seen) == header.spare
            && is(self.here, MANIFEST.as_bytes(), header.manifest, false)
            && header.extra.iter().all(|(path, stamp)| folder(self.kept.as_fd(), path.as_bytes(), *stamp))
            && header.foreign.iter().all(|entry| match entry.folder {
                Some((here, spare)) => {
                    folder(self.here, &entry.path, here) && folder(self.kept.as_fd(), &entry.path, spare)
                }
                None => {
                    let id = |at: BorrowedFd<'_>| look(at, &entry.path).ok().flatten().filter(|seen| !seen.is_folder());
                    let same = |here: Seen| id(self.kept.as_fd()).is_some_and(|spare| spare.is_still(&here));
                    id(self.here).is_some_and(same)
                }
            })
    }

    /// Whether no folder of the generation that was published has changed: nobody put a file there, or took one.
    pub(super) fn is_untouched(&self) -> bool {
        let looker = || Looker::new(self.here);
        let folders = pass::records(&self.ledger, looker, |looker, record| {
            let mut new = above(record.path).rev().zip(record.folders.iter().rev());
            new.all(|(path, (stamp, _))| has(looker, path.as_bytes(), *stamp, true))
        });
        let foreign = self.header.foreign.iter();
        folders
            && foreign
                .filter_map(|entry| Some((&entry.path, entry.folder?.0)))
                .all(|(path, stamp)| is(self.here, path, stamp, true))
            && spare::names(self.here).is_ok_and(|names| names == self.names)
    }

    /// Makes the spare a generation that is half-built, under the name of a new one; nobody relies on it any more.
    ///
    /// # Errors
    /// When the file system refuses. What is done is cleared as what a killed build left.
    pub(super) fn take(&self, place: &Place) -> Result<File, Errno> {
        spare::forget(place).map_err(|_| Errno::IO)?;
        spare::show(self.root.as_fd())?;
        folder::remove(&self.root, MANIFEST.as_bytes(), FileType::RegularFile)?;
        rename_new(place.parent.as_fd(), &place.spare, place.parent.as_fd(), &place.new)?;
        let root = File::from(self.root.try_clone().map_err(|_| Errno::MFILE)?);
        // Whoever waits for the output folder waits for this one, too, once it is that.
        root.try_lock().map_err(|_| Errno::WOULDBLOCK)?;
        Ok(root)
    }

    /// What is not fleetc's, as the new generation at `root` has it.
    pub(super) fn carried(&self, root: BorrowedFd<'_>) -> Vec<Foreign> {
        let foreign = self.header.foreign.iter().filter_map(|entry| {
            let seen = look(root, &entry.path).ok().flatten()?;
            let folder = match entry.folder {
                Some(_) => Some(Attributes::of(folder::open(root, &entry.path).ok()?).ok()?),
                None => None,
            };
            Some(Foreign { path: entry.path.clone(), seen, folder })
        });
        foreign.collect()
    }
}

/// Whether a path has this stamp.
fn is(root: BorrowedFd<'_>, path: &[u8], stamp: Stamp, folder: bool) -> bool {
    has(&mut Looker::new(root), path, stamp, folder)
}

/// Whether a path has this stamp.
pub(super) fn has(looker: &mut Looker<'_>, path: &[u8], stamp: Stamp, folder: bool) -> bool {
    let seen = looker.look(path).ok().flatten();
    seen.is_some_and(|seen| seen.is_folder() == folder && Stamp::of(&seen) == stamp)
}
