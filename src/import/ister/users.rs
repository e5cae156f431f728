//! The users of a template (contract I-41, I-42).

use std::collections::BTreeMap;

use super::super::value::{Entry, Value};
use super::json::{Kind, Node};
use super::object::Object;
use crate::model::{FromText, FullName, PasswordHash, SshKey, Uid, UserName};
use crate::source::{Span, Spanned};
use crate::yaml;

const KEYS: [&str; 6] = ["username", "password", "uid", "sudo", "key", "fullname"];

/// The users as a setting; none when there are none.
pub(super) fn users(template: &Object<'_>) -> Option<Entry> {
    let mut seen = Seen::default();
    let mut users = Vec::new();
    for node in template.list("Users") {
        let Some(entry) = Object::of(node, "this user", &KEYS, template.sink) else { continue };
        users.extend(user(&entry, &mut seen));
    }
    (!users.is_empty()).then(|| Entry::new("users", Value::List(users)))
}

/// Where names and numbers of users are first.
#[derive(Default)]
struct Seen {
    names: BTreeMap<String, Span>,
    numbers: BTreeMap<u32, Span>,
}

fn user(entry: &Object<'_>, seen: &mut Seen) -> Option<Value> {
    let name: Option<Spanned<UserName>> = entry.needed("username");
    let full_name: Option<Spanned<FullName>> = entry.typed("fullname");
    let uid = uid(entry);
    let sudo = entry.truth("sudo");
    let hash: Option<Spanned<PasswordHash>> = entry.typed("password");
    let key = key(entry);
    let enters = |field: &str| entry.get(field).is_some_and(Node::is_truthy);
    if sudo == Some(true) && !enters("password") && !enters("key") {
        let message = "this user has `sudo`, and neither password nor key: the installer stops";
        entry.fault(entry.key("sudo"), message, "give the user a key");
    }
    if let Some(uid) = &uid {
        let first = *seen.numbers.entry(uid.value.0).or_insert(uid.span);
        once(entry, uid.span, first, "user number");
    }
    let name = name?;
    let first = *seen.names.entry(name.as_str().to_string()).or_insert(name.span);
    once(entry, name.span, first, "name");
    let mut keys = vec![Entry::new("name", Value::text(name.as_str()))];
    let mut put = |key: &str, value: Value| keys.push(Entry::new(key, value));
    full_name.iter().for_each(|name| put("full_name", Value::text(&*name.value.0)));
    uid.iter().for_each(|uid| put("uid", Value::word(uid.value.0)));
    sudo.iter().for_each(|sudo| put("sudo", Value::word(sudo)));
    hash.iter().for_each(|hash| put("password_hash", Value::text(&*hash.value.0)));
    key.iter().for_each(|key| put("ssh_key", Value::text(key.as_str())));
    Some(Value::Braces(keys))
}

/// Reports what is there a second time.
fn once(entry: &Object<'_>, here: Span, first: Span, what: &str) {
    if here != first {
        let twice = yaml::rules::duplicate_key().at(here, format!("two users have this {what}"));
        entry.sink.report(twice.and(first, "first here").help("give each user one of its own"));
    }
}

/// The number of a user: a number, or its digits as a text. The installer takes no notice of 0.
fn uid(entry: &Object<'_>) -> Option<Spanned<Uid>> {
    let node = entry.get("uid")?;
    let digits = match &node.kind {
        Kind::Number(digits) if node.is_truthy() => *digits,
        Kind::Text(digits) if node.is_truthy() => digits.as_str(),
        _ if !node.is_truthy() => {
            entry.leave(node.place, "the installer takes no notice of this user number", "it is left out");
            return None;
        }
        _ => {
            entry.wrong("uid", node, "a number");
            return None;
        }
    };
    entry.sink.take(Uid::from_text(digits), node.place).ok()
}

/// The SSH key of a user. The installer takes a text for the name of one of its own files first.
fn key(entry: &Object<'_>) -> Option<Spanned<SshKey>> {
    let text = entry.text("key").filter(|text| !text.is_empty())?;
    if !text.contains(char::is_whitespace) {
        let message = format!("the key of this user is the file `{}` of the installer's system", text.value);
        let help = "write the key itself in its place; as it is, the user gets none";
        entry.leave(text.span, message, help);
        return None;
    }
    entry.sink.take(SshKey::from_text(text.value), text.span).ok()
}
