//! Nodes, and the list of all nodes of a document, which is packed: there are some twenty for each machine, and they are the
//! largest thing in memory while a fleet is read.

/// How many keys, values and collections a file may have: several for each of some millions of hosts. A node takes 8 or
/// 20 bytes, and the smallest one two of the text.
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
    /// The kinds of scalars, in order.
    const SCALARS: [Kind; 3] = [Kind::Plain, Kind::Quoted, Kind::Block];
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

/// A node in eight bytes: most are scalars whose value stands in the source as it is, and those have no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Packed {
    start: u32,
    /// The kind of such a scalar, and below it the length; or [`WIDE`], and below it the index of what else there is.
    rest: u32,
}

/// The bits of [`Packed::rest`] that hold a number; what it is stands above them.
const BITS: u32 = 30;
const NUMBER: u32 = (1 << BITS) - 1;

/// The node is another one than [`Kind::SCALARS`], or longer than a number is large.
const WIDE: u32 = Kind::SCALARS.len() as u32;

const _: () = assert!(MAX_NODES < NUMBER as usize / 2 && WIDE < 1 << (u32::BITS - BITS));

/// What of a node finds no room in [`Packed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wide {
    end: u32,
    link: u32,
    kind: Kind,
}

/// Nodes by their index.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Nodes {
    all: Vec<Packed>,
    /// In the order of their nodes.
    wide: Vec<Wide>,
}

impl Nodes {
    /// Makes room for so many.
    pub(super) fn with_capacity(nodes: usize) -> Nodes {
        Nodes { all: Vec::with_capacity(nodes), wide: Vec::new() }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    #[inline]
    pub(super) fn get(&self, id: NodeId) -> Node {
        self.node(self.all[id as usize])
    }

    #[inline]
    pub(super) fn last(&self) -> Option<Node> {
        self.all.last().map(|packed| self.node(*packed))
    }

    #[inline]
    fn node(&self, Packed { start, rest }: Packed) -> Node {
        match Kind::SCALARS.get((rest >> BITS) as usize) {
            Some(kind) => Node { start, end: start + (rest & NUMBER), link: Node::AS_WRITTEN, kind: *kind },
            None => {
                let Wide { end, link, kind } = self.wide[(rest & NUMBER) as usize];
                Node { start, end, link, kind }
            }
        }
    }

    /// Adds a node; gives its index.
    #[inline]
    pub(super) fn push(&mut self, Node { start, end, link, kind }: Node) -> NodeId {
        let (of, number) = match end.checked_sub(start) {
            Some(length) if link == Node::AS_WRITTEN && (kind as u32) < WIDE && length <= NUMBER => {
                (kind as u32, length)
            }
            _ => {
                self.wide.push(Wide { end, link, kind });
                (WIDE, self.wide.len() as u32 - 1)
            }
        };
        self.all.push(Packed { start, rest: of << BITS | number });
        self.all.len() as NodeId - 1
    }

    /// Ends a collection with the last node, or at `closed`, whichever is later.
    #[inline]
    pub(super) fn close(&mut self, id: NodeId, closed: u32) {
        let (after, last) = (self.all.len() as u32, self.last().map_or(0, |node| node.end));
        // A collection is wide.
        let collection = &mut self.wide[(self.all[id as usize].rest & NUMBER) as usize];
        collection.link = after;
        collection.end = collection.end.max(last).max(closed);
    }

    /// Gives back the room that is not needed.
    pub(super) fn shrink_to_fit(&mut self) {
        self.all.shrink_to_fit();
        self.wide.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_node_is_that_node() {
        let mut nodes = Nodes::default();
        for kind in [Kind::Plain, Kind::Quoted, Kind::Block, Kind::Sequence, Kind::Mapping, Kind::Alias] {
            for link in [0, 1, MAX_NODES as u32, Node::AS_WRITTEN] {
                for (start, end) in [(7, 7), (7, 8), (0, NUMBER), (0, NUMBER + 1), (7, u32::MAX), (8, 7)] {
                    let node = Node { start, end, link, kind };
                    let id = nodes.push(node);
                    assert_eq!((nodes.get(id), nodes.last()), (node, Some(node)));
                }
            }
        }
        assert_eq!((size_of::<Packed>(), size_of::<Wide>()), (8, 12));
    }

    #[test]
    fn a_collection_ends_with_its_last_node_or_its_bracket() {
        for (closed, end) in [(0, 9), (12, 12)] {
            let mut nodes = Nodes::default();
            let link = Node::AS_WRITTEN;
            nodes.push(Node { start: 1, end: 2, link, kind: Kind::Plain });
            let id = nodes.push(Node { start: 3, end: 4, link: 0, kind: Kind::Sequence });
            nodes.push(Node { start: 5, end: 9, link, kind: Kind::Plain });
            nodes.close(id, closed);
            assert_eq!(nodes.get(id), Node { start: 3, end, link: 3, kind: Kind::Sequence });
        }
    }
}
