//! Rules for sudo in a user's entry: ucd puts the user's name before each, and writes it down.

use super::case::Case;
use super::read::{Place, Text};
use super::users::User;
use crate::diag::rule;
use crate::rules::login::sudoers::{TAGS, split};

rule! {
    /// ## What it does
    /// A `sudo` item of a user that is no rule once ucd has put the user's name before it: it begins with a user's name
    /// itself, is `false`, or is no `HOSTS=(USERS) COMMANDS`.
    ///
    /// ## Why it matters
    /// ucd writes `NAME ITEM` into `/etc/sudoers.d/users-cloud-init`, whatever the item is (contract U-20). With a syntax
    /// error there the user has no rights, and an older sudo refuses to work at all, for everybody. The sample role of the
    /// service that fleetc replaces has this fault (S-9).
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
    ///     sudo:
    ///       - ada ALL=(ALL) NOPASSWD:ALL   # <-
    ///   - name: grace
    ///     sudo: false   # <-
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
    /// users:
    ///   - name: ada
    ///     sudo:
    ///       - ALL=(ALL) NOPASSWD:ALL
    ///   - name: grace
    /// service:
    ///   - mask: ucd.service
    /// ```
    MALFORMED_SUDO_RULE, malformed_sudo_rule: "malformed-sudo-rule", FirstBoot, Error, fixed;
}

/// What is wrong with an item.
#[derive(Debug, PartialEq, Eq)]
enum Fault<'t> {
    /// It is a truth value.
    Truth,
    /// It begins with a user, or another list of users, up to this offset.
    UserFirst(&'t str, usize),
    /// It is several lines; the others have no user.
    Lines,
    /// Something else.
    Other(&'static str),
}

/// Judges every item of every user.
pub(super) fn judge(case: &Case<'_>, users: &[User<'_>]) {
    for user in users {
        for item in &user.sudo {
            if let Err(fault) = rule_of(item.text) {
                report(case, user, item, &fault);
            }
        }
    }
}

fn report(case: &Case<'_>, user: &User<'_>, item: &Text<'_>, fault: &Fault<'_>) {
    let good = "write `ALL=(ALL) NOPASSWD:ALL`, without a name before it";
    let (message, help) = match fault {
        Fault::Truth => {
            let message = format!("to ucd {} is a rule like any other, and sudo cannot read it", case.quote(item));
            (message, "remove it: without `sudo` a user has no rights".to_string())
        }
        Fault::UserFirst(..) => {
            let message = format!(
                "{} names a user; ucd puts the user's name before it, and sudo cannot read that",
                case.quote(item)
            );
            (message, format!("ucd would write `{} {}`; {good}", user.name(), item.text.trim()))
        }
        Fault::Lines => {
            let message = "ucd puts the user's name before the first line alone; sudo cannot read the others";
            (message.to_string(), "make each line an item of a list".to_string())
        }
        Fault::Other(what) => (
            format!("sudo cannot read {}: {what}", case.quote(item)),
            format!("the form is `HOSTS=(USERS) COMMANDS`; {good}"),
        ),
    };
    let finding = case.finding(&MALFORMED_SUDO_RULE, item.place, message).help(help);
    case.report(match fault {
        Fault::UserFirst(name, length) if *name == user.name() => match prefix(case, item, *length) {
            Some(span) => finding.edit(span, ""),
            None => finding,
        },
        _ => finding,
    });
}

/// The place of the first bytes of an item, where it stands as it is.
fn prefix(case: &Case<'_>, item: &Text<'_>, length: usize) -> Option<crate::source::Span> {
    let written = case.text().get(item.place.start as usize..item.place.end as usize)?;
    let start = item.place.start + u32::from(written.starts_with(['"', '\'']));
    let place = Place { start, end: start + length as u32 };
    let same = case.text().get(place.start as usize..place.end as usize) == item.text.get(..length);
    case.literal(place).filter(|_| same)
}

