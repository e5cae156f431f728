//! The machines as meant: types that are right by construction, every value with the place that set it.

mod boot;
mod disk;
mod few;
mod filesystem;
mod fleet;
mod guard;
mod hook;
mod host;
mod identity;
mod ids;
mod install;
mod map;
mod net;
mod settings;
mod ssh_key;
mod text;
mod url;
mod user;
mod word;

pub use boot::BootArg;
pub use disk::{DiskName, PartSize, PartType, Size};
pub use few::Few;
pub use filesystem::{Filesystem, FsLabel, MkfsOptions, MountPoint, Passphrase, VolumeName};
pub use fleet::{
    Artifact, ArtifactSource, Disk, Encryption, Fleet, Installer, Layout, Network, Partition, Release, Role, RoleText,
    Server, Unknown, artifact_path, own_role_name,
};
pub use guard::{Count, Guards, LabelChoice, Limit, Limits};
pub use hook::{Command, Program};
pub use host::{Host, Identity, StaticAddress, Stray};
pub use identity::{Hostname, Mac, Name};
pub use ids::{LayoutId, NetworkId, ReleaseId, RoleId, TextId};
pub use install::{
    Bundle, FormatVersion, InstallerKind, Interface, Sha256, SoftwareManager, State, UnknownWord, Version,
};
pub use map::{KnownKeys, Map, Pairs};
pub use net::{Address, Cidr, HostAddress, Range};
pub use settings::{Hooks, Install, Labels, List, Settings, User, Value, Vars};
pub use ssh_key::{SshKey, authorized_key};
pub use text::FromText;
pub use url::{FilePath, Location, ServerUrl, ServiceFolder, WebUrl};
pub use user::{FullName, PasswordHash, UserName, is_system_group};
pub use word::{InstallerVersion, Line, Text, Uid};

/// The registry entries of the rules that typed text reports.
pub(crate) mod rules {
    pub(crate) use super::boot::{malformed_boot_argument, reserved_boot_argument};
    pub(crate) use super::disk::{malformed_disk_name, malformed_size};
    pub(crate) use super::filesystem::{malformed_filesystem_word, malformed_mount_point};
    pub(crate) use super::hook::malformed_hook;
    pub(crate) use super::identity::{malformed_host_name, malformed_mac, malformed_name, reserved_name, unusable_mac};
    pub(crate) use super::install::{malformed_bundle, malformed_interface};
    pub(crate) use super::net::{host_bits_in_cidr, malformed_address};
    pub(crate) use super::ssh_key::malformed_ssh_key;
    pub(crate) use super::url::{malformed_path, malformed_url};
    pub(crate) use super::user::{malformed_full_name, malformed_password_hash, malformed_user_name};
    pub(crate) use super::word::malformed_value;
}
