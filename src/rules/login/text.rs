//! What a role text makes that lets somebody in: users, keys, rules for sudo. Owned, so that it outlives the text.

use crate::facts::{Brings, Bundles, brings};
use crate::source::Span;

/// What a role text makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::rules) struct Made {
    /// Its users, in the order of the text.
    pub(in crate::rules) users: Vec<Account>,
    /// Members that it adds to groups: group, user.
    pub(in crate::rules) members: Vec<(String, String)>,
    /// The files below `/etc/sudoers.d` that it writes: name, content.
    pub(in crate::rules) sudoers: Vec<(String, String)>,
    /// The files of keys that it writes.
    pub(in crate::rules) key_files: Vec<KeyFile>,
    /// The bundles that it adds.
    pub(in crate::rules) packages: Vec<String>,
    /// Whether it may make more than can be read: it is a script, a command of it speaks of users, or it is faulty.
    pub(in crate::rules) is_open: bool,
}

/// A user of a role text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules) struct Account {
    pub(in crate::rules) name: String,
    pub(in crate::rules) groups: Vec<String>,
    /// Whether a key lets the user in.
    pub(in crate::rules) has_key: bool,
    /// The file that the keys are in.
    pub(in crate::rules) key_file: String,
    /// Whether the account is expired, and lets nobody in.
    pub(in crate::rules) is_expired: bool,
    /// The rules for sudo, without the name.
    pub(in crate::rules) sudo: Vec<String>,
    /// Where the user is named.
    pub(in crate::rules) span: Span,
}

/// A file of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules) struct KeyFile {
    pub(in crate::rules) path: String,
    /// Whose it is.
    pub(in crate::rules) owner: String,
    /// Where it is named.
    pub(in crate::rules) span: Span,
}

impl Made {
    /// One of which nothing is known.
    pub(in crate::rules) fn open() -> Made {
        Made { is_open: true, ..Made::default() }
    }

    /// What the bundles that it adds bring.
    pub(super) fn brings(&self) -> Brings {
        let bundles = self.packages.iter().filter_map(|name| Bundles::get().find(name));
        bundles.fold(Brings::default(), |all, bundle| all | brings(bundle))
    }
}

/// Words of commands that make users, or let them in.
const WORDS: &[&str] =
    &["useradd", "adduser", "usermod", "authorized_keys", "sudoers", "visudo", "gpasswd", "groupadd", "ssh-import-id"];

/// Whether a command, or a script, may make users or let them in.
pub(in crate::rules) fn speaks_of_users(command: &str) -> bool {
    WORDS.iter().any(|word| command.contains(word))
}
