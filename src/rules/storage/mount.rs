//! Mount points: what is mounted where, and whether it will be at boot.

use std::collections::HashMap;

use super::{is_below, mounted, partitions};
use crate::diag::{Sink, rule};
use crate::model::{Filesystem, Layout, PartType, Partition};
use crate::source::Span;

rule! {
    /// ## What it does
    /// A layout that mounts nothing on `/`.
    ///
    /// ## Why it matters
    /// There is nowhere to install to. The installer stops before it touches a disk (contract I-39).
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4 }   # <-
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
    NO_ROOT_FILESYSTEM, no_root_filesystem: "no-root-filesystem", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// Two partitions that are mounted on one path.
    ///
    /// ## Why it matters
    /// The installer rejects it (contract I-39).
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, filesystem: ext4, mount: / }   # <-
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
    DUPLICATE_MOUNT_POINT, duplicate_mount_point: "duplicate-mount-point", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// A mount point on a partition that gets no filesystem.
    ///
    /// ## Why it matters
    /// There is nothing to mount. The installer rejects it (contract I-39).
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, mount: /data }   # <-
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
    MOUNT_WITHOUT_FILESYSTEM, mount_without_filesystem: "mount-without-filesystem", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// A mount point on swap.
    ///
    /// ## Why it matters
    /// The installer takes it, wipes the disks, and fails when it mounts it (contract I-64). Swap needs no mount point: the
    /// system finds it by the type of its partition.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 4G, type: swap, mount: /swap }   # <-
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
    MOUNTED_SWAP, mounted_swap: "mounted-swap", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// A partition of its own for a folder that the system needs before it mounts anything, like `/usr` or `/etc`, or that
    /// it makes itself, like `/run`.
    ///
    /// ## Why it matters
    /// No unit is written for `/usr`, and no partition type stands for it (contract I-66): the machine boots with an empty
    /// `/usr`, which is to say it does not boot. The units themselves lie in `/etc`. What is installed below `/dev`,
    /// `/proc`, `/run` or `/sys` is hidden by the system's own mounts.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, filesystem: ext4, mount: /usr }   # <-
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
    SEPARATE_SYSTEM_FOLDER, separate_system_folder: "separate-system-folder", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// A partition that is mounted on `/var/tmp`.
    ///
    /// ## Why it matters
    /// The installer makes this folder itself and fails when it is there already (contract I-68), with the disks wiped.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, filesystem: ext4, mount: /var/tmp }   # <-
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
    ///         - { size: rest, filesystem: ext4, mount: /var }
    /// ```
    MOUNT_ON_VAR_TMP, mount_on_var_tmp: "mount-on-var-tmp", Storage, Error, fixed;
}

/// Folders that the system needs before it mounts, or makes itself.
const SYSTEM: &[&str] = &["/bin", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr"];

/// The folder that the installer makes itself.
const VAR_TMP: &str = "/var/tmp";

/// Folders below those that it can do without.
pub(super) const OPTIONAL: &[&str] = &["/usr/local", "/usr/src"];

/// Whether there is a root filesystem.
pub(super) fn root(layout: &Layout, sink: &Sink) {
    if !layout.disks.is_empty() && mounted(layout, "/").is_none() {
        let message =
            format!("layout `{}` mounts nothing on `/`; there is nowhere to install to", layout.name.as_str());
        let place = idle(layout).map_or(layout.name.span, |partition| partition.span);
        sink.report(NO_ROOT_FILESYSTEM.at(place, message).help("add `mount: /` to one partition"));
    }
}

/// The folder that must be on the root filesystem, for a path in it.
pub(super) fn separated(path: &str) -> Option<&'static str> {
    let below = |folders: &[&'static str]| folders.iter().copied().find(|folder| is_below(path, folder));
    below(SYSTEM).filter(|_| below(OPTIONAL).is_none())
}

/// Whether the installer cannot mount anything on a path, whatever it is.
pub(super) fn is_refused(path: &str) -> bool {
    path == VAR_TMP || separated(path).is_some()
}

/// The partition that could hold files and is not mounted, if there is one alone.
fn idle(layout: &Layout) -> Option<&Partition> {
    let files =
        |partition: &Partition| partition.filesystem.as_ref().is_some_and(|kind| kind.value != Filesystem::Swap);
    let mut all = partitions(layout).map(|(_, partition)| partition);
    let mut idle = all.by_ref().filter(|partition| partition.mount.is_none() && files(partition));
    idle.next().filter(|_| idle.next().is_none())
}

/// Mount points that two partitions have.
pub(super) fn twice(layout: &Layout, sink: &Sink) {
    let mut first: HashMap<&str, Span> = HashMap::new();
    for mount in partitions(layout).filter_map(|(_, partition)| partition.mount.as_ref()) {
        let Some(first) = first.insert(mount.as_str(), mount.span) else { continue };
        let message = format!("layout `{}` mounts two partitions on `{}`", layout.name.as_str(), mount.as_str());
        let finding = DUPLICATE_MOUNT_POINT.at(mount.span, message).label("again here").and(first, "first here");
        sink.report(finding.help("mount one of them elsewhere"));
    }
}

/// What cannot be mounted, or not there.
pub(super) fn places(layout: &Layout, sink: &Sink) {
    for (_, partition) in partitions(layout) {
        let Some(mount) = &partition.mount else { continue };
        let path = mount.as_str();
        match &partition.filesystem {
            // The firmware finds none either, which is reported.
            None if partition.kind.value == PartType::Efi => {}
            None => {
                let message = format!("there is no filesystem to mount on `{path}`");
                sink.report(MOUNT_WITHOUT_FILESYSTEM.at(mount.span, message).help("add one: `filesystem: ext4`"));
            }
            Some(filesystem) if filesystem.value == Filesystem::Swap => {
                let message =
                    format!("swap cannot be mounted on `{path}`; the installer fails at that once the disks are wiped");
                let finding = MOUNTED_SWAP.at(mount.span, message).and(filesystem.span, "swap");
                sink.report(finding.help("remove `mount`"));
            }
            Some(_) => {}
        }
        if let Some(folder) = separated(path) {
            let message = format!("the system does not start with `{path}` on a partition of its own");
            let finding = SEPARATE_SYSTEM_FOLDER.at(mount.span, message);
            sink.report(finding.help(format!("leave `{folder}` on the root filesystem")));
        } else if path == VAR_TMP {
            let message = "the installer makes `/var/tmp` itself, and fails when it is there already";
            sink.report(MOUNT_ON_VAR_TMP.at(mount.span, message).help("mount the partition on `/var`, or elsewhere"));
        }
    }
}
