//! What `useradd` makes of a user's values.

use super::case::Case;
use super::read::{Text, Value};
use super::{groups, kinds, text};
use crate::diag::rule;

rule! {
    /// ## What it does
    /// A user's name, full name, home folder or expiry date that `useradd` refuses.
    ///
    /// ## Why it matters
    /// ucd hands them to `useradd` as they are. It fails, and the user is not created; ucd reports success all the same
    /// (contract U-5).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada lovelace   # <-
    ///     homedir: ada         # <-
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
    ///     homedir: /home/ada
    /// ```
    MALFORMED_ACCOUNT, malformed_account: "malformed-account", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// `system: false` in a user's entry.
    ///
    /// ## Why it matters
    /// To ucd the key alone makes a system account, whatever stands behind it (contract U-22).
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
    ///     system: false   # <-
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
    /// ```
    SYSTEM_FALSE, system_false: "system-false", FirstBoot, Error, fixed;
}

pub(super) fn system(case: &Case<'_>, key: &Text<'_>, value: &Value<'_>) {
    let Some(text) = kinds::text(case, key, value, "ucd makes a system account all the same") else { return };
    if matches!(text.text.to_ascii_lowercase().as_str(), "false" | "no" | "n" | "off" | "0") {
        let message = "ucd makes a system account of every user with the key `system`, also with `false` behind it";
        case.at(&SYSTEM_FALSE, key.place, message, "remove the line");
    }
}

/// Whether `useradd` takes a text; reports it otherwise.
pub(super) fn accepted(case: &Case<'_>, text: &Text<'_>, good: bool, wanted: &str) -> bool {
    if !good {
        let message = format!("`useradd` refuses {}, and the user is not created", case.quote(text));
        case.at(&MALFORMED_ACCOUNT, text.place, message, wanted);
    }
    good
}

/// Whether a name can be an account's or a group's; reports it otherwise.
pub(super) fn account_name(case: &Case<'_>, key: &str, name: &Text<'_>) -> bool {
    let wanted = "lower-case letters, digits, `_` and `-`, beginning with a letter or `_`, 32 at most";
    text::quoted(case, key, name) && accepted(case, name, groups::is_name(name.text), wanted)
}

/// Whether `useradd -e` takes a text: a day, or a number of days.
pub(super) fn is_date(text: &str) -> bool {
    let number = |text: &str, most: u32| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && text.parse().is_ok_and(|number: u32| (1..=most).contains(&number))
    };
    match text.split('-').collect::<Vec<_>>()[..] {
        [year, month, day] => year.len() == 4 && number(year, 9999) && number(month, 12) && number(day, 31),
        ["", "1"] => true,
        [days] => number(days, 999_999) || days == "0",
        _ => false,
    }
}

/// Whether a day that `useradd -e` takes is one from before every release: an account that has expired in any case.
pub(super) fn is_long_past(date: &str) -> bool {
    // 2015-01-01, in days since 1970.
    const FIRST: u32 = 16_436;
    match date.split('-').collect::<Vec<_>>()[..] {
        [year, _, _] => year.parse().is_ok_and(|year: u32| year < 2015),
        [days] => days.parse().is_ok_and(|days: u32| days < FIRST),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_date, is_long_past};

    #[test]
    fn days_before_every_release_are_past() {
        for past in ["1970-01-01", "2014-12-31", "0", "1", "16435"] {
            assert!(is_date(past) && is_long_past(past), "{past}");
        }
        for open in ["2015-01-01", "2030-12-31", "16436", "-1"] {
            assert!(is_date(open) && !is_long_past(open), "{open}");
        }
    }

    #[test]
    fn dates_are_days() {
        for good in ["2030-12-31", "-1", "0", "20000"] {
            assert!(is_date(good), "{good}");
        }
        for bad in ["31.12.2030", "2030-13-01", "never", "2030-1", "", "12/31/2030", "+5"] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
