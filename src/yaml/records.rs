//! The parts that records are made of: fields that remember their place and survive a fault beside them.
//!
//! Records derive serde's `Deserialize`; these types speak to the [`Decoder`](super::Decoder) through the names in
//! [`magic`], and mean nothing to another deserializer.

use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::node::NodeId;
use super::probe::keys_of;
use crate::diag::{Reported, Sink};
use crate::source::{FileId, Span, Spanned};

/// The type names by which a part asks the decoder for more than serde can say.
pub(super) mod magic {
    pub(in super::super) const FIELD: &str = "\0field";
    pub(in super::super) const SETTING: &str = "\0setting";
    pub(in super::super) const SPANNED: &str = "\0spanned";
    pub(in super::super) const LAZY: &str = "\0lazy";
    pub(in super::super) const LAZY_ENTRIES: &str = "\0lazy entries";
    pub(in super::super) const BOTH: &str = "\0both";
    pub(in super::super) const KNOWN: &str = "\0known";
}

/// Packs a span, and whether the value is null, into what serde can carry.
pub(super) fn pack(span: Span, null: bool) -> u128 {
    u128::from(span.start) | u128::from(span.end) << 32 | u128::from(span.file.0) << 64 | u128::from(null) << 96
}

fn unpack(head: u128) -> (Span, bool) {
    let span = Span { file: FileId((head >> 64) as u32), start: head as u32, end: (head >> 32) as u32 };
    (span, head >> 96 == 1)
}

/// A key's value: not there, there and faulty (which was reported), or read.
#[derive(Clone, Debug, Default)]
pub enum Field<T> {
    /// The key is not there.
    #[default]
    Absent,
    /// Its value could not be read.
    Faulty(Reported),
    /// Its value.
    Set(Spanned<T>),
}

/// Like [`Field`], for settings that inherit: `null` says "nothing", and ends what was inherited.
#[derive(Clone, Debug, Default)]
pub enum Setting<T> {
    /// The key is not there: inherit.
    #[default]
    Absent,
    /// Its value could not be read.
    Faulty(Reported),
    /// `null`: clear.
    Clear(Span),
    /// Its value.
    Set(Spanned<T>),
}

impl<T> Field<T> {
    /// The value of a key that must be there; reports its absence at `parent`.
    pub fn require(self, key: &str, of: &str, parent: Span, sink: &Sink) -> Result<Spanned<T>, Reported> {
        match self {
            Field::Set(value) => Ok(value),
            Field::Faulty(reported) => Err(reported),
            Field::Absent => {
                let missing = super::faults::MISSING_KEY.at(parent, format!("{of} has no `{key}`"));
                Err(sink.report(missing.help(format!("add the key `{key}`"))))
            }
        }
    }

    /// The report on a value that could not be read.
    pub fn fault(&self) -> Option<Reported> {
        match self {
            Field::Faulty(reported) => Some(*reported),
            Field::Absent | Field::Set(_) => None,
        }
    }

    /// The value of a key that may be missing; a faulty one counts as missing, since it was reported.
    pub fn optional(self) -> Option<Spanned<T>> {
        match self {
            Field::Set(value) => Some(value),
            Field::Absent | Field::Faulty(_) => None,
        }
    }
}

struct FieldVisitor<T>(PhantomData<T>);

