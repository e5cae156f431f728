//! Disks as words: names, sizes, partition types.

use std::sync::Arc;

use super::text::{FromText, made_of, text_schema};
use super::word::words;
use crate::diag::{Fault, rule};

rule! {
    /// ## What it does
    /// A disk that is not named as the kernel names it, like `sda` or `nvme0n1`.
    ///
    /// ## Why it matters
    /// The installer puts `/dev/` before the name: `/dev/sda` becomes `/dev//dev/sda` and stops it, and a path like
    /// `disk/by-id/…` fails after the partition table is already gone (contract I-54).
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: /dev/sda   # <-
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
    pub MALFORMED_DISK_NAME, malformed_disk_name: "malformed-disk-name", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// A size that is not a whole number with `M`, `G` or `T` behind it, or `rest`.
    ///
    /// ## Why it matters
    /// The installer takes no other form: `512m`, `512MB` and `1.5G` stop it, a bare number crashes it (contract
    /// I-32). The units are binary: `M` is a MiB.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512MB, type: EFI, filesystem: vfat, mount: /boot }   # <-
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
    pub MALFORMED_SIZE, malformed_size: "malformed-size", Storage, Error, fixed;
}

/// A disk by its kernel name (contract I-54).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DiskName(Arc<str>);

impl DiskName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromText for DiskName {
    fn from_text(text: &str) -> Result<DiskName, Fault> {
        let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !plain || !text.starts_with(|c: char| c.is_ascii_lowercase()) || text.len() > 32 {
            let fault = MALFORMED_DISK_NAME.fault(format!("`{text}` is no disk as the kernel names it"));
            let help = match text.strip_prefix("/dev/") {
                Some(name) if made_of(name, "") => format!("write `{name}`"),
                _ => "a name like `sda`, `nvme0n1` or `vda`; `lsblk -d` lists them".to_string(),
            };
            return Err(fault.help(help));
        }
        Ok(DiskName(text.into()))
    }
}

text_schema!(DiskName, "disk name", "disk as the kernel names it, like sda or nvme0n1",
    "type": "string", "pattern": "^[a-z][a-z0-9]{0,31}$");

/// A size in MiB, kept as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    text: Arc<str>,
    mib: u64,
}

impl Size {
    /// The size in MiB.
    pub fn mib(&self) -> u64 {
        self.mib
    }

    /// As the installer reads it: a whole number and a unit.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Size {
    /// The size that a misspelt one can only mean, in the largest unit that takes a whole number.
    fn meant(text: &str) -> Option<String> {
        let text = text.replace(' ', "");
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let power = match text[number.len()..].to_ascii_uppercase().as_str() {
            "K" | "KB" | "KIB" => 0,
            "M" | "MB" | "MIB" => 1,
            "G" | "GB" | "GIB" => 2,
            "T" | "TB" | "TIB" => 3,
            _ => return None,
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) {
            return None;
        }
        // In KiB, times ten for each digit behind the point: exact, or no size.
        let scale = 10u128.pow(part.len() as u32);
        let scaled = (format!("{whole}{part}").parse::<u128>().ok()?) << (10 * power);
        let mib = (scaled % (scale << 10) == 0).then_some(scaled / (scale << 10)).filter(|mib| *mib > 0)?;
        Some(match mib {
            _ if power >= 3 && mib % (1 << 20) == 0 => format!("{}T", mib >> 20),
            _ if power >= 2 && mib % (1 << 10) == 0 => format!("{}G", mib >> 10),
            _ => format!("{mib}M"),
        })
    }
}

