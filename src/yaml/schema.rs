//! The schemas of the parts of records: those of what they hold.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::records::{Both, Entries, Field, Lazy, LazyEntries, Open, Setting};

macro_rules! same_schema {
    ($name:ident) => {
        impl<T: JsonSchema> JsonSchema for $name<T> {
            fn inline_schema() -> bool {
                T::inline_schema()
            }
            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }
            fn schema_id() -> Cow<'static, str> {
                T::schema_id()
            }
            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                T::json_schema(generator)
            }
        }
    };
}
same_schema!(Field);
same_schema!(Lazy);

impl<T: JsonSchema> JsonSchema for Setting<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("{} or null", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let schema = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [schema, { "type": "null", "description": "Nothing: what was inherited ends here." }] })
    }
}

impl<T: JsonSchema> JsonSchema for Entries<'_, T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("map of {}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let schema = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": schema })
    }
}

impl<T: JsonSchema> JsonSchema for LazyEntries<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        Entries::<T>::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Entries::<T>::json_schema(generator)
    }
}

impl<A: JsonSchema, B: JsonSchema> JsonSchema for Both<A, B> {
    fn schema_name() -> Cow<'static, str> {
        A::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut first = A::json_schema(generator);
        let second = B::json_schema(generator);
        for part in ["properties", "required"] {
            match (first.get_mut(part), second.get(part)) {
                (Some(serde_json::Value::Object(into)), Some(serde_json::Value::Object(more))) => {
                    into.extend(more.clone());
                }
                (Some(serde_json::Value::Array(into)), Some(serde_json::Value::Array(more))) => {
                    into.extend(more.iter().cloned());
                }
                (None, Some(more)) => {
                    let more = more.clone();
                    first.insert(part.to_string(), more);
                }
                _ => {}
            }
        }
        first
    }
}

impl JsonSchema for Open {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "any value".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}
