//! The fleet: everything that the fleet file and the files it names mean.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::ids::{LayoutId, NetworkId, ReleaseId, RoleId, TextId};
use super::{
    Address, BootArg, Cidr, DiskName, Filesystem, FsLabel, Guards, Host, Hostname, Identity, InstallerKind,
    InstallerVersion, Labels, Location, MkfsOptions, MountPoint, Name, PartSize, PartType, Passphrase, Range,
    ServerUrl, ServiceFolder, Settings, Sha256, Size, Stray, Vars, Version, VolumeName,
};
use crate::source::{FileId, Span, Spanned};

/// A whole fleet.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// Where machines find the tree.
    pub server: Server,
    /// What a machine that is not listed gets.
    pub unknown: Unknown,
    /// Where that is written, if it is.
    pub unknown_at: Option<Span>,
    /// How much a change may do at once.
    pub guards: Guards,
    /// Where `defaults` stands, if there is one.
    pub defaults: Option<Span>,
    /// The networks.
    pub networks: Vec<Network>,
    /// The releases.
    pub releases: Vec<Release>,
    /// The layouts.
    pub layouts: Vec<Layout>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The texts that roles give to the first boot.
    pub texts: Vec<RoleText>,
    /// The machines, by name.
    pub hosts: Vec<Host>,
    /// Machines with a fault that leaves no whole host; their names and addresses still count.
    pub strays: Vec<Stray>,
}

impl Fleet {
    /// The network of an id.
    pub fn network(&self, id: NetworkId) -> &Network {
        &self.networks[id.0 as usize]
    }

    /// The release of an id.
    pub fn release(&self, id: ReleaseId) -> &Release {
        &self.releases[id.0 as usize]
    }

    /// The layout of an id.
    pub fn layout(&self, id: LayoutId) -> &Layout {
        &self.layouts[id.0 as usize]
    }

    /// The role of an id.
    pub fn role(&self, id: RoleId) -> &Role {
        &self.roles[id.0 as usize]
    }

    /// The role text of an id.
    pub fn text(&self, id: TextId) -> &RoleText {
        &self.texts[id.0 as usize]
    }

    /// The host of a name.
    pub fn host(&self, name: &str) -> Option<&Host> {
        let index = self.hosts.binary_search_by(|host| host.name.as_str().cmp(name)).ok()?;
        self.hosts.get(index)
    }

    /// The role that machines which are not listed are installed with, if they are.
    pub fn unknown_role(&self) -> Option<Spanned<RoleId>> {
        match self.unknown {
            Unknown::Install(role) => Some(role),
            Unknown::Refuse | Unknown::Local => None,
        }
    }

    /// Names and addresses of all machines, also of those with a fault elsewhere.
    pub fn identities(&self) -> impl Iterator<Item = Identity<'_>> {
        let hosts = self.hosts.iter().map(|host| Identity {
            name: &host.name,
            macs: &host.macs,
            address: host.address.as_ref(),
        });
        hosts.chain(self.strays.iter().map(|stray| Identity {
            name: &stray.name,
            macs: &stray.macs,
            address: stray.address.as_ref(),
        }))
    }

    /// The text that a host's first boot gets, if its role has one.
    pub fn text_of(&self, host: &Host) -> Option<&RoleText> {
        self.role(host.role.value).text.as_ref().map(|text| self.text(text.value))
    }
}

/// How booting machines reach the tree.
#[derive(Clone, Debug, Hash)]
pub struct Server {
    /// The URL of the tree's root.
    pub url: Spanned<ServerUrl>,
    /// The folder of the service's answers.
    pub service: ServiceFolder,
}

impl Server {
    /// The URL of the service, which ends in a slash because the installer adds to it without one (contract I-13).
    pub fn service_url(&self) -> String {
        [self.url.as_str(), "/", &self.service.0, "/"].concat()
    }
}

/// What a machine that the file does not list gets.
#[derive(Clone, Debug, Hash)]
pub enum Unknown {
    /// It is told so, and keeps its disk.
    Refuse,
    /// It boots its local disk.
    Local,
    /// It is installed with this role.
    Install(Spanned<RoleId>),
}

