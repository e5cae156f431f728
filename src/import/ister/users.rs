//! The users of a template (contract I-41, I-42).

use super::super::value::{Entry, Value};
use super::json::{Kind, Node};
use super::object::Object;
use crate::model::{FromText, FullName, PasswordHash, SshKey, Uid, UserName};
use crate::source::{Span, Spanned};
use crate::yaml;

const KEYS: [&str; 6] = ["username", "password", "uid", "sudo", "key", "fullname"];

/// The users as a setting; none when there are none.
pub(super) fn users(template: &Object<'_>) -> Option<Entry> {
    let mut names: Vec<Spanned<UserName>> = Vec::new();
    let mut numbers: Vec<Spanned<Uid>> = Vec::new();
    let mut users = Vec::new();
    for node in template.list("Users") {
        let Some(entry) = Object::of(node, "this user", &KEYS, template.sink) else { continue };
        users.extend(user(&entry, &mut names, &mut numbers));
    }
    (!users.is_empty()).then(|| Entry::new("users", Value::List(users)))
}

fn user(entry: &Object<'_>, names: &mut Vec<Spanned<UserName>>, numbers: &mut Vec<Spanned<Uid>>) -> Option<Value> {
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
        match numbers.iter().find(|first| first.value == uid.value) {
            Some(first) => twice(entry, uid.span, first.span, "user number"),
            None => numbers.push(*uid),
        }
    }
    let name = name?;
    match names.iter().find(|first| first.value == name.value) {
        Some(first) => twice(entry, name.span, first.span, "name"),
        None => names.push(name.clone()),
    }
    let mut keys = vec![Entry::new("name", Value::text(name.as_str()))];
    let mut put = |key: &str, value: Value| keys.push(Entry::new(key, value));
    full_name.iter().for_each(|name| put("full_name", Value::text(&*name.value.0)));
    uid.iter().for_each(|uid| put("uid", Value::word(uid.value.0)));
    sudo.iter().for_each(|sudo| put("sudo", Value::word(sudo)));
    hash.iter().for_each(|hash| put("password_hash", Value::text(&*hash.value.0)));
    key.iter().for_each(|key| put("ssh_key", Value::text(key.as_str())));
    Some(Value::Braces(keys))
}

fn twice(entry: &Object<'_>, again: Span, first: Span, what: &str) {
    let twice = yaml::rules::duplicate_key().at(again, format!("two users have this {what}")).and(first, "first here");
    entry.sink.report(twice.help("give each user one of its own"));
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