/// What the decoder hands on for a field: its place, and its value unless null or faulty.
enum Slot<T> {
    Null(Span),
    Faulty(Reported),
    Set(Spanned<T>),
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for FieldVisitor<T> {
    type Value = Slot<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Slot<T>, A::Error> {
        let head = seq.next_element::<u128>()?.ok_or_else(|| A::Error::custom("no place"))?;
        let (span, null) = unpack(head);
        if null {
            return Ok(Slot::Null(span));
        }
        match seq.next_element::<T>()? {
            Some(value) => Ok(Slot::Set(Spanned::new(value, span))),
            None => {
                let reported = seq.next_element::<Reported>()?;
                Ok(Slot::Faulty(reported.ok_or_else(|| A::Error::custom("no fault"))?))
            }
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_newtype_struct(magic::FIELD, FieldVisitor(PhantomData))? {
            Slot::Null(_) => Ok(Field::Absent),
            Slot::Faulty(reported) => Ok(Field::Faulty(reported)),
            Slot::Set(value) => Ok(Field::Set(value)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Setting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_newtype_struct(magic::SETTING, FieldVisitor(PhantomData))? {
            Slot::Null(span) => Ok(Setting::Clear(span)),
            Slot::Faulty(reported) => Ok(Setting::Faulty(reported)),
            Slot::Set(value) => Ok(Setting::Set(value)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_newtype_struct(magic::SPANNED, FieldVisitor(PhantomData))? {
            Slot::Set(value) => Ok(value),
            Slot::Null(_) | Slot::Faulty(_) => Err(D::Error::custom("no value")),
        }
    }
}

/// A part of the document to be read later, one at a time.
#[derive(Clone, Copy, Debug)]
pub struct Lazy<T> {
    /// The node to give to [`Decoder::read`](super::Decoder::read).
    pub node: u32,
    kind: PhantomData<fn() -> T>,
}

impl<'de, T> Deserialize<'de> for Lazy<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = u32;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a node")
            }
            fn visit_u32<E>(self, node: u32) -> Result<u32, E> {
                Ok(node)
            }
        }
        let node = deserializer.deserialize_newtype_struct(magic::LAZY, Number)?;
        Ok(Lazy { node, kind: PhantomData })
    }
}

/// A mapping with names of the user's own as keys, in the order written.
#[derive(Clone, Debug)]
pub struct Entries<'a, V>(pub Vec<Entry<'a, V>>);

/// One key of [`Entries`] and its value.
#[derive(Clone, Debug)]
pub struct Entry<'a, V> {
    /// The key.
    pub key: Spanned<&'a str>,
    /// Its value: a [`Field`], or a [`Setting`] where `null` has a meaning.
    pub value: V,
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Entries<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Visit<T> {
            type Value = Vec<Entry<'de, T>>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a mapping")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::with_capacity(map.size_hint().unwrap_or_default());
                while let Some((key, value)) = map.next_entry()? {
                    entries.push(Entry { key, value });
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Visit(PhantomData)).map(Entries)
    }
}

/// [`Entries`] that are read later, one at a time: there may be many.
#[derive(Clone, Debug)]
pub struct LazyEntries<V> {
    /// The key and the value of each, to give to [`Decoder::entry`](super::Decoder::entry).
    pub pairs: Vec<NodePair>,
    kind: PhantomData<fn() -> V>,
}

/// The nodes of a key and its value.
pub type NodePair = (NodeId, NodeId);

/// Packs a pair into what serde can carry.
pub(super) fn pack_pair((key, value): NodePair) -> u64 {
    u64::from(key) << 32 | u64::from(value)
}

impl<'de, V> Deserialize<'de> for LazyEntries<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Vec<NodePair>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("pairs of nodes")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::with_capacity(seq.size_hint().unwrap_or_default());
                while let Some(pair) = seq.next_element::<u64>()? {
                    pairs.push(((pair >> 32) as NodeId, pair as NodeId));
                }
                Ok(pairs)
            }
        }
        let pairs = deserializer.deserialize_newtype_struct(magic::LAZY_ENTRIES, Visit)?;
        Ok(LazyEntries { pairs, kind: PhantomData })
    }
}

/// Two records read from one mapping: each takes its own keys, and a key that neither knows is reported.
#[derive(Clone, Debug, Default)]
pub struct Both<A, B>(pub A, pub B);

impl<'de, A: Deserialize<'de>, B: Deserialize<'de>> Deserialize<'de> for Both<A, B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<A, B>(PhantomData<(A, B)>);
        impl<'de, A: Deserialize<'de>, B: Deserialize<'de>> Visitor<'de> for Visit<A, B> {
            type Value = Both<A, B>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a mapping")
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Both<A, B>, S::Error> {
                let missing = || S::Error::custom("a record in two parts");
                seq.next_element_seed(Known(keys_of::<A>()))?.ok_or_else(missing)?;
                seq.next_element_seed(Known(keys_of::<B>()))?.ok_or_else(missing)?;
                let first = seq.next_element()?.ok_or_else(missing)?;
                Ok(Both(first, seq.next_element()?.ok_or_else(missing)?))
            }
        }
        deserializer.deserialize_tuple_struct(magic::BOTH, 2, Visit(PhantomData))
    }
}

/// Tells the decoder the keys of a part before any part is read.
struct Known(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Known {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        struct Heard;
        impl Visitor<'_> for Heard {
            type Value = ();
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("nothing")
            }
            fn visit_unit<E>(self) -> Result<(), E> {
                Ok(())
            }
        }
        deserializer.deserialize_struct(magic::KNOWN, self.0, Heard)
    }
}

/// Any YAML value, by the core schema of YAML 1.2.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(transparent)]
pub struct Open(pub serde_json::Value);