/// A network.
#[derive(Clone, Debug, Hash)]
pub struct Network {
    /// Its name.
    pub name: Spanned<Name>,
    /// Its addresses.
    pub cidr: Spanned<Cidr>,
    /// Its way out.
    pub gateway: Option<Spanned<Address>>,
    /// Its name server.
    pub dns: Option<Spanned<Address>>,
    /// The addresses that DHCP gives out.
    pub dhcp_range: Option<Spanned<Range>>,
    /// Its domain.
    pub domain: Option<Spanned<Arc<str>>>,
}

/// A release: what to install, and with what.
#[derive(Clone, Debug, Hash)]
pub struct Release {
    /// Its name.
    pub name: Spanned<Name>,
    /// The version of the operating system.
    pub version: Spanned<Version>,
    /// The installer's kernel.
    pub kernel: Artifact,
    /// The installer's initrd.
    pub initrd: Artifact,
    /// The installer's kernel arguments.
    pub boot_args: Vec<Spanned<BootArg>>,
    /// The installer.
    pub installer: Installer,
}

/// The installer in a release's kernel and initrd.
#[derive(Clone, Copy, Debug, Hash)]
pub struct Installer {
    /// Which program it is.
    pub kind: Spanned<InstallerKind>,
    /// Its version.
    pub version: Spanned<InstallerVersion>,
}

/// A boot file.
#[derive(Clone, Debug, Hash)]
pub struct Artifact {
    /// Where it comes from.
    pub source: Spanned<ArtifactSource>,
    /// Its digest, when the fleet file gives it.
    pub sha256: Option<Spanned<Sha256>>,
}

impl Artifact {
    /// The URL that iPXE fetches it from. A copied file keeps its path, below `artifacts`.
    pub fn source_url(&self, server: &Server) -> String {
        match &self.source.value {
            ArtifactSource::Served(place) => place.url(&server.url),
            ArtifactSource::File(name) => server.url.join(&artifact_path(name)),
        }
    }
}

/// Where the tree has a copied boot file. One from outside the folder of the fleet file stands below names that no file in
/// it can have, so it takes nobody's place, and its path does not leave the tree.
pub fn artifact_path(name: &str) -> String {
    let (root, rest) = name.strip_prefix('/').map_or(("", name), |rest| (":root/", rest));
    let parts: Vec<&str> = rest.split('/').map(|part| if part == ".." { ":up" } else { part }).collect();
    format!("artifacts/{root}{}", parts.join("/"))
}

/// Where a boot file comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ArtifactSource {
    /// It is on a server already.
    Served(Location),
    /// It lies beside the fleet file, and is copied into the tree.
    File(Arc<str>),
}

/// How the disks of a machine are laid out.
#[derive(Clone, Debug, Hash)]
pub struct Layout {
    /// Its name.
    pub name: Spanned<Name>,
    /// Its disks; the parts that could be read.
    pub disks: Vec<Disk>,
    /// Whether every disk and partition could be read.
    pub whole: bool,
}

/// A disk of a layout.
#[derive(Clone, Debug, Hash)]
pub struct Disk {
    /// Its kernel name.
    pub name: Spanned<DiskName>,
    /// Its size, when the fleet file gives it.
    pub size: Option<Spanned<Size>>,
    /// Its partitions, numbered from 1 as they stand.
    pub partitions: Vec<Partition>,
    /// Whether every partition could be read.
    pub whole: bool,
}

