//! Users of the installed system.

use std::fmt;
use std::sync::Arc;

use super::text::{FromText, made_of, text_schema};
use crate::diag::{Fault, rule};

rule! {
    /// ## What it does
    /// A user name that the installer cannot create: malformed, or the name of a group that every system has.
    ///
    /// ## Why it matters
    /// The installer takes "the group exists" for "the user exists", and then fails after the disk is written, or
    /// leaves the user out in silence (contract I-78). A blank in the name makes arguments of the rest (I-76).
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - name: wheel   # <-
    ///       ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - name: ada
    ///       ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada
    /// ```
    pub MALFORMED_USER_NAME, malformed_user_name: "malformed-user-name", Installer, Error, fixed;
}

rule! {
    /// ## What it does
    /// A full name with characters that the installer's command line or `/etc/passwd` would misread.
    ///
    /// ## Why it matters
    /// The installer writes the `useradd` command as text and splits it like a shell (contract I-76): a quote in a name
    /// stops it after the disk is written.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - name: ada
    ///       full_name: Ada O'Brien   # <-
    ///       ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - name: ada
    ///       full_name: Ada OBrien
    ///       ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada
    /// ```
    pub MALFORMED_FULL_NAME, malformed_full_name: "malformed-full-name", Installer, Error, fixed;
}

rule! {
    /// ## What it does
    /// A password hash that is empty, is a plain password, or has characters that no hash has.
    ///
    /// ## Why it matters
    /// An empty one is an account without a password, open to everyone (contract I-77). A plain password never lets
    /// anyone in, and stands readable in the tree. A quote breaks the installer's command (I-76).
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, password_hash: "correct horse" }   # <-
    /// ```
    ///
    /// ## Instead
    /// Make the hash with `openssl passwd -6`:
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     # fleetc: allow(served-password-hash) for the console, and long enough
    ///     - { name: ada, password_hash: "$6$Yk1fJ8tS$3zXq0cL2bYp8VwHn5mKd7gRs9uTa4eJx6iOv1lQf2yWc0Zb3hMn8DpEk5rGt7UoAs4jIx9vLq6mHw1fBz2cN0/" }
    /// ```
    pub MALFORMED_PASSWORD_HASH, malformed_password_hash: "malformed-password-hash", Installer, Error, fixed;
}

/// Users and groups that the base system has, so that no user of the fleet can have the name (contract I-78).
const SYSTEM_NAMES: &[&str] = &[
    "adm",
    "audio",
    "bin",
    "cdrom",
    "clear",
    "daemon",
    "dbus",
    "dialout",
    "disk",
    "floppy",
    "ftp",
    "games",
    "input",
    "kmem",
    "kvm",
    "lock",
    "lp",
    "mail",
    "man",
    "messagebus",
    "mem",
    "news",
    "nobody",
    "nogroup",
    "operator",
    "polkitd",
    "proc",
    "render",
    "root",
    "shadow",
    "shutdown",
    "sshd",
    "sudo",
    "sync",
    "sys",
    "systemd-bus-proxy",
    "systemd-coredump",
    "systemd-journal",
    "systemd-journal-gateway",
    "systemd-journal-remote",
    "systemd-journal-upload",
    "systemd-network",
    "systemd-resolve",
    "systemd-timesync",
    "tape",
    "telemetry",
    "tty",
    "users",
    "utmp",
    "uucp",
    "video",
    "wheel",
];

/// Whether the base system has a group of this name (contract I-78). `clear` is none that a fleet's machine has (U-1).
pub fn is_system_group(name: &str) -> bool {
    name != "clear" && SYSTEM_NAMES.contains(&name)
}

/// The login name of a user (contract I-76, I-78).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName(Arc<str>);

impl UserName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromText for UserName {
    fn from_text(text: &str) -> Result<UserName, Fault> {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if !text.chars().all(good) || !text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') || text.len() > 31
        {
            let fault = MALFORMED_USER_NAME.fault(format!("`{text}` is no user name"));
            return Err(
                fault.help("lower-case letters, digits, `_` and `-`, beginning with a letter or `_`, 31 at most")
            );
        }
        if SYSTEM_NAMES.contains(&text) {
            let fault = MALFORMED_USER_NAME.fault(format!("`{text}` is a user or group of the base system"));
            return Err(fault.help(
                "choose another name; the installer would fail once the disk is written, or leave the user out",
            ));
        }
        Ok(UserName(text.into()))
    }
}

text_schema!(UserName, "user name", "login name", "type": "string", "pattern": "^[a-z_][a-z0-9_-]{0,30}$");

/// The full name of a user (contract I-76).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FullName(pub Arc<str>);

impl FromText for FullName {
    fn from_text(text: &str) -> Result<FullName, Fault> {
        if !made_of(text, " .,()@+_/-") || text.trim() != text {
            let fault = MALFORMED_FULL_NAME
                .fault(format!("the full name `{text}` would not survive the installer's command line"));
            return Err(fault.help("ASCII letters, digits, blanks and `.,()@+_/-`"));
        }
        Ok(FullName(text.into()))
    }
}

text_schema!(FullName, "full name", "full name of a user", "type": "string", "pattern": "^[A-Za-z0-9.,()@+_/-]+( +[A-Za-z0-9.,()@+_/-]+)*$");

/// A password as `crypt` hashes it (contract I-76, I-77). It is never shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PasswordHash(pub Arc<str>);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}

impl FromText for PasswordHash {
    fn from_text(text: &str) -> Result<PasswordHash, Fault> {
        let fault = |what: &str, help: &str| Err(MALFORMED_PASSWORD_HASH.fault(what).help(help));
        if text.is_empty() {
            return fault(
                "an empty password hash is an account without a password",
                "remove it; the account stays locked for passwords",
            );
        }
        if !made_of(text, "./$=,_-") {
            return fault("this is no password hash", "make one with `openssl passwd -6`");
        }
        let parts: Vec<&str> = text.split('$').collect();
        let hashed = parts.len() >= 4 && parts[0].is_empty() && parts[1..].iter().all(|part| !part.is_empty());
        if !hashed || parts[parts.len() - 1].len() < 20 {
            return fault("this is no password hash of the form `$id$salt$hash`", "make one with `openssl passwd -6`");
        }
        Ok(PasswordHash(text.into()))
    }
}

text_schema!(PasswordHash, "password hash", "password as crypt hashes it, $id$salt$hash",
    "type": "string", "pattern": "^\\$[A-Za-z0-9./=,_-]+(\\$[A-Za-z0-9./=,_-]+)*\\$[A-Za-z0-9./=,_-]{20,}$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_hashes() {
        // contract I-76, I-77
        assert!(PasswordHash::from_text("$6$salt$0123456789012345678901234567890123456789").is_ok());
        for bad in ["", "secret", "$6$salt", "$6$salt$it's0123456789012345678901", "!"] {
            assert!(PasswordHash::from_text(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_that_useradd_would_trip_over() {
        // contract I-76, I-78
        for bad in ["wheel", "users", "root", "Ada", "a b", "1a", "", "ä", &"a".repeat(32)] {
            assert!(UserName::from_text(bad).is_err(), "{bad}");
        }
        assert!(UserName::from_text("_svc-1").is_ok());
        for bad in ["O'Brien", "a:b", "a\\b", "Ünal", " a"] {
            assert!(FullName::from_text(bad).is_err(), "{bad}");
        }
    }
}
