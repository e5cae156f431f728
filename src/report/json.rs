//! One JSON object. The types below are the format; its JSON Schema is made from them.

use std::io::{self, Write};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::Style;
use super::place::Place;
use super::secret::Masks;
use crate::diag::{Edit, Finding, Label, Level, Report};
use crate::source::Sources;

/// The findings of a run of fleetc, by file and place.
///
/// Lines and columns count from 1, columns in characters (Unicode scalar values); a byte-order mark at the start of a
/// file is not counted.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Findings<'a> {
    /// The version of this format; a reader should refuse one that it does not know.
    #[schemars(extend("const" = VERSION))]
    pub version: u32,
    /// What was found.
    pub findings: Vec<JsonFinding<'a>>,
    /// How much was found.
    pub summary: JsonSummary,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
pub struct JsonFinding<'a> {
    /// The id of the rule that reports it; `fleetc explain` tells more.
    pub rule: &'a str,
    /// How much it weighs.
    pub level: JsonLevel,
    /// What is wrong.
    pub message: &'a str,
    /// What to do, if there is something to say.
    pub help: Option<&'a str>,
    /// The file, as a path from the current folder.
    pub file: &'a str,
    /// The line of the first character.
    #[schemars(range(min = 1))]
    pub line: u32,
    /// The column of the first character.
    #[schemars(range(min = 1))]
    pub column: u32,
    /// The line of the character behind the last one.
    #[schemars(range(min = 1))]
    pub end_line: u32,
    /// The column of the character behind the last one: the same as `column` for a place between two characters.
    #[schemars(range(min = 1))]
    pub end_column: u32,
    /// Other places that have a part in it.
    pub related: Vec<JsonRelated<'a>>,
    /// The edits that make it right, all of them or none; empty where there is no safe repair.
    pub fix: Vec<JsonEdit<'a>>,
    /// The address of the rule's page, if it is known where the book is.
    pub url: Option<String>,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Level")]
pub enum JsonLevel {
    /// Nothing is built.
    Error,
    /// The fleet still builds.
    Warning,
}

/// Another place of a finding.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Related")]
pub struct JsonRelated<'a> {
    /// The file, as a path from the current folder.
    pub file: &'a str,
    /// The line of the first character.
    #[schemars(range(min = 1))]
    pub line: u32,
    /// The column of the first character.
    #[schemars(range(min = 1))]
    pub column: u32,
    /// What is to be said of this place; may be empty.
    pub message: &'a str,
}

/// A change of a file.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Edit")]
pub struct JsonEdit<'a> {
    /// The file, as a path from the current folder.
    pub file: &'a str,
    /// The line of the first character that goes.
    #[schemars(range(min = 1))]
    pub line: u32,
    /// The column of the first character that goes.
    #[schemars(range(min = 1))]
    pub column: u32,
    /// The line of the character behind the last one that goes.
    #[schemars(range(min = 1))]
    pub end_line: u32,
    /// The column of the character behind the last one that goes: the same as `column` where nothing goes.
    #[schemars(range(min = 1))]
    pub end_column: u32,
    /// What comes.
    pub text: &'a str,
}

/// How much was found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Summary")]
pub struct JsonSummary {
    /// How many errors.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
}

const VERSION: u32 = 1;

/// The JSON Schema of what the format writes.
pub fn findings_schema() -> Schema {
    // What is written, not what could be read: every field is there, `help` perhaps as null.
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Findings>()
}

pub(super) fn write(report: &Report, sources: &Sources, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut masks = Masks::new(sources);
    let findings = Findings {
        version: VERSION,
        findings: report.findings.iter().map(|finding| one(finding, sources, &mut masks, style)).collect(),
        summary: JsonSummary { errors: report.count(Level::Error), warnings: report.count(Level::Warn) },
    };
    serde_json::to_writer(&mut *out, &findings)?;
    writeln!(out)
}

