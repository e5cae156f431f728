//! The partition table of an image: GPT, MBR, or none.

use gpt::disk::LogicalBlockSize;
use gpt::header::{Header, read_header_from_arbitrary_device};
use gpt::mbr::ProtectiveMBR;
use gpt::partition::file_read_partitions;
use gpt::partition_types::LINUX_ROOT_X64;

use super::disk::Part;
use super::error::{CUT_SHORT, ImageError, failed};

/// A partition.
pub(super) struct Partition {
    /// Its number, from 1 on; none for a file system that fills the image.
    pub(super) number: Option<u32>,
    /// Its name in the table; perhaps empty.
    pub(super) name: String,
    /// Whether its type says that it is the root of an x86-64 system.
    pub(super) is_root: bool,
    /// First byte in the image, and length in bytes.
    pub(super) range: (u64, u64),
}

/// Tables of more entries are taken for damage: `sgdisk` makes 128.
const MAX_ENTRIES: u32 = 4096;

/// The types of MBR partitions that hold further ones.
const EXTENDED: [u8; 3] = [0x05, 0x0f, 0x85];

/// The type of the one MBR partition of a disk with a GPT.
const PROTECTIVE: u8 = 0xee;

/// The partitions of an image, by number.
///
/// # Errors
/// When there is neither a table that can be read nor a file system.
pub(super) fn partitions(image: &Part) -> Result<Vec<Partition>, ImageError> {
    let unread = "the partition table cannot be read";
    let mut damage = None;
    for size in [LogicalBlockSize::Lb512, LogicalBlockSize::Lb4096] {
        match guid_table(image, size) {
            Some(Ok(partitions)) => return Ok(partitions),
            Some(Err(error)) => damage = damage.or(Some(error)),
            None => {}
        }
    }
    if let Some(damage) = damage {
        return Err(ImageError::new(format!("{unread}: {damage}")).help(CUT_SHORT));
    }
    if is_ext4(image) {
        let range = (0, image.len());
        return Ok(vec![Partition { number: None, name: String::new(), is_root: false, range }]);
    }
    let sector: [u8; 512] = image.first().map_err(failed(unread))?;
    let Ok(table) = ProtectiveMBR::from_bytes(&sector, LogicalBlockSize::Lb512) else {
        let error = ImageError::new("this is no disk image: it has neither a partition table nor an ext4 file system");
        return Err(
            error.help("give a provision image, `clear-VERSION-provision.img`, or a `clear-VERSION-pxe.tar.xz`")
        );
    };
    let found: Vec<_> = (0..4_u8).filter_map(|index| Some((index, table.partition(usize::from(index))?))).collect();
    if found.iter().any(|(_, record)| record.os_type == PROTECTIVE) {
        let error = ImageError::new(format!("{unread}: of a GPT there is only the sector that protects it"));
        return Err(error.help(CUT_SHORT));
    }
    let used = found.iter().filter(|(_, record)| record.lb_size > 0 && !EXTENDED.contains(&record.os_type));
    let partition = used.map(|(index, record)| Partition {
        number: Some(u32::from(*index) + 1),
        name: String::new(),
        is_root: false,
        range: (u64::from(record.lb_start) * 512, u64::from(record.lb_size) * 512),
    });
    Ok(partition.collect())
}

/// The partitions of a GPT with sectors of this size: by the table at the beginning, or by the one at the end of the disk
/// when that is damaged. None when there is no such table.
fn guid_table(image: &Part, size: LogicalBlockSize) -> Option<Result<Vec<Partition>, String>> {
    let sector = size.as_u64();
    let last_two = image.len().checked_sub(2 * sector).and_then(|start| image.part(start - start % sector, 2 * sector));
    let mut damage = None;
    // The crate looks for a header in the second sector: so also in the last one, of the last two.
    for place in [Some(image.clone()), last_two].into_iter().flatten() {
        let mut signature = [0; 8];
        if place.read_at(sector, &mut signature).is_err() || &signature != b"EFI PART" {
            continue;
        }
        let header = read_header_from_arbitrary_device(&mut place.reader(), size).map_err(|error| error.to_string());
        match header.and_then(|header| listed(image, &header, size)) {
            Ok(partitions) => return Some(Ok(partitions)),
            Err(error) => damage = damage.or(Some(error)),
        }
    }
    damage.map(Err)
}

/// The partitions that a GPT lists.
fn listed(image: &Part, header: &Header, size: LogicalBlockSize) -> Result<Vec<Partition>, String> {
    // The crate panics on entries of another size.
    if header.part_size != 128 || header.num_parts > MAX_ENTRIES {
        return Err(format!("it is to have {} entries of {} bytes", header.num_parts, header.part_size));
    }
    let listed = file_read_partitions(&mut image.reader(), header, size).map_err(|error| error.to_string())?;
    let mut partitions = Vec::new();
    for (number, entry) in listed.into_iter().filter(|(_, entry)| entry.is_used()) {
        let range = entry.bytes_start(size).and_then(|start| Ok((start, entry.bytes_len(size)?)));
        let range = range.map_err(|error| format!("partition {number}: {error}"))?;
        let is_root = entry.part_type_guid == LINUX_ROOT_X64;
        partitions.push(Partition { number: Some(number), name: entry.name, is_root, range });
    }
    Ok(partitions)
}

/// Whether an ext2, ext3 or ext4 file system begins here, by the magic number of its superblock.
pub(super) fn is_ext4(part: &Part) -> bool {
    let mut magic = [0; 2];
    part.read_at(1024 + 0x38, &mut magic).is_ok() && magic == [0x53, 0xef]
}
