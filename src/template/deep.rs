//! How deep a template may go.
//!
//! The engine reads, compiles and drops an expression by recursion: a chain of ten thousand signs would overflow the
//! stack, which ends the program. So the signs are counted before it sees them. Values, too, nest as deep as statements
//! can make them, one level a step; so the engine has a stack that holds as many levels as there are steps.

use std::thread;

use super::FUEL;

/// Signs and words of one tag that may each be a level.
const MAX_LEVELS: usize = 1000;

/// `elif`s of a text, each of which is a level.
const MAX_BRANCHES: usize = 1000;

/// Bytes of stack for each step: what the deepest walk through a value takes a level, and some room.
const STACK_PER_STEP: usize = 10 << 10;

/// Calls the engine with a deep stack. None when the system does not give one; it is only address space.
pub(super) fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    let stack = FUEL as usize * STACK_PER_STEP;
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(stack).spawn_scoped(scope, work).ok()?;
        Some(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Whether a text can make values that nest deeper than its expressions do.
pub(super) fn can_nest(text: &str) -> bool {
    ["set", "macro", "recursive", "namespace"].iter().any(|word| text.contains(word))
}

/// Where a text goes too deep, and how to say so.
pub(super) fn too_deep(text: &str) -> Option<(usize, String)> {
    let (mut at, mut branches) = (0, 0);
    while let Some(open) = opening(text, at) {
        if text[open..].starts_with("{#") {
            at = text[open..].find("#}").map_or(text.len(), |end| open + end + 2);
            continue;
        }
        let tag = Tag::read(text, open);
        if tag.levels > MAX_LEVELS {
            return Some((open, format!("this tag has more than {MAX_LEVELS} operators and brackets")));
        }
        branches += usize::from(tag.word == "elif");
        if branches > MAX_BRANCHES {
            return Some((open, format!("the text has more than {MAX_BRANCHES} `elif`")));
        }
        at = if tag.word == "raw" { after_raw(text, tag.end) } else { tag.end };
    }
    None
}

/// The next `{{`, `{%` or `{#`.
fn opening(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'{', &bytes[from..])
        .map(|at| from + at)
        .find(|at| matches!(bytes.get(at + 1), Some(b'{' | b'%' | b'#')))
}

/// Behind the `{% endraw %}`, or at the end.
fn after_raw(text: &str, from: usize) -> usize {
    let ends = |at: &usize| {
        let inside = text[*at + 2..].trim_start_matches(['-', '+']).trim_start();
        inside.starts_with("endraw")
    };
    text[from..].match_indices("{%").map(|(at, _)| from + at).find(ends).unwrap_or(text.len())
}

/// A tag, as far as its depth goes.
struct Tag<'t> {
    end: usize,
    /// Its first word.
    word: &'t str,
    levels: usize,
}

impl<'t> Tag<'t> {
    /// Reads the tag at an offset as the engine does: it ends at its two signs outside of texts and brackets.
    fn read(text: &'t str, open: usize) -> Tag<'t> {
        let bytes = text.as_bytes();
        let end: &[u8] = if bytes[open + 1] == b'{' { b"}}" } else { b"%}" };
        let mut tag = Tag { end: text.len(), word: "", levels: 0 };
        let (mut at, mut brackets) = (open + 2, 0);
        while let Some(byte) = bytes.get(at) {
            if brackets == 0 && bytes[at..].starts_with(end) {
                tag.end = at + 2;
                break;
            }
            match byte {
                b'"' | b'\'' => at = text_end(bytes, at),
                b'(' | b'[' | b'{' => (brackets, tag.levels) = (brackets + 1, tag.levels + 1),
                b')' | b']' | b'}' => brackets -= 1,
                byte if byte.is_ascii_alphabetic() || *byte == b'_' => {
                    let length =
                        bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                    let word = &text[at..at + length];
                    if tag.word.is_empty() {
                        tag.word = word;
                    }
                    tag.levels += usize::from(matches!(word, "not" | "and" | "or" | "is" | "in" | "if" | "else"));
                    at += length;
                    continue;
                }
                byte => tag.levels += usize::from(b"+-*/%|~.<>=!".contains(byte)),
            }
            at += 1;
        }
        tag
    }
}

/// The last byte of a text in quotes.
fn text_end(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == bytes[open] => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_counted_a_tag() {
        let deep = "+1".repeat(MAX_LEVELS + 1);
        for bad in [
            format!("{{{{ 1{deep} }}}}"),
            format!("a {{{{ x }}}} {{% if 1{deep} %}}"),
            // What only looks like an end, or like a text.
            format!("{{{{ {{'a': {{}}}} {deep} }}}}"),
            format!("{{{{ '}}}}{{{{ ' ~ \"\\\"}}}}\" {deep} }}}}"),
            format!("{{% raw %}}{{{{ ' {{% endraw %}}{{{{ 1{deep} }}}}"),
            format!("{{# {{{{ ' #}}{{{{ 1{deep} }}}}"),
            format!("{{{{ 1{deep}"),
            format!("{{{{ {}", "(".repeat(MAX_LEVELS + 1)),
            format!("{{{{ {} 1 }}}}", "not ".repeat(MAX_LEVELS + 1)),
            format!("{{% if a %}}{}", "{% elif b %}".repeat(MAX_BRANCHES + 1)),
        ] {
            assert!(too_deep(&bad).is_some(), "{:.60}", bad);
        }
        for good in [
            "{{ a.b }}".repeat(MAX_LEVELS + 1),
            format!("{{{{ '{deep}' }}}} {deep} {{# {deep} #}} {{% raw %}} {{{{ 1{deep} {{%- endraw %}} {{{{ a }}}}"),
            format!("{{{{ [{}] }}}}", "x, ".repeat(MAX_LEVELS + 1)),
            "{".to_string(),
            "{{ 'é".to_string(),
            "{{ '\\".to_string(),
        ] {
            assert_eq!(too_deep(&good), None, "{:.60}", good);
        }
    }
}
