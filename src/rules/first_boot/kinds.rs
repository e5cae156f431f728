//! Values of the wrong kind, and values that are not there.

use super::case::Case;
use super::read::{Entry, Text, Value};
use crate::diag::rule;

rule! {
    /// ## What it does
    /// Text where ucd takes a list, a list where it takes text, or an entry that is neither what its list is made of.
    ///
    /// ## Why it matters
    /// ucd has no types and no message for this. A command that is no list does not run (contract U-26), a service or a
    /// file that is no entry is skipped (U-31, U-27), and a list as `content` or `path` of a file makes it crash, with
    /// everything behind it undone (X-18).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// runcmd: echo ready   # <-
    /// service:
    ///   - mask ucd.service   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// runcmd:
    ///   - echo ready
    /// service:
    ///   - mask: ucd.service
    /// ```
    WRONG_KIND_IN_ROLE, wrong_kind_in_role: "wrong-kind-in-role", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A key or a list item of a role text with nothing behind it, or with `null`.
    ///
    /// ## Why it matters
    /// ucd runs the command with an empty argument (contract U-11): `packages:` waits for the network and installs nothing,
    /// `hostname:` takes the machine's name away, an empty `sudo` is a syntax error in the rules of sudo. `null` and `~`
    /// are words like any other: `hostname: null` calls the machine `null`.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// groups:   # <-
    /// hostname: null   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// groups:
    ///   - ops
    /// ```
    EMPTY_ROLE_VALUE, empty_role_value: "empty-role-value", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A key that stands twice in one entry of a role text.
    ///
    /// ## Why it matters
    /// Which one counts depends on the key: of a file ucd takes the first, of a user it hands both to `useradd`, which
    /// takes the last, or fails. Other readers of YAML refuse the text.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/motd
    ///     permissions: "0644"
    ///     content: managed
    ///     permissions: "0600"   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/motd
    ///     permissions: "0644"
    ///     content: managed
    /// ```
    DUPLICATE_KEY_IN_ENTRY, duplicate_key_in_entry: "duplicate-key-in-entry", FirstBoot, Error, fixed;
}

/// Reports a value of the wrong kind, unless it is one that another rule has reported.
pub(super) fn wrong(case: &Case<'_>, key: &Text<'_>, value: &Value<'_>, wanted: &str, effect: &str) {
    let (found, place) = match value {
        Value::Alias => return,
        // A mapping behind a key is reported as such, at the key.
        Value::Entry(_) if wanted != ENTRIES && wanted != NAMES => return,
        Value::Entry(entry) => ("a mapping", entry.place()),
        Value::Text(text) => ("text", text.place),
        Value::List(list) => ("a list", list.place()),
    };
    let message = format!("{} takes {wanted}, not {found}; {effect}", case.quote(key));
    let finding = case.finding(&WRONG_KIND_IN_ROLE, place, message);
    case.report(finding.help(format!("write {wanted} behind `{}`", key.text)));
}

/// What a list of entries is called in messages.
pub(super) const ENTRIES: &str = "a list of entries like `- key: value`";

/// What a list of texts is called in messages.
pub(super) const NAMES: &str = "a list of texts";

/// The text behind a key; anything else is reported, and so is nothing.
pub(super) fn text<'d>(case: &Case<'_>, key: &Text<'d>, value: &Value<'d>, effect: &str) -> Option<Text<'d>> {
    match value {
        Value::Text(text) => filled(case, key, *text),
        _ => {
            wrong(case, key, value, "text", effect);
            None
        }
    }
}

/// A text that is there.
pub(super) fn filled<'d>(case: &Case<'_>, key: &Text<'d>, text: Text<'d>) -> Option<Text<'d>> {
    let message = if text.is_null() {
        format!("to ucd `{}` is a word like any other: {} gets it as its value", text.text, case.quote(key))
    } else if text.text.trim().is_empty() {
        format!("{} has no value here; ucd goes on with an empty one", case.quote(key))
    } else {
        return Some(text);
    };
    case.at(&EMPTY_ROLE_VALUE, text.place, message, format!("give `{}` a value, or remove it", key.text));
    None
}

/// The texts of a list, or the one text; lists inside of the list count as one with it where `deep` says so.
pub(super) fn texts<'d>(case: &Case<'_>, key: &Text<'d>, value: &Value<'d>, deep: bool, effect: &str) -> Vec<Text<'d>> {
    match value {
        Value::Text(text) => filled(case, key, *text).into_iter().collect(),
        Value::List(list) => {
            let mut found = Vec::new();
            for item in list.items() {
                match item {
                    Value::Text(text) => found.extend(filled(case, key, text)),
                    Value::List(_) if deep => found.extend(texts(case, key, &item, deep, effect)),
                    item => wrong(case, key, &item, NAMES, effect),
                }
            }
            found
        }
        _ => Vec::new(),
    }
}

/// The entries of a list; `other` takes what is none.
pub(super) fn entries<'d>(case: &Case<'_>, key: &Text<'d>, value: &Value<'d>, effect: &str) -> Vec<Entry<'d>> {
    match value {
        Value::List(list) => list
            .items()
            .filter_map(|item| match item {
                Value::Entry(entry) => Some(entry),
                item => {
                    wrong(case, key, &item, ENTRIES, effect);
                    None
                }
            })
            .collect(),
        Value::Text(text) => {
            if filled(case, key, *text).is_some() {
                wrong(case, key, value, ENTRIES, effect);
            }
            Vec::new()
        }
        Value::Entry(_) | Value::Alias => Vec::new(),
    }
}

/// The pairs of an entry, each key once; more are reported.
pub(super) fn pairs<'d>(case: &Case<'_>, entry: Entry<'d>) -> Vec<(Text<'d>, Value<'d>)> {
    let mut found: Vec<(Text<'d>, Value<'d>)> = Vec::new();
    for (key, value) in entry.pairs() {
        match found.iter().find(|(known, _)| known.text == key.text) {
            Some((first, _)) => {
                let message = format!("{} stands twice in one entry", case.quote(&key));
                let finding = case.finding(&DUPLICATE_KEY_IN_ENTRY, key.place, message);
                case.report(finding.and(case.span(first.place), "first here").help("remove one"));
            }
            None => found.push((key, value)),
        }
    }
    found
}
