//! The place of a tree: the output folder, the folder that holds it, and the lock that one build has at a time.
#![allow(clippy::disallowed_methods)]

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode};
use rustix::io::Errno;

use super::error::PublishError;
use super::folder::{self, At, Attributes};

/// Where a tree is published.
pub(super) struct Place {
    /// The folder that holds the output folder.
    pub(super) parent: OwnedFd,
    /// The name of the output folder in it.
    pub(super) name: Vec<u8>,
    /// The name under which a new generation is built, and an old one cleared.
    pub(super) new: Vec<u8>,
    /// The name under which the old generation waits where two folders cannot be exchanged in one step.
    pub(super) aside: Vec<u8>,
    /// The name of a manifest while it is written.
    pub(super) list: Vec<u8>,
    /// The name of a manifest whose generation is being removed.
    pub(super) gone: Vec<u8>,
    /// The name of the spare: the generation before the published one.
    pub(super) spare: Vec<u8>,
    /// The name of the ledger of both.
    pub(super) ledger: Vec<u8>,
    shown: PathBuf,
    folder: PathBuf,
    made: Vec<PathBuf>,
}

/// The output folder, locked: no other build changes it while this lives.
pub(super) struct Held {
    /// The folder; the lock is on this descriptor.
    pub(super) out: File,
    /// What it is like.
    pub(super) like: Attributes,
    created: bool,
}

impl Place {
    /// Finds where `out` lies, through symlinks, and creates the folders above it.
    ///
    /// # Errors
    /// When it is no folder, a symlink to nothing, without a name of its own (`/`), or the folders above it cannot be
    /// created or opened.
    pub(super) fn find(out: &Path) -> Result<Place, PublishError> {
        let refuse = |why| PublishError::Out { path: out.to_path_buf(), why };
        let failed = |what, path: &Path| {
            let path = path.to_path_buf();
            move |error| PublishError::Io { what, path, error }
        };
        let mut made = Vec::new();
        let whole = match fs::metadata(out) {
            Ok(seen) if seen.is_dir() => out.canonicalize().map_err(failed("find", out))?,
            Ok(_) => return Err(refuse("is a file: choose an empty or a new folder")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if fs::symlink_metadata(out).is_ok() {
                    return Err(refuse("is a symlink to nothing: create the folder it names, or remove it"));
                }
                let name = out.file_name().ok_or_else(|| refuse("has no name of its own: choose another folder"))?;
                let parent = match out.parent() {
                    Some(parent) if !parent.as_os_str().is_empty() => parent,
                    _ => Path::new("."),
                };
                made.extend(parent.ancestors().take_while(|path| !path.exists()).map(Path::to_path_buf));
                fs::create_dir_all(parent).map_err(failed("create", parent))?;
                parent.canonicalize().map_err(failed("find", parent))?.join(name)
            }
            Err(error) => return Err(failed("find", out)(error)),
        };
        let (Some(folder), Some(name)) = (whole.parent(), whole.file_name()) else {
            return Err(PublishError::Mount { path: out.to_path_buf(), out: true });
        };
        let parent = File::open(folder).map_err(failed("open", folder))?.into();
        let beside = |what: &str| [b".", name.as_bytes(), b".fleetc-", what.as_bytes()].concat();
        Ok(Place {
            parent,
            name: name.as_bytes().to_vec(),
            new: beside("new"),
            aside: beside("old"),
            list: beside("manifest"),
            gone: beside("gone"),
            spare: beside("spare"),
            ledger: beside("ledger"),
            shown: out.to_path_buf(),
            folder: folder.to_path_buf(),
            made,
        })
    }

    /// Finds where `out` lies if it is a folder, and creates nothing.
    pub(super) fn existing(out: &Path) -> Option<Place> {
        fs::metadata(out).ok()?.is_dir().then(|| Place::find(out).ok())?
    }

    /// The output folder as the user wrote it, with a path inside it.
    pub(super) fn shown(&self, path: &[u8]) -> PathBuf {
        if path.is_empty() { self.shown.clone() } else { self.shown.join(OsStr::from_bytes(path)) }
    }

    /// A name beside the output folder, with a path inside it.
    pub(super) fn beside(&self, name: &[u8], path: &[u8]) -> PathBuf {
        let mut beside = self.folder.join(OsStr::from_bytes(name));
        if !path.is_empty() {
            beside.push(OsString::from_vec(path.to_vec()));
        }
        beside
    }

    /// Makes an error of what went wrong with a name beside the output folder.
    pub(super) fn failed(&self, what: &'static str, name: &[u8]) -> impl FnOnce(Errno) -> PublishError {
        let path = self.beside(name, b"");
        move |errno| PublishError::Io { what, path, error: errno.into() }
    }

