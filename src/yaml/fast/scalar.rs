//! Texts on one line: plain, in single quotes, in double quotes.

use super::scan::Scan;
use super::{KEY_LENGTH, escape};
use crate::yaml::node::{Kind, Node};

/// A text that was read and is not yet a node: it may be the key of a mapping that begins with it.
#[derive(Clone, Copy)]
pub(super) struct Text {
    kind: Kind,
    /// Offset of its first byte, the quote where there is one.
    pub(super) start: usize,
    /// Offset behind its last byte.
    pub(super) end: usize,
    /// A text in double quotes that holds a backslash, or in single quotes that holds a doubled one.
    escaped: bool,
}

/// What a byte may mean within a plain text.
const END: u8 = 1;
const FLOW: u8 = 2;

const MEANING: [u8; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    let ends = b"\0 :\t\n\r";
    while index < ends.len() {
        table[ends[index] as usize] = END;
        index += 1;
    }
    index = 0;
    let flow = b",[]{}";
    while index < flow.len() {
        table[flow[index] as usize] = FLOW;
        index += 1;
    }
    table
};

impl Scan<'_> {
    /// Reads a text up to its end on this line; in a flow collection, up to a sign of the collection.
    #[inline]
    pub(super) fn text(&mut self, flow: bool) -> Option<Text> {
        match self.next() {
            b'"' => self.quoted(b'"'),
            b'\'' => self.quoted(b'\''),
            // What begins a plain text with care, or something else.
            b'-' => {
                let second = self.byte(self.at + 1);
                if matches!(second, 0 | b' ' | b'\t' | b'\r' | b'\n') || MEANING[second as usize] & FLOW > 0 {
                    return None;
                }
                self.plain(flow)
            }
            b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'%' | b'@'
            | b'`' | b'\t' | b'\r' | b'\n' | b' ' | 0 => None,
            _ => self.plain(flow),
        }
    }

    /// Goes to the end of the text; the blanks behind it are not part of it.
    #[inline]
    fn plain(&mut self, flow: bool) -> Option<Text> {
        let stop = if flow { END | FLOW } else { END };
        let start = self.at;
        let mut at = start + 1;
        loop {
            while MEANING[self.byte(at) as usize] & stop == 0 {
                at += 1;
            }
            let end = at;
            while self.byte(at) == b' ' {
                at += 1;
            }
            match self.byte(at) {
                b'\n' | b'\r' | 0 => {}
                b'\t' => return None,
                b'#' if at > end => {}
                b':' => match self.byte(at + 1) {
                    b' ' | b'\n' | b'\r' | 0 => {}
                    b'\t' => return None,
                    next if flow && MEANING[next as usize] & FLOW > 0 => return None,
                    _ => {
                        at += 1;
                        continue;
                    }
                },
                sign if flow && MEANING[sign as usize] & FLOW > 0 => {}
                _ => {
                    at += 1;
                    continue;
                }
            }
            self.at = end;
            return Some(Text { kind: Kind::Plain, start, end, escaped: false });
        }
    }

    /// Goes behind the closing quote.
    fn quoted(&mut self, quote: u8) -> Option<Text> {
        let start = self.at;
        let mut at = start + 1;
        let mut escaped = false;
        loop {
            match self.byte(at) {
                b'\n' | b'\r' | 0 => return None,
                b'\\' if quote == b'"' => {
                    escaped = true;
                    // The second byte may be a quote; it is none that ends a line.
                    if matches!(self.byte(at + 1), b'\n' | b'\r' | 0) {
                        return None;
                    }
                    at += 2;
                }
                byte if byte == quote => {
                    if quote == b'\'' && self.byte(at + 1) == quote {
                        escaped = true;
                        at += 2;
                    } else {
                        self.at = at + 1;
                        return Some(Text { kind: Kind::Quoted, start, end: at + 1, escaped });
                    }
                }
                _ => at += 1,
            }
        }
    }

    /// Whether the text that was just read is a key: goes over the colon, which ends it. None where it cannot be told.
    #[inline]
    pub(super) fn colon(&mut self, text: &Text) -> Option<bool> {
        self.blanks();
        if self.next() != b':' {
            self.at = text.end;
            return Some(false);
        }
        if self.at - text.start > KEY_LENGTH {
            return None;
        }
        self.at += 1;
        matches!(self.next(), b' ' | b'\n' | b'\r' | 0).then_some(true)
    }

    /// Makes the node of a text.
    #[inline]
    pub(super) fn scalar(&mut self, text: &Text) -> Option<()> {
        let link = if text.escaped { self.unescaped(text)? } else { Node::AS_WRITTEN };
        self.push(text.kind, text.start, text.end, link);
        Some(())
    }

    #[cold]
    fn unescaped(&mut self, text: &Text) -> Option<u32> {
        let inside = self.slice(text.start + 1, text.end - 1);
        let value = if self.byte(text.start) == b'"' { escape::double(inside)? } else { escape::single(inside) };
        Some(self.keep(value))
    }
}
