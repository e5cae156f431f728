//! What bundles bring, by themselves and through the bundles that they include.

use std::ops::{BitOr, BitOrAssign};
use std::sync::OnceLock;

use super::{BundleId, Bundles};

/// A set of things that bundles bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brings(u16);

impl Brings {
    /// A kernel to boot (contract B-4).
    pub const KERNEL: Brings = Brings(1);
    /// clr-boot-manager, since October 2017 (contract B-5).
    pub const BOOT_MANAGER: Brings = Brings(1 << 1);
    /// The client for updates, and up to October 2017 clr-boot-manager (contract B-5, B-6).
    pub const UPDATER: Brings = Brings(1 << 2);
    /// ucd, which applies role texts (contract B-1).
    pub const UCD: Brings = Brings(1 << 3);
    /// systemd-networkd, started (contract B-8).
    pub const NETWORKD: Brings = Brings(1 << 4);
    /// NetworkManager (contract B-8).
    pub const NETWORK_MANAGER: Brings = Brings(1 << 5);
    /// iwd, which sets wireless cards up by itself.
    pub const IWD: Brings = Brings(1 << 6);
    /// An SSH server (contract B-3).
    pub const SSHD: Brings = Brings(1 << 7);
    /// sudo (contract B-3).
    pub const SUDO: Brings = Brings(1 << 8);
    /// Python 3 (contract B-3, B-9).
    pub const PYTHON: Brings = Brings(1 << 9);
    /// What opens an encrypted root (contract B-5).
    pub const UNLOCKER: Brings = Brings(1 << 10);
    /// Python 3 since a day: `os-cloudguest` includes it only since July 2019 (contract B-3).
    pub const LATE_PYTHON: Brings = Brings(1 << 11);

    /// Whether something of `other` is in it.
    pub fn any(self, other: Brings) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Brings {
    type Output = Brings;

    fn bitor(self, other: Brings) -> Brings {
        Brings(self.0 | other.0)
    }
}

impl BitOrAssign for Brings {
    fn bitor_assign(&mut self, other: Brings) {
        self.0 |= other.0;
    }
}

/// Whether a bundle is a kernel by its name (contract B-4): not those that only build modules for one, and not the script
/// that installs one.
pub fn is_kernel(name: &str) -> bool {
    name.starts_with("kernel-") && !name.ends_with("-dkms") && name != "kernel-install"
}

/// What a bundle holds itself.
fn own(name: &str) -> Brings {
    match name {
        "bootloader" => Brings::BOOT_MANAGER,
        "bootloader-extras" | "boot-encrypted" => Brings::UNLOCKER,
        "iwd" => Brings::IWD,
        "openssh-server" | "os-cloudguest-azure" => Brings::SSHD,
        "os-cloudguest" => Brings::UCD | Brings::SSHD | Brings::SUDO | Brings::LATE_PYTHON,
        "os-cloudguest-gce" => Brings::UCD,
        "os-core-update" => Brings::UPDATER,
        "python-basic" | "python3-basic" => Brings::PYTHON,
        "sudo" | "sysadmin-basic" => Brings::SUDO,
        "systemd-networkd-autostart" => Brings::NETWORKD,
        _ if name.starts_with("NetworkManager") => Brings::NETWORK_MANAGER,
        _ if is_kernel(name) => Brings::KERNEL | Brings::BOOT_MANAGER,
        _ => Brings::default(),
    }
}

fn closures(bundles: &Bundles) -> Vec<Brings> {
    let mut brings: Vec<Brings> = bundles.all().map(|bundle| own(bundle.name())).collect();
    let included = |outer: BundleId| bundles.includes(outer).map(move |inner| (outer.index(), inner.index()));
    let pairs: Vec<(usize, usize)> = bundles.all().flat_map(included).collect();
    let mut grown = true;
    while grown {
        grown = false;
        for &(outer, inner) in &pairs {
            let mut all = brings[outer] | brings[inner];
            if all.any(Brings::LATE_PYTHON) {
                all.0 &= !Brings::PYTHON.0;
            }
            grown |= all != brings[outer];
            brings[outer] = all;
        }
    }
    brings
}

/// What a bundle brings, by itself and through those that it includes. Which includes which is known of the last
/// release; an older one may bring less.
pub fn brings(bundle: BundleId) -> Brings {
    static BRINGS: OnceLock<Vec<Brings>> = OnceLock::new();
    BRINGS.get_or_init(|| closures(Bundles::get()))[bundle.index()]
}

#[cfg(test)]
mod tests {
    use super::{Brings, brings};
    use crate::facts::Bundles;

    #[test]
    fn includes_are_followed() {
        let bring = |name: &str, what| brings(Bundles::get().find(name).expect(name)).any(what);
        assert!(bring("kernel-native", Brings::KERNEL) && bring("kernel-native", Brings::BOOT_MANAGER));
        assert!(bring("kernel-aws-dkms", Brings::KERNEL), "it includes kernel-aws");
        assert!(!bring("kernel-native-dkms", Brings::KERNEL) && !bring("kernel-install", Brings::KERNEL));
        assert!(!bring("sysadmin-basic", Brings::KERNEL), "it includes kernel-install");
        // desktop: sysadmin-basic; vnc-server: desktop, openssh-server
        assert!(bring("desktop", Brings::SUDO) && bring("desktop", Brings::NETWORK_MANAGER));
        assert!(bring("os-cloudguest", Brings::LATE_PYTHON) && !bring("os-cloudguest", Brings::PYTHON));
        assert!(bring("ansible", Brings::PYTHON) && bring("vnc-server", Brings::SSHD));
        assert!(bring("user-basic", Brings::UPDATER) && !bring("os-core", Brings::UPDATER));
        assert!(!bring("os-cloudguest-aws", Brings::UCD));
    }
}
