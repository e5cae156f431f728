//! ucd, the client that applies role texts: whether the machine has it, and whether the installer can hand it the text.

use super::is_from;
use crate::diag::{Sink, rule};
use crate::rules::setup::{Setup, head};
use crate::source::Span;

rule! {
    /// ## What it does
    /// A role with `cloud_config` whose machines are installed without `os-cloudguest`.
    ///
    /// ## Why it matters
    /// Only `os-cloudguest` brings ucd, the client that applies the text (contract B-1). When the whole system is copied
    /// the installer opens ucd's unit and fails, since there is none (I-23): the machine has neither its old system nor a
    /// new one.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }   # <-
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-core-update, openssh-server, systemd-networkd-autostart]
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    ROLE_WITHOUT_UCD, role_without_ucd: "role-without-ucd-bundle", Software, Error, fixed;
}

rule! {
    /// ## What it does
    /// A role with `cloud_config` for a release from before ucd, or with an installer that does not know ucd.
    ///
    /// ## Why it matters
    /// Since May 2017 the client's unit is `ucd.service`, and ister looks for that from version 64 on (contract B-2). An
    /// older installer, or an older release, and the unit it looks for is not there: it fails after the whole system is
    /// copied (I-23).
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 63 }   # <-
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
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
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    RELEASE_WITHOUT_UCD, release_without_ucd: "release-without-ucd", Software, Error, fixed;
}

/// The first installer that looks for `ucd.service` (contract ch. 0).
const KNOWS_UCD: u32 = 64;

/// The first release that has `ucd.service` (contract B-2: 2017-05-01; releases.tsv: 15040 is of 2017-04-28, 15100 of
/// 2017-05-03).
const HAS_UCD: u32 = 15100;

/// Bundles that bring ucd (contract B-1).
const UCD: &[&str] = &["os-cloudguest", "os-cloudguest-gce"];

/// What a role text needs.
pub(super) fn role(setup: &Setup<'_>, sink: &Sink) {
    let Some(text) = setup.role.text else { return };
    // A file is blamed where it is named, a text in the fleet file where it begins.
    let place = match setup.fleet.text(text.value).lines {
        None => text.span,
        Some(_) => Span { end: text.span.start, ..text.span },
    };
    if let Some(bundles) = setup.bundles().filter(|_| !setup.has_any(UCD)) {
        let message =
            "nothing on these machines applies this text; the installer fails at that once the disk is written";
        let finding = ROLE_WITHOUT_UCD.at(place, message).and(head(bundles), "none of these bundles brings ucd");
        sink.report(setup.blame(finding).help("add the bundle `os-cloudguest`"));
    }
    let (Some(release), Some(version)) = (setup.release(), setup.ister()) else { return };
    if version.value.0 < KNOWS_UCD {
        let message = format!(
            "ister {} cannot hand a role text over; it fails at that once the disk is written",
            version.value.0
        );
        let finding = RELEASE_WITHOUT_UCD.at(version.span, message).and(place, "a role text for these machines");
        sink.report(setup.blame(finding).help(format!("install with ister {KNOWS_UCD} or later")));
    } else if !is_from(setup, HAS_UCD) {
        let message = format!(
            "release {} has no ucd to apply role texts; the installer fails at that once the disk is written",
            release.version.value
        );
        let finding =
            RELEASE_WITHOUT_UCD.at(release.version.span, message).and(place, "a role text for these machines");
        sink.report(setup.blame(finding).help(format!("install {HAS_UCD} or later")));
    }
}
