//! An installation to configure: what every backend works from.

use crate::model::{Fleet, Host, Install, Release, Settings};

/// An installation to configure: one host's, or that of machines which are not listed.
#[derive(Clone, Debug)]
pub(super) struct Job<'f> {
    pub(super) fleet: &'f Fleet,
    pub(super) settings: &'f Settings,
    /// None for machines that are not listed.
    pub(super) host: Option<&'f Host>,
    /// The folder of the configuration files, relative to the tree.
    pub(super) folder: String,
    pub(super) delivery: Delivery,
}

/// How the role text reaches the new system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// There is none.
    None,
    /// The installer asks the service at this URL, by MAC address.
    Service(String),
    /// A hook fetches it from this URL.
    Fetch(String),
}

impl<'f> Job<'f> {
    /// What the installation cannot do without; rules see to it that it is there.
    pub(super) fn install(&self) -> Install<'f> {
        self.settings.install().unwrap_or_else(|| unreachable!("an installation without release, layout or bundles"))
    }

    pub(super) fn release(&self) -> &'f Release {
        self.fleet.release(self.install().release.value)
    }

    /// The URL of a configuration file.
    pub(super) fn url(&self, file: &str) -> String {
        [self.fleet.server.url.as_str(), "/", &self.folder, "/", file].concat()
    }
}
