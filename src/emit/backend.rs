//! What every installer's backend gives: its configuration files, and the kernel argument that names them.

use std::sync::OnceLock;

use super::ister;
use super::job::Job;
use super::part::Part;
use crate::model::InstallerKind;

/// The kernel argument that names the configuration.
pub(super) fn kernel_argument(job: &Job<'_>) -> String {
    match job.release().installer.kind.value {
        InstallerKind::Ister => ["isterconf=", &job.url(ister::CONF)].concat(),
    }
}

/// The configuration files of an installation, in the order of their names.
pub const FILES: [&str; 2] = [ister::CONF, ister::TEMPLATE];

/// What the configuration files of hosts with the same settings have in common, found when the first is made.
#[derive(Default)]
pub(super) struct Mould {
    ister: OnceLock<ister::Mould>,
}

/// The bytes of a configuration file; `mould` is that of the settings, where several hosts have them.
pub(super) fn file(job: &Job<'_>, file: u8, mould: Option<&Mould>) -> Vec<u8> {
    match (job.release().installer.kind.value, file) {
        (InstallerKind::Ister, 0) => ister::conf(&job.url(ister::TEMPLATE)),
        (InstallerKind::Ister, _) => match mould {
            Some(mould) => mould.ister.get_or_init(|| ister::Mould::of(job)).template(job),
            None => ister::template(job),
        },
    }
}

/// The parts in which two installations differ, by what their installers read.
pub(super) fn differ(a: &Job<'_>, b: &Job<'_>) -> Vec<Part> {
    match (a.release().installer.kind.value, b.release().installer.kind.value) {
        (InstallerKind::Ister, InstallerKind::Ister) => ister::differ(a, b),
    }
}

/// The parts in which two files of one name differ, as an installer reads them; none when that cannot be told.
pub(super) fn differ_as_read(kind: InstallerKind, name: &str, a: &[u8], b: &[u8]) -> Option<Vec<Part>> {
    match kind {
        InstallerKind::Ister if name == ister::TEMPLATE => ister::differ_as_read(a, b),
        InstallerKind::Ister => None,
    }
}
