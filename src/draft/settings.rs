//! Settings as written: the same keys in `defaults`, roles and hosts.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Items, Written};
use crate::model::{
    Bundle, Command, FullName, Interface, Line, Name, PasswordHash, Program, SoftwareManager, SshKey, State, Text, Uid,
    UserName, WebUrl,
};
use crate::yaml::{Entries, Field, Open, Setting};

/// Settings. Absent means inherit, `null` clears, a value replaces.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "settings", deny_unknown_fields)]
pub struct SettingsDraft<'a> {
    /// `install`: the boot script installs. `installed`: it boots the local disk, and no path from it reaches an
    /// installer. `install` unless set.
    pub state: Setting<Written<'a, State>>,
    /// What to install: the name of a release.
    pub release: Setting<Written<'a, Name>>,
    /// How the disks are laid out: the name of a layout.
    pub layout: Setting<Written<'a, Name>>,
    /// Bundles to install: a list replaces, `{add: […], remove: […]}` edits what is inherited.
    pub bundles: Setting<BundlesDraft<'a>>,
    /// Users that the installer creates.
    pub users: Setting<Items<UserDraft<'a>>>,
    /// Interface that gets the static address, like `eno1`.
    pub interface: Setting<Written<'a, Interface>>,
    /// Kernel arguments of the installed system, in one line.
    pub cmdline: Setting<Written<'a, Line>>,
    /// `true` for machines that boot by BIOS: no EFI partition is needed.
    pub legacy_bios: Setting<Written<'a, bool>>,
    /// Keep the partition table that is on the disks.
    pub keep_partition_table: Setting<Written<'a, bool>>,
    /// Proxy for https, for the installer's downloads.
    pub https_proxy: Setting<Written<'a, WebUrl>>,
    /// Proxy for http. The installer checks it and never uses it.
    pub http_proxy: Setting<Written<'a, WebUrl>>,
    /// Where the installed system gets content. It does not redirect the installation.
    pub mirror_url: Setting<Written<'a, WebUrl>>,
    /// Where the installed system gets version information. It does not redirect the installation.
    pub version_url: Setting<Written<'a, WebUrl>>,
    /// Commands that the installer runs; merged by key.
    pub hooks: Setting<HooksDraft<'a>>,
    /// The tool that installs the software; `swupd` unless set.
    pub software_manager: Setting<Written<'a, SoftwareManager>>,
    /// `true` for a machine that no change may touch: `fleetc plan` asks. It changes nothing that is served.
    pub locked: Setting<Written<'a, bool>>,
    /// Labels: rack, row, owner …; merged by key, `null` removes one.
    pub labels: Setting<Entries<'a, Setting<Written<'a, Text>>>>,
    /// Variables for templates: any YAML; merged by key, `null` removes one.
    pub vars: Setting<Entries<'a, Setting<Open>>>,
}

/// Bundles.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", bound(deserialize = "'de: 'a"))]
#[schemars(rename = "bundles", untagged)]
pub enum BundlesDraft<'a> {
    /// These, and no others.
    #[schemars(extend("minItems" = 1))]
    List(Items<Written<'a, Bundle>>),
    /// What is inherited, edited.
    Mapping(BundleEdit<'a>),
}

/// An edit of the inherited bundles.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "bundle_edit", deny_unknown_fields)]
pub struct BundleEdit<'a> {
    /// Bundles to add.
    pub add: Field<Items<Written<'a, Bundle>>>,
    /// Bundles to remove.
    pub remove: Field<Items<Written<'a, Bundle>>>,
}

/// A user.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "user", deny_unknown_fields, extend("required" = ["name"]))]
pub struct UserDraft<'a> {
    /// Login name.
    pub name: Field<Written<'a, UserName>>,
    /// Full name.
    pub full_name: Field<Written<'a, FullName>>,
    /// User number.
    pub uid: Field<Written<'a, Uid>>,
    /// May become root. Needs a key or a password hash.
    pub sudo: Field<Written<'a, bool>>,
    /// Password as `openssl passwd -6` hashes it.
    pub password_hash: Field<Written<'a, PasswordHash>>,
    /// Public SSH key, with its comment.
    pub ssh_key: Field<Written<'a, SshKey>>,
}

/// Commands that the installer runs.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "hooks", deny_unknown_fields)]
pub struct HooksDraft<'a> {
    /// Shell commands before the disks are touched.
    pub pre_install_shell: Setting<Items<Written<'a, Command>>>,
    /// Programs of the installer's system, run with the new system's root as their argument.
    pub post_nonchroot: Setting<Items<Written<'a, Program>>>,
    /// Shell commands in the installer's system; `ISTER_CHROOT` is the new system's root.
    pub post_nonchroot_shell: Setting<Items<Written<'a, Command>>>,
    /// Commands in the new system, split at blanks.
    pub post_chroot: Setting<Items<Written<'a, Command>>>,
    /// Shell commands in the new system.
    pub post_chroot_shell: Setting<Items<Written<'a, Command>>>,
}
