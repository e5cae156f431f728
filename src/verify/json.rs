//! The check as one JSON object. The types below are the format; its JSON Schema is made from them.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::client::Client;
use super::expected::Source;
use super::fault::FaultKind;
use super::kind::Kind;
use super::meaning::meaning;
use super::report::{Finding, Report};
use crate::publish::manifest::Origin;

/// How a server was found, against the tree that it should serve.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "fleetc verify", deny_unknown_fields)]
pub struct JsonVerify<'a> {
    /// The version of this format; a reader should refuse one that it does not know.
    #[schemars(extend("const" = 1))]
    pub version: u32,
    /// The URL that was given.
    pub url: &'a str,
    /// Where the list of files comes from.
    pub source: JsonSource,
    /// Whether all is well: nothing is wrong, and nothing was left out for lack of time.
    pub good: bool,
    /// Why it is not the whole; null when it is.
    pub unfinished: Option<&'a str>,
    /// Network cards whose requests were made.
    pub machines: usize,
    /// Network cards that the fleet has.
    pub machines_of: usize,
    /// Requests by kind of URL.
    pub kinds: Vec<JsonKind>,
    /// What is wrong, in the order of the requests.
    pub findings: Vec<JsonFault<'a>>,
    /// What is not wrong and worth to know, in words.
    pub notes: &'a [String],
}

/// Where the list of files comes from.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Source")]
pub enum JsonSource {
    /// The server's own `manifest.json`.
    Server,
    /// A tree on the machine that asked.
    Tree,
    /// A fleet file.
    Fleet,
}

/// Requests of a kind.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Kind", deny_unknown_fields)]
pub struct JsonKind {
    /// The kind of URL.
    pub kind: Kind,
    /// Requests that were made.
    pub asked: usize,
    /// Answers that are as they should be.
    pub good: usize,
    /// Those that are not.
    pub bad: usize,
}

/// Something that is wrong.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Fault", deny_unknown_fields)]
pub struct JsonFault<'a> {
    /// What is wrong.
    pub fault: FaultKind,
    /// The kind of URL.
    pub kind: Kind,
    /// Who asks for it.
    pub client: Client,
    /// The URL, as it was asked for.
    pub url: &'a str,
    /// The path in the tree; for what is not part of the tree, its URL.
    pub path: &'a str,
    /// What is wrong, in words.
    pub message: String,
    /// What it does to machines, in words; null where it does nothing.
    pub meaning: Option<&'static str>,
    /// The source file that the file of the tree comes from; null for what is not part of the tree.
    pub file: Option<&'a str>,
    /// The line in it.
    pub line: Option<u32>,
}

fn fault(finding: &Finding) -> JsonFault<'_> {
    let origin: Option<&Origin> = finding.origin.as_ref();
    let kind = finding.fault.kind();
    JsonFault {
        fault: kind,
        kind: finding.kind,
        client: finding.client,
        url: &finding.url,
        path: &finding.path,
        message: finding.fault.message(),
        meaning: meaning(kind, finding.kind),
        file: origin.map(|origin| &*origin.file),
        line: origin.map(|origin| origin.line),
    }
}

/// The check as JSON, with a line break at its end.
pub fn json(report: &Report) -> String {
    let kinds = report.tally.iter().map(|(kind, tally)| JsonKind {
        kind: *kind,
        asked: tally.asked,
        good: tally.asked.saturating_sub(tally.bad),
        bad: tally.bad,
    });
    let whole = JsonVerify {
        version: 1,
        url: &report.url,
        source: match report.source {
            Source::Server => JsonSource::Server,
            Source::Tree => JsonSource::Tree,
            Source::Fleet => JsonSource::Fleet,
        },
        good: report.is_good(),
        unfinished: report.unfinished.as_deref(),
        machines: report.machines.0,
        machines_of: report.machines.1,
        kinds: kinds.collect(),
        findings: report.findings.iter().map(fault).collect(),
        notes: &report.notes,
    };
    let mut text = serde_json::to_string(&whole).unwrap_or_else(|error| unreachable!("plain values: {error}"));
    text.push('\n');
    text
}

/// The JSON Schema of the check.
pub fn schema() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<JsonVerify<'static>>()
}
