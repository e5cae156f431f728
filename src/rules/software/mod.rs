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

use super::installer::{sudo, user};
use super::setup::Setup;
use crate::diag::Sink;
use crate::facts::Brings;
use crate::model::Fleet;

/// The software that machines are installed with. Each list is walked once; what is as it should be costs no more.
pub(super) fn bundles(fleet: &Fleet, sink: &Sink) {
    let setups = Setup::all(fleet);
    let mut names = presence::Names::new(fleet);
    let mut last = None;
    for setup in &setups {
        let Some(contents) = names.contents(setup) else { continue };
        let brings = contents.brings;
        kernel::missing(setup, brings, sink);
        network::started(setup, brings, sink);
        python::hooks(setup, brings, sink);
        ucd::role(setup, brings, sink);
        if !brings.any(Brings::SUDO) {
            sudo::software(setup, sink);
        }
        if !brings.any(Brings::SSHD) {
            user::software(setup, sink);
        }
        // Neighbours mostly share their bundles.
        let software = setup.software();
        if contents.doubtful && std::mem::replace(&mut last, software) != software {
            kernel::several(setup, sink);
            names.judge(setup, sink);
            outdated::names(setup, sink);
        }
    }
}
