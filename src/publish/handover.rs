//! What is foreign goes from the generation that goes to the one that stays.
//!
//! Most of it is in both already, by hard links. The rest was put there or changed while the new generation was built,
//! could not be linked, or stands in a generation that a killed build left. Nothing is overwritten and nothing removed
//! unless it is in the generation that stays, as the same inode or with the same bytes: where two versions of a file
//! meet, both are kept.
#![allow(clippy::disallowed_methods)]

use std::os::fd::BorrowedFd;

use rustix::fs::{FileType, Mode, RenameFlags};
use rustix::io::{Errno, Result};

use super::compare;
use super::cursor::Cursor;
use super::folder::{self, At, Seen, is_in, rename_new};
use super::manifest::Manifest;
use super::scan::{Foreign, scan};

/// The end of a name in the old generation that is being removed.
const GONE: &[u8] = b".fleetc-gone";

/// How many versions of one file are kept.
const VERSIONS: u32 = 1000;

/// A path of the old generation, and the one it has in the new.
pub(super) struct Move {
    pub(super) from: Vec<u8>,
    pub(super) to: Vec<u8>,
}

/// Hands over from one generation to another.
pub(super) struct Handover<'a> {
    from: BorrowedFd<'a>,
    old: Cursor<'a>,
    new: Cursor<'a>,
    /// Whether what meets something else at this path may get another name; if not, that is an error.
    may_rename: &'a dyn Fn(&[u8]) -> bool,
    /// What the build linked into the new generation, sorted by path.
    carried: &'a [Foreign],
    /// What was moved, in order.
    pub(super) moved: Vec<Move>,
}