    /// Makes an error of a fault inside the output folder.
    pub(super) fn inside(&self, at: At) -> PublishError {
        let path = self.shown(&at.path);
        match at.errno {
            Errno::XDEV => PublishError::Mount { path, out: false },
            Errno::EXIST => PublishError::Taken { path },
            errno => PublishError::Io { what: at.what, path, error: errno.into() },
        }
    }

    /// Waits for the output folder to be free and locks it; creates it when it is missing.
    ///
    /// A build locks the folder itself, not its name: after the exchange the name stands for another folder. So whoever
    /// got the lock looks whether the name still stands for what it locked.
    pub(super) fn lock(&self, notice: &dyn Fn(&str)) -> Result<Held, PublishError> {
        let mut created = false;
        let mut told = false;
        loop {
            let out = match folder::open(&self.parent, &self.name) {
                Ok(out) => File::from(out),
                Err(Errno::NOENT) => {
                    created |= self.create()?;
                    continue;
                }
                Err(errno) => return Err(self.inside(At { what: "open", path: Vec::new(), errno })),
            };
            match out.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    if !std::mem::replace(&mut told, true) {
                        notice(&format!("another build is writing to `{}`; waiting", self.shown.display()));
                    }
                    self.wait(&out)?;
                }
                Err(TryLockError::Error(error)) => return Err(self.no_lock(error)),
            }
            let inside = |errno| self.inside(At { what: "open", path: Vec::new(), errno });
            let like = Attributes::of(&out).map_err(inside)?;
            let current = folder::look(&self.parent, &self.name).map_err(inside)?;
            if current.is_none_or(|seen| seen.id != like.seen.id) {
                continue;
            }
            // A build without exchange was killed between its two renames, and somebody made an empty folder since.
            if self.has(&self.aside)? && folder::is_empty(&out).map_err(inside)? {
                let _lock = self.lock_parent()?;
                self.put_back()?;
                continue;
            }
            return Ok(Held { out, like, created });
        }
    }

    fn wait(&self, folder: &File) -> Result<(), PublishError> {
        loop {
            match folder.lock() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done.map_err(|error| self.no_lock(error)),
            }
        }
    }

    fn no_lock(&self, error: io::Error) -> PublishError {
        PublishError::Io { what: "lock", path: self.shown.clone(), error }
    }

    /// Locks the folder that holds the output folder, for as long as the name may stand for nothing.
    pub(super) fn lock_parent(&self) -> Result<File, PublishError> {
        let parent = File::from(folder::open(&self.parent, b".").map_err(self.failed("open", b""))?);
        self.wait(&parent)?;
        Ok(parent)
    }

    /// Makes the missing output folder, or puts back the one that a killed build had moved aside; says which.
    fn create(&self) -> Result<bool, PublishError> {
        let _lock = self.lock_parent()?;
        if self.has(&self.name)? {
            return Ok(false);
        }
        if self.has(&self.aside)? {
            self.put_back()?;
            return Ok(false);
        }
        match rustix::fs::mkdirat(&self.parent, &*self.name, Mode::from_raw_mode(0o777)) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(errno) => Err(self.failed("create", &self.name)(errno)),
        }
    }

    fn put_back(&self) -> Result<(), PublishError> {
        match rustix::fs::renameat(&self.parent, &*self.aside, &self.parent, &*self.name) {
            Ok(()) | Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOENT) => Ok(()),
            Err(errno) => Err(self.failed("put back", &self.aside)(errno)),
        }
    }

    /// Whether a name stands for anything beside the output folder.
    pub(super) fn has(&self, name: &[u8]) -> Result<bool, PublishError> {
        Ok(folder::look(&self.parent, name).map_err(self.failed("look at", name))?.is_some())
    }

    /// Refuses an output folder that is a mount point, before anything is built.
    pub(super) fn refuse_mount(&self, held: &Held) -> Result<(), PublishError> {
        let parent = Attributes::of(self.parent.as_fd()).map_err(self.failed("open", b""))?;
        if held.like.is_mount(parent.seen.id.0) {
            return Err(PublishError::Mount { path: self.shown.clone(), out: true });
        }
        Ok(())
    }

    /// Brings the exchange to the disk before anything of the old generation is removed. If that fails, there is nothing
    /// better to do than to go on: the tree is published.
    pub(super) fn sync(&self) {
        let _ = rustix::fs::fsync(&self.parent);
    }

    /// Removes what was created for a build that failed, while it is empty.
    pub(super) fn forget(&self, held: Held) {
        if held.created && folder::remove(&self.parent, &self.name, FileType::Directory).is_ok() {
            for path in &self.made {
                let _ = fs::remove_dir(path);
            }
        }
    }
}
