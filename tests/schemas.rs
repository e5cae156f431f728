//! The JSON Schemas in `schema/` are fresh, and that of the fleet file agrees with the compiler.

mod docs;

use std::fs;

use docs::{none, root, settle};
use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::schemas::{SCHEMAS, text};
use fleetc::source::Disk;
use jsonschema::Validator;
use serde_yaml::Value;

const EXAMPLES: [&str; 4] = ["bulk", "minimal", "mixed", "pilot"];

#[test]
fn files_are_fresh() {
    let faults = SCHEMAS
        .iter()
        .filter_map(|(name, make)| settle(&root().join(format!("schema/{name}.schema.json")), &text(&make())).err());
    none(faults.collect());
}

fn validator() -> Validator {
    let (_, make) = SCHEMAS.iter().find(|(name, _)| *name == "fleet").expect("the schema of the fleet file");
    jsonschema::validator_for(&make().into()).expect("a schema")
}

/// An example as an editor sees it, without the hundred hosts of one kind.
fn example(name: &str) -> Value {
    let text = fs::read_to_string(root().join(format!("examples/{name}/fleet.yaml"))).expect("the example");
    let mut value: Value = serde_yaml::from_str(&text).expect("YAML");
    if let Some(Value::Mapping(hosts)) = value.get_mut("hosts") {
        let names: Vec<Value> = hosts.keys().skip(8).cloned().collect();
        for name in names {
            hosts.remove(&name);
        }
    }
    value
}

#[test]
fn examples_are_valid() {
    let validator = validator();
    for name in EXAMPLES {
        let json = serde_json::to_value(example(name)).expect("JSON");
        let faults: Vec<String> =
            validator.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(faults, Vec::<String>::new(), "{name}");
    }
}

/// Each way to the mappings of a value: keys and indices.
fn mappings(value: &Value, path: &[Value], found: &mut Vec<Vec<Value>>) {
    let mut below = |key: Value, value: &Value| mappings(value, &[path, &[key]].concat(), found);
    match value {
        Value::Mapping(mapping) => {
            for (key, value) in mapping {
                below(key.clone(), value);
            }
            found.push(path.to_vec());
        }
        Value::Sequence(items) => {
            for (index, value) in items.iter().enumerate() {
                below(index.into(), value);
            }
        }
        _ => {}
    }
}

fn at<'v>(value: &'v mut Value, path: &[Value]) -> &'v mut Value {
    path.iter().fold(value, |value, part| match value {
        Value::Sequence(items) => &mut items[part.as_u64().expect("an index") as usize],
        other => other.get_mut(part).expect("a key"),
    })
}

/// With any one key taken out, or one put in that is no key or has a text for a mapping, schema and compiler agree.
#[test]
fn the_schema_asks_for_the_keys_that_the_compiler_asks_for() {
    let validator = validator();
    let mut faults = Vec::new();
    for name in EXAMPLES {
        let whole = example(name);
        let mut paths = Vec::new();
        mappings(&whole, &[], &mut paths);
        for path in &paths {
            let keys: Vec<Value> =
                at(&mut whole.clone(), path).as_mapping().expect("a mapping").keys().cloned().collect();
            for key in keys.iter().map(Some).chain([None]) {
                let mut changed = whole.clone();
                let mapping = at(&mut changed, path).as_mapping_mut().expect("a mapping");
                match key {
                    Some(key) => drop(mapping.remove(key)),
                    None => drop(mapping.insert("no_such_key".into(), Value::from("text"))),
                }
                let text = serde_yaml::to_string(&changed).expect("YAML");
                let loader = Disk::new(root().join("examples").join(name));
                let report = compile("fleet.yaml", text, "", &loader, &Levels::default()).report;
                let mut rules = report.findings.iter().map(|finding| finding.diagnostic.rule.id);
                // `role` may stand on the host or in `defaults`: no matter of the schema.
                let compiler = rules.any(|rule| ["missing-key", "unknown-key", "wrong-kind"].contains(&rule));
                let schema = !validator.is_valid(&serde_json::to_value(&changed).expect("JSON"));
                if compiler != schema && key.is_none_or(|key| key != "role" && key != "defaults") {
                    faults.push(format!("{name} {path:?} {key:?}: compiler {compiler}, schema {schema}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}\n{}", faults.len(), faults.join("\n"));
}
