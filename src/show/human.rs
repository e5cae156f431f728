//! A machine for people: a table of names, values and places; what was overridden stands below, with `was`.

use serde_json::Value as Json;

use super::{Field, LayerName, Set, Shown};
use crate::report::{Style, clean, fold, one_line};

/// The narrowest column of values.
const NARROW: usize = 24;
/// The widest.
const WIDE: usize = 60;

/// A machine as a table. Values that nobody set are left out.
pub fn human(shown: &Shown, style: &Style<'_>) -> String {
    let there =
        |field: &&Field| !field.set.value.is_null() || field.set.faulty || field.set.layer != LayerName::BuiltIn;
    let fields: Vec<&Field> = shown.fields.iter().filter(there).collect();
    let name = fields.iter().map(|field| field.name().chars().count()).max().unwrap_or_default();
    // The first line has the whole path; below it, paths start at the fleet file's folder.
    let folder = shown.file.rfind('/').map_or("", |slash| &shown.file[..=slash]);
    let sets = |field: &&Field| -> Vec<usize> {
        field.superseded.iter().chain([&field.set]).map(|set| place(set, folder).chars().count()).collect()
    };
    let places = fields.iter().flat_map(sets).max().unwrap_or_default();
    let room = style.width.saturating_sub(name + places + 6).clamp(NARROW, WIDE);
    let rows: Vec<Vec<Row>> = fields.iter().map(|field| rows(field, room, folder)).collect();
    let widths = rows.iter().flatten().map(|row| row.value.chars().count());
    // A word that is longer than its column does not move the others.
    let value = widths.filter(|width| *width <= room).max().unwrap_or_default();
    let mut text = format!("{}  {}:{}\n", style.bold(&shown.host), shown.file, shown.line);
    let mut group = "";
    for (field, rows) in fields.iter().zip(rows) {
        let next = section(field);
        if next != group {
            text.push('\n');
            group = next;
        }
        for (index, row) in rows.iter().enumerate() {
            let key = if index == 0 { field.name() } else { "" };
            let line = format!("  {key:name$}  {:value$}  {}", row.value, row.place);
            let line = line.trim_end();
            let line = match (index, row.old) {
                (0, _) => line.replacen(key, &style.bold(key), 1),
                (_, true) => style.dim(line),
                _ => line.to_string(),
            };
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

/// The values alone, for scripts: a list has a line for each of its elements, a map one for each of its keys.
pub fn plain(shown: &Shown) -> String {
    let mut text = String::new();
    for field in &shown.fields {
        let lines: Vec<String> = match &field.set.value {
            Json::Array(items) => items.iter().map(scalar).collect(),
            Json::Object(map) => map.iter().map(|(key, value)| format!("{key}: {}", scalar(value))).collect(),
            value => vec![scalar(value)],
        };
        lines.iter().for_each(|line| text.push_str(&format!("{}\n", clean(line.trim_end_matches('\n')))));
    }
    text
}

fn scalar(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Fields that stand together.
fn section(field: &Field) -> &str {
    match (field.set.layer, field.name().split_once('.')) {
        (_, Some((map, _))) => map,
        (LayerName::Derived, None) => "derived",
        _ if matches!(field.name(), "mac" | "address" | "role" | "cloud_config") => "host",
        _ => "settings",
    }
}

/// A line of the table.
struct Row {
    value: String,
    place: String,
    /// Whether it no longer holds.
    old: bool,
}

fn rows(field: &Field, room: usize, folder: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |set: &Set, before: &str| {
        let old = !before.is_empty();
        let text = format!("{before}{}", value(set));
        let mut place = place(set, folder);
        for line in fold(&text, room, room).split('\n') {
            rows.push(Row { value: line.to_string(), place: std::mem::take(&mut place), old });
        }
        let edits = [("+ ", &set.added), ("- ", &set.removed)];
        for (sign, names) in edits.into_iter().filter_map(|(sign, names)| Some((sign, names.as_ref()?))) {
            let text = format!("{}{sign}{}", " ".repeat(before.len()), names.join(", "));
            if !names.is_empty() {
                let folded = fold(&text, room, room);
                rows.extend(folded.split('\n').map(|line| Row { value: line.to_string(), place: String::new(), old }));
            }
        }
    };
    add(&field.set, "");
    field.superseded.iter().for_each(|set| add(set, "was "));
    rows
}

/// Who set a value, and where.
fn place(set: &Set, folder: &str) -> String {
    let who = match (set.layer, &set.role) {
        (LayerName::BuiltIn, _) => "built-in".to_string(),
        (LayerName::Defaults, _) => "defaults".to_string(),
        (LayerName::Role, role) => format!("role {}", role.as_deref().unwrap_or_default()),
        (LayerName::Host, _) => "host".to_string(),
        (LayerName::Derived, _) => "derived".to_string(),
        (LayerName::Unknown, _) => "unknown".to_string(),
    };
    match (&set.file, set.line) {
        (Some(file), Some(line)) => format!("{who}, {}:{line}", file.strip_prefix(folder).unwrap_or(file)),
        _ => who,
    }
}

/// A value on one line, as YAML would have it.
fn value(set: &Set) -> String {
    match &set.value {
        _ if set.faulty => "(could not be read)".to_string(),
        Json::Null => "(none)".to_string(),
        Json::Array(items) if items.is_empty() => "(none)".to_string(),
        Json::Array(items) => items.iter().map(flow).collect::<Vec<_>>().join(", "),
        value => flow(value),
    }
}

fn flow(value: &Json) -> String {
    match value {
        Json::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{}: {}", one_line(key), flow(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Json::String(text) if text.trim_end().contains('\n') => {
            format!(
                "{} (and {} more lines)",
                one_line(text.lines().next().unwrap_or_default()),
                text.trim_end().lines().count() - 1
            )
        }
        Json::String(text) => one_line(text),
        value => value.to_string(),
    }
}
