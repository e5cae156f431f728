//! JSON for people: what fits on a line stays on it, and keys stand as they are given.

use std::fmt::Write;

/// The longest line.
const WIDTH: usize = 110;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Json {
    Text(String),
    Number(u32),
    Bool(bool),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    /// A text.
    pub(super) fn text(text: impl ToString) -> Json {
        Json::Text(text.to_string())
    }

    /// The value, indented from the second line on.
    pub(super) fn lay_out(&self, indent: usize) -> String {
        let short = self.line();
        if short.len() + indent <= WIDTH {
            return short;
        }
        let (open, close, items): (char, char, Vec<String>) = match self {
            Json::List(items) => ('[', ']', items.iter().map(|item| item.lay_out(indent + 2)).collect()),
            Json::Object(members) => {
                let member = |(key, value): &(&str, Json)| format!("{}: {}", string(key), value.lay_out(indent + 2));
                ('{', '}', members.iter().map(member).collect())
            }
            _ => return short,
        };
        let mut text = String::from(open);
        for (index, item) in items.iter().enumerate() {
            let comma = if index + 1 < items.len() { "," } else { "" };
            let _ = write!(text, "\n{:1$}{item}{comma}", "", indent + 2);
        }
        let _ = write!(text, "\n{:1$}{close}", "", indent);
        text
    }

    fn line(&self) -> String {
        match self {
            Json::Text(text) => string(text),
            Json::Number(number) => number.to_string(),
            Json::Bool(value) => value.to_string(),
            Json::List(items) => format!("[{}]", items.iter().map(Json::line).collect::<Vec<_>>().join(", ")),
            Json::Object(members) => {
                let members = members.iter().map(|(key, value)| format!("{}: {}", string(key), value.line()));
                format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// A text in JSON's quotes.
pub fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn value() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            "\\PC{0,30}|[\"\\\\\n\t]{0,9}".prop_map(Json::Text),
            any::<u32>().prop_map(Json::Number),
            any::<bool>().prop_map(Json::Bool),
        ];
        leaf.prop_recursive(4, 60, 8, |inner| {
            let keys = ["a", "b-c", "d", "e", "f"];
            let object = prop::collection::vec(inner.clone(), 0..5)
                .prop_map(move |values| Json::Object(keys.into_iter().zip(values).collect()));
            prop_oneof![prop::collection::vec(inner, 0..8).prop_map(Json::List), object]
        })
    }

    fn known(json: &Json) -> Value {
        match json {
            Json::Text(text) => Value::from(text.as_str()),
            Json::Number(number) => Value::from(*number),
            Json::Bool(value) => Value::from(*value),
            Json::List(items) => items.iter().map(known).collect(),
            Json::Object(members) => members.iter().map(|(key, value)| (key.to_string(), known(value))).collect(),
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(json in value()) {
            prop_assert_eq!(serde_json::from_str::<Value>(&json.lay_out(0)).ok(), Some(known(&json)));
        }
    }
}