impl<'a> Handover<'a> {
    /// Prepares to hand over; see the fields.
    pub(super) fn new(
        from: BorrowedFd<'a>,
        to: BorrowedFd<'a>,
        carried: &'a [Foreign],
        may_rename: &'a dyn Fn(&[u8]) -> bool,
    ) -> Handover<'a> {
        Handover { from, old: Cursor::new(from), new: Cursor::new(to), may_rename, carried, moved: Vec::new() }
    }

    /// Moves what could not be linked.
    ///
    /// # Errors
    /// `EXIST` where its place is taken.
    pub(super) fn unlinked(&mut self, paths: &[Vec<u8>]) -> std::result::Result<(), At> {
        for path in paths {
            match self.rename(path, path) {
                // What vanished since the scan needs no care.
                Ok(()) | Err(Errno::NOENT) => {}
                Err(errno) => return Err(At::new("move", path)(errno)),
            }
        }
        Ok(())
    }

    /// Hands over all that is foreign, `ours` being the manifest of the old generation. Gives the doubles: what both
    /// generations have.
    ///
    /// # Errors
    /// `EXIST` for what meets something else, where that may not get another name.
    pub(super) fn rest(&mut self, ours: &Manifest) -> std::result::Result<Vec<Foreign>, At> {
        // What was carried comes first and fast: the less time there is, the less can change in both generations.
        for carried in self.carried.iter().filter(|entry| entry.folder.is_none()) {
            let failed = |errno| At::new("keep", &carried.path)(errno);
            let seen = self.old.look(&carried.path).or_else(missing).map_err(failed)?;
            if let Some(seen) = seen.filter(|seen| seen.id != carried.seen.id && !seen.is_folder()) {
                self.entry(&carried.path, &seen).map_err(failed)?;
            }
        }
        let (mut doubles, mut whole) = (Vec::new(), None::<Vec<u8>>);
        for entry in scan(self.from, ours, None)?.foreign {
            if whole.as_ref().is_some_and(|folder| is_in(&entry.path, folder)) {
                continue;
            }
            if self.entry(&entry.path, &entry.seen).map_err(At::new("keep", &entry.path))? {
                whole = entry.folder.map(|_| entry.path);
            } else {
                doubles.push(entry);
            }
        }
        Ok(doubles)
    }

    /// Hands over one entry; says whether it is gone from the old generation. It is not when both have it.
    fn entry(&mut self, path: &[u8], entry: &Seen) -> Result<bool> {
        let done = match (self.new.look(path), path.strip_suffix(GONE)) {
            // A build was killed while it removed this, under its other name.
            (Ok(None), Some(name)) => self.entry_as(path, name, entry),
            _ => self.entry_as(path, path, entry),
        };
        match done {
            // Somebody removed it this very moment, or what it met; the latter is found when the rest is wiped.
            Err(Errno::NOENT) => Ok(true),
            done => done,
        }
    }

    /// Hands over what is at `from` in the old generation to `to` in the new one.
    fn entry_as(&mut self, from: &[u8], to: &[u8], entry: &Seen) -> Result<bool> {
        let is_folder = entry.is_folder();
        let seen = match self.new.look(to) {
            Err(Errno::NOTDIR | Errno::LOOP) => return Err(Errno::EXIST),
            seen => seen?,
        };
        match seen {
            None => self.rename(from, to)?,
            Some(seen) if seen.id == entry.id || (is_folder && seen.is_folder()) => return Ok(false),
            Some(seen) if !is_folder && self.is_link(to, &seen) && self.replace(from, to, &seen)? => {}
            Some(_) if !is_folder && self.equal(from, to)? => return Ok(false),
            Some(seen) if (self.may_rename)(to) => {
                self.keep_both(from, to, !is_folder && !seen.is_folder() && entry.modified > seen.modified)?;
            }
            Some(_) => return Err(Errno::EXIST),
        }
        Ok(true)
    }

    fn is_link(&self, path: &[u8], seen: &Seen) -> bool {
        let at = self.carried.binary_search_by(|carried| (*carried.path).cmp(path));
        at.is_ok_and(|at| seen.is_still(&self.carried[at].seen))
    }

    fn equal(&mut self, from: &[u8], to: &[u8]) -> Result<bool> {
        let ((folder, name), (into, new_name)) = (folder::split(from), folder::split(to));
        Ok(compare::equal((self.old.enter(folder)?, name), (self.new.enter(into)?, new_name)))
    }

    /// Puts a file in the place of the link to its last version, which somebody has replaced by it in the old
    /// generation. Says no when the exchange is not possible.
    fn replace(&mut self, from: &[u8], to: &[u8], link: &Seen) -> Result<bool> {
        match self.exchange(from, to) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => return Ok(false),
            done => done?,
        }
        self.moved.push(Move { from: from.to_vec(), to: to.to_vec() });
        let (folder, name) = folder::split(from);
        // Another version may have come to either name this very moment. It is found when the rest is wiped.
        take(self.old.enter(folder)?, name, |seen| seen.is_still(link))?;
        Ok(true)
    }

    /// Exchanges two files, since a rename could overwrite what has come there this very moment.
    fn exchange(&mut self, from: &[u8], to: &[u8]) -> Result<()> {
        let ((folder, name), (into, new_name)) = (folder::split(from), folder::split(to));
        rustix::fs::renameat_with(self.old.enter(folder)?, name, self.new.enter(into)?, new_name, RenameFlags::EXCHANGE)
    }

    fn rename(&mut self, from: &[u8], to: &[u8]) -> Result<()> {
        let ((folder, name), (into, new_name)) = (folder::split(from), folder::split(to));
        rename_new(self.old.enter(folder)?, name, self.new.make(into)?, new_name)?;
        self.moved.push(Move { from: from.to_vec(), to: to.to_vec() });
        Ok(())
    }

    /// Keeps two versions: the newer one under the name, the other beside it.
    fn keep_both(&mut self, from: &[u8], to: &[u8], is_newer: bool) -> Result<()> {
        if is_newer {
            // Where this cannot be done, they only have each other's name.
            let _ = self.exchange(from, to);
        }
        for version in 1..=VERSIONS {
            let beside = [to, format!(".fleetc-kept-{version}").as_bytes()].concat();
            match self.rename(from, &beside) {
                Err(Errno::EXIST) => {}
                done => return done,
            }
        }
        Err(Errno::EXIST)
    }

    /// Moves back what was moved, the last first.
    pub(super) fn take_back(&mut self) -> std::result::Result<(), At> {
        while let Some(Move { from, to }) = self.moved.pop() {
            let ((folder, name), (into, new_name)) = (folder::split(&from), folder::split(&to));
            let back = self.new.enter(into).and_then(|new| rename_new(new, new_name, self.old.make(folder)?, name));
            back.map_err(At::new("move back", &to))?;
        }
        Ok(())
    }
}

