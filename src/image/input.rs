//! What was given: a disk image or an archive with boot files, compressed or not.

use std::io::{self, BufReader, Chain, Cursor, Read, Seek, SeekFrom, Write};

use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::error::{ImageError, failed};

/// What was given.
pub(super) enum Input<'a> {
    /// A disk image, to be read at any place.
    Disk,
    /// A compressed disk image, decompressed as it is read.
    Packed(Box<dyn Read + 'a>),
    /// A tar archive, decompressed as it is read.
    Archive(Box<dyn Read + 'a>),
}

/// Memory for decompressing, in KiB: `xz -9`, by which the official archives are made, needs 65 MiB (contract P-4).
const MEMORY: u32 = 128 << 10;

/// More than this is not decompressed: no image of an installer is so large.
const MOST: u64 = 64 << 30;

/// Where `tar` has its mark in the first header.
const TAR_MARK: usize = 257;

/// A reader that fails when there is too much.
struct Limited<R> {
    from: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(buffer)?;
        self.left =
            self.left.checked_sub(length as u64).ok_or_else(|| io::Error::other("it unpacks to more than 64 GiB"))?;
        Ok(length)
    }
}

type Started<R> = Chain<Cursor<Vec<u8>>, R>;

/// Reads the first bytes, and puts them back.
fn start<R: Read>(mut from: R) -> io::Result<(Vec<u8>, Started<R>)> {
    let mut start = Vec::new();
    from.by_ref().take(512).read_to_end(&mut start)?;
    Ok((start.clone(), Cursor::new(start).chain(from)))
}

fn is_tar(start: &[u8]) -> bool {
    start.get(TAR_MARK..TAR_MARK + 5) == Some(b"ustar")
}

/// What a stream is compressed with, decompressed; none when it is not.
pub(super) fn decompressed<'a>(start: &[u8], from: impl Read + 'a) -> Option<Box<dyn Read + 'a>> {
    if start.starts_with(b"\xfd7zXZ\0") {
        Some(Box::new(XzReader::new_mem_limit(BufReader::new(from), true, MEMORY)))
    } else if start.starts_with(&[0x1f, 0x8b, 8]) {
        Some(Box::new(MultiGzDecoder::new(BufReader::new(from))))
    } else {
        None
    }
}

/// Finds out what a file is.
///
/// # Errors
/// When its beginning cannot be read.
pub(super) fn input<'a>(mut file: impl Read + Seek + 'a) -> Result<Input<'a>, ImageError> {
    let unread = || failed("the image cannot be read");
    let (bytes, _) = start(file.by_ref()).map_err(unread())?;
    file.seek(SeekFrom::Start(0)).map_err(unread())?;
    if is_tar(&bytes) {
        return Ok(Input::Archive(Box::new(file)));
    }
    let Some(unpacked) = decompressed(&bytes, file) else { return Ok(Input::Disk) };
    let (bytes, unpacked) =
        start(Limited { from: unpacked, left: MOST }).map_err(failed("the image cannot be unpacked"))?;
    Ok(if is_tar(&bytes) { Input::Archive(Box::new(unpacked)) } else { Input::Packed(Box::new(unpacked)) })
}

/// Decompresses an image into a file, with holes where it has only zeros; gives back its length.
///
/// # Errors
/// When it cannot be read or written.
pub(super) fn unpack(mut from: impl Read, into: &mut (impl Write + Seek)) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    let (mut length, mut hole) = (0, 0);
    loop {
        let read = from.by_ref().take(buffer.len() as u64).read(&mut buffer)?;
        if read == 0 {
            break;
        }
        length += read as u64;
        if buffer[..read].iter().all(|byte| *byte == 0) {
            hole += read as i64;
            continue;
        }
        into.seek(SeekFrom::Current(std::mem::take(&mut hole)))?;
        into.write_all(&buffer[..read])?;
    }
    if hole > 0 {
        // The last byte makes the file as long as it is.
        into.seek(SeekFrom::Current(hole - 1))?;
        into.write_all(&[0])?;
    }
    into.flush()?;
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_stay_holes() {
        for image in [vec![], vec![0; 70_000], [vec![1; 65_536], vec![0; 200_000], vec![2], vec![0; 9]].concat()] {
            let mut out = Cursor::new(Vec::new());
            assert_eq!(unpack(image.as_slice(), &mut out).unwrap(), image.len() as u64);
            assert!(out.into_inner() == image);
        }
    }

    #[test]
    fn too_much_is_too_much() {
        let mut limited = Limited { from: io::repeat(0), left: 10 };
        assert_eq!(limited.read(&mut [0; 10]).unwrap(), 10);
        assert!(limited.read(&mut [0; 1]).is_err());
    }
}
