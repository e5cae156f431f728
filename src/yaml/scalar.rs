//! What a plain scalar means where the type is open: the core schema of YAML 1.2.

/// A plain scalar, resolved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text,
}

/// Resolves a plain scalar. A number with leading zeros is text: YAML 1.1 would read it as octal, people do not.
pub(super) fn resolve(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        _ => {}
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let plain = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
            return match u64::from_str_radix(digits, radix) {
                Ok(value) if plain => Scalar::Unsigned(value),
                _ => Scalar::Text,
            };
        }
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Scalar::Text;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        if digits.len() > 1 && digits.starts_with('0') {
            return Scalar::Text;
        }
        if let Ok(value) = text.strip_prefix('+').unwrap_or(text).parse::<u64>() {
            return Scalar::Unsigned(value);
        }
        if let Ok(value) = text.parse::<i64>() {
            return Scalar::Signed(value);
        }
    }
    let leading = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    let float = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse::<f64>() {
        Ok(value) if float && !leading => Scalar::Float(value),
        _ => Scalar::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::{Scalar, resolve};

    #[test]
    fn the_core_schema() {
        for (text, value) in [
            ("no", Scalar::Text),
            ("yes", Scalar::Text),
            ("true", Scalar::Bool(true)),
            ("~", Scalar::Null),
            ("12", Scalar::Unsigned(12)),
            ("-12", Scalar::Signed(-12)),
            ("+12", Scalar::Unsigned(12)),
            ("030", Scalar::Text),
            ("0o17", Scalar::Unsigned(15)),
            ("0x1F", Scalar::Unsigned(31)),
            ("0x+1", Scalar::Text),
            ("1.5", Scalar::Float(1.5)),
            ("1e3", Scalar::Float(1000.0)),
            ("12:34:56", Scalar::Text),
            ("52:54:00:00:00:01", Scalar::Text),
            ("1.2.3", Scalar::Text),
            (".", Scalar::Text),
            ("1_000", Scalar::Text),
            ("2024-01-01", Scalar::Text),
            ("-", Scalar::Text),
            ("infinity", Scalar::Text),
        ] {
            assert_eq!(resolve(text), value, "{text}");
        }
    }
}
