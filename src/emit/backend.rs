//! What every installer's backend gives: its configuration files, and the kernel argument that names them.

use super::ister;
use crate::model::{Fleet, Host, Install, InstallerKind, Release, Settings};

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
        self.fleet.server.url.join(&format!("{}/{file}", self.folder))
    }

    /// The kernel argument that names the configuration.
    pub(super) fn kernel_argument(&self) -> String {
        match self.release().installer.kind.value {
            InstallerKind::Ister => format!("isterconf={}", self.url(ister::CONF)),
        }
    }
}

/// The configuration files of an installation, in the order of their names.
pub(super) const FILES: [&str; 2] = [ister::CONF, ister::TEMPLATE];

/// The bytes of a configuration file.
pub(super) fn file(job: &Job<'_>, file: u8) -> Vec<u8> {
    match (job.release().installer.kind.value, file) {
        (InstallerKind::Ister, 0) => ister::conf(&job.url(ister::TEMPLATE)),
        (InstallerKind::Ister, _) => ister::template(job),
    }
}
