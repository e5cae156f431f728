//! What the firmware starts: the EFI partition and `/boot`.

use super::{mounted, partitions};
use crate::diag::{Sink, rule};
use crate::model::{Filesystem, Layout, PartType, Partition, Value};
use crate::rules::setup::Setup;

rule! {
    /// ## What it does
    /// A second EFI partition in a layout, on whatever disk.
    ///
    /// ## Why it matters
    /// The installer takes one in the whole template (contract I-33), and stops before it touches a disk.
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
    ///         - { size: 512M, type: EFI, filesystem: vfat }   # <-
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
    ///         - { size: rest, filesystem: ext4, mount: / }
    ///     - disk: sdb
    ///       partitions:
    ///         - { size: rest, filesystem: ext4, mount: /data }
    /// ```
    SECOND_EFI_PARTITION, second_efi_partition: "second-efi-partition", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// An EFI partition with another filesystem than `vfat`, or with none.
    ///
    /// ## Why it matters
    /// The installer does not mind (contract I-60), and installs a system that the firmware cannot read: the machine does
    /// not boot.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: ext4, mount: /boot }   # <-
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
    EFI_WITHOUT_VFAT, efi_without_vfat: "efi-without-vfat", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// A layout without an EFI partition, or without a partition that is mounted on `/boot`, for machines that do not boot
    /// by BIOS.
    ///
    /// ## Why it matters
    /// The installer wants both unless `legacy_bios` is true (contract I-35). It stops before it touches a disk, and the
    /// machine waits at its console.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:   # <-
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, filesystem: ext4, mount: /boot }
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
    NO_BOOT_PARTITION, no_boot_partition: "no-boot-partition", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// A `/boot` that is not the EFI partition.
    ///
    /// ## Why it matters
    /// The installer copies the boot loader to `/boot` and marks that as the EFI partition (contract I-60). The one that
    /// the layout calls EFI stays empty, and which of the two the firmware starts depends on the firmware.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /efi }
    ///         - { size: 1G, filesystem: ext4, mount: /boot }   # <-
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
    BOOT_BESIDE_EFI, boot_beside_efi: "boot-beside-efi", Storage, Error, fixed;
}

/// EFI partitions: how many, and with what on them.
pub(super) fn efi(layout: &Layout, sink: &Sink) {
    let mut all = partitions(layout).filter(|(_, partition)| partition.kind.value == PartType::Efi);
    let Some((_, first)) = all.next() else { return };
    for (_, partition) in all {
        let message = format!("layout `{}` has a second EFI partition; the installer takes one", layout.name.as_str());
        let finding = SECOND_EFI_PARTITION.at(partition.kind.span, message).and(first.kind.span, "the first one");
        sink.report(finding.help("make it `linux`, or remove it"));
    }
    match &first.filesystem {
        Some(filesystem) if filesystem.value == Filesystem::Vfat => {}
        Some(filesystem) => {
            let message = format!("the firmware cannot read an EFI partition with `{}`", filesystem.word());
            let finding = EFI_WITHOUT_VFAT.at(filesystem.span, message).and(first.kind.span, "the EFI partition");
            sink.report(finding.help("`filesystem: vfat`"));
        }
        None => {
            let finding =
                EFI_WITHOUT_VFAT.at(first.kind.span, "this EFI partition gets no filesystem, so nothing boots from it");
            sink.report(finding.help("add `filesystem: vfat`"));
        }
    }
}

/// What machines without BIOS need.
pub(super) fn firmware(layout: &Layout, setup: &Setup<'_>, sink: &Sink) {
    let legacy = &setup.settings.legacy_bios;
    if matches!(legacy, Value::Faulty(_)) || legacy.get().is_some_and(|legacy| legacy.value) {
        return;
    }
    let name = layout.name.as_str();
    let efi = partitions(layout).find(|(_, partition)| partition.kind.value == PartType::Efi);
    let boot = mounted(layout, "/boot");
    let mut finding = match (efi, boot) {
        (Some((_, efi)), Some((_, boot))) if std::ptr::eq(efi, boot) => return,
        (Some((_, efi)), Some((_, boot))) => {
            let message = format!("`/boot` of layout `{name}` is not its EFI partition");
            let place = boot.mount.as_ref().map_or(boot.span, |mount| mount.span);
            let finding = BOOT_BESIDE_EFI.at(place, message).and(efi.kind.span, "the EFI partition");
            finding.help("mount the EFI partition on `/boot`, and do without the other one")
        }
        (Some((_, efi)), None) => {
            let message = format!("layout `{name}` mounts nothing on `/boot`; the installer stops at that");
            let place = efi.mount.as_ref().map_or(efi.kind.span, |mount| mount.span);
            NO_BOOT_PARTITION.at(place, message).help("mount the EFI partition there: `mount: /boot`")
        }
        (None, _) => {
            let message = format!("layout `{name}` has no EFI partition; the installer stops at that");
            let legacy = "`legacy_bios: true` for machines that boot by BIOS";
            let vfat = |boot: &Partition| boot.filesystem.as_ref().is_some_and(|kind| kind.value == Filesystem::Vfat);
            match boot.filter(|(_, boot)| vfat(boot)) {
                Some((_, boot)) => {
                    let finding = NO_BOOT_PARTITION.at(boot.span, message).label("`/boot` is to be the EFI partition");
                    finding.help(format!("add `type: EFI` to it; {legacy}"))
                }
                None => {
                    let finding = NO_BOOT_PARTITION.at(layout.name.span, message);
                    let finding = match boot.and_then(|(_, boot)| boot.mount.as_ref()) {
                        Some(mount) => finding.and(mount.span, "`/boot` is to be the EFI partition"),
                        None => finding,
                    };
                    let new = "`- { size: 512M, type: EFI, filesystem: vfat, mount: /boot }`";
                    finding.help(format!("{new}; {legacy}"))
                }
            }
        }
    };
    if let Some(chosen) = setup.settings.layout.get() {
        finding = finding.and(chosen.span, "chosen here");
    }
    if let Some(legacy) = legacy.get() {
        finding = finding.and(legacy.span, "not for BIOS");
    }
    sink.report(setup.blame(finding));
}
