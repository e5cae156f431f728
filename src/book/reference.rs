//! The key reference, from the JSON Schema of the fleet file: every record, and every key of it.

use serde_json::{Map, Value};

use crate::draft;

pub(super) const PATH: &str = "language/reference.md";

/// The keys at the top in the order in which people write them; others follow by name.
const ORDER: [&str; 10] =
    ["version", "server", "unknown", "guards", "networks", "releases", "layouts", "defaults", "roles", "hosts"];

/// The records that hold settings beside keys of their own, the first of which comes behind the settings.
const HOLDERS: [&str; 3] = ["defaults", "role", "host"];

const INTRODUCTION: &str = "\
# Key reference

Every key of the fleet file, from the same declarations that the compiler reads and that `fleetc schema` prints for
editors. A key that is not here is an error ([`unknown-key`](../rules/unknown-key.md)).

`NAME` stands for a name of your own, `[]` for each element of a list. Keys in **bold** must be there.
";

const SETTINGS: &str = "\
The same keys in `defaults`, in roles and on hosts. Absent means inherit, `null` clears, a value replaces: see
[Inheritance](inheritance.md).";

/// A mapping with keys of the language, wherever it may stand.
struct Record {
    /// The name of its definition, or its first path.
    id: String,
    paths: Vec<String>,
    about: String,
    keys: Map<String, Value>,
    required: Vec<String>,
}

impl Record {
    fn title(&self) -> String {
        match self.paths[0].as_str() {
            "" => "The file".to_string(),
            "Settings" => "Settings".to_string(),
            _ => self.paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", "),
        }
    }

    /// The keys, those that must be there first.
    fn sorted(&self) -> Vec<(&String, &Value)> {
        let mut keys: Vec<_> = self.keys.iter().collect();
        keys.sort_by_key(|(key, _)| {
            (top_order(key).filter(|_| self.paths[0].is_empty()), !self.required.contains(key))
        });
        keys
    }
}

fn top_order(key: &str) -> Option<usize> {
    Some(ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len()))
}

struct Reference {
    definitions: Map<String, Value>,
    /// The keys that all holders of settings have in common.
    settings: Map<String, Value>,
    records: Vec<Record>,
}

pub(super) fn page() -> String {
    let schema = Value::from(draft::schema());
    let definitions = schema["$defs"].as_object().cloned().unwrap_or_default();
    let of = |holder: &str| definitions[holder]["properties"].as_object().cloned().unwrap_or_default();
    let mut settings = of(HOLDERS[0]);
    settings.retain(|key, value| HOLDERS.iter().all(|holder| of(holder).get(key) == Some(value)));
    let mut reference = Reference { definitions, settings, records: Vec::new() };
    reference.record("", "", &schema);
    let mut text = String::from(INTRODUCTION);
    for record in &reference.records {
        text.push_str(&format!("\n## {}\n\n{}\n", record.title(), record.about));
        text.push_str(&reference.table(record));
    }
    text
}

