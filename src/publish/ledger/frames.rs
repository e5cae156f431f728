//! The ledger as a file: frames, each with its length, the number of its items, and a sum. The first is the header; then
//! come a section of folders and one of files, each ended by an empty frame.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use serde::{Deserialize, Serialize};

use super::Header;
use crate::publish::compare::BUFFER;

/// The largest frame, in bytes: the header of some fifty million machines.
const MAX_FRAME: u32 = 1 << 30;

/// Items of the largest frame that is filled one by one.
const FRAME: usize = 1 << 11;

/// Items below which a frame is not worth its head.
const FEW: usize = FRAME >> 3;

/// Items of a section as they are written: neighbours.
#[derive(Debug, Default)]
pub(in crate::publish) struct Chunk {
    bytes: Vec<u8>,
    items: u32,
}

impl Chunk {
    /// Adds an item.
    pub(in crate::publish) fn add(&mut self, item: &impl Serialize) {
        put(&mut self.bytes, item);
        self.items += 1;
    }

    /// How many items it has.
    pub(in crate::publish) fn len(&self) -> usize {
        self.items as usize
    }

    /// Its items. One that cannot be read ends them, as an error.
    pub(in crate::publish) fn items<'c, T: Deserialize<'c>>(&'c self) -> impl Iterator<Item = Result<T, Damaged>> {
        let (mut rest, mut left) = (&self.bytes[..], self.items);
        std::iter::from_fn(move || {
            if left == 0 {
                let more = !std::mem::take(&mut rest).is_empty();
                return more.then_some(Err(Damaged));
            }
            left -= 1;
            let Ok((item, more)) = postcard::take_from_bytes(rest) else {
                (rest, left) = (&[], 0);
                return Some(Err(Damaged));
            };
            rest = more;
            Some(Ok(item))
        })
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
    *bytes = postcard::to_extend(value, taken).unwrap_or_else(|error| unreachable!("an item in memory: {error}"));
}

/// Writes a ledger, section by section.
pub(in crate::publish) struct Writer {
    file: BufWriter<File>,
    /// Items of no frame yet.
    open: Chunk,
}

impl Writer {
    /// Begins a ledger in a new file.
    pub(in crate::publish) fn new(file: File, header: &Header) -> Result<Writer, Damaged> {
        let mut writer = Writer { file: BufWriter::with_capacity(BUFFER, file), open: Chunk::default() };
        writer.add(header)?;
        writer.close()?;
        Ok(writer)
    }

    /// Adds an item to the section.
    pub(in crate::publish) fn add(&mut self, item: &impl Serialize) -> Result<(), Damaged> {
        self.open.add(item);
        if self.open.len() == FRAME { self.close() } else { Ok(()) }
    }

    /// Whether items can be added as a frame of their own without leaving a frame of a few before them.
    pub(in crate::publish) fn is_even(&self) -> bool {
        !(1..FEW).contains(&self.open.len())
    }

    /// Adds items to the section, as a frame of their own.
    pub(in crate::publish) fn chunk(&mut self, chunk: Chunk) -> Result<(), Damaged> {
        self.close()?;
        self.open = chunk;
        self.close()
    }

    /// Ends a section.
    pub(in crate::publish) fn end(&mut self) -> Result<(), Damaged> {
        self.close()?;
        self.frame(&Chunk::default())
    }

    /// Ends the ledger, whose sections have ended.
    pub(in crate::publish) fn finish(mut self) -> Result<(), Damaged> {
        Ok(self.file.flush()?)
    }

    fn close(&mut self) -> Result<(), Damaged> {
        let chunk = std::mem::take(&mut self.open);
        if chunk.len() == 0 { Ok(()) } else { self.frame(&chunk) }
    }

    fn frame(&mut self, Chunk { bytes, items }: &Chunk) -> Result<(), Damaged> {
        let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= MAX_FRAME).ok_or(Damaged)?;
        for number in [length, *items, sum(*items, bytes)] {
            self.file.write_all(&number.to_le_bytes())?;
        }
        Ok(self.file.write_all(bytes)?)
    }
}

/// The sum of a frame.
fn sum(items: u32, bytes: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&items.to_le_bytes());
    sum.update(bytes);
    sum.finalize()
}

/// Reads a section of a ledger, frame by frame.
pub(in crate::publish) struct Reader<'f> {
    file: BufReader<&'f File>,
    ended: bool,
    last: bool,
}

impl<'f> Reader<'f> {
    /// Reads the header of a ledger.
    ///
    /// # Errors
    /// When it is damaged, or this program did not write it.
    pub(in crate::publish) fn header(file: &'f File) -> Result<Header, Damaged> {
        let chunk = Reader::rewound(file)?.frame()?;
        let header: Header = chunk.items().next().ok_or(Damaged)??;
        if header.is_ours() { Ok(header) } else { Err(Damaged) }
    }

