//! The JSON Schemas: kept up to date, right in themselves, right about what fleetc writes, and as strict as they can be
//! about what it reads.
#![allow(clippy::unwrap_used)]

#[path = "support/example.rs"]
mod example;
#[path = "support/fleets/mod.rs"]
mod fleets;
#[path = "support/golden.rs"]
mod golden;
#[path = "support/program.rs"]
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fleetc::compile::{Compiled, compile};
use fleetc::diag::{Level, Levels};
use fleetc::schemas::{self, SCHEMAS};
use fleetc::source::Memory;
use jsonschema::Validator;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use serde_json::Value;

fn schema(name: &str) -> Value {
    let (_, make) = SCHEMAS.iter().find(|(known, _)| *known == name).unwrap();
    serde_json::to_value(make()).unwrap()
}

fn validator(name: &str) -> Validator {
    jsonschema::draft202012::new(&schema(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What a schema finds wrong, a line each.
fn faults(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_schemas_in_the_repository_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let mut stale = Vec::new();
    for (name, make) in SCHEMAS {
        let path = folder.join(format!("{name}.schema.json"));
        stale.extend(golden::compare(&path, &schemas::text(&make())).err());
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
    let kept: BTreeSet<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(kept, SCHEMAS.iter().map(|(name, _)| format!("{name}.schema.json")).collect());
}

#[test]
fn the_schemas_are_schemas() {
    for (name, _) in SCHEMAS {
        let schema = schema(name);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        if let Err(error) = jsonschema::draft202012::meta::validate(&schema) {
            panic!("{name}: {error}");
        }
        validator(name);
        assert!(schema["title"].is_string() && schema["description"].is_string(), "{name} does not say what it is");
    }
}

#[test]
fn every_template_and_manifest_is_what_its_schema_says() {
    let (template, manifest) = (validator("ister-template"), validator("manifest"));
    for example in example::all() {
        for (path, value) in example::templates(&example.tree()) {
            assert_eq!(faults(&template, &value), [""; 0], "{}: {path}", example.name);
        }
        let place = tempfile::tempdir().unwrap();
        let files = program::build(&example.folder, &place.path().join("out"));
        let value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        assert_eq!(faults(&manifest, &value), [""; 0], "{}", example.name);
    }
}

#[test]
fn every_example_is_what_the_fleet_schema_says() {
    let fleet = validator("fleet");
    for example in example::all() {
        let document = example.document();
        // A reader of YAML 1.1 takes six pairs of digits with colons for one number with base 60.
        assert!(document["hosts"].as_object().unwrap().values().all(|host| !host["mac"].is_number()));
        assert_eq!(faults(&fleet, &document), [""; 0], "{}", example.name);
        let line = "# yaml-language-server: $schema=../../schema/fleet.schema.json";
        let named = example.text().lines().any(|text| text == line);
        assert!(named || example.name == "minimal", "{}: editors are not told of the schema", example.name);
    }
}

/// Calls `seen` with each schema that stands for a property, and where it stands.
fn properties(schema: &Value, place: &str, seen: &mut dyn FnMut(&str, &Value)) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                let inner = format!("{place}/{key}");
                if let ("properties", Value::Object(properties)) = (key.as_str(), value) {
                    properties.iter().for_each(|(name, value)| seen(&format!("{inner}/{name}"), value));
                }
                self::properties(value, &inner, seen);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| properties(value, place, seen)),
        _ => {}
    }
}

#[test]
fn every_property_says_what_it_is() {
    let mut silent = Vec::new();
    let mut count = 0;
    for (name, _) in SCHEMAS {
        properties(&schema(name), name, &mut |place, property| {
            count += 1;
            let text = property["description"].as_str().unwrap_or_default();
            // A sentence, which ends.
            if !(text.ends_with('.') || text.ends_with('`')) || text.len() < 4 {
                silent.push(place.to_string());
            }
        });
    }
    assert!(silent.is_empty() && count > 100, "{count} properties, without a text: {silent:#?}");
}

// A corpus of fleets with one fault each.

/// A fleet with a fault, as its first lines describe it: `# schema: cannot tell` where that is so, what is wrong, and
/// `# rule: ID`.
struct Broken {
    name: String,
    text: String,
    /// The rule that reports the fault.
    rule: String,
    /// Whether a schema has no means to see it.
    beyond_schema: bool,
}

fn corpus() -> Vec<Broken> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| broken(path)).collect()
}

fn broken(path: &Path) -> Broken {
    let name = path.file_name().unwrap().to_str().unwrap().to_string();
    assert!(name.ends_with(".yaml"), "{name}");
    let text = fs::read_to_string(path).unwrap();
    let comments: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("# ")).collect();
    let beyond_schema = comments[0] == "schema: cannot tell";
    let [_what, rule] = comments[usize::from(beyond_schema)..] else { panic!("{name}: {comments:?}") };
    let rule = rule.strip_prefix("rule: ").unwrap_or_else(|| panic!("{name} names no rule")).to_string();
    Broken { name, text, rule, beyond_schema }
}

fn check(text: &str) -> Compiled {
    compile("fleet.yaml", text.to_string(), "", &Memory::default(), &Levels::default())
}

