//! Disks and partitions as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Items, Written};
use crate::model::{
    DiskName, Filesystem, FsLabel, MkfsOptions, MountPoint, PartSize, PartType, Passphrase, Size, VolumeName,
};
use crate::yaml::Field;

/// A disk.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "disk", deny_unknown_fields, extend("required" = ["disk", "partitions"]))]
pub struct DiskDraft<'a> {
    /// Its kernel name, like `sda` or `nvme0n1`.
    pub disk: Field<Written<'a, DiskName>>,
    /// Its size, so that the sum of its partitions can be checked.
    pub size: Field<Written<'a, Size>>,
    /// Its partitions, numbered 1, 2, … as they stand.
    #[schemars(length(min = 1, max = 9))]
    pub partitions: Field<Items<PartitionDraft<'a>>>,
}

/// A partition.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "partition", deny_unknown_fields, extend("required" = ["size"]))]
pub struct PartitionDraft<'a> {
    /// Its size: a whole number with `M`, `G` or `T`, or `rest` for what is left of the disk.
    pub size: Field<Written<'a, PartSize>>,
    /// Its type; `linux` unless set.
    #[serde(rename = "type")]
    pub kind: Field<Written<'a, PartType>>,
    /// Its filesystem; `swap` by itself for type `swap`. Without one the partition stays raw.
    pub filesystem: Field<Written<'a, Filesystem>>,
    /// Where it is mounted.
    pub mount: Field<Written<'a, MountPoint>>,
    /// The label of its filesystem.
    pub label: Field<Written<'a, FsLabel>>,
    /// Options for the command that makes its filesystem.
    pub options: Field<Written<'a, MkfsOptions>>,
    /// Write a mount unit also where the system would mount by itself.
    pub force_unit: Field<Written<'a, bool>>,
    /// Keep the filesystem that is there: do not format.
    pub keep: Field<Written<'a, bool>>,
    /// Encrypt it with LUKS.
    pub encryption: Field<EncryptionDraft<'a>>,
}

/// The encryption of a partition.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "encryption", deny_unknown_fields, extend("required" = ["name", "passphrase"]))]
pub struct EncryptionDraft<'a> {
    /// Name of the opened volume under `/dev/mapper`.
    pub name: Field<Written<'a, VolumeName>>,
    /// What opens it. It travels and is served in clear.
    pub passphrase: Field<Written<'a, Passphrase>>,
}
