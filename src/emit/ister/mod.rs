//! The backend for ister: `ister.conf`, and the template that it names.

mod build;
mod hook;
mod mould;
mod parts;
pub mod template;

use serde::Serialize;

use super::job::{Delivery, Job};
use super::part::Part;
use crate::model::{Fleet, Role};

pub(super) use mould::Mould;

/// The file that `isterconf=` names.
pub const CONF: &str = "ister.conf";

/// The template.
pub(super) const TEMPLATE: &str = "ister_config.json";

/// `ister.conf`: one line, as contract I-6 has it.
pub(super) fn conf(template_url: &str) -> Vec<u8> {
    ["template=", template_url, "\n"].concat().into_bytes()
}

/// The template of an installation, as JSON.
pub(super) fn template(job: &Job<'_>) -> Vec<u8> {
    json(&build::template(job))
}

/// A template, or a part of one, as JSON.
fn json(template: &impl Serialize) -> Vec<u8> {
    // Most have room in that; a text that grows is copied each time.
    let mut bytes = Vec::with_capacity(4096);
    serde_json::to_writer_pretty(&mut bytes, template)
        .unwrap_or_else(|error| unreachable!("a template of plain values: {error}"));
    bytes.push(b'\n');
    bytes
}

/// The template for machines of a role, as JSON, without the text of the role; none when the role has not all that an
/// installation needs.
pub fn template_of_role(fleet: &Fleet, role: &Role) -> Option<Vec<u8>> {
    role.settings.install()?;
    Some(template(&Job { fleet, settings: &role.settings, host: None, delivery: Delivery::None }))
}

/// The parts in which the templates of two installations differ.
pub(super) fn differ(a: &Job<'_>, b: &Job<'_>) -> Vec<Part> {
    build::template(a).differ(&build::template(b))
}

/// The parts in which two templates differ, whoever wrote them; none when one of them is not a template.
pub(super) fn differ_as_read(a: &[u8], b: &[u8]) -> Option<Vec<Part>> {
    let read = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    Some(parts::differ(read(a)?.as_object()?, read(b)?.as_object()?))
}

/// The JSON Schema of the template.
pub fn schema() -> schemars::Schema {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<template::Template<'static>>()
}
