//! Blocks that need what a later one makes: ucd goes through the text from top to bottom.

use super::case::Case;
use super::read::{Place, Text};
use super::role::Role;
use super::{services, shell, text};
use crate::diag::rule;

rule! {
    /// ## What it does
    /// A key of a role text that needs what a later key makes.
    ///
    /// ## Why it matters
    /// ucd runs the keys in the order in which they stand (contract U-12); cloud-init has an order of its own. A user whose
    /// group is made later is not created, a file whose owner is made later stays root's, a command whose script is
    /// written later fails. At the second boot some of it works, which makes it hard to find.
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
    ///     groups: ops   # <-
    /// groups:
    ///   - ops
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
    /// users:
    ///   - name: ada
    ///     groups: ops
    /// ```
    KEY_BEFORE_ITS_NEEDS, key_before_its_needs: "key-before-its-needs", FirstBoot, Error, fixed;
}

/// Judges the order of the blocks.
pub(super) fn judge(case: &Case<'_>, role: &Role<'_>) {
    members(case, role);
    owners(case, role);
    written(case, role);
}

/// The place of what a name stands for, when it is made by a block behind `at` and by none before.
fn later<'p>(at: usize, name: &str, made: impl Iterator<Item = (usize, &'p str, Place)>) -> Option<Place> {
    let first = made.filter(|(_, other, _)| *other == name).min_by_key(|(block, _, _)| *block)?;
    (first.0 > at).then_some(first.2)
}

fn report(case: &Case<'_>, place: Place, message: String, made: Place, help: &str) {
    let finding = case.finding(&KEY_BEFORE_ITS_NEEDS, place, message).and(case.span(made), "made here, later");
    case.report(finding.help(help));
}

/// A group, made by `groups` or as a user's own.
fn group_later(role: &Role<'_>, at: usize, name: &str) -> Option<Place> {
    let groups = role.groups().map(|(block, group)| (block, group.name.text, group.name.place));
    let own = role.users().filter_map(|(block, user)| user.name.map(|name| (block, name.text, name.place)));
    later(at, name, groups.chain(own))
}

fn user_later(case: &Case<'_>, role: &Role<'_>, at: usize, name: &str) -> Option<Place> {
    let users = role.users().filter_map(|(block, user)| user.name.map(|name| (block, name.text, name.place)));
    later(at, name, users).filter(|_| !case.around.users.contains_key(name))
}

fn members(case: &Case<'_>, role: &Role<'_>) {
    for (at, user) in role.users() {
        let primary = user.primary_group.iter().map(|text| (text.text, text));
        for (name, text) in user.groups.iter().map(|group| (group.name, &group.text)).chain(primary) {
            if let Some(made) = group_later(role, at, name) {
                let message = format!(
                    "the group {} is not there yet: `useradd` fails, and the user is not created",
                    case.part(name, text)
                );
                report(case, text.place, message, made, "move `groups` above `users`");
            }
        }
    }
    for (at, group) in role.groups() {
        for member in &group.members {
            if let Some(made) = user_later(case, role, at, member.text) {
                let message = format!("the user {} is not there yet, and does not become a member", case.quote(member));
                report(case, member.place, message, made, "name the group in the user's entry, behind `groups`");
            }
        }
    }
}

fn owners(case: &Case<'_>, role: &Role<'_>) {
    for (at, file) in role.files() {
        let Some(owner) = file.owner else { continue };
        let Some((user, group)) = owner.text.split_once([':', '.']) else { continue };
        let found = user_later(case, role, at, user).map(|made| ("user", user, made));
        let found = found.or_else(|| group_later(role, at, group).map(|made| ("group", group, made)));
        if let Some((kind, name, made)) = found {
            let message = format!("the {kind} {} is not there yet, and the file stays root's", case.part(name, &owner));
            report(case, owner.place, message, made, "move `write_files` behind it");
        }
    }
}

/// Commands and units that need a file.
fn written(case: &Case<'_>, role: &Role<'_>) {
    let file_later = |at: usize, wanted: &dyn Fn(&str) -> bool| {
        let paths = role.files().filter_map(|(block, file)| file.path.map(|path| (block, path)));
        let first = paths.filter(|(_, path)| wanted(path.text)).min_by_key(|(block, _)| *block)?;
        (first.0 > at).then_some(first.1)
    };
    for (at, command) in role.commands() {
        let line = command.line();
        let words = shell::commands(&line).concat();
        let wanted = |path: &str| words.iter().any(|word| word.trim_matches(['"', '\'']) == path);
        // Whoever looks first whether the file is there can do without.
        let found = file_later(at, &wanted).filter(|_| !shell::has_condition(&line));
        if let Some(path) = found {
            let message = format!("{} is not written yet, and the command fails", case.quote(&path));
            let place = text::first_line(case, &command.words[0]);
            report(case, place, message, path.place, "move `write_files` above it");
        }
    }
    for (at, action) in role.actions() {
        for (name, place) in services::units(action) {
            let wanted = |path: &str| {
                ["/etc/systemd/system/", "/usr/lib/systemd/system/"]
                    .iter()
                    .any(|folder| path.strip_prefix(folder) == Some(name.as_str()))
            };
            if let Some(path) = file_later(at, &wanted) {
                report(case, place, unit_message(case, &path), path.place, "move `write_files` above it");
            }
        }
    }
}

fn unit_message(case: &Case<'_>, path: &Text<'_>) -> String {
    format!("the unit {} is not written yet, and `systemctl` does not find it", case.quote(path))
}
