//! An installation to configure: what every backend works from.

use crate::model::{Fleet, Host, Install, Release, Settings};

/// An installation to configure: one host's, or that of machines which are not listed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'f> {
    pub(super) fleet: &'f Fleet,
    pub(super) settings: &'f Settings,
    /// None for machines that are not listed.
    pub(super) host: Option<&'f Host>,
    pub(super) delivery: Delivery<'f>,
}

/// How the role text reaches the new system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery<'f> {
    /// There is none.
    None,
    /// The installer asks the service, by MAC address.
    Service,
    /// A hook fetches that of the role of this name.
    Fetch(&'f str),
}

/// The folder of the installer's files, below the service's.
pub(super) const INSTALLER: &str = "/static/ister";

/// The folder of a host's installer files, or of those for machines that are not listed, relative to the tree.
pub(super) fn config_folder(fleet: &Fleet, host: Option<&Host>) -> String {
    let service = &*fleet.server.service.0;
    match host {
        Some(host) => [service, INSTALLER, "/", host.name.as_str()].concat(),
        None => [service, INSTALLER].concat(),
    }
}

impl<'f> Job<'f> {
    /// What the installation cannot do without; rules see to it that it is there.
    pub(super) fn install(&self) -> Install<'f> {
        self.settings.install().unwrap_or_else(|| unreachable!("an installation without release, layout or bundles"))
    }

    pub(super) fn release(&self) -> &'f Release {
        self.fleet.release(self.install().release.value)
    }

    /// The folder of the configuration files, relative to the tree.
    pub(super) fn folder(&self) -> String {
        config_folder(self.fleet, self.host)
    }

    /// The URL of a configuration file.
    pub(super) fn url(&self, file: &str) -> String {
        [self.fleet.server.url.as_str(), "/", &self.folder(), "/", file].concat()
    }
}
