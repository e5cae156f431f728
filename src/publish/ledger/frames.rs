//! The ledger as a file: frames, each with its length and its sum. The first is the header, the last is empty, those
//! between hold records, sorted by path.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use serde::Serialize;

use super::{Header, Record};
use crate::publish::compare::BUFFER;

/// The largest frame, in bytes: the header of some ten million machines.
const MAX_FRAME: u32 = 1 << 30;

/// Records as they are written: neighbours.
#[derive(Debug)]
pub(in crate::publish) struct Chunk {
    bytes: Vec<u8>,
    last: usize,
}

impl Chunk {
    /// Begins a chunk without records.
    pub(in crate::publish) fn new() -> Chunk {
        Chunk { bytes: Vec::new(), last: 0 }
    }

    /// Adds a record; their paths grow.
    pub(in crate::publish) fn add(&mut self, record: &Record<'_>) {
        self.last = self.bytes.len();
        put(&mut self.bytes, record);
    }

    /// Whether it has no records.
    pub(in crate::publish) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Its records. One that cannot be read ends them, as an error.
    pub(in crate::publish) fn records(&self) -> impl Iterator<Item = Result<Record<'_>, Damaged>> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let taken = postcard::take_from_bytes(rest);
            let (record, more) = match taken {
                Ok((record, more)) => (Ok(record), more),
                Err(_) => (Err(Damaged), &[][..]),
            };
            rest = more;
            Some(record)
        })
    }

    /// The path of its last record.
    ///
    /// # Errors
    /// When there is none.
    pub(in crate::publish) fn last(&self) -> Result<&str, Damaged> {
        let record = self.bytes.get(self.last..).map(postcard::take_from_bytes::<Record<'_>>);
        record.and_then(Result::ok).map(|(record, _)| record.path).ok_or(Damaged)
    }
}

/// The ledger is not as it was written, or what it speaks of is not, or cannot be brought up to date: the build then goes
/// on without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::publish) struct Damaged;

impl From<io::Error> for Damaged {
    fn from(_: io::Error) -> Damaged {
        Damaged
    }
}

impl From<rustix::io::Errno> for Damaged {
    fn from(_: rustix::io::Errno) -> Damaged {
        Damaged
    }
}

fn put(bytes: &mut Vec<u8>, value: &impl Serialize) {
    let taken = std::mem::take(bytes);
    *bytes = postcard::to_extend(value, taken).unwrap_or_else(|error| unreachable!("a record in memory: {error}"));
}

/// Writes a ledger, frame by frame.
pub(in crate::publish) struct Writer(BufWriter<File>);

impl Writer {
    /// Begins a ledger in a new file.
    pub(in crate::publish) fn new(file: File) -> Writer {
        Writer(BufWriter::with_capacity(BUFFER, file))
    }

    /// Writes the header, which comes first.
    pub(in crate::publish) fn header(&mut self, header: &Header) -> io::Result<()> {
        let mut bytes = Vec::new();
        put(&mut bytes, header);
        self.frame(&bytes, 0)
    }

    /// Writes some records.
    pub(in crate::publish) fn chunk(&mut self, chunk: &Chunk) -> io::Result<()> {
        if chunk.is_empty() { Ok(()) } else { self.frame(&chunk.bytes, chunk.last) }
    }

    /// Ends the ledger.
    pub(in crate::publish) fn finish(mut self) -> io::Result<()> {
        self.frame(&[], 0)?;
        self.0.flush()
    }

    fn frame(&mut self, bytes: &[u8], last: usize) -> io::Result<()> {
        let number = |length: usize| {
            let number = u32::try_from(length).ok().filter(|length| *length <= MAX_FRAME);
            number.ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))
        };
        let (length, last) = (number(bytes.len())?, number(last)?);
        for number in [length, last, sum(last, bytes)] {
            self.0.write_all(&number.to_le_bytes())?;
        }
        self.0.write_all(bytes)
    }
}

/// The sum of a frame.
fn sum(last: u32, bytes: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&last.to_le_bytes());
    sum.update(bytes);
    sum.finalize()
}

/// Reads a ledger, frame by frame.
pub(in crate::publish) struct Reader<'f> {
    file: BufReader<&'f File>,
    ended: bool,
}

impl<'f> Reader<'f> {
    /// Reads the header of a ledger.
    ///
    /// # Errors
    /// When it is damaged, or this program did not write it.
    pub(in crate::publish) fn header(file: &'f File) -> Result<Header, Damaged> {
        let (bytes, _) = Reader::rewound(file)?.frame()?;
        let header: Header = postcard::from_bytes(&bytes).map_err(|_| Damaged)?;
        if header.is_ours() { Ok(header) } else { Err(Damaged) }
    }

