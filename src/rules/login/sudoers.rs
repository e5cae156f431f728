//! Rules of sudo, as far as they decide whether a user becomes root without a password (sudoers(5)).

/// Options and tags that may stand before a command.
pub(in crate::rules) const TAGS: &[&str] = &[
    "EXEC",
    "NOEXEC",
    "FOLLOW",
    "NOFOLLOW",
    "LOG_INPUT",
    "NOLOG_INPUT",
    "LOG_OUTPUT",
    "NOLOG_OUTPUT",
    "MAIL",
    "NOMAIL",
    "INTERCEPT",
    "NOINTERCEPT",
    "PASSWD",
    "NOPASSWD",
    "SETENV",
    "NOSETENV",
];

/// What the rules for a user come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Right {
    /// The user may not run every command as root.
    #[default]
    None,
    /// The user may, and is asked for a password.
    Asks,
    /// The user may, and is not asked.
    Free,
}

/// The shells that Ansible runs as root, each command of it in one (its `become` runs `sudo … /bin/sh -c …`).
const SHELLS: &[&str] = &["/bin/sh", "/usr/bin/sh"];

impl Right {
    /// What it comes to with one more rule, which is what stands behind the user: `ALL=(ALL) NOPASSWD:ALL`. The last rule
    /// that fits a command decides.
    pub(super) fn with(mut self, rule: &str) -> Right {
        let rule = without_comment(&rule.replace("\\\n", " ")).to_string();
        let Some((hosts, commands)) = rule.split_once('=') else { return self };
        // A rule for some hosts may not be for this one.
        if !hosts.split(',').any(|host| host.trim() == "ALL") || hosts.contains('!') {
            return self;
        }
        let (mut as_root, mut free) = (true, false);
        for command in split(commands) {
            let mut command = command.trim();
            if let Some((users, rest)) = command.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
                as_root = means_root(users);
                command = rest.trim_start();
            }
            command = tagged(command, &mut free);
            if as_root {
                self = self.after(command, free);
            }
        }
        self
    }

    /// What it comes to with one more command.
    fn after(self, command: &str, free: bool) -> Right {
        let may = command.bytes().take_while(|byte| matches!(byte, b'!' | b' ')).filter(|byte| *byte == b'!').count()
            % 2
            == 0;
        let command = command.trim_start_matches(['!', ' ']);
        // Behind a `:` begins a rule for other hosts.
        let word = command.split([' ', '\t', ':', '#']).next().unwrap_or_default();
        match (word, may) {
            ("ALL", true) if free => Right::Free,
            ("ALL", true) => Right::Asks,
            ("ALL", false) => Right::None,
            (shell, false) if SHELLS.contains(&shell) => Right::None,
            (shell, true) if SHELLS.contains(&shell) && !free && self == Right::Free => Right::Asks,
            _ => self,
        }
    }
}

/// Takes options and tags away from the head of a command. Tags hold for the commands behind it, too.
fn tagged<'t>(command: &'t str, free: &mut bool) -> &'t str {
    let mut rest = command;
    loop {
        if let Some((tag, behind)) = rest.split_once(':').filter(|(tag, _)| TAGS.contains(&tag.trim())) {
            match tag.trim() {
                "NOPASSWD" => *free = true,
                "PASSWD" => *free = false,
                _ => {}
            }
            rest = behind.trim_start();
            continue;
        }
        let (word, behind) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        let option = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        });
        if !option {
            return rest;
        }
        rest = behind.trim_start();
    }
}

/// Whether a list of users, before the `:` of groups, has root in it.
fn means_root(users: &str) -> bool {
    let users = users.split(':').next().unwrap_or_default();
    !users.contains('!') && users.split(',').any(|user| matches!(user.trim(), "ALL" | "root" | "#0"))
}

/// A line without its comment. A `#` before a digit begins a number.
fn without_comment(line: &str) -> &str {
    let comment = |(at, _): &(usize, &str)| {
        let behind = &line[at + 1..];
        line[..*at].ends_with([' ', '\t']) && !behind.starts_with(|c: char| c.is_ascii_digit())
    };
    line.match_indices('#').find(comment).map_or(line, |(at, _)| &line[..at])
}

/// The commands between commas that stand for themselves.
pub(in crate::rules) fn split(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut escaped, mut quoted, mut depth) = (0, false, false, 0);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    found
}

