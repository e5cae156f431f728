//! What the installer makes of settings: what it cannot do without, what its version knows, users, hooks.

pub(super) mod hook;
pub(super) mod missing;
pub(super) mod state;
pub(super) mod sudo;
pub(super) mod url;
pub(super) mod user;
pub(super) mod version;

use super::setup::Setup;
use crate::diag::Sink;
use crate::model::Fleet;

/// What can be said of the settings of machines.
const SETTINGS: &[fn(&Setup<'_>, &Sink)] =
    &[hook::commands, missing::bundles, url::dnf, url::mirrors, url::proxy, version::settings];

/// What can be said of a list of users, with the installer that creates them.
const USERS: &[fn(&Setup<'_>, &Sink)] =
    &[sudo::several, user::logins, user::names, user::passwords, user::uids, version::users];

/// The settings that machines are installed with.
pub(super) fn settings(fleet: &Fleet, sink: &Sink) {
    let setups = Setup::all(fleet);
    missing::settings(fleet, &setups, sink);
    for setup in &setups {
        for check in SETTINGS {
            check(setup, sink);
        }
    }
    let users = |setup: &Setup<'_>| {
        setup.settings.users.get().filter(|users| !users.value.is_empty()).map(|users| users.value.as_ptr() as usize)
    };
    let release = |setup: &Setup<'_>| setup.settings.release.get().map(|release| release.value);
    for setup in Setup::distinct(&setups, |setup| Some((users(setup)?, release(setup)))) {
        for check in USERS {
            check(setup, sink);
        }
    }
    let layout = |setup: &Setup<'_>| setup.settings.layout.get().map(|layout| layout.value);
    for setup in Setup::distinct(&setups, |setup| Some((layout(setup)?, release(setup)?))) {
        version::layout(setup, sink);
    }
}
