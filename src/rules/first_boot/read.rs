//! The nodes of a role text as ucd's handlers meet them: texts, lists, entries.

use crate::yaml::{Document, Kind, Node, NodeId};

/// A byte range of a rendered text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A scalar. To ucd every scalar is text (contract U-8).
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'d> {
    pub(super) text: &'d str,
    pub(super) place: Place,
    pub(super) kind: Kind,
}

/// What stands behind a key or in a list.
#[derive(Clone, Copy)]
pub(super) enum Value<'d> {
    Text(Text<'d>),
    List(List<'d>),
    Entry(Entry<'d>),
    /// An alias: reported as what it is.
    Alias,
}

/// A list.
#[derive(Clone, Copy)]
pub(super) struct List<'d> {
    document: &'d Document<'d>,
    id: NodeId,
}

/// A mapping that stands in a list.
#[derive(Clone, Copy)]
pub(super) struct Entry<'d> {
    document: &'d Document<'d>,
    id: NodeId,
}

impl<'d> Value<'d> {
    pub(super) fn of(document: &'d Document<'d>, id: NodeId) -> Value<'d> {
        match document.node(id).kind {
            Kind::Plain | Kind::Quoted | Kind::Block => Value::Text(Text::of(document, id)),
            Kind::Sequence => Value::List(List { document, id }),
            Kind::Mapping => Value::Entry(Entry { document, id }),
            Kind::Alias => Value::Alias,
        }
    }

    /// Its place; of a list or an entry, the head.
    pub(super) fn place(&self) -> Option<Place> {
        match self {
            Value::Text(text) => Some(text.place),
            Value::List(list) => Some(list.place()),
            Value::Entry(entry) => Some(entry.place()),
            Value::Alias => None,
        }
    }
}

/// Whether nothing stands where a scalar is, which the parser gives as `~`.
pub(super) fn is_omitted(document: &Document<'_>, id: NodeId) -> bool {
    let node = document.node(id);
    node.kind == Kind::Plain && node.link != Node::AS_WRITTEN && matches!(document.scalar(id), "" | "~")
}

impl<'d> Text<'d> {
    fn of(document: &'d Document<'d>, id: NodeId) -> Text<'d> {
        let node = document.node(id);
        let text = if is_omitted(document, id) { "" } else { document.scalar(id) };
        Text { text, place: Place { start: node.start, end: node.end }, kind: node.kind }
    }

    /// Whether nothing is written, or a word that means nothing to YAML and something to ucd.
    pub(super) fn is_null(&self) -> bool {
        self.kind == Kind::Plain && matches!(self.text, "~" | "null" | "Null" | "NULL")
    }
}

impl<'d> List<'d> {
    pub(super) fn items(self) -> impl Iterator<Item = Value<'d>> {
        self.document.children(self.id).map(move |id| Value::of(self.document, id))
    }

    /// Its first line.
    pub(super) fn place(&self) -> Place {
        head(self.document, self.id)
    }
}

impl<'d> Entry<'d> {
    /// Its keys and values; a merge key, or one that is no name, is reported as what it is.
    pub(super) fn pairs(self) -> impl Iterator<Item = (Text<'d>, Value<'d>)> {
        self.document.pairs(self.id).filter_map(move |(key, value)| match Value::of(self.document, key) {
            Value::Text(key) if key.kind == Kind::Plain && matches!(key.text, "" | "<<") => None,
            Value::Text(key) => Some((key, Value::of(self.document, value))),
            _ => None,
        })
    }

    /// Its first line.
    pub(super) fn place(&self) -> Place {
        head(self.document, self.id)
    }
}

/// A collection from its beginning to the end of its first scalar.
fn head(document: &Document<'_>, id: NodeId) -> Place {
    let node = document.node(id);
    let first = (id + 1..document.after(id))
        .map(|id| document.node(id))
        .find(|node| !matches!(node.kind, Kind::Sequence | Kind::Mapping));
    let Some(first) = first else { return Place { start: node.start, end: node.end } };
    // Of a block, the first line is enough.
    Place {
        start: node.start.min(first.start),
        end: if first.kind == Kind::Block { first.start + 1 } else { first.end },
    }
}