/// A line of a file of rules: for whom it is, and what stands behind that; none for what is no rule for users.
pub(super) fn line(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', '@']) || line.starts_with("Defaults") {
        return None;
    }
    // `ada, bob ALL=…`: the first blank that no comma stands beside.
    let blank = line.match_indices([' ', '\t']).map(|(at, _)| at).find(|at| {
        let (before, behind) = (line[..*at].trim_end(), line[*at..].trim_start());
        !before.ends_with(',') && !behind.starts_with(',')
    })?;
    let (users, rule) = line.split_at(blank);
    let alias = ["User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias"].contains(&users);
    (!alias && !users.contains('!')).then_some((users, rule.trim_start()))
}

/// Whether a list of users has one who is in these groups.
pub(super) fn concerns(users: &str, name: &str, groups: &[&str]) -> bool {
    users.split(',').map(str::trim).any(|user| match user.strip_prefix('%') {
        Some(group) => groups.contains(&group),
        None => user == "ALL" || user == name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(rules: &[&str]) -> Right {
        rules.iter().fold(Right::None, |right, rule| right.with(rule))
    }

    /// As `sudo -n -l` of sudo 1.9.13 has it.
    #[test]
    fn the_last_rule_that_fits_decides() {
        for free in [
            &["ALL=(ALL) NOPASSWD:ALL"][..],
            &["ALL=(ALL:ALL) NOPASSWD: ALL"],
            &["ALL=NOPASSWD:ALL"],
            &["ALL = (root) NOPASSWD: SETENV: ALL # for Ansible"],
            &["web1, ALL=(ada, root) CWD=* NOPASSWD: ALL"],
            &["ALL=(ALL) ALL", "ALL=(ALL) NOPASSWD:ALL"],
            &["ALL=(ALL) NOPASSWD: /bin/ls, ALL"],
            &["ALL=(ALL) NOPASSWD: ALL, !/bin/su"],
            &["ALL=(ALL) NOPASSWD: ALL", "ALL=(ada) ALL"],
            &["ALL=(ALL) NOPASSWD: ALL", "web1=(ALL) ALL"],
            &["ALL=(#0) NOPASSWD: ALL : web1=(ALL) ALL"],
            &["ALL=(ALL) NOPASSWD: \\\n ALL"],
        ] {
            assert_eq!(right(free), Right::Free, "{free:?}");
        }
        for asks in [
            &["ALL=(ALL) ALL"][..],
            &["ALL=(ALL) PASSWD: ALL"],
            &["ALL=(ALL) NOPASSWD:ALL", "ALL=(ALL) ALL"],
            &["ALL=(ALL) NOPASSWD: /bin/ls, PASSWD: ALL"],
            &["ALL=(ALL) NOPASSWD: ALL, PASSWD: /bin/sh"],
        ] {
            assert_eq!(right(asks), Right::Asks, "{asks:?}");
        }
        for none in [
            &[][..],
            &["ALL=(ALL) NOPASSWD: /usr/bin/systemctl restart x"],
            &["web1=(ALL) NOPASSWD: ALL"],
            &["ALL, !web1=(ALL) NOPASSWD: ALL"],
            &["ALL=(ada) NOPASSWD: ALL"],
            &["ALL=(:wheel) NOPASSWD: ALL"],
            &["ALL=(ALL, !root) NOPASSWD: ALL"],
            &["ALL=(ALL) NOPASSWD: ALL, !ALL"],
            &["ALL=(ALL) NOPASSWD: ALL, !/bin/sh"],
            &["ALL=(ALL) NOPASSWD: ADMIN"],
            &["nonsense"],
        ] {
            assert_eq!(right(none), Right::None, "{none:?}");
        }
    }

    #[test]
    fn lines_say_whom_they_are_for() {
        assert_eq!(line("ada ALL=(ALL) ALL"), Some(("ada", "ALL=(ALL) ALL")));
        assert_eq!(line("%wheel\tALL=(ALL) ALL"), Some(("%wheel", "ALL=(ALL) ALL")));
        assert_eq!(line("ada, %ops  ALL = ALL"), Some(("ada, %ops", "ALL = ALL")));
        for no in [
            "",
            "# ada ALL=ALL",
            "Defaults !requiretty",
            "@includedir /etc",
            "User_Alias OPS = ada",
            "ALL, !ada ALL=ALL",
        ] {
            assert_eq!(line(no), None, "{no}");
        }
        assert!(
            concerns("ada, %ops", "bob", &["ops"]) && concerns("ALL", "bob", &[]) && !concerns("ada", "bob", &["ada"])
        );
    }
}
