//! A ledger that fits: it is whole, and speaks of the generations that are there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::publish::cursor::Looker;
use crate::publish::folder::{self, Attributes, look, rename_new, split};
use crate::publish::ledger::{Damaged, Header, Reader, Stamp};
use crate::publish::manifest::lines::Lines;
use crate::publish::place::Place;
use crate::publish::scan::Foreign;
use crate::publish::{retire, spare};
use crate::tree::MANIFEST;

/// The published generation, its spare if it has one, and their ledger.
pub(super) struct Ready<'b> {
    /// The ledger's own stamp: as long as it is there, no build has changed anything.
    pub(super) identity: Stamp,
    pub(super) header: Header,
    pub(super) ledger: File,
    /// The published generation.
    pub(super) here: BorrowedFd<'b>,
    pub(super) spare: Option<Kept>,
    /// What is at the root of the published generation.
    pub(super) names: BTreeSet<Vec<u8>>,
    /// What is in each folder of it, but the root, that has something that is not fleetc's.
    mixed: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>,
}

/// A spare: what is in it, and the folder that hides that.
pub(super) struct Kept {
    pub(super) kept: OwnedFd,
    root: OwnedFd,
}

impl<'b> Ready<'b> {
    /// Looks for a ledger, and whether it speaks of the output folder and of the spare that is there, or of none; of single
    /// files nothing is known then.
    pub(super) fn find(place: &Place, here: BorrowedFd<'b>, like: &Attributes) -> Option<Ready<'b>> {
        // What a killed build left is cleared first.
        for name in [&place.new, &place.aside, &place.gone, &place.list] {
            if place.has(name).ok()? {
                return None;
            }
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let ledger = File::from(rustix::fs::openat(&place.parent, &*place.ledger, flags, Mode::empty()).ok()?);
        let header = Reader::header(&ledger).ok()?;
        let spare = match header.window {
            None => Some(spare::find(place).ok()??).map(|(kept, root)| Kept { kept, root }),
            Some(_) if place.has(&place.spare).ok()? => return None,
            Some(_) => None,
        };
        let names = spare::names(here).ok()?;
        let mixed = mixed(here, &header).ok()?;
        let identity = Stamp::of(&Attributes::of(&ledger).ok()?.seen);
        let ready = Ready { identity, header, ledger, here, spare, names, mixed };
        ready.fits(like).then_some(ready)
    }

    fn fits(&self, like: &Attributes) -> bool {
        let header = &self.header;
        let folder = |at: BorrowedFd<'_>, path: &[u8], stamp: Stamp| is(at, path, stamp, true);
        let is_spare = |kept: &OwnedFd| {
            let is_it = |like: Attributes| like.seen.id.0 == header.device && Stamp::of(&like.seen) == header.spare;
            Attributes::of(kept).is_ok_and(is_it)
                && header.extra.iter().all(|(path, stamp)| folder(kept.as_fd(), path.as_bytes(), *stamp))
        };
        like.seen.id.0 == header.device
            && Stamp::of(&like.seen) == header.root
            && self.spare.as_ref().is_none_or(|spare| is_spare(&spare.kept))
            && is(self.here, MANIFEST.as_bytes(), header.manifest, false)
            && header.foreign.iter().all(|entry| entry.folder.is_none_or(|stamp| folder(self.here, &entry.path, stamp)))
    }

    /// The published manifest.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn manifest(&self) -> Result<File, Damaged> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(rustix::fs::openat(self.here, MANIFEST, flags, Mode::empty())?))
    }

    /// The lines of it.
    ///
    /// # Errors
    /// When it cannot be read, or is not as fleetc writes it.
    pub(super) fn lines(&self) -> Result<Lines<File>, Damaged> {
        Lines::begin(self.manifest()?)?.ok_or(Damaged)
    }

    /// Takes what is not fleetc's from the generation that was published, where the new one has it, too; gives the names
    /// that are left at its root. None when something else has come there.
    pub(super) fn strip(&self, root: BorrowedFd<'_>) -> Option<BTreeSet<Vec<u8>>> {
        let foreign = self.foreign(root);
        retire::forget(self.here, &foreign).ok()?;
        let gone = |folder: &[u8], name: &[u8]| foreign.iter().any(|entry| split(&entry.path) == (folder, name));
        let left = |folder: &[u8], names: &BTreeSet<Vec<u8>>| -> BTreeSet<Vec<u8>> {
            names.iter().filter(|name| !gone(folder, name)).cloned().collect()
        };
        for (path, names) in &self.mixed {
            match folder::open(self.here, path).and_then(spare::names) {
                Ok(found) if found == left(path, names) => {}
                // It was not fleetc's either.
                Err(Errno::NOENT) => {}
                _ => return None,
            }
        }
        Some(left(b"", &self.names))
    }

    /// What is not fleetc's, as one of the generations has it.
    pub(super) fn foreign(&self, root: BorrowedFd<'_>) -> Vec<Foreign> {
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

impl Kept {
    /// Makes the spare a generation that is half-built, under the name of a new one.
    ///
    /// # Errors
    /// When the file system refuses. What is done is cleared as what a killed build left.
    pub(super) fn take(&self, place: &Place) -> Result<File, Errno> {
        spare::show(self.root.as_fd())?;
        folder::remove(&self.root, MANIFEST.as_bytes(), FileType::RegularFile)?;
        rename_new(place.parent.as_fd(), &place.spare, place.parent.as_fd(), &place.new)?;
        let root = File::from(self.root.try_clone().map_err(|_| Errno::MFILE)?);
        // Whoever waits for the output folder waits for this one, too, once it is that.
        root.try_lock().map_err(|_| Errno::WOULDBLOCK)?;
        Ok(root)
    }
}

/// The names in each folder, but the root, that has something that is not fleetc's.
fn mixed(here: BorrowedFd<'_>, header: &Header) -> Result<BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>, Errno> {
    let folders: BTreeSet<&[u8]> = header.foreign.iter().map(|entry| split(&entry.path).0).collect();
    let folders = folders.into_iter().filter(|path| !path.is_empty());
    folders.map(|path| Ok((path.to_vec(), spare::names(folder::open(here, path)?)?))).collect()
}

/// Whether a path has this stamp.
pub(super) fn is(root: BorrowedFd<'_>, path: &[u8], stamp: Stamp, folder: bool) -> bool {
    has(&mut Looker::new(root), path, stamp, folder)
}

/// Whether a path has this stamp.
pub(super) fn has(looker: &mut Looker<'_>, path: &[u8], stamp: Stamp, folder: bool) -> bool {
    let seen = looker.look(path).ok().flatten();
    seen.is_some_and(|seen| seen.is_folder() == folder && Stamp::of(&seen) == stamp)
}
