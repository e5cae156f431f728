//! Text as written that is to become a typed value.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Visitor};

use crate::diag::{Reported, Sink};
use crate::model::FromText;
use crate::source::Spanned;
use crate::yaml::{Field, Setting};

/// A list whose elements stand or fall one by one.
pub type Items<T> = Vec<Field<T>>;

/// Text that is to be read as a `T`.
#[derive(Debug)]
pub struct Written<'a, T> {
    /// As it stands, unescaped.
    pub text: &'a str,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Written<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Written<'_, T> {}

impl<'de: 'a, 'a, T> Deserialize<'de> for Written<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowed;
        impl<'de> Visitor<'de> for Borrowed {
            type Value = &'de str;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<&'de str, E> {
                Ok(text)
            }
        }
        deserializer.deserialize_str(Borrowed).map(|text| Written { text, kind: PhantomData })
    }
}

impl<T: JsonSchema> JsonSchema for Written<'_, T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let schema = T::json_schema(generator);
        // What is read from text may stand in quotes.
        let boolean = schema.get("type").is_some_and(|kind| kind == "boolean");
        if boolean { json_schema!({ "enum": [true, "true", false, "false"] }) } else { schema }
    }
}

/// The schema of the keys of a mapping with names of the user's own.
pub(super) fn keys<K: JsonSchema>() -> Schema {
    K::json_schema(&mut SchemaGenerator::default())
}

/// Says in the schema of a mapping that its values are lists, and not empty.
pub(super) fn lists_of_some(schema: &mut Schema) {
    if let Some(value) = schema.get_mut("additionalProperties").and_then(|values| values.as_object_mut()) {
        value.insert("minItems".to_string(), 1.into());
    }
}

impl<T: FromText> Field<Written<'_, T>> {
    /// Reads the value; a missing one is fine, a faulty one is reported.
    ///
    /// # Errors
    /// Proof that a fault was reported.
    pub fn read(&self, sink: &Sink) -> Result<Option<Spanned<T>>, Reported> {
        match self {
            Field::Absent => Ok(None),
            Field::Faulty(reported) => Err(*reported),
            Field::Set(written) => sink.take(T::from_text(written.text), written.span).map(Some),
        }
    }
}

impl<T: FromText> Setting<Written<'_, T>> {
    /// Reads the value, keeping "absent" and "cleared" apart.
    pub fn read(&self, sink: &Sink) -> Setting<T> {
        match self {
            Setting::Absent => Setting::Absent,
            Setting::Clear(span) => Setting::Clear(*span),
            Setting::Faulty(reported) => Setting::Faulty(*reported),
            Setting::Set(written) => match sink.take(T::from_text(written.text), written.span) {
                Ok(value) => Setting::Set(value),
                Err(reported) => Setting::Faulty(reported),
            },
        }
    }
}