/// A partition of a disk.
#[derive(Clone, Debug)]
pub struct Partition {
    /// Its number, from 1.
    pub number: u32,
    /// Its size.
    pub size: Spanned<PartSize>,
    /// Its type.
    pub kind: Spanned<PartType>,
    /// Its filesystem.
    pub filesystem: Option<Spanned<Filesystem>>,
    /// Where it is mounted.
    pub mount: Option<Spanned<MountPoint>>,
    /// The label of its filesystem.
    pub label: Option<Spanned<FsLabel>>,
    /// Options for the command that makes its filesystem.
    pub options: Option<Spanned<MkfsOptions>>,
    /// Write a mount unit, also where the system would mount by itself.
    pub force_unit: Option<Spanned<bool>>,
    /// Keep the filesystem that is there.
    pub keep: Option<Spanned<bool>>,
    /// How it is encrypted.
    pub encryption: Option<Spanned<Encryption>>,
    /// Where it is written.
    pub span: Span,
    /// Whether all of it could be read.
    pub whole: bool,
}

/// What a partition is, wherever it is written.
impl Hash for Partition {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Partition {
            number,
            size,
            kind,
            filesystem,
            mount,
            label,
            options,
            force_unit,
            keep,
            encryption,
            span: _,
            whole,
        } = self;
        (number, size, kind, filesystem, mount, label).hash(hasher);
        (options, force_unit, keep, encryption, whole).hash(hasher);
    }
}

impl Partition {
    /// Whether its filesystem is kept as it is.
    pub fn is_kept(&self) -> bool {
        self.keep.is_some_and(|keep| keep.value)
    }

    /// Whether a mount unit is written in any case.
    pub fn forces_unit(&self) -> bool {
        self.force_unit.is_some_and(|force| force.value)
    }
}

/// The encryption of a partition.
#[derive(Clone, Debug, Hash)]
pub struct Encryption {
    /// The name of the opened volume.
    pub name: Spanned<VolumeName>,
    /// What opens it.
    pub passphrase: Spanned<Passphrase>,
}

/// What a group of machines is for.
#[derive(Clone, Debug, Hash)]
pub struct Role {
    /// Its name.
    pub name: Spanned<Name>,
    /// The settings of its machines, before their own.
    pub settings: Arc<Settings>,
    /// Its labels.
    pub labels: Arc<Labels>,
    /// Its variables.
    pub vars: Arc<Vars>,
    /// The text that the first boot gets; none when the role has no `cloud_config`.
    pub text: Option<Spanned<TextId>>,
    /// The name of the role that it extends.
    pub extends: Option<Spanned<Arc<str>>>,
    /// Whether another role extends it.
    pub extended: bool,
    /// Whether a faulty `cloud_config` was reported.
    pub text_is_faulty: bool,
}

/// A text for the first boot: a template, with the place of every line.
#[derive(Clone, Debug)]
pub struct RoleText {
    /// The file it stands in: its own, or the fleet file.
    pub file: FileId,
    /// The text.
    pub body: Arc<str>,
    /// For a text inside the fleet file: where each of its lines begins there. None for a file of its own.
    pub lines: Option<Vec<u32>>,
    /// Whether the source has every line of it word for word, so that an edit there is an edit of the text.
    pub literal: bool,
    /// Where it is named, or written.
    pub span: Span,
}

/// What a text says, wherever it is written.
impl Hash for RoleText {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let RoleText { file: _, body, lines: _, literal: _, span: _ } = self;
        body.hash(hasher);
    }
}

impl RoleText {
    /// The place of a byte range of the text.
    pub fn span_of(&self, start: usize, end: usize) -> Span {
        let at = |offset: usize| match &self.lines {
            None => offset.min(self.body.len()) as u32,
            Some(lines) => {
                let before = &self.body[..floor(&self.body, offset)];
                let line = before.bytes().filter(|byte| *byte == b'\n').count();
                let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1);
                lines.get(line).map_or(self.span.end, |start| (*start + column as u32).min(self.span.end))
            }
        };
        // Whoever counts bytes may end within a character.
        let start_at = at(floor(&self.body, start));
        Span { file: self.file, start: start_at, end: at(ceil(&self.body, end)).max(start_at) }
    }
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn ceil(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset += 1;
    }
    offset
}

/// The name of a host's own variant of a role text: `<role>.<host>`.
pub fn own_role_name(role: &Name, host: &Hostname) -> String {
    format!("{}.{}", role.as_str(), host.as_str())
}
