//! Lists that ucd goes through from the last entry to the first.

use super::case::{Case, short};
use super::commands::{self, Command};
use super::files::File;
use super::read::{Place, Text};
use super::role::{Body, Role};
use super::services::{self, Action};
use super::text;
use super::users::User;
use super::variables::Variable;
use crate::diag::rule;

rule! {
    /// ## What it does
    /// A list of a role text whose entries depend on their order.
    ///
    /// ## Why it matters
    /// In any list ucd takes the plain texts first, and then the entries that are lists or mappings from the last to the
    /// first (contract U-13). The second of two commands runs before the first; of two entries for the same file the first
    /// is written over the second, whose tail stays (U-27); what is to be unmasked and then started is started first. The
    /// finding shows the order that ucd keeps. Commands with nothing between them but ` && ` are one text; a script that
    /// `write_files` writes keeps its order too.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// fbootcmd:
    ///   - [mkdir, /srv/data]
    ///   - [touch, /srv/data/ready]   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// fbootcmd:
    ///   - mkdir /srv/data && touch /srv/data/ready
    /// ```
    REVERSED_LIST, reversed_list: "reversed-list", FirstBoot, Error, fixed;
}

/// Judges every list of a role text.
pub(super) fn judge(case: &Case<'_>, role: &Role<'_>) {
    for block in &role.blocks {
        match &block.body {
            Body::Commands(list) | Body::FirstCommands(list) => commands(case, &block.key, list),
            Body::Files(list) => files(case, list),
            Body::Services(list) => actions(case, list),
            Body::Variables(list) => variables(case, list),
            Body::Users(list) => users(case, list),
            _ => {}
        }
    }
}

fn commands(case: &Case<'_>, key: &Text<'_>, list: &[Command<'_>]) {
    let head = |command: &Command<'_>| match command.is_list {
        true => command.place,
        false => text::first_line(case, &command.words[0]),
    };
    let first = list.iter().position(|command| command.is_list);
    let Some(first) = first else { return };
    // The first list that is not the last to run, or a text behind a list.
    let Some(second) = list[first + 1..].iter().find(|command| command.line() != list[first].line()) else { return };
    let message = match second.is_list {
        true => {
            format!("ucd runs the lists of `{}` from the last to the first, so this one before the one above", key.text)
        }
        false => {
            format!("ucd runs the plain text of `{}` before its lists, so this before what stands above", key.text)
        }
    };
    let finding = case.finding(&REVERSED_LIST, head(second), message);
    let finding = finding.and(case.span(head(&list[first])), "written before, runs after");
    let lines: Vec<String> = commands::as_run(list)
        .iter()
        .enumerate()
        .map(|(index, line)| format!("{}. {}", index + 1, short(line)))
        .collect();
    let help = "write one text, with ` && ` between the commands, or run a script that `write_files` writes";
    case.report(finding.help(format!("ucd would run {}; {help}", lines.join(", "))));
}

fn files(case: &Case<'_>, list: &[File<'_>]) {
    for (index, file) in list.iter().enumerate() {
        let Some(path) = file.path else { continue };
        let same = |other: &&File<'_>| other.path.is_some_and(|other| other.text == path.text);
        if let Some(first) = list[..index].iter().find(same).and_then(|first| first.path) {
            let message = format!("ucd writes this {} first, and the one above over it", case.quote(&path));
            let finding =
                case.finding(&REVERSED_LIST, path.place, message).and(case.span(first.place), "the one above");
            let help =
                "ucd would write 1. the lower one, 2. the upper one over its beginning, and leave the rest; keep one";
            case.report(finding.help(help));
        }
    }
}

/// Verbs whose order decides what becomes of a unit.
fn depend(first: &str, second: &str) -> bool {
    let runs = |verb: &str| matches!(verb, "start" | "restart" | "reload");
    let pair = |a: &str, b: &str| first == a && second == b || first == b && second == a;
    let with = |a: &str, other: &dyn Fn(&str) -> bool| first == a && other(second) || second == a && other(first);
    pair("enable", "disable")
        || pair("mask", "unmask")
        || with("mask", &|verb| runs(verb) || verb == "enable")
        || with("unmask", &|verb| runs(verb) || verb == "enable")
        || with("stop", &|verb| runs(verb))
}

fn actions(case: &Case<'_>, list: &[Action<'_>]) {
    let units: Vec<_> = list.iter().map(services::units).collect();
    for (index, second) in list.iter().enumerate() {
        for (earlier, first) in list[..index].iter().enumerate() {
            let shared = units[index].iter().find(|(name, _)| units[earlier].iter().any(|(other, _)| other == name));
            let Some((_, place)) = shared.filter(|_| depend(first.verb.text, second.verb.text)) else { continue };
            let place = Place { start: second.verb.place.start, end: place.end };
            let message = format!("ucd does this `{}` before the `{}` above", second.verb.text, first.verb.text);
            let finding =
                case.finding(&REVERSED_LIST, place, message).and(case.span(first.verb.place), "done after it");
            let help = format!(
                "ucd would run 1. `systemctl {} …`, 2. `systemctl {} …`; swap them, or write them in one command",
                second.verb.text, first.verb.text
            );
            return case.report(finding.help(help));
        }
    }
}

fn variables(case: &Case<'_>, list: &[Variable<'_>]) {
    for (index, second) in list.iter().enumerate() {
        let uses = |name: &str| {
            let text = second.value.text;
            text.match_indices('$').any(|(at, _)| {
                let rest = text[at + 1..].trim_start_matches('{');
                rest.strip_prefix(name)
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
            })
        };
        let first = list[..index].iter().find(|first| first.name.text == second.name.text || uses(first.name.text));
        if let Some(first) = first {
            let message = format!("ucd sets {} before the {} above", case.quote(&second.name), case.quote(&first.name));
            let finding = case.finding(&REVERSED_LIST, second.name.place, message);
            let finding = finding.and(case.span(first.name.place), "set after it");
            case.report(finding.help("ucd sets the variables from the last to the first; write this one above"));
        }
    }
}

fn users(case: &Case<'_>, list: &[User<'_>]) {
    for (index, user) in list.iter().enumerate() {
        let primary = user.primary_group.iter().map(|text| (text.text, text));
        for (name, text) in user.groups.iter().map(|group| (group.name, &group.text)).chain(primary) {
            let owner = list[..index].iter().find(|other| other.name_key.is_some() && other.name() == name);
            if let Some(owner) = owner.filter(|owner| owner.name() != user.name() && user.name_key.is_some()) {
                let message = format!(
                    "ucd makes this user before the user {} above, whose group is not there yet",
                    case.part(name, text)
                );
                let finding = case.finding(&REVERSED_LIST, text.place, message);
                let finding = finding.and(case.span(owner.head), "made after it");
                let help = "ucd makes users from the last to the first; write this one above";
                case.report(finding.help(help));
            }
        }
    }
}