    /// Begins to read the folders of a ledger.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(in crate::publish) fn folders(file: &'f File) -> Result<Reader<'f>, Damaged> {
        let mut reader = Reader::rewound(file)?;
        reader.skip()?;
        Ok(reader)
    }

    /// Begins to read the files of a ledger.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(in crate::publish) fn files(file: &'f File) -> Result<Reader<'f>, Damaged> {
        let mut reader = Reader::folders(file)?;
        while reader.skip()? > 0 {}
        Ok(Reader { last: true, ..reader })
    }

    fn rewound(mut file: &'f File) -> Result<Reader<'f>, Damaged> {
        file.rewind()?;
        Ok(Reader { file: BufReader::with_capacity(BUFFER, file), ended: false, last: false })
    }

    /// The next items; none at the end of the section.
    ///
    /// # Errors
    /// When the ledger is damaged, or ends too soon.
    pub(in crate::publish) fn chunk(&mut self) -> Result<Option<Chunk>, Damaged> {
        if self.ended {
            return Ok(None);
        }
        let chunk = self.frame()?;
        if chunk.len() > 0 {
            return Ok(Some(chunk));
        }
        self.ended = true;
        let whole = chunk.bytes.is_empty() && !(self.last && self.file.read(&mut [0])? > 0);
        if whole { Ok(None) } else { Err(Damaged) }
    }

    fn numbers(&mut self) -> Result<[u32; 3], Damaged> {
        let mut numbers = [[0; 4]; 3];
        for number in &mut numbers {
            self.file.read_exact(number)?;
        }
        let numbers = numbers.map(u32::from_le_bytes);
        if numbers[0] <= MAX_FRAME { Ok(numbers) } else { Err(Damaged) }
    }

    /// Goes over a frame; gives the number of its items.
    fn skip(&mut self) -> Result<u32, Damaged> {
        let [length, items, _] = self.numbers()?;
        self.file.seek_relative(length.into())?;
        Ok(items)
    }

    fn frame(&mut self) -> Result<Chunk, Damaged> {
        let [length, items, summed] = self.numbers()?;
        let mut bytes = Vec::new();
        // A length that lies asks for no more than there is.
        (&mut self.file).take(length.into()).read_to_end(&mut bytes)?;
        let whole = bytes.len() == length as usize && sum(items, &bytes) == summed;
        if whole { Ok(Chunk { bytes, items }) } else { Err(Damaged) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::publish::ledger::{Carried, Folder, Stamp};

    const PATHS: [&str; 3] = ["a/", "a/b/", "c/"];

    fn folder(path: &str) -> Folder<'_> {
        Folder { path, here: Stamp::UNSURE, spare: (path == "c/").then_some(Stamp::UNSURE) }
    }

    fn written(file: &File) {
        let mut header = Header::new(7).unwrap();
        header.differ = vec!["a".into()];
        header.foreign = vec![Carried { path: b"\xff".to_vec(), folder: Some(Stamp::UNSURE) }];
        let mut writer = Writer::new(file.try_clone().unwrap(), &header).unwrap();
        PATHS.iter().for_each(|path| writer.add(&folder(path)).unwrap());
        writer.end().unwrap();
        let mut chunk = Chunk::default();
        chunk.add(&Stamp::UNSURE);
        writer.chunk(chunk).unwrap();
        (0..FRAME + 1).for_each(|_| writer.add(&Stamp::UNSURE).unwrap());
        writer.end().unwrap();
        writer.finish().unwrap();
    }

    /// The numbers of folders and of files.
    fn read(file: &File) -> Result<(usize, usize), Damaged> {
        let header = Reader::header(file)?;
        assert_eq!((header.device, header.differ.len(), header.foreign.len()), (7, 1, 1));
        let (mut reader, mut folders) = (Reader::folders(file)?, 0);
        while let Some(chunk) = reader.chunk()? {
            for (found, path) in chunk.items::<Folder<'_>>().zip(PATHS) {
                assert_eq!(found?, folder(path));
            }
            folders += chunk.items::<Folder<'_>>().count();
        }
        let (mut reader, mut files) = (Reader::files(file)?, 0);
        while let Some(chunk) = reader.chunk()? {
            for stamp in chunk.items::<Stamp>() {
                assert_eq!(stamp?, Stamp::UNSURE);
                files += 1;
            }
        }
        Ok((folders, files))
    }

    #[test]
    fn what_is_written_is_read_again_and_again() {
        let file = tempfile::tempfile().unwrap();
        written(&file);
        let expected = Ok((3, FRAME + 2));
        assert_eq!((read(&file), read(&file)), (expected, expected));
    }

    #[test]
    fn a_chunk_has_as_many_items_as_it_says() {
        let mut chunk = Chunk::default();
        chunk.add(&1u64);
        chunk.add(&2u64);
        assert_eq!(chunk.items().collect::<Vec<_>>(), [Ok(1u64), Ok(2)]);
        chunk.items = 1;
        assert_eq!(chunk.items().collect::<Vec<_>>(), [Ok(1u64), Err(Damaged)]);
        chunk.items = 3;
        assert_eq!(chunk.items().collect::<Vec<_>>(), [Ok(1u64), Ok(2), Err(Damaged)]);
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
        // All of what is short, and some of the long frame.
        for at in (0..bytes.len()).filter(|at| *at < 700 || at % 97 == 0 || at + 50 > bytes.len()) {
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
