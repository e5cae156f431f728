//! The ways in which serde walks a node: fields, elements, pairs, forms.

use std::cell::RefCell;

use serde::de::value::{StrDeserializer, U128Deserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::cursor::{Cursor, Misfit, Pair, Parts};
use super::node::{Children, NodeId};
use super::records::pack;
use crate::diag::Reported;

/// What a field asks for in turn: its place, its value, and proof of the fault where there is no value.
pub(super) struct Slot<'d, 'a> {
    pub(super) cursor: Cursor<'d, 'a>,
    pub(super) null: bool,
    pub(super) step: u8,
    pub(super) reported: Option<Reported>,
}

impl<'a> SeqAccess<'a> for Slot<'_, 'a> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        self.step += 1;
        match self.step {
            1 => {
                let head: U128Deserializer<Misfit> = pack(self.cursor.span(), self.null).into_deserializer();
                seed.deserialize(head).map(Some)
            }
            2 if self.reported.is_some() => Ok(None),
            2 => match seed.deserialize(self.cursor) {
                Ok(value) => Ok(Some(value)),
                Err(fault) => {
                    self.reported = Some(self.cursor.decoder.report(fault, self.cursor.node));
                    Ok(None)
                }
            },
            _ => match self.reported {
                Some(_) => seed.deserialize(().into_deserializer()).map(Some),
                None => Ok(None),
            },
        }
    }
}

/// The parts of a record, read from one mapping: first the keys of each part, then each part.
pub(super) struct Halves<'d, 'a> {
    pub(super) cursor: Cursor<'d, 'a>,
    pub(super) map: NodeId,
    pub(super) parts: &'d RefCell<Parts>,
    pub(super) judged: bool,
}

impl<'a> SeqAccess<'a> for Halves<'_, 'a> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        // Two parts, so two questions for keys come first.
        if !self.judged && self.parts.borrow().known.len() == 2 {
            self.judged = true;
            self.cursor.judge(self.map, &mut self.parts.borrow_mut())?;
        }
        seed.deserialize(self.cursor).map(Some)
    }
}

/// The elements of a list. An element is a field of its own, so that a fault in one leaves the others.
pub(super) struct Elements<'d, 'a> {
    pub(super) cursor: Cursor<'d, 'a>,
    pub(super) children: Children<'a, 'a>,
}

impl<'a> SeqAccess<'a> for Elements<'_, 'a> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let entry = |node| Cursor { node, entry: true, parts: None, faulty: None, ..self.cursor };
        self.children.next().map(|child| seed.deserialize(entry(child))).transpose()
    }
}

/// The pairs of a mapping whose keys are the user's own.
pub(super) struct Pairs<'d, 'a> {
    pub(super) cursor: Cursor<'d, 'a>,
    pub(super) pairs: std::vec::IntoIter<(NodeId, NodeId)>,
    pub(super) value: Option<(NodeId, NodeId)>,
}

impl<'a> MapAccess<'a> for Pairs<'_, 'a> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((key, value)) = self.pairs.next() else { return Ok(None) };
        self.value = Some((key, value));
        seed.deserialize(Key(self.cursor.at(key))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let (key, node) = self.value.take().ok_or_else(|| Misfit::custom("a value without a key"))?;
        let document = self.cursor.document();
        seed.deserialize(Cursor { key: document.scalar(document.follow(key)), ..self.cursor.at(node) })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.pairs.len())
    }
}

/// A key: always text, whatever it looks like.
struct Key<'d, 'a>(Cursor<'d, 'a>);

impl<'a> Deserializer<'a> for Key<'_, 'a> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_borrowed_str(self.0.document().scalar(self.0.target()))
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_seq(KeySlot { key: self.0, step: 0 })
    }

    forward_to_deserialize_any! {
        <V: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct KeySlot<'d, 'a> {
    key: Cursor<'d, 'a>,
    step: u8,
}

impl<'a> SeqAccess<'a> for KeySlot<'_, 'a> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        self.step += 1;
        if self.step == 1 {
            let head: U128Deserializer<Misfit> = pack(self.key.span(), false).into_deserializer();
            return seed.deserialize(head).map(Some);
        }
        seed.deserialize(Key(self.key)).map(Some)
    }
}

/// The fields of a record that are there, and those that a misspelt key was meant for.
pub(super) struct Fields<'d, 'a> {
    pub(super) cursor: Cursor<'d, 'a>,
    pub(super) pairs: std::vec::IntoIter<Pair>,
    pub(super) value: Option<Pair>,
}

impl<'a> MapAccess<'a> for Fields<'_, 'a> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some(pair) = self.pairs.next() else { return Ok(None) };
        self.value = Some(pair);
        let name: StrDeserializer<'_, Misfit> = pair.name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let Pair { name, node, faulty } = self.value.take().ok_or_else(|| Misfit::custom("a value without a key"))?;
        seed.deserialize(Cursor { key: name, faulty, ..self.cursor.at(node) })
    }
}

/// The form that a value is written in, as a variant.
pub(super) struct Form<'d, 'a> {
    pub(super) cursor: Cursor<'d, 'a>,
    pub(super) form: &'static str,
}

impl<'d, 'a> EnumAccess<'a> for Form<'d, 'a> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'a>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        let name: StrDeserializer<'_, Misfit> = self.form.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'a> VariantAccess<'a> for Form<'_, 'a> {
    type Error = Misfit;

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, Misfit> {
        seed.deserialize(self.cursor)
    }

    fn unit_variant(self) -> Result<(), Misfit> {
        Err(Misfit::custom("a form holds a value"))
    }

    fn tuple_variant<V: Visitor<'a>>(self, _len: usize, _visitor: V) -> Result<V::Value, Misfit> {
        Err(Misfit::custom("a form holds one value"))
    }

    fn struct_variant<V: Visitor<'a>>(self, _fields: &'static [&'static str], _visitor: V) -> Result<V::Value, Misfit> {
        Err(Misfit::custom("a form holds one value"))
    }
}
