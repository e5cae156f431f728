//! Nodes to records: a serde deserializer that reports every fault with its place and goes on.

use std::cell::RefCell;

use serde::de::value::SeqDeserializer;
use serde::de::{Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

use super::access::{Elements, Fields, Form, Halves, Pairs, Slot};
use super::cursor::{Cursor, Misfit, Parts};
use super::faults::WRONG_KIND;
use super::node::Kind;
use super::records::{magic, pack_pair};
use super::scalar::{Scalar, resolve};

impl<'d, 'a> Deserializer<'a> for Cursor<'d, 'a> {
    type Error = Misfit;

    /// Values of open type, by the core schema of YAML 1.2.
    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let target = self.target();
        match self.document().node(target).kind {
            Kind::Sequence => self.deserialize_seq(visitor),
            Kind::Mapping => self.deserialize_map(visitor),
            Kind::Plain => match resolve(self.document().scalar(target)) {
                Scalar::Null => visitor.visit_unit(),
                Scalar::Bool(value) => visitor.visit_bool(value),
                Scalar::Unsigned(value) => visitor.visit_u64(value),
                Scalar::Signed(value) => visitor.visit_i64(value),
                Scalar::Float(value) if value.is_finite() => visitor.visit_f64(value),
                Scalar::Float(_) => Err(Misfit::custom("infinity and not-a-number have no place in a fleet")),
                Scalar::Text => visitor.visit_borrowed_str(self.document().scalar(target)),
            },
            _ => visitor.visit_borrowed_str(self.document().scalar(target)),
        }
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.visit_scalar(visitor)
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.visit_scalar(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, name: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        match name {
            magic::LAZY => visitor.visit_u32(self.node),
            magic::LAZY_ENTRIES => {
                let map = self.expect(Kind::Mapping, "a mapping")?;
                visitor.visit_seq(SeqDeserializer::new(self.distinct(map)?.into_iter().map(pack_pair)))
            }
            magic::FIELD | magic::SETTING | magic::SPANNED => {
                let null = self.is_null();
                let reported = self.faulty.or_else(|| {
                    (null && name == magic::FIELD).then(|| {
                        let what =
                            if self.entry { "an entry of this list".to_string() } else { format!("`{}`", self.key) };
                        let fault = WRONG_KIND.at(self.span(), format!("{what} has no value"));
                        self.decoder.sink.report(fault.help("give it a value, or remove it"))
                    })
                });
                let null = null && name == magic::SETTING && reported.is_none();
                visitor.visit_seq(Slot { cursor: self, null, step: 0, reported })
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let list = self.expect(Kind::Sequence, "a list")?;
        visitor.visit_seq(Elements { cursor: self, children: self.document().children(list) })
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let map = self.expect(Kind::Mapping, "a mapping")?;
        let pairs = self.distinct(map)?;
        visitor.visit_map(Pairs { cursor: self, pairs: pairs.into_iter(), value: None })
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if let (magic::KNOWN, Some(parts)) = (name, self.parts) {
            parts.borrow_mut().known.push(fields);
            return visitor.visit_unit();
        }
        let map = self.expect(Kind::Mapping, "a mapping")?;
        let pairs = self.fields(map, fields)?;
        visitor.visit_map(Fields { cursor: self, pairs: pairs.into_iter(), value: None })
    }

    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if name != magic::BOTH {
            return self.deserialize_seq(visitor);
        }
        let map = self.expect(Kind::Mapping, "a mapping")?;
        let parts = RefCell::new(Parts::default());
        visitor.visit_seq(Halves { cursor: Cursor { parts: Some(&parts), ..self }, map, parts: &parts, judged: false })
    }

    /// An enum whose variants are the forms a value may be written in: `text`, `list`, `mapping`.
    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let form = match self.kind() {
            Kind::Sequence => "list",
            Kind::Mapping => "mapping",
            _ => "text",
        };
        if variants.contains(&form) {
            return visitor.visit_enum(Form { cursor: self, form });
        }
        let words: Vec<String> =
            variants.iter().map(|form| if *form == "text" { form.to_string() } else { format!("a {form}") }).collect();
        Err(self.misfit(&words.join(" or ")))
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    forward_to_deserialize_any! {
        <V: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple
        identifier ignored_any
    }
}
