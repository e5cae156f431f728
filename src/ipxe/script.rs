//! A script: its lines and labels, found once.

use std::ops::Range;

/// Whether iPXE takes a byte for a blank.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// The words of a line. iPXE splits it before it puts values in, so a value never makes two words, and an empty one is a
/// word of its own.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> + Clone {
    line.split(|c: char| c.is_ascii() && is_blank(c as u8)).filter(|word| !word.is_empty())
}

/// A line that does something.
#[derive(Debug)]
struct Line {
    /// Its number in the file, from 1.
    number: u32,
    /// Where its command stands in the text.
    command: Range<u32>,
}

/// A script that was read: the lines that do something, and the labels.
#[derive(Debug)]
pub struct Script {
    text: String,
    lines: Vec<Line>,
    /// Where each label stands in the text, and the line to go on with; sorted by label. Of two that are equal, the first
    /// in the file counts, and comes first.
    labels: Vec<(Range<u32>, u32)>,
    /// Whether the last line goes on behind the end, which is an error.
    cut: bool,
}

impl Script {
    /// Reads a script; none when iPXE does not take the bytes for one (contract X-4), and for bytes that no text has: what
    /// iPXE makes of those is not known.
    pub fn read(bytes: &[u8]) -> Option<Script> {
        // The mark needs a blank behind it.
        let behind = bytes.strip_prefix(b"#!ipxe").or_else(|| bytes.strip_prefix(b"#!gpxe"))?;
        if !behind.first().copied().is_some_and(is_blank) || bytes.iter().any(|byte| *byte < 8) {
            return None;
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let mut script =
            Script { text: String::with_capacity(text.len() + 1), lines: Vec::new(), labels: Vec::new(), cut: false };
        let (mut number, mut open) = (0, None);
        // The text behind the last line break is a line unless it is empty.
        for piece in text.split_terminator('\n') {
            number += 1;
            let begun = *open.get_or_insert((script.text.len(), number));
            script.text.push_str(piece);
            if script.text.len() > begun.0 && script.text.ends_with('\r') {
                script.text.pop();
            }
            if script.text.len() > begun.0 && script.text.ends_with('\\') {
                script.text.pop();
                continue;
            }
            open = None;
            script.line(begun.0, begun.1);
            script.text.push('\n');
        }
        script.cut = open.is_some();
        let (text, labels) = (&script.text, &mut script.labels);
        labels.sort_by(|(a, _), (b, _)| label(text, a).cmp(label(text, b)));
        Some(script)
    }

    /// Takes the line that begins at `start` and ends with the text so far.
    fn line(&mut self, start: usize, number: u32) {
        let end = self.text.len();
        let place = |from: usize, to: usize| from as u32..to as u32;
        let mut from = start + self.text[start..].bytes().take_while(|byte| is_blank(*byte)).count();
        if self.text[from..].starts_with(':') {
            let to = from + 1 + self.text[from + 1..].bytes().take_while(|byte| !is_blank(*byte)).count();
            self.labels.push((place(from + 1, to), self.lines.len() as u32));
            from = to;
        }
        // A line without a command does nothing, successfully; so does one with a comment alone.
        if words(&self.text[from..]).next().is_some_and(|word| !word.starts_with('#')) {
            self.lines.push(Line { number, command: place(from, end) });
        }
    }

    /// The command of the line at `index`, as it stands, and the line's number in the file; none behind the last.
    pub(super) fn command(&self, index: u32) -> Option<(&str, u32)> {
        let line = self.lines.get(index as usize)?;
        Some((&self.text[line.command.start as usize..line.command.end as usize], line.number))
    }

    /// The lines that do something, as they stand behind their labels.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        (0..).map_while(|index| self.command(index).map(|(line, _)| line))
    }

    /// The line that `goto` goes on with: the first behind the label that does something, counted from 0 among those that
    /// do. None when there is no such label.
    pub fn find(&self, wanted: &str) -> Option<u32> {
        let first = self.labels.partition_point(|(place, _)| label(&self.text, place) < wanted);
        let (place, line) = self.labels.get(first)?;
        (label(&self.text, place) == wanted).then_some(*line)
    }

    /// Whether the end of the script is an error.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// The line of this number in the file, without blanks at its ends; empty for one that does nothing.
    pub fn shown(&self, number: u32) -> &str {
        let index = self.lines.partition_point(|line| line.number < number) as u32;
        self.command(index).filter(|(_, found)| *found == number).map_or("", |(text, _)| text.trim())
    }
}

fn label<'t>(text: &'t str, place: &Range<u32>) -> &'t str {
    &text[place.start as usize..place.end as usize]
}

#[cfg(test)]
mod tests {
    use super::Script;

    fn lines(text: &str) -> Vec<String> {
        let script = Script::read(text.as_bytes()).expect("a script");
        (0..).map_while(|index| script.command(index).map(|(line, number)| format!("{number}{line}"))).collect()
    }

    #[test]
    fn lines_are_read_as_they_are_run() {
        assert_eq!(lines("#!ipxe\n\n# no\n  echo a\r\n:b echo b\n:c\necho d"), ["4echo a", "5 echo b", "7echo d"]);
        assert_eq!(lines("#!ipxe\necho a \\\n b\necho c"), ["2echo a  b", "4echo c"]);
        assert_eq!(lines("#!ipxe\necho a\necho b\\"), ["2echo a"]);
        assert!(Script::read(b"#!ipxe\necho b\\").expect("a script").is_cut());
        for text in ["#!ipxe", "", "\u{feff}#!ipxe\n", " #!ipxe\n", "#!ipxex\n", "echo\n", "#!ipxe\n\0"] {
            assert!(Script::read(text.as_bytes()).is_none(), "{text:?}");
        }
    }

    #[test]
    fn the_first_of_equal_labels_counts() {
        let script = Script::read(b"#!ipxe\n:b echo 0\n :a\n:a\necho 1\n:a echo 2\n:\necho 3\n:end").expect("a script");
        let found: Vec<_> = ["a", "b", "", "end", "c"].map(|label| script.find(label)).to_vec();
        assert_eq!(found, [Some(1), Some(0), Some(3), Some(4), None]);
    }
}