/// Removes a name of the old generation, if it stands for what is expected; says whether it did.
///
/// Somebody who looked the folder up before the exchange may put another file there at any moment, also between a look
/// and a removal. So the name is changed first to one that nobody knows. A build that is killed then leaves that.
pub(super) fn take(folder: BorrowedFd<'_>, name: &[u8], expected: impl Fn(&Seen) -> bool) -> Result<bool> {
    let gone = [name, GONE].concat();
    let mut renamed = rename_new(folder, name, folder, &gone);
    if renamed == Err(Errno::ACCESS) {
        // A folder without write permission was carried as it was; this one goes.
        rustix::fs::fchmod(folder, Mode::RWXU)?;
        renamed = rename_new(folder, name, folder, &gone);
    }
    let (taken, name) = match renamed {
        Ok(()) => (true, &*gone),
        // The name is too long to be longer, or a killed build left the other.
        Err(Errno::NAMETOOLONG | Errno::EXIST) => (false, name),
        Err(Errno::NOENT) => return Ok(false),
        Err(errno) => return Err(errno),
    };
    if folder::look(folder, name)?.is_some_and(|seen| expected(&seen)) {
        folder::remove(folder, name, FileType::RegularFile)?;
        return Ok(true);
    }
    if taken {
        match rename_new(folder, name, folder, &name[..name.len() - GONE.len()]) {
            Ok(()) | Err(Errno::EXIST | Errno::NOENT) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(false)
}

/// A folder that was replaced by a file holds nothing any more.
fn missing(errno: Errno) -> Result<Option<Seen>> {
    if matches!(errno, Errno::NOTDIR | Errno::LOOP) { Ok(None) } else { Err(errno) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::fd::AsFd;
    use std::path::Path;

    /// Two generations: the old one has `mine`, linked into the new one, and what is written into either.
    struct Two {
        folder: tempfile::TempDir,
        carried: Vec<Foreign>,
    }

    impl Two {
        fn new() -> Two {
            let folder = tempfile::tempdir().unwrap();
            for name in ["old", "new"] {
                fs::create_dir(folder.path().join(name)).unwrap();
            }
            fs::write(folder.path().join("old/mine"), "first").unwrap();
            fs::hard_link(folder.path().join("old/mine"), folder.path().join("new/mine")).unwrap();
            let old = fs::File::open(folder.path().join("old")).unwrap();
            let carried = scan(old.as_fd(), &Manifest { version: 1, files: Vec::new() }, None).unwrap().foreign;
            Two { folder, carried }
        }

        fn path(&self, name: &str) -> std::path::PathBuf {
            self.folder.path().join(name)
        }

        /// Saves as an editor does: a new file under the old name.
        fn save(&self, name: &str, text: &str) {
            let _ = fs::remove_file(self.path(name));
            fs::write(self.path(name), text).unwrap();
        }

        fn hand_over(&self, may_rename: bool, back: bool) -> std::result::Result<usize, At> {
            let open = |name| fs::File::open(self.path(name)).unwrap();
            let (old, new) = (open("old"), open("new"));
            let may_rename = |_: &[u8]| may_rename;
            let mut handover = Handover::new(old.as_fd(), new.as_fd(), &self.carried, &may_rename);
            let doubles = handover.rest(&Manifest { version: 1, files: Vec::new() });
            if back {
                handover.take_back()?;
            }
            doubles.map(|doubles| doubles.len())
        }

        fn texts(&self, name: &str) -> Vec<(String, String)> {
            let entries = fs::read_dir(self.path(name)).unwrap().map(|entry| entry.unwrap().path());
            let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_string();
            let mut texts: Vec<_> = entries.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect();
            texts.sort();
            texts
        }
    }

    fn text(name: &str, text: &str) -> (String, String) {
        (name.to_string(), text.to_string())
    }

    #[test]
    fn what_is_in_both_is_a_double() {
        let two = Two::new();
        two.save("old/same", "same");
        two.save("new/same", "same");
        assert_eq!(two.hand_over(false, false).unwrap(), 2);
        assert_eq!(two.texts("new"), [text("mine", "first"), text("same", "same")]);
    }

    #[test]
    fn the_newer_version_replaces_the_link_to_the_older() {
        let two = Two::new();
        two.save("old/mine", "second");
        assert_eq!(two.hand_over(false, false).unwrap(), 0);
        assert_eq!((two.texts("new"), two.texts("old")), (vec![text("mine", "second")], vec![]));
    }

    #[test]
    fn two_versions_are_both_kept_or_refused() {
        let two = Two::new();
        two.save("old/mine", "second");
        two.save("new/mine", "third");
        two.save("old/late", "late");
        assert_eq!(two.hand_over(false, true).unwrap_err().errno, Errno::EXIST);
        assert_eq!(two.texts("old"), [text("late", "late"), text("mine", "second")]);
        assert_eq!(two.texts("new"), [text("mine", "third")]);
        two.save("new/mine.fleetc-kept-1", "an earlier one");
        assert_eq!(two.hand_over(true, false).unwrap(), 0);
        let kept = [
            text("late", "late"),
            text("mine", "third"),
            text("mine.fleetc-kept-1", "an earlier one"),
            text("mine.fleetc-kept-2", "second"),
        ];
        assert_eq!((two.texts("new"), two.texts("old")), (kept.to_vec(), vec![]));
        two.save("old/mine", "fourth");
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(9);
        fs::File::options().write(true).open(two.path("old/mine")).unwrap().set_modified(later).unwrap();
        two.hand_over(true, false).unwrap();
        assert_eq!(two.texts("new")[1], text("mine", "fourth"), "the one that was modified last keeps its name");
        assert_eq!(two.texts("new")[4], text("mine.fleetc-kept-3", "third"));
    }

    #[test]
    fn what_was_moved_is_taken_back() {
        let two = Two::new();
        two.save("old/late", "late");
        fs::create_dir(two.path("old/folder")).unwrap();
        two.save("old/folder/deep", "deep");
        assert_eq!(two.hand_over(true, true).unwrap(), 1);
        assert!(two.path("old/folder/deep").exists() && two.path("old/late").exists());
        assert_eq!(two.texts("new"), [text("mine", "first")]);
    }

    #[test]
    fn only_what_is_expected_is_taken() {
        let two = Two::new();
        let old = fs::File::open(two.path("old")).unwrap();
        assert!(!take(old.as_fd(), b"mine", |_| false).unwrap());
        assert!(!take(old.as_fd(), b"none", |_| true).unwrap());
        assert_eq!(two.texts("old"), [text("mine", "first")]);
        // A build was killed right here: both names are there, and the longer one is no other file.
        fs::hard_link(two.path("old/mine"), two.path("old/mine.fleetc-gone")).unwrap();
        assert_eq!(two.hand_over(true, false).unwrap(), 2);
        assert_eq!(two.texts("new"), [text("mine", "first")]);
        assert!(take(old.as_fd(), b"mine", |_| true).unwrap());
        assert!(take(old.as_fd(), b"mine.fleetc-gone", |_| true).unwrap());
        assert_eq!(two.texts("old"), []);
    }

    #[test]
    fn a_folder_that_meets_a_file_gets_another_name() {
        let two = Two::new();
        fs::remove_file(two.path("old/mine")).unwrap();
        fs::create_dir(two.path("old/mine")).unwrap();
        two.save("old/mine/deep", "deep");
        assert_eq!(two.hand_over(true, false).unwrap(), 0);
        assert!(two.path("new/mine.fleetc-kept-1/deep").exists());
    }
}
