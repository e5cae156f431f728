//! What changes for a machine: kinds, fields, and the lines that caused it.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use crate::emit::Part;
use crate::model::Mac;

/// A kind of change, the most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It had its system, which is wiped.
    Reinstall,
    /// It is installed before and after, but differently.
    Install,
    /// It was not listed.
    New,
    /// It is listed no more.
    Removed,
    /// It has another name.
    Renamed,
    /// It was to be installed, and now boots its disk.
    Finished,
    /// Its network cards or its address are others.
    Network,
    /// What it boots by is another: the server, a boot file, a boot argument, the boot script.
    Boot,
    /// It reads other bytes that mean the same.
    Cosmetic,
}

impl Kind {
    /// Every kind, the most severe first.
    pub const ALL: [Kind; 9] = [
        Kind::Reinstall,
        Kind::Install,
        Kind::New,
        Kind::Removed,
        Kind::Renamed,
        Kind::Finished,
        Kind::Network,
        Kind::Boot,
        Kind::Cosmetic,
    ];

    /// The word of reports.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Reinstall => "reinstall",
            Kind::Install => "install",
            Kind::New => "new",
            Kind::Removed => "removed",
            Kind::Renamed => "renamed",
            Kind::Finished => "finished",
            Kind::Network => "network",
            Kind::Boot => "boot",
            Kind::Cosmetic => "cosmetic",
        }
    }
}

/// What differs, by the word of the fleet file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `state`.
    State,
    /// A part of what the installer is told.
    Told(Part),
    /// The role text.
    Text,
    /// The role that the service names.
    Role,
    /// The host name.
    Name,
    /// The MAC addresses.
    Mac,
    /// The server's URL or the service's folder.
    Server,
    /// What machines that are not listed get.
    Unknown,
    /// The installer's kernel.
    Kernel,
    /// The installer's initrd.
    Initrd,
    /// The installer's kernel arguments.
    BootArgs,
    /// The name of the release.
    ReleaseName,
    /// The boot script, where no more is known of it.
    Script,
    /// The installer's configuration, where no more is known of it.
    Template,
}

impl Field {
    /// The key of the fleet file.
    pub fn word(self) -> &'static str {
        match self {
            Field::State => "state",
            Field::Told(part) => match part {
                Part::Release => "release",
                Part::Layout => "layout",
                Part::Bundles => "bundles",
                Part::Users => "users",
                Part::Cmdline => "cmdline",
                Part::LegacyBios => "legacy_bios",
                Part::KeepPartitionTable => "keep_partition_table",
                Part::HttpsProxy => "https_proxy",
                Part::HttpProxy => "http_proxy",
                Part::MirrorUrl => "mirror_url",
                Part::VersionUrl => "version_url",
                Part::PreInstallShell => "hooks.pre_install_shell",
                Part::PostNonchroot => "hooks.post_nonchroot",
                Part::PostNonchrootShell => "hooks.post_nonchroot_shell",
                Part::PostChroot => "hooks.post_chroot",
                Part::PostChrootShell => "hooks.post_chroot_shell",
                Part::SoftwareManager => "software_manager",
                Part::Service => "service",
                Part::Name => "name",
                Part::Address => "address",
            },
            Field::Text => "cloud_config",
            Field::Role => "role",
            Field::Name => "name",
            Field::Mac => "mac",
            Field::Server => "server",
            Field::Unknown => "unknown",
            Field::Kernel => "kernel",
            Field::Initrd => "initrd",
            Field::BootArgs => "boot_args",
            Field::ReleaseName => "release",
            Field::Script => "script",
            Field::Template => "template",
        }
    }
}

/// A line of a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file, as the user would open it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// Whether it is a line of the base that is gone.
    pub gone: bool,
}

/// A network card that went from one host to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moved {
    /// Its address.
    pub mac: Mac,
    /// The host that had it.
    pub from: Arc<str>,
    /// The host that has it.
    pub to: Arc<str>,
}

/// What changes for one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name; for one that is listed no more, the name that it had.
    pub host: Arc<str>,
    /// The name that it had, when that was another.
    pub was: Option<Arc<str>>,
    /// The kinds of change, the most severe first; at least one.
    pub kinds: Vec<Kind>,
    /// What differs, each once.
    pub fields: Vec<&'static str>,
    /// The lines that caused it.
    pub because: Vec<Place>,
    /// Its cards that are listed no more.
    pub unlisted: Vec<Mac>,
    /// Its cards that went to another host, or came from one.
    pub moved: Vec<Moved>,
}

impl Change {
    /// The most severe kind.
    pub fn worst(&self) -> Kind {
        self.kinds.first().copied().unwrap_or(Kind::Cosmetic)
    }
}

/// What changes for machines that are not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlisted {
    /// What they got: `refuse`, `local`, `install ROLE`; none without a fleet.
    pub was: Option<String>,
    /// What they get.
    pub now: String,
    /// The kinds of change, the most severe first: `reinstall` where they kept their disks before.
    pub kinds: Vec<Kind>,
    /// What differs.
    pub fields: Vec<&'static str>,
    /// The lines that caused it.
    pub because: Vec<Place>,
}
