//! Groups: those that a role text creates, and those that its users are members of.

use super::case::Case;
use super::kinds;
use super::read::{Text, Value};
use super::text;
use crate::diag::rule;
use crate::yaml::Kind;

rule! {
    /// ## What it does
    /// Blanks, empty names or nested lists in the groups of a user.
    ///
    /// ## Why it matters
    /// ucd hands the text to `useradd` as it is (contract U-21): with `wheel, adm` it looks for a group that is called
    /// ` adm`, fails, and the user is not created. Of a list within the list ucd makes nothing.
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
    ///     groups: wheel, adm   # <-
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
    ///     groups: wheel,adm
    /// ```
    MALFORMED_USER_GROUPS, malformed_user_groups: "malformed-user-groups", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A group with a name that `groupadd` refuses.
    ///
    /// ## Why it matters
    /// The group is not created (contract U-30), and the users that are to be its members are not created either.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// groups:
    ///   - the operators   # <-
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
    ///   - operators
    /// ```
    MALFORMED_GROUP, malformed_group: "malformed-group", FirstBoot, Error, fixed;
}

/// The name of a group, and the text it stands in.
pub(super) struct Name<'d> {
    pub(super) name: &'d str,
    pub(super) text: Text<'d>,
}

/// A group that is to be created, with members that are there.
pub(super) struct Group<'d> {
    pub(super) name: Text<'d>,
    pub(super) members: Vec<Text<'d>>,
}

/// Whether an account or a group can have this name, as `useradd` of these systems sees it.
pub(super) fn is_name(name: &str) -> bool {
    let stem = name.strip_suffix('$').unwrap_or(name);
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let good = |byte: u8| letter(byte) || byte.is_ascii_digit() || byte == b'-';
    stem.bytes().all(good) && stem.bytes().next().is_some_and(letter) && name.len() <= 32
}

/// Reads the value of `groups` at the margin.
pub(super) fn read<'d>(case: &Case<'_>, key: &Text<'d>, value: &Value<'d>) -> Vec<Group<'d>> {
    let mut groups = Vec::new();
    let mut add = |name: Text<'d>, members| {
        if good(case, key, &name) {
            groups.push(Group { name, members });
        }
    };
    match value {
        Value::Text(text) => {
            if let Some(name) = kinds::filled(case, key, *text) {
                add(name, Vec::new());
            }
        }
        Value::List(list) => {
            for item in list.items() {
                match item {
                    Value::Text(text) => {
                        if let Some(name) = kinds::filled(case, key, text) {
                            add(name, Vec::new());
                        }
                    }
                    Value::Entry(entry) => {
                        for (name, members) in kinds::pairs(case, entry) {
                            add(name, self::members(case, &name, &members));
                        }
                    }
                    item => kinds::wrong(case, key, &item, kinds::NAMES, "ucd makes no group of it"),
                }
            }
        }
        Value::Entry(_) | Value::Alias => {}
    }
    groups
}

fn members<'d>(case: &Case<'_>, group: &Text<'d>, value: &Value<'d>) -> Vec<Text<'d>> {
    let members = kinds::texts(case, group, value, true, "ucd adds nobody to the group");
    members.into_iter().filter(|member| text::quoted(case, "groups", member)).collect()
}

fn good(case: &Case<'_>, key: &Text<'_>, name: &Text<'_>) -> bool {
    if !text::quoted(case, key.text, name) {
        return false;
    }
    if !is_name(name.text) {
        let message = format!("`groupadd` refuses {}, and the group is not created", case.quote(name));
        case.at(&MALFORMED_GROUP, name.place, message, "lower-case letters, digits, `_` and `-`, 32 at most");
        return false;
    }
    true
}

/// Reads the groups of a user: names with commas, or a list (contract U-21).
pub(super) fn of_user<'d>(case: &Case<'_>, key: &Text<'d>, value: &Value<'d>) -> Vec<Name<'d>> {
    let mut names = Vec::new();
    match value {
        Value::Text(text) => {
            if let Some(text) = kinds::filled(case, key, *text) {
                names.extend(split(case, text));
            }
        }
        Value::List(list) => {
            for item in list.items() {
                match item {
                    Value::Text(text) => {
                        if let Some(text) = kinds::filled(case, key, text) {
                            names.extend(split(case, text));
                        }
                    }
                    Value::List(inner) => {
                        let message = "ucd makes nothing of a list within the list of groups";
                        case.at(&MALFORMED_USER_GROUPS, inner.place(), message, "write one list of names");
                    }
                    item => kinds::wrong(case, key, &item, kinds::NAMES, "the user is in no group"),
                }
            }
        }
        Value::Entry(_) | Value::Alias => {}
    }
    names
}

/// The names in a text; reports what `useradd` would take for others.
fn split<'d>(case: &Case<'_>, text: Text<'d>) -> Vec<Name<'d>> {
    if !text::quoted(case, "groups", &text) {
        return Vec::new();
    }
    let written: Vec<&str> = text.text.split(',').collect();
    let names: Vec<&'d str> = text.text.split([',', ' ']).filter(|name| !name.is_empty()).collect();
    if names != written {
        let what = if text.text.contains(' ') { "blanks" } else { "empty names" };
        let message = format!("`useradd` fails on the {what} in {}, and the user is not created", case.quote(&text));
        let better = names.join(",");
        let finding = case.finding(&MALFORMED_USER_GROUPS, text.place, message).help(format!("write `{better}`"));
        case.report(match text.kind {
            // A comma needs no quotes where there was one without.
            Kind::Plain if text.text.contains(',') => case.edited(finding, text.place, &better),
            Kind::Plain | Kind::Quoted => case.edited(finding, text.place, &format!("\"{better}\"")),
            _ => finding,
        });
    }
    names.into_iter().map(|name| Name { name, text }).collect()
}
