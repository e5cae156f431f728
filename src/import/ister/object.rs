//! An object of the template: its keys, each of which is taken over or reported.

use std::collections::BTreeMap;

use super::json::{Kind, Node};
use crate::diag::{Reported, Sink};
use crate::model::FromText;
use crate::nearest;
use crate::rules::import;
use crate::source::{Span, Spanned};
use crate::yaml;

/// An object whose keys were looked at.
pub(super) struct Object<'n> {
    /// What it is, for messages: `the template`, `this partition`.
    what: &'static str,
    /// Where it stands.
    pub(super) place: Span,
    members: &'n [(Spanned<String>, Node<'n>)],
    pub(super) sink: &'n Sink,
}

impl<'n> Object<'n> {
    /// Takes a value for an object. Keys that are none of `keys`, and keys that are there twice, are reported.
    pub(super) fn of(node: &'n Node<'n>, what: &'static str, keys: &[&str], sink: &'n Sink) -> Option<Object<'n>> {
        let Kind::Object(members) = &node.kind else {
            let message = format!("{what} is {}, and the installer takes an object", node.kind.name());
            sink.report(import::malformed_template().at(node.place, message));
            return None;
        };
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for (key, _) in members {
            let first = *seen.entry(&key.value).or_insert(key.span);
            if first != key.span {
                let message = format!("`{}` is there twice, and the installer takes the last", key.value);
                let twice = yaml::rules::duplicate_key().at(key.span, message).and(first, "first here");
                sink.report(twice.help("keep the one that you mean"));
            } else if !keys.contains(&key.value.as_str()) {
                // contract I-9
                let message = format!("the installer does not know the key `{}`, and ignores it", key.value);
                let unknown = import::not_imported().at(key.span, message);
                let near = nearest::nearest(&key.value, keys.iter().copied());
                sink.report(unknown.help(match near {
                    Some(near) => format!("if it was to be `{near}`, write it so: it had no effect so far"),
                    None => "it is left out: it had no effect".to_string(),
                }));
            }
        }
        Some(Object { what, place: node.place, members, sink })
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node<'n>> {
        self.members.iter().rev().find(|(known, _)| known.value == key).map(|(_, value)| value)
    }

    /// Where a key stands, or else the beginning of the object.
    pub(super) fn key(&self, key: &str) -> Span {
        let start = Span { end: self.place.start + 1, ..self.place };
        self.members.iter().rev().find(|(known, _)| known.value == key).map_or(start, |(known, _)| known.span)
    }

    /// Reports a fault of the template at a place.
    pub(super) fn fault(&self, place: Span, message: impl Into<String>, help: impl Into<String>) -> Reported {
        self.sink.report(import::malformed_template().at(place, message).help(help))
    }

    /// Reports what has no place in a fleet file.
    pub(super) fn leave(&self, place: Span, message: impl Into<String>, help: impl Into<String>) -> Reported {
        self.sink.report(import::not_imported().at(place, message).help(help))
    }

    /// The value of a key that has to be there, with something in it (contract I-30, I-32).
    pub(super) fn need(&self, key: &str) -> Option<&'n Node<'n>> {
        match self.get(key) {
            None => {
                self.fault(self.key(key), format!("{} has no `{key}`, and the installer stops", self.what), "add it");
                None
            }
            Some(node) if !node.is_truthy() => {
                self.fault(
                    node.place,
                    format!("`{key}` counts as missing, and the installer stops"),
                    "give it a value",
                );
                None
            }
            node => node,
        }
    }

    /// Reports a value of the wrong kind.
    pub(super) fn wrong(&self, key: &str, node: &Node<'_>, wanted: &str) -> Reported {
        let message = format!("`{key}` is {}, and the installer takes {wanted}", node.kind.name());
        let help = match self.get(key).is_some_and(|whole| matches!(whole.kind, Kind::Null)) {
            true => "take the key out".to_string(),
            false => format!("make it {wanted}"),
        };
        self.fault(node.place, message, help)
    }

    /// The text of a key.
    pub(super) fn text(&self, key: &str) -> Option<Spanned<&'n str>> {
        let node = self.get(key)?;
        match &node.kind {
            Kind::Text(text) => Some(Spanned::new(text.as_str(), node.place)),
            _ => {
                self.wrong(key, node, "a text");
                None
            }
        }
    }

    /// The text of a key, as what it is to be.
    pub(super) fn typed<T: FromText>(&self, key: &str) -> Option<Spanned<T>> {
        let text = self.text(key)?;
        self.sink.take(T::from_text(text.value), text.span).ok()
    }

    /// The text of a key that has to be there, as what it is to be.
    pub(super) fn needed<T: FromText>(&self, key: &str) -> Option<Spanned<T>> {
        self.need(key).and_then(|_| self.typed(key))
    }

    /// The truth value of a key; the installer takes no other for it.
    pub(super) fn truth(&self, key: &str) -> Option<bool> {
        let node = self.get(key)?;
        match node.kind {
            Kind::Truth(truth) => Some(truth),
            _ => {
                self.wrong(key, node, "`true` or `false`");
                None
            }
        }
    }

    /// The items of a key's list.
    pub(super) fn list(&self, key: &str) -> &'n [Node<'n>] {
        let Some(node) = self.get(key) else { return &[] };
        match &node.kind {
            Kind::List(items) => items,
            Kind::Text(_) => {
                // contract I-70, I-85
                let message = format!("`{key}` is a text, and the installer would take it letter by letter");
                self.fault(node.place, message, "put it into a list: `[\"…\"]`");
                &[]
            }
            _ => {
                self.wrong(key, node, "a list");
                &[]
            }
        }
    }

    /// The texts of a key's list, as what they are to be. `each` is told of what stands for one.
    pub(super) fn texts<T: FromText>(&self, key: &str) -> Vec<Spanned<T>> {
        let text = |item: &'n Node<'n>| match &item.kind {
            Kind::Text(text) => self.sink.take(T::from_text(text), item.place).ok(),
            _ => {
                self.wrong(key, item, "texts in it");
                None
            }
        };
        self.list(key).iter().filter_map(text).collect()
    }
}
