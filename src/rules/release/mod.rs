//! Releases: whether there is such a number, and whether release, installer and boot files go together.

pub(super) mod image;
pub(super) mod number;
pub(super) mod ucd;

use super::setup::Setup;
use crate::diag::Sink;
use crate::model::{Fleet, ReleaseId};

/// The releases by themselves.
pub(super) fn releases(fleet: &Fleet, sink: &Sink) {
    image::installers(fleet, sink);
    for (index, release) in fleet.releases.iter().enumerate() {
        image::image(release, sink);
        // A mix has numbers of its own. That is looked up only for the few that are no numbers of Clear Linux.
        if let Some(finding) = number::finding(release) {
            let mixed = |setup: &Setup<'_>| {
                let of_it = setup.settings.release.get().is_some_and(|id| id.value == ReleaseId(index as u32));
                of_it && setup.has_own_source()
            };
            if !Setup::all(fleet).iter().any(mixed) {
                sink.report(finding);
            }
        }
    }
}

/// Releases with the roles of the machines that get them.
pub(super) fn roles(fleet: &Fleet, sink: &Sink) {
    let setups = Setup::all(fleet);
    let role = |setup: &Setup<'_>| Some((setup.role.text?.value, setup.settings.release.get()?.value));
    for setup in Setup::distinct(&setups, role) {
        ucd::role(setup, sink);
    }
}
