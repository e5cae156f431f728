//! Mappings and lists by indentation, a line at a time.

use super::anchor::AnchorId;
use super::scan::Scan;
use super::{DEPTH, flow, literal};
use crate::yaml::node::{Kind, NodeId};

/// What an open collection is.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Mapping,
    List,
    /// A list as the value of a key, its dashes in the column of the key.
    Flush,
}

/// A collection to which lines may still be added.
#[derive(Clone, Copy)]
struct Open {
    node: NodeId,
    form: Form,
    column: usize,
    anchor: Option<AnchorId>,
}

/// The state between two lines.
struct Block<'s, 'a> {
    scan: &'s mut Scan<'a>,
    open: Vec<Open>,
    /// Whether the last line ended behind a colon or a dash: the value may stand on the lines below.
    awaits: bool,
    /// The anchor of the collection that begins on the lines below.
    anchor: Option<AnchorId>,
}

/// Reads all lines.
pub(super) fn document(scan: &mut Scan<'_>) -> Option<()> {
    let mut block = Block { scan, open: Vec::new(), awaits: false, anchor: None };
    let mut begun = false;
    loop {
        let start = block.scan.at;
        block.scan.blanks();
        if block.scan.is_full() {
            return None;
        }
        match block.scan.next() {
            0 => break,
            b'\n' | b'\r' => {
                block.scan.newline();
            }
            b'#' => block.scan.comment(),
            _ if block.scan.at == start && block.scan.marker() => {
                // The line before the only document; any other is for the general parser.
                if begun || block.scan.next() != b'-' || !block.open.is_empty() {
                    return None;
                }
                begun = true;
                block.scan.at += 3;
                block.scan.line_end()?;
            }
            _ => block.line(start)?,
        }
    }
    block.end()
}

impl Block<'_, '_> {
    /// A line that says something, from its first byte that is no blank; `start` is where the line begins.
    #[inline]
    fn line(&mut self, start: usize) -> Option<()> {
        let column = self.scan.at - start;
        let dash = self.dash();
        let Some(last) = self.open.last().copied() else { return self.node(start) };
        if self.awaits {
            self.awaits = false;
            if column > last.column {
                return self.node(start);
            }
            match last.form {
                Form::Mapping if column == last.column && dash => {
                    self.scan.at += 1;
                    // The general parser places such a list behind its first dash.
                    self.scan.blanks();
                    if matches!(self.scan.next(), b'#' | b'\n' | b'\r' | 0) {
                        return None;
                    }
                    let at = self.scan.at;
                    self.begin(Form::Flush, at, column)?;
                    return self.item(start);
                }
                Form::Mapping if self.anchor.is_none() => self.scan.nothing(),
                // A dash or an anchor with nothing behind it.
                Form::Mapping | Form::List | Form::Flush => return None,
            }
        }
        let form = self.settle(column, dash)?;
        match form {
            Form::Mapping => {
                let key = self.scan.text(false)?;
                if !self.scan.colon(&key)? {
                    return None;
                }
                self.scan.scalar(&key)?;
                self.value()
            }
            Form::List | Form::Flush => self.entry(start),
        }
    }

    /// Ends the collections that a line in `column` does not belong to; gives the form of the one that it does.
    #[inline]
    fn settle(&mut self, column: usize, dash: bool) -> Option<Form> {
        loop {
            let last = self.open.last()?;
            if column == last.column && dash == (last.form != Form::Mapping) {
                return Some(last.form);
            }
            // Deeper: a text that goes on, or a fault. A list in the column of its key ends with the next key.
            if column > last.column || (column == last.column && last.form != Form::Flush) {
                return None;
            }
            self.close()?;
        }
    }

    /// Ends the innermost collection.
    #[inline]
    fn close(&mut self) -> Option<()> {
        let last = self.open.pop()?;
        self.scan.close(last.node, 0);
        match last.anchor {
            Some(anchor) => self.scan.named(anchor),
            None => Some(()),
        }
    }

