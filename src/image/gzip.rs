//! gzip on all cores, with the same bytes on any number of them.
//!
//! The kernel takes one member that holds the whole archive, and no second one that goes on with it (Linux,
//! `init/initramfs.c`). So the blocks are compressed by themselves, each to its end on a whole byte, and put one behind
//! the other into one member.

use std::io::{self, Write};

use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress};
use rayon::prelude::*;

/// Bytes of a block. Matches do not reach across its beginning; with blocks of this size that costs about a hundredth.
const BLOCK: usize = 512 << 10;

/// How many blocks are compressed at once: what is in memory does not grow with the number of cores.
const AT_ONCE: usize = 32;

/// The level that `gzip` has by itself.
const LEVEL: u32 = 6;

/// A member begins like this: deflate, no name, no time, level unknown, Unix (RFC 1952).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];

/// The last block of a stream: of fixed codes, with nothing in it (RFC 1951).
const LAST: [u8; 2] = [0x03, 0x00];

/// Compresses what is written to it.
pub(super) struct Gzip<W: Write> {
    out: W,
    blocks: Vec<Vec<u8>>,
    sum: Hasher,
}

impl<W: Write> Gzip<W> {
    /// Begins a member.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn new(mut out: W) -> io::Result<Gzip<W>> {
        out.write_all(&HEADER)?;
        Ok(Gzip { out, blocks: Vec::with_capacity(AT_ONCE), sum: Hasher::new() })
    }

    /// Compresses the blocks that are there, and writes them.
    fn drain(&mut self) -> io::Result<()> {
        let new = || Compress::new(Compression::new(LEVEL), false);
        let done: Vec<_> = self.blocks.par_iter().map_init(new, |state, block| compressed(state, block)).collect();
        for done in done {
            let (bytes, sum) = done?;
            self.sum.combine(&sum);
            self.out.write_all(&bytes)?;
        }
        self.blocks.clear();
        Ok(())
    }

    /// Ends the member; gives back what it was written to.
    ///
    /// # Errors
    /// When the end cannot be written.
    pub(super) fn finish(mut self, length: u64) -> io::Result<W> {
        self.drain()?;
        self.out.write_all(&LAST)?;
        self.out.write_all(&self.sum.finalize().to_le_bytes())?;
        // The length, without what does not fit (RFC 1952).
        self.out.write_all(&((length & 0xffff_ffff) as u32).to_le_bytes())?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Gzip<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.blocks.last().is_none_or(|block| block.len() == BLOCK) {
            if self.blocks.len() == AT_ONCE {
                self.drain()?;
            }
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        let Some(block) = self.blocks.last_mut() else { return Ok(0) };
        let length = bytes.len().min(BLOCK - block.len());
        block.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A block, compressed by itself up to a whole byte, and the sum of what is in it.
fn compressed(state: &mut Compress, block: &[u8]) -> io::Result<(Vec<u8>, Hasher)> {
    state.reset();
    let mut bytes = Vec::with_capacity(block.len() / 2 + 1024);
    loop {
        let read = usize::try_from(state.total_in()).unwrap_or(block.len());
        state.compress_vec(&block[read..], &mut bytes, FlushCompress::Sync).map_err(io::Error::other)?;
        // What is left over finds room in the vector when all is written.
        if state.total_in() == block.len() as u64 && bytes.len() < bytes.capacity() {
            break;
        }
        bytes.reserve(bytes.capacity());
    }
    let mut sum = Hasher::new();
    sum.update(block);
    Ok((bytes, sum))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn packed(text: &[u8], step: usize) -> Vec<u8> {
        let mut gzip = Gzip::new(Vec::new()).unwrap();
        for part in text.chunks(step) {
            gzip.write_all(part).unwrap();
        }
        gzip.finish(text.len() as u64).unwrap()
    }

    /// Bytes that do not compress, and do.
    fn text(length: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let next = |index: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if (index / 3000).is_multiple_of(2) { (state >> 24) as u8 } else { b"abcab"[index % 5] }
        };
        (0..length).map(next).collect()
    }

    #[test]
    fn one_member_holds_all() {
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK * (AT_ONCE + 1) + 7] {
            let text = text(length);
            let bytes = packed(&text, 100_003);
            // This reader stops at the end of the first member.
            let mut reader = flate2::bufread::GzDecoder::new(bytes.as_slice());
            let mut back = Vec::new();
            reader.read_to_end(&mut back).unwrap();
            assert!(back == text && reader.into_inner().is_empty(), "{length}");
        }
    }

    #[test]
    fn the_bytes_hang_on_the_content_alone() {
        let text = text(3 * BLOCK + 5);
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let many = rayon::ThreadPoolBuilder::new().num_threads(7).build().unwrap();
        let bytes = one.install(|| packed(&text, 4096));
        assert!(bytes == many.install(|| packed(&text, 777)) && bytes.len() < text.len() * 7 / 10);
    }
}
