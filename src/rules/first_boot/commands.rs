//! Commands, `runcmd` and `fbootcmd`: what ucd makes one command of, and in which order it runs them.

use super::case::{Case, short};
use super::kinds;
use super::read::{Place, Text, Value};
use super::{shell, text};
use crate::diag::rule;

rule! {
    /// ## What it does
    /// Several plain texts in `runcmd` or `fbootcmd`.
    ///
    /// ## Why it matters
    /// ucd joins all plain texts of the list into one command (contract U-26): of `echo one` and `echo two` it makes
    /// `echo one echo two`.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// fbootcmd:
    ///   - mkdir -p /srv/data
    ///   - chmod 0700 /srv/data   # <-
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
    ///   - mkdir -p /srv/data && chmod 0700 /srv/data
    /// ```
    JOINED_COMMANDS, joined_commands: "joined-commands", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A word of a command, given as a list, that is one word only between quotes.
    ///
    /// ## Why it matters
    /// ucd joins the words of such a list with blanks, without quotes, and hands the text to a shell (contract U-26).
    /// `[sh, -c, "echo ready"]` becomes `sh -c echo ready`, which prints an empty line; an `&` in an address sends the
    /// command into the background.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// fbootcmd:
    ///   - [sh, -c, "mkdir /srv/data && chmod 0700 /srv/data"]   # <-
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
    ///   - mkdir /srv/data && chmod 0700 /srv/data
    /// ```
    LOST_QUOTES, lost_quotes: "lost-quotes", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A `runcmd` that reboots the machine or switches it off.
    ///
    /// ## Why it matters
    /// ucd runs the text at every boot (contract U-2): the machine reboots for ever. A last key that masks ucd does not
    /// help, since the reboot comes before it. `fbootcmd` runs at the first boot alone (U-16).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// runcmd:
    ///   - systemctl reboot   # <-
    /// service:
    ///   - mask: ucd.service
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// fbootcmd:
    ///   - systemctl reboot
    /// ```
    REBOOT_AT_EVERY_BOOT, reboot_at_every_boot: "reboot-at-every-boot", FirstBoot, Error, fixed;
}

/// An item of the list: a plain text, or the words of a list.
pub(super) struct Command<'d> {
    pub(super) words: Vec<Text<'d>>,
    pub(super) is_list: bool,
    pub(super) place: Place,
}

impl Command<'_> {
    /// What ucd makes of it.
    pub(super) fn line(&self) -> String {
        self.words.iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
    }
}

/// Reads a list of commands, and judges each.
pub(super) fn read<'d>(case: &Case<'_>, key: &Text<'d>, value: &Value<'d>) -> Vec<Command<'d>> {
    let Value::List(list) = value else {
        if let Value::Text(text) = value
            && kinds::filled(case, key, *text).is_some()
        {
            kinds::wrong(case, key, value, "a list of commands", "ucd runs nothing");
        }
        return Vec::new();
    };
    let mut commands = Vec::new();
    for item in list.items() {
        let place = item.place();
        match (item, place) {
            (Value::Text(text), Some(place)) => {
                if kinds::filled(case, key, text).is_some() {
                    commands.push(Command { words: vec![text], is_list: false, place });
                }
            }
            (Value::List(words), Some(place)) => {
                let mut found = Vec::new();
                for word in words.items() {
                    match word {
                        Value::Text(text) => found.push(text),
                        word => kinds::wrong(case, key, &word, kinds::NAMES, "ucd runs it as a command of its own"),
                    }
                }
                if !found.is_empty() {
                    commands.push(Command { words: found, is_list: true, place });
                }
            }
            (item, _) => kinds::wrong(case, key, &item, kinds::NAMES, "ucd runs its keys and values as words"),
        }
    }
    for command in &commands {
        judge(case, key, command);
    }
    joined(case, key, &commands);
    commands
}

fn judge(case: &Case<'_>, key: &Text<'_>, command: &Command<'_>) {
    let whole = command.words.iter().filter(|word| !text::whole(case, key.text, word)).count() == 0;
    if !whole || !command.is_list || command.words.len() < 2 {
        return;
    }
    if let Some(word) = command.words.iter().find(|word| !shell::stays_one_word(word.text)) {
        let message = "ucd joins the words of a command without quotes, and the shell takes this one apart";
        let finding = case.finding(&LOST_QUOTES, word.place, message);
        let help = match command.words.iter().map(|word| word.text).collect::<Vec<_>>()[..] {
            ["sh" | "bash" | "/bin/sh" | "/bin/bash", "-c", script] => format!("write it as one text: `- {script}`"),
            _ => "write the whole command as one text, with quotes for the shell".to_string(),
        };
        case.report(finding.help(format!("ucd would run {}; {help}", short(&command.line()))));
    }
}

fn joined(case: &Case<'_>, key: &Text<'_>, commands: &[Command<'_>]) {
    let texts: Vec<&Command<'_>> = commands.iter().filter(|command| !command.is_list).collect();
    let [first, second, ..] = texts[..] else { return };
    let message = format!("ucd joins the plain texts of `{}` into one command", key.text);
    let place = text::first_line(case, &second.words[0]);
    let finding = case.finding(&JOINED_COMMANDS, place, message).label("joined to the one before");
    let finding = finding.and(case.span(text::first_line(case, &first.words[0])), "the first");
    let lines: Vec<String> = texts.iter().map(|command| command.line()).collect();
    let help = format!("ucd would run {}; write one text, with ` && ` between the commands", short(&lines.join(" ")));
    case.report(finding.help(help));
}

/// What the shell gets, in the order in which it gets it, with the place of each (contract U-13, U-26).
pub(super) fn as_run(commands: &[Command<'_>]) -> Vec<String> {
    let texts: Vec<String> = commands.iter().filter(|command| !command.is_list).map(Command::line).collect();
    let lists = commands.iter().rev().filter(|command| command.is_list).map(Command::line);
    let first = (!texts.is_empty()).then(|| texts.join(" "));
    first.into_iter().chain(lists).collect()
}

/// Judges commands that are to run at every boot.
pub(super) fn reboots(case: &Case<'_>, commands: &[Command<'_>]) {
    for command in commands {
        let line = command.line();
        // Whoever writes a condition has thought of it.
        if line.contains("&&") || shell::has_condition(&line) {
            continue;
        }
        let stops = shell::commands(&line).iter().any(|words| match shell::program(words) {
            Some(("reboot" | "poweroff" | "halt", _)) => true,
            Some(("shutdown", rest)) => !rest.contains(&"-c"),
            Some(("systemctl", rest)) => {
                rest.iter().any(|word| matches!(*word, "reboot" | "poweroff" | "halt" | "kexec"))
            }
            Some(("init" | "telinit", rest)) => rest.iter().any(|word| matches!(*word, "0" | "6")),
            _ => false,
        });
        if stops {
            let place = text::first_line(case, &command.words[0]);
            let message = "ucd runs this at every boot, so the machine never comes up";
            let help = "put it behind `fbootcmd`, which runs at the first boot alone";
            case.at(&REBOOT_AT_EVERY_BOOT, place, message, help);
        }
    }
}
