//! A file by its inode. `ext4-view` opens files by their path alone, and reads every folder on the way again.
//!
//! So each file has a reader of the file system of its own, in which the inode of the file stands in the place of the inode
//! of the top folder: the path `/` is that file. What the inode says of itself was verified before, when it was listed.

use ext4_view::Ext4Read;

use super::disk::Part;
use super::error::ImageError;
use super::patch::{put, without_checksums};
use super::superblock::{BLOCKS_PER_GROUP, Superblock, Table};

/// The number of the inode of the top folder.
const TOP: u32 = 2;

/// The flag of an inode whose blocks are listed as extents.
const EXTENTS: u32 = 0x8_0000;

/// The mark of a list of extents.
const MARK: [u8; 2] = [0x0a, 0xf3];

/// The inodes of a file system.
pub(super) struct Inodes {
    part: Part,
    size: u64,
    tables: Vec<Table>,
}

/// Reads a file system in which the top is a file.
pub(super) struct Alone {
    part: Part,
    /// Where the inode of the top lies, and what stands there.
    top: (u64, Vec<u8>),
}

impl Inodes {
    /// The inodes of the file system with this superblock.
    ///
    /// # Errors
    /// When the tables of inodes cannot be found.
    pub(super) fn new(part: Part, superblock: &Superblock) -> Result<Inodes, ImageError> {
        let tables = superblock.tables(&part)?;
        Ok(Inodes { part, size: superblock.inode_size, tables })
    }

    /// Where an inode lies.
    fn place(&self, number: u32) -> Option<u64> {
        let after = self.tables.partition_point(|table| table.first <= number);
        let table = self.tables.get(after.checked_sub(1)?)?;
        let offset = u64::from(number - table.first) * self.size;
        (offset < table.len).then(|| table.start + offset)
    }

    /// A reader in which a file is the top. None for a file whose list of blocks is not in its inode as a whole: what
    /// stands elsewhere has checksums of its own, and is verified when the file is opened by its path.
    ///
    /// # Errors
    /// When the inode cannot be read.
    pub(super) fn alone(&self, number: u32) -> std::io::Result<Option<Alone>> {
        let (Some(top), Some(place)) = (self.place(TOP), self.place(number)) else { return Ok(None) };
        let mut inode = vec![0; usize::try_from(self.size).unwrap_or(128)];
        self.part.read_at(place, &mut inode)?;
        let flags = u32::from_le_bytes([inode[0x20], inode[0x21], inode[0x22], inode[0x23]]);
        let (mark, depth) = (&inode[0x28..0x2a], &inode[0x2e..0x30]);
        let whole = flags & EXTENTS != 0 && mark == MARK && depth == [0, 0];
        Ok(whole.then(|| Alone { part: self.part.clone(), top: (top, inode) }))
    }
}

impl Ext4Read for Alone {
    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.part.read_at(at, buffer)?;
        put(buffer, at, self.top.0, &self.top.1);
        // The sum of an inode is one of its number too.
        without_checksums(buffer, at);
        // One group has all blocks: only the first one, which has the top, is looked up.
        put(buffer, at, BLOCKS_PER_GROUP, &[0xff; 4]);
        Ok(())
    }
}
