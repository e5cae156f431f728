//! Folders, reached by descriptor and never through a symlink.
#![allow(clippy::disallowed_methods)]

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, RawDir, RenameFlags, Statx, StatxFlags, StatxTimestamp, Timespec, Timestamps,
    Uid,
};
use rustix::io::{Errno, Result};

/// A fault at a path inside a generation, before it is known under which name people see that generation.
#[derive(Debug)]
pub(super) struct At {
    /// What was tried: a verb.
    pub(super) what: &'static str,
    /// Where, relative to the generation.
    pub(super) path: Vec<u8>,
    /// What the file system said; `XDEV` for a mount point, `EXIST` for something that is in the way.
    pub(super) errno: Errno,
}

impl At {
    /// Makes an error of what went wrong at `path`.
    pub(super) fn new(what: &'static str, path: &[u8]) -> impl FnOnce(Errno) -> At {
        move |errno| At { what, path: path.to_vec(), errno }
    }
}

/// What makes two names the same file: device and inode.
pub(super) type Id = (u64, u64);

/// Seconds and nanoseconds since 1970.
pub(super) type Time = (i64, u32);

/// What a folder is like, apart from what is in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes {
    pub(super) seen: Seen,
    pub(super) mode: Mode,
    pub(super) owner: (u32, u32),
    mounted: bool,
}

impl Attributes {
    /// Reads what an open folder is like.
    pub(super) fn of(folder: impl AsFd) -> Result<Attributes> {
        let stat = rustix::fs::statx(folder, c"", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS | StatxFlags::BTIME)?;
        Ok(Attributes {
            seen: Seen::of(&stat),
            mode: Mode::from_raw_mode(u32::from(stat.stx_mode)),
            owner: (stat.stx_uid, stat.stx_gid),
            mounted: stat.stx_attributes.contains(rustix::fs::StatxAttributes::MOUNT_ROOT),
        })
    }

    /// Whether another file system begins at this folder, when the folder above it lies on `device`.
    pub(super) fn is_mount(&self, device: u64) -> bool {
        self.mounted || self.seen.id.0 != device
    }

    /// Whether mode and owner are the same.
    pub(super) fn is_like(&self, other: &Attributes) -> bool {
        self.mode == other.mode && self.owner == other.owner
    }

    /// Gives `folder` this owner and group, as far as the user may; says whether it has them.
    pub(super) fn put_owner(&self, folder: impl AsFd) -> bool {
        if Attributes::of(&folder).is_ok_and(|there| there.owner == self.owner) {
            return true;
        }
        let (owner, group) = (Uid::from_raw(self.owner.0), Gid::from_raw(self.owner.1));
        let done = rustix::fs::fchown(&folder, Some(owner), Some(group)).is_ok();
        if !done {
            let _ = rustix::fs::fchown(&folder, None, Some(group));
        }
        done
    }

    /// Gives `folder` this mode, owner, and time; owner and time as far as the user may.
    pub(super) fn put(&self, folder: impl AsFd) -> Result<()> {
        self.put_owner(&folder);
        rustix::fs::fchmod(&folder, self.mode)?;
        let (seconds, nanoseconds) = self.seen.modified;
        let modified = Timespec { tv_sec: seconds, tv_nsec: nanoseconds.into() };
        let untouched = Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_OMIT };
        let _ = rustix::fs::futimens(&folder, &Timestamps { last_access: untouched, last_modification: modified });
        Ok(())
    }
}

/// Copies the extended attributes of a folder (access lists, security labels), as far as the user may: without the
/// label, a server under SELinux could not read the new tree.
pub(super) fn copy_labels(from: impl AsFd, to: impl AsFd) {
    let mut names = vec![0; 4096];
    let Ok(length) = rustix::fs::flistxattr(&from, &mut names[..]) else { return };
    let mut value = vec![0; 65536];
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        if let Ok(length) = rustix::fs::fgetxattr(&from, name, &mut value[..]) {
            let _ = rustix::fs::fsetxattr(&to, name, &value[..length], rustix::fs::XattrFlags::empty());
        }
    }
}

/// Opens a folder for listing and as a base for other calls.
///
/// # Errors
/// `NOENT`; `NOTDIR` or `LOOP` when it is something else, a symlink to a folder included.
pub(super) fn open(parent: impl AsFd, name: &[u8]) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(parent, name, flags, Mode::empty())
}