impl FromText for Size {
    fn from_text(text: &str) -> Result<Size, Fault> {
        let fault = |help: &str| {
            let fault = MALFORMED_SIZE.fault(format!("`{text}` is no size that the installer takes"));
            Err(match Size::meant(text) {
                Some(size) => fault.help(format!("write `{size}`: a whole number and `M`, `G` or `T`")).instead(size),
                None => fault.help(help),
            })
        };
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let factor = match &text[digits.len()..] {
            "M" => 1,
            "G" => 1 << 10,
            "T" => 1 << 20,
            "" if made_of(text, "") => return fault(&format!("add the unit: `{text}M`, `{text}G` or `{text}T`")),
            _ => return fault("a whole number and `M`, `G` or `T` (MiB, GiB, TiB), like `512M`"),
        };
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        match digits.parse::<u64>().ok().filter(|_| plain).and_then(|count| count.checked_mul(factor)) {
            Some(mib) if mib <= 1 << 40 => Ok(Size { text: text.into(), mib }),
            _ if digits.contains('.') => fault("a whole number; take the next smaller unit"),
            _ if !digits.is_empty() && digits.bytes().all(|byte| byte == b'0') => fault("a size is at least `1M`"),
            _ => fault("a whole number and `M`, `G` or `T`, like `512M`"),
        }
    }
}

text_schema!(Size, "size", "whole number and M, G or T: MiB, GiB, TiB",
    "type": "string", "pattern": "^[1-9][0-9]*[MGT]$");

/// The size of a partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PartSize {
    /// A fixed size.
    Fixed(Size),
    /// What is left of the disk.
    Rest,
}

impl PartSize {
    /// As the installer reads it.
    pub fn as_str(&self) -> &str {
        match self {
            PartSize::Fixed(size) => size.as_str(),
            PartSize::Rest => "rest",
        }
    }
}

impl FromText for PartSize {
    fn from_text(text: &str) -> Result<PartSize, Fault> {
        match text {
            "rest" => Ok(PartSize::Rest),
            _ if text.eq_ignore_ascii_case("rest") => {
                Err(MALFORMED_SIZE.fault(format!("`{text}` is no size")).help("write `rest`").instead("rest"))
            }
            _ => Size::from_text(text).map(PartSize::Fixed),
        }
    }
}

text_schema!(PartSize, "partition size", "whole number and M, G or T, or `rest`",
    "type": "string", "pattern": "^([1-9][0-9]*[MGT]|rest)$");

words! {
    /// The type of a partition (contract 1.3).
    pub PartType, "partition type", "type of a partition": {
        /// The firmware's boot partition.
        Efi = "EFI",
        /// A partition for a filesystem.
        Linux = "linux",
        /// Swap space.
        Swap = "swap",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_what_the_installer_takes() {
        // contract I-32
        for (text, mib) in [("512M", 512), ("4G", 4096), ("2T", 2 << 20)] {
            assert_eq!(Size::from_text(text).map(|size| size.mib()).ok(), Some(mib));
        }
        for bad in [
            "512m",
            "512MB",
            "1.5G",
            "0M",
            "M",
            " 512M",
            "+5M",
            "1_0M",
            "512",
            "",
            "05M",
            "-1G",
            "99999999999999999999T",
        ] {
            assert!(Size::from_text(bad).is_err(), "{bad}");
        }
        assert_eq!(PartSize::from_text("rest").ok(), Some(PartSize::Rest));
    }

    #[test]
    fn a_misspelt_size_is_repaired_where_it_can_mean_one_alone() {
        let repaired = |text: &str| Size::from_text(text).err().and_then(|fault| fault.instead);
        for (text, size) in [
            ("512MB", "512M"),
            ("512 m", "512M"),
            ("4GiB", "4G"),
            ("1.5G", "1536M"),
            ("0.5t", "512G"),
            ("1024G", "1024G"),
            ("2048K", "2M"),
            ("05M", "5M"),
        ] {
            let expected = (Size::from_text(text).is_err()).then(|| size.to_string());
            assert_eq!(repaired(text), expected, "{text}");
        }
        for text in ["512", "", "M", "0M", "0.3M", "1.2.3G", "1.G", "-1G", "1e3M", "12345678901G", "1000K", "ä"] {
            assert_eq!(repaired(text), None, "{text}");
        }
    }

    #[test]
    fn disks_are_kernel_names() {
        // contract I-54
        assert!(DiskName::from_text("nvme0n1").is_ok());
        for bad in ["/dev/sda", "disk/by-id/x", "SDA", "0a", "", "sd-a"] {
            assert!(DiskName::from_text(bad).is_err(), "{bad}");
        }
    }
}
