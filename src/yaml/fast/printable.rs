//! The characters that a text may be made of. Looked at once, before all else, so that nothing behind needs to ask.

use memchr::memchr2_iter;

/// The offset behind a byte order mark at the beginning; none for a text with a character that YAML does not print,
/// that ends a line elsewhere, or that is a mark within the text.
pub(super) fn start(text: &str) -> Option<usize> {
    // Offsets of nodes are of 32 bits.
    u32::try_from(text.len()).ok()?;
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let bytes = &text.as_bytes()[start..];
    (ascii(bytes) && others(bytes)).then_some(start)
}

/// No control character; a carriage return only before the end of its line. Tabs are judged where they stand.
fn ascii(bytes: &[u8]) -> bool {
    let control = |byte: u8| (byte < b' ' && byte != b'\n' && byte != b'\r' && byte != b'\t') || byte == 0x7f;
    // A fold without an early end is done many bytes at a time.
    let clean = bytes.chunks(4096).all(|chunk| !chunk.iter().fold(false, |found, byte| found | control(*byte)));
    clean && memchr::memchr_iter(b'\r', bytes).all(|at| bytes.get(at + 1) == Some(&b'\n'))
}

/// None of U+0080 to U+009F, U+FEFF, U+FFFE and U+FFFF. The bytes are UTF-8.
fn others(bytes: &[u8]) -> bool {
    bytes.is_ascii()
        || memchr2_iter(0xc2, 0xef, bytes).all(|at| match bytes[at..] {
            [0xc2, second, ..] => second >= 0xa0,
            [0xef, 0xbb, 0xbf, ..] | [0xef, 0xbf, 0xbe | 0xbf, ..] => false,
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::start;

    #[test]
    fn what_a_text_may_hold() {
        for text in ["", "a\r\nb\n", "ä € \u{a0} 😀 \u{fffd} \u{ff01}", "\ta"] {
            assert_eq!(start(text), Some(0), "{text:?}");
        }
        assert_eq!(start("\u{feff}a"), Some(3));
        for text in ["a\rb", "a\r", "\0", "\u{7f}", "\u{1b}", "\u{85}", "\u{9f}", "a\u{feff}", "\u{ffff}", "\u{fffe}"] {
            assert_eq!(start(text), None, "{text:?}");
        }
        // Also behind what is looked at in one go.
        assert_eq!(start(&format!("{}\0", "a".repeat(5000))), None);
    }
}