    /// Whether a dash stands here that begins an entry.
    #[inline]
    fn dash(&self) -> bool {
        self.scan.next() == b'-' && matches!(self.scan.byte(self.scan.at + 1), b' ' | b'\n' | b'\r' | 0)
    }

    fn begin(&mut self, form: Form, at: usize, column: usize) -> Option<()> {
        if self.open.len() >= DEPTH {
            return None;
        }
        let kind = if form == Form::Mapping { Kind::Mapping } else { Kind::Sequence };
        let node = self.scan.push(kind, at, at, 0);
        self.open.push(Open { node, form, column, anchor: self.anchor.take() });
        Some(())
    }

    /// A dash, and its line.
    fn entry(&mut self, start: usize) -> Option<()> {
        self.scan.at += 1;
        self.scan.blanks();
        self.item(start)
    }

    /// What stands behind a dash on its line.
    fn item(&mut self, start: usize) -> Option<()> {
        match self.scan.next() {
            b'#' | b'\n' | b'\r' | 0 => self.nothing_yet(),
            b'|' => self.literal(),
            b'*' => self.alias(),
            b'&' => self.anchored(),
            _ => self.node(start),
        }
    }

    /// A value, or the first line of one, in the column where it stands: behind a dash, or on a line of its own.
    fn node(&mut self, start: usize) -> Option<()> {
        let at = self.scan.at;
        if self.dash() {
            self.begin(Form::List, at, at - start)?;
            return self.entry(start);
        }
        // What is no mapping and no list by indentation must be inside of one, and has its anchor on its own line.
        let inside = !self.open.is_empty() && self.anchor.is_none();
        if matches!(self.scan.next(), b'[' | b'{') {
            return if inside { self.flow() } else { None };
        }
        let text = self.scan.text(false)?;
        if self.scan.colon(&text)? {
            self.begin(Form::Mapping, text.start, at - start)?;
            self.scan.scalar(&text)?;
            return self.value();
        }
        if !inside {
            return None;
        }
        self.scan.scalar(&text)?;
        self.scan.line_end()
    }

    /// What stands behind a colon on its line.
    #[inline]
    fn value(&mut self) -> Option<()> {
        self.scan.blanks();
        match self.scan.next() {
            b'#' | b'\n' | b'\r' | 0 => self.nothing_yet(),
            b'[' | b'{' => self.flow(),
            b'|' => self.literal(),
            b'*' => self.alias(),
            b'&' => self.anchored(),
            _ => self.scalar(),
        }
    }

    fn scalar(&mut self) -> Option<()> {
        let text = self.scan.text(false)?;
        self.scan.scalar(&text)?;
        self.scan.line_end()
    }

    fn alias(&mut self) -> Option<()> {
        self.scan.alias(false)?;
        self.scan.line_end()
    }

    /// An anchor behind a colon or a dash, and what it names.
    fn anchored(&mut self) -> Option<()> {
        let anchor = self.scan.anchor()?;
        match self.scan.next() {
            b'#' | b'\n' | b'\r' => {
                self.anchor = Some(anchor);
                return self.nothing_yet();
            }
            b'[' | b'{' => self.flow()?,
            _ => self.scalar()?,
        }
        self.scan.named(anchor)
    }

    fn literal(&mut self) -> Option<()> {
        let column = self.open.last()?.column;
        literal::text(self.scan, column)
    }

    fn flow(&mut self) -> Option<()> {
        flow::collection(self.scan, self.open.len())?;
        self.scan.line_end()
    }

    /// The end of a line behind a colon or a dash, and the blanks, without which they would be none.
    fn nothing_yet(&mut self) -> Option<()> {
        self.awaits = true;
        if self.scan.next() == b'#' {
            self.scan.comment();
            return Some(());
        }
        self.scan.line_end()
    }

    /// Ends all collections at the end of the text.
    fn end(mut self) -> Option<()> {
        if self.awaits {
            if self.open.last()?.form != Form::Mapping || self.anchor.is_some() {
                return None;
            }
            self.scan.nothing();
        }
        // A text without nodes is for the general parser.
        self.open.last()?;
        while !self.open.is_empty() {
            self.close()?;
        }
        Some(())
    }
}
