//! Proxies, mirrors, and the tool that installs the software.

use crate::diag::{Sink, rule};
use crate::model::{SoftwareManager, Value};
use crate::rules::setup::Setup;

rule! {
    /// ## What it does
    /// An `http_proxy`.
    ///
    /// ## Why it matters
    /// The installer checks its form and never uses it (contract I-73): downloads over plain http go past it, and fail
    /// where there is no other way out, with the disk already wiped.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   http_proxy: http://proxy.example:3128   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   https_proxy: http://proxy.example:3128
    /// ```
    UNUSED_HTTP_PROXY, unused_http_proxy: "unused-http-proxy", Installer, Warn;
}

rule! {
    /// ## What it does
    /// A `mirror_url` without a `version_url`, or the other way round.
    ///
    /// ## Why it matters
    /// Both tell the installed system where to find updates, and only together (contract I-72). With one of them it learns
    /// of a version from one server and looks for it on another. Neither redirects the installation itself.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   mirror_url: http://mirror.example/update   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   mirror_url: http://mirror.example/update
    ///   version_url: http://mirror.example/update
    /// ```
    HALF_A_MIRROR, half_a_mirror: "half-a-mirror", Installer, Warn;
}

rule! {
    /// ## What it does
    /// A bundle in the list of machines that are installed with `software_manager: dnf`.
    ///
    /// ## Why it matters
    /// With dnf, `bundles` lists packages (contract I-74). dnf knows no `os-core`, and fails after the disk is wiped.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   software_manager: dnf
    ///   bundles:
    ///     - linux-native
    ///     - os-core   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   software_manager: dnf
    ///   bundles:
    ///     - linux-native
    ///     - filesystem
    /// ```
    BUNDLES_WITH_DNF, bundles_with_dnf: "bundles-with-dnf", Installer, Error;
}

rule! {
    /// ## What it does
    /// `mirror_url` or `version_url` on machines that are installed with `software_manager: dnf`.
    ///
    /// ## Why it matters
    /// Both are written for swupd (contract I-72), which dnf does not install. The machine gets its updates from elsewhere.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   software_manager: dnf
    ///   bundles: [linux-native, filesystem]
    ///   mirror_url: http://mirror.example/update   # <-
    ///   version_url: http://mirror.example/update   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   software_manager: dnf
    ///   bundles: [linux-native, filesystem]
    /// ```
    MIRROR_WITH_DNF, mirror_with_dnf: "mirror-with-dnf", Installer, Warn;
}

/// A proxy that is never asked.
pub(super) fn proxy(setup: &Setup<'_>, sink: &Sink) {
    if let Some(proxy) = setup.settings.http_proxy.get() {
        let finding = UNUSED_HTTP_PROXY.at(proxy.span, "the installer never uses `http_proxy`");
        sink.report(finding.help("use `https_proxy`, and mirrors over https"));
    }
}

/// Mirrors that are half there.
pub(super) fn mirrors(setup: &Setup<'_>, sink: &Sink) {
    let (mirror, version) = (&setup.settings.mirror_url, &setup.settings.version_url);
    let (here, key, other) = match (mirror, version) {
        (Value::Is(mirror), Value::Unset) => (mirror, "mirror_url", "version_url"),
        (Value::Unset, Value::Is(version)) => (version, "version_url", "mirror_url"),
        _ => return,
    };
    let finding = HALF_A_MIRROR.at(here.span, format!("`{key}` without `{other}`"));
    sink.report(setup.blame(finding).help(format!("add `{other}: {}`, or remove both", here.value.0)));
}

/// Whether a name is that of a bundle that no package has.
fn is_bundle(name: &str) -> bool {
    let kernel = name
        .strip_prefix("kernel-")
        .is_some_and(|rest| ["native", "kvm", "lts", "aws", "gce", "hyperv"].iter().any(|kind| rest.starts_with(kind)));
    kernel || name.starts_with("os-core") || name.starts_with("os-cloudguest") || name == "systemd-networkd-autostart"
}

/// What belongs to swupd, for machines that do without it.
pub(super) fn dnf(setup: &Setup<'_>, sink: &Sink) {
    let settings = setup.settings;
    let Some(manager) = settings.software_manager.get().filter(|manager| manager.value == SoftwareManager::Dnf) else {
        return;
    };
    for bundle in settings.bundles().iter().filter(|bundle| is_bundle(bundle.as_str())) {
        let message = format!("`{}` is a bundle, and dnf installs packages", bundle.as_str());
        let finding = BUNDLES_WITH_DNF.at(bundle.span, message).and(manager.span, "with dnf");
        sink.report(setup.blame(finding).help("list packages, or remove `software_manager`"));
    }
    for (key, url) in [("mirror_url", &settings.mirror_url), ("version_url", &settings.version_url)] {
        if let Some(url) = url.get() {
            let finding = MIRROR_WITH_DNF.at(url.span, format!("`{key}` is for swupd, which dnf does not install"));
            sink.report(
                setup
                    .blame(finding.and(manager.span, "with dnf"))
                    .help("remove it: write `null` where it is inherited"),
            );
        }
    }
}
