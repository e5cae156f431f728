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

/// A partition with a file system, and its bytes.
type Candidate<'t> = (&'t Partition, Part);

fn listed<'t>(partitions: impl Iterator<Item = &'t Partition>) -> String {
    partitions.map(called).collect::<Vec<_>>().join(", ")
}

/// Chooses the partition: the one of that number, the only one with a file system that can be read, the one whose type
/// says that it is the root, or the only one in which the kernel would find what it starts.
///
/// # Errors
/// When there is none, or several could be it.
pub(super) fn root(image: &Part, wanted: Option<u32>) -> Result<Root, ImageError> {
    let table = partitions(image)?;
    let mut candidates = candidates(image, &table, wanted)?;
    if wanted.is_none() {
        narrow(&mut candidates);
    }
    match (candidates.pop(), wanted) {
        (Some((partition, part)), _) if candidates.is_empty() => Ok(Root { called: called(partition), part }),
        (Some(last), _) => {
            let all = listed(candidates.iter().chain([&last]).map(|(partition, _)| *partition));
            let error = ImageError::new(format!("several partitions could hold the system: {all}"));
            Err(error.help("choose one: `--partition NUMBER`"))
        }
        (None, Some(wanted)) => {
            let what = format!("partition {wanted} has no ext4 file system, or there is no such partition");
            Err(ImageError::new(what).help(format!("the image has {}", listed(table.iter()))))
        }
        (None, None) if table.is_empty() => {
            Err(ImageError::new("the image has no partitions").help("give a provision image"))
        }
        (None, None) => {
            let error = ImageError::new("no partition of the image has an ext4 file system");
            Err(error.help(format!("it has {}", listed(table.iter()))))
        }
    }
}

/// The partitions with a file system, or that one of them.
fn candidates<'t>(image: &Part, table: &'t [Partition], wanted: Option<u32>) -> Result<Vec<Candidate<'t>>, ImageError> {
    let mut candidates = Vec::new();
    for partition in table.iter().filter(|partition| wanted.is_none() || partition.number == wanted) {
        let (start, len) = partition.range;
        let Some(part) = image.part(start, len) else {
            let end = start.saturating_add(len);
            let error = format!("{} ends at byte {end}, behind the end of the image", called(partition));
            return Err(ImageError::new(error).help(CUT_SHORT));
        };
        if is_ext4(&part) {
            candidates.push((partition, part));
        }
    }
    Ok(candidates)
}

/// Leaves the one that is the root by its type, or else by what is in it, where there is one such.
fn narrow(candidates: &mut Vec<Candidate<'_>>) {
    if candidates.len() < 2 {
        return;
    }
    let mut keep: Vec<bool> = candidates.iter().map(|(partition, _)| partition.is_root).collect();
    let is_one = |keep: &[bool]| keep.iter().filter(|keep| **keep).count() == 1;
    if !is_one(&keep) {
        let starts = |part: &Part| System::open(part).and_then(|system| system.start(INIT, 1));
        keep = candidates.iter().map(|(_, part)| matches!(starts(part), Ok(Some(_)))).collect();
    }
    if is_one(&keep) {
        let mut keep = keep.into_iter();
        candidates.retain(|_| keep.next().unwrap_or_default());
    }
}