fn one<'a>(finding: &'a Finding, sources: &'a Sources, masks: &mut Masks, style: &Style) -> JsonFinding<'a> {
    let found = &finding.diagnostic;
    let safe = !masks.hide(&found.fix);
    let Place { file, start, end } = Place::of(found.place.span, sources);
    JsonFinding {
        rule: found.rule.id,
        level: if finding.level == Level::Error { JsonLevel::Error } else { JsonLevel::Warning },
        message: &found.message,
        help: found.help.as_deref(),
        file,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        related: found.related.iter().map(|label| related(label, sources)).collect(),
        fix: found.fix.iter().filter(|_| safe).map(|edit| change(edit, sources)).collect(),
        url: style.page(found.rule.id),
    }
}

fn related<'a>(label: &'a Label, sources: &'a Sources) -> JsonRelated<'a> {
    let Place { file, start, .. } = Place::of(label.span, sources);
    JsonRelated { file, line: start.line, column: start.column, message: &label.text }
}

fn change<'a>(edit: &'a Edit, sources: &'a Sources) -> JsonEdit<'a> {
    let Place { file, start, end } = Place::of(edit.span, sources);
    let (end_line, end_column) = (end.line, end.column);
    JsonEdit { file, line: start.line, column: start.column, end_line, end_column, text: &edit.text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Format;
    use crate::report::testing::{BOOK, drawn, hard, report};

    #[test]
    fn lines_and_columns_are_counted_as_people_do() {
        let (sources, report) = hard();
        // Line 2: `žluť` 1–4, `:` 5, space 6, the face 7, space 8, `wrong` 9–13. Line 3: the tab is one character.
        let expected = concat!(
            r#"{"version":1,"findings":["#,
            r#"{"rule":"wrong-value","level":"error","message":"`wrong` is wrong","help":"write `right`","#,
            r#""file":"fleets/fleet.yaml","line":2,"column":9,"end_line":2,"end_column":14,"related":[],"#,
            r#""fix":[{"file":"fleets/fleet.yaml","line":2,"column":9,"end_line":2,"end_column":14,"text":"right"}],"#,
            r#""url":"https://book.example/rules/wrong-value.html"},"#,
            r#"{"rule":"odd-value","level":"warning","message":"odd","help":null,"#,
            r#""file":"fleets/fleet.yaml","line":3,"column":2,"end_line":3,"end_column":5,"#,
            r#""related":[{"file":"fleets/fleet.yaml","line":1,"column":1,"message":"as here"}],"#,
            r#""fix":[],"url":"https://book.example/rules/odd-value.html"}"#,
            r#"],"summary":{"errors":1,"warnings":1}}"#,
            "\n",
        );
        assert_eq!(drawn(Format::Json, &report, &sources, &BOOK), expected);
    }

    #[test]
    fn a_clean_fleet_is_an_object_too() {
        let expected = "{\"version\":1,\"findings\":[],\"summary\":{\"errors\":0,\"warnings\":0}}\n";
        assert_eq!(drawn(Format::Json, &report([]), &Sources::new(""), &Style::PLAIN), expected);
    }

    #[test]
    fn the_schema_holds_what_is_written() {
        let schema = serde_json::to_value(findings_schema()).expect("a schema is JSON");
        let validator = jsonschema::validator_for(&schema).expect("the schema is one");
        let (sources, report) = hard();
        let mut value: serde_json::Value =
            serde_json::from_str(&drawn(Format::Json, &report, &sources, &Style::PLAIN)).expect("JSON");
        assert!(validator.is_valid(&value));
        let place = ["file", "line", "column", "end_line", "end_column"];
        for field in ["rule", "level", "message", "help", "related", "fix", "url"].into_iter().chain(place) {
            let kept = value["findings"][0].as_object_mut().and_then(|finding| finding.remove(field));
            assert!(!validator.is_valid(&value), "{field} is not required");
            value["findings"][0][field] = kept.expect("the field is written");
        }
        value["version"] = 2.into();
        assert!(!validator.is_valid(&value));
    }
}
