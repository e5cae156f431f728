//! Flow collections, on one line or several: `[a, b]`, `{ key: value }`.

use super::DEPTH;
use super::scan::Scan;
use crate::yaml::node::{Kind, NodeId};

/// Reads the collection that begins here, up to behind its bracket.
pub(super) fn collection(scan: &mut Scan<'_>, depth: usize) -> Option<()> {
    if depth >= DEPTH {
        return None;
    }
    let (kind, bracket) = if scan.next() == b'[' { (Kind::Sequence, b']') } else { (Kind::Mapping, b'}') };
    let id: NodeId = scan.push(kind, scan.at, scan.at + 1, 0);
    scan.at += 1;
    space(scan)?;
    while scan.next() != bracket {
        if scan.is_full() {
            return None;
        }
        if kind == Kind::Mapping {
            pair(scan, depth)?;
        } else {
            value(scan, depth)?;
        }
        space(scan)?;
        match scan.next() {
            b',' => {
                scan.at += 1;
                space(scan)?;
            }
            byte if byte == bracket => {}
            // A text over several lines, a pair in a list, the wrong bracket.
            _ => return None,
        }
    }
    scan.at += 1;
    scan.close(id, scan.at);
    Some(())
}

/// A key and its value; a key without colon is left to the general parser.
fn pair(scan: &mut Scan<'_>, depth: usize) -> Option<()> {
    let key = scan.text(true)?;
    if !scan.colon(&key)? {
        return None;
    }
    scan.scalar(&key)?;
    space(scan)?;
    match scan.next() {
        b',' | b'}' => scan.nothing(),
        _ => value(scan, depth)?,
    }
    Some(())
}

fn value(scan: &mut Scan<'_>, depth: usize) -> Option<()> {
    match scan.next() {
        b'[' | b'{' => collection(scan, depth + 1),
        b'*' => scan.alias(true),
        b'&' => {
            let anchor = scan.anchor()?;
            // An anchor of an anchor, or of an alias, is none.
            if matches!(scan.next(), b'&' | b'*') {
                return None;
            }
            value(scan, depth)?;
            scan.named(anchor)
        }
        _ => {
            let text = scan.text(true)?;
            scan.scalar(&text)
        }
    }
}

/// Goes over blanks, ends of lines and comments.
fn space(scan: &mut Scan<'_>) -> Option<()> {
    let mut apart = scan.blanks();
    loop {
        if apart && scan.next() == b'#' {
            scan.comment();
        } else if !scan.newline() {
            return Some(());
        }
        if scan.marker() {
            return None;
        }
        apart = true;
        scan.blanks();
    }
}
