//! Ways through a generation, from one path to the next: most lie near each other.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, Result};

use super::folder::{Seen, is_in, look, open, split};

/// Walks a generation from folder to folder and keeps open the ones on the way, since paths come sorted.
pub(super) struct Cursor<'a> {
    root: BorrowedFd<'a>,
    path: Vec<u8>,
    /// The folders on the way to `path`, each with the length of its path.
    way: Vec<(usize, OwnedFd)>,
    /// The last folder that was made, and not opened.
    made: Vec<u8>,
}

impl<'a> Cursor<'a> {
    /// Stands at the root of a generation.
    pub(super) fn new(root: BorrowedFd<'a>) -> Cursor<'a> {
        Cursor { root, path: Vec::new(), way: Vec::new(), made: Vec::new() }
    }

    /// Goes to a folder that exists.
    pub(super) fn enter(&mut self, folder: &[u8]) -> Result<BorrowedFd<'_>> {
        self.go(folder, |parent, name| open(parent, name))
    }

    /// Goes to a folder, and makes what is missing on the way.
    pub(super) fn make(&mut self, folder: &[u8]) -> Result<BorrowedFd<'_>> {
        self.go(folder, |parent, name| match rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => open(parent, name),
            Err(errno) => Err(errno),
        })
    }

    /// Puts something at a path, and makes the folders on the way that are missing. `make` gets an open folder, and where
    /// to make it from there.
    pub(super) fn put<T>(&mut self, path: &[u8], make: impl FnOnce(BorrowedFd<'_>, &[u8]) -> Result<T>) -> Result<T> {
        let (folder, name) = split(path);
        let (above, last) = split(folder);
        if self.path == folder || last.is_empty() {
            return make(self.enter(folder)?, name);
        }
        // A folder that was made just now is no symlink. It is not opened: most get but a few files.
        let below = &path[path.len() - name.len() - last.len() - 1..];
        if self.made == folder && self.path == above {
            return make(self.here(), below);
        }
        let parent = self.make(above)?;
        match rustix::fs::mkdirat(parent, last, Mode::from_raw_mode(0o777)) {
            Ok(()) => {
                let made = make(parent, below);
                self.made.clear();
                self.made.extend_from_slice(folder);
                made
            }
            Err(Errno::EXIST) => make(self.enter(folder)?, name),
            Err(errno) => Err(errno),
        }
    }

    /// Goes to the folder of a path and looks what the name stands for; nothing when either does not exist.
    ///
    /// # Errors
    /// `NOTDIR` or `LOOP` when something on the way is no folder.
    pub(super) fn look(&mut self, path: &[u8]) -> Result<Option<Seen>> {
        let (folder, name) = split(path);
        match self.enter(folder) {
            Ok(folder) => look(folder, name),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    fn go(
        &mut self,
        folder: &[u8],
        mut step: impl FnMut(BorrowedFd<'_>, &[u8]) -> Result<OwnedFd>,
    ) -> Result<BorrowedFd<'_>> {
        while let Some((end, _)) = self.way.last() {
            let end = *end;
            let shared = folder.len() >= end && folder[..end] == self.path[..end];
            if shared && (folder.len() == end || folder[end] == b'/') {
                break;
            }
            self.way.pop();
        }
        self.path.truncate(self.way.last().map_or(0, |(end, _)| *end));
        while self.path.len() < folder.len() {
            let start = if self.path.is_empty() { 0 } else { self.path.len() + 1 };
            let end = folder[start..].iter().position(|byte| *byte == b'/').map_or(folder.len(), |at| start + at);
            let next = step(self.here(), &folder[start..end])?;
            self.path.clear();
            self.path.extend_from_slice(&folder[..end]);
            self.way.push((end, next));
        }
        Ok(self.here())
    }

    fn here(&self) -> BorrowedFd<'_> {
        self.way.last().map_or(self.root, |(_, folder)| folder.as_fd())
    }
}

/// Looks at one path after another, from a folder that is near: two names above a file, for the folder right above it is
/// another one too often.
pub(super) struct Looker<'a> {
    root: BorrowedFd<'a>,
    folder: Vec<u8>,
    open: Option<OwnedFd>,
}

impl<'a> Looker<'a> {
    /// Looks from the root of a generation.
    pub(super) fn new(root: BorrowedFd<'a>) -> Looker<'a> {
        Looker { root, folder: Vec::new(), open: None }
    }

    /// Looks what a path stands for; nothing when it, or a folder on the way, does not exist. A symlink on the way is
    /// followed: whoever cares looks at the folders, too.
    pub(super) fn look(&mut self, path: &[u8]) -> Result<Option<Seen>> {
        let rest = |folder: &[u8]| path.get(folder.len() + 1..).unwrap_or_default();
        let is_near = |folder: &[u8]| rest(folder).iter().filter(|byte| **byte == b'/').count() < 2;
        if let Some(open) = self.open.as_ref().filter(|_| is_in(path, &self.folder) && is_near(&self.folder)) {
            return look(open, rest(&self.folder));
        }
        let (above, _) = split(split(path).0);
        if above.is_empty() {
            return look(self.root, path);
        }
        if self.folder != above {
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            self.open = match rustix::fs::openat(self.root, above, flags, Mode::empty()) {
                Err(Errno::NOENT) => return Ok(None),
                open => Some(open?),
            };
            self.folder.clear();
            self.folder.extend_from_slice(above);
        }
        self.open.as_ref().map_or(Ok(None), |open| look(open, rest(above)))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, clippy::unwrap_used)]
mod tests {
    use std::fs;

    use super::*;
    use crate::publish::folder::{Attributes, create};

    #[test]
    fn a_cursor_goes_anywhere_but_through_symlinks() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::File::open(folder.path()).unwrap();
        let mut cursor = Cursor::new(root.as_fd());
        for path in ["a/b/c", "a/b", "a/bc", "a/b/d", "x", "", "a"] {
            let made = Attributes::of(cursor.make(path.as_bytes()).unwrap()).unwrap().seen.id;
            let there = fs::File::open(folder.path().join(path)).unwrap();
            assert_eq!(made, Attributes::of(&there).unwrap().seen.id, "{path}");
        }
        std::os::unix::fs::symlink("a", folder.path().join("link")).unwrap();
        assert!(cursor.enter(b"link").is_err() && cursor.make(b"link/b").is_err());
        assert_eq!(cursor.enter(b"a/none").unwrap_err(), Errno::NOENT);
        assert!(cursor.enter(b"a/b").is_ok(), "a failed step leaves the cursor usable");
    }

    proptest::proptest! {
        #[test]
        fn files_are_put_as_one_by_one(paths in proptest::collection::vec("[ab](/[ab]){0,3}", 0..12)) {
            let [ours, plain] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
            let root = fs::File::open(ours.path()).unwrap();
            let mut cursor = Cursor::new(root.as_fd());
            for path in &paths {
                let at = plain.path().join(path);
                let created = fs::create_dir_all(at.parent().unwrap()).and_then(|()| fs::File::create_new(&at));
                proptest::prop_assert_eq!(cursor.put(path.as_bytes(), create).is_ok(), created.is_ok(), "{}", path);
                proptest::prop_assert_eq!(ours.path().join(path).is_file(), at.is_file());
            }
        }
    }
}
