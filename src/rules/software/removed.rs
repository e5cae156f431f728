//! Bundles that were renamed or removed.

use super::is_from;
use crate::diag::{Sink, rule};
use crate::rules::setup::Setup;

rule! {
    /// ## What it does
    /// A bundle that the release no longer has.
    ///
    /// ## Why it matters
    /// Bundles were renamed and removed over the years (contract B-9). The installer leaves it to swupd what to do about a
    /// name that it does not find (I-70): the machine lacks the software, or is not installed at all.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles:
    ///     - kernel-native
    ///     - os-core
    ///     - os-cloudguest
    ///     - cloud-network   # <-
    ///     - systemd-networkd-autostart
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles:
    ///     - kernel-native
    ///     - os-core
    ///     - os-cloudguest
    ///     - network-basic
    ///     - systemd-networkd-autostart
    /// ```
    REMOVED_BUNDLE, removed_bundle: "removed-bundle", Software, Error;
}

/// Bundles that are gone: name, the first release without it, and what to take in its place, where the contract says so
/// or the name does (contract B-9; the numbers are those of bundles.tsv).
const GONE: &[(&str, u32, Option<&str>)] = &[
    ("cloud-dashboard", 14580, None),
    ("cloud-network", 16290, Some("network-basic")),
    ("kernel-container", 29780, Some("kernel-kvm")),
    ("kernel-embedded", 13590, Some("kernel-native")),
    ("kernel-hyperv-mini", 30780, Some("kernel-hyperv")),
    ("kernel-iot", 14580, Some("kernel-native")),
    ("kernel-lts2017", 42710, Some("kernel-ltsprev")),
    ("kernel-lts2018", 42710, Some("kernel-ltsprev")),
    ("kernel-lts2019", 42710, Some("kernel-ltsprev")),
    ("kernel-lts2020", 42710, Some("kernel-ltsprev")),
    ("kernel-lts2021", 42710, Some("kernel-ltsprev")),
    ("kernel-networktest", 30780, Some("kernel-native")),
    ("kernel-pk", 30780, Some("kernel-native")),
    ("kernel-pxe", 13590, Some("kernel-native")),
    ("os-clear-containers", 29780, None),
    ("os-cloudguest-cci", 13590, Some("os-cloudguest")),
    ("os-core-doc", 13590, None),
    ("os-dev-extras", 15210, None),
    ("os-dev-full", 13590, None),
    ("os-utils", 13590, None),
    ("os-utils-dev", 13590, None),
    ("os-utils-doc", 13590, None),
    ("python-basic-dev", 38500, Some("python3-basic")),
    ("python2-basic", 38500, Some("python3-basic")),
    ("sysadmin", 13590, Some("sysadmin-basic")),
    ("sysadmin-advanced", 14580, Some("sysadmin-basic")),
    ("sysadmin-basic-doc", 13590, Some("sysadmin-basic")),
];

/// Names that the release does not have any more.
pub(super) fn names(setup: &Setup<'_>, sink: &Sink) {
    let (Some(bundles), Some(release)) = (setup.bundles(), setup.release()) else { return };
    for bundle in bundles.value.iter() {
        let name = bundle.as_str();
        let Ok(index) = GONE.binary_search_by(|(gone, ..)| (*gone).cmp(name)) else { continue };
        let (_, since, successor) = GONE[index];
        if is_from(setup, since) {
            let message = format!("there is no bundle `{name}` from release {since} on");
            let finding =
                REMOVED_BUNDLE.at(bundle.span, message).and(release.version.span, "this release is installed");
            let help = successor.map_or("remove it".to_string(), |successor| format!("take `{successor}`"));
            sink.report(finding.help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GONE;

    #[test]
    fn the_table_can_be_searched() {
        assert!(GONE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (name, _, successor) in GONE {
            let gone = |other: &&str| GONE.iter().any(|(name, ..)| name == other);
            assert!(successor.is_none_or(|successor| !gone(&successor)), "{name}");
        }
    }
}
