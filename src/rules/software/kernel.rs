//! Kernels, and the boot manager that comes with them.

use crate::diag::{Sink, rule};
use crate::facts::{Brings, Bundles, When, is_kernel};
use crate::model::Bundle;
use crate::rules::setup::{Setup, head};

rule! {
    /// ## What it does
    /// Machines that are installed without a kernel.
    ///
    /// ## Why it matters
    /// The installer does not ask for one (contract I-70). It wipes the disk, installs everything else, reports success, and
    /// the machine does not boot: the boot manager comes with the kernel, too (B-5), and in later releases
    /// systemd (B-6).
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
    /// The machine boots one of them, and the list does not say which (contract I-70). Kernels of which the one includes the
    /// other are one, like `kernel-lts` and `kernel-ltscurrent` (B-4).
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
    /// A `cmdline` for machines that get no boot manager: neither a kernel nor the bundle `bootloader`; in releases before
    /// October 2017, no `os-core-update`.
    ///
    /// ## Why it matters
    /// The installer runs the new system's boot manager to put the arguments into place. When it is not there, it fails
    /// after the whole system is copied (contract I-75). The kernels bring it since October 2017 (B-4, B-5).
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]
    ///   cmdline: console=ttyS0,115200n8   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]
    ///   cmdline: console=ttyS0,115200n8
    /// ```
    CMDLINE_WITHOUT_BOOTLOADER, cmdline_without_bootloader: "cmdline-without-bootloader", Software, Error, fixed;
}

/// The month in which clr-boot-manager went from `os-core-update` to `bootloader` (contract B-5).
const BOOTLOADER_BRINGS_IT: &str = "2017-10-01";

/// The month from which `kernel-kvm` is `kernel-native` with guest tools (contract B-4).
const KVM_IS_NATIVE: &str = "2022-06-01";

/// Machines without kernel, or without the boot manager that puts kernel arguments into place.
pub(super) fn missing(setup: &Setup<'_>, brings: Brings, sink: &Sink) {
    if brings.any(Brings::KERNEL) && (brings.any(Brings::UPDATER) || setup.settings.cmdline.is_unset()) {
        return;
    }
    let (manager, help) = match setup.when(BOOTLOADER_BRINGS_IT) {
        Some(When::Before) => (Brings::UPDATER, "add the bundle `os-core-update`"),
        Some(When::Since) => (Brings::BOOT_MANAGER, "add a kernel, like `kernel-native`; it brings the boot manager"),
        Some(When::Between) | None => (Brings::BOOT_MANAGER | Brings::UPDATER, "add a kernel, and `os-core-update`"),
    };
    let without = setup.settings.cmdline.get().and_then(|cmdline| Some((cmdline, setup.lacks(manager)?)));
    if let Some((cmdline, bundles)) = without {
        let message =
            "no bundle brings the boot manager that `cmdline` needs; the installer fails once the disk is written";
        let finding = CMDLINE_WITHOUT_BOOTLOADER.at(cmdline.span, message).and(head(bundles), "these bundles");
        sink.report(setup.blame(finding).help(help));
    } else if let Some(bundles) = setup.lacks(Brings::KERNEL) {
        let finding =
            NO_KERNEL.at(head(bundles), "there is no kernel among these bundles, so the machine would not boot");
        sink.report(setup.blame(finding).help("add `kernel-native`, or `kernel-kvm` for virtual machines"));
    }
}

/// Whether two kernels are one: the one includes the other.
fn are_one(one: &Bundle, other: &Bundle, setup: &Setup<'_>) -> bool {
    let (Some(one), Some(other)) = (one.id(), other.id()) else { return false };
    let bundles = Bundles::get();
    let two = [one, other].iter().any(|kernel| kernel.name() == "kernel-kvm")
        && setup.when(KVM_IS_NATIVE) == Some(When::Before);
    !two && (bundles.is_within(one, other) || bundles.is_within(other, one))
}

/// More than one kernel.
pub(super) fn several(setup: &Setup<'_>, sink: &Sink) {
    let Some(bundles) = setup.bundles() else { return };
    let mut kernels = bundles.value.iter().filter(|bundle| is_kernel(bundle.as_str()));
    let Some(first) = kernels.next() else { return };
    for kernel in kernels.filter(|kernel| !are_one(&first.value, &kernel.value, setup)) {
        let message = format!("both `{}` and `{}` are installed", first.as_str(), kernel.as_str());
        let finding = SEVERAL_KERNELS.at(kernel.span, message).and(first.span, "the first");
        sink.report(finding.help("keep one; `bundles: { remove: […] }` takes an inherited one out"));
    }
}
