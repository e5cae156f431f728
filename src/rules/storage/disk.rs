//! The disks of a layout, by their names.

use crate::diag::{Sink, rule};
use crate::model::{Disk, Layout};

rule! {
    /// ## What it does
    /// One disk twice in a layout.
    ///
    /// ## Why it matters
    /// Both entries number their partitions from 1, and the installer rejects two partitions of one number (contract
    /// I-34).
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    ///     - disk: sda   # <-
    ///       partitions:
    ///         - { size: rest, filesystem: ext4, mount: /srv, force_unit: true }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    ///     - disk: sdb
    ///       partitions:
    ///         - { size: rest, filesystem: ext4, mount: /srv, force_unit: true }
    /// ```
    DUPLICATE_DISK, duplicate_disk: "duplicate-disk", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// A disk whose name is that of another disk of the layout with more digits behind it.
    ///
    /// ## Why it matters
    /// The installer joins disk and partition number into one word and sorts by it (contract I-53): partition 1 of
    /// `nvme0n11` comes between partitions 1 and 2 of `nvme0n1`, and what follows starts at the beginning of its disk
    /// again, over what is there already.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: nvme0n1
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    ///     - disk: nvme0n11   # <-
    ///       partitions:
    ///         - { size: rest, filesystem: ext4, mount: /data }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: nvme0n1
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    ///     - disk: nvme1n1
    ///       partitions:
    ///         - { size: rest, filesystem: ext4, mount: /data }
    /// ```
    COLLIDING_DISK_NAMES, colliding_disk_names: "colliding-disk-names", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// The name of a partition, a drive or a controller where that of a whole disk belongs.
    ///
    /// ## Why it matters
    /// The installer writes a new partition table onto whatever is named (contract I-56). Onto a partition it destroys what
    /// that held, finds no partitions afterwards, and stops.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda1   # <-
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    NO_WHOLE_DISK, no_whole_disk: "no-whole-disk", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// An eMMC disk or memory card, `mmcblk0`.
    ///
    /// ## Why it matters
    /// The installer looks in `/dev` for the first name that has the disk's name in it, to learn how its partitions are
    /// called (contract I-55). On such a disk it may meet `mmcblk0boot0` first, and then formats `mmcblk01`, which is not
    /// there: it stops with the partition table already written. It depends on the order of the folder.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: mmcblk0   # <-
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    DOUBTFUL_DISK, doubtful_disk: "doubtful-disk", Storage, Warn;
}

/// The names of a layout's disks, each and together.
pub(super) fn names(layout: &Layout, sink: &Sink) {
    for disk in &layout.disks {
        whole(disk, sink);
    }
    let mut disks: Vec<&Disk> = layout.disks.iter().collect();
    disks.sort_by_key(|disk| (disk.name.as_str(), disk.name.span));
    for (index, disk) in disks.iter().enumerate() {
        let name = disk.name.as_str();
        // What begins with a name stands right behind it.
        let longer = disks[index + 1..].iter().take_while(|other| other.name.as_str().starts_with(name));
        for other in longer {
            let rest = &other.name.as_str()[name.len()..];
            if rest.is_empty() {
                let message = format!("layout `{}` has disk `{name}` twice", layout.name.as_str());
                let finding = DUPLICATE_DISK.at(other.name.span, message).label("again here");
                sink.report(
                    finding.and(disk.name.span, "first here").help("put all partitions of a disk into one entry"),
                );
                break;
            }
            if rest.starts_with(|c: char| c.is_ascii_digit()) {
                let message =
                    format!("the installer would mix up the partitions of `{name}` and `{}`", other.name.as_str());
                let finding = COLLIDING_DISK_NAMES.at(other.name.span, message).and(disk.name.span, "the shorter name");
                sink.report(finding.help("do not install onto both; partition one of them later, in the role"));
            }
        }
    }
}

fn whole(disk: &Disk, sink: &Sink) {
    let name = disk.name.as_str();
    if let Some((what, help)) = part(name) {
        sink.report(NO_WHOLE_DISK.at(disk.name.span, format!("`{name}` is {what}, not a whole disk")).help(help));
    } else if name.starts_with("mmcblk") {
        let message = format!("the installer may take the partitions of `{name}` for those of `{name}boot0`");
        let help = "whether it does depends on the order of names in /dev; try one machine first, and watch it";
        sink.report(DOUBTFUL_DISK.at(disk.name.span, message).help(help));
    }
}

/// What a name is that is not a whole disk's, and what to write.
fn part(name: &str) -> Option<(&'static str, String)> {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let plain = ["sd", "vd", "hd", "xvd"].iter().any(|kind| letters.len() > kind.len() && letters.starts_with(kind));
    if plain && letters != name && letters.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Some(("a partition", format!("write `{letters}`")));
    }
    for kind in ["nvme", "mmcblk", "pmem", "nbd", "md"] {
        let Some((disk, partition)) = name.strip_prefix(kind).and_then(|rest| rest.rsplit_once('p')) else { continue };
        if number(partition) && disk.ends_with(|c: char| c.is_ascii_digit()) {
            return Some(("a partition", format!("write `{kind}{disk}`")));
        }
    }
    if name.strip_prefix("nvme").is_some_and(number) {
        return Some(("a controller", format!("its first disk is `{name}n1`")));
    }
    let help = || "a name like `sda`, `nvme0n1` or `vda`; `lsblk -d` lists them".to_string();
    let drive = ["sr", "loop", "ram", "zram", "fd"].iter().any(|kind| name.strip_prefix(kind).is_some_and(number));
    drive.then(|| ("a drive without a disk of its own", help()))
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn whole_disks_and_their_parts() {
        for disk in ["sda", "sdaa", "vdb", "xvda", "nvme0n1", "nvme10n12", "mmcblk0", "md127", "dasda", "pmem0", "sdx"]
        {
            assert_eq!(part(disk), None, "{disk}");
        }
        for (name, help) in [
            ("sda1", "write `sda`"),
            ("vdb12", "write `vdb`"),
            ("nvme0n1p2", "write `nvme0n1`"),
            ("mmcblk0p1", "write `mmcblk0`"),
            ("nvme0", "its first disk is `nvme0n1`"),
        ] {
            assert_eq!(part(name).map(|(_, help)| help).as_deref(), Some(help), "{name}");
        }
        for name in ["sr0", "loop3", "zram0", "fd0"] {
            assert!(part(name).is_some(), "{name}");
        }
    }
}
