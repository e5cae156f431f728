//! Which partition of an image holds the system.

use super::disk::Part;
use super::error::{CUT_SHORT, ImageError};
use super::name::shown;
use super::partition::{Partition, is_ext4, partitions};
use super::system::System;
use super::tree::INIT;

/// The partition with the system: what it is called, and its bytes.
pub(super) struct Root {
    /// Like ``partition 2 (`root`)``.
    pub(super) called: String,
    pub(super) part: Part,
}

/// What a partition is called in messages.
fn called(partition: &Partition) -> String {
    match partition.number {
        None => "the whole image, which has no partition table".to_string(),
        Some(number) if partition.name.is_empty() => format!("partition {number}"),
        Some(number) => format!("partition {number} (`{}`)", shown(partition.name.as_bytes())),
    }
}

/// Chooses the partition: the one of that number, the only one with a file system that can be read, the one whose type
/// says that it is the root, or the only one in which the kernel would find what it starts.
///
/// # Errors
/// When there is none, or several could be it.
pub(super) fn root(image: &Part, wanted: Option<u32>) -> Result<Root, ImageError> {
    let table = partitions(image)?;
    let mut candidates = Vec::new();
    for partition in &table {
        let (start, len) = partition.range;
        match image.part(start, len) {
            Some(part) if is_ext4(&part) => candidates.push((partition, part)),
            None if wanted.is_none_or(|wanted| partition.number == Some(wanted)) => {
                let error = format!(
                    "{} ends at byte {}, behind the end of the image",
                    called(partition),
                    start.saturating_add(len)
                );
                return Err(ImageError::new(error).help(CUT_SHORT));
            }
            _ => {}
        }
    }
    let listed =
        |partitions: &mut dyn Iterator<Item = &Partition>| partitions.map(called).collect::<Vec<_>>().join(", ");
    if let Some(wanted) = wanted {
        let found = candidates.into_iter().find(|(partition, _)| partition.number == Some(wanted));
        return found.map(|(partition, part)| Root { called: called(partition), part }).ok_or_else(|| {
            let error =
                ImageError::new(format!("partition {wanted} has no ext4 file system, or there is no such partition"));
            error.help(format!("the image has {}", listed(&mut table.iter())))
        });
    }
    if candidates.is_empty() {
        let error = ImageError::new("no partition of the image has an ext4 file system");
        return Err(match table.is_empty() {
            true => error.help("its partition table is empty"),
            false => error.help(format!("it has {}", listed(&mut table.iter()))),
        });
    }
    if candidates.len() > 1 && candidates.iter().filter(|(partition, _)| partition.is_root).count() == 1 {
        candidates.retain(|(partition, _)| partition.is_root);
    } else if candidates.len() > 1 {
        let starts = |part: &Part| System::open(part).and_then(|system| system.start(INIT, 1));
        let with_system: Vec<bool> = candidates.iter().map(|(_, part)| matches!(starts(part), Ok(Some(_)))).collect();
        if with_system.iter().filter(|has| **has).count() == 1 {
            let mut has = with_system.iter();
            candidates.retain(|_| has.next().is_some_and(|has| *has));
        }
    }
    if candidates.len() > 1 {
        let all = listed(&mut candidates.iter().map(|(partition, _)| *partition));
        let error = ImageError::new(format!("several partitions could hold the system: {all}"));
        return Err(error.help("choose one: `--partition NUMBER`"));
    }
    let chosen = candidates.pop().map(|(partition, part)| Root { called: called(partition), part });
    chosen.ok_or_else(|| ImageError::new("no partition of the image has an ext4 file system"))
}
