//! The folder that boot files are written to: a seam.
//!
//! They get names of their own while they are written, and their right names when all of them are there. An error leaves
//! the folder as it was; so does the end of the program, apart from a file `.NAME.fleetc-new`, which the next run removes.
#![allow(clippy::disallowed_methods)]

use std::cell::Cell;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::error::{ImageError, reason};
use super::name::shown;

/// A folder for boot files, locked.
pub struct Place {
    folder: File,
    path: PathBuf,
    /// The folders that were made for it, the innermost first; removed again unless something was put there.
    made: Vec<PathBuf>,
    finished: Cell<bool>,
}

/// A boot file that is being written.
pub struct Draft<'p> {
    place: &'p Place,
    name: String,
    file: File,
    sum: Sha256,
    length: u64,
}

/// A boot file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its name in the folder.
    pub name: String,
    /// How many bytes it has.
    pub length: u64,
    /// Its SHA-256 digest.
    pub sha256: crate::model::Sha256,
}

impl Place {
    /// Opens a folder, and makes it when it is missing.
    ///
    /// # Errors
    /// When it cannot be made or opened, or another run writes to it.
    pub fn open(path: &Path) -> Result<Place, ImageError> {
        let called = path.display();
        let made: Vec<PathBuf> = path
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
            .map(Path::to_path_buf)
            .collect();
        let failed = |error| ImageError::new(format!("cannot write to the folder `{called}`: {}", reason(&error)));
        fs::create_dir_all(path).map_err(failed)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| failed(errno.into()))?;
        let place = Place { folder: folder.into(), path: path.to_path_buf(), made, finished: Cell::new(false) };
        match place.folder.try_lock() {
            Ok(()) => Ok(place),
            Err(TryLockError::Error(error)) => Err(failed(error)),
            Err(TryLockError::WouldBlock) => {
                let error = ImageError::new(format!("another run writes to the folder `{called}`"));
                Err(error.help("wait for it, or choose another folder"))
            }
        }
    }

    fn failed(&self, name: &str) -> impl Fn(Errno) -> ImageError {
        let path = self.path.join(name).display().to_string();
        move |errno| ImageError::new(format!("`{path}` cannot be written: {}", reason(&errno.into())))
    }

    fn remove(&self, name: &str) -> rustix::io::Result<()> {
        match rustix::fs::unlinkat(&self.folder, name, AtFlags::empty()) {
            Err(Errno::NOENT) => Ok(()),
            other => other,
        }
    }

    /// A new file under a name for the time being.
    fn create(&self, name: &str) -> Result<File, ImageError> {
        self.remove(name).map_err(self.failed(name))?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.folder, name, flags, Mode::from_raw_mode(0o666));
        Ok(file.map_err(self.failed(name))?.into())
    }

    /// Begins a boot file.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn draft(&self, what: &str) -> Result<Draft<'_>, ImageError> {
        let name = format!(".{what}.fleetc-new");
        let file = self.create(&name)?;
        Ok(Draft { place: self, name, file, sum: Sha256::new(), length: 0 })
    }

    /// A file without a name, for what is needed while boot files are made.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn scratch(&self) -> Result<File, ImageError> {
        let name = ".image.fleetc-new";
        let file = self.create(name)?;
        self.remove(name).map_err(self.failed(name))?;
        Ok(file)
    }

    /// Whether a name is free, or of a file that may be replaced.
    fn is_taken(&self, name: &str) -> Result<bool, ImageError> {
        match rustix::fs::statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(self.failed(name)(errno)),
            Ok(seen) if FileType::from_raw_mode(seen.st_mode) == FileType::RegularFile => Ok(true),
            Ok(_) => {
                let path = self.path.join(name);
                let error = ImageError::new(format!(
                    "`{}` is there already, and is no file",
                    shown(path.as_os_str().as_encoded_bytes())
                ));
                Err(error.help("remove it, or choose another folder"))
            }
        }
    }

    /// Gives drafts their names, all or none; what was there is replaced.
    ///
    /// # Errors
    /// When one cannot be written to the end, or something is in the way. The folder is then as it was.
    pub fn finish<const N: usize>(&self, drafts: [(Draft<'_>, String); N]) -> Result<[Written; N], ImageError> {
        let mut taken = [false; N];
        for (taken, (draft, name)) in taken.iter_mut().zip(&drafts) {
            draft.file.sync_all().map_err(|error| draft.failed(&error))?;
            *taken = self.is_taken(name)?;
        }
        let mut moves: Vec<Move<'_>> = Vec::with_capacity(N);
        for (taken, (draft, name)) in taken.into_iter().zip(&drafts) {
            let change = Move { draft: &draft.name, name, exchanged: taken };
            if let Err(errno) = self.make(&change) {
                moves.iter().rev().for_each(|change| self.undo(change));
                return Err(self.failed(name)(errno));
            }
            moves.push(change);
        }
        self.finished.set(true);
        // The names are there; whether they outlive a power cut is all that this decides.
        let _ = self.folder.sync_all();
        Ok(drafts.map(|(draft, name)| draft.written(name)))
    }

    fn make(&self, change: &Move<'_>) -> rustix::io::Result<()> {
        let (folder, from, to) = (&self.folder, change.draft, change.name);
        if !change.exchanged {
            return rustix::fs::renameat(folder, from, folder, to);
        }
        match rustix::fs::renameat_with(folder, from, folder, to, RenameFlags::EXCHANGE) {
            // Not every file system can do that.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => rustix::fs::renameat(folder, from, folder, to),
            other => other,
        }
    }

    /// Takes a move back. When that fails, nothing more can be done.
    fn undo(&self, change: &Move<'_>) {
        let (folder, from, to) = (&self.folder, change.name, change.draft);
        let _ = match change.exchanged {
            true => rustix::fs::renameat_with(folder, from, folder, to, RenameFlags::EXCHANGE),
            false => rustix::fs::renameat(folder, from, folder, to),
        };
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.finished.get() {
            // One that holds something is left alone, and so is what it lies in.
            let _ = self.made.iter().try_for_each(fs::remove_dir);
        }
    }
}

/// A draft that gets its name.
struct Move<'a> {
    draft: &'a str,
    name: &'a str,
    /// Whether there is a file by that name, which then has the draft's.
    exchanged: bool,
}

impl Draft<'_> {
    fn failed(&self, error: &io::Error) -> ImageError {
        let path = self.place.path.join(&self.name);
        ImageError::new(format!("`{}` cannot be written: {}", path.display(), reason(error)))
    }

    fn written(mut self, name: String) -> Written {
        let sum = std::mem::take(&mut self.sum).finalize();
        Written { name, length: self.length, sha256: crate::model::Sha256(sum.into()) }
    }
}

impl Write for Draft<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.file.write(bytes)?;
        self.sum.update(&bytes[..length]);
        self.length += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // It has its name now, or holds what that was before, or is of no use.
        let _ = self.place.remove(&self.name);
    }
}
