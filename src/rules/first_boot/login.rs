//! What a role text makes that lets somebody in, gathered from its blocks for [`crate::rules::login`].

use std::sync::{Arc, Mutex};

use super::case::Case;
use super::files::File;
use super::read::Text;
use super::role::{Body, Role};
use super::users::User;
use crate::model::authorized_key;
use crate::rules::login::{Account, KeyFile, Made, speaks_of_users};

/// What texts make, each kind once: those of many hosts mostly make the same.
#[derive(Default)]
pub(super) struct Kinds(Mutex<Vec<Arc<Made>>>);

/// How many kinds are kept.
const KINDS: usize = 32;

impl Kinds {
    /// What a text makes, shared with others that make the same.
    pub(super) fn shared(&self, made: Made) -> Arc<Made> {
        let mut kinds = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(known) = kinds.iter().find(|known| ***known == made) {
            return known.clone();
        }
        let made = Arc::new(made);
        if kinds.len() < KINDS {
            kinds.push(made.clone());
        }
        made
    }
}

/// Gathers it, block by block, as ucd runs them.
pub(super) fn made(case: &Case<'_>, role: &Role<'_>) -> Made {
    let mut made = Made { is_open: role.hides, ..Made::default() };
    for block in &role.blocks {
        match &block.body {
            Body::Users(users) => made.users.extend(users.iter().filter_map(|user| account(case, user))),
            Body::Groups(groups) => made.members.extend(groups.iter().flat_map(|group| {
                let name = group.name.text.to_string();
                group.members.iter().map(move |member| (name.clone(), member.text.to_string()))
            })),
            Body::Files(files) => files.iter().for_each(|file| written(case, file, &mut made)),
            Body::Commands(commands) | Body::FirstCommands(commands) => {
                made.is_open |= commands.iter().any(|command| speaks_of_users(&command.line()));
            }
            Body::Packages(names) => made.packages.extend(names.iter().map(|name| name.text.to_string())),
            // They land in the file of the first user (contract U-25).
            Body::Keys(keys) => {
                if let Some(user) = made.users.first_mut() {
                    user.has_key |= keys.iter().any(lets_in);
                }
            }
            _ => {}
        }
    }
    made
}

fn account(case: &Case<'_>, user: &User<'_>) -> Option<Account> {
    let name = user.name?;
    Some(Account {
        name: name.text.to_string(),
        groups: user.groups.iter().map(|group| group.name.to_string()).collect(),
        has_key: user.keys.iter().any(lets_in),
        key_file: user.key_file(),
        is_expired: user.is_expired,
        sudo: user.sudo.iter().map(|item| item.text.to_string()).collect(),
        span: case.span(name.place),
    })
}

/// Whether one of these lines lets somebody in who wants to run commands: a key, and none that is bound to one command.
fn lets_in(keys: &Text<'_>) -> bool {
    let bound = |line: &str| line.split("ssh-").next().is_some_and(|options| options.contains("command="));
    keys.text.lines().any(|line| !line.trim_start().starts_with('#') && authorized_key(line).is_ok() && !bound(line))
}

/// A file that is written: of keys, of rules for sudo, or one that is run and may make users.
fn written(case: &Case<'_>, file: &File<'_>, made: &mut Made) {
    let (Some(path), Some(content)) = (file.path, file.content) else { return };
    if path.text.ends_with("/.ssh/authorized_keys") {
        // Without both parts of an owner the file is root's, and with mode 0600 (contract U-27).
        let owner = file.owner.and_then(|owner| owner.text.split_once([':', '.'])).map_or("root", |(user, _)| user);
        if lets_in(&content) {
            let (path, owner) = (path.text.to_string(), owner.to_string());
            made.key_files.push(KeyFile { path, owner, span: case.span(content.place) });
        }
    } else if let Some(name) = path.text.strip_prefix("/etc/sudoers.d/") {
        // sudo skips names with a dot, and those that end in a tilde.
        if !name.contains(['.', '/']) && !name.ends_with('~') {
            made.sudoers.push((name.to_string(), content.text.to_string()));
        }
    } else {
        made.is_open |= speaks_of_users(content.text);
    }
}
