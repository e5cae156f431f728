//! YAML as PyYAML reads it, which is YAML 1.1: values on one line.

use std::fmt::Write;

use serde_json::Value;

/// A text of YAML: plain where nothing could take it for something else, else in double quotes.
///
/// Outside of quotes `no`, `1:30`, `~` and others are no texts. In double quotes every character has an escape; those that
/// PyYAML's reader refuses, or takes for a line break (`Reader.NON_PRINTABLE`, `scan_line_break`), are written by it.
pub fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
    // The words and letters that YAML 1.1 takes for truth values or for nothing.
    let word = matches!(
        text.to_ascii_lowercase().as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
    );
    if text.bytes().all(plain) && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '/') && !word {
        return text.to_string();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            ' '..='~' | '\u{a1}'..='\u{d7ff}' if !matches!(c, '\u{2028}' | '\u{2029}') => quoted.push(c),
            '\u{e000}'..='\u{fffd}' if c != '\u{feff}' => quoted.push(c),
            c if u32::from(c) > 0xffff => quoted.push(c),
            c if u32::from(c) > 0xff => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(c));
            }
        }
    }
    quoted + "\""
}

/// A value on one line; `text` writes its texts, but for the keys of mappings.
pub(super) fn line(value: &Value, text: &dyn Fn(&str) -> String) -> String {
    match value {
        Value::Null => "null".to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => self::float(float),
            None => number.to_string(),
        },
        Value::String(value) => text(value),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| line(item, text)).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| format!("{}: {}", quoted(key), line(value, text)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A number that YAML 1.1 takes for a fraction: with a point, and a sign before the exponent.
fn float(float: f64) -> String {
    let text = format!("{float:?}");
    let (number, exponent) = text.split_once('e').map_or((text.as_str(), None), |(number, rest)| (number, Some(rest)));
    let point = if number.contains('.') { "" } else { ".0" };
    let exponent = exponent.map_or(String::new(), |rest| match rest.strip_prefix('-') {
        Some(digits) => format!("e-{digits}"),
        None => format!("e+{rest}"),
    });
    format!("{number}{point}{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_is_a_text() {
        for plain in ["node-1", "a", "_x", "/usr/bin/python3", "role_compute"] {
            assert_eq!(quoted(plain), plain);
        }
        for not in [
            "", "no", "Yes", "y", "null", "1", "0x1f", "1e3", "10.0.0.1", "-a", ".5", "a b", "a:b", "a#", "~", "=", "ä",
        ] {
            assert!(quoted(not).starts_with('"'), "{not}");
        }
        assert_eq!(quoted("a\u{85}\u{2028}\u{feff}\"\\\n\u{7f}ä"), "\"a\\x85\\u2028\\ufeff\\\"\\\\\\n\\x7fä\"");
    }

    #[test]
    fn fractions_have_a_point_and_a_sign() {
        for (number, text) in
            [(1e300, "1.0e+300"), (0.5, "0.5"), (1.5e-9, "1.5e-9"), (-2.0, "-2.0"), (1.25e20, "1.25e+20")]
        {
            assert_eq!(float(number), text);
            assert_eq!(text.parse(), Ok(number));
        }
    }
}
