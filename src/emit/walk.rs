//! What machines read on their way through the tree, part by part, for those who compare two trees.
//!
//! A listed machine executes some lines of the entry and its own script. When that installs, the installer reads its
//! configuration, the service's answer to the card, and the role text. A machine that is not listed executes the rest of
//! the entry. Another machine's label in the entry is read by none.

use super::job::Job;
use super::{Emission, backend, ipxe, order, service};
use crate::model::{ArtifactSource, Host, Mac, Release, RoleId, Unknown, artifact_path};
use crate::template::{Audience, Templates};

/// A file that a machine fetches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its path in the tree.
    pub path: String,
    /// What the machine reads of it.
    pub bytes: Vec<u8>,
}

impl<'f> Emission<'f> {
    /// The templates of the role texts.
    pub fn templates(&self) -> &Templates<'f> {
        &self.templates
    }

    /// What a listed machine reads of the entry.
    pub fn entry_of_listed(&self) -> String {
        ipxe::entry_of_listed(self.fleet)
    }

    /// What a machine that is not listed reads of the entry.
    pub fn entry_of_unlisted(&self) -> String {
        let job = self.fleet.unknown_role().map(|role| self.unknown_job(role.value));
        ipxe::entry(self.fleet, &[], job.as_ref())
    }

    /// A host's boot script: the same for all its cards.
    pub fn script(&self, host: &Host) -> String {
        if host.installs() { ipxe::install(&self.host_job(host)) } else { ipxe::local(host) }
    }

    /// The parts in which what a host's installer is told differs from what another tree tells a host of its own. Both
    /// install.
    pub fn differs(&self, host: &Host, other: &Emission<'_>, theirs: &Host) -> Vec<super::Part> {
        backend::differ(&self.host_job(host), &other.host_job(theirs))
    }

    /// The same for machines that are not listed, which both trees install with these roles.
    pub fn unlisted_differs(&self, role: RoleId, other: &Emission<'_>, theirs: RoleId) -> Vec<super::Part> {
        backend::differ(&self.unknown_job(role), &other.unknown_job(theirs))
    }

    /// The text of an audience; none for a role without one.
    pub fn text_of(&self, audience: Audience<'_>) -> Option<Vec<u8>> {
        let role = match audience {
            Audience::Role(role) => role,
            Audience::Host(host) => host.role.value,
        };
        self.fleet.role(role).text.map(|_| self.text(audience))
    }

    /// The name under which a host's role text is served; none for a role without one.
    pub fn role_of(&self, host: &Host) -> Option<String> {
        self.fleet.text_of(host).map(|_| self.role_name(host))
    }

    /// The text that a host gets.
    pub fn host_text(&self, host: &Host) -> Option<Vec<u8>> {
        let own = self.templates.is_own(host);
        self.text_of(if own { Audience::Host(host) } else { Audience::Role(host.role.value) })
    }

    /// The boot files of a release that are part of the tree, kernel and initrd: path, and name beside the fleet file.
    pub fn copies(release: &Release) -> [Option<(String, &str)>; 2] {
        [&release.kernel, &release.initrd].map(|artifact| match &artifact.source.value {
            ArtifactSource::File(name) => Some((artifact_path(name), &**name)),
            ArtifactSource::Served(_) => None,
        })
    }

    /// The entry of a tree like this one whose fleet lists other cards, and does with machines that are not listed as
    /// `unknown` says; none for `install`, which is known by its own files.
    pub fn entry_with(&self, macs: &[Mac], unknown: &Unknown) -> Option<String> {
        let role = match unknown {
            Unknown::Install(_) => Some(self.fleet.unknown_role()?),
            Unknown::Refuse | Unknown::Local => None,
        };
        let job = role.map(|role| self.unknown_job(role.value));
        Some(ipxe::entry_by(self.fleet, unknown, macs, job.as_ref()))
    }

    /// The configuration of a host's installer; the host installs.
    pub fn configuration(&self, host: &Host) -> Vec<Fetched> {
        configuration(&self.host_job(host))
    }

    /// The same for machines that are not listed.
    pub fn unlisted_configuration(&self, role: RoleId) -> Vec<Fetched> {
        configuration(&self.unknown_job(role))
    }

    /// The parts in which a file of a configuration differs from one that was read; none when that cannot be told.
    pub fn parts(&self, release: &Release, name: &str, was: &[u8], now: &[u8]) -> Option<Vec<super::Part>> {
        backend::differ_as_read(release.installer.kind.value, name, was, now)
    }

    /// The service's answer to a card whose machine has a role.
    pub fn answer(mac: Mac, role: &str) -> Vec<u8> {
        service::config(&mac.colons(), role)
    }

    /// Every file that a host reads on its walk, besides boot files, in the order of reading.
    pub fn walk(&self, host: &Host) -> Vec<Fetched> {
        let service = &self.fleet.server.service.0;
        let fetched = |path: String, bytes: Vec<u8>| Fetched { path, bytes };
        let mut files = vec![fetched(order::ENTRY.to_string(), self.entry_of_listed().into_bytes())];
        let script = self.script(host);
        let boot = |mac: &Mac| fetched(format!("boot/{}.ipxe", mac.hyphens()), script.clone().into_bytes());
        files.extend(host.macs.iter().map(|mac| boot(mac)));
        if host.installs() {
            files.extend(configuration(&self.host_job(host)));
            if let Some(role) = self.role_of(host) {
                let config = |mac: &Mac| {
                    let mac = mac.colons();
                    fetched(format!("{service}/get_config/{mac}"), service::config(&mac, &role))
                };
                files.extend(host.macs.iter().map(|mac| config(mac)));
                files.extend(self.host_text(host).map(|text| fetched(format!("{service}/get_role/{role}"), text)));
            }
        }
        files
    }

    /// The same for a machine that is not listed.
    pub fn unlisted_walk(&self) -> Vec<Fetched> {
        let service = &self.fleet.server.service.0;
        let mut files = vec![Fetched { path: order::ENTRY.to_string(), bytes: self.entry_of_unlisted().into_bytes() }];
        if let Some(role) = self.fleet.unknown_role() {
            files.extend(configuration(&self.unknown_job(role.value)));
            let path = format!("{service}/get_role/{}", self.fleet.role(role.value).name.as_str());
            files.extend(self.text_of(Audience::Role(role.value)).map(|bytes| Fetched { path, bytes }));
        }
        files
    }
}

/// The files of an installer's configuration.
fn configuration(job: &Job<'_>) -> Vec<Fetched> {
    let files = backend::FILES.iter().enumerate();
    let file = |(index, name): (usize, &&str)| Fetched {
        path: format!("{}/{name}", job.folder()),
        bytes: backend::file(job, index as u8, None),
    };
    files.map(file).collect()
}
