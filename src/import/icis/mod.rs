//! What the service answered: `config.txt` and the files of its roles, read as the service read them (contract S-3 to
//! S-7).
//!
//! The service looked for the first line that begins with the text of the request. The installer asks with an address
//! in lower case, with colons (contract I-17), and so a line answers one card at most. Unlisted cards got the last
//! line that begins with `default`. What the service did wrong stays wrong unless a repair is asked for, and is
//! reported.

mod answers;
mod rows;
mod sudo;

use std::collections::{BTreeMap, BTreeSet};

use super::list::{List, Listed, Role};
use crate::diag::{Rule, Sink};
use crate::model::{FromText, Name};
use crate::rules::import;
use crate::source::{FileId, Span, Spanned};
use answers::Answers;
use rows::rows;

/// A file of the service's folder `roles/`.
#[derive(Debug)]
pub struct RoleFile {
    /// Its name, which is that of the role.
    pub name: String,
    /// Its text, and where that can be shown; none when it is no text in UTF-8.
    pub text: Option<(String, FileId)>,
}

/// What the service did wrong, and is to be made right, by the names of the rules that report it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repairs {
    /// Machines whose address is only written otherwise are listed.
    pub dead_row: bool,
    /// Blanks around a role are taken away.
    pub broken_row: bool,
    /// A role without file is a role without text.
    pub role_without_file: bool,
    /// A name that stands before a sudo rule is taken away (contract S-9, U-20).
    pub sudo_rule_with_name: bool,
}

impl Repairs {
    /// What can be repaired.
    pub const NAMES: [&str; 4] = ["dead-row", "broken-row", "role-without-file", "sudo-rule-with-name"];

    /// Adds a repair by its name; `all` adds all of them. Says whether there is one of this name.
    pub fn add(&mut self, name: &str) -> bool {
        let all = name == "all";
        let known = all || Repairs::NAMES.contains(&name);
        self.dead_row |= all || name == Repairs::NAMES[0];
        self.broken_row |= all || name == Repairs::NAMES[1];
        self.role_without_file |= all || name == Repairs::NAMES[2];
        self.sudo_rule_with_name |= all || name == Repairs::NAMES[3];
        known
    }
}

/// Reads what the service has. Machines have no names yet.
pub fn icis(config: &str, file: FileId, roles: &[RoleFile], repairs: Repairs, sink: &Sink) -> List {
    let rows = rows(config, file);
    let answers = Answers::read(&rows, repairs, sink);
    let mut spoken: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    let mut list = List::default();
    for answer in &answers.cards {
        let mut host = Listed::at(answer.place);
        host.macs.push(answer.mac);
        match role(answer.role.as_ref(), answer.place, repairs, sink) {
            Some(name) => {
                spoken.entry(name.as_str().to_string()).or_default().push(name.span);
                host.role = Some(name);
            }
            None => continue,
        }
        list.hosts.push(host);
    }
    if let Some((text, place)) = &answers.unlisted {
        list.unlisted = role(text.as_ref(), *place, repairs, sink);
        if let Some(name) = &list.unlisted {
            spoken.entry(name.as_str().to_string()).or_default().push(name.span);
        }
    }
    list.roles = spoken.iter().filter_map(|(name, places)| text_of(name, places, roles, repairs, sink)).collect();
    let known: BTreeSet<&str> = spoken.keys().map(String::as_str).collect();
    for unused in roles.iter().filter(|role| !known.contains(role.name.as_str())) {
        let place = unused.text.as_ref().map_or(Span::start_of(file), |(_, file)| Span::start_of(*file));
        let message = format!("no machine gets the role `{}`, so it is left out", unused.name);
        sink.report(import::not_imported().at(place, message).help("add it to `roles` when a machine needs it"));
    }
    list
}

/// The role in a row, as a name that a fleet file can hold.
fn role(text: Option<&Spanned<&str>>, place: Span, repairs: Repairs, sink: &Sink) -> Option<Spanned<Name>> {
    let missing = |message: &str, span: Span| {
        let broken = import::broken_row().at(span, message);
        sink.report(broken.help("write the role behind the comma"));
        None
    };
    // contract S-5, I-19
    let Some(text) = text else {
        return missing("this row has no role: the service failed, and the machine was installed without one", place);
    };
    let bare = text.value.trim();
    if bare.is_empty() {
        return missing("the role of this row is empty, so the machine was installed without one", place);
    }
    if bare.len() < text.value.len() && Name::from_text(bare).is_ok() && !repairs.broken_row {
        // contract I-20
        let message =
            format!("the role of this row is `{}`, blank and all, and the installer stops at that", text.value);
        let broken = import::broken_row().at(text.span, message);
        sink.report(broken.help(format!("take the blank away, or have it done: {}", repair(import::broken_row()))));
        return None;
    }
    sink.take(Name::from_text(bare), text.span).ok()
}

/// How a repair is asked for.
fn repair(rule: &Rule) -> String {
    format!("`--repair {}`", rule.id)
}

/// A role with the text that the service answered.
fn text_of(name: &str, places: &[Span], roles: &[RoleFile], repairs: Repairs, sink: &Sink) -> Option<Role> {
    let known = Name::from_text(name).ok()?;
    let more = match places.len() - 1 {
        0 => String::new(),
        1 => ", here and in 1 other row".to_string(),
        more => format!(", here and in {more} other rows"),
    };
    let without = |message: String, help: &str| {
        let finding = import::role_without_file().at(places[0], message);
        sink.report(
            finding.help(format!("{help}, or make it a role without text: {}", repair(import::role_without_file()))),
        );
    };
    match roles.iter().find(|role| role.name == name).map(|role| &role.text) {
        Some(Some((text, file))) => {
            if !repairs.sudo_rule_with_name {
                report_sudo(name, text, *file, sink);
            }
            // contract X-17: the service read lines, and wrote them with plain line breaks
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            let text = if repairs.sudo_rule_with_name { sudo::repaired(&text) } else { text };
            Some(Role { name: known, text: Some(text), comment: None })
        }
        _ if repairs.role_without_file => {
            let comment = "the service had no file for it: its machines stay as they are installed";
            Some(Role { name: known, text: None, comment: Some(comment.to_string()) })
        }
        Some(None) => {
            without(
                format!("the file of role `{name}` is no text in UTF-8, so the service failed{more}"),
                "save it as UTF-8",
            );
            None
        }
        None => {
            without(
                format!("the service has no file for role `{name}`{more}"),
                &format!("put the file `{name}` into the folder of the roles"),
            );
            None
        }
    }
}

/// Reports the names before sudo rules, as the service's sample role has one (contract S-9).
fn report_sudo(role: &str, text: &str, file: FileId, sink: &Sink) {
    for (start, end) in sudo::names(text) {
        let name = text[start..end].trim_end();
        let span = Span { file, start: start as u32, end: (start + name.len()) as u32 };
        let message =
            format!("the sudo rule in role `{role}` begins with a name, `{name}`; ucd puts the user's before it");
        let help = format!("its users have no rights; {} takes the name away", repair(import::sudo_rule_with_name()));
        sink.report(import::sudo_rule_with_name().at(span, message).help(help));
    }
}
