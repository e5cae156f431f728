//! Secrets in source lines: a report goes to terminals, logs and pull requests, and shows none.

use std::borrow::Cow;
use std::ops::Range;

use crate::diag::Edit;
use crate::secret::find;
use crate::source::{FileId, Source, Sources, Span};

/// Keys whose values are never shown, also when they are misspelt.
const SECRET_KEYS: &[&str] =
    &["passphrase", "password_hash", "password", "passwd", "hashed_passwd", "plain_text_passwd"];
/// A key that holds a mapping with a secret: text in the place of the mapping is meant to be the secret.
const MAPPING_KEY: &str = "encryption";
/// Lines above a line that are looked at for the key whose value it goes on with.
const MAX_ABOVE: u32 = 20;

/// A line of a source with each secret value starred out, byte for byte, so that every place in it stays where it is.
fn masked(source: &Source, line: u32) -> Cow<'_, str> {
    let text = text(source, line);
    if !continues(source, line) {
        return mask(text);
    }
    starred(text, [whole(text)])
}

/// The same for all lines of a text.
pub(crate) fn mask_text(text: &str) -> String {
    let mut sources = Sources::new("");
    let file = sources.add("", text);
    let source = sources.get(file);
    let line = |(line, whole): (u32, &str)| {
        let shown = masked(source, line);
        format!("{shown}{}", &whole[shown.len()..])
    };
    (1..).zip(text.split_inclusive('\n')).map(line).collect()
}

/// Stars out the secrets in a value that stands under a key. What the key says is a secret goes whole, so that its length
/// is not told either.
pub(crate) fn mask_value(key: &str, value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Array(items) => items.iter_mut().for_each(|item| mask_value(key, item)),
        Value::Object(map) => map.iter_mut().for_each(|(inner, value)| {
            mask_value(if is_secret(key) { key } else { inner }, value);
        }),
        _ if is_secret(key) => *value = "***".into(),
        Value::Number(_) => {}
        Value::String(text) => *text = mask_text(text),
    }
}

/// The same for a line by itself.
fn mask(line: &str) -> Cow<'_, str> {
    let body = Some(whole(line)).filter(|range| is_key_body(&line[range.clone()]));
    starred(line, values(line).into_iter().chain(find(line).into_iter().map(|(range, _)| range)).chain(body))
}

/// A line without the blanks around it.
fn whole(line: &str) -> Range<usize> {
    let start = line.len() - line.trim_start().len();
    start..start + line.trim().len()
}

fn starred(line: &str, ranges: impl IntoIterator<Item = Range<usize>>) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(line);
    for range in ranges {
        let stars = "*".repeat(range.len());
        text.to_mut().replace_range(range, &stars);
    }
    text
}

/// Lines longer than this are kept when they are starred out: in a fleet in one line of JSON, all findings share it.
const LONG: usize = 4096;

/// The lines of sources, starred out.
pub(super) struct Masks<'a> {
    sources: &'a Sources,
    /// The last long line that was asked for.
    last: Option<(FileId, u32, Cow<'a, str>)>,
}

impl<'a> Masks<'a> {
    pub(super) fn new(sources: &'a Sources) -> Masks<'a> {
        Masks { sources, last: None }
    }

    /// A line of a file.
    pub(super) fn line(&mut self, file: FileId, line: u32) -> Cow<'_, str> {
        let source = self.sources.get(file);
        if text(source, line).len() <= LONG {
            return masked(source, line);
        }
        if self.last.as_ref().is_none_or(|last| (last.0, last.1) != (file, line)) {
            self.last = None;
        }
        let (.., text) = self.last.get_or_insert_with(|| (file, line, masked(source, line)));
        Cow::Borrowed(text)
    }

    /// Whether edits would show something that is starred out: such a repair is for `--fix` alone.
    pub(super) fn hide(&mut self, edits: &[Edit]) -> bool {
        edits.iter().any(|edit| self.covers(edit.span) || mask(&edit.text) != edit.text)
    }

