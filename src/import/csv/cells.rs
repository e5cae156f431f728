//! The text of a list as rows of cells, each with its place.

use csv_core::{ReadFieldResult, ReaderBuilder};

use crate::diag::Sink;
use crate::rules::import;
use crate::source::{FileId, Span};

/// What parts the values of a row, the likeliest first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A value of a row.
pub(super) struct Cell {
    /// Its text, without quotes and without blanks around it.
    pub(super) text: String,
    /// Where it stands; for an empty one, where it would.
    pub(super) span: Span,
}

/// Every row that is not empty.
pub(super) fn rows(text: &str, file: FileId, sink: &Sink) -> Vec<Vec<Cell>> {
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut separator = sniff(&text[start..]);
    // Spreadsheets in some countries say in the first line what parts values.
    let first = text[start..].lines().next().unwrap_or_default();
    if let Some(said) = first.trim_end().strip_prefix("sep=").filter(|said| said.len() == 1) {
        separator = said.as_bytes()[0];
        start += text[start..].find('\n').map_or(first.len(), |newline| newline + 1);
    }
    let mut reader = ReaderBuilder::new().delimiter(separator).build();
    let bytes = text.as_bytes();
    let mut value = vec![0; 256];
    let (mut at, mut filled) = (start, 0);
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    loop {
        let (result, read, written) = reader.read_field(&bytes[at..], &mut value[filled..]);
        at += read;
        filled += written;
        match result {
            ReadFieldResult::InputEmpty => {}
            ReadFieldResult::OutputFull => value.resize(value.len() * 2, 0),
            ReadFieldResult::Field { record_end } => {
                let written = String::from_utf8_lossy(&value[..filled]);
                let span = place(text, start, at, separator, file);
                if is_open(&text[span.start as usize..span.end as usize]) {
                    let open = import::malformed_list().at(span.part(0, 1), "this quote is never closed");
                    sink.report(
                        open.help("put a `\"` where the value ends; a quote that is part of it is written twice"),
                    );
                }
                row.push(Cell { text: written.trim().to_string(), span });
                (start, filled) = (at, 0);
                if record_end {
                    rows.push(std::mem::take(&mut row));
                }
            }
            ReadFieldResult::End => return rows,
        }
    }
}

/// The separator that the heading has most of; a comma where it has none.
fn sniff(text: &str) -> u8 {
    let heading = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let outside: Vec<u8> = heading
        .bytes()
        .filter(|byte| {
            quoted ^= *byte == b'"';
            !quoted
        })
        .collect();
    let count = |separator: u8| outside.iter().filter(|byte| **byte == separator).count();
    // Of equal counts the first in the list.
    SEPARATORS.into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

/// The place of a value in what was read for it: the line breaks before it, the separator behind it and blanks are no
/// part.
fn place(text: &str, start: usize, end: usize, separator: u8, file: FileId) -> Span {
    let blank = |c: char| c.is_whitespace() && c as u32 != u32::from(separator);
    let raw = &text[start..end];
    let from = start + raw.len() - raw.trim_start_matches(['\r', '\n']).len();
    let raw = text[from..end].strip_suffix(char::from(separator)).unwrap_or(&text[from..end]);
    let inner = raw.trim_matches(blank);
    let from = if inner.is_empty() { from } else { from + raw.len() - raw.trim_start_matches(blank).len() };
    Span { file, start: from as u32, end: (from + inner.len()) as u32 }
}

/// Whether a value begins with a quote that has no end.
fn is_open(raw: &str) -> bool {
    raw.starts_with('"') && raw.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<Vec<(String, String)>> {
        let rows = rows(text, FileId(0), &Sink::default());
        let raw = |span: Span| text[span.start as usize..span.end as usize].to_string();
        rows.into_iter().map(|row| row.into_iter().map(|cell| (cell.text, raw(cell.span))).collect()).collect()
    }

    fn texts(text: &str) -> Vec<Vec<String>> {
        read(text).into_iter().map(|row| row.into_iter().map(|(text, _)| text).collect()).collect()
    }

    #[test]
    fn separators_are_seen() {
        let expected = vec![vec!["a".to_string(), "b c".to_string()], vec!["1".to_string(), "2,3".to_string()]];
        for text in [
            "a,b c\n1,\"2,3\"\n",
            "\u{feff}a;b c\r\n1;2,3",
            "a\tb c\n1\t2,3\n",
            "a | b c\n\n1 | 2,3 \n",
            "sep=;\na;b c\n1;2,3\n",
        ] {
            assert_eq!(texts(text), expected, "{text:?}");
        }
    }

    #[test]
    fn places_are_those_of_the_values() {
        let found = read("a, b ,\"c\"\r\n\r\n ž,\"x \"\"y\"\"\",\r\n");
        let pair = |text: &str, raw: &str| (text.to_string(), raw.to_string());
        assert_eq!(
            found[0],
            [pair("a", "a"), pair("b", "b"), pair("\"c\"", "\"c\"")].map(|(text, raw)| (text.replace('"', ""), raw))
        );
        assert_eq!(found[1], [pair("ž", "ž"), pair("x \"y\"", "\"x \"\"y\"\"\""), pair("", "")]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_places_are_inside(text in "[a-c\",;|\\t \\r\\nž\u{feff}]{0,40}") {
            for cell in rows(&text, FileId(0), &Sink::default()).iter().flatten() {
                prop_assert!(text.get(cell.span.start as usize..cell.span.end as usize).is_some());
            }
        }

        #[test]
        fn what_is_written_is_read(cells in prop::collection::vec(prop::collection::vec("[a-z\",;ž\n]{1,6}", 2..4), 1..4)) {
            let count = cells[0].len();
            let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",");
            let text: String = cells.iter().filter(|row| row.len() == count).map(|row| line(row) + "\n").collect();
            let expected: Vec<Vec<String>> = cells.iter().filter(|row| row.len() == count)
                .map(|row| row.iter().map(|cell| cell.trim().to_string()).collect()).collect();
            prop_assert_eq!(texts(&text), expected);
        }
    }
}
