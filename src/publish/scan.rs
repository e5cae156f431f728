//! What in a generation is not fleetc's.
//!
//! A file is fleetc's when the manifest of its generation lists its path and a regular file stands there. A folder is
//! fleetc's when a listed path leads through it. All else is foreign: no build changes or removes it.
#![allow(clippy::disallowed_methods)]

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rayon::prelude::*;
use rustix::fs::FileType;
use rustix::io::Errno;

use super::folder::{self, At, Attributes, Seen};
use super::manifest::{Entry, Manifest};
use crate::tree::MANIFEST;

/// What a generation holds, beside fleetc's own files.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// All that is foreign, sorted by path: a folder comes before what is in it.
    pub(super) foreign: Vec<Foreign>,
    /// Folders of fleetc that have another mode or owner than a new folder gets.
    pub(super) changed: Vec<(Vec<u8>, Attributes)>,
    /// How many of fleetc's files there are, without the manifest.
    pub(super) ours: usize,
}

/// Something that fleetc did not write.
#[derive(Debug)]
pub(super) struct Foreign {
    /// Where it stands in the generation.
    pub(super) path: Vec<u8>,
    /// What stood there when it was scanned.
    pub(super) seen: Seen,
    /// What a folder is like; nothing for a file, a symlink, or a device.
    pub(super) folder: Option<Attributes>,
}

/// Whether a manifest lists a path.
pub(super) fn lists(ours: &[Entry], path: &[u8]) -> bool {
    ours.binary_search_by(|entry| entry.path.as_str().as_bytes().cmp(path)).is_ok()
}

/// The part of a sorted manifest that lies inside a folder.
pub(super) fn inside<'e>(ours: &'e [Entry], folder: &[u8]) -> &'e [Entry] {
    let prefix = [folder, b"/"].concat();
    let start = ours.partition_point(|entry| entry.path.as_str().as_bytes() < &prefix[..]);
    let rest = &ours[start..];
    &rest[..rest.partition_point(|entry| entry.path.as_str().as_bytes().starts_with(&prefix))]
}

/// Opens a folder of a generation, and says what it is like.
///
/// # Errors
/// `XDEV` when it is a mount point, among others.
pub(super) fn enter(parent: BorrowedFd<'_>, name: &[u8], device: u64) -> rustix::io::Result<(OwnedFd, Attributes)> {
    let folder = folder::open(parent, name)?;
    let like = Attributes::of(&folder)?;
    if like.is_mount(device) { Err(Errno::XDEV) } else { Ok((folder, like)) }
}

/// Scans the generation at `root`, whose manifest is `ours`. `usual` is what a new folder is like, when it matters.
///
/// # Errors
/// When a folder cannot be listed, and `XDEV` at a mount point. A name that vanishes meanwhile is no error.
pub(super) fn scan(root: BorrowedFd<'_>, ours: &Manifest, usual: Option<&Attributes>) -> Result<Scan, At> {
    let root = folder::open(root, b".").map_err(At::new("list", b""))?;
    let device = Attributes::of(&root).map_err(At::new("list", b""))?.seen.id.0;
    let mut scan = Scanner { device, usual }.folder(root, b"", &ours.files)?;
    scan.foreign.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(scan)
}

struct Scanner<'a> {
    device: u64,
    usual: Option<&'a Attributes>,
}

impl Scanner<'_> {
    fn folder(&self, folder: OwnedFd, path: &[u8], ours: &[Entry]) -> Result<Scan, At> {
        let mut scan = Scan::default();
        let mut folders = Vec::new();
        for (name, kind) in folder::list(&folder).map_err(At::new("list", path))? {
            let child = folder::join(path, &name);
            match kind {
                FileType::Directory => folders.push((name, child)),
                FileType::RegularFile if path.is_empty() && name == MANIFEST.as_bytes() => {}
                FileType::RegularFile if lists(ours, &child) => scan.ours += 1,
                _ => {
                    // What vanished since the listing needs no care.
                    if let Some(seen) = folder::look(&folder, &name).map_err(At::new("look at", &child))? {
                        scan.foreign.push(Foreign { path: child, seen, folder: None });
                    }
                }
            }
        }
        let one = |(name, child): (Vec<u8>, Vec<u8>)| self.child(folder.as_fd(), &name, child, ours);
        if folders.len() < 2 {
            return folders.into_iter().map(one).try_fold(scan, |all, part| Ok(all.and(part?)));
        }
        let parts = folders.into_par_iter().map(one).try_reduce(Scan::default, |a, b| Ok(a.and(b)))?;
        Ok(scan.and(parts))
    }

    fn child(&self, parent: BorrowedFd<'_>, name: &[u8], path: Vec<u8>, ours: &[Entry]) -> Result<Scan, At> {
        let (folder, like) = match enter(parent, name, self.device) {
            Ok(entered) => entered,
            Err(Errno::NOENT) => return Ok(Scan::default()),
            Err(errno) => return Err(At::new("list", &path)(errno)),
        };
        let ours = inside(ours, &path);
        let mut scan = self.folder(folder, &path, ours)?;
        if ours.is_empty() {
            scan.foreign.push(Foreign { path, seen: like.seen, folder: Some(like) });
        } else if self.usual.is_some_and(|usual| !usual.is_like(&like)) {
            scan.changed.push((path, like));
        }
        Ok(scan)
    }
}

impl Scan {
    fn and(mut self, mut other: Scan) -> Scan {
        // The longer list stays where it is: most folders hold nothing foreign.
        if self.foreign.len() < other.foreign.len() {
            std::mem::swap(&mut self.foreign, &mut other.foreign);
        }
        self.foreign.append(&mut other.foreign);
        self.changed.append(&mut other.changed);
        self.ours += other.ours;
        self
    }
}