impl Reference {
    /// The name and the content of what a schema refers to; the schema itself when it refers to nothing.
    fn target<'s>(&'s self, schema: &'s Value) -> (Option<&'s str>, &'s Value) {
        let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        match name.and_then(|name| Some((name, self.definitions.get(name)?))) {
            Some((name, target)) => (Some(name), target),
            None => (None, schema),
        }
    }

    /// Takes a record, and every record below it.
    fn record(&mut self, id: &str, path: &str, schema: &Value) {
        if let Some(known) = self.records.iter_mut().find(|record| record.id == id) {
            known.paths.push(path.to_string());
            return;
        }
        let mut keys = schema["properties"].as_object().cloned().unwrap_or_default();
        let mut about = flat(schema["description"].as_str().unwrap_or_default());
        if HOLDERS.contains(&id) {
            if id == HOLDERS[0] {
                let settings = Value::from(Map::from_iter([
                    ("properties".to_string(), Value::from(self.settings.clone())),
                    ("description".to_string(), SETTINGS.into()),
                ]));
                self.record("Settings", "Settings", &settings);
            }
            keys.retain(|key, _| !self.settings.contains_key(key));
            about = "Besides [settings](#settings):".to_string();
        } else if id == "Settings" {
            about = SETTINGS.to_string();
        }
        let required = schema["required"].as_array().into_iter().flatten().map(plain).collect();
        let (id, paths) = (id.to_string(), vec![path.to_string()]);
        self.records.push(Record { id, paths, about, keys, required });
        let below = self.records.len() - 1;
        let keys: Vec<(String, Value)> =
            self.records[below].sorted().into_iter().map(|(key, schema)| (key.clone(), schema.clone())).collect();
        for (key, schema) in keys {
            self.inside(&join(path, &key), &schema);
        }
    }

    /// Finds the records in a schema, through lists, maps and alternatives.
    fn inside(&mut self, path: &str, schema: &Value) {
        let (name, target) = self.target(schema);
        let (name, target) = (name.unwrap_or(path).to_string(), target.clone());
        if target["properties"].is_object() {
            return self.record(&name, path, &target);
        }
        for choice in target["anyOf"].as_array().into_iter().flatten() {
            self.inside(path, choice);
        }
        for (part, suffix) in [("items", "[]"), ("additionalProperties", ".NAME")] {
            if target[part].is_object() {
                self.inside(&format!("{path}{suffix}"), &target[part]);
            }
        }
    }

    fn table(&self, record: &Record) -> String {
        let mut table = String::from("\n| key | value | meaning |\n|---|---|---|\n");
        for (key, schema) in record.sorted() {
            let mark = if record.required.contains(key) { "**" } else { "" };
            let meaning = schema["description"].as_str().or(self.target(schema).1["description"].as_str());
            let value = self.value(&join(&record.paths[0], key), schema);
            let cells = [format!("{mark}`{key}`{mark}"), value, flat(meaning.unwrap_or_default())];
            table.push_str(&format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | ")));
        }
        table
    }

    /// What a value looks like, in words.
    fn value(&self, path: &str, schema: &Value) -> String {
        let target = self.target(schema).1;
        if let Some(words) = target["enum"].as_array() {
            let mut words: Vec<String> = words.iter().map(|word| format!("`{}`", plain(word))).collect();
            // In quotes it is the same word.
            words.dedup();
            return words.join(", ");
        }
        if !target["const"].is_null() {
            return format!("`{}`", plain(&target["const"]));
        }
        if let Some(title) = target["title"].as_str() {
            return title.to_string();
        }
        if let Some(choices) = target["anyOf"].as_array() {
            return choices.iter().map(|choice| self.value(path, choice)).collect::<Vec<_>>().join("; or ");
        }
        let more = &target["additionalProperties"];
        match target["type"].as_str() {
            Some("array") => format!("list, each: {}", self.value(&format!("{path}[]"), &target["items"])),
            Some("boolean") => "`true` or `false`".to_string(),
            Some("null") => "`null`".to_string(),
            Some("object") if more.is_object() => {
                format!("`NAME:` {}", self.value(&format!("{path}.NAME"), more).replace("; or ", " or "))
            }
            Some("object") => {
                let record = self.records.iter().find(|record| record.paths.iter().any(|known| known == path));
                record.map_or("mapping".to_string(), |record| format!("[mapping](#{})", anchor(&record.title())))
            }
            _ => "anything".to_string(),
        }
    }
}

/// The path of a key; settings stand in several places, so theirs begins with the key.
fn join(path: &str, key: &str) -> String {
    if path.is_empty() || path == "Settings" { key.to_string() } else { format!("{path}.{key}") }
}

/// The anchor that a heading has in the book.
pub fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '-' | '_'));
    kept.map(|c| if c.is_whitespace() { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// A text of several lines as one.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}