    /// Whether anything at a place is starred out.
    fn covers(&mut self, span: Span) -> bool {
        let source = self.sources.get(span.file);
        (source.line_of(span.start)..=source.line_of(span.end)).any(|line| {
            let (start, end) = source.line_range(line);
            let inside = |offset: u32| (offset as usize).clamp(start, end);
            let from = inside(span.start);
            let to = inside(span.end).max(from);
            self.line(span.file, line).as_bytes()[from - start..to - start] != source.text.as_bytes()[from..to]
        })
    }
}

fn text(source: &Source, line: u32) -> &str {
    let (start, end) = source.line_range(line);
    &source.text[start..end]
}

/// Whether a line goes on with a secret value: a line that it is indented below ends with one, or with its key.
fn continues(source: &Source, line: u32) -> bool {
    let indent = |text: &str| text.len() - text.trim_start_matches([' ', '-']).len();
    let mut least = indent(text(source, line));
    for above in (line.saturating_sub(MAX_ABOVE).max(1)..line).rev() {
        let text = text(source, above);
        if least == 0 || text.trim().is_empty() || indent(text) >= least {
            continue;
        }
        least = indent(text);
        let end = text.find(" #").map_or(text, |comment| &text[..comment]).trim_end().len();
        if values(text).last().is_some_and(|value| value.end >= end) {
            return true;
        }
    }
    false
}

/// The secret values of a line, by their keys.
fn values(line: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (colon, _) in line.match_indices(':') {
        if found.last().is_some_and(|before| colon < before.end) {
            continue;
        }
        let key = key(&line[..colon]);
        let value = line[colon + 1..].trim_start();
        let is_text = !value.is_empty() && !value.starts_with(['{', '#']);
        if is_secret(key) || is_text && near(key, MAPPING_KEY) {
            let start = line.len() - value.len();
            found.push(start..start + length(value));
        }
    }
    found
}

/// The key at the end of a text.
fn key(before: &str) -> &str {
    let before = before.trim_end();
    let before = before.strip_suffix(['"', '\'']).unwrap_or(before);
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let start = before.char_indices().rev().take_while(|(_, c)| word(*c)).last();
    start.map_or("", |(at, _)| &before[at..])
}

/// Whether a key is one of the secret ones, or was meant to be.
fn is_secret(key: &str) -> bool {
    key.contains(['p', 'P']) && SECRET_KEYS.iter().any(|secret| near(key, secret))
}

/// Whether a key is this name, or a slip of the pen away from it.
fn near(key: &str, name: &str) -> bool {
    let slips = name.len() / 5;
    let plain = || key.to_lowercase().replace('-', "_");
    key.len().abs_diff(name.len()) <= slips && strsim::damerau_levenshtein(&plain(), name) <= slips
}

