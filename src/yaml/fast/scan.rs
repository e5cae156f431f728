//! Where the reader stands in the text, and the nodes that it has made.

use crate::yaml::node::{Document, Kind, Node, NodeId};
use crate::yaml::nodes::Nodes;

/// A name for a node.
pub(super) struct Anchor<'a> {
    pub(super) name: &'a str,
    pub(super) node: NodeId,
    /// How many nodes there were before it, with every alias followed.
    pub(super) before: u64,
    /// How many it is; none while it is open.
    pub(super) size: Option<u64>,
}

/// A text on its way into nodes.
pub(super) struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// The offset of the next byte.
    pub(super) at: usize,
    nodes: Nodes,
    max_nodes: usize,
    unescaped: Vec<Box<str>>,
    /// In the order written.
    pub(super) anchors: Vec<Anchor<'a>>,
    /// How many nodes there would be more, if every alias were followed.
    pub(super) aliased: u64,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str, at: usize, max_nodes: usize) -> Self {
        // Room for a common file, so that the list is not copied as it grows.
        let nodes = Nodes::with_capacity(text.len() / 8);
        let (unescaped, anchors) = (Vec::new(), Vec::new());
        Scan { text, bytes: text.as_bytes(), at, nodes, max_nodes, unescaped, anchors, aliased: 0 }
    }

    /// Whether there are too many nodes already. A line or an entry adds a few more at most.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.nodes.len() > self.max_nodes
    }

    pub(super) fn finish(mut self) -> Option<Document<'a>> {
        if self.is_full() {
            return None;
        }
        self.nodes.shrink_to_fit();
        let expanded = self.expanded();
        let Scan { text, nodes, unescaped, .. } = self;
        Some(Document { text, nodes, unescaped, expanded, ..Document::default() })
    }

    /// The node that is made next.
    pub(super) fn after(&self) -> NodeId {
        self.nodes.len() as NodeId
    }

    /// How many nodes there are when every alias is followed.
    pub(super) fn expanded(&self) -> u64 {
        self.nodes.len() as u64 + self.aliased
    }

    /// The byte at an offset; 0, which no text here holds, behind the end.
    #[inline]
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The next byte; 0 at the end.
    #[inline]
    pub(super) fn next(&self) -> u8 {
        self.byte(self.at)
    }

    /// Goes over blanks; says whether there were any.
    #[inline]
    pub(super) fn blanks(&mut self) -> bool {
        let start = self.at;
        while self.next() == b' ' {
            self.at += 1;
        }
        self.at > start
    }

    /// Goes over blanks and a comment to the end of the line, and over that; none when something else stands there.
    #[inline]
    pub(super) fn line_end(&mut self) -> Option<()> {
        let blanks = self.blanks();
        if blanks && self.next() == b'#' {
            self.comment();
            return Some(());
        }
        (self.newline() || self.next() == 0).then_some(())
    }

    /// Goes over the end of a line, if it is here.
    #[inline]
    pub(super) fn newline(&mut self) -> bool {
        let length = match self.next() {
            b'\n' => 1,
            b'\r' => 2,
            _ => 0,
        };
        self.at += length;
        length > 0
    }

    /// What stands from here to the end of the line; goes over both.
    pub(super) fn rest_of_line(&mut self) -> &'a str {
        let start = self.at;
        self.comment();
        let line = self.slice(start, self.at);
        let line = line.strip_suffix('\n').unwrap_or(line);
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// Goes over a comment and the end of its line.
    pub(super) fn comment(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at = memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |newline| self.at + newline + 1);
    }

    /// Whether a line that begins here would be a sign of its own: `---` or `...`, or might be taken for one.
    pub(super) fn marker(&self) -> bool {
        matches!(self.bytes.get(self.at..self.at + 3), Some(b"---" | b"..."))
    }

    #[inline]
    pub(super) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    #[inline]
    pub(super) fn push(&mut self, kind: Kind, start: usize, end: usize, link: u32) -> NodeId {
        self.nodes.push(Node { start: start as u32, end: end as u32, link, kind })
    }

    /// Keeps the value of a scalar that the source does not have literally; gives the scalar's link.
    pub(super) fn keep(&mut self, value: String) -> u32 {
        self.unescaped.push(value.into());
        self.unescaped.len() as u32 - 1
    }

    /// Makes the node of a key's value that is not there. The key, which is the last node, is the place to show.
    pub(super) fn nothing(&mut self) {
        let Some(key) = self.nodes.last() else { return };
        let (start, end) = (key.start as usize, key.end as usize);
        // What the general parser gives as the value of nothing.
        const NULL: &str = "~";
        let link = if self.slice(start, end) == NULL { Node::AS_WRITTEN } else { self.keep(NULL.to_string()) };
        self.push(Kind::Plain, start, end, link);
    }

    /// Ends a collection: at `closed`, or with the last node.
    #[inline]
    pub(super) fn close(&mut self, id: NodeId, closed: usize) {
        self.nodes.close(id, closed as u32);
    }
}
