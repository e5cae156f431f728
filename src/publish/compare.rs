//! Bytes, compared as they stream.
#![allow(clippy::disallowed_methods)]

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::os::fd::BorrowedFd;

use rustix::fs::{Mode, OFlags};

/// Bytes of a file that are held at a time.
pub(super) const BUFFER: usize = 64 << 10;

/// Compares what is written to it with what a reader holds.
pub(super) struct Same<R> {
    theirs: R,
    buffer: Vec<u8>,
    same: bool,
}

impl<R: Read> Same<R> {
    pub(super) fn new(theirs: R) -> Same<R> {
        Same { theirs, buffer: Vec::new(), same: true }
    }

    /// Whether all that was written is all that the reader held.
    pub(super) fn finish(mut self) -> bool {
        self.same && matches!(self.theirs.read(&mut [0]), Ok(0))
    }
}

impl<R: Read> Write for Same<R> {
    fn write(&mut self, ours: &[u8]) -> io::Result<usize> {
        if self.same {
            self.buffer.resize(ours.len(), 0);
            // What cannot be read is not the same: it is then written anew.
            self.same = self.theirs.read_exact(&mut self.buffer).is_ok() && self.buffer == ours;
        }
        Ok(ours.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a file of the right size holds these bytes.
pub(super) fn holds(mut file: File, bytes: &[u8], buffer: &mut Vec<u8>) -> bool {
    buffer.resize(bytes.len(), 0);
    file.read_exact(buffer).is_ok() && buffer == bytes
}

/// Whether two names are symlinks with the same target, or files with the same bytes.
pub(super) fn equal((a, a_name): (BorrowedFd<'_>, &[u8]), (b, b_name): (BorrowedFd<'_>, &[u8])) -> bool {
    let target = |folder, name: &[u8]| rustix::fs::readlinkat(folder, name, Vec::new());
    if let (Ok(a), Ok(b)) = (target(a, a_name), target(b, b_name)) {
        return a == b;
    }
    let open = |folder, name: &[u8]| {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(folder, name, flags, Mode::empty()).ok()?);
        file.metadata().ok()?.is_file().then(|| BufReader::with_capacity(BUFFER, file))
    };
    let (Some(mut a), Some(b)) = (open(a, a_name), open(b, b_name)) else { return false };
    let mut same = Same::new(b);
    io::copy(&mut a, &mut same).is_ok() && same.finish()
}
