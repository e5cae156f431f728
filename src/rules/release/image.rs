//! Boot files that tell by their names which release they are of: whether that image holds the installer, and can install
//! the release.

use crate::diag::{Sink, rule};
use crate::facts::{Releases, When, ister_day};
use crate::model::{Artifact, ArtifactSource, Fleet, InstallerKind, Location, Release, Version};
use crate::source::Span;

rule! {
    /// ## What it does
    /// Boot files of a release of November 2019 or later, with ister as the installer. The number is read from their names,
    /// like `clear-31890-pxe/initrd`.
    ///
    /// ## Why it matters
    /// Since then the official images hold clr-installer in place of ister (contract P-7). It does not know
    /// `isterconf=`: the machine boots, and nothing is installed (C-3). An image that you built yourself may hold ister.
    ///
    /// ister needs a Python module that went out of the images in early 2019; of images between that and November 2019 it
    /// is not known whether it starts, and nothing is said.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 31890
    ///     kernel: clear-31890-pxe/linux
    ///     initrd: clear-31890-pxe/initrd   # <-
    ///     installer: { kind: ister, version: 69 }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29110
    ///     kernel: clear-29110-pxe/linux
    ///     initrd: clear-29110-pxe/initrd
    ///     installer: { kind: ister, version: 69 }
    /// ```
    IMAGE_WITHOUT_ISTER, image_without_ister: "image-without-ister", Release, Warn;
}

rule! {
    /// ## What it does
    /// An installer that is younger than the boot files that are to hold it. The number of their release is read from their
    /// names.
    ///
    /// ## Why it matters
    /// The files cannot hold it, so an older installer runs than the fleet file says. fleetc writes what the younger one
    /// understands, and the older one leaves out what it does not know, in silence (contract I-9, I-45).
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29110
    ///     kernel: clear-20490-pxe/linux
    ///     initrd: clear-20490-pxe/initrd
    ///     installer: { kind: ister, version: 69 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29110
    ///     kernel: clear-29110-pxe/linux
    ///     initrd: clear-29110-pxe/initrd
    ///     installer: { kind: ister, version: 69 }
    /// ```
    INSTALLER_NEWER_THAN_IMAGE, installer_newer_than_image: "installer-newer-than-image", Release, Warn;
}

rule! {
    /// ## What it does
    /// Boot files of one swupd format that are to install a release of another. The number of their release is read from
    /// their names.
    ///
    /// ## Why it matters
    /// swupd reads releases of its own format alone, older ones no more than younger ones. It finds out when the disk is
    /// written, and stops: the machine has neither its old system nor a new one (contract I-71).
    ///
    /// fleetc knows of the changes of format at 29780 (June 2019) and 30780 (August 2019). There were others; where the
    /// names of the boot files say nothing, nothing is said. `latest` cannot cross a format: it is the newest release of
    /// the format that the installer's swupd reads.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880   # <-
    ///     kernel: clear-29110-pxe/linux
    ///     initrd: clear-29110-pxe/initrd
    ///     installer: { kind: ister, version: 69 }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29750
    ///     kernel: clear-29110-pxe/linux
    ///     initrd: clear-29110-pxe/initrd
    ///     installer: { kind: ister, version: 69 }
    /// ```
    FORMAT_CROSSING, format_crossing: "format-crossing", Release, Warn;
}

rule! {
    /// ## What it does
    /// Two releases with the same initrd, and different installers in it.
    ///
    /// ## Why it matters
    /// The initrd holds one. For the other release fleetc writes what its installer does not understand, or leaves out what
    /// it would (contract I-45).
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 69 }
    ///   canary:
    ///     version: 30010
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 67 }   # <-
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute, release: canary }
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
    ///   canary:
    ///     version: 30010
    ///     kernel: linux
    ///     initrd: initrd-67
    ///     installer: { kind: ister, version: 67 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute, release: canary }
    /// ```
    IMAGE_WITH_TWO_INSTALLERS, image_with_two_installers: "image-with-two-installers", Release, Warn;
}

/// The month in which the official images went over to clr-installer (contract P-7).
const CLR_INSTALLER: &str = "2019-11-01";

