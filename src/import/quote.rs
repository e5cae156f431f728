//! A text as a YAML scalar: the one way in which anything that was read elsewhere comes into a fleet file.

use std::fmt::Write;
use std::net::Ipv4Addr;

/// A scalar that every reader of YAML, old or new, takes for exactly this text: as a value, in brackets, as a key.
///
/// Plain where nothing could be taken for anything else, in double quotes otherwise.
pub fn quoted(text: &str) -> String {
    if is_plain(text) { text.to_string() } else { double(text) }
}

/// A text in double quotes: what JSON and YAML read the same.
pub(super) fn double(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // What YAML counts as printable, but for marks that some readers take for line breaks or drop.
            ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'.. => {
                quoted.push(c);
            }
            c => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a text can do without quotes.
pub(super) fn is_plain(text: &str) -> bool {
    let first = |c: char| c.is_alphanumeric() || "/_.".contains(c);
    let inside = |c: char| c.is_alphanumeric() || "/_.-+@=()%~^$ :".contains(c);
    text.starts_with(first)
        && !text.ends_with([' ', ':'])
        && text.chars().all(inside)
        && !text.contains(": ")
        && text.len() < 100
        && !is_other(text)
}

/// Whether some reader of YAML takes a plain text for something else: nothing, a truth value, a number, a time.
/// Readers of YAML 1.1 count `52:54:00:00:00:01` in sixties, and read `no` as false.
fn is_other(text: &str) -> bool {
    const WORDS: [&str; 14] =
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan", "~", "=", "<<"];
    if WORDS.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return true;
    }
    // Addresses, networks and ranges of addresses are none of these, as any network's files show.
    if text.split(['/', '-']).next().is_some_and(|address| address.parse::<Ipv4Addr>().is_ok()) {
        return false;
    }
    let hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    let counts = |c: char| c.is_ascii_digit() || "oObBeE_.:+-tTzZ ".contains(c);
    text.starts_with(|c: char| c.is_ascii_digit() || c == '.') && (hexadecimal || text.chars().all(counts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;
    use proptest::prelude::*;

    /// The texts of a document, keys and values, in their order; every one of them a text and nothing else.
    fn scalars(source: &str) -> Vec<String> {
        let document = parse(source).unwrap_or_else(|error| panic!("{source:?}: {error:?}"));
        let nodes = (0..document.len() as u32).filter(|node| document.children(*node).next().is_none());
        nodes.map(|node| document.scalar(node).to_string()).collect()
    }

    fn reads_back(text: &str) {
        let word = quoted(text);
        assert_eq!(scalars(&format!("a: {word}\n")), ["a", text]);
        assert_eq!(scalars(&format!("a:\n  - {word} # b\n  - b\n")), ["a", text, "b"]);
        assert_eq!(scalars(&format!("{word}: {{ {word}: [{word}, {word}] }} # c\n")), [text; 4]);
        let read: serde_yaml::Value =
            serde_yaml::from_str(&format!("{word}: {word}\n")).expect("another reader reads it");
        let expected = serde_yaml::Value::String(text.to_string());
        let pair = read.as_mapping().and_then(|mapping| mapping.iter().next());
        assert_eq!(pair, Some((&expected, &expected)), "{word}");
        assert_eq!(serde_json::from_str::<String>(&double(text)).ok().as_deref(), Some(text));
    }

    proptest! {
        #[test]
        fn every_text_is_read_back(text in "\\PC{0,40}|[ -~\\n\\t\\r\u{7f}-\u{a0}\u{2028}\u{feff}\u{1f600}]{0,20}|[0-9a-fxoe:._+-]{1,12}") {
            reads_back(&text);
        }
    }

    #[test]
    fn words_that_mean_something_are_quoted() {
        for text in [
            "",
            "no",
            "NO",
            "yes",
            "y",
            "null",
            "~",
            "true",
            "1e3",
            "0x10",
            "0o7",
            "017",
            "1_000",
            "12:30",
            "52:54:00:00:00:01",
            ".5",
            ".inf",
            "2026-01-01",
            "- a",
            "a: b",
            "a:",
            "a #b",
            "#a",
            "*a",
            "&a",
            "!a",
            "{",
            "[",
            "? a",
            "a\nb",
            " a",
            "a ",
            "%a",
            "@a",
            "`a",
            "'a",
            "\"a",
            "a,b",
            "...",
            "---",
            "<<",
            "=",
            "+1",
            "-1",
            "190:20:30",
        ] {
            assert!(quoted(text).starts_with('"'), "{text}");
            reads_back(text);
        }
        for text in [
            "node-1",
            "192.168.1.11",
            "10.0.0.5/22",
            "roles/compute.yaml",
            "Dell R640",
            "žluť",
            "52:54:00:ab:cd:01",
            "4c4c4544",
        ] {
            assert_eq!(quoted(text), text);
            reads_back(text);
        }
    }
}
