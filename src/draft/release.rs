//! Releases as written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Items, Written};
use crate::model::{BootArg, FilePath, InstallerKind, InstallerVersion, Location, Sha256, Version};
use crate::yaml::Field;

/// A release.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "release", deny_unknown_fields, extend("required" = ["version", "kernel", "initrd", "installer"]))]
pub struct ReleaseDraft<'a> {
    /// Version of the operating system: its number, or `latest`.
    pub version: Field<Written<'a, Version>>,
    /// The installer's kernel.
    pub kernel: Field<ArtifactDraft<'a>>,
    /// The installer's initrd.
    pub initrd: Field<ArtifactDraft<'a>>,
    /// The installer's kernel arguments, one an entry.
    pub boot_args: Field<Items<Written<'a, BootArg>>>,
    /// The installer that kernel and initrd hold.
    pub installer: Field<InstallerDraft<'a>>,
}

/// A boot file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", bound(deserialize = "'de: 'a"))]
#[schemars(rename = "artifact", untagged)]
pub enum ArtifactDraft<'a> {
    /// A URL, or a path on the server.
    Text(Written<'a, Location>),
    /// The same with a digest, or a file.
    Mapping(ArtifactParts<'a>),
}

/// A boot file in parts: either `url` or `file`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(
    rename = "artifact_parts",
    deny_unknown_fields,
    extend("oneOf" = [{ "required": ["url"] }, { "required": ["file"] }]),
)]
pub struct ArtifactParts<'a> {
    /// A URL, or a path on the server.
    pub url: Field<Written<'a, Location>>,
    /// A file beside the fleet file, copied into the tree.
    pub file: Field<Written<'a, FilePath>>,
    /// Its SHA-256 digest.
    pub sha256: Field<Written<'a, Sha256>>,
}

/// An installer.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, bound(deserialize = "'de: 'a"))]
#[schemars(rename = "installer", deny_unknown_fields, extend("required" = ["kind", "version"]))]
pub struct InstallerDraft<'a> {
    /// Which program it is: `ister`.
    pub kind: Field<Written<'a, InstallerKind>>,
    /// Its version, like 69. fleetc writes only what this version understands.
    pub version: Field<Written<'a, InstallerVersion>>,
}