    /// Begins to read the records of a ledger.
    ///
    /// # Errors
    /// When its header is damaged.
    pub(in crate::publish) fn records(file: &'f File) -> Result<Reader<'f>, Damaged> {
        let mut reader = Reader::rewound(file)?;
        reader.frame()?;
        Ok(reader)
    }

    fn rewound(mut file: &'f File) -> Result<Reader<'f>, Damaged> {
        file.rewind()?;
        Ok(Reader { file: BufReader::with_capacity(BUFFER, file), ended: false })
    }

    /// The next records; none at the end.
    ///
    /// # Errors
    /// When the ledger is damaged, or ends too soon.
    pub(in crate::publish) fn chunk(&mut self) -> Result<Option<Chunk>, Damaged> {
        if self.ended {
            return Ok(None);
        }
        let (bytes, last) = self.frame()?;
        if bytes.is_empty() {
            self.ended = self.file.read(&mut [0])? == 0;
            return if self.ended { Ok(None) } else { Err(Damaged) };
        }
        Ok(Some(Chunk { bytes, last }))
    }

    fn frame(&mut self) -> Result<(Vec<u8>, usize), Damaged> {
        let mut numbers = [[0; 4]; 3];
        for number in &mut numbers {
            self.file.read_exact(number)?;
        }
        let [length, last, summed] = numbers.map(u32::from_le_bytes);
        if length > MAX_FRAME || last > length {
            return Err(Damaged);
        }
        let mut bytes = Vec::new();
        // A length that lies asks for no more than there is.
        (&mut self.file).take(length.into()).read_to_end(&mut bytes)?;
        let whole = bytes.len() == length as usize && sum(last, &bytes) == summed;
        if whole { Ok((bytes, last as usize)) } else { Err(Damaged) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::publish::ledger::{Carried, Stamp};

    fn record(path: &str) -> Record<'_> {
        let folders = vec![(Stamp::UNSURE, None), (Stamp::UNSURE, Some(Stamp::UNSURE))];
        Record { path, size: 3 << 40, sha256: &[7; 32], stamp: Stamp::UNSURE, folders }
    }

    fn written(file: &File) {
        let mut header = Header::new(7).unwrap();
        header.differ = vec!["a".into()];
        header.foreign = vec![Carried { path: b"\xff".to_vec(), folder: Some(Stamp::UNSURE) }];
        let mut writer = Writer::new(file.try_clone().unwrap());
        writer.header(&header).unwrap();
        for paths in [&["a", "b/c"][..], &[], &["d"]] {
            let mut chunk = Chunk::new();
            paths.iter().for_each(|path| chunk.add(&record(path)));
            writer.chunk(&chunk).unwrap();
        }
        writer.finish().unwrap();
    }

    fn read(file: &File) -> Result<Vec<(String, String)>, Damaged> {
        let header = Reader::header(file)?;
        assert_eq!((header.device, header.differ.len(), header.foreign.len()), (7, 1, 1));
        let (mut reader, mut paths) = (Reader::records(file)?, Vec::new());
        while let Some(chunk) = reader.chunk()? {
            for found in chunk.records() {
                let found = found?;
                assert_eq!(found, record(found.path));
                assert!(found.sum().is_ok());
                paths.push((chunk.last()?.to_string(), found.path.to_string()));
            }
        }
        Ok(paths)
    }

    #[test]
    fn what_is_written_is_read_again_and_again() {
        let file = tempfile::tempfile().unwrap();
        written(&file);
        let expected = [("b/c", "a"), ("b/c", "b/c"), ("d", "d")].map(|(a, b)| (a.to_string(), b.to_string()));
        assert_eq!((read(&file), read(&file)), (Ok(expected.to_vec()), Ok(expected.to_vec())));
    }

    #[test]
    fn anything_else_is_damaged() {
        let file = tempfile::tempfile().unwrap();
        written(&file);
        let mut bytes = Vec::new();
        (&file).rewind().unwrap();
        (&file).read_to_end(&mut bytes).unwrap();
        let with = |bytes: &[u8]| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(bytes).unwrap();
            read(&file)
        };
        assert!(with(&bytes).is_ok());
        for at in 0..bytes.len() {
            assert_eq!(with(&bytes[..at]), Err(Damaged), "cut at {at}");
            for bit in [1, 0x80] {
                let mut other = bytes.clone();
                other[at] ^= bit;
                assert_eq!(with(&other), Err(Damaged), "bit {bit} at {at}");
            }
        }
        assert_eq!(with(&[bytes.clone(), vec![0]].concat()), Err(Damaged), "something behind its end");
    }
}
