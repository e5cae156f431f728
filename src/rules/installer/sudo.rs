//! Users who may become root.

use super::user::has_sudo;
use crate::diag::{Sink, rule};
use crate::facts::Brings;
use crate::rules::setup::{Setup, head};

rule! {
    /// ## What it does
    /// More than one user with `sudo: true`.
    ///
    /// ## Why it matters
    /// For each of them the installer appends a line for root to `/etc/shadow`, without a line break (contract I-81). The
    /// second is glued to the first, and what root's password is then depends on who reads the file.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, sudo: true, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }
    ///     - { name: bob, sudo: true, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c bob }   # <-
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
    ///     - { name: bob, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c bob }
    /// ```
    SEVERAL_SUDO_USERS, several_sudo_users: "several-sudo-users", Installer, Warn;
}

rule! {
    /// ## What it does
    /// A user who may become root, on machines without a bundle that brings `sudo`.
    ///
    /// ## Why it matters
    /// The installer puts the user into the group `wheel` and does not look whether that worked (contract I-81). Without
    /// `sudo` it did nothing, root is locked, and nobody on the machine can become root.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, openssh-server, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, sudo: true, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, openssh-server, sysadmin-basic, systemd-networkd-autostart]
    ///   users:
    ///     - { name: ada, sudo: true, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada }
    /// ```
    SUDO_WITHOUT_BUNDLE, sudo_without_bundle: "sudo-without-bundle", Installer, Error;
}

/// Users who may become root, beside the first.
pub(super) fn several(setup: &Setup<'_>, sink: &Sink) {
    let mut sudoers = setup.settings.users().iter().filter(|user| has_sudo(user));
    let Some(first) = sudoers.next() else { return };
    for user in sudoers {
        let message = format!(
            "user `{}` is not the first with `sudo`; the installer garbles `/etc/shadow` for two",
            user.name.as_str()
        );
        let finding = SEVERAL_SUDO_USERS.at(user.name.span, message).and(first.name.span, "the first");
        sink.report(finding.help("create one with `sudo` here, and the others in the role"));
    }
}

/// What users who may become root need to be installed.
pub(in crate::rules) fn software(setup: &Setup<'_>, sink: &Sink) {
    let Some(user) = setup.settings.users().iter().find(|user| has_sudo(user)) else { return };
    let Some(bundles) = setup.lacks(Brings::SUDO) else { return };
    let message = format!("user `{}` may become root, and no bundle brings `sudo`", user.name.as_str());
    let finding = SUDO_WITHOUT_BUNDLE.at(user.name.span, message).and(head(bundles), "these bundles");
    sink.report(setup.blame(finding).help("add the bundle `sysadmin-basic`, or `os-cloudguest`"));
}
