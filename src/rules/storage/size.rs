//! Sizes and numbers of partitions.

use super::{is_mounted, mib};
use crate::diag::{Sink, rule};
use crate::model::{Disk, Layout, PartSize, Partition};

rule! {
    /// ## What it does
    /// More than nine partitions on one disk.
    ///
    /// ## Why it matters
    /// The installer makes partitions in the order of their numbers as text: 1, 10, 2 (contract I-50). From ten on, sizes
    /// land on the wrong partitions; if the last one is `rest`, it stops with a table written by half.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: 1G, filesystem: ext4, mount: /data/c }
    ///         - { size: 1G, filesystem: ext4, mount: /data/d }
    ///         - { size: 1G, filesystem: ext4, mount: /data/e }
    ///         - { size: 1G, filesystem: ext4, mount: /data/f }
    ///         - { size: 1G, filesystem: ext4, mount: /data/g }
    ///         - { size: 1G, filesystem: ext4, mount: /data/h }
    ///         - { size: 1G, filesystem: ext4, mount: /data/i }
    ///         - { size: rest, filesystem: ext4, mount: /data/j }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, filesystem: ext4, mount: /data }
    /// ```
    TOO_MANY_PARTITIONS, too_many_partitions: "too-many-partitions", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// `rest` on a partition that is not the last of its disk.
    ///
    /// ## Why it matters
    /// Nothing is left for those behind it. The installer rejects it before it touches a disk (contract I-36).
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }   # <-
    ///         - { size: 4G, type: swap }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 4G, type: swap }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    REST_NOT_LAST, rest_not_last: "rest-not-last", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// Partitions that do not fit on their disk: more than it holds, nothing left for `rest`, or a first one of 1M.
    ///
    /// ## Why it matters
    /// The installer adds sizes up and lets the partitioner find out (contract I-52). One MiB at the start of the disk is
    /// not to be had, so a sum that equals the disk is too much. The partitioner fails when the old table is gone and the
    /// new one is written by half.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       size: 32G
    ///       partitions:
    ///         - { size: 1G, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 31G, filesystem: ext4, mount: / }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       size: 32G
    ///       partitions:
    ///         - { size: 1G, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    PARTITIONS_DO_NOT_FIT, partitions_do_not_fit: "partitions-do-not-fit", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// A partition that is probably too small for its use: `/boot` below 16 MiB, `/` below 300 MiB, or less than 256 MiB
    /// left for `rest`.
    ///
    /// ## Why it matters
    /// No template that the installer's makers publish has less. When a filesystem is full, or too small
    /// to be made at all (contract I-52), the installer stops with the disk already wiped.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 200M, filesystem: ext4, mount: / }   # <-
    ///         - { size: rest, filesystem: ext4, mount: /data }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, filesystem: ext4, mount: /data }
    /// ```
    SMALL_PARTITION, small_partition: "small-partition", Storage, Warn;
}

rule! {
    /// ## What it does
    /// A root partition of fixed size at the end of a disk that is larger.
    ///
    /// ## Why it matters
    /// At each boot ucd grows the root partition into free space behind it (contract U-3). The machine does not stay as
    /// the layout says, and no other partition can be made there later.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       size: 480G
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 64G, filesystem: ext4, mount: / }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       size: 480G
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 64G, filesystem: ext4, mount: / }
    ///         - { size: rest, filesystem: ext4, mount: /data }
    /// ```
    FREE_SPACE_BEHIND_ROOT, free_space_behind_root: "free-space-behind-root", Storage, Warn;
}

/// The most partitions of a disk whose numbers sort as text as they do as numbers (contract I-50).
const MOST: usize = 9;
/// What the partitioner does not give away at the start of a disk, in MiB (contract I-52).
const START: u64 = 1;
/// What is to be left for `rest`, in MiB (contract I-52).
const LEAST_REST: u64 = 256;
/// The smallest root and boot partitions of templates that images were built from, in MiB (contract ch. 9).
const LEAST_ROOT: u64 = 300;
const LEAST_BOOT: u64 = 16;
/// Free space that is worth a word, in MiB: less may come from rounding.
const MUCH: u64 = 1024;

/// How many partitions there are, and where `rest` stands.
pub(super) fn numbers(layout: &Layout, sink: &Sink) {
    for disk in &layout.disks {
        let name = disk.name.as_str();
        if let Some(tenth) = disk.partitions.get(MOST) {
            let message = format!(
                "disk `{name}` has {} partitions; from the tenth on, the installer mixes up their sizes",
                disk.partitions.len()
            );
            let finding =
                TOO_MANY_PARTITIONS.at(tenth.size.span, message).label("the tenth").and(disk.name.span, "this disk");
            sink.report(finding.help("nine at most; use folders of one filesystem"));
        }
        let Some((last, others)) = disk.partitions.split_last() else { continue };
        for partition in others.iter().filter(|partition| partition.size.value == PartSize::Rest) {
            let message =
                format!("partition {} of `{name}` takes the rest of the disk, and others follow", partition.number);
            let finding = REST_NOT_LAST.at(partition.size.span, message).and(last.size.span, "the last partition");
            sink.report(finding.help("give it a size, or move it to the end of the list"));
        }
    }
}

