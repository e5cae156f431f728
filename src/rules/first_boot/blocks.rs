//! The keys at the margin of a role text: the twelve that ucd knows, and what to do instead of others.

use super::case::Case;
use super::read::{Place, Text};
use crate::diag::{Diagnostic, rule};
use crate::nearest;

rule! {
    /// ## What it does
    /// A key at the margin of a role text that ucd does not know.
    ///
    /// ## Why it matters
    /// ucd knows twelve keys: `package_upgrade`, `write_files`, `packages`, `groups`, `users`, `ssh_authorized_keys`,
    /// `service`, `hostname`, `runcmd`, `envar`, `fbootcmd`, `wait_for_network`. All others it ignores, with a line in the
    /// journal (contract U-16): what they ask for is not done. That is so for most of what cloud-init's documents show,
    /// and for `bootcmd`, which ucd's own manual shows.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// timezone: Europe/Prague   # <-
    /// bootcmd:                  # <-
    ///   - [sh, /usr/bin/prepare]
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
    ///   - [sh, /usr/bin/prepare]
    /// ```
    UNKNOWN_ROLE_KEY, unknown_role_key: "unknown-role-key", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A key that stands twice at the margin of a role text.
    ///
    /// ## Why it matters
    /// ucd runs both, in the order in which they stand (contract U-12). Other readers of YAML, and people, take the last
    /// one for the only one, or refuse the text.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// groups:
    ///   - ops
    /// groups:   # <-
    ///   - dev
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// groups:
    ///   - ops
    ///   - dev
    /// ```
    REPEATED_ROLE_KEY, repeated_role_key: "repeated-role-key", FirstBoot, Warn;
}

/// A key that ucd has a handler for (contract U-16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    PackageUpgrade,
    WriteFiles,
    Packages,
    Groups,
    Users,
    SshAuthorizedKeys,
    Service,
    Hostname,
    Runcmd,
    Envar,
    Fbootcmd,
    WaitForNetwork,
}

const KEYS: &[(&str, Key)] = &[
    ("package_upgrade", Key::PackageUpgrade),
    ("write_files", Key::WriteFiles),
    ("packages", Key::Packages),
    ("groups", Key::Groups),
    ("users", Key::Users),
    ("ssh_authorized_keys", Key::SshAuthorizedKeys),
    ("service", Key::Service),
    ("hostname", Key::Hostname),
    ("runcmd", Key::Runcmd),
    ("envar", Key::Envar),
    ("fbootcmd", Key::Fbootcmd),
    ("wait_for_network", Key::WaitForNetwork),
];

/// What to do instead of a key that other clients know (contract U-16, U-32).
const INSTEAD: &[(&[&str], &str)] = &[
    (&["bootcmd"], "ucd's name for commands of the first boot is `fbootcmd`"),
    (&["power_state"], "ucd runs this text at every boot, so a reboot in it would never end"),
    (&["chpasswd", "password", "passwd"], "put a hash behind `passwd` in the user's entry under `users`"),
    (&["user", "system_info", "ssh_import_id"], "list the user, with its keys, under `users`"),
    (
        &["timezone"],
        "the hook `post_chroot_shell: [ln -sf /usr/share/zoneinfo/ZONE /etc/localtime]` of the role sets it",
    ),
    (&["locale", "keyboard"], "write `/etc/locale.conf` or `/etc/vconsole.conf` with `write_files`"),
    (&["fqdn", "preserve_hostname", "manage_etc_hosts", "prefer_fqdn_over_hostname"], "the fleet names its machines"),
    (&["ntp"], "write `/etc/systemd/timesyncd.conf` with `write_files`"),
    (
        &["apt", "apt_update", "apt_upgrade", "yum_repos", "zypper", "snap", "rh_subscription"],
        "list bundles in the role's `bundles`",
    ),
    (&["package_update", "package_reboot_if_required"], "bundles need no index; list them in the role's `bundles`"),
    (
        &["mounts", "swap", "disk_setup", "fs_setup", "growpart", "resize_rootfs"],
        "disks belong to the fleet file's `layouts`",
    ),
    (&["network"], "addresses belong to the fleet file; other settings to a file below `/etc/systemd/network`"),
    (&["ssh_pwauth", "disable_root", "ssh", "ssh_publish_hostkeys"], "write `/etc/ssh/sshd_config` with `write_files`"),
    (&["ssh_keys", "ssh_deletekeys", "ssh_genkeytypes"], "the machine makes its own host keys"),
    (&["ca-certs", "ca_certs"], "write the certificate with `write_files`, and run `clrtrust add` on it"),
    (&["final_message", "phone_home", "output", "merge_how", "merge_type", "vendor_data"], "ucd has nothing like it"),
    (
        &["ansible", "chef", "puppet", "salt_minion", "mcollective"],
        "make a user with a key, and manage the machine from outside",
    ),
    (
        &["cloud_init_modules", "cloud_config_modules", "cloud_final_modules"],
        "ucd runs the keys in the order of the text",
    ),
];

/// What to do instead of a key that other clients know.
pub(super) fn instead_of(key: &str) -> Option<&'static str> {
    INSTEAD.iter().find(|(names, _)| names.contains(&key)).map(|(_, instead)| *instead)
}

/// Reads a key, or reports it. A mapping behind it is reported as that.
pub(super) fn read(case: &Case<'_>, key: &Text<'_>, mapping: bool) -> Option<Key> {
    if let Some((_, known)) = KEYS.iter().find(|(name, _)| *name == key.text) {
        return Some(*known);
    }
    if !mapping {
        let message = format!("ucd does not know {}, and ignores what stands there", case.quote(key));
        let finding = case.finding(&UNKNOWN_ROLE_KEY, key.place, message);
        let names = KEYS.iter().map(|(name, _)| *name);
        case.report(match instead_of(key.text) {
            Some(instead) => finding.help(instead),
            None => match nearest::nearest(key.text, names.clone()) {
                Some(name) => spelt(case, finding.help(format!("did you mean `{name}`?")), key, name),
                None => finding.help_if(nearest::did_you_mean(key.text, "the keys that ucd knows", names)),
            },
        });
    }
    None
}

/// Adds the edit that spells a name as ucd does, where nothing but hyphens and case are in the way.
fn spelt(case: &Case<'_>, finding: Diagnostic, key: &Text<'_>, name: &str) -> Diagnostic {
    let plain = |name: &str| name.to_ascii_lowercase().replace('_', "-");
    if plain(key.text) == plain(name) { case.edited(finding, key.place, name) } else { finding }
}

/// Reports keys that stand twice.
pub(super) fn repeated(case: &Case<'_>, keys: &[(&str, Place)]) {
    for (index, (key, place)) in keys.iter().enumerate() {
        if let Some((_, first)) = keys[..index].iter().find(|(name, _)| name == key) {
            let message = format!("`{key}` stands twice; ucd runs both, one after the other");
            let finding = case.finding(&REPEATED_ROLE_KEY, *place, message).and(case.span(*first), "first here");
            case.report(finding.help("write both as one"));
        }
    }
}
