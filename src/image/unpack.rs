//! Reads an archive in the form `newc` for what is in it, without unpacking it anywhere.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::system::kind;

/// What an archive holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The first bytes of the files that were asked for, by path.
    pub(super) starts: BTreeMap<Vec<u8>, Vec<u8>>,
    /// How many files there are, of all kinds, and the bytes of those with content.
    pub(super) files: usize,
    pub(super) bytes: u64,
    /// Whether the kernel finds an `/init`.
    pub(super) has_init: bool,
}

/// Where the numbers of a header lie that are read here: mode, size, length of the name.
const MODE: usize = 6 + 8;
const SIZE: usize = 6 + 6 * 8;
const NAME: usize = 6 + 11 * 8;

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_string())
}

fn number(header: &[u8; 110], at: usize) -> io::Result<u32> {
    let digits = std::str::from_utf8(&header[at..at + 8]).ok().filter(|digits| !digits.starts_with('+'));
    digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or_else(|| damaged("a header without numbers"))
}

/// Reads past bytes.
fn skip(from: &mut impl Read, length: u64) -> io::Result<()> {
    let skipped = io::copy(&mut from.take(length), &mut io::sink())?;
    if skipped == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Reads an archive to its end; keeps the first `most` bytes of the files `wanted`. `limit` is how many bytes of content
/// it may have.
///
/// # Errors
/// When it is damaged, ends too early, or has more than that.
pub(super) fn contents(mut archive: impl Read, wanted: &[&[u8]], most: u64, limit: u64) -> io::Result<Contents> {
    let (mut contents, mut total) = (Contents::default(), 0);
    loop {
        let mut header = [0; 110];
        archive.read_exact(&mut header)?;
        if &header[..6] != b"070701" {
            return Err(damaged("no archive in the form `newc`"));
        }
        let (mode, size, length) = (number(&header, MODE)?, number(&header, SIZE)?, number(&header, NAME)?);
        if !(1..=4096).contains(&length) {
            return Err(damaged("a name of no length that could be"));
        }
        let mut name = vec![0; length as usize];
        archive.read_exact(&mut name)?;
        name.pop();
        skip(&mut archive, u64::from((110 + length).next_multiple_of(4) - 110 - length))?;
        if name == b"TRAILER!!!" {
            return Ok(contents);
        }
        let is_file = mode & kind::MASK == kind::FILE;
        contents.files += 1;
        contents.bytes += if is_file { u64::from(size) } else { 0 };
        total += u64::from(size);
        if total > limit {
            return Err(damaged("more content than a machine has memory"));
        }
        let path = name.strip_prefix(b"./").unwrap_or(&name);
        contents.has_init |= path == b"init" && mode & kind::MASK != kind::FOLDER;
        let size = u64::from(size);
        let mut kept = 0;
        if wanted.contains(&path) && is_file {
            let mut start = Vec::new();
            archive.by_ref().take(size.min(most)).read_to_end(&mut start)?;
            kept = start.len() as u64;
            contents.starts.insert(path.to_vec(), start);
        }
        skip(&mut archive, size.next_multiple_of(4) - kept)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(archive: &mut Vec<u8>, name: &str, mode: u32, text: &str) {
        archive.extend(b"070701");
        let (size, length) = (text.len() as u32, name.len() as u32 + 1);
        for number in [1, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, length, 0] {
            archive.extend(format!("{number:08x}").bytes());
        }
        for part in [format!("{name}\0"), text.to_string()] {
            archive.extend(part.bytes());
            archive.resize(archive.len().next_multiple_of(4), 0);
        }
    }

    #[test]
    fn what_is_asked_for_is_found() {
        let mut archive = Vec::new();
        file(&mut archive, ".", 0o040_755, "");
        file(&mut archive, "./usr/bin/ister.py", 0o100_755, "forcemu and more");
        file(&mut archive, "init", 0o120_777, "/usr/lib/systemd/systemd");
        file(&mut archive, "TRAILER!!!", 0, "");
        let found = contents(archive.as_slice(), &[b"usr/bin/ister.py", b"init"], 7, 99).unwrap();
        assert_eq!((found.files, found.bytes, found.has_init), (3, 16, true));
        assert_eq!(found.starts, BTreeMap::from([(b"usr/bin/ister.py".to_vec(), b"forcemu".to_vec())]));
        assert!(contents(archive.as_slice(), &[], 7, 39).is_err());
        for end in 0..archive.len() - 3 {
            assert!(contents(&archive[..end], &[], 7, 99).is_err(), "{end}");
        }
    }
}
