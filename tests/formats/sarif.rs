//! SARIF, judged by the schema of OASIS and by what code scanning asks for beyond it.

use std::collections::BTreeSet;

use fleetc::report::{Format, Style};
use serde_json::{Value, json};

use super::{BOOK, compiled, fleets, json, whole};

fn validator() -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_str(include_str!("sarif-schema-2.1.0.json")).unwrap();
    // A slip in the schema: the pattern ends in a bracket that nothing opens. fleetc writes no `language`.
    for part in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{part}/properties/language")).unwrap();
        let pattern = language.as_object_mut().unwrap().remove("pattern").unwrap();
        assert_eq!(pattern, "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$");
    }
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

/// What the schema has against a report.
fn faults(log: &Value) -> Vec<String> {
    validator().iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_report_is_valid() {
    let validator = validator();
    for fleet in fleets() {
        for style in [Style::PLAIN, Style { folder: "a b/ž", colour: true, ..BOOK }] {
            let log = json(Format::Sarif, &fleet, &style);
            let faults: Vec<String> =
                validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(faults.is_empty(), "{faults:#?}\n{log:#}");
        }
    }
}

#[test]
fn the_schema_finds_faults() {
    let good = json(Format::Sarif, &compiled(&whole("bundlse: 1\n"), &[]), &BOOK);
    assert_eq!(faults(&good), [] as [&str; 0]);
    for (path, wrong) in [
        ("/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri", json!("a b%")),
        ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", json!(0)),
        ("/runs/0/results/0/level", json!("fatal")),
        ("/runs/0/results/0/ruleIndex", json!("0")),
        ("/runs/0/columnKind", json!("bytes")),
        ("/runs/0/tool/driver/rules/0/helpUri", json!("no uri")),
        ("/version", json!("2.2.0")),
    ] {
        let mut log = good.clone();
        *log.pointer_mut(path).unwrap_or_else(|| panic!("no {path}")) = wrong;
        assert_eq!(faults(&log).len(), 1, "{path}");
    }
}

#[test]
fn a_clean_fleet_is_a_run_without_results() {
    let log = json(Format::Sarif, &compiled(&whole(""), &[]), &Style::PLAIN);
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
    assert_eq!((&log["runs"][0]["results"], &log["runs"][0]["tool"]["driver"]["rules"]), (&json!([]), &json!([])));
}

#[test]
fn a_result_has_all_that_a_viewer_shows() {
    let fleet = "roles:\n  compute:\n    bundles: {add: [vim, vim]}\n";
    let log = json(Format::Sarif, &compiled(&whole(fleet), &[]), &BOOK);
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(run["tool"]["driver"]["informationUri"], "https://fleet.example/book");
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!(rule["id"], "duplicate-in-list");
    assert_eq!(rule["shortDescription"]["text"], "A bundle that stands twice in one list");
    assert_eq!(rule["fullDescription"]["text"], "A bundle that stands twice in one list.");
    assert_eq!(rule["helpUri"], "https://fleet.example/book/rules/duplicate-in-list.html");
    assert_eq!(rule["defaultConfiguration"]["level"], "warning");
    assert_eq!(rule["properties"]["tags"], json!(["Software"]));
    let page = rule["help"]["text"].as_str().unwrap();
    assert!(page.starts_with("What it does\n  A bundle") && page.contains("\nInstead\n"), "{page}");
    let page = rule["help"]["markdown"].as_str().unwrap();
    assert!(page.starts_with("## What it does\nA bundle") && page.contains("\n## Instead\n```yaml\n"), "{page}");
    let mut result = run["results"][0].clone();
    assert!(result["partialFingerprints"]["fleetcFinding/v1"].take().is_string());
    let place = |column: u32, end: u32| {
        json!({
            "artifactLocation": {"uri": "fleet.yaml", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 3, "startColumn": column, "endLine": 3, "endColumn": end},
        })
    };
    // Line 3: `bundles:` 5–12, `{` 14, `add:` 15–18, `[` 20, `vim` 21–23, comma 24, `vim` 26–28.
    let expected = json!({
        "ruleId": "duplicate-in-list", "ruleIndex": 0, "level": "warning",
        "message": {"text": "`vim` stands twice in this list\nhelp: remove one\nsee: [first here](1)"},
        "locations": [{"physicalLocation": place(26, 29), "message": {"text": "again here"}}],
        "relatedLocations": [{"id": 1, "physicalLocation": place(21, 24), "message": {"text": "first here"}}],
        "partialFingerprints": {"fleetcFinding/v1": null},
    });
    result.as_object_mut().unwrap().remove("fixes");
    assert_eq!(result, expected);
}

/// Each result names its rule twice, and no rule is there that found nothing.
#[test]
fn rules_are_those_that_found_something() {
    for fleet in fleets() {
        let log = json(Format::Sarif, &fleet, &Style::PLAIN);
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let mut used = BTreeSet::new();
        for result in run["results"].as_array().unwrap() {
            let index = result["ruleIndex"].as_u64().unwrap();
            assert_eq!(rules[index as usize]["id"], result["ruleId"]);
            used.insert(index);
        }
        assert_eq!(used.len(), rules.len());
        for rule in rules {
            assert!(rule.get("helpUri").is_none() && !rule["help"]["text"].as_str().unwrap().is_empty());
        }
    }
}

/// The repairs that a report offers, done by its lines and columns, leave a file without the findings they are for.
#[test]
fn fixes_repair() {
    let mut repaired = 0;
    let slips = "hosts:\n  node-1: { mac: '525400000001', role: compute }\n  b: { full_name: ž, MAC: 52:54:00:00:00:02, role: compute }\n";
    for fleet in fleets().into_iter().chain([compiled(&whole(slips).replace('\n', "\r\n"), &[])]) {
        let log = json(Format::Sarif, &fleet, &Style::PLAIN);
        for result in log["runs"][0]["results"].as_array().unwrap() {
            for change in result["fixes"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(|fix| fix["artifactChanges"].as_array().unwrap())
            {
                let name = change["artifactLocation"]["uri"].as_str().unwrap();
                let source = fleet.sources.get(fleet.sources.find(name).unwrap());
                let text = replaced(&source.text, change["replacements"].as_array().unwrap());
                let fingerprint = &result["partialFingerprints"];
                let again = if name == "fleet.yaml" { compiled(&text, &[]) } else { continue };
                let again = json(Format::Sarif, &again, &Style::PLAIN);
                let left = again["runs"][0]["results"].as_array().unwrap();
                assert!(left.iter().all(|left| &left["partialFingerprints"] != fingerprint), "{result:#}\n{text}");
                repaired += 1;
            }
        }
    }
    assert!(repaired >= 3, "only {repaired} repairs");
}

/// A text with replacements done, from the last to the first.
fn replaced(text: &str, replacements: &[Value]) -> String {
    let offset = |line: &Value, column: &Value| {
        let (line, column) = (line.as_u64().unwrap() as usize, column.as_u64().unwrap() as usize);
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        text[start..].char_indices().nth(column - 1).map_or(text.len(), |(at, _)| start + at)
    };
    let mut text = text.to_string();
    for replacement in replacements.iter().rev() {
        let region = &replacement["deletedRegion"];
        let start = offset(&region["startLine"], &region["startColumn"]);
        let end = offset(&region["endLine"], &region["endColumn"]);
        text.replace_range(start..end, replacement["insertedContent"]["text"].as_str().unwrap());
    }
    text
}
