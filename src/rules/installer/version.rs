//! What the installer's version knows: the table of contract ch. 0.

use crate::diag::{Sink, rule};
use crate::model::{Fleet, InstallerKind, InstallerVersion, SoftwareManager, Value, Version};
use crate::rules::setup::Setup;
use crate::source::{Span, Spanned};

rule! {
    /// ## What it does
    /// An installer of a version that fleetc does not know: before 38, or behind 69.
    ///
    /// ## Why it matters
    /// Version 38 is the first that asks a service for its role, and 69 is the last there is. What others make of a
    /// template, nobody has looked at.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 96 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 69 }
    /// ```
    UNKNOWN_INSTALLER_VERSION, unknown_installer_version: "unknown-installer-version", Installer, Error;
}

rule! {
    /// ## What it does
    /// A setting that the installer of the machine's release is too old for.
    ///
    /// ## Why it matters
    /// The installer ignores keys that it does not know, in silence (contract I-9, I-45): a disk stays unencrypted, an
    /// address is not set, a hook does not run. `force_unit` came with v67 (I-69). An inline SSH key it takes for the
    /// name of a file, and stops (I-42).
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 64 }
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: /, label: root }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 69 }
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: /, label: root }
    /// ```
    NEEDS_NEWER_INSTALLER, needs_newer_installer: "needs-newer-installer", Installer, Error, fixed;
}

/// The first installer that asks the service, and the last one.
const KNOWN: std::ops::RangeInclusive<u32> = 38..=69;

/// The versions of every release's installer.
pub(in crate::rules) fn known(fleet: &Fleet, sink: &Sink) {
    for release in &fleet.releases {
        let installer = release.installer;
        let version = installer.version;
        let InstallerKind::Ister = installer.kind.value;
        if !KNOWN.contains(&version.value.0) {
            let message =
                format!("fleetc does not know ister {}, only {} to {}", version.value.0, KNOWN.start(), KNOWN.end());
            sink.report(
                UNKNOWN_INSTALLER_VERSION.at(version.span, message).help("the version that `kernel` and `initrd` hold"),
            );
        } else if release.version.value == Version::Latest {
            gate(version, 40, "version: latest", release.version.span, sink);
        }
    }
}

/// Reports what came with a later version than the installer's.
fn gate(version: Spanned<InstallerVersion>, since: u32, key: &str, span: Span, sink: &Sink) {
    let has = version.value.0;
    if has < since && KNOWN.contains(&has) {
        let message = format!("ister {has} does not know `{key}`; it came with ister {since}");
        let finding = NEEDS_NEWER_INSTALLER.at(span, message).and(version.span, "the installer of its release");
        sink.report(finding.help("remove it, or install with a newer installer"));
    }
}

/// The place of a value that is set.
fn set<T>(value: &Value<T>) -> Option<Span> {
    value.get().map(|value| value.span)
}

/// Settings by the versions that brought them.
pub(super) fn settings(setup: &Setup<'_>, sink: &Sink) {
    let Some(version) = setup.ister().filter(|version| version.value.0 < 64) else { return };
    let settings = setup.settings;
    let yes = |value: &Value<bool>| value.get().filter(|value| value.value).map(|value| value.span);
    let dnf = settings.software_manager.get().filter(|manager| manager.value == SoftwareManager::Dnf);
    let hooks = &settings.hooks;
    let keys = [
        (42, "legacy_bios", yes(&settings.legacy_bios)),
        (43, "https_proxy", set(&settings.https_proxy)),
        (43, "http_proxy", set(&settings.http_proxy)),
        (53, "cmdline", set(&settings.cmdline)),
        (55, "pre_install_shell", set(&hooks.pre_install_shell)),
        (55, "post_nonchroot_shell", set(&hooks.post_nonchroot_shell)),
        (55, "post_chroot", set(&hooks.post_chroot)),
        (55, "post_chroot_shell", set(&hooks.post_chroot_shell)),
        (62, "software_manager", dnf.map(|manager| manager.span)),
        (64, "mirror_url", set(&settings.mirror_url)),
        (64, "version_url", set(&settings.version_url)),
    ];
    for (since, key, span) in keys {
        if let Some(span) = span {
            gate(version, since, key, span, sink);
        }
    }
}

/// Static addresses, which belong to hosts and not to settings: the interface came with version 51.
pub(in crate::rules) fn addresses(fleet: &Fleet, sink: &Sink) {
    for host in fleet.hosts.iter().filter(|host| host.installs()) {
        let (Some(address), Some(release)) = (&host.address, host.settings.release.get()) else { continue };
        gate(fleet.release(release.value).installer.version, 51, "address", address.span, sink);
    }
}

/// Keys of users.
pub(super) fn users(setup: &Setup<'_>, sink: &Sink) {
    let Some(version) = setup.ister() else { return };
    for user in setup.settings.users() {
        if let Some(name) = &user.full_name {
            gate(version, 43, "full_name", name.span, sink);
        }
        if let Some(key) = &user.ssh_key {
            gate(version, 66, "ssh_key", key.span, sink);
        }
    }
}

/// Keys of partitions.
pub(super) fn layout(setup: &Setup<'_>, sink: &Sink) {
    let (Some(version), Some(layout)) = (setup.ister(), setup.layout()) else { return };
    for partition in layout.disks.iter().flat_map(|disk| &disk.partitions) {
        let forced = partition.force_unit.filter(|force| force.value);
        let keys = [
            (63, "encryption", partition.encryption.as_ref().map(|encryption| encryption.name.span)),
            (65, "label", partition.label.as_ref().map(|label| label.span)),
            (67, "force_unit", forced.map(|force| force.span)),
        ];
        for (since, key, span) in keys {
            if let Some(span) = span {
                gate(version, since, key, span, sink);
            }
        }
    }
}
