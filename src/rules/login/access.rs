//! Whom Ansible can log in as: a user with a key who becomes root without a password (contract A-1), on a machine with an
//! SSH server, sudo and Python.

use std::borrow::Cow;

use super::software::Software;
use super::sudoers::{self, Right};
use super::text::{Made, speaks_of_users};
use crate::model::{Settings, Value};
use crate::rules::setup::Setup;
use crate::source::Span;

/// Who gets into a machine.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The first user who logs in by key and becomes root without a password.
    pub user: Option<String>,
    /// The first user who logs in by key, whether or not this one becomes root.
    pub by_key: Option<String>,
    /// What Ansible lacks; nothing when it gets in.
    pub(super) lack: Option<Lack>,
}

/// What Ansible lacks on a machine, with the place of the user that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// No user has a key.
    Key,
    /// A user has a key, and may not become root.
    Root(String, Span),
    /// A user has a key and may become root, and sudo asks for a password.
    Password(String, Span),
    /// What the machine has of users cannot be read.
    Knowledge,
    /// No bundle of these brings this, for Ansible as this user.
    Software(&'static Software, String, Span),
}

/// A user with all that is known of the user's ways in.
struct Candidate<'m> {
    name: &'m str,
    span: Span,
    has_key: bool,
    key_file: Cow<'m, str>,
    groups: Vec<&'m str>,
    is_expired: bool,
}

/// What the default rules of Clear Linux give to the group that the installer puts a user with `sudo` into (contract
/// I-81): every command, with a password. Source: `%wheel ALL=(ALL) ALL` in clearlinux-pkgs/sudo, `sudoers.in`.
const WHEEL: (&str, &str) = ("%wheel", "ALL=(ALL) ALL");

/// The keys of root, who is always there.
const ROOT_KEYS: &str = "/root/.ssh/authorized_keys";

/// The file that ucd writes the rules of users into (contract U-20).
const UCD_FILE: &str = "users-cloud-init";

/// Who gets into machines that have these settings, and what the text of their role makes.
pub(super) fn access(setup: &Setup<'_>, made: &Made) -> Access {
    let candidates = candidates(setup.settings, made);
    let rules = rules(made);
    let mut found = Access::default();
    let mut lack = Lack::Key;
    for user in candidates.iter().filter(|user| user.has_key && !user.is_expired) {
        found.by_key.get_or_insert_with(|| user.name.to_string());
        let mine = rules.iter().filter(|(users, _)| sudoers::concerns(users, user.name, &user.groups));
        let right = mine.fold(Right::None, |right, (_, rule)| right.with(rule));
        match right {
            _ if user.name == "root" => found.user = Some(user.name.to_string()),
            Right::Free => found.user = Some(user.name.to_string()),
            Right::Asks if !matches!(lack, Lack::Password(..)) => {
                lack = Lack::Password(user.name.to_string(), user.span);
            }
            Right::None if lack == Lack::Key => lack = Lack::Root(user.name.to_string(), user.span),
            Right::Asks | Right::None => {}
        }
        if found.user.is_some() {
            break;
        }
    }
    found.lack = match &found.user {
        Some(user) => Software::missing(setup, made, user)
            .map(|(software, bundles)| Lack::Software(software, user.clone(), bundles)),
        None if made.is_open || is_open(setup.settings) => Some(Lack::Knowledge),
        None => Some(lack),
    };
    found
}

/// The users of a machine: those that the installer makes, then those of the text. One who is in both is one.
fn candidates<'m>(settings: &'m Settings, made: &'m Made) -> Vec<Candidate<'m>> {
    let mut found: Vec<Candidate<'m>> = Vec::new();
    for user in settings.users() {
        let sudo = user.sudo.is_some_and(|sudo| sudo.value);
        found.push(Candidate {
            name: user.name.as_str(),
            span: user.name.span,
            has_key: user.ssh_key.is_some(),
            key_file: Cow::Owned(format!("/home/{}/.ssh/authorized_keys", user.name.as_str())),
            groups: if sudo { vec!["wheel"] } else { Vec::new() },
            is_expired: false,
        });
    }
    for user in &made.users {
        match found.iter_mut().find(|known| known.name == user.name) {
            // `useradd` leaves one alone who is there, and ucd adds keys and rules all the same (contract U-2).
            Some(known) => known.has_key |= user.has_key,
            None => found.push(Candidate {
                name: &user.name,
                span: user.span,
                has_key: user.has_key,
                key_file: Cow::Borrowed(&user.key_file),
                groups: user.groups.iter().map(String::as_str).collect(),
                is_expired: user.is_expired,
            }),
        }
    }
    for file in &made.key_files {
        match found.iter_mut().find(|user| user.name == file.owner) {
            Some(user) => user.has_key |= file.path == user.key_file,
            None if file.path == ROOT_KEYS && file.owner == "root" => found.push(Candidate {
                name: "root",
                span: file.span,
                has_key: true,
                key_file: Cow::Borrowed(ROOT_KEYS),
                groups: Vec::new(),
                is_expired: false,
            }),
            None => {}
        }
    }
    for (group, member) in &made.members {
        if let Some(user) = found.iter_mut().find(|user| user.name == member) {
            user.groups.push(group);
        }
    }
    found
}

/// Every rule for sudo, for whom and what, in the order in which sudo reads them: the system's, then its files by name.
fn rules(made: &Made) -> Vec<(&str, &str)> {
    let mut files: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    let of_users = made.users.iter().flat_map(|user| user.sudo.iter().map(|rule| (user.name.as_str(), rule.as_str())));
    files.push((UCD_FILE, of_users.collect()));
    for (name, content) in &made.sudoers {
        files.push((name, lines(content)));
    }
    files.sort_by_key(|(name, _)| *name);
    std::iter::once(WHEEL).chain(files.into_iter().flat_map(|(_, rules)| rules)).collect()
}

/// The rules of a file. What goes on in another line is too rare to be read: it is taken for no rule.
fn lines(content: &str) -> Vec<(&str, &str)> {
    content.lines().filter(|line| !line.trim_end().ends_with('\\')).filter_map(sudoers::line).collect()
}

/// Whether settings may make more users than can be read.
fn is_open(settings: &Settings) -> bool {
    let hooks = &settings.hooks;
    let commands =
        [&hooks.pre_install_shell, &hooks.post_nonchroot_shell, &hooks.post_chroot, &hooks.post_chroot_shell];
    let mut said = commands.into_iter().filter_map(|list| list.get()).flat_map(|list| list.value.iter());
    let faulty =
        matches!(settings.users, Value::Faulty(_)) || commands.iter().any(|list| matches!(list, Value::Faulty(_)));
    // A program from outside may do anything.
    faulty || !hooks.post_nonchroot.is_unset() || said.any(|command| speaks_of_users(&command.value.0))
}
