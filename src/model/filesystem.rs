//! Filesystems as words: types, labels, mount points, encryption.

use std::fmt;
use std::sync::Arc;

use super::text::{FromText, first_bad, made_of, text_schema};
use super::url::shown;
use super::word::words;
use crate::diag::{Fault, rule};

rule! {
    /// ## What it does
    /// A mount point that is not a clean absolute path of letters, digits, `.` and `_`.
    ///
    /// ## Why it matters
    /// A relative path is mounted beside the target instead of in it, and a trailing slash gives a unit with a wrong
    /// name (contract I-65). A `-` or another special character gives a unit that systemd refuses: the filesystem is
    /// made, and never mounted (I-67).
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, filesystem: ext4, mount: /var/lib/my-data }   # <-
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
    ///         - { size: rest, filesystem: ext4, mount: /var/lib/my_data }
    /// ```
    pub MALFORMED_MOUNT_POINT, malformed_mount_point: "malformed-mount-point", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// A filesystem label, option or mapper name with characters that the installer's command line would split.
    ///
    /// ## Why it matters
    /// The installer pastes labels and options into the `mkfs` command (contract I-62): a blank or a quote makes
    /// another argument of the rest, after the partition table was written.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot, label: my boot }   # <-
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot, label: my_boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    pub MALFORMED_FILESYSTEM_WORD, malformed_filesystem_word: "malformed-filesystem-word", Storage, Error, fixed;
}

words! {
    /// A filesystem that the installer can make (contract I-37).
    pub Filesystem, "filesystem", "filesystem of a partition": {
        /// ext2.
        Ext2 = "ext2",
        /// ext3.
        Ext3 = "ext3",
        /// ext4.
        Ext4 = "ext4",
        /// FAT, for the EFI partition.
        Vfat = "vfat",
        /// btrfs.
        Btrfs = "btrfs",
        /// XFS.
        Xfs = "xfs",
        /// Swap space.
        Swap = "swap",
    }
}

impl Filesystem {
    /// The longest label it can have, in bytes (contract I-62).
    pub fn longest_label(self) -> usize {
        match self {
            Filesystem::Vfat => 11,
            Filesystem::Xfs => 12,
            Filesystem::Swap => 15,
            Filesystem::Ext2 | Filesystem::Ext3 | Filesystem::Ext4 => 16,
            Filesystem::Btrfs => 255,
        }
    }
}

/// A mount point: absolute, clean, and safe as the name of a systemd unit (contract I-65, I-67).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MountPoint(Arc<str>);

impl MountPoint {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromText for MountPoint {
    fn from_text(text: &str) -> Result<MountPoint, Fault> {
        let fault = |what: &str, help: String| {
            Err(MALFORMED_MOUNT_POINT.fault(format!("the mount point `{text}` {what}")).help(help))
        };
        if text == "/" {
            return Ok(MountPoint(text.into()));
        }
        let Some(path) = text.strip_prefix('/') else {
            return fault("is not absolute", format!("write `/{text}`"));
        };
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            let clean: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
            let clean = format!("/{}", clean.join("/"));
            let mut result = fault("is not clean", format!("write `{clean}`"));
            if let Err(fault) = &mut result
                && !path.split('/').any(|part| matches!(part, "." | ".."))
                && MountPoint::from_text(&clean).is_ok()
            {
                fault.instead = Some(clean);
            }
            return result;
        }
        if let Some(bad) = first_bad(path, |c| c.is_ascii_alphanumeric() || "/._".contains(c)) {
            let what = format!("has {}; systemd would refuse its unit", shown(bad));
            return fault(&what, "letters, digits, `.` and `_`".to_string());
        }
        Ok(MountPoint(text.into()))
    }
}

text_schema!(MountPoint, "mount point", "absolute path of letters, digits, dots and underscores",
    "type": "string", "pattern": "^/([A-Za-z0-9._]+(/[A-Za-z0-9._]+)*)?$");

/// A filesystem label (contract I-62).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FsLabel(pub Arc<str>);

impl FromText for FsLabel {
    fn from_text(text: &str) -> Result<FsLabel, Fault> {
        if !made_of(text, "_-") || text.starts_with('-') {
            let fault = MALFORMED_FILESYSTEM_WORD.fault(format!("`{text}` is no label that the installer can set"));
            return Err(fault.help("letters, digits, `_` and `-`"));
        }
        Ok(FsLabel(text.into()))
    }
}

text_schema!(FsLabel, "filesystem label", "letters, digits, underscores and hyphens",
    "type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_-]*$");

/// Options for the command that makes a filesystem (contract I-62).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MkfsOptions(pub Arc<str>);

impl FromText for MkfsOptions {
    fn from_text(text: &str) -> Result<MkfsOptions, Fault> {
        if !made_of(text, " ._,=^:/+-") || text.trim() != text {
            let fault =
                MALFORMED_FILESYSTEM_WORD.fault(format!("`{text}` are no options that the installer can pass on"));
            return Err(fault.help("it splits them at blanks; quotes and other special characters do not survive"));
        }
        Ok(MkfsOptions(text.into()))
    }
}

text_schema!(MkfsOptions, "mkfs options", "options for the command that makes the filesystem",
    "type": "string", "pattern": "^[A-Za-z0-9._,=^:/+-]+( +[A-Za-z0-9._,=^:/+-]+)*$");

/// The name of an encrypted volume under `/dev/mapper`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VolumeName(pub Arc<str>);

impl FromText for VolumeName {
    fn from_text(text: &str) -> Result<VolumeName, Fault> {
        if !made_of(text, "_-") || text.starts_with('-') || text.len() > 64 || text == "control" {
            let fault = MALFORMED_FILESYSTEM_WORD.fault(format!("`{text}` is no name for an encrypted volume"));
            return Err(fault.help("letters, digits, `_` and `-`"));
        }
        Ok(VolumeName(text.into()))
    }
}

text_schema!(VolumeName, "volume name", "letters, digits, underscores and hyphens",
    "type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$");

/// A passphrase. It is never shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Passphrase(pub Arc<str>);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

impl FromText for Passphrase {
    fn from_text(text: &str) -> Result<Passphrase, Fault> {
        if text.is_empty() || text.chars().any(char::is_control) {
            let fault = MALFORMED_FILESYSTEM_WORD.fault("a passphrase is empty or has control characters");
            return Err(fault.help("someone types it at the console at each boot"));
        }
        Ok(Passphrase(text.into()))
    }
}

text_schema!(Passphrase, "passphrase", "passphrase of an encrypted volume", "type": "string", "minLength": 1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_make_units_that_systemd_takes() {
        // contract I-65, I-67
        for good in ["/", "/boot", "/srv/data_1"] {
            assert!(MountPoint::from_text(good).is_ok(), "{good}");
        }
        for bad in ["", "data", "/data/", "//data", "/a/../b", "/my-data", "/my data", "/ä"] {
            assert!(MountPoint::from_text(bad).is_err(), "{bad}");
        }
    }
}
