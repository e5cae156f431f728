//! Filesystems that are to survive an installation.

use super::mount::separated;
use super::{is_below, is_mounted, mounted, partitions};
use crate::diag::{Sink, rule};
use crate::model::{Layout, Partition, Value};
use crate::rules::setup::Setup;

rule! {
    /// ## What it does
    /// `keep` on the root filesystem.
    ///
    /// ## Why it matters
    /// The installer makes `/` anew in any case, and rejects a template that says otherwise (contract I-38).
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: /, keep: true }   # <-
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   keep_partition_table: true
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
    ///         - { size: rest, filesystem: ext4, mount: /home, keep: true }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   keep_partition_table: true
    /// ```
    KEPT_ROOT, kept_root: "kept-root", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// `keep` on a filesystem that the installer must find empty: `/var`, or a part of `/usr`.
    ///
    /// ## Why it matters
    /// The installer makes `/var/tmp` and its own folders below `/usr`, and fails when they are there already (contract
    /// I-68): after the rest of the machine was wiped. `/home` and `/srv` can be kept.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, filesystem: ext4, mount: /var, keep: true }   # <-
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   keep_partition_table: true
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
    ///         - { size: rest, filesystem: ext4, mount: /srv, keep: true }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   keep_partition_table: true
    /// ```
    KEPT_SYSTEM_FOLDER, kept_system_folder: "kept-system-folder", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// `keep` on an encrypted partition that is mounted.
    ///
    /// ## Why it matters
    /// The installer opens an encrypted volume only where it has just made it. What it did not open it cannot mount: it
    /// fails after the rest of the machine was wiped (contract I-63).
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         # fleetc: allow(served-passphrase) changed when it is up
    ///         - { size: rest, filesystem: ext4, mount: /home, keep: true, encryption: { name: home, passphrase: secret } }   # <-
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   keep_partition_table: true
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
    ///         - { size: rest, filesystem: ext4, mount: /home, keep: true }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   keep_partition_table: true
    /// ```
    KEPT_ENCRYPTION, kept_encryption: "kept-encryption", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// `keep` on a partition, for machines whose partition table is made anew.
    ///
    /// ## Why it matters
    /// The installer writes a new partition table on every disk of the layout unless `keep_partition_table` is true, also
    /// on a disk where everything is to be kept (contract I-56). The data that you wanted to keep is gone.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, filesystem: ext4, mount: /home, keep: true }   # <-
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
    ///         - { size: rest, filesystem: ext4, mount: /home, keep: true }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   keep_partition_table: true
    /// ```
    KEEP_WITH_NEW_TABLE, keep_with_new_table: "keep-with-new-partition-table", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// `keep_partition_table: true` where no partition of the layout has `keep`.
    ///
    /// ## Why it matters
    /// The table alone is kept: every filesystem in it is made anew, and what was on it is gone (contract I-57). Whoever
    /// writes this mostly means to keep data.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, keep_partition_table: true }   # <-
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
    ///         - { size: rest, filesystem: ext4, mount: /home, keep: true }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, keep_partition_table: true }
    /// ```
    TABLE_KEPT_FOR_NOTHING, table_kept_for_nothing: "table-kept-for-nothing", Storage, Warn;
}

/// Filesystems that cannot be kept.
pub(super) fn places(layout: &Layout, sink: &Sink) {
    for (_, partition) in partitions(layout) {
        let Some(keep) = partition.keep.filter(|keep| keep.value) else { continue };
        let Some(mount) = &partition.mount else { continue };
        let path = mount.as_str();
        let other = mounted(layout, path).is_some_and(|(_, first)| first.span != partition.span);
        if other || separated(path).is_some() {
            // What it is mounted on is reported.
        } else if path == "/" {
            let message = "the root filesystem cannot be kept; the installer stops at that";
            let finding = KEPT_ROOT.at(keep.span, message).and(mount.span, "the root filesystem");
            sink.report(finding.help("remove `keep`"));
        } else if path == "/var" || is_below(path, "/usr") {
            let message = format!("`{path}` cannot be kept; the installer fails on what it finds there");
            let finding = KEPT_SYSTEM_FOLDER.at(keep.span, message).and(mount.span, "mounted here");
            sink.report(finding.help("keep data below `/home` or `/srv`"));
        } else if let Some(encryption) = &partition.encryption {
            let message = "the installer does not open an encrypted filesystem that it keeps, and fails to mount it";
            let finding = KEPT_ENCRYPTION.at(keep.span, message).and(encryption.name.span, "encrypted");
            sink.report(finding.help("remove `mount`, and let the role open and mount it"));
        }
    }
}

/// What is kept of the partition table, and of the filesystems in it: one is of no use without the other.
pub(super) fn table(layout: &Layout, setup: &Setup<'_>, sink: &Sink) {
    match &setup.settings.keep_partition_table {
        Value::Faulty(_) => {}
        Value::Is(table) if table.value => {
            if !partitions(layout).any(|(_, partition)| partition.is_kept()) {
                let message = "the partition table is kept, and every filesystem in it is made anew";
                let finding = TABLE_KEPT_FOR_NOTHING.at(table.span, message);
                let finding = finding.and(layout.name.span, "no partition of this layout has `keep`");
                sink.report(setup.blame(finding).help("add `keep: true` to the partitions that are to survive"));
            }
        }
        table => new_table(layout, table, setup, sink),
    }
}

/// What is to be kept on disks that get a new partition table.
fn new_table(layout: &Layout, table: &Value<bool>, setup: &Setup<'_>, sink: &Sink) {
    // Without filesystem there is nothing to keep, and `/` cannot be kept in any case.
    let kept = |partition: &Partition| partition.filesystem.is_some() && !is_mounted(partition, "/");
    for (disk, partition) in partitions(layout).filter(|(_, partition)| kept(partition)) {
        let Some(keep) = partition.keep.filter(|keep| keep.value) else { continue };
        let disk = disk.name.as_str();
        let message = format!("`{disk}` gets a new partition table, so nothing on it is kept");
        let mut finding = KEEP_WITH_NEW_TABLE.at(keep.span, message);
        if let Some(table) = table.get() {
            finding = finding.and(table.span, "a new table");
        }
        if let Some(chosen) = setup.settings.layout.get() {
            finding = finding.and(chosen.span, "this layout is chosen here");
        }
        let help = format!(
            "add `keep_partition_table: true` to {}; the table on the disk must be that of the layout",
            setup.owner()
        );
        sink.report(setup.blame(finding).help(help));
    }
}
