//! A new generation of the tree, built whole in a folder that nobody reads yet.
//!
//! What is foreign comes first, by hard links; then come the files of the tree, which are only ever created. So the
//! file system itself says where the two clash. The manifest comes last: a generation without one is half-built.
#![allow(clippy::disallowed_methods)]

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use rustix::fs::{Access, AtFlags, FileType, Mode};
use rustix::io::Errno;

use super::Published;
use super::compare::BUFFER;
use super::cursor::Cursor;
use super::error::PublishError;
use super::folder::{self, At, Attributes, create, is_in, rename_new};
use super::make::{self, Made, Sum, pour};
use super::manifest::Checksum;
use super::place::{Held, Place};
use super::scan::{Foreign, Scan, scan};
use super::survey::{Old, Survey};
use crate::source::Loader;
use crate::tree::{self, Body, MANIFEST, Tree};

/// What is published, and what it replaces.
pub(super) struct Build<'a> {
    pub(super) place: &'a Place,
    pub(super) held: &'a Held,
    pub(super) tree: &'a dyn Tree,
    pub(super) loader: &'a dyn Loader,
    pub(super) progress: &'a (dyn Fn(usize) + Sync),
    /// What is replaced, and how it differs; nothing when the output folder is empty.
    pub(super) old: Option<(&'a Old, &'a Survey)>,
}

/// A complete generation that is not published yet.
pub(super) struct Generation {
    /// Its folder, locked: the next build waits for this one to be done with the folder that it replaces.
    pub(super) root: File,
    /// What was foreign in the old generation, sorted by path.
    pub(super) foreign: Vec<Foreign>,
    /// What of it could not be linked, and has to be moved.
    pub(super) unlinked: Vec<Vec<u8>>,
    /// The size of its files, without the manifest, in bytes.
    pub(super) bytes: u64,
    /// What is told about it.
    pub(super) published: Published,
}

/// Files that one thread works on at a time: neighbours, so mostly of one folder.
const CHUNK: usize = 1 << 8;