/// Whether a line looks like one of the body of a private key.
fn is_key_body(line: &str) -> bool {
    line.len() >= 40 && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

/// The length of the value at the head of a text, in bytes.
fn length(value: &str) -> usize {
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].find(quote).map_or(value.len(), |end| end + 2),
        Some('[' | '{') => {
            let mut depth = 0;
            let end = value.char_indices().find(|(_, c)| {
                depth += i32::from(matches!(c, '[' | '{')) - i32::from(matches!(c, ']' | '}'));
                depth == 0
            });
            end.map_or(value.len(), |(at, _)| at + 1)
        }
        _ => {
            let end = [value.find([',', '}']), value.find(" #")].into_iter().flatten().min().unwrap_or(value.len());
            value[..end].trim_end().len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::find;

    #[test]
    fn values_are_starred_out_in_every_style() {
        for (line, masked) in [
            ("    passphrase: open sesame", "    passphrase: ***********"),
            ("{ name: vault, passphrase: open sesame }", "{ name: vault, passphrase: *********** }"),
            ("{ passphrase: \"a, b}\", name: v }", "{ passphrase: *******, name: v }"),
            ("  \"password_hash\": '$6$x$y' # mine", "  \"password_hash\": ******** # mine"),
            ("  password_hash: $6$x$y # mine", "  password_hash: ****** # mine"),
            ("  - passwd: ä", "  - passwd: **"),
            ("  Pasphrase : open sesame", "  Pasphrase : ***********"),
            ("{ passphrase: [a, {b: c}], name: v }", "{ passphrase: ***********, name: v }"),
            ("  passphrase: {a: open,", "  passphrase: *********"),
            ("{ encryption: open sesame }", "{ encryption: *********** }"),
            ("{passwordHash: $6$x$y, password: p:ssword}", "{passwordHash: ******, password: ********}"),
        ] {
            assert_eq!(mask(line).len(), line.len(), "{line}");
            assert_eq!(mask(line), masked);
            assert!(!mask(line).contains("sesame") && !mask(line).contains("$6"), "{line}");
        }
    }

    #[test]
    fn secrets_are_starred_out_by_their_looks() {
        for (line, masked) in [
            ("  pw: $6$salt$0123456789abcdef # x", "  pw: ************************ # x"),
            ("  b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ==", "  ********************************************"),
            ("wget ftp://me:pa55@example.net/x", "wget ftp://*******@example.net/x"),
        ] {
            assert_eq!(mask(line), masked);
        }
    }

    #[test]
    fn values_are_starred_out_by_their_keys() {
        let mut value = serde_json::json!({
            "name": "ada", "password_hash": "$6$x", "pin": 1234, "password": [1, "two", null],
            "motd": "passwd: x", "passphrase": { "a": "b" }, "cert": "-----BEGIN PRIVATE KEY-----\nMIIE",
        });
        mask_value("users", &mut value);
        let expected = serde_json::json!({
            "name": "ada", "password_hash": "***", "pin": 1234, "password": ["***", "***", null],
            "motd": "passwd: *", "passphrase": { "a": "***" }, "cert": "***************************\nMIIE",
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn other_lines_stay() {
        for line in ["lock-passwd: true", "# a passphrase is needed", "packages: 2", "no_passwd: x", "a: passwd"] {
            assert_eq!(mask(line), line);
        }
        for line in ["encryption: { name: x }", "encryption:", "encryption: # see below", "{ encryption: {", "::"] {
            assert_eq!(mask(line), line);
        }
    }

    #[test]
    fn values_on_lines_of_their_own_are_starred_out() {
        let mut sources = Sources::new("");
        let text = "a:\n  - passphrase: |  # mine\n      open\n\n       sesame\n  - passphrase:\n      open sesame\n  \
                    - password: open\n      sesame\n    name: p\n  - { passphrase: x,\n      name: v }\n";
        let file = sources.add("f", text);
        let shown: Vec<_> = (1..=12).map(|line| masked(sources.get(file), line).into_owned()).collect();
        let expected = [
            "a:",
            "  - passphrase: *  # mine",
            "      ****",
            "",
            "       ******",
            "  - passphrase:",
            "      ***********",
            "  - password: ****",
            "      ******",
            "    name: p",
            "  - { passphrase: *,",
            "      name: v }",
        ];
        assert_eq!(shown, expected);
        assert_eq!(mask_text(text), format!("{}\n", expected.join("\n")));
        assert_eq!(mask_text("passwd: |\r\n  a\r\nb"), "passwd: *\r\n  *\r\nb");
    }

    #[test]
    fn places_with_secrets_are_known() {
        let mut sources = Sources::new("");
        let file = sources.add("f", "a: { passphrase: open sesame, b: c }\nd: 1\npassword:\n  x\n");
        let mut masks = Masks::new(&sources);
        let mut hides = |part: &str| masks.covers(find(&sources, file, part));
        assert!(
            hides("sesame")
                && hides("{ passphrase: open sesame, b: c }")
                && hides("x\n")
                && hides("d: 1\npassword:\n  x")
        );
        assert!(!hides("passphrase") && !hides("b: c") && !hides("d: 1\npassword:\n"));
        assert!(masks.covers(Span { file, start: 0, end: u32::MAX }));
        let edit = |part: &str, text: &str| Edit { span: find(&sources, file, part), text: text.to_string() };
        assert!(masks.hide(&[edit("b: c", ""), edit("sesame", "")]) && masks.hide(&[edit("b: c", "passwd: x")]));
        assert!(!masks.hide(&[edit("b: c", "b: d")]) && !masks.hide(&[]));
    }
}
