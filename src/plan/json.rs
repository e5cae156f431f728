//! The plan as one JSON object. The types below are the format; its JSON Schema is made from them.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::Plan;
use super::change::{Change, Kind, Moved, Place};

/// What a change of the fleet file does to each machine. A host that is not listed here reads the same bytes as before.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "fleetc plan", deny_unknown_fields)]
pub struct JsonPlan<'a> {
    /// The version of this format; a reader should refuse one that it does not know.
    #[schemars(extend("const" = 1))]
    pub version: u32,
    /// The machines that change, by name.
    pub hosts: Vec<JsonHost<'a>>,
    /// What changes for machines that are not listed; null when nothing does.
    pub unlisted: Option<JsonUnlisted<'a>>,
    /// How many hosts have each kind of change; a host with several counts for each.
    pub summary: BTreeMap<Kind, usize>,
}

/// What changes for one machine.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Host", deny_unknown_fields)]
pub struct JsonHost<'a> {
    /// Its name; for one that is listed no more, the name that it had.
    pub host: &'a str,
    /// The name that it had, when that was another.
    pub was: Option<&'a str>,
    /// The kinds of change, the most severe first.
    #[schemars(length(min = 1))]
    pub kinds: &'a [Kind],
    /// What differs, by the keys of the fleet file.
    pub fields: &'a [&'static str],
    /// The lines that caused it.
    pub because: Vec<JsonPlace<'a>>,
    /// Its network cards that are listed no more, and what they get.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub falls_to: Option<JsonFall<'a>>,
    /// Its network cards that went to another host, or came from one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<JsonMoved<'a>>,
}

/// A line of a source.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Place", deny_unknown_fields)]
pub struct JsonPlace<'a> {
    /// The file, as a path from the current folder.
    pub file: &'a str,
    /// The line.
    #[schemars(range(min = 1))]
    pub line: u32,
    /// True for a line of the base that is gone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

/// Network cards that are listed no more.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Fall", deny_unknown_fields)]
pub struct JsonFall<'a> {
    /// The cards.
    pub macs: Vec<String>,
    /// What they get: `refuse`, `local`, `install ROLE`.
    pub gets: &'a str,
}

/// A network card that went from one host to another.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Moved", deny_unknown_fields)]
pub struct JsonMoved<'a> {
    /// The card.
    pub mac: String,
    /// The host that had it.
    pub from: &'a str,
    /// The host that has it.
    pub to: &'a str,
}

/// What changes for machines that are not listed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Unlisted", deny_unknown_fields)]
pub struct JsonUnlisted<'a> {
    /// What they got: `refuse`, `local`, `install ROLE`; null where there was no fleet.
    pub was: Option<&'a str>,
    /// What they get.
    pub now: &'a str,
    /// The kinds of change, the most severe first.
    #[schemars(length(min = 1))]
    pub kinds: &'a [Kind],
    /// What differs.
    pub fields: &'a [&'static str],
    /// The lines that caused it.
    pub because: Vec<JsonPlace<'a>>,
}

fn place(place: &Place) -> JsonPlace<'_> {
    JsonPlace { file: &place.file, line: place.line, gone: place.gone }
}

fn moved(moved: &Moved) -> JsonMoved<'_> {
    JsonMoved { mac: moved.mac.colons(), from: &moved.from, to: &moved.to }
}

fn host<'a>(change: &'a Change, plan: &'a Plan) -> JsonHost<'a> {
    let falls = (!change.unlisted.is_empty())
        .then(|| JsonFall { macs: change.unlisted.iter().map(|mac| mac.colons()).collect(), gets: &plan.unknown });
    JsonHost {
        host: &change.host,
        was: change.was.as_deref(),
        kinds: &change.kinds,
        fields: &change.fields,
        because: change.because.iter().map(place).collect(),
        falls_to: falls,
        moved: change.moved.iter().map(moved).collect(),
    }
}

/// The plan as JSON, with a line break at its end.
pub fn json(plan: &Plan) -> String {
    let counts = Kind::ALL.into_iter().map(|kind| (kind, plan.count(kind))).filter(|(_, count)| *count > 0);
    let unlisted = plan.unlisted.as_ref().map(|unlisted| JsonUnlisted {
        was: unlisted.was.as_deref(),
        now: &unlisted.now,
        kinds: &unlisted.kinds,
        fields: &unlisted.fields,
        because: unlisted.because.iter().map(place).collect(),
    });
    let whole = JsonPlan {
        version: 1,
        hosts: plan.hosts.iter().map(|change| host(change, plan)).collect(),
        unlisted,
        summary: counts.collect(),
    };
    let mut text = serde_json::to_string(&whole).unwrap_or_else(|error| unreachable!("a plan is JSON: {error}"));
    text.push('\n');
    text
}

/// The JSON Schema of the plan.
pub fn schema() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<JsonPlan<'static>>()
}
