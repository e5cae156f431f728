//! A `#cloud-config` as ucd's handlers walk it: blocks in the order of the text, read once, with their places.

use super::blocks::{self, Key};
use super::case::Case;
use super::commands::{self, Command};
use super::files::{self, File};
use super::groups::{self, Group};
use super::read::{Text, Value};
use super::services::{self, Action};
use super::users::{self, User};
use super::variables::{self, Variable};
use super::{booleans, kinds, packages};
use crate::yaml::Document;

/// A key at the margin, and what ucd makes of what stands behind it.
pub(super) struct Block<'d> {
    pub(super) key: Text<'d>,
    pub(super) body: Body<'d>,
}

/// What a handler gets.
pub(super) enum Body<'d> {
    Users(Vec<User<'d>>),
    Groups(Vec<Group<'d>>),
    Files(Vec<File<'d>>),
    Services(Vec<Action<'d>>),
    /// At every boot.
    Commands(Vec<Command<'d>>),
    /// At the first boot.
    FirstCommands(Vec<Command<'d>>),
    Packages(Vec<Text<'d>>),
    Variables(Vec<Variable<'d>>),
    Keys(Vec<Text<'d>>),
    Hostname(Option<Text<'d>>),
    Upgrade(Option<bool>),
    Wait(Option<bool>),
}

/// A role text.
pub(super) struct Role<'d> {
    pub(super) blocks: Vec<Block<'d>>,
    /// Whether a reported fault hides a part of it.
    pub(super) hides: bool,
}

impl<'d> Role<'d> {
    /// Reads a document that is a mapping; reports what ucd would not understand of it.
    pub(super) fn read(case: &Case<'_>, document: &'d Document<'d>) -> Role<'d> {
        let mut blocks = Vec::new();
        let mut known = Vec::new();
        let root = document.root().map(|root| Value::of(document, root));
        let mut hides = document.second.is_some();
        let Some(Value::Entry(root)) = root else { return Role { blocks, hides } };
        for (key, value) in root.pairs() {
            if let Some(kind) = blocks::read(case, &key, matches!(value, Value::Entry(_))) {
                known.push((key.text, key.place));
                hides |= kind == Key::Service && matches!(value, Value::Entry(_));
                blocks.push(Block { key, body: body(case, kind, &key, &value) });
            }
        }
        blocks::repeated(case, &known);
        Role { blocks, hides }
    }

    pub(super) fn users(&self) -> impl Iterator<Item = (usize, &User<'d>)> {
        self.blocks.iter().enumerate().flat_map(|(at, block)| match &block.body {
            Body::Users(users) => users.iter().map(|user| (at, user)).collect(),
            _ => Vec::new(),
        })
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = (usize, &Group<'d>)> {
        self.blocks.iter().enumerate().flat_map(|(at, block)| match &block.body {
            Body::Groups(groups) => groups.iter().map(|group| (at, group)).collect(),
            _ => Vec::new(),
        })
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (usize, &File<'d>)> {
        self.blocks.iter().enumerate().flat_map(|(at, block)| match &block.body {
            Body::Files(files) => files.iter().map(|file| (at, file)).collect(),
            _ => Vec::new(),
        })
    }

    pub(super) fn commands(&self) -> impl Iterator<Item = (usize, &Command<'d>)> {
        self.blocks.iter().enumerate().flat_map(|(at, block)| match &block.body {
            Body::Commands(commands) | Body::FirstCommands(commands) => {
                commands.iter().map(|command| (at, command)).collect()
            }
            _ => Vec::new(),
        })
    }

    pub(super) fn actions(&self) -> impl Iterator<Item = (usize, &Action<'d>)> {
        self.blocks.iter().enumerate().flat_map(|(at, block)| match &block.body {
            Body::Services(actions) => actions.iter().map(|action| (at, action)).collect(),
            _ => Vec::new(),
        })
    }
}

fn body<'d>(case: &Case<'_>, kind: Key, key: &Text<'d>, value: &Value<'d>) -> Body<'d> {
    match kind {
        Key::Users => Body::Users(users::read(case, key, value)),
        Key::Groups => Body::Groups(groups::read(case, key, value)),
        Key::WriteFiles => Body::Files(files::read(case, key, value)),
        Key::Service => Body::Services(services::read(case, key, value)),
        Key::Runcmd => Body::Commands(commands::read(case, key, value)),
        Key::Fbootcmd => Body::FirstCommands(commands::read(case, key, value)),
        Key::Packages => Body::Packages(packages::read(case, key, value)),
        Key::Envar => Body::Variables(variables::read(case, key, value)),
        Key::SshAuthorizedKeys => Body::Keys(kinds::texts(case, key, value, true, "ucd writes no key of it")),
        Key::Hostname => Body::Hostname(kinds::text(case, key, value, "ucd sets no name")),
        Key::PackageUpgrade => Body::Upgrade(booleans::read(case, key, value)),
        Key::WaitForNetwork => Body::Wait(booleans::read(case, key, value)),
    }
}
