//! Bundles: whether what is installed boots, has a network, and can apply its role.
//!
//! Which bundle includes which comes from the public repository clearlinux/clr-bundles (contract ch. 5).

pub(super) mod kernel;
pub(super) mod network;
pub(super) mod removed;
pub(super) mod ucd;

use super::setup::Setup;
use crate::diag::Sink;
use crate::model::{Bundle, Fleet, Version};
use crate::source::Spanned;

/// Bundles that bring `sudo` (contract B-3, and what includes those); the likeliest first.
pub(super) const SUDO: &[&str] = &[
    "os-cloudguest",
    "desktop",
    "desktop-autostart",
    "desktop-dev",
    "os-clr-on-clr",
    "os-clr-on-clr-dev",
    "sudo",
    "sysadmin-basic",
    "sysadmin-basic-dev",
    "user-basic",
    "user-basic-dev",
    "vnc-server",
];

/// Bundles that bring an SSH server; the likeliest first.
pub(super) const SSHD: &[&str] = &[
    "os-cloudguest",
    "clr-devops",
    "clr-installer",
    "mixer",
    "openssh-server",
    "os-cloudguest-azure",
    "os-cloudguest-oracle",
    "os-clr-on-clr",
    "os-clr-on-clr-dev",
    "os-installer",
    "os-testsuite",
    "os-testsuite-automotive",
    "scm-server",
    "sysadmin-remote",
    "user-basic",
    "user-basic-dev",
    "vnc-server",
];

/// The software that machines are installed with.
pub(super) fn bundles(fleet: &Fleet, sink: &Sink) {
    let setups = Setup::all(fleet);
    for setup in Setup::distinct(&setups, Setup::software) {
        kernel::kernels(setup, sink);
        removed::names(setup, sink);
    }
    for setup in &setups {
        kernel::cmdline(setup, sink);
        network::started(setup, sink);
        ucd::role(setup, sink);
    }
}

/// Whether a release is of this number or a later one.
fn is_from(setup: &Setup<'_>, number: u32) -> bool {
    setup.release().is_some_and(|release| match release.version.value {
        Version::Number(version) => version >= number,
        Version::Latest => true,
    })
}

/// Bundles that hold a kernel (contract B-4): not those that only build modules for one.
fn is_kernel(bundle: &Spanned<Bundle>) -> bool {
    let name = bundle.as_str();
    name.starts_with("kernel-") && !name.ends_with("-dkms") && name != "kernel-install"
}
