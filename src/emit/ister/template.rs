//! The installer's template, key by key as contract 1.3 lists it; the JSON Schema in `schema/` comes from here.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::emit::part::Part;

/// The template of ister.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[schemars(title = "ister installer template", deny_unknown_fields)]
pub struct Template<'a> {
    /// Machines that boot over the network install onto real disks (contract I-31, I-58).
    #[schemars(extend("const" = "physical"))]
    pub destination_type: &'static str,
    /// The partitions to make.
    #[schemars(length(min = 1))]
    pub partition_layout: Vec<PartitionLayout<'a>>,
    /// The filesystems to make.
    #[schemars(length(min = 1))]
    pub filesystem_types: Vec<FilesystemType<'a>>,
    /// Where they are mounted.
    #[schemars(length(min = 1))]
    pub partition_mount_points: Vec<MountPoint<'a>>,
    /// The version of the operating system.
    pub version: Version,
    /// The bundles to install.
    #[schemars(length(min = 1))]
    pub bundles: Vec<&'a str>,
    /// `swupd` or `dnf`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["swupd", "dnf"]))]
    pub software_manager: Option<&'static str>,
    /// The users to create.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User<'a>>,
    /// The host name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9-]{0,63}$"))]
    pub hostname: Option<&'a str>,
    /// The static address.
    #[serde(rename = "Static_IP", skip_serializing_if = "Option::is_none")]
    pub static_ip: Option<StaticIp<'a>>,
    /// Kernel arguments of the installed system.
    #[serde(rename = "cmdline", skip_serializing_if = "Option::is_none")]
    pub cmdline: Option<&'a str>,
    /// Boot by BIOS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legacy_bios: Option<bool>,
    /// Proxy for https.
    #[serde(rename = "HTTPSProxy", skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^https?://[^/]+"))]
    pub https_proxy: Option<&'a str>,
    /// Proxy for http.
    #[serde(rename = "HTTPProxy", skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^https?://[^/]+"))]
    pub http_proxy: Option<&'a str>,
    /// Content URL of the installed system.
    #[serde(rename = "MirrorURL", skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^https?://[^/]+"))]
    pub mirror_url: Option<&'a str>,
    /// Version URL of the installed system.
    #[serde(rename = "VersionURL", skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^https?://[^/]+"))]
    pub version_url: Option<&'a str>,
    /// The service that knows each machine's role; it ends in a slash (contract I-12, I-13).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^https?://[^/]+/(.*/)?$"))]
    pub ister_cloud_init_svc: Option<Cow<'a, str>>,
    /// Keep the partition table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_new_partitions: Option<bool>,
    /// Shell commands before the disks are touched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pre_install_shell: Vec<&'a str>,
    /// Programs of the installer's system.
    #[serde(rename = "PostNonChroot", skip_serializing_if = "Vec::is_empty")]
    pub post_non_chroot: Vec<&'a str>,
    /// Shell commands in the installer's system.
    #[serde(rename = "PostNonChrootShell", skip_serializing_if = "Vec::is_empty")]
    pub post_non_chroot_shell: Vec<Cow<'a, str>>,
    /// Commands in the new system.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_chroot: Vec<&'a str>,
    /// Shell commands in the new system.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_chroot_shell: Vec<&'a str>,
}

impl Template<'_> {
    /// The parts in which two templates differ: none exactly when their bytes are the same.
    pub(super) fn differ(&self, other: &Template<'_>) -> Vec<Part> {
        // Every field by name, so that a new one cannot be forgotten here.
        let Template {
            destination_type,
            partition_layout,
            filesystem_types,
            partition_mount_points,
            version,
            bundles,
            software_manager,
            users,
            hostname,
            static_ip,
            cmdline,
            legacy_bios,
            https_proxy,
            http_proxy,
            mirror_url,
            version_url,
            ister_cloud_init_svc,
            disabled_new_partitions,
            pre_install_shell,
            post_non_chroot,
            post_non_chroot_shell,
            post_chroot,
            post_chroot_shell,
        } = self;
        let same_layout = *destination_type == other.destination_type
            && *partition_layout == other.partition_layout
            && *filesystem_types == other.filesystem_types
            && *partition_mount_points == other.partition_mount_points;
        let parts = [
            (Part::Release, *version == other.version),
            (Part::Layout, same_layout),
            (Part::Bundles, *bundles == other.bundles),
            (Part::Users, *users == other.users),
            (Part::Cmdline, *cmdline == other.cmdline),
            (Part::LegacyBios, *legacy_bios == other.legacy_bios),
            (Part::KeepPartitionTable, *disabled_new_partitions == other.disabled_new_partitions),
            (Part::HttpsProxy, *https_proxy == other.https_proxy),
            (Part::HttpProxy, *http_proxy == other.http_proxy),
            (Part::MirrorUrl, *mirror_url == other.mirror_url),
            (Part::VersionUrl, *version_url == other.version_url),
            (Part::PreInstallShell, *pre_install_shell == other.pre_install_shell),
            (Part::PostNonchroot, *post_non_chroot == other.post_non_chroot),
            (Part::PostNonchrootShell, *post_non_chroot_shell == other.post_non_chroot_shell),
            (Part::PostChroot, *post_chroot == other.post_chroot),
            (Part::PostChrootShell, *post_chroot_shell == other.post_chroot_shell),
            (Part::SoftwareManager, *software_manager == other.software_manager),
            (Part::Service, *ister_cloud_init_svc == other.ister_cloud_init_svc),
            (Part::Name, *hostname == other.hostname),
            (Part::Address, *static_ip == other.static_ip),
        ];
        parts.into_iter().filter(|(_, same)| !same).map(|(part, _)| part).collect()
    }
}

