//! Encrypted partitions: whether they can be, and whether anything opens them again.

use std::collections::HashMap;

use super::mount::is_refused;
use super::{is_mounted, mounted, partitions};
use crate::diag::{Sink, rule};
use crate::facts::Brings;
use crate::model::{Filesystem, Layout, PartType};
use crate::rules::setup::Setup;
use crate::source::Span;

rule! {
    /// ## What it does
    /// Encryption on swap, on the EFI partition, or on `/boot`.
    ///
    /// ## Why it matters
    /// Encrypted swap is made inside the volume and looked for outside of it (contract I-63): it is never used. The
    /// firmware cannot open a volume, so nothing boots from an encrypted `/boot`.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         # fleetc: allow(served-passphrase) changed when it is up
    ///         - { size: 4G, type: swap, encryption: { name: swap, passphrase: secret } }   # <-
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
    ///         - { size: 4G, type: swap }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    MISPLACED_ENCRYPTION, misplaced_encryption: "misplaced-encryption", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// Two encrypted volumes of a layout with one name.
    ///
    /// ## Why it matters
    /// Only one volume of a name can be open. The installer fails at the second, after the partition table was written
    /// (contract I-63).
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
    ///         - { size: 20G, filesystem: ext4, mount: /home, encryption: { name: data, passphrase: secret } }
    ///         # fleetc: allow(served-passphrase) changed when it is up
    ///         - { size: rest, filesystem: ext4, mount: /srv, encryption: { name: data, passphrase: secret } }   # <-
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
    ///         # fleetc: allow(served-passphrase) changed when it is up
    ///         - { size: 20G, filesystem: ext4, mount: /home, encryption: { name: home, passphrase: secret } }
    ///         # fleetc: allow(served-passphrase) changed when it is up
    ///         - { size: rest, filesystem: ext4, mount: /srv, encryption: { name: srv, passphrase: secret } }
    /// ```
    DUPLICATE_VOLUME, duplicate_volume: "duplicate-volume", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// An encrypted root filesystem for machines that lack the bundle `bootloader-extras` or a `cmdline`.
    ///
    /// ## Why it matters
    /// The installer makes the volume and writes nothing that opens it at boot (contract I-63). That takes an initrd, which
    /// the bundle brings (B-5), kernel arguments that wait for the passphrase, and someone at the console to type it.
    /// Without them the machine does not boot.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         # fleetc: allow(served-passphrase) changed when it is up
    ///         - { size: rest, filesystem: ext4, mount: /, encryption: { name: root, passphrase: secret } }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         # fleetc: allow(served-passphrase) changed when it is up
    ///         - { size: rest, filesystem: ext4, mount: /, encryption: { name: root, passphrase: secret } }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, bootloader-extras, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   cmdline: rootflags=x-systemd.device-timeout=0
    /// ```
    LOCKED_ROOT, locked_root: "locked-root", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// An encrypted filesystem that nothing opens at boot: any but `/`, and `/home` and `/srv` on the root disk, for
    /// machines without a hook that could see to it.
    ///
    /// ## Why it matters
    /// The installer writes no `crypttab` (contract I-63), and its mount unit names the partition, not the volume in it. The
    /// filesystem is made and never mounted: what the machine writes there goes to the root filesystem, in clear.
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
    ///         - { size: rest, filesystem: ext4, mount: /data, encryption: { name: data, passphrase: secret } }   # <-
    /// ```
    ///
    /// ## Instead
    /// The system opens an encrypted `/srv` on the root disk by itself, and asks for the passphrase at the console:
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         # fleetc: allow(served-passphrase) changed when it is up
    ///         - { size: rest, filesystem: ext4, mount: /srv, encryption: { name: srv, passphrase: secret } }
    /// ```
    UNOPENED_ENCRYPTION, unopened_encryption: "unopened-encryption", Storage, Warn;
}

/// Encryption where nothing can open it.
pub(super) fn places(layout: &Layout, sink: &Sink) {
    for (_, partition) in partitions(layout) {
        let (Some(encryption), Some(filesystem)) = (&partition.encryption, &partition.filesystem) else { continue };
        let message = if filesystem.value == Filesystem::Swap {
            "encrypted swap is never used"
        } else if partition.kind.value == PartType::Efi || is_mounted(partition, "/boot") {
            "nothing can boot from an encrypted partition"
        } else {
            continue;
        };
        sink.report(MISPLACED_ENCRYPTION.at(encryption.name.span, message).help("remove `encryption`"));
    }
}

/// Names of volumes that are there twice.
pub(super) fn volumes(layout: &Layout, sink: &Sink) {
    let mut first: HashMap<&str, Span> = HashMap::new();
    for name in partitions(layout).filter_map(|(_, partition)| Some(&partition.encryption.as_ref()?.value.name)) {
        let text = &*name.value.0;
        let Some(first) = first.insert(text, name.span) else { continue };
        let message = format!("layout `{}` has two encrypted volumes called `{text}`", layout.name.as_str());
        let finding = DUPLICATE_VOLUME.at(name.span, message).label("again here").and(first, "first here");
        sink.report(finding.help("give each its own name"));
    }
}

/// What an encrypted root filesystem needs.
pub(super) fn root(layout: &Layout, setup: &Setup<'_>, sink: &Sink) {
    let encryption = mounted(layout, "/").and_then(|(_, root)| root.encryption.as_ref());
    let Some(encryption) = encryption else { return };
    let bundle = setup.lacks(Brings::UNLOCKER).is_some();
    let missing = match (bundle, setup.settings.cmdline.is_unset()) {
        (false, false) => return,
        (true, true) => "the bundle `bootloader-extras` and a `cmdline`",
        (true, false) => "the bundle `bootloader-extras`",
        (false, true) => "a `cmdline`",
    };
    let message = format!("the encrypted root filesystem cannot be opened at boot without {missing}");
    let help = "add `bootloader-extras` to the bundles, and `cmdline: rootflags=x-systemd.device-timeout=0`";
    sink.report(setup.blame(LOCKED_ROOT.at(encryption.name.span, message)).help(help));
}

/// Encrypted filesystems that stay closed.
pub(super) fn opened(layout: &Layout, setup: &Setup<'_>, sink: &Sink) {
    // A hook could write what the installer does not.
    if setup.post_hooks().iter().any(|(unset, _)| !unset) {
        return;
    }
    // Without `/` nothing is mounted at all.
    let Some((root, _)) = mounted(layout, "/") else { return };
    for (disk, partition) in partitions(layout) {
        let (Some(encryption), Some(filesystem)) = (&partition.encryption, &partition.filesystem) else { continue };
        let path = partition.mount.as_ref().map(|mount| mount.as_str());
        let by_itself =
            matches!(path, Some("/home" | "/srv")) && root.name.value == disk.name.value && !partition.forces_unit();
        let elsewhere = path.is_some_and(|path| matches!(path, "/" | "/boot") || is_refused(path))
            || partition.kind.value == PartType::Efi;
        if by_itself || elsewhere || filesystem.value == Filesystem::Swap || partition.is_kept() {
            continue;
        }
        let message =
            format!("nothing opens the encrypted volume `{}` at boot, so it is not mounted", encryption.name.value.0);
        let finding = UNOPENED_ENCRYPTION.at(encryption.name.span, message);
        let help =
            "mount it on `/home` or `/srv` of the root disk, or write `/etc/crypttab` and a mount unit in a hook";
        sink.report(setup.blame(finding).help(help));
    }
}
