//! The top of the fleet file.

use schemars::JsonSchema;
use serde::Deserialize;

use super::written::{keys, lists_of_some};
use super::{DiskDraft, GuardsDraft, Items, ReleaseDraft, SettingsDraft, Written};
use crate::model::{
    Address, Cidr, FormatVersion, HostAddress, Hostname, Line, Mac, Name, Range, ServerUrl, ServiceFolder, Text,
    UnknownWord,
};
use crate::yaml::{Both, Entries, Field, Lazy, LazyEntries};

/// A fleet of machines: hosts, roles, release versions.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "fleet", deny_unknown_fields, extend("required" = ["version", "server"]))]
pub struct FleetDraft<'a> {
    /// Version of the format: 1.
    pub version: Field<Written<'a, FormatVersion>>,
    /// How booting machines reach the tree.
    pub server: Field<ServerDraft<'a>>,
    /// What a machine that the file does not list gets: `refuse` (the default) tells it so and keeps its disk, `local`
    /// boots its disk, `install: ROLE` installs it.
    pub unknown: Field<UnknownDraft<'a>>,
    /// How much a change may do to the machines at once; `fleetc plan` asks. They change nothing that is served.
    pub guards: Field<GuardsDraft<'a>>,
    /// Networks by name. A host's address is looked up in them: prefix length, gateway and DNS follow.
    #[schemars(extend("propertyNames" = keys::<Name>()))]
    pub networks: Field<Entries<'a, Field<NetworkDraft<'a>>>>,
    /// Releases by name: what is installed, and the boot files that install it.
    #[schemars(extend("propertyNames" = keys::<Name>()))]
    pub releases: Field<Entries<'a, Field<ReleaseDraft<'a>>>>,
    /// Layouts by name: the disks of a machine, in order.
    #[schemars(extend("propertyNames" = keys::<Name>()), transform = lists_of_some)]
    pub layouts: Field<Entries<'a, Field<Items<DiskDraft<'a>>>>>,
    /// Settings that every host starts from.
    pub defaults: Field<Both<DefaultKeys<'a>, SettingsDraft<'a>>>,
    /// Roles by name: what a group of machines is for.
    #[schemars(extend("propertyNames" = keys::<Name>()))]
    pub roles: Field<Entries<'a, Field<RoleDraft<'a>>>>,
    /// Machines by host name.
    #[schemars(extend("propertyNames" = keys::<Hostname>()))]
    pub hosts: Field<LazyEntries<Field<Lazy<HostDraft<'a>>>>>,
}

/// How booting machines reach the tree.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "server", deny_unknown_fields, extend("required" = ["url"]))]
pub struct ServerDraft<'a> {
    /// URL of the tree's root: `http(s)://host[:port][/path]`.
    pub url: Field<Written<'a, ServerUrl>>,
    /// Folder of the service's answers; `icis` unless set.
    pub service: Field<Written<'a, ServiceFolder>>,
}

/// What a machine that the file does not list gets.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", bound(deserialize = "'de: 'a"))]
#[schemars(rename = "unknown", untagged)]
pub enum UnknownDraft<'a> {
    /// One word.
    Text(Written<'a, UnknownWord>),
    /// A role to install with.
    Mapping(UnknownInstall<'a>),
}

/// Install machines that are not listed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "unknown_install", deny_unknown_fields, extend("required" = ["install"]))]
pub struct UnknownInstall<'a> {
    /// The role that they get.
    pub install: Field<Written<'a, Name>>,
}

/// A network.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "network", deny_unknown_fields, extend("required" = ["cidr"]))]
pub struct NetworkDraft<'a> {
    /// Its addresses, like `192.168.1.0/24`.
    pub cidr: Field<Written<'a, Cidr>>,
    /// The way out of it. Hosts with an address need one.
    pub gateway: Field<Written<'a, Address>>,
    /// Its name server: one, as the installer takes no more.
    pub dns: Field<Written<'a, Address>>,
    /// The addresses that DHCP gives out, first-last. No host may have one of them.
    pub dhcp_range: Field<Written<'a, Range>>,
    /// Its domain, for templates and DHCP.
    pub domain: Field<Written<'a, Line>>,
}

/// What `defaults` has besides settings.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(
    rename = "defaults",
    description = "What every host starts from: any setting, and a role.",
    deny_unknown_fields
)]
pub struct DefaultKeys<'a> {
    /// The role of hosts that name none.
    pub role: Field<Written<'a, Name>>,
}

/// A role: its own keys, and settings.
pub type RoleDraft<'a> = Both<RoleKeys<'a>, SettingsDraft<'a>>;

/// What a role has besides settings.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "role", description = "A role: its own keys, and any setting.", deny_unknown_fields)]
pub struct RoleKeys<'a> {
    /// One other role that this one starts from.
    pub extends: Field<Written<'a, Name>>,
    /// What the first boot gets: a file beside the fleet file, or the text itself. It is a template.
    pub cloud_config: crate::yaml::Setting<Written<'a, Text>>,
}

/// A host: its own keys, and settings.
pub type HostDraft<'a> = Both<HostKeys<'a>, SettingsDraft<'a>>;

/// What a host has besides settings.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(
    rename = "host",
    description = "A machine: its own keys, and any setting.",
    deny_unknown_fields,
    extend("required" = ["mac"])
)]
pub struct HostKeys<'a> {
    /// The MAC address of its network card, or a list: every card that it may ask with.
    pub mac: Field<Macs<'a>>,
    /// Its role. Required unless `defaults` has one.
    pub role: Field<Written<'a, Name>>,
    /// Its IPv4 address, with or without prefix length; the network that contains it gives the rest. Without an address
    /// the machine uses DHCP.
    pub address: Field<Written<'a, HostAddress>>,
}

/// One MAC address, or several.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", bound(deserialize = "'de: 'a"))]
#[schemars(rename = "macs", untagged)]
pub enum Macs<'a> {
    /// One.
    Text(Written<'a, Mac>),
    /// Several.
    #[schemars(extend("minItems" = 1))]
    List(Items<Written<'a, Mac>>),
}
