//! A place in the document on its way into a record, and the faults that are found there.

use std::cell::RefCell;
use std::fmt;

use serde::de::{Deserialize, Visitor};

use super::faults::{SYNTAX, WRONG_KIND};
use super::node::{Document, Kind, Node, NodeId};
use super::records::{Entry, NodePair};
use crate::diag::{Reported, Sink};
use crate::source::{FileId, Span, Spanned};

/// Reads records out of a document, and reports what cannot be read.
#[derive(Clone, Copy)]
pub struct Decoder<'a> {
    document: &'a Document<'a>,
    file: FileId,
    pub(super) sink: &'a Sink,
}

impl<'a> Decoder<'a> {
    /// A decoder for a document of `file`.
    pub fn new(document: &'a Document<'a>, file: FileId, sink: &'a Sink) -> Self {
        Decoder { document, file, sink }
    }

    /// Reads the record at `node`; `key` is the key whose value it is, empty for the whole document.
    ///
    /// # Errors
    /// Proof of the finding that says why there is none.
    pub fn read<T: Deserialize<'a>>(&self, node: NodeId, key: &'a str) -> Result<T, Reported> {
        let cursor = Cursor { decoder: self, node, key, entry: false, parts: None, faulty: None };
        T::deserialize(cursor).map_err(|fault| self.report(fault, node))
    }

    /// Reads an entry of a mapping.
    ///
    /// # Errors
    /// As those of [`Decoder::read`].
    pub fn entry<V: Deserialize<'a>>(&self, (key, value): NodePair) -> Result<Entry<'a, V>, Reported> {
        let name = self.document.scalar(self.document.follow(key));
        Ok(Entry { key: Spanned::new(name, self.span(key)), value: self.read(value, name)? })
    }

    /// The place of a node as written; for an alias, the alias.
    pub fn span(&self, node: NodeId) -> Span {
        let node = self.document.node(node);
        Span { file: self.file, start: node.start, end: node.end }
    }

    pub(super) fn report(&self, fault: Misfit, node: NodeId) -> Reported {
        match fault.reported {
            Some(reported) => reported,
            None => self.sink.report(WRONG_KIND.at(self.span(node), fault.message).help_if(fault.help)),
        }
    }
}

/// Why a node does not fit the record.
#[derive(Debug)]
pub(super) struct Misfit {
    message: String,
    help: Option<String>,
    reported: Option<Reported>,
}

impl Misfit {
    /// The value, unless something was reported that leaves none.
    pub(super) fn unless<T>(reported: Option<Reported>, value: T) -> Result<T, Misfit> {
        match reported {
            Some(_) => Err(Misfit { message: String::new(), help: None, reported }),
            None => Ok(value),
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Misfit {}

impl serde::de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Misfit { message: message.to_string(), help: None, reported: None }
    }
}

/// A key that a record takes.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub(super) name: &'static str,
    /// Its value; or the key that nobody knows and that was meant for it.
    pub(super) node: NodeId,
    /// The report on a key that nobody knows.
    pub(super) faulty: Option<Reported>,
}

/// A record that is read in parts from one mapping.
#[derive(Default)]
pub(super) struct Parts {
    /// The keys that each part knows.
    pub(super) known: Vec<&'static [&'static str]>,
    /// What was meant by keys that none of them knows.
    pub(super) meant: Vec<Pair>,
}

/// A node on its way into a record.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'d, 'a> {
    pub(super) decoder: &'d Decoder<'a>,
    pub(super) node: NodeId,
    /// The key whose value it is, or that holds the list it is an entry of.
    pub(super) key: &'a str,
    /// Whether it is an entry of a list.
    pub(super) entry: bool,
    /// Set while a record is read in parts from one mapping.
    pub(super) parts: Option<&'d RefCell<Parts>>,
    /// Set where a misspelt key, which was reported, stands in place of a value.
    pub(super) faulty: Option<Reported>,
}

impl<'d, 'a> Cursor<'d, 'a> {
    /// Another node, of no key.
    pub(super) fn at(&self, node: NodeId) -> Self {
        Cursor { decoder: self.decoder, node, key: "", entry: false, parts: None, faulty: None }
    }

    pub(super) fn document(&self) -> &'a Document<'a> {
        self.decoder.document
    }

    /// The node with aliases followed.
    pub(super) fn target(&self) -> NodeId {
        self.document().follow(self.node)
    }

    pub(super) fn kind(&self) -> Kind {
        self.document().node(self.target()).kind
    }

    pub(super) fn is_null(&self) -> bool {
        self.document().is_null(self.target())
    }

    pub(super) fn span(&self) -> Span {
        self.decoder.span(self.node)
    }

    pub(super) fn misfit(&self, expected: &str) -> Misfit {
        let found = match self.kind() {
            _ if self.is_null() => "nothing",
            Kind::Sequence => "a list",
            Kind::Mapping => "a mapping",
            _ => "text",
        };
        let help = match expected {
            "a mapping" => "`key: value` lines, without dashes",
            "a list" => "begin each entry with `- `, or put them between `[` and `]`",
            "text" => "one value, without dashes, brackets or braces",
            _ => "the book's page on the fleet file shows each form",
        };
        let message = match (self.key, self.entry) {
            ("", _) => format!("the fleet file takes {expected}, not {found}"),
            (key, true) => format!("an entry of `{key}` takes {expected}, not {found}"),
            (key, false) => format!("`{key}` takes {expected}, not {found}"),
        };
        Misfit { message, help: Some(help.to_string()), reported: None }
    }

    pub(super) fn expect(&self, kind: Kind, word: &str) -> Result<NodeId, Misfit> {
        if self.kind() == kind { Ok(self.target()) } else { Err(self.misfit(word)) }
    }

    pub(super) fn visit_scalar<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let target = self.target();
        match self.document().node(target).kind {
            Kind::Sequence | Kind::Mapping => Err(self.misfit("text")),
            _ if self.is_null() => Err(self.misfit("text")),
            kind => {
                // A plain text over several lines is not in the source as it is.
                if kind == Kind::Plain && self.document().node(target).link != Node::AS_WRITTEN {
                    self.judge_lines(target)?;
                }
                visitor.visit_borrowed_str(self.document().scalar(target))
            }
        }
    }

    /// Looks for the dash of a list at the beginning of a line that YAML joins to the text above it.
    fn judge_lines(&self, target: NodeId) -> Result<(), Misfit> {
        let span = self.decoder.span(target);
        let source = self.document().text.get(span.start as usize..span.end as usize).unwrap_or_default();
        for (newline, _) in source.match_indices('\n') {
            let line = source[newline + 1..].trim_start_matches([' ', '\t']);
            if line.starts_with("- ") {
                let start = span.end - line.len() as u32;
                let fault = SYNTAX.at(Span { start, ..span }, "this line goes on with the entry above it");
                let reported = self.decoder.sink.report(fault.help("line the dashes of a list up in one column"));
                return Misfit::unless(Some(reported), ());
            }
        }
        Ok(())
    }
}
