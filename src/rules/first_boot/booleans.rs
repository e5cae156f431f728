//! Yes and no, as ucd reads them.

use super::case::Case;
use super::kinds;
use super::read::{Text, Value};
use crate::diag::rule;

rule! {
    /// ## What it does
    /// A word where ucd wants yes or no, and takes this one for something that is not meant.
    ///
    /// ## Why it matters
    /// ucd looks at the first letters alone (contract U-17): `none`, `null` and `0644` are false, `once` and `10` are true.
    /// With any other word it goes on with whatever the memory held: one run expired an account for `inactive: 30`, since
    /// `inactive` is a yes or no too, and no number of days (U-22).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     inactive: 30   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     inactive: false
    /// ```
    MALFORMED_ROLE_BOOLEAN, malformed_role_boolean: "malformed-role-boolean", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A yes or no that is written in another way than `true` or `false`.
    ///
    /// ## Why it matters
    /// ucd understands `yes`, `no`, `on`, `off`, `1` and `0` as they are meant (contract U-17). Readers of YAML 1.2 take
    /// them for text or numbers.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// wait_for_network: no   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// wait_for_network: false
    /// ```
    LOOSE_ROLE_BOOLEAN, loose_role_boolean: "loose-role-boolean", FirstBoot, Warn;
}

/// The value behind a key, as ucd understands it; none where that is left to chance.
pub(super) fn read(case: &Case<'_>, key: &Text<'_>, value: &Value<'_>) -> Option<bool> {
    let text = kinds::text(case, key, value, "it goes on with any value")?;
    let word = text.text.to_ascii_lowercase();
    match word.as_str() {
        "true" => return Some(true),
        "false" => return Some(false),
        // A number there is meant as days.
        "1" | "0" if key.text == "inactive" => {}
        "yes" | "y" | "on" | "1" => return Some(loose(case, key, &text, true)),
        "no" | "n" | "off" | "0" => return Some(loose(case, key, &text, false)),
        _ => {}
    }
    // What ucd looks for, in its order.
    let begins = |words: &[&str]| words.iter().any(|begin| word.starts_with(begin));
    let taken = match () {
        () if begins(&["1", "true", "yes", "y", "on"]) => Some(true),
        () if begins(&["0", "false", "no", "n", "off"]) => Some(false),
        () => None,
    };
    let effect = match taken {
        Some(true) => "ucd looks at the first letters, and takes it for `true`",
        Some(false) => "ucd looks at the first letters, and takes it for `false`",
        None => "ucd goes on with whatever the memory held",
    };
    let message = format!("{} is neither `true` nor `false`; {effect}", case.quote(&text));
    let help = match key.text {
        "inactive" => "`inactive` says whether the account is expired; days cannot be set: remove it, or write `false`",
        _ => "write `true` or `false`",
    };
    case.at(&MALFORMED_ROLE_BOOLEAN, text.place, message, help);
    taken
}

fn loose(case: &Case<'_>, key: &Text<'_>, text: &Text<'_>, meaning: bool) -> bool {
    let message = format!("{} is another way to write `{meaning}` in `{}`", case.quote(text), key.text);
    let finding = case.finding(&LOOSE_ROLE_BOOLEAN, text.place, message).help(format!("write `{meaning}`"));
    case.report(case.edited(finding, text.place, if meaning { "true" } else { "false" }));
    meaning
}