/// Reads an item as what stands behind the user in a rule of sudo (sudoers(5); contract U-20).
fn rule_of(item: &str) -> Result<(), Fault<'_>> {
    let item = item.trim();
    if matches!(item.to_ascii_lowercase().as_str(), "false" | "true" | "no" | "yes" | "none") {
        return Err(Fault::Truth);
    }
    let Some(equals) = item.find('=') else {
        return Err(Fault::Other("it says for which hosts, but not what, behind a `=`"));
    };
    let mut lines = item.split('\n');
    // A backslash at its end joins a line with the next.
    let unfinished = |line: &str| line.trim_end().ends_with('\\');
    while let Some(line) = lines.next() {
        if !unfinished(line) && lines.clone().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        {
            return Err(Fault::Lines);
        }
    }
    // `web1, web2` are hosts; `ada ALL` is a user and a host.
    let hosts = &item[..equals];
    if let Some(first) = hosts.split(',').map(str::trim).find(|host| host.contains(char::is_whitespace)) {
        let name = first.split_whitespace().next().unwrap_or_default();
        let length = item.find(first).unwrap_or_default() + first.find(char::is_whitespace).unwrap_or_default();
        let blanks = item[length..].len() - item[length..].trim_start().len();
        return Err(Fault::UserFirst(name, length + blanks));
    }
    if hosts.trim().is_empty() {
        return Err(Fault::Other("it does not say for which hosts"));
    }
    commands(&item[equals + 1..].replace("\\\n", " ")).map_err(Fault::Other)
}

fn commands(text: &str) -> Result<(), &'static str> {
    let mut rest = text.trim_start();
    if let Some(users) = rest.strip_prefix('(') {
        rest = &users[users.find(')').ok_or("a `(` is never closed")? + 1..];
    }
    // Behind a `:` stands the next list of hosts; what is written there, nobody has to guess.
    for command in split(rest) {
        let mut command = command.trim();
        while let Some((tag, behind)) = command.split_once(':').filter(|(tag, _)| TAGS.contains(&tag.trim())) {
            let _ = tag;
            command = behind.trim_start();
        }
        let command = command.trim_start_matches(['!', ' ']);
        let word = command.split_whitespace().next().unwrap_or_default();
        if word.is_empty() {
            return Err("a command is missing");
        }
        if TAGS.contains(&word) {
            return Err("a tag like `NOPASSWD` ends in a colon");
        }
        if word == "ALL" && command != "ALL" && !command[3..].trim_start().starts_with(['#', ':']) {
            return Err("nothing may stand behind `ALL`");
        }
        if word.ends_with(':') && word.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return Err("tags are written in capitals, like `NOPASSWD:`");
        }
        let option = word.contains('=') || word.starts_with("sha");
        let path = word.starts_with(['/', '^', '(', '"', '#']);
        let name = word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        if !option && !path && !name && !matches!(word, "sudoedit" | "list") {
            return Err("commands are given with their whole path");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Fault, rule_of};

    /// What visudo 1.9.13 makes of `ada ITEM`.
    #[test]
    fn items_are_rules_where_visudo_says_so() {
        for good in [
            "ALL=(ALL) NOPASSWD:ALL",
            "ALL=(ALL) ALL",
            "ALL=(ALL:ALL) NOPASSWD: /usr/bin/systemctl restart x, /bin/ls",
            "ALL = (root) /bin/ls",
            "ALL=NOPASSWD:ALL",
            "web1, web2 = (ALL) ALL",
            "ALL=ALL",
            "ALL=(ALL) NOPASSWD:SETENV: ALL",
            "ALL=(ALL) sudoedit /etc/x",
            "ALL=(ALL) /bin/ls : h=(x) ALL",
            "ALL=(ALL) !/bin/su, ALL",
            "ALL=(ALL)NOPASSWD:ALL",
            "ALL=(ALL) CMNDS",
            "ALL=(ALL) NOPASSWD: ALL # comment",
            "ALL = (ALL) CWD=* ALL",
            "!web=(ALL) ALL",
            "192.168.0.0/24=(ALL) ALL",
            "ALL=(ada) /bin/a\\,b",
            "ALL=(%wheel) ALL",
            "ALL=(ALL) NOPASSWD:ALL\n",
            "ALL=(ALL) /bin/ls, \\\n /bin/cat",
        ] {
            assert_eq!(rule_of(good), Ok(()), "{good}");
        }
        for bad in [
            "false",
            "ALL=(ALL) NOPASSWD ALL",
            "ALL=(ALL) nopasswd:ALL",
            "ALL=(ALL) NOPASSWD: systemctl restart x",
            "web1 web2 = ALL",
            "ALL=(ALL NOPASSWD:ALL",
            "ALL=",
            "ALL",
            "Defaults:ada !requiretty",
            "%wheel ALL=(ALL) ALL",
            "ALL=(ALL) ALL ALL",
            "all=(all) all",
            "ALL=(ALL) NOPASSWD:ALL,",
            "ALL=(ALL) ALL\nALL=(ALL) ALL",
        ] {
            assert!(rule_of(bad).is_err(), "{bad}");
        }
        assert_eq!(rule_of("ada  ALL=(ALL) ALL"), Err(Fault::UserFirst("ada", 5)));
    }
}
