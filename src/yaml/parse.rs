//! Text to nodes. This file and `explain.rs` are the only ones that know the general YAML parser.

use granit_parser::{Event, Parser, ScalarStyle, Span as Range};

use super::cause::{self, SyntaxError};
use super::explain::explain;
use super::fast;
use super::node::{Document, Kind, Node, NodeId};
use super::nodes::{MAX_NODES, Nodes};

/// How deep collections may nest.
pub const MAX_DEPTH: usize = 128;

/// Parses the first document of `text`. Aliases, tags and further documents are kept as facts in the [`Document`], for
/// the caller to judge.
///
/// # Errors
/// The place where the text stops being YAML.
pub fn parse(text: &str) -> Result<Document<'_>, SyntaxError> {
    parse_fast(text).map_or_else(|| parse_general(text), Ok)
}

/// As [`parse`], by the reader that knows the common forms alone; none where it gives up, which is no fault.
pub fn parse_fast(text: &str) -> Option<Document<'_>> {
    fast::read(text, MAX_NODES)
}

/// As [`parse`], by the general parser alone: the judge of what [`parse_fast`] accepts.
///
/// # Errors
/// The place where the text stops being YAML.
pub fn parse_general(text: &str) -> Result<Document<'_>, SyntaxError> {
    parse_up_to(text, MAX_NODES)
}

fn parse_up_to(text: &str, max_nodes: usize) -> Result<Document<'_>, SyntaxError> {
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        // A key may be as long as a line; the default of 1,024 is a courtesy to streaming parsers.
        simple_key_max_lookahead: 4096,
    };
    // Room for a common file, so that the list is not copied as it grows.
    let nodes = Nodes::with_capacity(text.len() / 8);
    let mut builder = Builder { document: Document { text, nodes, ..Document::default() }, ..Builder::default() };
    let mut parser = Parser::new_from_str_with_options(text, options);
    loop {
        match parser.next() {
            None => break,
            Some(Ok((event, range))) => {
                if !builder.event(event, range) {
                    break;
                }
                if builder.document.nodes.len() > max_nodes {
                    return Err(too_many(range.start.byte_offset(), max_nodes));
                }
            }
            Some(Err(error)) => {
                let at = error.marker().byte_offset().unwrap_or_default().min(text.len());
                return Err(explain(text, at, builder.bracket(at), &error));
            }
        }
    }
    builder.document.nodes.shrink_to_fit();
    Ok(builder.document)
}

fn too_many(at: Option<usize>, max_nodes: usize) -> SyntaxError {
    SyntaxError {
        at: offset(at),
        message: format!("a fleet file has at most {max_nodes} keys and values; here is one more"),
        help: Some("share the hosts out between several fleet files".to_string()),
    }
}

#[derive(Default)]
struct Builder<'a> {
    document: Document<'a>,
    open: Vec<NodeId>,
    /// By the parser's anchor number: the node, and how many nodes it is when its aliases are followed.
    anchors: Vec<Option<(NodeId, u64)>>,
    /// For each open collection: its anchor and the count when it began.
    begun: Vec<(usize, u64)>,
    documents: u32,
}

