//! The survey: what the tree is to be, compared with what is on disk, and nothing changed.
#![allow(clippy::disallowed_methods)]

use std::fs;
use std::io::{self, BufReader, Seek};
use std::os::fd::BorrowedFd;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use super::compare::{BUFFER, Same, holds};
use super::cursor::Cursor;
use super::error::PublishError;
use super::folder;
use super::make::{self, Made, pour};
use super::manifest::Manifest;
use super::place::Place;
use crate::source::Loader;
use crate::tree::{Body, File, MANIFEST, Tree};

/// The generation that is published: its manifest, read and open.
pub(super) struct Old {
    /// What it lists.
    pub(super) manifest: Manifest,
    /// The file, to compare the new one with.
    pub(super) file: fs::File,
}

/// What the survey found.
pub(super) struct Survey {
    /// Every file of the new tree, in order.
    pub(super) files: Vec<Made>,
    /// How many files of the new tree were in the old one and are on disk, changed or not.
    pub(super) present: usize,
    /// Whether nothing differs, the manifest included.
    pub(super) same: bool,
    /// The size of all files together, the manifest included.
    pub(super) bytes: u64,
}

impl Survey {
    /// The files that are not on disk as the last build left them, though this one would: somebody edited them, or took
    /// them away. In words; none when there are none.
    pub(super) fn lost(&self, tree: &dyn Tree, place: &Place) -> Option<String> {
        let mut lost = (0..).zip(&self.files).filter(|(_, made)| made.lost).map(|(index, _)| index);
        let first = place.shown(tree.path(lost.next()?).as_str().as_bytes());
        let first = first.display();
        Some(match lost.count() {
            0 => format!("`{first}` was not as the last build left it; it is written anew"),
            1 => format!("`{first}` and another file were not as the last build left them; they are written anew"),
            others => {
                format!(
                    "`{first}` and {others} other files were not as the last build left them; they are written anew"
                )
            }
        })
    }
}

/// Makes every file of the tree and compares it with the generation at `root`, which `old` describes.
///
/// # Errors
/// When a source cannot be read or the tree contradicts itself. A file on disk that cannot be read merely differs.
pub(super) fn survey(
    tree: &dyn Tree,
    loader: &dyn Loader,
    root: BorrowedFd<'_>,
    old: &Old,
) -> Result<Survey, PublishError> {
    let files = make::all(tree, |files| compare(files, loader, root, &old.manifest), |_| ())?;
    let present = files.iter().filter(|file| file.there).count();
    let mut theirs = &old.file;
    let rewound = theirs.rewind().is_ok();
    let ours = |error: io::Error| match error.kind() {
        io::ErrorKind::FileTooLarge => PublishError::Io { what: "write", path: MANIFEST.into(), error },
        _ => PublishError::Tree { path: MANIFEST.to_string(), why: "in a form that cannot be written" },
    };
    let list = Same::new(BufReader::with_capacity(BUFFER, theirs));
    let (list, size) = make::list(tree, |index| files[index].sum(), list, ours)?;
    let bytes = files.iter().map(|file| file.size).sum::<u64>();
    let same = rewound && list.finish() && files.iter().all(|file| file.same.is_some());
    Ok(Survey { files, present, same, bytes: bytes + size })
}

/// Compares some files with what is on disk.
fn compare(
    files: &[File<'_>],
    loader: &dyn Loader,
    root: BorrowedFd<'_>,
    old: &Manifest,
) -> Result<Vec<Made>, PublishError> {
    let mut cursor = Cursor::new(root);
    let mut buffer = Vec::new();
    let one = |file: &File<'_>| {
        let path = file.path.as_str();
        let listed = old.files.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok();
        // A path that the old manifest does not list is not fleetc's, whatever it holds.
        let found = listed.map_or(Err(Errno::NOENT), |_| open(&mut cursor, path));
        // It is there, and nobody knows what is in it.
        let hidden = matches!(found, Err(Errno::ACCESS));
        let there = hidden || found.is_ok();
        let failed = |_| PublishError::Tree { path: path.to_string(), why: "in a form that cannot be compared" };
        let (sum, same) = match (&file.body, found.ok()) {
            (body, None) => (pour(body, loader, io::sink(), failed)?, false),
            (body @ Body::Bytes(bytes), Some((theirs, size))) => {
                let same = size == bytes.len() as u64 && holds(theirs, bytes, &mut buffer);
                (pour(body, loader, io::sink(), failed)?, same)
            }
            (body @ Body::Copy(_), Some((theirs, _))) => {
                let mut same = Same::new(theirs);
                (pour(body, loader, &mut same, failed)?, same.finish())
            }
        };
        let (sha256, size) = sum;
        let lost = !same && !hidden && listed.is_some_and(|at| old.files[at].sha256 == sha256);
        let same = listed.filter(|_| same).and_then(|at| u32::try_from(at).ok());
        Ok(Made { sha256, size, there, same, lost })
    };
    files.iter().map(one).collect()
}

/// Opens a regular file of the old generation for reading; gives its size, too.
fn open(cursor: &mut Cursor<'_>, path: &str) -> Result<(fs::File, u64), Errno> {
    let (folder, name) = folder::split(path.as_bytes());
    let folder = cursor.enter(folder)?;
    // A pipe in the place of the file must not stop the build.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, name, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Errno::NOENT);
    }
    Ok((fs::File::from(file), u64::try_from(stat.st_size).unwrap_or(u64::MAX)))
}
