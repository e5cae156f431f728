//! Kernels, and the boot manager that comes with them.

use super::is_kernel;
use crate::diag::{Sink, rule};
use crate::rules::setup::{Setup, head};

rule! {
    /// ## What it does
    /// Machines that are installed without a kernel.
    ///
    /// ## Why it matters
    /// The installer does not ask for one (contract I-70). It wipes the disk, installs everything else, reports success, and
    /// the machine does not boot: the boot manager comes with the kernel, too (B-5).
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]
    /// ```
    NO_KERNEL, no_kernel: "no-kernel", Software, Error;
}

rule! {
    /// ## What it does
    /// More than one kernel in a list of bundles.
    ///
    /// ## Why it matters
    /// The machine boots one of them, and the list does not say which (contract I-70).
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles:
    ///     - kernel-native
    ///     - kernel-lts   # <-
    ///     - os-core
    ///     - os-cloudguest
    ///     - systemd-networkd-autostart
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles:
    ///     - kernel-lts
    ///     - os-core
    ///     - os-cloudguest
    ///     - systemd-networkd-autostart
    /// ```
    SEVERAL_KERNELS, several_kernels: "several-kernels", Software, Warn;
}

rule! {
    /// ## What it does
    /// A `cmdline` for machines that get no boot manager: neither a kernel nor the bundle `bootloader`.
    ///
    /// ## Why it matters
    /// The installer runs the new system's boot manager to put the arguments into place. When it is not there, it fails
    /// after the whole system is copied (contract I-75).
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [my-kernel, os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]
    ///   cmdline: console=ttyS0,115200n8   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [my-kernel, bootloader, os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]
    ///   cmdline: console=ttyS0,115200n8
    /// ```
    CMDLINE_WITHOUT_BOOTLOADER, cmdline_without_bootloader: "cmdline-without-bootloader", Software, Error, fixed;
}

/// How many kernels there are.
pub(super) fn kernels(setup: &Setup<'_>, sink: &Sink) {
    let Some(bundles) = setup.bundles() else { return };
    let mut kernels = bundles.value.iter().filter(|bundle| is_kernel(bundle));
    let Some(first) = kernels.next() else {
        // A mix of one's own may call its kernel as it likes.
        let own = |name: &str| name.contains("kernel") && !name.starts_with("kernel-");
        if !bundles.value.iter().any(|bundle| own(bundle.as_str())) {
            let finding =
                NO_KERNEL.at(head(bundles), "there is no kernel among these bundles, so the machine would not boot");
            sink.report(setup.blame(finding).help("add `kernel-native`, or `kernel-kvm` for virtual machines"));
        }
        return;
    };
    for kernel in kernels {
        let message = format!("both `{}` and `{}` are installed", first.as_str(), kernel.as_str());
        let finding = SEVERAL_KERNELS.at(kernel.span, message).and(first.span, "the first");
        sink.report(finding.help("keep one; `bundles: { remove: […] }` takes an inherited one out"));
    }
}

/// Kernel arguments for machines without boot manager.
pub(super) fn cmdline(setup: &Setup<'_>, sink: &Sink) {
    let (Some(cmdline), Some(bundles)) = (setup.settings.cmdline.get(), setup.bundles()) else { return };
    let manager = bundles.value.iter().any(is_kernel) || setup.has_any(&["bootloader", "hardware-uefi"]);
    if !manager {
        let message =
            "no bundle brings the boot manager that `cmdline` needs; the installer fails once the disk is written";
        let finding = CMDLINE_WITHOUT_BOOTLOADER.at(cmdline.span, message).and(head(bundles), "these bundles");
        sink.report(setup.blame(finding).help("add the bundle `bootloader`, or a kernel"));
    }
}
