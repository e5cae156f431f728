//! Where libyaml, which ucd reads with, stops at what readers of YAML 1.2 take.

use super::read::Place;
use crate::yaml::{Document, Kind};

/// What is wrong, and what to do.
type Odd = (Place, String, &'static str);

/// Each thing that stops libyaml, or that it takes for something else (contract U-8).
pub(super) fn odd(document: &Document<'_>, text: &str) -> Vec<Odd> {
    let checks = [tabs, tabs_in_blocks, line_breaks, anchors, colons];
    checks.iter().filter_map(|check| check(document, text)).collect()
}

fn place(at: usize, length: usize) -> Place {
    Place { start: at as u32, end: (at + length) as u32 }
}

/// Whether a byte stands in no text; neither in brackets, unless those count as outside.
fn is_outside(document: &Document<'_>, text: &str, at: usize, brackets: bool) -> bool {
    !(0..document.len() as u32).map(|id| document.node(id)).any(|node| {
        let inside = (node.start as usize..node.end as usize).contains(&at);
        let scalar = !matches!(node.kind, Kind::Sequence | Kind::Mapping);
        inside && (scalar || !brackets && text[node.start as usize..].starts_with(['[', '{']))
    })
}

/// Tabs where YAML 1.2 allows them and libyaml does not: before the first word of a line, outside of texts and brackets.
fn tabs(document: &Document<'_>, text: &str) -> Option<Odd> {
    let (at, _) = text.match_indices('\t').find(|(at, _)| {
        let line = text[..*at].rfind('\n').map_or(0, |newline| newline + 1);
        let leading = text[line..*at].bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'-' | b'?'));
        leading && is_outside(document, text, *at, false)
    })?;
    let message = "a tab before the first word of a line stops ucd: it executes what stands before, and drops the rest";
    Some((place(at, 1), message.to_string(), "indent with spaces"))
}

/// A tab at the head of a block whose depth libyaml still has to find out.
fn tabs_in_blocks(document: &Document<'_>, text: &str) -> Option<Odd> {
    let (node, _) = (0..document.len() as u32)
        .filter(|id| document.node(*id).kind == Kind::Block)
        .map(|id| (document.node(id), document.scalar(id)))
        .find(|(node, block)| {
            let sign = text[..node.start as usize].trim_end().rsplit([' ', '\n']).next().unwrap_or_default();
            block.trim_start_matches('\n').starts_with('\t') && !sign.contains(|c: char| c.is_ascii_digit())
        })?;
    let message = "a tab at the head of this block stops ucd: it executes what stands before, and drops the rest";
    Some((
        place(node.start as usize, 1),
        message.to_string(),
        "say how deep the block is: `|2` for two more blanks than its key",
    ))
}

/// Texts in brackets with a colon at an end, which libyaml takes for the sign between key and value.
fn colons(document: &Document<'_>, text: &str) -> Option<Odd> {
    let mut brackets = 0;
    for id in 0..document.len() as u32 {
        let node = document.node(id);
        match node.kind {
            Kind::Sequence | Kind::Mapping if text[node.start as usize..].starts_with(['[', '{']) => {
                brackets = brackets.max(node.end);
            }
            Kind::Plain if node.start < brackets => {
                let written = text.get(node.start as usize..node.end as usize).unwrap_or_default();
                let behind = text[node.end as usize..].strip_prefix(':');
                let ends = behind.is_some_and(|rest| rest.starts_with([',', '?', '[', ']', '{', '}']));
                if ends || written.len() > 1 && written.starts_with(':') {
                    let message = "the colon at an end of this text stops ucd: it executes what stands before, and drops the rest";
                    return Some((
                        place(node.start as usize, written.len()),
                        message.to_string(),
                        "put the text in quotes",
                    ));
                }
            }
            _ => {}
        }
    }
    None
}

/// Characters that end a line in YAML 1.1, and with it for libyaml.
fn line_breaks(document: &Document<'_>, text: &str) -> Option<Odd> {
    if text.is_ascii() {
        return None;
    }
    let quoted = |at: usize| {
        (0..document.len() as u32)
            .map(|id| document.node(id))
            .any(|node| node.kind == Kind::Quoted && (node.start as usize..node.end as usize).contains(&at))
    };
    let (at, found) = text.char_indices().find(|(at, c)| match c {
        '\u{85}' => true,
        // Between quotes it stays what it is.
        '\u{2028}' | '\u{2029}' => !quoted(*at),
        _ => false,
    })?;
    let message = format!("the character U+{:04X} ends the line for ucd", found as u32);
    Some((place(at, found.len_utf8()), message, "remove it; in double quotes it can be written as an escape"))
}

/// Names of anchors that libyaml does not read: it knows letters, digits, `_` and `-` alone.
fn anchors(document: &Document<'_>, text: &str) -> Option<Odd> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    for (at, _) in text.match_indices('&') {
        let name = text[at + 1..].split([' ', '\t', '\r', '\n', ',', '[', ']', '{', '}']).next().unwrap_or_default();
        if name.is_empty() || name.chars().all(good) || !is_outside(document, text, at, true) {
            continue;
        }
        let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let mut signs = text[line..at].match_indices('#').map(|(sign, _)| line + sign);
        if !signs.any(|sign| is_outside(document, text, sign, true)) {
            let message = "the name of this anchor stops ucd: it executes what stands before, and drops the rest";
            return Some((place(at, 1 + name.len()), message.to_string(), "remove it; ucd drops aliases anyway"));
        }
    }
    None
}
