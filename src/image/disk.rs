//! Bytes of a disk, read at any place: the whole, or a part of it.

use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

/// Something that is read at any place: an image.
pub trait ReadAt {
    /// Fills `buffer` with the bytes from `at` on.
    ///
    /// # Errors
    /// When they cannot be read, or there are fewer.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()>;
}

impl ReadAt for std::fs::File {
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, buffer, at)
    }
}

impl ReadAt for Vec<u8> {
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(at).ok();
        let part = from.and_then(|from| self.get(from..from.checked_add(buffer.len())?));
        buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// A part of a disk: it begins somewhere, and has so many bytes.
#[derive(Clone)]
pub struct Part {
    disk: Rc<dyn ReadAt>,
    start: u64,
    len: u64,
}

impl Part {
    /// The whole of a disk of `len` bytes.
    pub fn whole(disk: Rc<dyn ReadAt>, len: u64) -> Part {
        Part { disk, start: 0, len }
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A part of it; none when it does not lie inside.
    pub(super) fn part(&self, start: u64, len: u64) -> Option<Part> {
        (start.checked_add(len)? <= self.len).then(|| Part {
            disk: Rc::clone(&self.disk),
            start: self.start + start,
            len,
        })
    }

    /// Fills `buffer` with its bytes from `at` on.
    ///
    /// # Errors
    /// When they cannot be read, or it has fewer.
    pub(super) fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = at.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.disk.read_at(self.start + at, buffer)
    }

    /// Its first bytes, as many as there are up to `N`; the rest is zero.
    pub(super) fn first<const N: usize>(&self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        let len = usize::try_from(self.len).unwrap_or(N).min(N);
        self.read_at(0, &mut bytes[..len])?;
        Ok(bytes)
    }

    /// It, to be read from its beginning.
    pub(super) fn reader(&self) -> Reader {
        Reader { part: self.clone(), at: 0 }
    }
}

/// A part of a disk that is read as a stream.
pub(super) struct Reader {
    part: Part,
    at: u64,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.part.len.saturating_sub(self.at);
        let len = usize::try_from(rest).unwrap_or(buffer.len()).min(buffer.len());
        if len > 0 {
            self.part.read_at(self.at, &mut buffer[..len])?;
            self.at += len as u64;
        }
        Ok(len)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.part.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_ends_where_it_ends() {
        let disk = Part::whole(Rc::new((0..100).collect::<Vec<u8>>()), 100);
        let part = disk.part(10, 20).unwrap();
        assert!(disk.part(90, 11).is_none() && disk.part(u64::MAX, 2).is_none() && part.part(19, 2).is_none());
        let mut bytes = [0; 4];
        part.read_at(16, &mut bytes).unwrap();
        assert_eq!(bytes, [26, 27, 28, 29]);
        assert!(part.read_at(17, &mut bytes).is_err());
        assert_eq!(part.part(5, 5).unwrap().first::<8>().unwrap(), [15, 16, 17, 18, 19, 0, 0, 0]);
        let mut reader = part.reader();
        let mut text = Vec::new();
        assert_eq!(reader.seek(SeekFrom::End(-2)).unwrap(), 18);
        reader.read_to_end(&mut text).unwrap();
        assert_eq!(text, [28, 29]);
        // Beyond its end there is nothing to read.
        reader.seek(SeekFrom::Start(u64::MAX)).unwrap();
        assert_eq!(reader.read(&mut bytes).unwrap(), 0);
    }
}
