//! The language as written: each key declared once, with the text that editors, the book and error messages show.
//!
//! These records hold what stands in the file and nothing more; [`crate::resolve`] says what it means.

mod fleet;
mod guard;
mod layout;
mod release;
mod settings;
mod written;

pub use fleet::{
    DefaultKeys, FleetDraft, HostDraft, HostKeys, Macs, NetworkDraft, RoleDraft, RoleKeys, ServerDraft, UnknownDraft,
    UnknownInstall,
};
pub use guard::{GuardsDraft, LimitsDraft};
pub use layout::{DiskDraft, EncryptionDraft, PartitionDraft};
pub use release::{ArtifactDraft, ArtifactParts, InstallerDraft, ReleaseDraft};
pub use settings::{BundleEdit, BundlesDraft, HooksDraft, SettingsDraft, UserDraft};
pub use written::{Items, Written};

/// The JSON Schema of the fleet file.
pub fn schema() -> schemars::Schema {
    let mut schema = schemars::schema_for!(FleetDraft<'static>);
    schema.insert("title".to_string(), "fleetc fleet file".into());
    schema
}
