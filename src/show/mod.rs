//! One machine as it is meant: every value, the line that set it, and what that line overrode.
//!
//! The types below are the format of `fleetc show --format json`; its JSON Schema is made from them.

mod derived;
mod find;
mod human;
mod settings;

pub use find::{Found, find, mac};
pub use human::{human, plain};

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use crate::compile::Compiled;
use crate::diag::{Level, Sink};
use crate::model::{Fleet, Host};
use crate::nearest;
use crate::report::mask_value;
use crate::source::{Sources, Span};
use crate::template::Templates;

/// A machine as it is meant.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Shown {
    /// The version of this format; a reader should refuse one that it does not know.
    #[schemars(extend("const" = VERSION))]
    pub version: u32,
    /// The host name.
    pub host: String,
    /// The file that lists it, as a path from the current folder.
    pub file: String,
    /// The line that lists it.
    #[schemars(range(min = 1))]
    pub line: u32,
    /// How many errors the fleet has; with any, nothing is built.
    pub errors: usize,
    /// Every value by its name: `release`, `hooks.post_chroot`, `labels.rack`. Secrets are starred out.
    #[serde(serialize_with = "by_name")]
    #[schemars(with = "BTreeMap<String, Field>")]
    pub fields: Vec<Field>,
}

/// A value, who set it, and what that overrode.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Field {
    #[serde(skip)]
    name: String,
    /// What holds.
    #[serde(flatten)]
    pub set: Set,
    /// What would hold without it: the values of the layers below, the next one first.
    pub superseded: Vec<Set>,
}

/// A value, and who set it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Set {
    /// The value; null when it is cleared, was never set, or could not be read.
    pub value: Json,
    /// Whether it could not be read; the findings say why.
    pub faulty: bool,
    /// The layer that set it.
    pub layer: LayerName,
    /// The role, when a role set it.
    pub role: Option<String>,
    /// The file that sets it, as a path from the current folder; null for what is built in.
    pub file: Option<String>,
    /// The line that sets it; null for what is built in.
    pub line: Option<u32>,
    /// What an edit added to what it inherited; null when it is no edit.
    pub added: Option<Vec<String>>,
    /// What an edit removed from what it inherited; null when it is no edit.
    pub removed: Option<Vec<String>>,
}

/// A layer of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LayerName {
    /// It holds when nobody says anything.
    BuiltIn,
    /// `defaults`.
    Defaults,
    /// A role, perhaps one that the host's role extends.
    Role,
    /// The host itself.
    Host,
    /// It follows from other values.
    Derived,
    /// A role that is not there or could not be read: what it would have set is not known.
    Unknown,
}

const VERSION: u32 = 1;

fn by_name<S: Serializer>(fields: &[Field], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().map(|field| (&field.name, field)))
}

/// The JSON Schema of what `fleetc show --format json` writes.
pub fn schema() -> Schema {
    let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Shown>();
    schema.insert("title".to_string(), "fleetc show".into());
    schema
}

impl Set {
    /// A value that is built in.
    fn plain(value: Json) -> Set {
        let (file, line, role, added, removed) = (None, None, None, None, None);
        Set { value, faulty: false, layer: LayerName::BuiltIn, role, file, line, added, removed }
    }
}

impl Field {
    /// A field from what was said of it, the last word last; there is at least one.
    fn of(name: &str, mut sets: Vec<Set>) -> Field {
        // Under the name of a secret everything is one.
        let key = name.rsplit('.').next().unwrap_or(name);
        sets.iter_mut().for_each(|set| mask_value(key, &mut set.value));
        let set = sets.pop().unwrap_or_else(|| Set::plain(Json::Null));
        sets.reverse();
        Field { name: name.to_string(), set, superseded: sets }
    }

    /// Its name: `release`, `labels.rack`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// What fields are made in.
struct Scope<'c> {
    fleet: &'c Fleet,
    sources: &'c Sources,
}

impl Scope<'_> {
    fn place(&self, span: Option<Span>) -> (Option<String>, Option<u32>) {
        let Some(span) = span else { return (None, None) };
        let source = self.sources.get(span.file);
        (Some(source.shown.clone()), Some(source.line_of(span.start)))
    }
}

/// A host of a compiled fleet, which may have errors elsewhere.
pub fn show(compiled: &Compiled, fleet: &Fleet, host: &Host) -> Shown {
    let scope = Scope { fleet, sources: &compiled.sources };
    // A text that is no template was reported when the fleet was judged.
    let templates = Templates::new(fleet, &Sink::default());
    let layers = compiled.layers(host);
    let mut fields = derived::identity(&scope, host);
    fields.extend(settings::role(&scope, &layers));
    fields.extend(derived::derived(&scope, host, &templates));
    fields.extend(settings::fields(&scope, &layers));
    let source = compiled.sources.get(host.name.span.file);
    Shown {
        version: VERSION,
        host: host.name.as_str().to_string(),
        file: source.shown.clone(),
        line: source.line_of(host.name.span.start),
        errors: compiled.report.count(Level::Error),
        fields,
    }
}

/// A field that a machine does not have, and the nearest name that it has.
#[derive(Debug)]
pub struct NoSuchField {
    /// The name.
    pub name: String,
    /// What could have been meant.
    pub near: Option<String>,
}

impl Shown {
    /// The same with these fields only, in this order. The name of a map stands for all its keys.
    ///
    /// # Errors
    /// The first name that no field has.
    pub fn only(mut self, names: &[String]) -> Result<Shown, NoSuchField> {
        let mut wanted: Vec<usize> = Vec::new();
        for name in names {
            let inside = |field: &Field| field.name.strip_prefix(name.as_str()).is_some_and(|key| key.starts_with('.'));
            let fits = |field: &Field| field.name == *name || inside(field);
            let found: Vec<usize> =
                self.fields.iter().enumerate().filter(|(_, field)| fits(field)).map(|(index, _)| index).collect();
            if found.is_empty() && !matches!(name.as_str(), "labels" | "vars") {
                let near = nearest::nearest(name, self.fields.iter().map(|field| field.name.as_str()));
                return Err(NoSuchField { name: name.clone(), near: near.map(str::to_string) });
            }
            wanted.extend(found.into_iter().filter(|index| !wanted.contains(index)).collect::<Vec<_>>());
        }
        let mut fields: Vec<Option<Field>> = self.fields.into_iter().map(Some).collect();
        self.fields = wanted.into_iter().filter_map(|index| fields[index].take()).collect();
        Ok(self)
    }

    /// As one line of JSON.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| unreachable!("plain values: {error}"))
    }
}
