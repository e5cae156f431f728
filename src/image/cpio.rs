//! An archive in the form `newc`, which the kernel unpacks into the memory of a machine.
//!
//! The format: 110 bytes of hexadecimal numbers, the name, the content; name and content filled up to four bytes (Linux,
//! `Documentation/driver-api/early-userspace/buffer-format.rst`). It has no room for extended attributes.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use super::system::kind;
use super::tree::Entry;

/// An archive is filled up to a multiple of this, as `cpio` does it.
const BLOCK: u64 = 512;

/// Writes an archive.
pub(super) struct Cpio<W> {
    out: W,
    written: u64,
    /// Of each file with several names, its number in the archive, and how many of the names are still to come.
    linked: BTreeMap<u32, (u32, u32)>,
    inodes: u32,
}

impl<W: Write> Cpio<W> {
    /// Begins an archive.
    pub(super) fn new(out: W) -> Cpio<W> {
        Cpio { out, written: 0, linked: BTreeMap::new(), inodes: 0 }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn fill(&mut self, to: u64) -> io::Result<()> {
        let zeros = [0; BLOCK as usize];
        let missing = self.written.next_multiple_of(to) - self.written;
        self.write(&zeros[..usize::try_from(missing).unwrap_or_default()])
    }

    fn header(&mut self, numbers: [u32; 13], name: &[u8]) -> io::Result<()> {
        let mut header = Vec::with_capacity(110 + name.len() + 1);
        header.extend_from_slice(b"070701");
        for number in numbers {
            write!(header, "{number:08X}")?;
        }
        header.extend_from_slice(name);
        header.push(0);
        self.write(&header)?;
        self.fill(4)
    }

    /// The number of a file in the archive, and whether its content goes with this name: with the last one, as `cpio`
    /// does it. The kernel takes it with any.
    fn number(&mut self, entry: &Entry) -> (u32, bool) {
        if let Some((number, left)) = self.linked.get_mut(&entry.node.inode) {
            *left -= 1;
            return (*number, *left == 0);
        }
        self.inodes += 1;
        if entry.links > 1 && entry.node.kind() != kind::FOLDER {
            self.linked.insert(entry.node.inode, (self.inodes, entry.links - 1));
            return (self.inodes, false);
        }
        (self.inodes, true)
    }

    /// Adds a file. `content` opens it, and is called when its content goes into the archive here.
    ///
    /// # Errors
    /// When it cannot be read or written, or is shorter than its size says.
    pub(super) fn add<R: Read>(&mut self, entry: &Entry, content: impl FnOnce() -> io::Result<R>) -> io::Result<()> {
        let (number, last) = self.number(entry);
        let node = &entry.node;
        let size = match node.kind() {
            kind::FILE if last => u32::try_from(node.size).map_err(io::Error::other)?,
            kind::SYMLINK => u32::try_from(entry.target.len()).map_err(io::Error::other)?,
            _ => 0,
        };
        let modified = u32::try_from(node.modified.max(0)).unwrap_or(u32::MAX);
        let length = u32::try_from(entry.path.len() + 1).map_err(io::Error::other)?;
        let ((user, group), (major, minor)) = (node.owner, node.device);
        let numbers = [number, node.mode, user, group, entry.links, modified, size, 0, 0, major, minor, length, 0];
        self.header(numbers, &entry.path)?;
        match node.kind() {
            kind::SYMLINK => self.write(&entry.target)?,
            kind::FILE if size > 0 => self.copy(content()?, size)?,
            _ => {}
        }
        self.fill(4)
    }

    fn copy(&mut self, mut content: impl Read, size: u32) -> io::Result<()> {
        let mut left = u64::from(size);
        let mut buffer = [0; 1 << 14];
        while left > 0 {
            let room = usize::try_from(left).unwrap_or(buffer.len()).min(buffer.len());
            match content.read(&mut buffer[..room])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                length => {
                    self.write(&buffer[..length])?;
                    left -= length as u64;
                }
            }
        }
        Ok(())
    }

    /// Ends the archive; gives back what it was written to, and how many bytes it has.
    ///
    /// # Errors
    /// When the end cannot be written.
    pub(super) fn finish(mut self) -> io::Result<(W, u64)> {
        let name = b"TRAILER!!!";
        self.header([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, name.len() as u32 + 1, 0], name)?;
        self.fill(BLOCK)?;
        Ok((self.out, self.written))
    }
}
