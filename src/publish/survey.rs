//! The survey: what the tree is to be, compared with what is on disk, and nothing changed.
#![allow(clippy::disallowed_methods)]

use std::fs::File;
use std::io::{self, BufReader, Seek, Write};
use std::ops::Range;
use std::os::fd::BorrowedFd;

use rayon::prelude::*;
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use sha2::Digest;

use super::compare::{BUFFER, Same, holds};
use super::error::PublishError;
use super::folder::{self, Cursor};
use super::manifest::{self, Checksum, Entry, Manifest};
use crate::source::Loader;
use crate::tree::{Body, MANIFEST, Origin, Tree};

/// Files that are worked on before their lines go to the manifest.
const BATCH: usize = 1 << 14;
/// Files that one thread works on at a time: neighbours, so mostly of one folder.
const CHUNK: usize = 1 << 8;

/// The generation that is published: its manifest, read and open.
pub(super) struct Old {
    /// What it lists.
    pub(super) manifest: Manifest,
    /// The file, to compare the new one with.
    pub(super) file: File,
}

/// What a file of the new tree is, and whether it is on disk already.
pub(super) struct Surveyed<'t> {
    pub(super) sha256: Checksum,
    pub(super) size: u64,
    pub(super) origin: Origin<'t>,
    /// Where the old manifest lists a file of this path that holds the same bytes on disk.
    pub(super) same: Option<u32>,
}

/// What the survey found.
pub(super) struct Survey<'t> {
    /// Every file of the new tree, in order.
    pub(super) files: Vec<Surveyed<'t>>,
    /// How many files of the new tree were in the old one and are on disk, changed or not.
    pub(super) present: usize,
    /// Whether nothing differs, the manifest included.
    pub(super) same: bool,
    /// The size of all files together, the manifest included.
    pub(super) bytes: u64,
}

/// Does `work` on ranges of `0..len` by many threads, and hands what it made to `take` in order.
///
/// # Errors
/// The first error in the order of the ranges.
pub(super) fn in_order<T: Send>(
    len: usize,
    work: impl Fn(Range<usize>) -> Result<T, PublishError> + Sync,
    mut take: impl FnMut(Range<usize>, T) -> Result<(), PublishError>,
) -> Result<(), PublishError> {
    for start in (0..len).step_by(BATCH) {
        let end = len.min(start + BATCH);
        let chunks: Vec<Range<usize>> = (start..end).step_by(CHUNK).map(|from| from..end.min(from + CHUNK)).collect();
        let parts: Vec<_> = chunks.into_par_iter().map(|chunk| (chunk.clone(), work(chunk))).collect();
        for (chunk, part) in parts {
            take(chunk, part?)?;
        }
    }
    Ok(())
}

/// Watches that the paths of a tree grow, within a run of files and from one run to the next.
#[derive(Default)]
pub(super) struct Ascent {
    first: Option<String>,
    last: Option<String>,
}

impl Ascent {
    /// Takes the path of the next file.
    ///
    /// # Errors
    /// When it does not sort behind the last one, or is the manifest's.
    pub(super) fn step(&mut self, path: &str) -> Result<(), PublishError> {
        let why = match &self.last {
            _ if path == MANIFEST => "as a file of its own",
            Some(last) if **last == *path => "twice",
            Some(last) if **last > *path => "out of order",
            _ => {
                self.first.get_or_insert_with(|| path.to_string());
                let last = self.last.get_or_insert_default();
                last.clear();
                last.push_str(path);
                return Ok(());
            }
        };
        Err(PublishError::Tree { path: path.to_string(), why })
    }

    /// Takes the paths of the next run.
    pub(super) fn join(&mut self, run: Ascent) -> Result<(), PublishError> {
        let (Some(first), Some(last)) = (run.first, run.last) else { return Ok(()) };
        self.step(&first)?;
        self.last = Some(last);
        Ok(())
    }
}

/// Sums the bytes of a body, and writes them to `sink`.
///
/// # Errors
/// When a source cannot be read; or what `failed` makes of an error of the sink.
pub(super) fn pour(
    body: &Body<'_>,
    loader: &dyn Loader,
    mut sink: impl Write,
    failed: impl Fn(io::Error) -> PublishError,
) -> Result<(Checksum, u64), PublishError> {
    let mut sum = sha2::Sha256::new();
    let mut size = 0;
    match body {
        Body::Bytes(bytes) => {
            sum.update(bytes);
            size = bytes.len() as u64;
            sink.write_all(bytes).map_err(failed)?;
        }
        Body::Copy(name) => {
            let unread = |error| PublishError::Source { name: name.to_string(), error };
            let mut source = loader.open(name).map_err(unread)?;
            let mut buffer = vec![0; BUFFER];
            loop {
                let length = match source.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(length) => length,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(unread(error)),
                };
                sum.update(&buffer[..length]);
                size += length as u64;
                sink.write_all(&buffer[..length]).map_err(&failed)?;
            }
        }
    }
    Ok((Checksum(sum.finalize().into()), size))
}

