//! Taking stock: what two generations are like on disk, as far as nobody can have touched it unseen.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::BorrowedFd;

use rustix::io::Errno;

use super::{Carried, Folder, Stamp};
use crate::publish::folder::{self, Seen, Time};
use crate::tree::Tree;

/// The published generation and the spare, right after the exchange.
pub(in crate::publish) struct Stock<'g> {
    /// The published generation.
    pub(in crate::publish) here: BorrowedFd<'g>,
    /// What is in the spare.
    pub(in crate::publish) spare: BorrowedFd<'g>,
    /// When the build began, or the look that it relies on: what was linked was compared, or looked at, after that.
    pub(in crate::publish) begun: Time,
    /// When the new generation was complete, and nobody else could reach it.
    pub(in crate::publish) complete: Time,
    /// When the old generation was looked through for what is not fleetc's, or before.
    pub(in crate::publish) looked: Time,
}

impl Stock<'_> {
    /// A file of the published generation; `linked` when its bytes are as old as the last build.
    pub(in crate::publish) fn file(&self, path: &str, linked: bool) -> Stamp {
        // A name at the root of the spare was moved since, and the inode may be this one.
        let last = |seen: &Seen| if is_at_root(path.as_bytes()) { seen.modified } else { seen.changed };
        let calm = |seen: &Seen| last(seen) <= self.complete && !(linked && seen.modified >= self.begun);
        stamp(folder::look(self.here, path.as_bytes()), calm).unwrap_or(Stamp::UNSURE)
    }

    /// A folder of the published generation, and of the spare if it has it.
    pub(in crate::publish) fn folder(&self, path: &[u8]) -> (Stamp, Option<Stamp>) {
        let here = stamp(folder::look(self.here, path), |seen| seen.changed <= self.complete);
        (here.unwrap_or(Stamp::UNSURE), self.spare_folder(path))
    }

    /// The same, as it is recorded; `path` has a slash at its end.
    pub(in crate::publish) fn record<'p>(&self, path: &'p str) -> Folder<'p> {
        let (here, spare) = self.folder(path.trim_end_matches('/').as_bytes());
        Folder { path, here, spare }
    }

    /// A folder of the spare, if it has it.
    pub(in crate::publish) fn spare_folder(&self, path: &[u8]) -> Option<Stamp> {
        // What was at the root has been moved since: its inode was changed by that, but nothing in it was.
        let last = |seen: &Seen| if is_at_root(path) { seen.modified } else { seen.changed };
        let seen = folder::look(self.spare, path);
        match seen {
            // A file in its place, or above it, is one at which the two differ.
            Ok(Some(seen)) if !seen.is_folder() => None,
            Err(Errno::NOTDIR) => None,
            seen => stamp(seen, |seen| last(seen) <= self.looked),
        }
    }

    /// Folders of the spare that the published generation lacks, of those on the way to `gone`.
    pub(in crate::publish) fn extra<'p>(&self, gone: impl Iterator<Item = &'p str>) -> Vec<(String, Stamp)> {
        let folders: BTreeSet<&str> = gone.flat_map(above).collect();
        let lacks =
            |path: &str| !matches!(folder::look(self.here, path.as_bytes()), Ok(Some(seen)) if seen.is_folder());
        let lacking = folders.into_iter().filter(|path| lacks(path));
        lacking.filter_map(|path| Some((path.to_string(), self.spare_folder(path.as_bytes())?))).collect()
    }

    /// What is not fleetc's: what was carried over, and the folders on the way to it that are on the way to no file of the
    /// tree. `carried` says of each path whether it is a folder.
    pub(in crate::publish) fn carried<'p>(
        &self,
        tree: &dyn Tree,
        carried: impl Iterator<Item = (&'p [u8], bool)>,
    ) -> Vec<Carried> {
        let mut all: BTreeMap<&[u8], bool> = BTreeMap::new();
        for (path, folder) in carried {
            let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
            all.extend(ends.map(|end| (&path[..end], true)));
            all.insert(path, folder);
        }
        let foreign = all.into_iter().filter(|(path, folder)| !folder || !tree.has_folder(path));
        foreign
            .map(|(path, folder)| Carried { path: path.to_vec(), folder: folder.then(|| self.folder(path).0) })
            .collect()
    }
}

/// Whether the moves to and from the spare change the inode at a path.
pub(in crate::publish) fn is_at_root(path: &[u8]) -> bool {
    !path.contains(&b'/')
}

/// The stamp of what was seen, when it is `calm`; none of nothing.
fn stamp(seen: Result<Option<Seen>, Errno>, calm: impl Fn(&Seen) -> bool) -> Option<Stamp> {
    match seen {
        Ok(None) => None,
        Ok(Some(seen)) if calm(&seen) => Some(Stamp::of(&seen)),
        _ => Some(Stamp::UNSURE),
    }
}

/// The folders on the way to a path that are not on the way to the one before it, from the outermost, each with a slash at
/// its end.
pub(in crate::publish) fn entered<'p>(before: &str, path: &'p str) -> impl Iterator<Item = &'p str> {
    let shared = before.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
    folders(path).filter(move |folder| folder.len() > shared)
}

/// The folders on the way to a path, from the outermost, each with a slash at its end.
pub(in crate::publish) fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..=at])
}

/// The folders on the way to a path, from the outermost.
pub(in crate::publish) fn above(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_entered_once() {
        let paths = ["a", "b-c/d", "b/c/d", "b/c/e", "b/cc/d", "b/d", "c/d/e/f", "d/d/e/f"];
        let mut all = Vec::new();
        paths.iter().fold("", |before, path| {
            all.extend(entered(before, path));
            path
        });
        assert_eq!(all, ["b-c/", "b/", "b/c/", "b/cc/", "c/", "c/d/", "c/d/e/", "d/", "d/d/", "d/d/e/"]);
        assert!(all.is_sorted());
    }
}