/// The first release of a new swupd format, as a tag. At 29780 went what clr-bundles had marked for deletion "at next
/// format bump" (`systemd-cryptsetup`), at 30780 the bundles that the announcement of the next one had listed.
const FORMATS: &[u32] = &[29780, 30780];

/// The number of the release that a boot file is of, where its name says so: five digits by themselves.
fn number(file: &Artifact) -> Option<(u32, Span)> {
    let name = match &file.source.value {
        ArtifactSource::Served(Location::Url(url)) => url.split_once("://")?.1.split_once('/')?.1,
        ArtifactSource::Served(Location::Path(path)) => path,
        ArtifactSource::File(name) => name,
    };
    let known = Releases::get().known();
    let words = name.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let numbers = words.filter(|word| word.len() == 5).filter_map(|word| word.parse::<u32>().ok());
    let mut numbers = numbers.filter(|number| known.contains(number) && number.is_multiple_of(10));
    numbers.next().map(|number| (number, file.source.span))
}

/// What the names of the boot files say.
pub(super) fn image(release: &Release, sink: &Sink) {
    let Some((image, place)) = number(&release.initrd).or_else(|| number(&release.kernel)) else { return };
    let (releases, installer) = (Releases::get(), release.installer);
    let InstallerKind::Ister = installer.kind.value;
    let day = releases.day_of(image).unwrap_or_default();
    if image >= releases.since(CLR_INSTALLER) {
        let message =
            format!("the official image of release {image} ({day}) holds clr-installer, and would install nothing");
        let finding = IMAGE_WITHOUT_ISTER.at(place, message).and(installer.kind.span, "ister is to be in it");
        sink.report(finding.help("take boot files from before November 2019 that hold ister"));
        return;
    }
    let version = installer.version;
    if releases.when(image, ister_day(version.value.0)) == When::Before {
        let message = format!("the image of release {image} ({day}) is older than ister {}", version.value.0);
        let finding = INSTALLER_NEWER_THAN_IMAGE.at(version.span, message).and(place, "the image");
        sink.report(finding.help("write the version that the image holds"));
    }
    let Version::Number(number) = release.version.value else { return };
    let side = |number: u32, first: u32| match releases.around(number) {
        _ if number >= first => Some(true),
        (_, Some(above)) if above < first => Some(false),
        // Behind the last tag before the change nothing is certain.
        _ => None,
    };
    let crossed = |first: &&u32| side(image, **first).zip(side(number, **first)).is_some_and(|(a, b)| a != b);
    if let Some(first) = FORMATS.iter().find(crossed) {
        let message = format!(
            "swupd in the image of release {image} cannot read release {number}: the format changed at {first}"
        );
        let finding = FORMAT_CROSSING.at(release.version.span, message).and(place, "the image");
        let side = if image < *first { "before" } else { "since" };
        sink.report(finding.help(format!("install a release {side} {first}, or take another image")));
    }
}

/// Installers that cannot both be in one image.
pub(super) fn installers(fleet: &Fleet, sink: &Sink) {
    for (index, release) in fleet.releases.iter().enumerate() {
        let version = release.installer.version;
        let same = |other: &&Release| other.initrd.source.value == release.initrd.source.value;
        let first = fleet.releases[..index].iter().find(same);
        if let Some(first) = first.filter(|first| first.installer.version.value != version.value) {
            let (other, name) = (first.installer.version, first.name.as_str());
            let message = format!(
                "the same initrd holds ister {} here, and ister {} in release `{name}`",
                version.value.0, other.value.0
            );
            let finding = IMAGE_WITH_TWO_INSTALLERS.at(version.span, message).and(other.span, "the other");
            sink.report(finding.and(release.initrd.source.span, "the initrd").help("write the version that it holds"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FORMATS;
    use crate::facts::{Bundles, Releases};

    #[test]
    fn formats_change_where_bundles_go() {
        let bundles = Bundles::get();
        for (first, gone) in FORMATS.iter().zip(["systemd-cryptsetup", "kernel-networktest"]) {
            assert_eq!(Releases::get().around(*first).0, Some(*first));
            let bundle = bundles.find(gone).expect(gone);
            assert!(!bundles.is_there_from(bundle, *first) && bundles.is_there_from(bundle, first - 1), "{gone}");
        }
    }
}