impl Build<'_> {
    /// Builds the generation, up to and with its manifest, and brings it to the disk.
    ///
    /// # Errors
    /// When something foreign is in the way, a source cannot be read or changed, or the file system refuses. What was
    /// built until then is left for the caller to clear.
    pub(super) fn generation(&self) -> Result<Generation, PublishError> {
        let root = self.root()?;
        let mut scan = Scan::default();
        if let Some((old, _)) = self.old {
            let usual = self.usual(&root)?;
            scan =
                self::scan(self.held.out.as_fd(), &old.manifest, Some(&usual)).map_err(|at| self.place.inside(at))?;
        }
        let unlinked = self.carry(&root, &mut scan.foreign)?;
        let (linked, [bytes, list]) = self.write(&root, &scan.foreign)?;
        self.check_unlinked(&root, &unlinked)?;
        self.finish(&root, &scan)?;
        let files = self.tree.len() + 1;
        let removed = self.old.map_or(0, |(_, survey)| scan.ours.saturating_sub(survey.present));
        let published = Published { files, written: files - linked, unchanged: linked, removed, bytes: bytes + list };
        Ok(Generation { root, foreign: scan.foreign, unlinked, bytes, published })
    }

    /// Makes the folder, which nobody else may enter before it is complete.
    pub(super) fn root(&self) -> Result<File, PublishError> {
        let failed = || self.place.failed("create", &self.place.new);
        rustix::fs::mkdirat(&self.place.parent, &*self.place.new, Mode::RWXU).map_err(failed())?;
        let root = File::from(folder::open(&self.place.parent, &self.place.new).map_err(failed())?);
        root.try_lock().map_err(|error| PublishError::Io {
            what: "lock",
            path: self.place.beside(&self.place.new, b""),
            error: error.into(),
        })?;
        let like = &self.held.like;
        folder::copy_labels(&self.held.out, &root);
        like.put_owner(&root);
        // Folders inherit the group through this bit, so it is set before there are any.
        rustix::fs::fchmod(&root, (like.mode & (Mode::SUID | Mode::SGID | Mode::SVTX)) | Mode::RWXU)
            .map_err(failed())?;
        Ok(root)
    }

    /// What a new folder is like, under the user's umask.
    fn usual(&self, root: &File) -> Result<Attributes, PublishError> {
        let failed = || self.place.failed("create", &self.place.new);
        rustix::fs::mkdirat(root, c"probe", Mode::from_raw_mode(0o777)).map_err(failed())?;
        let usual = folder::open(root, b"probe").and_then(Attributes::of).map_err(failed())?;
        folder::remove(root, b"probe", FileType::Directory).map_err(failed())?;
        Ok(usual)
    }

    /// Links everything foreign into the new generation; gives the paths of what cannot be linked.
    pub(super) fn carry(&self, root: &File, foreign: &mut [Foreign]) -> Result<Vec<Vec<u8>>, PublishError> {
        let mut unlinked = self.carry_folders(root, foreign)?;
        let parts = foreign.par_chunks_mut(256).map(|run| self.carry_run(root.as_fd(), run, &unlinked));
        for part in parts.collect::<Vec<_>>() {
            unlinked.extend(part?);
        }
        Ok(unlinked)
    }

    /// Makes the foreign folders; gives those that have to be moved with all that is in them, as they belong to
    /// somebody else, and only root could make another one that does.
    fn carry_folders(&self, root: &File, foreign: &[Foreign]) -> Result<Vec<Vec<u8>>, PublishError> {
        let (mut old, mut new) = (Cursor::new(self.held.out.as_fd()), Cursor::new(root.as_fd()));
        let mut unlinked: Vec<Vec<u8>> = Vec::new();
        for (path, like) in foreign.iter().filter_map(|entry| Some((&entry.path, entry.folder.as_ref()?))) {
            if unlinked.last().is_some_and(|folder| is_in(path, folder)) {
                continue;
            }
            let failed = |errno| self.failed("create", path, errno);
            if like.put_owner(new.make(path).map_err(failed)?) {
                continue;
            }
            let (above, name) = folder::split(path);
            old.enter(above)
                .and_then(|above| rustix::fs::accessat(above, name, Access::WRITE_OK, AtFlags::empty()))
                .map_err(|errno| self.place.inside(At::new("carry over", path)(errno)))?;
            folder::remove(new.make(above).map_err(failed)?, name, FileType::Directory).map_err(failed)?;
            unlinked.push(path.clone());
        }
        Ok(unlinked)
    }

    fn carry_run(
        &self,
        root: BorrowedFd<'_>,
        run: &mut [Foreign],
        whole: &[Vec<u8>],
    ) -> Result<Vec<Vec<u8>>, PublishError> {
        let (mut old, mut new) = (Cursor::new(self.held.out.as_fd()), Cursor::new(root));
        let mut unlinked = Vec::new();
        for file in run.iter_mut().filter(|entry| entry.folder.is_none()) {
            if whole.iter().any(|folder| is_in(&file.path, folder)) {
                continue;
            }
            match link(&mut old, &mut new, &file.path) {
                // What was linked may be newer than what was scanned.
                Ok(()) => file.seen = new.look(&file.path).ok().flatten().unwrap_or(file.seen),
                // What vanished since the scan needs no care.
                Err(Errno::NOENT) => {}
                Err(errno) if cannot_link(errno) => unlinked.push(file.path.clone()),
                Err(errno) => return Err(self.place.inside(At::new("link", &file.path)(errno))),
            }
        }
        Ok(unlinked)
    }

    /// Writes the files of the tree, and their list beside the generation; says how many were linked, and the sizes of
    /// all and of the list.
    fn write(&self, root: &File, foreign: &[Foreign]) -> Result<(usize, [u64; 2]), PublishError> {
        Ok(match self.old {
            Some((old, survey)) => {
                let linked = self.write_changed(root.as_fd(), foreign, old, &survey.files)?;
                (linked, self.list(|index| survey.files[index].sum())?)
            }
            None => {
                let work = |files: &[tree::File<'_>]| self.write_new(root.as_fd(), foreign, files);
                let sums = make::all(self.tree, work, self.progress)?;
                (0, self.list(|index| sums[index])?)
            }
        })
    }

    /// Writes the list of the files beside the generation; gives the sizes of all and of itself.
    fn list(&self, sum_of: impl Fn(usize) -> Sum + Sync) -> Result<[u64; 2], PublishError> {
        let place = self.place;
        let failed = |error| PublishError::Io { what: "write", path: place.beside(&place.list, b""), error };
        let list = create(place.parent.as_fd(), &place.list).map_err(|errno| failed(errno.into()))?;
        let (mut list, size) = make::list(self.tree, &sum_of, BufWriter::with_capacity(BUFFER, list), failed)?;
        list.flush().map_err(failed)?;
        Ok([(0..self.tree.len()).map(|index| sum_of(index).size).sum(), size])
    }

    /// Writes some files of a first generation.
    fn write_new(
        &self,
        root: BorrowedFd<'_>,
        foreign: &[Foreign],
        files: &[tree::File<'_>],
    ) -> Result<Vec<Sum>, PublishError> {
        let mut new = Cursor::new(root);
        let one = |file: &tree::File<'_>| {
            let (sha256, size) = self.file(&mut new, foreign, file)?;
            Ok(Sum { sha256, size })
        };
        files.iter().map(one).collect()
    }

    /// Links what is on disk already and writes the rest; says how many were linked.
    fn write_changed(
        &self,
        root: BorrowedFd<'_>,
        foreign: &[Foreign],
        old: &Old,
        files: &[Made],
    ) -> Result<usize, PublishError> {
        let linked = AtomicUsize::new(0);
        let run = |(chunk, files): (usize, &[Made])| {
            let (mut from, mut new) = (Cursor::new(self.held.out.as_fd()), Cursor::new(root));
            for (index, made) in (chunk * CHUNK..).zip(files) {
                if self.link_old(&mut from, &mut new, foreign, old, made)? {
                    linked.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
                let file = self.tree.file(index);
                if self.file(&mut new, foreign, &file)? != (made.sha256, made.size) {
                    return Err(match file.body {
                        Body::Copy(name) => PublishError::Changed { name: name.to_string() },
                        Body::Bytes(_) => {
                            let path = file.path.as_str().to_string();
                            PublishError::Tree { path, why: "with other bytes each time" }
                        }
                    });
                }
            }
            (self.progress)(files.len());
            Ok(())
        };
        let runs: Vec<_> = files.par_chunks(CHUNK).enumerate().map(run).collect();
        runs.into_iter().collect::<Result<(), PublishError>>()?;
        Ok(linked.into_inner())
    }

    /// Links a file that is on disk already; says no when that is not so, or cannot be.
    fn link_old(
        &self,
        from: &mut Cursor<'_>,
        new: &mut Cursor<'_>,
        foreign: &[Foreign],
        old: &Old,
        made: &Made,
    ) -> Result<bool, PublishError> {
        let Some(at) = made.same else { return Ok(false) };
        let path = old.manifest.files[at as usize].path.as_str();
        match link(from, new, path.as_bytes()) {
            Ok(()) => Ok(true),
            Err(errno) if cannot_link(errno) || errno == Errno::NOENT => Ok(false),
            Err(errno) => Err(self.blocked("link", path, foreign, errno)),
        }
    }

    /// Writes one file; gives its sum and its size.
    pub(super) fn file(
        &self,
        new: &mut Cursor<'_>,
        foreign: &[Foreign],
        file: &tree::File<'_>,
    ) -> Result<(Checksum, u64), PublishError> {
        let path = file.path.as_str();
        if path == MANIFEST {
            // It would make a half-built generation look complete.
            return Err(PublishError::Tree { path: path.to_string(), why: "as a file of its own" });
        }
        let sink = new.put(path.as_bytes(), create).map_err(|errno| self.blocked("write", path, foreign, errno))?;
        let failed = |error| PublishError::Io {
            what: "write",
            path: self.place.beside(&self.place.new, path.as_bytes()),
            error,
        };
        pour(&file.body, self.loader, Direct(sink), failed)
    }

    /// Makes an error of what stood in the way of a file of the tree: something foreign, or another file of the tree.
    fn blocked(&self, what: &'static str, path: &str, foreign: &[Foreign], errno: Errno) -> PublishError {
        if !matches!(errno, Errno::EXIST | Errno::NOTDIR | Errno::LOOP | Errno::ISDIR) {
            return self.failed(what, path.as_bytes(), errno);
        }
        let path = path.as_bytes();
        let above = |above: &[u8], below: &[u8]| above == below || is_in(below, above);
        // A foreign file on the way to the path, or at it; else whatever foreign keeps a folder in its place.
        let on_way =
            foreign.iter().find(|entry| above(&entry.path, path) && (entry.folder.is_none() || entry.path == path));
        match on_way.or_else(|| foreign.iter().find(|entry| above(path, &entry.path))) {
            Some(entry) => PublishError::Taken { path: self.place.shown(&entry.path) },
            None => PublishError::Tree {
                path: String::from_utf8_lossy(path).into_owned(),
                why: "both as a file and as a folder, or twice",
            },
        }
    }

    fn failed(&self, what: &'static str, path: &[u8], errno: Errno) -> PublishError {
        PublishError::Io { what, path: self.place.beside(&self.place.new, path), error: errno.into() }
    }

    /// Refuses when the tree has something in the place of what is moved here after the exchange.
    fn check_unlinked(&self, root: &File, unlinked: &[Vec<u8>]) -> Result<(), PublishError> {
        let mut new = Cursor::new(root.as_fd());
        for path in unlinked {
            if !matches!(new.look(path), Ok(None)) {
                return Err(PublishError::Taken { path: self.place.shown(path) });
            }
        }
        Ok(())
    }

    /// Gives folders of the generation what they were like before.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn dress<'f>(
        &self,
        root: &File,
        folders: impl Iterator<Item = (&'f [u8], &'f Attributes)>,
    ) -> Result<(), PublishError> {
        let (mut old, mut new) = (Cursor::new(self.held.out.as_fd()), Cursor::new(root.as_fd()));
        // The deepest first: a folder that may not be written ends the work on all above it.
        let mut kept: Vec<_> = folders.collect();
        kept.sort_unstable_by(|a, b| b.0.cmp(a.0));
        for (path, like) in kept {
            let folder = match new.enter(path) {
                Ok(folder) => folder,
                Err(Errno::NOENT) => continue,
                Err(errno) => return Err(self.failed("open", path, errno)),
            };
            if let Ok(old) = old.enter(path) {
                folder::copy_labels(old, folder);
            }
            like.put(folder).map_err(|errno| self.failed("set the mode of", path, errno))?;
        }
        Ok(())
    }

    /// Gives the folders what they were like before, brings everything to the disk, and puts the manifest in.
    fn finish(&self, root: &File, scan: &Scan) -> Result<(), PublishError> {
        let place = self.place;
        self.dress(root, scan.changed.iter().map(|(path, like)| (&**path, like)).chain(folders(&scan.foreign)))?;
        // After a loss of power a name must not stand for a file whose bytes never came to the disk.
        rustix::fs::syncfs(&place.parent).map_err(place.failed("sync", &place.new))?;
        rename_new(place.parent.as_fd(), &place.list, root.as_fd(), MANIFEST.as_bytes())
            .map_err(place.failed("put the manifest into", &place.new))?;
        rustix::fs::fchmod(root, self.held.like.mode).map_err(place.failed("set the mode of", &place.new))
    }
}

/// A file that is written by the system alone. In libc each write is a point where a thread may be cancelled, and that is
/// prepared for each time.
struct Direct(File);

impl Write for Direct {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(&self.0, bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The folders of what is foreign, and what they are like.
pub(super) fn folders(foreign: &[Foreign]) -> impl Iterator<Item = (&[u8], &Attributes)> {
    foreign.iter().filter_map(|entry| Some((&*entry.path, entry.folder.as_ref()?)))
}

/// Gives a file, or a symlink itself, the same path in another generation.
pub(super) fn link(from: &mut Cursor<'_>, to: &mut Cursor<'_>, path: &[u8]) -> Result<(), Errno> {
    let (folder, name) = folder::split(path);
    let from = from.enter(folder)?;
    to.put(path, |to, at| rustix::fs::linkat(from, name, to, at, AtFlags::empty()))
}

/// Whether a file that has this error cannot get another link: it has too many, belongs to somebody else, or lies on a
/// file system without links.
fn cannot_link(errno: Errno) -> bool {
    matches!(errno, Errno::MLINK | Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS)
}
