//! Nodes, and the list of all nodes of a document, which is packed: there are some twenty for each machine, and they are the
//! largest thing in memory while a fleet is read.

/// How many keys, values and collections a file may have: several for each of some millions of hosts. A node takes 12
/// bytes, and the smallest one two of the text.
pub const MAX_NODES: usize = 64_000_000;

/// What a node is, and how it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A scalar without quotes.
    Plain,
    /// A scalar in single or double quotes.
    Quoted,
    /// A block scalar, `|` or `>`.
    Block,
    /// A sequence.
    Sequence,
    /// A mapping: keys and values in turn.
    Mapping,
    /// An alias; it stands for another node.
    Alias,
}

impl Kind {
    /// Every kind, in order.
    pub(super) const ALL: [Kind; 6] =
        [Kind::Plain, Kind::Quoted, Kind::Block, Kind::Sequence, Kind::Mapping, Kind::Alias];
}

/// One node. A collection is followed by its children, in pre-order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Offset of its first byte.
    pub start: u32,
    /// Offset behind its last byte.
    pub end: u32,
    /// A collection: the index behind its last descendant. An alias: the index of what it stands for.
    /// A scalar: which of the unescaped texts is its value, [`Node::AS_WRITTEN`] when the source has it literally.
    pub link: u32,
    /// What it is.
    pub kind: Kind,
}

impl Node {
    /// The scalar's value stands in the source as it is.
    pub const AS_WRITTEN: u32 = u32::MAX;
}

/// The index of a node in its document.
pub type NodeId = u32;

/// The bits of [`Packed::rest`] that hold a link; the kind is above them.
const BITS: u32 = 29;
const LINK: u32 = (1 << BITS) - 1;

// A link is the index of a node, of which there may be some more than that for a moment, or of an unescaped text, of which
// there are no more than nodes; and one is kept for `Node::AS_WRITTEN`.
const _: () = assert!(MAX_NODES < LINK as usize / 2);

/// A node in twelve bytes instead of sixteen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Packed {
    start: u32,
    end: u32,
    rest: u32,
}

impl Packed {
    #[inline]
    fn new(Node { start, end, link, kind }: Node) -> Packed {
        Packed { start, end, rest: (kind as u32) << BITS | (link & LINK) }
    }

    #[inline]
    fn node(self) -> Node {
        let link = match self.rest & LINK {
            LINK => Node::AS_WRITTEN,
            link => link,
        };
        Node { start: self.start, end: self.end, link, kind: Kind::ALL[(self.rest >> BITS) as usize] }
    }
}

/// Nodes by their index.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Nodes(Vec<Packed>);

impl Nodes {
    /// Makes room for so many.
    pub(super) fn with_capacity(nodes: usize) -> Nodes {
        Nodes(Vec::with_capacity(nodes))
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(super) fn get(&self, id: NodeId) -> Node {
        self.0[id as usize].node()
    }

    #[inline]
    pub(super) fn last(&self) -> Option<Node> {
        self.0.last().map(|packed| packed.node())
    }

    /// Adds a node; gives its index.
    #[inline]
    pub(super) fn push(&mut self, node: Node) -> NodeId {
        self.0.push(Packed::new(node));
        self.0.len() as NodeId - 1
    }

    /// Ends a collection with the last node, or at `closed`, whichever is later.
    #[inline]
    pub(super) fn close(&mut self, id: NodeId, closed: u32) {
        let (after, last) = (self.0.len() as u32, self.last().map_or(0, |node| node.end));
        let node = self.get(id);
        self.0[id as usize] = Packed::new(Node { link: after, end: node.end.max(last).max(closed), ..node });
    }

    /// Gives back the room that is not needed.
    pub(super) fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_node_is_that_node() {
        let mut nodes = Nodes::default();
        for kind in Kind::ALL {
            for link in [0, 1, MAX_NODES as u32, Node::AS_WRITTEN] {
                let node = Node { start: 7, end: u32::MAX, link, kind };
                let id = nodes.push(node);
                assert_eq!((nodes.get(id), nodes.last()), (node, Some(node)));
            }
        }
        assert_eq!(size_of::<Packed>(), 12);
    }
}
