//! What the releases of a fleet have.

use super::outdated::is_current;
use crate::facts::{BundleId, Bundles, Presence, Releases, ister_day};
use crate::model::{Fleet, InstallerKind, Release, ReleaseId, Version};

/// What is to be said of a bundle in a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Verdict {
    /// It is there, as far as anybody can tell.
    Fine,
    /// The release does not have it: the release in which it was gone, and the one that brings it.
    Missing(Option<u32>, Option<u32>),
    /// The last release that is known does not have it, and this one may be another.
    Doubtful(Option<u32>, Option<u32>),
}

/// What the releases of a fleet have, each bundle looked up once.
pub(in crate::rules) struct Catalogue<'f> {
    fleet: &'f Fleet,
    /// For each release of the fleet: whether nothing is to be said of a bundle; 0 is not looked up yet.
    fine: Vec<Vec<u8>>,
}

impl<'f> Catalogue<'f> {
    pub(in crate::rules) fn new(fleet: &'f Fleet) -> Catalogue<'f> {
        Catalogue { fleet, fine: vec![Vec::new(); fleet.releases.len()] }
    }

    /// What is known of the bundles of a release.
    pub(in crate::rules) fn of(&mut self, release: ReleaseId) -> Shelf<'f, '_> {
        let fine = &mut self.fine[release.0 as usize];
        if fine.is_empty() {
            *fine = vec![0; Bundles::get().all().count()];
        }
        Shelf { release: self.fleet.release(release), fine }
    }
}

/// The bundles of a release.
pub(in crate::rules) struct Shelf<'f, 'c> {
    release: &'f Release,
    fine: &'c mut [u8],
}

impl Shelf<'_, '_> {
    /// Whether nothing is to be said of a bundle.
    pub(in crate::rules) fn is_fine(&mut self, bundle: BundleId) -> bool {
        let known = &mut self.fine[bundle.index()];
        if *known == 0 {
            let fine = verdict(bundle, self.release) == Verdict::Fine && is_current(bundle.name(), self.release);
            *known = 1 + u8::from(fine);
        }
        *known == 2
    }
}

/// The oldest release that `latest` can be. swupd takes the newest of its own format (contract I-71), and the image that
/// it stands in is no older than the installer.
fn oldest_latest(release: &Release) -> u32 {
    let InstallerKind::Ister = release.installer.kind.value;
    Releases::get().since(ister_day(release.installer.version.value.0))
}

/// What is to be said of a bundle in a release.
pub(in crate::rules) fn verdict(bundle: BundleId, release: &Release) -> Verdict {
    let (bundles, last) = (Bundles::get(), *Releases::get().known().end());
    match release.version.value {
        // The number itself is reported.
        Version::Number(number) if Releases::get().is_far_above(number) => Verdict::Fine,
        Version::Number(number) if number <= last => match bundles.presence(bundle, number) {
            Presence::Missing { gone, came } => Verdict::Missing(gone, came),
            Presence::There | Presence::Unsure => Verdict::Fine,
        },
        Version::Number(_) | Version::Latest => match bundles.presence(bundle, last) {
            Presence::Missing { gone, came }
                if release.version.value == Version::Latest
                    && !bundles.is_there_from(bundle, oldest_latest(release)) =>
            {
                Verdict::Missing(gone, came)
            }
            Presence::Missing { gone, came } => Verdict::Doubtful(gone, came),
            Presence::There | Presence::Unsure => Verdict::Fine,
        },
    }
}
