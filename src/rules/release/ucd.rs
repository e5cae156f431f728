//! Release and installer: whether the installer can hand a role text over to the release.

use crate::diag::{Diagnostic, Sink, rule};
use crate::facts::{Releases, When};
use crate::model::Version;
use crate::rules::setup::Setup;

rule! {
    /// ## What it does
    /// A role with `cloud_config` for a release from before ucd, or with an installer that does not know ucd.
    ///
    /// ## Why it matters
    /// Up to April 2017 the client's unit is `cloud-init.service`, which ister up to version 63 looks for; since May 2017 it
    /// is `ucd.service`, which ister looks for from version 64 on (contract B-2). When the unit is not there, the installer
    /// fails after the whole system is copied (I-23). An old release with an old installer does not help: the installer
    /// changes a line of the unit, and from summer 2016 to April 2017 that line reads otherwise, so that the text is never
    /// applied, in silence (I-24).
    ///
    /// So role texts need ister 64 or later, and a release since May 2017.
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
    RELEASE_WITHOUT_UCD, release_without_ucd: "release-without-ucd", Release, Error, fixed;
}

/// The first installer that looks for `ucd.service` (contract ch. 0).
const KNOWS_UCD: u32 = 64;

/// The day from which on releases have ucd (contract B-2: `f98486b1`).
const HAS_UCD: &str = "2017-05-01";

/// The first release of which it is known that ister changes nothing in its unit (contract I-24: cloud-init v18 and later,
/// of April 2016; 9560 is the first tag behind that).
const NO_MATCH_FROM: u32 = 9560;

/// Role texts for a release and an installer.
pub(super) fn role(setup: &Setup<'_>, sink: &Sink) {
    let (Some(place), Some(release), Some(version)) = (setup.text_place(), setup.release(), setup.ister()) else {
        return;
    };
    let old = version.value.0 < KNOWS_UCD;
    let finding = match (setup.when(HAS_UCD), release.version.value) {
        // `latest` is of the installer's time, and there is no good pair at any time with an old one.
        (Some(When::Since) | None, _) if old => {
            let message = format!(
                "ister {} cannot hand a role text over; it fails at that once the disk is written",
                version.value.0
            );
            RELEASE_WITHOUT_UCD
                .at(version.span, message)
                .and(release.version.span, "this release has `ucd.service`")
                .help(format!("install with ister {KNOWS_UCD} or later"))
        }
        (Some(When::Before), Version::Number(number)) if old && number >= NO_MATCH_FROM => {
            let message = format!(
                "ister {} hands role texts over in vain: the client of release {number} does not see them",
                version.value.0
            );
            since(RELEASE_WITHOUT_UCD.at(release.version.span, message).and(version.span, "this installer"))
        }
        (Some(When::Before), Version::Number(number)) if !old => {
            let message = format!(
                "release {number} has no ucd to apply role texts; the installer fails at that once the disk is written"
            );
            since(RELEASE_WITHOUT_UCD.at(release.version.span, message))
        }
        _ => return,
    };
    sink.report(setup.blame(finding.and(place, "a role text for these machines")));
}

fn since(finding: Diagnostic) -> Diagnostic {
    let release = Releases::get().since(HAS_UCD);
    finding.help(format!("install {release} or later, with ister {KNOWS_UCD} or later"))
}
