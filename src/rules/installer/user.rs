//! Users: whether they can log in, and whether they are who they are to be.

use std::collections::HashMap;

use crate::diag::{Sink, rule};
use crate::facts::Brings;
use crate::model::User;
use crate::rules::setup::{Setup, head};
use crate::source::Span;

rule! {
    /// ## What it does
    /// Two users of one list with one name or one number.
    ///
    /// ## Why it matters
    /// The installer rejects the template before it touches a disk (contract I-41).
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, uid: 1500, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }
    ///     - { name: bob, uid: 1500, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c bob }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, uid: 1500, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }
    ///     - { name: bob, uid: 1501, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c bob }
    /// ```
    DUPLICATE_USER, duplicate_user: "duplicate-user", Installer, Error, fixed;
}

rule! {
    /// ## What it does
    /// A user who may become root and has neither a key nor a password.
    ///
    /// ## Why it matters
    /// The installer rejects the template before it touches a disk (contract I-41).
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, sudo: true }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, sudo: true, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }
    /// ```
    SUDO_WITHOUT_LOGIN, sudo_without_login: "sudo-without-login", Installer, Error, fixed;
}

rule! {
    /// ## What it does
    /// A user without `password_hash`, for machines whose installer is older than 67.
    ///
    /// ## Why it matters
    /// Up to version 66 the installer gives such a user an empty password (contract I-77), with an SSH key or without:
    /// anyone at the console logs in as this user. From 67 on the account is locked for passwords.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 66 }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 67 }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }
    /// ```
    EMPTY_PASSWORD, empty_password: "empty-password", Installer, Error;
}

rule! {
    /// ## What it does
    /// A user without a key and without a password.
    ///
    /// ## Why it matters
    /// From version 67 on the installer leaves the account locked (contract I-77): nobody can log in as this user. That
    /// suits an account that only owns files; more often a line was forgotten.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, full_name: Ada of Operations }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, full_name: Ada of Operations, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }
    /// ```
    USER_WITHOUT_LOGIN, user_without_login: "user-without-login", Installer, Warn;
}

rule! {
    /// ## What it does
    /// A user with an SSH key and no password, on machines without a bundle that brings an SSH server.
    ///
    /// ## Why it matters
    /// The key is the only way in, and nothing listens for it: nobody can log in as this user.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-core-update, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-core-update, openssh-server, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }
    /// ```
    KEY_WITHOUT_SSHD, key_without_sshd: "ssh-key-without-server", Installer, Warn;
}

rule! {
    /// ## What it does
    /// A user number outside 1000 to 60000.
    ///
    /// ## Why it matters
    /// Numbers below are those of the system's own users: if one of them has it, the user cannot be created, and the
    /// installer fails after the disk is written. Those above, systemd takes for itself.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, uid: 100, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, uid: 1500, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }
    /// ```
    UID_OUT_OF_RANGE, uid_out_of_range: "uid-out-of-range", Installer, Warn;
}

/// The numbers that `useradd` gives to users.
const UIDS: std::ops::RangeInclusive<u32> = 1000..=60000;

/// The first installer that locks accounts without a password (contract I-77).
const LOCKS: u32 = 67;

/// Whether a user may become root.
pub(super) fn has_sudo(user: &User) -> bool {
    user.sudo.is_some_and(|sudo| sudo.value)
}

fn has_login(user: &User) -> bool {
    user.ssh_key.is_some() || user.password_hash.is_some()
}

/// Names and numbers that two users have.
pub(super) fn names(setup: &Setup<'_>, sink: &Sink) {
    let mut names: HashMap<&str, Span> = HashMap::new();
    let mut uids: HashMap<u32, Span> = HashMap::new();
    for user in setup.settings.users() {
        let name = user.name.as_str();
        if let Some(first) = names.insert(name, user.name.span) {
            let finding =
                DUPLICATE_USER.at(user.name.span, format!("two users are called `{name}`")).label("again here");
            sink.report(finding.and(first, "first here").help("make them one"));
            continue;
        }
        let Some(uid) = user.uid else { continue };
        if let Some(first) = uids.insert(uid.value.0, uid.span) {
            let finding =
                DUPLICATE_USER.at(uid.span, format!("two users have the number {}", uid.value.0)).label("again here");
            sink.report(finding.and(first, "first here").help("give each its own number"));
        }
    }
}

/// Users who cannot log in.
pub(super) fn logins(setup: &Setup<'_>, sink: &Sink) {
    let locks = setup.ister().is_none_or(|version| version.value.0 >= LOCKS);
    for user in setup.settings.users().iter().filter(|user| !has_login(user)) {
        let name = user.name.as_str();
        if let Some(sudo) = user.sudo.filter(|sudo| sudo.value) {
            let message = format!(
                "user `{name}` may become root and has neither a key nor a password; the installer stops at that"
            );
            let finding = SUDO_WITHOUT_LOGIN.at(user.name.span, message).and(sudo.span, "may become root");
            sink.report(finding.help("add `ssh_key` or `password_hash`"));
        } else if locks {
            let message = format!("nobody can log in as user `{name}`: there is neither a key nor a password");
            sink.report(USER_WITHOUT_LOGIN.at(user.name.span, message).help("add `ssh_key` or `password_hash`"));
        }
    }
}

/// Users whom the installer would give an empty password.
pub(super) fn passwords(setup: &Setup<'_>, sink: &Sink) {
    let Some(version) = setup.ister().filter(|version| version.value.0 < LOCKS) else { return };
    // The others are stopped before they get a password.
    let created = |user: &&User| has_login(user) || !has_sudo(user);
    for user in setup.settings.users().iter().filter(|user| user.password_hash.is_none()).filter(created) {
        let message = format!("ister {} gives user `{}` an empty password", version.value.0, user.name.as_str());
        let finding = EMPTY_PASSWORD.at(user.name.span, message).and(version.span, "the installer of its release");
        sink.report(
            finding.help(format!("add `password_hash`, made with `openssl passwd -6`, or install with ister {LOCKS}")),
        );
    }
}

/// Numbers that users should not have.
pub(super) fn uids(setup: &Setup<'_>, sink: &Sink) {
    for user in setup.settings.users() {
        if let Some(uid) = user.uid.filter(|uid| !UIDS.contains(&uid.value.0)) {
            let message = format!(
                "the number {} of user `{}` may belong to a user of the system",
                uid.value.0,
                user.name.as_str()
            );
            sink.report(UID_OUT_OF_RANGE.at(uid.span, message).help("a number from 1000 to 60000"));
        }
    }
}

/// What users who log in by key alone need to be installed.
pub(in crate::rules) fn software(setup: &Setup<'_>, sink: &Sink) {
    let by_key = |user: &&User| user.ssh_key.is_some() && user.password_hash.is_none();
    let Some(user) = setup.settings.users().iter().find(by_key) else { return };
    let Some(bundles) = setup.lacks(Brings::SSHD) else { return };
    let message = format!("user `{}` has only an SSH key, and no bundle brings an SSH server", user.name.as_str());
    let finding = KEY_WITHOUT_SSHD.at(user.name.span, message).and(head(bundles), "these bundles");
    sink.report(setup.blame(finding).help("add the bundle `openssh-server`"));
}