/// What is in a folder, sorted by name. `folder` must not have been listed before.
pub(super) fn list(folder: impl AsFd) -> Result<Vec<(Vec<u8>, FileType)>> {
    let mut names = Vec::new();
    let mut buffer = Vec::with_capacity(32 << 10);
    let mut entries = RawDir::new(folder.as_fd(), buffer.spare_capacity_mut());
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push((name.to_vec(), entry.file_type()));
        }
    }
    for (name, kind) in &mut names {
        if *kind == FileType::Unknown {
            // Not every file system says it in the listing.
            *kind = look(&folder, name)?.map_or(FileType::Unknown, |seen| seen.kind);
        }
    }
    names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    Ok(names)
}

/// Whether nothing is in a folder.
pub(super) fn is_empty(folder: impl AsFd) -> Result<bool> {
    list(open(folder, b".")?).map(|names| names.is_empty())
}

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) kind: FileType,
    /// What makes two names the same file, at one time.
    pub(super) id: Id,
    /// When it was modified, in seconds and nanoseconds.
    pub(super) modified: Time,
    /// When anything of its inode was: its names, its mode, its owner too. Nobody can set this.
    pub(super) changed: Time,
    born: Time,
}

impl Seen {
    fn of(stat: &Statx) -> Seen {
        let time = |time: StatxTimestamp| (time.tv_sec, time.tv_nsec);
        Seen {
            kind: FileType::from_raw_mode(stat.stx_mode.into()),
            id: (rustix::fs::makedev(stat.stx_dev_major, stat.stx_dev_minor), stat.stx_ino),
            modified: time(stat.stx_mtime),
            changed: time(stat.stx_ctime),
            born: time(stat.stx_btime),
        }
    }

    /// Whether this is the file that was seen before: the inode of a removed file may stand for another one by now.
    pub(super) fn is_same(&self, before: &Seen) -> bool {
        (self.id, self.born) == (before.id, before.born)
    }

    /// Whether this is the file that was seen before, and was not modified since.
    pub(super) fn is_still(&self, before: &Seen) -> bool {
        self.is_same(before) && self.modified == before.modified
    }

    pub(super) fn is_folder(&self) -> bool {
        self.kind == FileType::Directory
    }
}

/// Looks what a name stands for, without following it; nothing when it does not exist.
pub(super) fn look(folder: impl AsFd, name: &[u8]) -> Result<Option<Seen>> {
    let flags = StatxFlags::BASIC_STATS | StatxFlags::BTIME;
    match rustix::fs::statx(folder, name, AtFlags::SYMLINK_NOFOLLOW, flags) {
        Ok(stat) => Ok(Some(Seen::of(&stat))),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// Removes a name; a folder only when it is empty. A name that is gone already is no error.
pub(super) fn remove(folder: impl AsFd, name: &[u8], kind: FileType) -> Result<()> {
    let flags = if kind == FileType::Directory { AtFlags::REMOVEDIR } else { AtFlags::empty() };
    let done = match rustix::fs::unlinkat(&folder, name, flags) {
        Err(Errno::ACCESS) => {
            // A folder without write permission was carried here as it was.
            rustix::fs::fchmod(&folder, Mode::RWXU)?;
            rustix::fs::unlinkat(&folder, name, flags)
        }
        done => done,
    };
    match done {
        Err(Errno::NOENT) => Ok(()),
        // A file system that cannot be written says so before it looks for the name.
        Err(Errno::ROFS) if look(&folder, name)?.is_none() => Ok(()),
        done => done,
    }
}

/// Splits a path into the folder, empty for the root, and the name in it.
pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b"", path),
    }
}

/// A path one name longer.
pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

/// Whether a path lies inside a folder.
pub(super) fn is_in(path: &[u8], folder: &[u8]) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with(b"/"))
}

/// Creates a file that does not exist.
pub(super) fn create(folder: BorrowedFd<'_>, name: &[u8]) -> Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(folder, name, flags, Mode::from_raw_mode(0o666)).map(File::from)
}

/// Renames to a name that must not exist.
pub(super) fn rename_new(from: BorrowedFd<'_>, name: &[u8], to: BorrowedFd<'_>, into: &[u8]) -> Result<()> {
    match rustix::fs::renameat_with(from, name, to, into, RenameFlags::NOREPLACE) {
        // Not every file system knows the flag.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => match look(to, into)? {
            Some(_) => Err(Errno::EXIST),
            None => rustix::fs::renameat(from, name, to, into),
        },
        done => done,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_long_listing_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..3000 {
            fs::write(folder.path().join(format!("a-name-that-fills-the-buffer-{n:05}")), "").unwrap();
        }
        let root = fs::File::open(folder.path()).unwrap();
        assert_eq!(list(&root).unwrap().len(), 3000);
        assert!(!is_empty(&root).unwrap());
    }
}
