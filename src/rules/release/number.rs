//! Numbers of releases: whether Clear Linux has such a number.

use crate::diag::{Diagnostic, rule};
use crate::facts::Releases;
use crate::model::{Release, Version};

rule! {
    /// ## What it does
    /// A release number that Clear Linux never had, as far as fleetc knows: below 6970, far above 43760, or none that ends
    /// in 0.
    ///
    /// ## Why it matters
    /// swupd asks for the list of that release when the disk is written already (contract ch. 1.1, I-71). There is none,
    /// and the machine has neither its old system nor a new one. Mostly a digit is missing, or was struck twice.
    ///
    /// Mixes have numbers of their own. fleetc takes machines for those of a mix when they have `mirror_url`,
    /// `version_url`, or a hook before the installation.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 2988   # <-
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 69 }
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
    /// ```
    UNKNOWN_RELEASE, unknown_release: "unknown-release", Release, Warn;
}

/// What is to be said of a number.
pub(super) fn finding(release: &Release) -> Option<Diagnostic> {
    let Version::Number(number) = release.version.value else { return None };
    let releases = Releases::get();
    let known = releases.known();
    let (first, last) = (*known.start(), *known.end());
    let message = if releases.is_far_above(number) {
        format!("release {number} lies far above {last}, the last one known")
    } else if number < first {
        format!("release {number} lies below {first}, the first one known")
    } else if !number.is_multiple_of(10) {
        format!("there is no release {number}: the numbers of Clear Linux end in 0")
    } else {
        return None;
    };
    let tag = |number: &u32| releases.around(*number).0 == Some(*number);
    let slips = [number / 10, number.saturating_mul(10)];
    let help = match (slips.iter().find(|slip| tag(slip)), releases.around(number)) {
        (Some(slip), _) => format!("did you mean {slip}?"),
        (None, (Some(below), Some(above))) => format!("the nearest known are {below} and {above}"),
        (None, _) => {
            "for a mix of your own, say with `mirror_url` and `version_url` where the machines get it".to_string()
        }
    };
    Some(UNKNOWN_RELEASE.at(release.version.span, message).help(help))
}
