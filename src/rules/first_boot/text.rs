//! What becomes of a value on its way through ucd's shell.

use super::case::{Case, short};
use super::read::{Place, Text};
use crate::diag::rule;
use crate::yaml::Kind;

rule! {
    /// ## What it does
    /// A line break, a tab or a character that is not ASCII in what ucd hands to the shell: commands, and names of users,
    /// groups, units, bundles and hosts.
    ///
    /// ## Why it matters
    /// ucd escapes each command before the shell gets it (contract U-14): a line break becomes the letter `n`, a tab `t`,
    /// each byte of an accented letter three digits. `echo one`, a line break, `echo two` runs `echo onenecho two`; even the
    /// last line break of a block scalar sticks to the last word as an `n`. The content of a file is not concerned.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// fbootcmd:
    ///   - |   # <-
    ///     mkdir /srv/data
    ///     chmod 0700 /srv/data
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
    MANGLED_TEXT, mangled_text: "mangled-text", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A single quote in a value that ucd puts between single quotes.
    ///
    /// ## Why it matters
    /// ucd writes names, full names, home folders, groups and password hashes into a shell command between single quotes,
    /// and does not look for one inside (contract U-15): the command is broken, and the user is not created.
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
    ///     gecos: Ada O'Brien   # <-
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
    ///     gecos: Ada OBrien
    /// ```
    QUOTE_IN_ROLE_VALUE, quote_in_role_value: "quote-in-role-value", FirstBoot, Error, fixed;
}

/// Whether the shell gets a text as it stands.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// What the shell makes of a text that stands outside of quotes (contract U-14).
pub(super) fn as_shell_sees(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' => seen.push(char::from(byte)),
            b'\n' => seen.push('n'),
            b'\t' => seen.push('t'),
            b'\r' => seen.push('r'),
            _ => seen.push_str(&format!("{byte:03o}")),
        }
    }
    seen
}

/// Whether a text of `key` reaches the shell as it stands; reports it otherwise.
pub(super) fn whole(case: &Case<'_>, key: &str, text: &Text<'_>) -> bool {
    if is_plain(text.text) {
        return true;
    }
    let ends = text.text.trim_end_matches('\n');
    let at_end = is_plain(ends);
    let what = match text.text.chars().find(|c| !(' '..='~').contains(c)) {
        Some('\n') if at_end => "the line break at the end of this text becomes an `n`".to_string(),
        Some('\n') => "the shell gets each line break of this text as the letter `n`".to_string(),
        Some('\t') => "the shell gets each tab of this text as the letter `t`".to_string(),
        Some(c) if c.is_control() => format!("the shell gets the character U+{:04X} as digits", c as u32),
        // The letter may come from a host's own value: it stands in the source, not in the message.
        _ => "the shell gets letters that are not ASCII as digits".to_string(),
    };
    let finding = case.finding(&MANGLED_TEXT, first_line(case, text), format!("in `{key}`, {what}"));
    let seen = as_shell_sees(text.text);
    let seen = if key == "passwd" { String::new() } else { format!("the shell would get {}; ", short(&seen)) };
    let bare = sign(case, text).filter(|sign| sign.end == sign.start + 1);
    let (advice, chomp) = match at_end {
        true if text.kind == Kind::Block => ("write `|-` or `>-`, which drop it, or quote the text", bare),
        true => ("take the `\\n` away", None),
        false if text.text.contains('\n') => {
            ("join the lines with ` && `, or run a script that `write_files` writes", None)
        }
        false => ("write ASCII", None),
    };
    let finding = finding.help(format!("{seen}{advice}"));
    case.report(match chomp {
        Some(sign) => case.edited(finding, sign, if starts_with(case, sign, '|') { "|-" } else { ">-" }),
        None => finding,
    });
    false
}

/// Whether a value that goes between single quotes reaches its program as it stands; reports it otherwise.
pub(super) fn quoted(case: &Case<'_>, key: &str, text: &Text<'_>) -> bool {
    if !whole(case, key, text) {
        return false;
    }
    if text.text.contains('\'') {
        let message = format!("ucd puts `{key}` between single quotes, and the one in it ends them");
        case.at(&QUOTE_IN_ROLE_VALUE, text.place, message, "write it without the quote");
        return false;
    }
    true
}

/// The place of a text, of a block its sign alone.
pub(super) fn first_line(case: &Case<'_>, text: &Text<'_>) -> Place {
    if let Some(sign) = sign(case, text) {
        return sign;
    }
    let start = text.place.start as usize;
    let written = case.text().get(start..text.place.end as usize).unwrap_or_default();
    let length = written.find('\n').unwrap_or(written.len()).max(1);
    Place { start: text.place.start, end: text.place.start + length as u32 }
}

/// Whether a place begins with a character.
pub(super) fn starts_with(case: &Case<'_>, place: Place, c: char) -> bool {
    case.text().get(place.start as usize..).is_some_and(|text| text.starts_with(c))
}

/// The sign that begins a block, like `|` or `>-`, on the line above its first.
pub(super) fn sign(case: &Case<'_>, text: &Text<'_>) -> Option<Place> {
    let before = case.text().get(..text.place.start as usize).filter(|_| text.kind == Kind::Block)?;
    let head = &before[..before.trim_end_matches(' ').len()];
    let line = head.trim_end().rsplit('\n').next()?;
    let sign = line.split(" #").next()?.trim_end();
    let length = sign.len() - sign.trim_end_matches(['+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']).len() + 1;
    let start = (head.trim_end().len() - line.len() + sign.len()).checked_sub(length)?;
    let place = Place { start: start as u32, end: (start + length) as u32 };
    case.text().get(start..)?.starts_with(['|', '>']).then_some(place)
}
