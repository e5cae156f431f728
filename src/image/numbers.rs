//! What `ext4-view` reads but does not tell: the number of an inode, by which hard links are known, and of a device.
//!
//! It tells owner and group of each file. So the file system is read a second time, through a reader that puts the number
//! of each inode in the place of its owner, and the number of the device, or of links, in the place of its group. All else
//! is read as it is: directories, extents, and what else leads to an inode.

use ext4_view::Ext4Read;

use super::disk::Part;
use super::error::ImageError;
use super::patch::{overlap, put, without_checksums};
use super::superblock::{Superblock, Table};

/// Reads a file system in which each inode is owned by its own number.
pub(super) struct Numbers {
    part: Part,
    inode_size: u64,
    tables: Vec<Table>,
}

impl Numbers {
    /// A reader of the file system with this superblock.
    ///
    /// # Errors
    /// When the tables of inodes cannot be found.
    pub(super) fn new(part: Part, superblock: &Superblock) -> Result<Numbers, ImageError> {
        let mut tables = superblock.tables(&part)?;
        tables.sort_by_key(|table| table.start);
        Ok(Numbers { part, inode_size: superblock.inode_size, tables })
    }

    /// The number for the group of an inode: of its device, as Linux writes it with 32 bits; for all others, of its links.
    fn group(inode: &[u8; 128]) -> u32 {
        let four = |at: usize| u32::from_le_bytes([inode[at], inode[at + 1], inode[at + 2], inode[at + 3]]);
        match inode[1] & 0xf0 {
            // Devices: 16 bits in the first word, or 32 in the second.
            0x20 | 0x60 if four(0x28) != 0 => four(0x28) & 0xffff,
            0x20 | 0x60 => four(0x2c),
            _ => u32::from(inode[0x1a]) | u32::from(inode[0x1b]) << 8,
        }
    }

    /// Changes the inodes of a table in `buffer`, which holds the bytes of the disk from `at` on.
    fn change(&self, table: &Table, buffer: &mut [u8], at: u64) -> std::io::Result<()> {
        let (first, end) = (table.start.max(at), (table.start + table.len).min(at + buffer.len() as u64));
        let mut index = first.saturating_sub(table.start) / self.inode_size;
        while table.start + index * self.inode_size < end {
            let place = table.start + index * self.inode_size;
            let mut inode = [0; 128];
            match overlap(buffer, at, place, 128) {
                (whole, 0) if whole.len() == 128 => inode.copy_from_slice(whole),
                _ => self.part.read_at(place, &mut inode)?,
            }
            let number = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(table.first).to_le_bytes();
            let group = Numbers::group(&inode).to_le_bytes();
            for (offset, half) in [(0x2, &number[..2]), (0x78, &number[2..]), (0x18, &group[..2]), (0x7a, &group[2..])]
            {
                put(buffer, at, place + offset, half);
            }
            index += 1;
        }
        Ok(())
    }
}

impl Ext4Read for Numbers {
    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.part.read_at(at, buffer)?;
        let end = at + buffer.len() as u64;
        // Tables may be of any length, and a damaged file system may have them one over another.
        for table in self.tables.iter().take_while(|table| table.start < end) {
            if table.start + table.len > at {
                self.change(table, buffer, at)?;
            }
        }
        // What is changed would not fit them; the first reading of the file system verifies them.
        without_checksums(buffer, at);
        Ok(())
    }
}
