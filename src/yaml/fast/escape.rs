//! What a text in quotes means.

/// The value of what stands between single quotes.
pub(super) fn single(inside: &str) -> String {
    inside.replace("''", "'")
}

/// The value of what stands between double quotes; none for an escape that is not one of the simple ones.
pub(super) fn double(inside: &str) -> Option<String> {
    let mut value = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((before, behind)) = rest.split_once('\\') {
        value.push_str(before);
        let mut characters = behind.chars();
        value.push(match characters.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'e' => '\u{1b}',
            sign @ ('"' | '\\' | '/' | ' ') => sign,
            _ => return None,
        });
        rest = characters.as_str();
    }
    value.push_str(rest);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::{double, single};

    #[test]
    fn escapes() {
        assert_eq!(single("it''s ''"), "it's '");
        assert_eq!(double(r#"a\"b\\n\n\t"#).as_deref(), Some("a\"b\\n\n\t"));
        assert_eq!(double(r"\x41"), None);
    }
}
