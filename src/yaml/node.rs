//! A YAML document as a flat list of small nodes that borrow from the source.

use super::nodes::Nodes;
pub use super::nodes::{Kind, Node, NodeId};

/// A parsed document.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Document<'a> {
    pub(super) text: &'a str,
    pub(super) nodes: Nodes,
    pub(super) unescaped: Vec<Box<str>>,
    /// Byte ranges of explicit tags (`!!str`).
    pub tags: Vec<(u32, u32)>,
    /// Where a second document begins.
    pub second: Option<u32>,
    /// How many nodes there are when every alias is followed.
    pub expanded: u64,
    /// The alias that stands inside the node it stands for.
    pub cycle: Option<(u32, u32)>,
}

impl<'a> Document<'a> {
    /// The root node; none for an empty document.
    pub fn root(&self) -> Option<NodeId> {
        (!self.nodes.is_empty()).then_some(0)
    }

    /// How many nodes were written.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the document is empty.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// A node as written.
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes.get(id)
    }

    /// A node with aliases followed.
    pub fn follow(&self, mut id: NodeId) -> NodeId {
        while self.nodes.get(id).kind == Kind::Alias {
            id = self.nodes.get(id).link;
        }
        id
    }

    /// The index behind a node and all its descendants.
    pub fn after(&self, id: NodeId) -> NodeId {
        let node = self.nodes.get(id);
        match node.kind {
            Kind::Sequence | Kind::Mapping => node.link,
            _ => id + 1,
        }
    }

    /// The value of a scalar; empty for a collection.
    #[inline]
    pub fn scalar(&self, id: NodeId) -> &str {
        let node = self.nodes.get(id);
        let (start, end) = (node.start as usize, node.end as usize);
        match node.kind {
            Kind::Sequence | Kind::Mapping | Kind::Alias => "",
            _ if node.link != Node::AS_WRITTEN => &self.unescaped[node.link as usize],
            Kind::Quoted => self.text.get(start + 1..end - 1).unwrap_or(""),
            _ => self.text.get(start..end).unwrap_or(""),
        }
    }

    /// Whether a node is a plain scalar that means "nothing": empty, `~` or `null`.
    pub fn is_null(&self, id: NodeId) -> bool {
        const LONGEST: u32 = "null".len() as u32;
        let node = self.nodes.get(id);
        // Most texts are longer, and need not be looked at.
        node.kind == Kind::Plain
            && (node.link != Node::AS_WRITTEN || node.end - node.start <= LONGEST)
            && matches!(self.scalar(id), "" | "~" | "null" | "Null" | "NULL")
    }

    /// The direct children of a collection, in order.
    pub fn children(&self, id: NodeId) -> Children<'_, 'a> {
        let node = self.nodes.get(id);
        let end = if matches!(node.kind, Kind::Sequence | Kind::Mapping) { node.link } else { id + 1 };
        Children { document: self, next: id + 1, end }
    }

    /// The keys and values of a mapping, in order.
    pub fn pairs(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        let mut children = self.children(id);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }
}

/// Iterates over the children of a collection.
#[derive(Debug, Clone)]
pub struct Children<'d, 'a> {
    document: &'d Document<'a>,
    next: NodeId,
    end: NodeId,
}

impl Iterator for Children<'_, '_> {
    type Item = NodeId;
    fn next(&mut self) -> Option<NodeId> {
        let id = self.next;
        (id < self.end).then(|| {
            self.next = self.document.after(id);
            id
        })
    }
}
