//! Typed text: a value that is right by type, read from the text that a user wrote.

use crate::diag::Fault;

/// A type that is read from text.
pub trait FromText: Sized {
    /// Reads the text.
    ///
    /// # Errors
    /// The rule that the text breaks, what is wrong with it, and what to write instead.
    fn from_text(text: &str) -> Result<Self, Fault>;
}

/// Declares the JSON Schema of a typed text: its name, its pattern, what it is.
macro_rules! text_schema {
    ($type:ty, $name:literal, $about:literal, $($schema:tt)*) => {
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut schema = schemars::json_schema!({ $($schema)* });
                schema.insert("title".to_string(), $about.into());
                schema
            }
        }
    };
}
pub(crate) use text_schema;

/// Whether every character is an ASCII letter, digit, or one of `more`, and there is at least one.
pub(crate) fn made_of(text: &str, more: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}

/// The first character that fails `good`, for a message.
pub(crate) fn first_bad(text: &str, good: impl Fn(char) -> bool) -> Option<char> {
    text.chars().find(|c| !good(*c))
}
