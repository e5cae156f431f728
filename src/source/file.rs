//! One file that was read: its text, and positions in it for people.

use std::sync::{Arc, OnceLock};

/// A position for people: line and column from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One file that was read.
#[derive(Debug)]
pub struct Source {
    /// Its path relative to the folder of the fleet file, with `/`: the same on every machine.
    pub name: String,
    /// Its path as the user would open it.
    pub shown: String,
    /// Its text, shared with those who read it while more files are added.
    pub text: Arc<String>,
    /// Line breaks before every [`STEP`]th byte.
    breaks: OnceLock<Vec<u32>>,
    /// Characters before every [`STEP`]th byte.
    characters: OnceLock<Vec<u32>>,
}

/// Bytes that are walked through for a line or a column; what is before them was counted.
const STEP: usize = 1024;

impl Source {
    pub(super) fn new(name: String, shown: String, text: String) -> Source {
        Source { name, shown, text: Arc::new(text), breaks: OnceLock::new(), characters: OnceLock::new() }
    }

    /// The line (from 1) that holds the byte at `offset`.
    pub fn line_of(&self, offset: u32) -> u32 {
        self.breaks_before(offset as usize) + 1
    }

    /// The byte range of a line (from 1), without its line break.
    pub fn line_range(&self, line: u32) -> (usize, usize) {
        let start = self.start_of(line.clamp(1, self.line_count()));
        let rest = &self.text.as_bytes()[start..];
        let end = memchr::memchr(b'\n', rest).map_or(self.text.len(), |newline| start + newline);
        (start, start + self.text[start..end].trim_end_matches('\r').len())
    }

    /// How many lines the text has.
    pub fn line_count(&self) -> u32 {
        self.breaks_before(self.text.len()) + 1
    }

    /// Where a line (from 1) begins that is there.
    fn start_of(&self, line: u32) -> usize {
        let Some(wanted) = line.checked_sub(2) else { return 0 };
        let steps = self.breaks();
        // The break before it is the one behind `wanted` others.
        let step = steps.partition_point(|before| *before <= wanted) - 1;
        let from = step * STEP;
        let mut breaks = memchr::memchr_iter(b'\n', &self.text.as_bytes()[from..]);
        breaks.nth((wanted - steps[step]) as usize).map_or(self.text.len(), |newline| from + newline + 1)
    }

    fn breaks_before(&self, offset: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let offset = offset.min(bytes.len());
        let step = offset / STEP;
        self.breaks()[step] + breaks(&bytes[step * STEP..offset])
    }

    /// There is a step at least: that of the first byte.
    fn breaks(&self) -> &[u32] {
        self.breaks.get_or_init(|| counts(self.text.as_bytes(), breaks))
    }

    /// Line and column of the byte at `offset`.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_of(offset);
        let start = self.start_of(line);
        let offset = offset as usize;
        if !self.text.is_char_boundary(offset) {
            return Position { line, column: 1 };
        }
        let before = match offset.saturating_sub(start) {
            0..=STEP => characters(&self.text.as_bytes()[start..offset]),
            _ => self.characters_before(offset) - self.characters_before(start),
        };
        // A byte-order mark takes no column in any editor.
        let mark = start == 0 && offset > 0 && self.text.starts_with('\u{feff}');
        let column = before - u32::from(mark) + 1;
        Position { line, column }
    }

    /// Characters before a byte, without a walk through all of a long line: a fleet may be one line of JSON.
    fn characters_before(&self, offset: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let steps = self.characters.get_or_init(|| counts(bytes, characters));
        let step = offset / STEP;
        steps[step] + characters(&bytes[step * STEP..offset])
    }
}

/// What there is before every [`STEP`]th byte, the end included if it is one.
fn counts(bytes: &[u8], count: fn(&[u8]) -> u32) -> Vec<u32> {
    let mut before = 0;
    let mut counts = Vec::with_capacity(bytes.len() / STEP + 1);
    counts.push(before);
    counts.extend(bytes.chunks_exact(STEP).map(|chunk| {
        before += count(chunk);
        before
    }));
    counts
}

/// How many lines end in these bytes.
fn breaks(bytes: &[u8]) -> u32 {
    memchr::memchr_iter(b'\n', bytes).count() as u32
}

/// How many characters start in these bytes.
fn characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|byte| (**byte as i8) >= -0x40).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new(String::new(), String::new(), text.to_string())
    }

    #[test]
    fn columns_count_characters_and_skip_the_byte_order_mark() {
        let source = source("\u{feff}ä: b\r\nžluť: x\n");
        assert_eq!(source.position(3), Position { line: 1, column: 1 });
        assert_eq!(source.position(5), Position { line: 1, column: 2 });
        let x = source.text.find('x').unwrap_or_default() as u32;
        assert_eq!(source.position(x), Position { line: 2, column: 7 });
        assert_eq!(source.line_range(1), (0, 8));
    }

    #[test]
    fn columns_in_long_lines_are_counted_the_same() {
        let text = format!("\u{feff}{}\n{}", "ž".repeat(3070), "ž😀b".repeat(STEP));
        let source = source(&text);
        let (mut line, mut column) = (1, 1);
        for (offset, c) in source.text.char_indices() {
            assert_eq!(source.position(offset as u32), Position { line, column });
            match c {
                '\n' => (line, column) = (line + 1, 1),
                '\u{feff}' => {}
                _ => column += 1,
            }
        }
        assert_eq!(source.text.len() % STEP, 0, "the end is looked up at a step");
        assert_eq!(source.position(source.text.len() as u32), Position { line, column });
    }

    #[test]
    fn lines_are_those_of_a_walk_through_the_text() {
        let long = "x".repeat(3 * STEP + 7);
        let texts = ["", "\n", "a", "a\n", "a\r\nb\r", &long, &"\n".repeat(2 * STEP), &"ab\ncde\r\n".repeat(STEP)];
        for text in texts.into_iter().map(str::to_string).chain([format!("{long}\n{long}\n\n{long}")]) {
            let source = source(&text);
            let mut start = 0;
            for (index, line) in text.split('\n').enumerate() {
                let number = index as u32 + 1;
                let end = start + line.len();
                assert_eq!(source.line_range(number), (start, start + line.trim_end_matches('\r').len()));
                for offset in [start, end] {
                    assert_eq!(source.line_of(offset as u32), number);
                    let column = (offset - start) as u32 + 1;
                    assert_eq!(source.position(offset as u32), Position { line: number, column });
                }
                start = end + 1;
            }
            let count = text.split('\n').count() as u32;
            assert_eq!((source.line_count(), source.line_of(u32::MAX)), (count, count));
            assert_eq!(source.line_range(0), source.line_range(1));
            assert_eq!(source.line_range(count + 1), source.line_range(count));
        }
    }
}
