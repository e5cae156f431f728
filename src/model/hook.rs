//! Commands that the installer runs.

use std::sync::Arc;

use super::text::{FromText, made_of, text_schema};
use crate::diag::{Fault, rule};

rule! {
    /// ## What it does
    /// A hook that the installer cannot run as it is written.
    ///
    /// ## Why it matters
    /// `post_nonchroot` names files of the installer's own system, without arguments: anything else stops the installer
    /// (contract I-44). A command that ends in `&` keeps the installer waiting for ever (I-85): it waits for the end of
    /// the output.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   hooks:
    ///     post_chroot_shell: ["ssh-keygen -A &"]   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   hooks:
    ///     post_chroot_shell: [ssh-keygen -A]
    /// ```
    pub MALFORMED_HOOK, malformed_hook: "malformed-hook", Installer, Error, fixed;
}

/// A shell command that the installer runs (contract I-85).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Command(pub Arc<str>);

impl FromText for Command {
    fn from_text(text: &str) -> Result<Command, Fault> {
        if text.trim().is_empty() || text.contains('\0') {
            return Err(MALFORMED_HOOK.fault("a hook is empty").help("remove it"));
        }
        let plain = text.trim_end();
        if plain.ends_with('&') && !plain.ends_with("&&") {
            let fault = MALFORMED_HOOK.fault("a hook that ends in `&` keeps the installer waiting for ever");
            return Err(fault.help("run it in the foreground, or as a service of the new system"));
        }
        Ok(Command(text.into()))
    }
}

text_schema!(Command, "command", "shell command that the installer runs", "type": "string", "minLength": 1);

/// A program in the installer's own system, run without arguments (contract I-44, I-86).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Program(pub Arc<str>);

impl FromText for Program {
    fn from_text(text: &str) -> Result<Program, Fault> {
        let clean = text.starts_with('/') && made_of(text, "/._+-") && !text.ends_with('/');
        if !clean || text.split('/').any(|part| part == "..") {
            let fault = MALFORMED_HOOK.fault(format!("`{text}` is no program in the installer's system"));
            return Err(fault.help("an absolute path without arguments; for a command, use `post_nonchroot_shell`"));
        }
        Ok(Program(text.into()))
    }
}

text_schema!(Program, "program", "absolute path of a program in the installer's system", "type": "string", "pattern": "^/[A-Za-z0-9/._+-]*[A-Za-z0-9._+-]$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_end() {
        // contract I-85, I-44
        for bad in ["", "  ", "daemon &", "daemon & "] {
            assert!(Command::from_text(bad).is_err(), "{bad}");
        }
        assert!(Command::from_text("true && sync").is_ok());
        for bad in ["x", "/bin/x -a", "/bin/", "/a/../b"] {
            assert!(Program::from_text(bad).is_err(), "{bad}");
        }
    }
}