impl<'a> Builder<'a> {
    /// Takes an event; false when nothing more is wanted.
    fn event(&mut self, event: Event<'a>, range: Range) -> bool {
        let (start, end) = (offset(range.start.byte_offset()), offset(range.end.byte_offset()));
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.document.second = Some(start);
                    return false;
                }
            }
            Event::Scalar(value, style, anchor, tag) => {
                self.tag(tag.is_some(), &range);
                let kind = match style {
                    ScalarStyle::Plain => Kind::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Kind::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Kind::Block,
                };
                let (start, end) = match self.document.nodes.last() {
                    // `key:` with nothing behind it: the key is the place to show.
                    Some(key) if start == end && self.document.text[start as usize..].starts_with(':') => {
                        (key.start, key.end)
                    }
                    _ => (start, end),
                };
                let inside = match kind {
                    Kind::Quoted => start as usize + 1..end.max(1) as usize - 1,
                    _ => start as usize..end as usize,
                };
                let link = if kind != Kind::Block && self.document.text.get(inside) == Some(value.as_ref()) {
                    Node::AS_WRITTEN
                } else {
                    self.document.unescaped.push(value.into());
                    self.document.unescaped.len() as u32 - 1
                };
                let id = self.push(Node { kind, start, end, link });
                self.document.expanded = self.document.expanded.saturating_add(1);
                self.anchor(anchor, id, 1);
            }
            Event::SequenceStart(_, anchor, tag) => self.begin(Kind::Sequence, anchor, tag.is_some(), &range),
            Event::MappingStart(_, anchor, tag) => self.begin(Kind::Mapping, anchor, tag.is_some(), &range),
            Event::SequenceEnd | Event::MappingEnd => self.end(if end > start { end } else { 0 }),
            Event::Alias(anchor) => {
                let target = self.anchors.get(anchor).copied().flatten();
                match target {
                    Some((target, size)) => {
                        self.document.expanded = self.document.expanded.saturating_add(size);
                        self.push(Node { kind: Kind::Alias, start, end, link: target });
                    }
                    // The anchor's node is still open: the alias stands inside what it stands for.
                    None => {
                        self.document.cycle.get_or_insert((start, end));
                        self.push(Node { kind: Kind::Plain, start, end, link: Node::AS_WRITTEN });
                    }
                }
            }
            _ => {}
        }
        true
    }

    /// The outermost bracket that is open at an offset behind all that was read.
    fn bracket(&self, at: usize) -> Option<usize> {
        let mut starts = self.open.iter().map(|id| self.document.nodes.get(*id).start as usize);
        let known = starts.find(|start| self.document.text[*start..].starts_with(['{', '[']));
        let read = self.document.nodes.last().map_or(0, |node| node.end as usize);
        known.or_else(|| cause::unclosed(self.document.text, read, at))
    }

    fn push(&mut self, node: Node) -> NodeId {
        self.document.nodes.push(node)
    }

    fn begin(&mut self, kind: Kind, anchor: usize, tagged: bool, range: &Range) {
        self.tag(tagged, range);
        let start = offset(range.start.byte_offset());
        let id = self.push(Node { kind, start, end: offset(range.end.byte_offset()), link: 0 });
        self.open.push(id);
        self.begun.push((anchor, self.document.expanded));
        self.document.expanded = self.document.expanded.saturating_add(1);
        if anchor > 0 {
            self.room(anchor);
        }
    }

    fn end(&mut self, closed: u32) {
        let (Some(id), Some((anchor, before))) = (self.open.pop(), self.begun.pop()) else { return };
        // A block collection ends with its last child, not where the parser noticed; a flow one with its bracket.
        self.document.nodes.close(id, closed);
        self.anchor(anchor, id, self.document.expanded - before);
    }

    fn room(&mut self, anchor: usize) {
        if self.anchors.len() <= anchor {
            self.anchors.resize(anchor + 1, None);
        }
        self.anchors[anchor] = None;
    }

    fn anchor(&mut self, anchor: usize, id: NodeId, size: u64) {
        if anchor > 0 {
            self.room(anchor);
            self.anchors[anchor] = Some((id, size));
        }
    }

    fn tag(&mut self, tagged: bool, range: &Range) {
        if tagged {
            let tag = range.tag_span();
            let start = offset(tag.and_then(|tag| tag.start.byte_offset()).or(range.start.byte_offset()));
            let end = offset(tag.and_then(|tag| tag.end.byte_offset()).or(range.start.byte_offset()));
            self.document.tags.push((start, end));
        }
    }
}

fn offset(bytes: Option<usize>) -> u32 {
    bytes.unwrap_or_default() as u32
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn there_are_only_so_many_nodes() {
        for text in ["a: [b, c]\nd: { e: f }\n", "- a\n- [b, [c]]\n- d: e\n", "a: [b, c, d, e, f, g]\n"] {
            let whole = parse_up_to(text, usize::MAX).unwrap();
            let nodes = whole.len();
            assert_eq!(parse_up_to(text, nodes).as_ref(), Ok(&whole));
            assert_eq!(fast::read(text, nodes).as_ref(), Some(&whole));
            let error = parse_up_to(text, nodes - 1).unwrap_err();
            assert_eq!(
                error.message,
                format!("a fleet file has at most {} keys and values; here is one more", nodes - 1)
            );
            assert!((error.at as usize) < text.len());
            assert_eq!(fast::read(text, nodes - 1), None, "{text}");
        }
    }
}
