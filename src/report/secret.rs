//! Secrets in source lines: a snippet goes to terminals, logs and pull requests, and shows none.

use std::borrow::Cow;
use std::ops::Range;

use crate::secret::find;

/// Keys whose values are never shown.
const SECRET_KEYS: &[&str] = &[
    "passphrase",
    "password_hash",
    "password-hash",
    "password",
    "passwd",
    "hashed_passwd",
    "hashed-passwd",
    "plain_text_passwd",
];

/// The line with each secret value starred out, byte for byte, so that every place in it stays where it is.
pub(crate) fn mask(line: &str) -> Cow<'_, str> {
    let mut masked: Option<String> = None;
    for key in SECRET_KEYS {
        for (at, _) in line.match_indices(key) {
            let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
            if line[..at].ends_with(word) {
                continue;
            }
            let rest = line[at + key.len()..].trim_start_matches(['"', '\'']).trim_start();
            let Some(rest) = rest.strip_prefix(':') else { continue };
            let value = rest.trim_start();
            let start = line.len() - value.len();
            let end = start + length(value);
            let text = masked.get_or_insert_with(|| line.to_string());
            text.replace_range(start..end, &"*".repeat(end - start));
        }
    }
    let mut star = |range: Range<usize>| {
        let text = masked.get_or_insert_with(|| line.to_string());
        text.replace_range(range.clone(), &"*".repeat(range.len()));
    };
    for (range, _) in find(line) {
        star(range);
    }
    if is_key_body(line.trim()) {
        let start = line.len() - line.trim_start().len();
        star(start..start + line.trim().len());
    }
    masked.map_or(Cow::Borrowed(line), Cow::Owned)
}

/// Whether a line looks like one of the body of a private key.
fn is_key_body(line: &str) -> bool {
    line.len() >= 40 && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

/// The length of the value at the head of a text, in bytes.
fn length(value: &str) -> usize {
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].find(quote).map_or(value.len(), |end| end + 2),
        _ => {
            let end = [value.find([',', '}']), value.find(" #")].into_iter().flatten().min().unwrap_or(value.len());
            value[..end].trim_end().len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn values_are_starred_out_in_every_style() {
        for (line, masked) in [
            ("    passphrase: open sesame", "    passphrase: ***********"),
            ("{ name: vault, passphrase: open sesame }", "{ name: vault, passphrase: *********** }"),
            ("{ passphrase: \"a, b}\", name: v }", "{ passphrase: *******, name: v }"),
            ("  \"password_hash\": '$6$x$y' # mine", "  \"password_hash\": ******** # mine"),
            ("  password_hash: $6$x$y # mine", "  password_hash: ****** # mine"),
            ("  - passwd: ä", "  - passwd: **"),
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
    fn other_lines_stay() {
        for line in ["lock-passwd: true", "# a passphrase is needed", "passphrases: 2", "no_passwd: x"] {
            assert_eq!(mask(line), line);
        }
    }
}
