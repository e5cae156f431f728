//! Bundles that are there, and do not hold any more what their names say.

use crate::diag::{Sink, rule};
use crate::facts::{Bundles, Releases};
use crate::model::{Release, Version};
use crate::rules::setup::Setup;

rule! {
    /// ## What it does
    /// A bundle that the release has, and that no longer holds what it was made for: `os-installer`, `pxe-server` or
    /// `telemetrics`; or one that the last release marks as deprecated.
    ///
    /// ## Why it matters
    /// The machine is installed, and what it needs is not there (contract B-9, B-10): `os-installer` is clr-installer in
    /// place of ister since June 2021, `pxe-server` has no ISC dhcpd since the end of October 2023, and `telemetrics` is
    /// an empty shell in the end.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 36010
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 69 }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles:
    ///     - kernel-native
    ///     - os-core
    ///     - os-cloudguest
    ///     - os-installer   # <-
    ///     - systemd-networkd-autostart
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
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles:
    ///     - kernel-native
    ///     - os-core
    ///     - os-cloudguest
    ///     - os-installer
    ///     - systemd-networkd-autostart
    /// ```
    OUTDATED_BUNDLE, outdated_bundle: "outdated-bundle", Software, Warn;
}

/// Bundles that lost what they were made for (contract B-9): name, first day without it, what is to be said, what to do.
const HOLLOW: &[(&str, &str, &str, &str)] = &[
    ("os-installer", "2021-06-15", "holds clr-installer, not ister", "install an older release to get ister"),
    ("pxe-server", "2023-10-31", "has no ISC dhcpd, only dnsmasq", "serve DHCP with dnsmasq"),
    // The contract has no day: it is empty in the last release.
    ("telemetrics", "2025-07-01", "is empty", "remove it"),
];

/// What is to be said of a bundle that a numbered release has in name only, and what to do.
fn fault(name: &str, release: &Release) -> Option<(String, &'static str)> {
    let Version::Number(number) = release.version.value else { return None };
    let releases = Releases::get();
    let hollow = HOLLOW.iter().find(|(hollow, day, ..)| *hollow == name && number >= releases.since(day));
    if let Some((_, _, what, help)) = hollow {
        return Some((format!("`{name}` {what} in release {number}"), help));
    }
    let bundles = Bundles::get();
    let status = bundles.find(name).and_then(|bundle| bundles.status(bundle))?;
    let dying = matches!(status, "Deprecated" | "Pending-Delete") && number >= *releases.known().end();
    dying.then(|| (format!("`{name}` is marked `{status}` in the last release"), "do without it"))
}

/// Whether a bundle is what its name says, as far as anybody can tell.
pub(super) fn is_current(name: &str, release: &Release) -> bool {
    fault(name, release).is_none()
}

/// Bundles that a release has in name only.
pub(super) fn names(setup: &Setup<'_>, sink: &Sink) {
    let (Some(bundles), Some(release)) = (setup.bundles(), setup.release()) else { return };
    for bundle in bundles.value.iter() {
        if let Some((what, help)) = fault(bundle.as_str(), release) {
            let finding = OUTDATED_BUNDLE.at(bundle.span, what).and(release.version.span, "this release is installed");
            sink.report(finding.help(help));
        }
    }
}
