//! What is mounted at boot: by a unit that the installer writes, or by the system itself, which looks for partitions by
//! their types, on the root disk alone.

use super::mount::OPTIONAL;
use super::{is_below, mounted, partitions};
use crate::diag::{Sink, rule};
use crate::model::{Layout, PartType, Partition};

rule! {
    /// ## What it does
    /// `/boot`, `/home` or `/srv` on another disk than `/`, or a folder below `/usr`, without `force_unit`.
    ///
    /// ## Why it matters
    /// The installer writes no mount unit for these paths: it leaves them to the system, which finds them by the type of
    /// their partitions, and only on the root disk (contract I-66). Anywhere else they are made, filled, and not mounted:
    /// the machine boots with an empty folder, and what it writes there goes to the root filesystem.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    ///     - disk: sdb
    ///       partitions:
    ///         - { size: rest, filesystem: ext4, mount: /home }   # <-
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
    ///         - { size: rest, filesystem: ext4, mount: /home, force_unit: true }
    /// ```
    MOUNT_WITHOUT_UNIT, mount_without_unit: "mount-without-unit", Storage, Error;
}

rule! {
    /// ## What it does
    /// A partition of the root disk that is mounted below `/home`.
    ///
    /// ## Why it matters
    /// The installer marks it as it marks the partition of `/home` itself, and the system mounts the first partition of the
    /// root disk with that mark on `/home` (contract I-66). The machine comes up with the wrong files there, or with the
    /// right ones twice.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, filesystem: ext4, mount: /home/data }   # <-
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
    ///         - { size: rest, filesystem: ext4, mount: /home }
    /// ```
    MOUNT_BELOW_HOME, mount_below_home: "mount-below-home", Storage, Warn;
}

rule! {
    /// ## What it does
    /// Swap on another disk than the root filesystem.
    ///
    /// ## Why it matters
    /// The system finds swap by the type of its partition, and looks on the root disk alone (contract I-64, I-66). Swap
    /// elsewhere is made, and not used.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    ///     - disk: sdb
    ///       partitions:
    ///         - { size: rest, type: swap }   # <-
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
    SWAP_OFF_ROOT_DISK, swap_off_root_disk: "swap-off-root-disk", Storage, Warn;
}

/// Filesystems that nothing mounts at boot.
pub(super) fn mounts(layout: &Layout, sink: &Sink) {
    let Some((root, at)) = mounted(layout, "/").and_then(|(disk, root)| Some((disk, root.mount.as_ref()?.span))) else {
        return;
    };
    for (disk, partition) in partitions(layout).filter(|(_, partition)| !partition.forces_unit()) {
        let Some(mount) = &partition.mount else { continue };
        let path = mount.as_str();
        let finding = if matches!(path, "/boot" | "/home" | "/srv") && disk.name.value != root.name.value {
            let message = format!("`{path}` on another disk than `/` is not mounted at boot");
            MOUNT_WITHOUT_UNIT.at(mount.span, message).and(at, "the root filesystem")
        } else if OPTIONAL.iter().any(|folder| is_below(path, folder)) {
            MOUNT_WITHOUT_UNIT.at(mount.span, format!("`{path}` is not mounted at boot"))
        } else {
            continue;
        };
        sink.report(finding.help("add `force_unit: true` to the partition"));
    }
}

/// Partitions that the system takes for that of `/home`.
pub(super) fn homes(layout: &Layout, sink: &Sink) {
    let Some((root, _)) = mounted(layout, "/") else { return };
    for partition in &root.partitions {
        let Some(mount) = partition.mount.as_ref().filter(|mount| mount.as_str().starts_with("/home/")) else {
            continue;
        };
        let message = format!("the system will take the partition of `{}` for that of `/home`", mount.as_str());
        let help = "mount it on `/home`, or elsewhere; on another disk than `/` there is no mistaking it";
        sink.report(MOUNT_BELOW_HOME.at(mount.span, message).help(help));
    }
}

/// Swap that the system does not look for.
pub(super) fn swap(layout: &Layout, sink: &Sink) {
    let Some((root, partition)) = mounted(layout, "/") else { return };
    let swap = |partition: &Partition| partition.kind.value == PartType::Swap;
    for (disk, swap) in partitions(layout).filter(|(_, partition)| swap(partition)) {
        if disk.name.value == root.name.value {
            continue;
        }
        let message = format!("swap on `{}` is not used: the system looks for it on the root disk", disk.name.as_str());
        let finding = SWAP_OFF_ROOT_DISK.at(swap.kind.span, message);
        let place = partition.mount.as_ref().map_or(partition.span, |mount| mount.span);
        sink.report(finding.and(place, "the root filesystem").help(format!("move it to `{}`", root.name.as_str())));
    }
}
