//! SARIF 2.1.0, for code scanning and editors. The types below are what fleetc writes of it.
//!
//! Lines and columns count from 1, columns in characters (`unicodeCodePoints`); the end is behind the last character.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::fingerprint::Fingerprints;
use super::place::Place;
use super::secret::Masks;
use super::{Style, page, text};
use crate::diag::{Edit, Finding, Label, Level, Report, Rule};
use crate::source::{FileId, Sources, Span};

/// What the paths of files start from.
const ROOT: &str = "%SRCROOT%";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    invocations: [Invocation; 1],
    original_uri_base_ids: BTreeMap<&'static str, Base>,
    column_kind: &'static str,
    results: Results<'a>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'a str>,
    rules: Vec<Descriptor>,
}

/// A rule. Only those that found something are written, each with its page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    deprecated_ids: &'static [&'static str],
    short_description: Text,
    full_description: Text,
    help: Help,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    tags: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
}

#[derive(Serialize)]
struct Base {
    description: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Hit {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    artifact_changes: Vec<Change>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

pub(super) fn write(report: &Report, sources: &Sources, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut rules: Vec<&Rule> = report.findings.iter().map(|finding| finding.diagnostic.rule).collect();
    rules.sort_by_key(|rule| rule.id);
    rules.dedup();
    let version = env!("CARGO_PKG_VERSION");
    let driver = Driver {
        name: "fleetc",
        version,
        semantic_version: version,
        information_uri: style.book,
        rules: rules.iter().map(|rule| descriptor(rule, style)).collect(),
    };
    let base = Base { description: Text { text: "the top of the repository that holds the fleet file".to_string() } };
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver },
            invocations: [Invocation { execution_successful: true }],
            original_uri_base_ids: BTreeMap::from([(ROOT, base)]),
            column_kind: "unicodeCodePoints",
            results: Results { report, writer: Writer { sources, style }, rules },
        }],
    };
    serde_json::to_writer(&mut *out, &log)?;
    writeln!(out)
}

fn descriptor(rule: &Rule, style: &Style) -> Descriptor {
    // Wide enough for no line to be folded before those of the page are.
    let plain = Style { colour: false, width: 100, ..*style };
    Descriptor {
        id: rule.id,
        deprecated_ids: rule.formerly,
        short_description: Text { text: page::title(rule) },
        full_description: Text { text: page::summary(rule) },
        help: Help { text: page::text(rule, &plain), markdown: page::markdown(rule) },
        help_uri: style.page(rule.id),
        default_configuration: Configuration { level: level(rule.level) },
        properties: Properties { tags: [rule.family.title()] },
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warning",
        Level::Allow => "none",
    }
}

/// The results, made one by one as they are written.
struct Results<'a> {
    report: &'a Report,
    writer: Writer<'a>,
    /// The rules of the run, by id.
    rules: Vec<&'a Rule>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Writer { sources, style } = self.writer;
        let (mut fingerprints, mut masks) = (Fingerprints::new(sources, style), Masks::new(sources));
        let mut sequence = serializer.serialize_seq(Some(self.report.findings.len()))?;
        for finding in &self.report.findings {
            let found = &finding.diagnostic;
            let known = self.rules.binary_search_by_key(&found.rule.id, |rule| rule.id);
            let related = found.related.iter().zip(1..);
            let safe = !masks.hide(&found.fix);
            sequence.serialize_element(&Hit {
                rule_id: found.rule.id,
                rule_index: known.unwrap_or_else(|_| unreachable!("every rule of the run is listed")),
                level: level(finding.level),
                message: Text { text: message(finding) },
                locations: [self.writer.location(&found.place, None)],
                related_locations: related.map(|(label, id)| self.writer.location(label, Some(id))).collect(),
                partial_fingerprints: BTreeMap::from([("fleetcFinding/v1", fingerprints.of(found))]),
                fixes: self.writer.fix(&found.fix).filter(|_| safe).into_iter().collect(),
            })?;
        }
        sequence.end()
    }
}

/// Links in a message that show other places.
const MAX_LINKS: usize = 10;

/// What is wrong, what to do, and links to the other places.
fn message(finding: &Finding) -> String {
    let found = &finding.diagnostic;
    let mut text = found.message.clone();
    if let Some(help) = &found.help {
        text.push_str(&format!("\nhelp: {}", help.trim_end()));
    }
    let said = found.related.iter().zip(1..).filter(|(label, _)| !label.text.is_empty());
    let links: Vec<String> =
        said.take(MAX_LINKS).map(|(label, id)| format!("[{}]({id})", words(&label.text))).collect();
    if !links.is_empty() {
        text.push_str(&format!("\nsee: {}", links.join(", ")));
    }
    text
}

/// The words of a link, where brackets would end it.
fn words(text: &str) -> String {
    text::one_line(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

#[derive(Clone, Copy)]
struct Writer<'a> {
    sources: &'a Sources,
    style: &'a Style<'a>,
}

impl Writer<'_> {
    fn location(&self, label: &Label, id: Option<usize>) -> Location {
        let message = Some(text::one_line(&label.text)).filter(|text| !text.is_empty());
        let place =
            PhysicalLocation { artifact_location: self.artifact(label.span.file), region: self.region(label.span) };
        Location { id, physical_location: place, message: message.map(|text| Text { text }) }
    }

    fn artifact(&self, file: FileId) -> Artifact {
        let source = self.sources.get(file);
        let named = !source.name.starts_with('<');
        Artifact { uri: uri(&self.style.path(source)), uri_base_id: named.then_some(ROOT) }
    }

    fn region(&self, span: Span) -> Region {
        let Place { start, end, .. } = Place::of(span, self.sources);
        Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
    }

    /// The edits of a finding by file, in the order of their places.
    fn fix(&self, edits: &[Edit]) -> Option<Fix> {
        let mut edits: Vec<&Edit> = edits.iter().collect();
        edits.sort_by_key(|edit| edit.span);
        let changes: Vec<Change> = edits
            .chunk_by(|a, b| a.span.file == b.span.file)
            .map(|edits| Change {
                artifact_location: self.artifact(edits[0].span.file),
                replacements: edits.iter().map(|edit| self.replacement(edit)).collect(),
            })
            .collect();
        (!changes.is_empty()).then_some(Fix { artifact_changes: changes })
    }

    fn replacement(&self, edit: &Edit) -> Replacement {
        Replacement { deleted_region: self.region(edit.span), inserted_content: Text { text: edit.text.clone() } }
    }
}

/// A path as a reference: everything but plain letters, digits, `-._~` and slashes is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
