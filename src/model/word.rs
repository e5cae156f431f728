//! Words and numbers that have no other type: booleans, choices, plain numbers.

use super::text::{FromText, text_schema};
use crate::diag::{Fault, rule};

rule! {
    /// ## What it does
    /// A word that is none of those allowed, or a number that is none.
    ///
    /// ## Why it matters
    /// Readers of YAML disagree about `yes`, `no` and numbers with leading zeros; fleetc takes one spelling of each,
    /// the one that the installer understands too.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, state: done }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, state: installed }
    /// ```
    pub MALFORMED_VALUE, malformed_value: "malformed-value", Language, Error, fixed;
}

/// Declares a type whose values are a few words.
macro_rules! words {
    ($(#[$about:meta])* $vis:vis $name:ident, $schema:literal, $title:literal: { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every word, in the order of the documentation.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word as written.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }

        impl $crate::model::FromText for $name {
            fn from_text(text: &str) -> Result<$name, $crate::diag::Fault> {
                match text {
                    $($word => Ok($name::$variant),)*
                    _ => Err($crate::model::word::no_such_word(text, $schema, $name::WORDS)),
                }
            }
        }

        $crate::model::text::text_schema!($name, $schema, $title, "type": "string", "enum": [$($word),*]);
    };
}
pub(crate) use words;

/// The fault of a word that is none of `words`.
pub(crate) fn no_such_word(text: &str, what: &str, words: &[&str]) -> Fault {
    let fault = MALFORMED_VALUE.fault(format!("`{text}` is no {what}"));
    if let Some(word) = words.iter().find(|word| word.eq_ignore_ascii_case(text.trim())) {
        return fault.help(format!("write `{word}`")).instead(*word);
    }
    match crate::nearest::nearest(text, words.iter().copied()) {
        Some(word) => fault.help(format!("write `{word}`")),
        None => fault.help(format!("one of `{}`", words.join("`, `"))),
    }
}

impl FromText for bool {
    fn from_text(text: &str) -> Result<bool, Fault> {
        let fault = |word: &str| {
            Err(MALFORMED_VALUE
                .fault(format!("`{text}` is neither `true` nor `false`"))
                .help(format!("write `{word}`"))
                .instead(word))
        };
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ if matches!(text.to_lowercase().as_str(), "yes" | "y" | "on" | "true" | "1") => fault("true"),
            _ if matches!(text.to_lowercase().as_str(), "no" | "n" | "off" | "false" | "0") => fault("false"),
            _ => Err(no_such_word(text, "truth value", &["true", "false"])),
        }
    }
}

/// Reads a whole number of `what`, from 1.
pub(crate) fn number(text: &str, what: &str) -> Result<u32, Fault> {
    let fault = |help: String| Err(MALFORMED_VALUE.fault(format!("`{text}` is no {what}")).help(help));
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return fault("a whole number".to_string());
    }
    if text.starts_with('0') {
        let plain = text.trim_start_matches('0');
        // Some readers take a leading zero for octal: 030 would be 24.
        let help = if plain.is_empty() {
            "a number from 1".to_string()
        } else {
            format!("write `{plain}`, without leading zeros")
        };
        return fault(help);
    }
    text.parse().or_else(|_| fault("a number below 4294967296".to_string()))
}

/// A whole number from 1.
macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl FromText for $name {
            fn from_text(text: &str) -> Result<$name, Fault> {
                number(text, $what).map($name)
            }
        }

        text_schema!($name, $what, $what,
            "type": ["integer", "string"], "minimum": 1, "maximum": 4294967295u32, "pattern": "^[1-9][0-9]{0,9}$");
    )* };
}

numbers! {
    /// The number of a user (contract I-41).
    Uid, "user number";
    /// The version of an installer.
    InstallerVersion, "installer version";
}

/// Text that holds one line of printable characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line(pub std::sync::Arc<str>);

impl FromText for Line {
    fn from_text(text: &str) -> Result<Line, Fault> {
        let fault = |what: &str, help: &str| Err(MALFORMED_VALUE.fault(what).help(help));
        if text.trim().is_empty() {
            return fault("this text is empty", "remove the key, or give it a value");
        }
        match text.chars().find(|c| c.is_control() && *c != '\t') {
            Some('\n') => fault("this text has more than one line", "write it in one line"),
            Some(_) => fault("this text has a control character", "printable characters alone"),
            None => Ok(Line(text.into())),
        }
    }
}

text_schema!(Line, "line of text", "one line of text", "type": "string", "minLength": 1);

/// Any text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text(pub std::sync::Arc<str>);

impl FromText for Text {
    fn from_text(text: &str) -> Result<Text, Fault> {
        Ok(Text(text.into()))
    }
}

text_schema!(Text, "text", "text", "type": ["string", "number", "boolean"]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_of_each() {
        assert_eq!(bool::from_text("true").ok(), Some(true));
        for bad in ["yes", "no", "True", "1", "0644", ""] {
            assert!(bool::from_text(bad).is_err(), "{bad}");
        }
        assert_eq!(number("29880", "version").ok(), Some(29880));
        for bad in ["030", "0", "", "1.5", "-1", "1e3", "4294967296", "0x10"] {
            assert!(number(bad, "version").is_err(), "{bad}");
        }
    }
}
