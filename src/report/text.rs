//! Text of the user's on a terminal: nothing in it may move the cursor, break a line or hide what it says.

/// The text without characters that a terminal would act on.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter_map(visible).collect()
}

/// The same on one line.
pub(crate) fn one_line(text: &str) -> String {
    clean(&text.trim().replace("\r\n", " ").replace(['\n', '\t'], " "))
}

/// What to show for a character; nothing for a byte-order mark, which takes no column.
fn visible(c: char) -> Option<char> {
    match c {
        '\u{feff}' => None,
        '\n' | '\t' => Some(c),
        '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32),
        '\u{7f}' => Some('\u{2421}'),
        // C1 controls, line separators, and marks that turn the direction of the text around.
        '\u{80}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some(char::REPLACEMENT_CHARACTER),
        _ => Some(c),
    }
}

/// Breaks lines at spaces only, so that names and addresses stay whole: at `first` columns, then at `rest`.
pub(crate) fn fold(text: &str, first: usize, rest: usize) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut room = first;
    for (index, line) in text.trim_end().split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
            room = rest;
        }
        let mut used = 0;
        for word in line.split_inclusive(' ') {
            if used > 0 && used + word.trim_end().chars().count() > room {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
                (room, used) = (rest, 0);
            }
            out.push_str(word);
            used += word.chars().count();
        }
    }
    out
}

/// A number with a comma before every three digits.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_acts_on_nothing() {
        assert_eq!(clean("\u{feff}a\u{1b}[31m\u{202e}ž\n\tb\r\u{7f}"), "a␛[31m\u{fffd}ž\n\tb␍␡");
        assert_eq!(one_line("a\r\nb\nc\td\n"), "a b c d");
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(fold("say `role-web` or `role-db` now", 10, 20), "say\n`role-web` or\n`role-db` now");
        assert_eq!(fold("averyveryverylongword b", 4, 4), "averyveryverylongword\nb");
        assert_eq!(fold("a\n\n  b\n", 9, 9), "a\n\n  b");
        assert_eq!(fold("", 9, 9), "");
    }

    #[test]
    fn thousands_are_marked() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1000), "1,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