/// The sum of the fixed sizes in MiB, unless `rest` stands where it cannot.
fn sum(disk: &Disk) -> Option<u64> {
    let (last, others) = disk.partitions.split_last()?;
    let others = others.iter().map(|partition| mib(&partition.size)).sum::<Option<u64>>()?;
    Some(others + mib(&last.size).unwrap_or(0))
}

/// Whether the partitions fit on a disk of known size.
pub(super) fn fit(layout: &Layout, sink: &Sink) {
    for disk in &layout.disks {
        let name = disk.name.as_str();
        if let Some(first) = disk.partitions.first().filter(|first| mib(&first.size) == Some(START)) {
            let message =
                format!("nothing is left of the first partition of `{name}`: it loses 1 MiB to the partition table");
            sink.report(PARTITIONS_DO_NOT_FIT.at(first.size.span, message).help("`2M` at least"));
        }
        let (Some(size), Some(sum)) = (&disk.size, sum(disk)) else { continue };
        let room = size.mib().saturating_sub(START);
        let Some(last) = disk.partitions.last() else { continue };
        if sum > room {
            let mut before = 0;
            let over = disk.partitions.iter().find(|partition| {
                before += mib(&partition.size).unwrap_or(0);
                before > room
            });
            let message = format!("the partitions of `{name}` take {sum} MiB, and the disk has room for {room} MiB");
            let finding =
                PARTITIONS_DO_NOT_FIT.at(over.unwrap_or(last).size.span, message).label("no room for this one");
            sink.report(
                finding.and(size.span, "the disk").help("make them smaller, or let the last one take the `rest`"),
            );
        } else if last.size.value == PartSize::Rest && sum + START >= room {
            let message = format!("nothing is left for the `rest` of `{name}`");
            let finding = PARTITIONS_DO_NOT_FIT.at(last.size.span, message).and(size.span, "the disk");
            sink.report(finding.help(format!("the partitions before it take {sum} MiB; make them smaller")));
        }
    }
}

/// Partitions that are too small for their use.
pub(super) fn small(layout: &Layout, sink: &Sink) {
    for disk in &layout.disks {
        let left = disk.size.as_ref().zip(sum(disk)).map(|(size, sum)| size.mib().saturating_sub(START + sum));
        for partition in &disk.partitions {
            let size = mib(&partition.size).or(left);
            let Some((what, least, size)) = least(partition).zip(size).map(|((what, least), size)| (what, least, size))
            else {
                continue;
            };
            // Nothing left is reported as what does not fit.
            let nothing = size <= START && (partition.number == 1 || partition.size.value == PartSize::Rest);
            if size < least && !nothing {
                let message = format!("{what} has {size} MiB, which is probably too little");
                let finding = SMALL_PARTITION.at(partition.size.span, message);
                let finding = disk
                    .size
                    .iter()
                    .filter(|_| partition.size.value == PartSize::Rest)
                    .fold(finding, |finding, size| finding.and(size.span, "the disk"));
                sink.report(finding.help(format!("`{least}M` at least")));
            }
        }
    }
}

/// What a partition is for, and the least size for that, where there is one.
fn least(partition: &Partition) -> Option<(&'static str, u64)> {
    match () {
        () if is_mounted(partition, "/") => Some(("the root filesystem", LEAST_ROOT)),
        () if is_mounted(partition, "/boot") => Some(("the boot partition", LEAST_BOOT)),
        () if partition.size.value == PartSize::Rest => Some(("the `rest` of the disk", LEAST_REST)),
        () => None,
    }
}

/// Free space behind the root partition.
pub(super) fn free(layout: &Layout, sink: &Sink) {
    for disk in &layout.disks {
        let (Some(size), Some(sum), Some(last)) = (&disk.size, sum(disk), disk.partitions.last()) else { continue };
        let free = size.mib().saturating_sub(START + sum);
        if is_mounted(last, "/") && last.size.value != PartSize::Rest && free >= MUCH {
            let message = format!("{free} MiB stay free behind the root partition, and it will grow into them");
            let finding = FREE_SPACE_BEHIND_ROOT.at(last.size.span, message).and(size.span, "the disk");
            sink.report(finding.help("write `rest`, or add a partition for the free space"));
        }
    }
}