/// What one thread makes of a run of files.
struct Run<'t> {
    files: Vec<Surveyed<'t>>,
    present: usize,
    lines: Vec<u8>,
    ascent: Ascent,
}

/// Makes every file of the tree and compares it with the generation at `root`, which `old` describes.
///
/// # Errors
/// When a source cannot be read or the tree contradicts itself. A file on disk that cannot be read merely differs.
pub(super) fn survey<'t>(
    tree: &'t dyn Tree,
    loader: &dyn Loader,
    root: BorrowedFd<'_>,
    old: &Old,
) -> Result<Survey<'t>, PublishError> {
    let (mut files, mut present, mut ascent) = (Vec::with_capacity(tree.len()), 0, Ascent::default());
    let mut theirs = &old.file;
    let rewound = theirs.rewind().is_ok();
    let ours = |error: io::Error| match error.kind() {
        io::ErrorKind::FileTooLarge => PublishError::Io { what: "write", path: MANIFEST.into(), error },
        _ => PublishError::Tree { path: MANIFEST.to_string(), why: "in a form that cannot be written" },
    };
    let mut list = manifest::Writer::new(Same::new(BufReader::with_capacity(BUFFER, theirs))).map_err(ours)?;
    let run = |range| survey_run(tree, loader, root, &old.manifest, range);
    in_order(tree.len(), run, |_, part| {
        ascent.join(part.ascent)?;
        present += part.present;
        files.extend(part.files);
        list.lines(&part.lines).map_err(ours)
    })?;
    let bytes = files.iter().map(|file| file.size).sum::<u64>();
    let (list, size) = list.finish().map_err(ours)?;
    let same = rewound && list.finish() && files.iter().all(|file| file.same.is_some());
    Ok(Survey { files, present, same, bytes: bytes + size })
}

fn survey_run<'t>(
    tree: &'t dyn Tree,
    loader: &dyn Loader,
    root: BorrowedFd<'_>,
    old: &Manifest,
    range: Range<usize>,
) -> Result<Run<'t>, PublishError> {
    let mut run =
        Run { files: Vec::with_capacity(range.len()), present: 0, lines: Vec::new(), ascent: Ascent::default() };
    let mut cursor = Cursor::new(root);
    let mut buffer = Vec::new();
    for file in range.map(|index| tree.file(index)) {
        let path = file.path.as_str();
        run.ascent.step(path)?;
        let listed = old.files.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok();
        // A path that the old manifest does not list is not fleetc's, whatever it holds.
        let there = listed.map_or(Err(Errno::NOENT), |_| open(&mut cursor, path));
        run.present += usize::from(matches!(there, Ok(_) | Err(Errno::ACCESS)));
        let failed = |_| PublishError::Tree { path: path.to_string(), why: "in a form that cannot be compared" };
        let (sum, same) = match (&file.body, there.ok()) {
            (body, None) => (pour(body, loader, io::sink(), failed)?, false),
            (body @ Body::Bytes(bytes), Some((there, size))) => {
                let same = size == bytes.len() as u64 && holds(there, bytes, &mut buffer);
                (pour(body, loader, io::sink(), failed)?, same)
            }
            (body @ Body::Copy(_), Some((there, _))) => {
                let mut same = Same::new(there);
                (pour(body, loader, &mut same, failed)?, same.finish())
            }
        };
        let (sha256, size) = sum;
        let same = listed.filter(|_| same).and_then(|at| u32::try_from(at).ok());
        run.files.push(Surveyed { sha256, size, origin: file.origin, same });
        let entry = Entry { path: file.path, size, sha256, origin: file.origin.into() };
        manifest::line(&mut run.lines, &entry)
            .map_err(|_| PublishError::Tree { path: entry.path.as_str().to_string(), why: "with no JSON form" })?;
    }
    Ok(run)
}

/// Opens a regular file of the old generation for reading; gives its size, too.
fn open(cursor: &mut Cursor<'_>, path: &str) -> Result<(File, u64), Errno> {
    let (folder, name) = folder::split(path.as_bytes());
    let folder = cursor.enter(folder)?;
    // A pipe in the place of the file must not stop the build.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, name, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Errno::NOENT);
    }
    Ok((File::from(file), u64::try_from(stat.st_size).unwrap_or(u64::MAX)))
}
