//! What a machine's serial line carries, as text.
#![allow(dead_code)]

/// The width of the screen, in characters.
const WIDTH: usize = 80;

/// A console's bytes as text.
pub fn plain(bytes: &[u8]) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    // The length up to which the last line is joined.
    let mut whole = 0;
    let text = String::from_utf8_lossy(bytes);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\u{1b}' => {
                // `ESC [ … letter`, or `ESC letter`.
                if chars.next() == Some('[') {
                    while chars.next().is_some_and(|char| !char.is_ascii_alphabetic()) {}
                }
            }
            '\u{8}' => {
                lines.last_mut().unwrap().pop();
            }
            '\n' => {
                // The screen begins a new line behind the last column, once, which the text did not ask for.
                let length = lines.last().unwrap().chars().count();
                if length > 0 && length.is_multiple_of(WIDTH) && length > whole {
                    whole = length;
                } else {
                    lines.push(String::new());
                    whole = 0;
                }
            }
            '\r' | '\0' => {}
            char => lines.last_mut().unwrap().push(char),
        }
    }
    lines.join("\n")
}
