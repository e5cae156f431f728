//! The JSON Schemas of what fleetc reads and writes: made from the types, kept in `schema/`.

use schemars::Schema;

/// Makes a schema.
pub type Make = fn() -> Schema;

/// Every schema, by the name of its file: `schema/<name>.schema.json`.
pub const SCHEMAS: &[(&str, Make)] = &[
    ("fleet", crate::draft::schema),
    ("ister-template", crate::emit::ister::schema),
    ("manifest", manifest),
    ("findings", crate::report::findings_schema),
    ("plan", crate::plan::schema),
    ("show", crate::show::schema),
    ("trace", crate::trace::schema),
    ("verify", crate::verify::schema),
];

/// A schema as its file has it.
pub fn text(schema: &Schema) -> String {
    let mut text =
        serde_json::to_string_pretty(schema).unwrap_or_else(|error| unreachable!("a schema is JSON: {error}"));
    text.push('\n');
    text
}

fn manifest() -> Schema {
    schemars::schema_for!(crate::publish::Manifest)
}
