//! Bundles: whether the release has them, and whether what is installed boots, has a network, and can apply its role.
//!
//! Which release has which bundle, and which bundle brings what, is in [`crate::facts`].

pub(super) mod catalogue;
pub(super) mod kernel;
pub(super) mod network;
pub(super) mod outdated;
pub(super) mod presence;
pub(super) mod python;
pub(super) mod ucd;

use super::setup::Setup;
use crate::diag::Sink;
use crate::model::Fleet;

/// The software that machines are installed with.
pub(super) fn bundles(fleet: &Fleet, sink: &Sink) {
    let setups = Setup::all(fleet);
    let mut names = presence::Names::new(fleet);
    let mut last = None;
    for setup in &setups {
        kernel::missing(setup, sink);
        network::started(setup, sink);
        python::hooks(setup, sink);
        ucd::role(setup, sink);
        // Neighbours mostly share their bundles.
        let software = setup.software();
        if std::mem::replace(&mut last, software) != software {
            kernel::several(setup, sink);
            names.judge(setup, sink);
            outdated::names(setup, sink);
        }
    }
}
