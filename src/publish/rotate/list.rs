//! The next manifest, while it is written.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::FileType;

use crate::publish::compare::BUFFER;
use crate::publish::folder::{self, create, rename_new};
use crate::publish::ledger::Damaged;
use crate::publish::place::Place;
use crate::tree::MANIFEST;

/// A manifest that is written beside the output folder, from the first byte on that is not the published one's: none is
/// written while the two are the same. It is removed again unless it is [put](List::put) into a generation.
pub(super) struct List<'p> {
    place: &'p Place,
    published: BufReader<File>,
    /// Bytes that are the same.
    same: u64,
    file: Option<BufWriter<File>>,
    buffer: Vec<u8>,
}

impl<'p> List<'p> {
    /// Begins a manifest; `published` is the one that it may be the same as.
    pub(super) fn new(place: &'p Place, mut published: File) -> io::Result<List<'p>> {
        published.rewind()?;
        let published = BufReader::with_capacity(BUFFER, published);
        Ok(List { place, published, same: 0, file: None, buffer: Vec::new() })
    }

    /// Ends the manifest; says whether it is another than the published one.
    pub(super) fn is_new(&mut self) -> io::Result<bool> {
        if self.file.is_none() && self.published.read(&mut [0])? > 0 {
            self.begin()?;
        }
        self.file.as_mut().map_or(Ok(false), |file| file.flush().map(|()| true))
    }

    /// Makes it the manifest of a generation.
    pub(super) fn put(mut self, root: BorrowedFd<'_>) -> Result<(), Damaged> {
        rename_new(self.place.parent.as_fd(), &self.place.list, root, MANIFEST.as_bytes())?;
        self.file = None;
        Ok(())
    }

    /// Writes what is the same.
    fn begin(&mut self) -> io::Result<&mut BufWriter<File>> {
        let mut file = create(self.place.parent.as_fd(), &self.place.list)?;
        self.published.rewind()?;
        let copied = io::copy(&mut self.published.get_ref().take(self.same), &mut file)?;
        let file = self.file.insert(BufWriter::with_capacity(BUFFER, file));
        if copied == self.same { Ok(file) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl Write for List<'_> {
    fn write(&mut self, ours: &[u8]) -> io::Result<usize> {
        if let Some(file) = &mut self.file {
            return file.write(ours);
        }
        self.buffer.resize(ours.len(), 0);
        if self.published.read_exact(&mut self.buffer).is_ok() && self.buffer == ours {
            self.same += ours.len() as u64;
            return Ok(ours.len());
        }
        self.begin()?.write(ours)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for List<'_> {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // What cannot be removed now is removed by the next build.
            let _ = folder::remove(self.place.parent.as_fd(), &self.place.list, FileType::RegularFile);
        }
    }
}
