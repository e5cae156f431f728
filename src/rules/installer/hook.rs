//! Hooks.

use crate::diag::{Sink, rule};
use crate::rules::setup::Setup;

rule! {
    /// ## What it does
    /// Shell syntax in a command of `post_chroot`.
    ///
    /// ## Why it matters
    /// The installer splits these commands at blanks and runs them without a shell: `>`, `|` and `&&` are arguments like
    /// any other, and `$HOME` stays as it is. `echo` then says what it should have written, and the installation goes on.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   hooks:
    ///     post_chroot: [echo UTC > /etc/timezone]   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   hooks:
    ///     post_chroot_shell: [echo UTC > /etc/timezone]
    /// ```
    SHELL_SYNTAX_IN_COMMAND, shell_syntax_in_command: "shell-syntax-in-command", Installer, Error;
}

/// The first word of a command that only a shell understands. What stands in quotes is an argument of some program's.
fn shell_word(command: &str) -> Option<&str> {
    let special = |word: &&str| {
        let redirect = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '&');
        matches!(*word, "&&" | "||" | "|" | ";" | "&")
            || redirect.starts_with(['>', '<'])
            || word.ends_with(';')
            || word.starts_with("$(")
    };
    let plain = !command.contains(['\'', '"', '\\']);
    command.split_ascii_whitespace().find(special).filter(|_| plain)
}

/// Commands that are run without a shell.
pub(super) fn commands(setup: &Setup<'_>, sink: &Sink) {
    let Some(commands) = setup.settings.hooks.post_chroot.get() else { return };
    for command in commands.value.iter() {
        if let Some(word) = shell_word(&command.value.0) {
            let message = format!("`post_chroot` runs without a shell, so `{word}` is an argument like any other");
            sink.report(
                SHELL_SYNTAX_IN_COMMAND.at(command.span, message).help("move the command to `post_chroot_shell`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn what_only_a_shell_understands() {
        for (command, word) in
            [("a && b", "&&"), ("a >b", ">b"), ("a 2>&1", "2>&1"), ("a; b", "a;"), ("a $(b)", "$(b)")]
        {
            assert_eq!(shell_word(command), Some(word));
        }
        for command in ["systemctl enable x", "sh -c 'a && b'", "grep -e \"|\" f", "touch /etc/x", "date +%s"] {
            assert_eq!(shell_word(command), None, "{command}");
        }
    }
}