/// One of them asks for clr-installer: no fleet gets to what the contract says of it, C-1 to C-17.
#[test]
fn the_compiler_rejects_each_broken_fleet_for_its_one_fault() {
    let corpus = corpus();
    assert!(corpus.len() >= 40, "{} broken fleets", corpus.len());
    let mut wrong = Vec::new();
    for broken in &corpus {
        let compiled = check(&broken.text);
        let errors = compiled.report.findings.iter().filter(|finding| finding.level == Level::Error);
        let rules: BTreeSet<&str> = errors.map(|finding| finding.diagnostic.rule.id).collect();
        if rules != BTreeSet::from([broken.rule.as_str()]) || compiled.fleet().is_some() {
            wrong.push(format!("{}: {:#?}", broken.name, example::findings(&compiled)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), corpus.len(), wrong.join("\n"));
}

#[test]
fn the_schema_rejects_each_broken_fleet_where_it_can() {
    let fleet = validator("fleet");
    let mut wrong = Vec::new();
    for broken in corpus() {
        // What other readers of YAML take for no document, an editor marks too.
        let rejects = serde_yaml::from_str(&broken.text).map_or(true, |document| !fleet.is_valid(&document));
        if rejects == broken.beyond_schema {
            let what = if rejects { "the schema rejects it: remove the mark" } else { "the schema accepts it" };
            wrong.push(format!("{}: {what}", broken.name));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_base_of_the_corpus_is_sound() {
    // Without their faults the fleets would pass: the most common sections of the corpus, put together.
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for broken in corpus() {
        let mut sections: Vec<(String, String)> = Vec::new();
        for line in broken.text.split_inclusive('\n').filter(|line| !line.starts_with('#')) {
            match sections.last_mut() {
                Some((_, body)) if line.starts_with(' ') => body.push_str(line),
                _ => sections.push((line.split(':').next().unwrap().to_string(), line.to_string())),
            }
        }
        for section in sections {
            *counts.entry(section).or_default() += 1;
        }
    }
    let mut common: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for ((key, body), count) in &counts {
        let best = common.entry(key).or_default();
        *best = (*best).max((*count, body));
    }
    let whole: String = common.values().filter(|(count, _)| *count > 50).map(|(_, body)| *body).collect();
    let compiled = check(&whole);
    assert!(compiled.report.findings.is_empty() && compiled.fleet().is_some(), "{:#?}", example::findings(&compiled));
    assert_eq!(faults(&validator("fleet"), &serde_yaml::from_str(&whole).unwrap()), [""; 0]);
}

#[test]
fn findings_are_what_their_schema_says() {
    let findings = validator("findings");
    let place = tempfile::tempdir().unwrap();
    for broken in corpus() {
        fs::write(place.path().join("fleet.yaml"), &broken.text).unwrap();
        let run = program::fleetc(place.path(), &["check", "--format", "json"]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{}", broken.name);
        let value: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(faults(&findings, &value), [""; 0], "{}", broken.name);
        let rules: Vec<&str> =
            value["findings"].as_array().unwrap().iter().filter_map(|finding| finding["rule"].as_str()).collect();
        assert!(rules.contains(&broken.rule.as_str()), "{}: {rules:?}", broken.name);
    }
}

/// Each way to a mapping inside a value, as a JSON pointer.
fn mappings(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| mappings(value, &format!("{path}/{key}"), found));
            found.push(path.to_string());
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| mappings(value, &format!("{path}/{index}"), found));
        }
        _ => {}
    }
}

/// With any one key taken out, or one put in that is none, schema and compiler agree.
#[test]
fn the_schema_asks_for_the_keys_that_the_compiler_asks_for() {
    let validator = validator("fleet");
    let mut differ = Vec::new();
    for example in example::all() {
        let mut whole = example.document();
        // A hundred hosts of one kind say no more than eight.
        let hosts = whole["hosts"].as_object_mut().unwrap();
        *hosts = std::mem::take(hosts).into_iter().take(8).collect();
        let mut paths = Vec::new();
        mappings(&whole, "", &mut paths);
        for path in &paths {
            let keys: Vec<String> = whole.pointer(path).unwrap().as_object().unwrap().keys().cloned().collect();
            for key in keys.iter().map(Some).chain([None]) {
                let mut changed = whole.clone();
                let map = changed.pointer_mut(path).unwrap().as_object_mut().unwrap();
                match key {
                    Some(key) => drop(map.remove(key)),
                    None => drop(map.insert("no_such_key".to_string(), "text".into())),
                }
                let compiled = example.compile(&serde_yaml::to_string(&changed).unwrap());
                let rules = compiled.report.findings.iter().map(|finding| finding.diagnostic.rule.id);
                let form = ["missing-key", "unknown-key", "wrong-kind", "ambiguous-artifact"];
                let compiler = rules.into_iter().any(|rule| form.contains(&rule));
                // `role` may stand on the host or in `defaults`: no matter of the schema.
                let beyond = key.is_some_and(|key| key == "role" || key == "defaults");
                if compiler == validator.is_valid(&changed) && !beyond {
                    differ.push(format!("{} {path} {key:?}: compiler {compiler}", example.name));
                }
            }
        }
    }
    assert!(differ.is_empty(), "{}:\n{}", differ.len(), differ.join("\n"));
}

#[test]
fn the_schema_accepts_what_the_compiler_accepts() {
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (validator, loader) = (validator("fleet"), fleets::files());
    let tapes = proptest::collection::vec(proptest::num::u16::ANY, 0..500);
    let result = runner.run(&tapes, |numbers| {
        let mut tape = fleets::Tape::new(&numbers);
        let fleet = fleets::fleet(&mut tape);
        let text = fleets::text(&mut tape, &fleet);
        let compiled = compile("fleet.yaml", text.clone(), "", &loader, &Levels::default());
        let faults = faults(&validator, &serde_yaml::from_str(&text).unwrap());
        if compiled.fleet().is_some() && !faults.is_empty() {
            return Err(TestCaseError::fail(format!("{faults:#?}\n\n{text}")));
        }
        Ok(())
    });
    match result {
        Err(TestError::Fail(fault, _)) => panic!("{fault}"),
        other => other.unwrap(),
    }
}
