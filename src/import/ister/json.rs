//! JSON in which every value knows its place.
//!
//! The reader is serde_json's: it hands out the text of each value as a part of the whole, and where a part begins is
//! its place.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::source::{FileId, Span, Spanned};

/// Levels of lists and objects; a template has four.
const DEEPEST: usize = 32;

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node<'t> {
    pub(super) place: Span,
    pub(super) kind: Kind<'t>,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Kind<'t> {
    Null,
    Truth(bool),
    /// A number, as it is written.
    Number(&'t str),
    Text(String),
    List(Vec<Node<'t>>),
    /// The members in their order, also those that are there twice.
    Object(Vec<(Spanned<String>, Node<'t>)>),
}

impl Kind<'_> {
    /// What it is called in messages.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Kind::Null => "`null`",
            Kind::Truth(_) => "a truth value",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Object(_) => "an object",
        }
    }
}

impl Node<'_> {
    /// What Python, in which the installer is written, takes for true.
    pub(super) fn is_truthy(&self) -> bool {
        match &self.kind {
            Kind::Null => false,
            Kind::Truth(truth) => *truth,
            Kind::Number(number) => number.parse::<f64>() != Ok(0.0),
            Kind::Text(text) => !text.is_empty(),
            Kind::List(list) => !list.is_empty(),
            Kind::Object(members) => !members.is_empty(),
        }
    }
}

/// Reads a text.
///
/// # Errors
/// What is wrong with it, and where.
pub(super) fn read(text: &str, file: FileId) -> Result<Node<'_>, (Span, String)> {
    let page = Page { text, file };
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| page.fault(Span::start_of(file), &error))?;
    page.node(whole, DEEPEST)
}

struct Page<'t> {
    text: &'t str,
    file: FileId,
}

impl<'t> Page<'t> {
    /// Where a part of the text stands.
    fn place(&self, part: &str) -> Span {
        let start = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize) as u32;
        Span { file: self.file, start, end: start + part.len() as u32 }
    }

    /// A fault, with the place that serde_json counted from the beginning of `part`.
    fn fault(&self, part: Span, error: &serde_json::Error) -> (Span, String) {
        let lines = self.text[part.start as usize..].split_inclusive('\n').take(error.line().saturating_sub(1));
        let start = part.start as usize + lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
        let mut start = start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let end = self.text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        (Span { file: self.file, start: start as u32, end: end as u32 }, message.to_string())
    }

    fn node(&self, raw: &'t RawValue, depth: usize) -> Result<Node<'t>, (Span, String)> {
        let part = raw.get();
        let place = self.place(part);
        let fails = |error: serde_json::Error| self.fault(place, &error);
        let Some(depth) = depth.checked_sub(1) else {
            return Err((place, "lists and objects lie too deep in one another".to_string()));
        };
        let kind = match part.as_bytes().first() {
            Some(b'n') => Kind::Null,
            Some(b't' | b'f') => Kind::Truth(part == "true"),
            Some(b'"') => Kind::Text(serde_json::from_str(part).map_err(fails)?),
            Some(b'[') => {
                let Items(items) = serde_json::from_str(part).map_err(fails)?;
                Kind::List(items.into_iter().map(|item| self.node(item, depth)).collect::<Result<_, _>>()?)
            }
            Some(b'{') => {
                let Members(members) = serde_json::from_str(part).map_err(fails)?;
                let members = members.into_iter().map(|(key, value)| {
                    let place = self.place(key.get());
                    let name = serde_json::from_str(key.get()).map_err(|error| self.fault(place, &error))?;
                    Ok((Spanned::new(name, place), self.node(value, depth)?))
                });
                Kind::Object(members.collect::<Result<_, _>>()?)
            }
            _ => Kind::Number(part),
        };
        Ok(Node { place, kind })
    }
}

/// The items of a list, each as its text.
struct Items<'t>(Vec<&'t RawValue>);

impl<'de: 't, 't> Deserialize<'de> for Items<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Vec<&'de RawValue>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element()? {
                    all.push(item);
                }
                Ok(all)
            }
        }
        deserializer.deserialize_seq(Each).map(Items)
    }
}

/// The members of an object, keys and values each as their text.
struct Members<'t>(Vec<(&'t RawValue, &'t RawValue)>);

impl<'de: 't, 't> Deserialize<'de> for Members<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Vec<(&'de RawValue, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(member) = members.next_entry()? {
                    all.push(member);
                }
                Ok(all)
            }
        }
        deserializer.deserialize_map(Each).map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each key and each value, as the text at its place.
    fn places(text: &str) -> Vec<&str> {
        fn walk<'t>(text: &'t str, node: &Node<'_>, into: &mut Vec<&'t str>) {
            let slice = |place: Span| &text[place.start as usize..place.end as usize];
            match &node.kind {
                Kind::List(items) => items.iter().for_each(|item| walk(text, item, into)),
                Kind::Object(members) => {
                    for (key, value) in members {
                        into.push(slice(key.span));
                        walk(text, value, into);
                    }
                }
                _ => into.push(slice(node.place)),
            }
        }
        let mut found = Vec::new();
        walk(text, &read(text, FileId(0)).unwrap_or_else(|fault| panic!("{fault:?}")), &mut found);
        found
    }

    #[test]
    fn every_value_knows_its_place() {
        let text = "{\n\t\"\\u00e9\": [1, -2.5e3 ,\ttrue], \"ž\": {\"a\" : null, \"a\":\"\\ud83d\\ude00/\\/\"}\n}\n";
        let expected =
            ["\"\\u00e9\"", "1", "-2.5e3", "true", "\"ž\"", "\"a\"", "null", "\"a\"", "\"\\ud83d\\ude00/\\/\""];
        assert_eq!(places(text), expected);
    }

    #[test]
    fn faults_know_their_place() {
        let fault = |text: &str| {
            let (span, message) = read(text, FileId(0)).expect_err(text);
            (span.start, message)
        };
        assert_eq!(fault("{\"ž\": 1,\n  \"b\": }").0, 17);
        assert_eq!(fault("{\"a\": 1,}").0, 8);
        assert_eq!(fault("{\n\"a\": \"\\ud800\"}").0, 14);
        assert_eq!(fault("").0, 0);
        assert_eq!(fault("\u{feff}{}").0, 0);
        assert_eq!(fault(&"[".repeat(100_000)).0, 99_999);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(fault(&deep), (32, "lists and objects lie too deep in one another".to_string()));
    }
}
