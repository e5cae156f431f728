//! What the server hands to anybody who asks: the tree has no passwords of its own.

use super::setup::Setup;
use crate::diag::{Diagnostic, Rule, Sink, rule};
use crate::model::Fleet;
use crate::secret::{Kind, find};
use crate::source::Span;

rule! {
    /// ## What it does
    /// A hashed password in what the server hands out: the installer's template, a hook, or a role text.
    ///
    /// ## Why it matters
    /// Anybody who reaches the server can read it, without a password, and try words against it at home. In a role text it
    /// stays on the machine, too, in a file that every user can read (contract I-22). A public key gives nothing away.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute:
    ///     users:
    ///       - name: ada
    ///         sudo: true
    ///         password_hash: "$6$nacl$0123456789abcdefghijklmnopqrstuvwxyz"   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute:
    ///     users:
    ///       - name: ada
    ///         sudo: true
    ///         ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada
    /// ```
    SERVED_PASSWORD_HASH, served_password_hash: "served-password-hash", Secrets, Warn;
}

rule! {
    /// ## What it does
    /// The passphrase of an encrypted partition.
    ///
    /// ## Why it matters
    /// It stands in the installer's template, which anybody who reaches the server can read, and travels without encryption
    /// (contract I-63). Whoever has it opens the disk, unless it is changed on the machine after the installation.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, filesystem: ext4, mount: /data, encryption: { name: data, passphrase: open sesame } }   # <-
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   hooks: { post_chroot_shell: ["echo data /dev/sda3 none > /etc/crypttab"] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         # fleetc: allow(served-passphrase) it is changed by hand when the machine is up
    ///         - { size: rest, filesystem: ext4, mount: /data, encryption: { name: data, passphrase: open sesame } }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   hooks: { post_chroot_shell: ["echo data /dev/sda3 none > /etc/crypttab"] }
    /// ```
    SERVED_PASSPHRASE, served_passphrase: "served-passphrase", Secrets, Warn;
}

rule! {
    /// ## What it does
    /// A private key in a role text or a hook.
    ///
    /// ## Why it matters
    /// Anybody who reaches the server can read it and be what it proves to be. On the machine it stays in a file that every
    /// user can read (contract I-22).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #!/bin/sh
    /// cat > /root/key <<END
    /// -----BEGIN OPENSSH PRIVATE KEY-----   # <-
    /// b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ==
    /// -----END OPENSSH PRIVATE KEY-----
    /// END
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #!/bin/sh
    /// ssh-keygen -q -t ed25519 -N '' -f /root/key
    /// ```
    SERVED_PRIVATE_KEY, served_private_key: "served-private-key", Secrets, Error;
}

rule! {
    /// ## What it does
    /// A token of a well-known service, or a user and password in a URL, in a role text, a hook or the kernel's arguments.
    ///
    /// ## Why it matters
    /// Anybody who reaches the server can read it and use it. On the machine it stays in a file that every user can read
    /// (contract I-22).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #!/bin/sh
    /// curl -sf https://robot:swordfish@files.example.net/setup.sh | sh   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #!/bin/sh
    /// curl -sf https://files.example.net/setup.sh | sh
    /// ```
    SERVED_TOKEN, served_token: "served-token", Secrets, Warn;
}

/// The secrets in a served text; `place` gives the place of a byte range of it.
pub(super) fn text(text: &str, place: impl Fn(usize, usize) -> Span, report: &dyn Fn(Diagnostic)) {
    for (range, kind) in find(text) {
        // One line of a key is enough to point at.
        let end = text[range.clone()].find('\n').map_or(range.end, |newline| range.start + newline);
        report(finding(kind, place(range.start, end)));
    }
}

fn finding(kind: Kind, span: Span) -> Diagnostic {
    let (rule, what, help): (&'static Rule, _, _) = match kind {
        Kind::PrivateKey => {
            (&SERVED_PRIVATE_KEY, "a private key", "make keys on the machine, or copy them there once it is up")
        }
        Kind::PasswordHash => (
            &SERVED_PASSWORD_HASH,
            "a hashed password",
            "give the user a public key, and set passwords once the machine is up",
        ),
        Kind::Token => (&SERVED_TOKEN, "a token", "copy it to the machine once it is up, and revoke this one"),
        Kind::Credentials => (
            &SERVED_TOKEN,
            "a user with a password",
            "let the server tell machines by their address, or copy it to them later",
        ),
    };
    rule.at(span, format!("{what} in what the server hands to anybody who asks")).help(help)
}

/// Secrets in settings that end up in templates and on kernel lines.
pub(super) fn settings(fleet: &Fleet, sink: &Sink) {
    let setups = Setup::all(fleet);
    let report = |found| {
        sink.report(found);
    };
    for release in &fleet.releases {
        release.boot_args.iter().for_each(|argument| line(argument.as_str(), argument.span, &report));
    }
    let users = |setup: &Setup<'_>| setup.settings.users.get().map(|users| users.value.as_ptr() as usize);
    for setup in Setup::distinct(&setups, users) {
        for hash in setup.settings.users().iter().filter_map(|user| user.password_hash.as_ref()) {
            report(finding(Kind::PasswordHash, hash.span));
        }
    }
    for setup in Setup::distinct(&setups, |setup| Some(setup.settings.layout.get()?.value)) {
        let disks = setup.layout().map_or(&[][..], |layout| &layout.disks);
        let served = disks.iter().flat_map(|disk| &disk.partitions).filter(|part| part.filesystem.is_some());
        for encryption in served.filter_map(|part| part.encryption.as_ref()) {
            let message = "the passphrase stands in what the server hands to anybody who asks";
            let help = "change it on the machine (`cryptsetup luksChangeKey`), and say so: `# fleetc: allow(served-passphrase) …`";
            report(SERVED_PASSPHRASE.at(encryption.passphrase.span, message).help(help));
        }
    }
    for setup in Setup::distinct(&setups, |setup| Some(setup.settings.cmdline.get()?.span)) {
        if let Some(cmdline) = setup.settings.cmdline.get() {
            line(&cmdline.0, cmdline.span, &report);
        }
    }
    for setup in Setup::distinct(&setups, |setup| Some(setup.hooks())) {
        for command in setup.commands() {
            line(&command.0, command.span, &report);
        }
    }
}

/// The secrets in a setting: one finding a kind.
fn line(text: &str, span: Span, report: &dyn Fn(Diagnostic)) {
    let mut kinds: Vec<Kind> = find(text).into_iter().map(|(_, kind)| kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        report(finding(kind, span));
    }
}
