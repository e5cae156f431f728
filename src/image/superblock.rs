//! The superblock of an ext4 file system, as far as it must be known before the file system is read, and the places of
//! its inodes (Linux, `Documentation/filesystems/ext4`).

use super::disk::Part;
use super::error::{CUT_SHORT, ImageError, failed};

/// Where the superblock begins, in bytes.
pub(super) const PLACE: u64 = 1024;

/// The byte of it with the feature that says that there are checksums, and that feature.
pub(super) const CHECKSUMS: (u64, u8) = (PLACE + 0x65, 0x4);

/// Where it has how many blocks make a group, with 32 bits.
pub(super) const BLOCKS_PER_GROUP: u64 = PLACE + 0x20;

/// Incompatible features: the journal must be replayed; the numbers of blocks have 64 bits.
const NEEDS_RECOVERY: u32 = 0x4;
const WIDE: u32 = 0x80;

/// A superblock that fits the part of the disk which it is on, so that what is reserved by its numbers is small.
pub(super) struct Superblock {
    /// Bytes of an inode on disk: a power of two from 128 on.
    pub(super) inode_size: u64,
    /// How many inodes a group has.
    inodes_per_group: u64,
    groups: u64,
    /// First byte of the table of groups, and bytes of an entry.
    table: (u64, u64),
    block_size: u64,
    wide: bool,
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).map_or(0, u16::from_le_bytes)
}

impl Superblock {
    /// Reads it.
    ///
    /// # Errors
    /// When it cannot be read, does not fit the part, or belongs to a file system that was not unmounted.
    pub(super) fn read(part: &Part) -> Result<Superblock, ImageError> {
        let mut bytes = [0; 1024];
        part.read_at(PLACE, &mut bytes).map_err(failed("the file system cannot be read"))?;
        let damaged = |what: &str| Err(ImageError::new(format!("the file system is damaged: {what}")).help(CUT_SHORT));
        let block_shift = u32_at(&bytes, 0x18);
        if block_shift > 6 {
            return damaged("its blocks are larger than 64 KiB");
        }
        let block_size = 1024_u64 << block_shift;
        let features = u32_at(&bytes, 0x60);
        let wide = features & WIDE != 0;
        let high = if wide { u32_at(&bytes, 0x150) } else { 0 };
        let blocks = u64::from(high) << 32 | u64::from(u32_at(&bytes, 0x4));
        if blocks.checked_mul(block_size).is_none_or(|len| len > part.len()) {
            let error = ImageError::new("the file system is larger than what holds it: the image ends too early");
            return Err(error.help(CUT_SHORT));
        }
        if features & NEEDS_RECOVERY != 0 {
            let error = ImageError::new("the file system was not unmounted: its journal holds changes");
            return Err(error.help("write them into it, on a copy of the image: `e2fsck -p`, or mount it once"));
        }
        let (first_block, per_group) = (u64::from(u32_at(&bytes, 0x14)), u64::from(u32_at(&bytes, 0x20)));
        let inodes_per_group = u64::from(u32_at(&bytes, 0x28));
        let inode_size = if u32_at(&bytes, 0x4c) == 0 { 128 } else { u64::from(u16_at(&bytes, 0x58)) };
        let entry = if wide { u64::from(u16_at(&bytes, 0xfe)) } else { 32 };
        if !inode_size.is_power_of_two() || !(128..=block_size).contains(&inode_size) || !(32..=1024).contains(&entry) {
            return damaged("the size of its inodes or groups cannot be");
        }
        let groups = match blocks.checked_sub(first_block) {
            Some(blocks) if per_group > 0 => blocks.div_ceil(per_group),
            _ => return damaged("its blocks make no groups"),
        };
        let table = (if block_size == 1024 { 2 * block_size } else { block_size }, entry);
        let room = |count: u64, size: u64| count.checked_mul(size).is_some_and(|len| len <= part.len());
        // A group has as many inodes as a block has bits, at most.
        if inodes_per_group > 8 * block_size || !room(groups, entry) || !room(groups, inodes_per_group * inode_size) {
            return damaged("its tables are larger than itself");
        }
        Ok(Superblock { inode_size, inodes_per_group, groups, table, block_size, wide })
    }

    /// Where the inodes of each group lie, by number.
    ///
    /// # Errors
    /// When the table of groups cannot be read.
    pub(super) fn tables(&self, part: &Part) -> Result<Vec<Table>, ImageError> {
        let mut tables = Vec::new();
        let mut entry = [0; 1024];
        // Entries do not cross the end of a block.
        let in_block = self.block_size / self.table.1;
        for group in 0..self.groups {
            let at = self.table.0 + group / in_block * self.block_size + group % in_block * self.table.1;
            let bytes = &mut entry[..usize::try_from(self.table.1).unwrap_or(32)];
            part.read_at(at, bytes).map_err(failed("the file system cannot be read"))?;
            let high = if self.wide { u32_at(bytes, 0x28) } else { 0 };
            let block = u64::from(high) << 32 | u64::from(u32_at(bytes, 0x8));
            let first = group * self.inodes_per_group + 1;
            let len = self.inodes_per_group * self.inode_size;
            let start = block.checked_mul(self.block_size);
            let inside = start.filter(|start| start.checked_add(len).is_some_and(|end| end <= part.len()));
            // A table that lies elsewhere is one that ext4-view cannot read either, and it says so.
            if let (Some(start), Ok(first)) = (inside, u32::try_from(first)) {
                tables.push(Table { start, first, len });
            }
        }
        Ok(tables)
    }
}

/// The inodes of a group.
#[derive(Clone, Copy)]
pub(super) struct Table {
    /// The first byte of the first one.
    pub(super) start: u64,
    /// Its number.
    pub(super) first: u32,
    /// Bytes of all of them.
    pub(super) len: u64,
}
