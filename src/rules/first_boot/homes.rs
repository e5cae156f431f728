//! Whether a user's keys find a home, and whether `useradd` gets along with the user's group.

use super::case::Case;
use super::groups::Group;
use super::read::Place;
use super::users::User;
use crate::diag::{Diagnostic, rule};
use crate::model::is_system_group;

rule! {
    /// ## What it does
    /// A user with SSH keys for whom no home folder, or no group of the user's own name, is made.
    ///
    /// ## Why it matters
    /// ucd writes the keys below the home folder and hands the file to the user and to the group of the same name. Without
    /// the home it makes one that belongs to root, and the SSH server refuses the login; without the group it writes no
    /// keys (contract U-23, U-24). `no-create-home: false` makes the home and `no-user-group: false` the group; without
    /// them the system's defaults decide.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada   # <-
    ///     ssh-authorized-keys:
    ///       - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk
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
    ///     no-create-home: false
    ///     no-user-group: false
    ///     ssh-authorized-keys:
    ///       - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk
    /// ```
    KEY_WITHOUT_HOME, key_without_home: "key-without-home", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A user whose own group `useradd` cannot make: the group is there by then, or the user is to have another one.
    ///
    /// ## Why it matters
    /// With `no-user-group: false` ucd asks for a group of the user's name. `useradd` fails when there is one already, and
    /// when it is asked for another primary group at the same time (contract U-24): the user is not created, and nobody is
    /// told.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// groups:
    ///   - ada
    /// users:
    ///   - name: ada   # <-
    ///     no-user-group: false
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
    ///     no-user-group: false
    /// ```
    CONFLICTING_USER_GROUP, conflicting_user_group: "conflicting-user-group", FirstBoot, Error, fixed;
}

/// Judges the users of one list; `groups` are those that are created before.
pub(super) fn judge(case: &Case<'_>, users: &[User<'_>], groups: &[&Group<'_>]) {
    for user in users {
        // Who is there already keeps home and group.
        let there = user.name() == "root" || case.around.users.contains_key(user.name());
        if user.name.is_some() && user.name_key.is_some() && !there && !conflict(case, user, groups) {
            home(case, user);
        }
    }
}

/// Reports a group that is in the way.
fn conflict(case: &Case<'_>, user: &User<'_>, groups: &[&Group<'_>]) -> bool {
    let (Some(name), Some((own, Some(false)))) = (user.name, user.no_user_group) else { return false };
    let fails = "`useradd` fails, and the user is not created";
    if let Some(primary) = user.primary_group {
        let message = format!("`no-user-group: false` and `primary-group` exclude each other: {fails}");
        let finding = case.finding(&CONFLICTING_USER_GROUP, primary.place, message);
        let help = "remove `primary-group`, and list the group behind `groups`";
        case.report(finding.and(case.span(own), "asks for a group of the user's own name").help(help));
        return true;
    }
    let made = groups.iter().find(|group| group.name.text == name.text);
    if made.is_none() && !is_system_group(name.text) {
        return false;
    }
    let message = format!("there is a group {} by then: {fails}", case.quote(&name));
    let finding = case.finding(&CONFLICTING_USER_GROUP, name.place, message);
    case.report(match made {
        Some(group) => {
            let finding = finding.and(case.span(group.name.place), "created here");
            finding.help("remove the group: `useradd` makes it")
        }
        None => finding.help("every system has this group; choose another name for the user"),
    });
    true
}

fn home(case: &Case<'_>, user: &User<'_>) {
    let (Some(name), Some(first)) = (user.name, user.keys.first()) else { return };
    let no_home = !matches!(user.no_create_home, Some((_, Some(false) | None)));
    let other = user.primary_group.filter(|group| group.text != name.text);
    let no_group = match user.no_user_group {
        _ if user.primary_group.is_some() => other.is_some(),
        Some((_, Some(false) | None)) => false,
        _ => true,
    };
    let message = match (no_home, no_group) {
        (false, false) => return,
        (true, _) => "is not given a home folder: ucd makes one for the keys that belongs to root, and the login fails",
        (false, true) => "is not given a group of that name: ucd does not write the keys, and the login fails",
    };
    // What says so is to blame; where nothing does, the user.
    let said = user.no_create_home.filter(|_| no_home).or(user.no_user_group.filter(|_| no_group));
    let place = said.map(|(key, _)| key).or(other.map(|group| group.place).filter(|_| !no_home)).unwrap_or(name.place);
    let mut finding = case.finding(&KEY_WITHOUT_HOME, place, format!("{} {message}", case.quote(&name)));
    if place != name.place {
        finding = finding.and(case.span(name.place), "this user");
    }
    finding = finding.and(case.span(first.place), "the keys");
    let mut lines = Vec::new();
    if no_home {
        lines.push("no-create-home: false");
    }
    if no_group && other.is_none() {
        lines.push("no-user-group: false");
    }
    if let Some(group) = other {
        if place != group.place {
            finding = finding.and(case.span(group.place), "another group");
        }
        lines.push("no `primary-group`");
    }
    let set = [(no_home, user.no_create_home), (no_group, user.no_user_group)];
    let absent = set.iter().all(|(wanted, setting)| !wanted || setting.is_none()) && other.is_none();
    if absent {
        finding = insert(case, finding, user.name_key, &lines);
    }
    let lines: Vec<String> =
        lines.iter().map(|line| if line.starts_with("no-") { format!("`{line}`") } else { line.to_string() }).collect();
    case.report(finding.help(format!("in the user's entry, write {}", lines.join(" and "))));
}

/// Adds the edit that puts lines before the name of an entry in block style, in a file of its own.
fn insert(case: &Case<'_>, finding: Diagnostic, name: Option<Place>, lines: &[&str]) -> Diagnostic {
    let Some((name, span)) = name.and_then(|name| Some((name, case.literal(name)?))) else { return finding };
    let before = &case.text()[..name.start as usize];
    let line = &before[before.rfind('\n').map_or(0, |newline| newline + 1)..];
    // In brackets a comma would do; as the first of an entry, or on its own line, the column says how deep.
    if !line.bytes().all(|byte| matches!(byte, b' ' | b'-')) || case.is_inline() {
        return finding;
    }
    let indent = " ".repeat(line.len());
    let text: String = lines.iter().map(|line| format!("{line}\n{indent}")).collect();
    finding.edit(crate::source::Span { end: span.start, ..span }, text)
}