/// A version: a number, or `latest` (contract I-40).
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Version {
    /// A release number.
    Number(#[schemars(range(min = 1))] u32),
    /// The newest.
    Latest(#[schemars(extend("const" = "latest"))] &'static str),
}

/// A partition (contract I-32).
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PartitionLayout<'a> {
    /// Kernel name of the disk.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9]*$"))]
    pub disk: &'a str,
    /// Number, from 1, without gaps; always a number, never text (contract I-59).
    #[schemars(range(min = 1, max = 9))]
    pub partition: u32,
    /// Size.
    #[schemars(regex(pattern = r"^([1-9][0-9]*[MGT]|rest)$"))]
    pub size: &'a str,
    /// Type.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["EFI", "linux", "swap"]))]
    pub kind: &'static str,
}

/// A filesystem (contract I-37).
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FilesystemType<'a> {
    /// Kernel name of the disk.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9]*$"))]
    pub disk: &'a str,
    /// Number of the partition.
    #[schemars(range(min = 1, max = 9))]
    pub partition: u32,
    /// Filesystem.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["ext2", "ext3", "ext4", "vfat", "btrfs", "xfs", "swap"]))]
    pub kind: &'static str,
    /// Options for the command that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<&'a str>,
    /// Label.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]+$"))]
    pub label: Option<&'a str>,
    /// Keep what is there: its presence counts, not its value, so it is there only when true.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("const" = true))]
    pub disable_format: Option<bool>,
    /// Encryption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption<'a>>,
}

/// The encryption of a filesystem (contract I-63).
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Encryption<'a> {
    /// Name of the opened volume.
    pub name: &'a str,
    /// What opens it.
    #[schemars(length(min = 1))]
    pub passphrase: &'a str,
}

/// A mount point (contract I-39).
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MountPoint<'a> {
    /// Kernel name of the disk.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9]*$"))]
    pub disk: &'a str,
    /// Number of the partition.
    #[schemars(range(min = 1, max = 9))]
    pub partition: u32,
    /// Path.
    #[schemars(regex(pattern = r"^/([A-Za-z0-9._]+(/[A-Za-z0-9._]+)*)?$"))]
    pub mount: &'a str,
    /// Write a mount unit in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forcemu: Option<bool>,
    /// The opened volume to mount (contract I-63).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Volume<'a>>,
}

/// An opened volume.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Volume<'a> {
    /// Its name.
    pub name: &'a str,
}

/// A user (contract I-41, I-42).
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct User<'a> {
    /// Login name.
    #[schemars(regex(pattern = r"^[a-z_][a-z0-9_-]{0,30}$"))]
    pub username: &'a str,
    /// Hashed password.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[./$A-Za-z0-9=,_-]+$"))]
    pub password: Option<&'a str>,
    /// User number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub uid: Option<u32>,
    /// May become root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sudo: Option<bool>,
    /// Public SSH key; it ends in a newline, so that the next one is not glued to it (contract I-80).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"\n$"))]
    pub key: Option<String>,
    /// Full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fullname: Option<&'a str>,
}

/// A static address (contract I-43, I-82).
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StaticIp<'a> {
    /// The interface; without it the installer fails once the disk is written (contract I-82).
    pub iface: &'a str,
    /// Address and prefix length.
    #[schemars(regex(pattern = r"^[0-9.]+/([0-9]|[12][0-9]|3[0-2])$"))]
    pub address: String,
    /// Gateway.
    #[schemars(regex(pattern = r"^[0-9.]+$"))]
    pub gateway: String,
    /// Name server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9.]+$"))]
    pub dns: Option<String>,
}
