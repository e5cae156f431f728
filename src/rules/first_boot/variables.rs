//! Variables of the environment, `envar`.

use super::case::Case;
use super::kinds;
use super::read::{Text, Value};
use crate::diag::rule;

rule! {
    /// ## What it does
    /// A variable in `envar` whose name is none, or whose value ends the quotes around it.
    ///
    /// ## Why it matters
    /// ucd writes `export NAME="VALUE"` into a file that every login shell reads (contract U-28). A double quote in the
    /// value, or a name with a hyphen, is a syntax error at every login, and whatever stands behind it is not set.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// envar:
    ///   - GREETING: say "hello"   # <-
    ///   - HTTP-PROXY: http://proxy.example:3128   # <-
    /// service:
    ///   - mask: ucd.service
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// envar:
    ///   - GREETING: say 'hello'
    ///   - HTTP_PROXY: http://proxy.example:3128
    /// service:
    ///   - mask: ucd.service
    /// ```
    MALFORMED_VARIABLE, malformed_variable: "malformed-variable", FirstBoot, Error, fixed;
}

/// A variable.
pub(super) struct Variable<'d> {
    pub(super) name: Text<'d>,
    pub(super) value: Text<'d>,
}

/// Reads the value of `envar`.
pub(super) fn read<'d>(case: &Case<'_>, key: &Text<'d>, value: &Value<'d>) -> Vec<Variable<'d>> {
    let mut variables = Vec::new();
    for entry in kinds::entries(case, key, value, "ucd sets nothing") {
        for (name, value) in kinds::pairs(case, entry) {
            // An empty value is one, too; anything else but a text is taken apart.
            let value = match value {
                Value::Text(text) if text.text.is_empty() => Some(text),
                value => kinds::text(case, &name, &value, "ucd sets it once for each"),
            };
            if let Some(value) = value
                && is_good(case, &name, &value)
            {
                variables.push(Variable { name, value });
            }
        }
    }
    variables
}

fn is_good(case: &Case<'_>, name: &Text<'_>, value: &Text<'_>) -> bool {
    let letters = name.text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !letters || name.text.is_empty() || name.text.starts_with(|c: char| c.is_ascii_digit()) {
        let message = format!("{} is no name of a variable; each login shell stumbles over it", case.quote(name));
        case.at(&MALFORMED_VARIABLE, name.place, message, "letters, digits and `_`, beginning with a letter or `_`");
        return false;
    }
    let mut escaped = false;
    let quote = value.text.chars().find(|c| {
        let bare = !escaped && matches!(c, '"' | '`');
        escaped = !escaped && *c == '\\';
        bare
    });
    let Some(quote) = quote.or(escaped.then_some('\\')) else { return true };
    let what = match quote {
        '"' => "the double quote in this value ends it",
        '`' => "the backquote in this value runs a command at each login",
        _ => "the backslash at the end of this value takes the closing quote away",
    };
    let place = super::text::first_line(case, value);
    case.at(&MALFORMED_VARIABLE, place, what, "ucd puts the value between double quotes; write it without the sign");
    false
}
