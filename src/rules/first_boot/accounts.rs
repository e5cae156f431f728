//! Users and groups that a role text names, and that nobody makes.

use super::case::Case;
use super::read::Text;
use super::role::Role;
use crate::diag::rule;
use crate::model::is_system_group;

rule! {
    /// ## What it does
    /// A group of a user that no system has by itself, and that the role text does not create.
    ///
    /// ## Why it matters
    /// `useradd` fails on a group that is not there, and the user is not created (contract U-21). The group may come with a
    /// bundle that fleetc does not know.
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
    ///     groups: weel   # <-
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
    ///     groups: wheel
    /// ```
    UNKNOWN_GROUP, unknown_group: "unknown-group", FirstBoot, Warn;
}

rule! {
    /// ## What it does
    /// An owner of a file, or a member of a group, that is the default user of some other system.
    ///
    /// ## Why it matters
    /// The installer's path makes no default user: neither `clear` (contract U-1) nor `ubuntu` is there, unless the role
    /// text or the fleet file makes it. The file stays root's, the group empty.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /srv/readme
    ///     owner: clear:clear   # <-
    ///     content: hello
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
    ///     no-user-group: false
    /// write_files:
    ///   - path: /srv/readme
    ///     owner: ada:ada
    ///     content: hello
    /// ```
    MISSING_ACCOUNT, missing_account: "missing-account", FirstBoot, Warn;
}

/// Groups that come with bundles.
const BUNDLED: &[&str] = &[
    "avahi",
    "docker",
    "gdm",
    "httpd",
    "kvm",
    "libvirt",
    "libvirt-qemu",
    "lxd",
    "mock",
    "mysql",
    "netdev",
    "nginx",
    "nvpd",
    "plugdev",
    "postgres",
    "power",
    "pulse",
    "qemu",
    "redis",
    "sgx",
    "sgx_prv",
    "ssh",
    "storage",
    "tss",
    "vboxusers",
    "wireshark",
];

/// Users that images of systems bring.
const DEFAULTS: &[&str] = &[
    "alpine",
    "almalinux",
    "arch",
    "azureuser",
    "centos",
    "clear",
    "cloud-user",
    "core",
    "debian",
    "ec2-user",
    "fedora",
    "opensuse",
    "rocky",
    "ubuntu",
    "vagrant",
];

/// Judges the names.
pub(super) fn judge(case: &Case<'_>, role: &Role<'_>) {
    let makes_user =
        |name: &str| case.around.users.contains_key(name) || role.users().any(|(_, user)| user.name() == name);
    let makes_group = |name: &str| makes_user(name) || role.groups().any(|(_, group)| group.name.text == name);
    for (_, user) in role.users() {
        for group in &user.groups {
            let name = group.name;
            let number = name.bytes().all(|byte| byte.is_ascii_digit());
            if !number && !is_system_group(name) && !BUNDLED.contains(&name) && !makes_group(name) {
                unknown(case, role, name, &group.text);
            }
        }
    }
    let owners = role
        .files()
        .filter_map(|(_, file)| file.owner)
        .filter_map(|owner| owner.text.split_once([':', '.']).map(|(user, _)| (user, owner)));
    let members = role.groups().flat_map(|(_, group)| group.members.iter().map(|member| (member.text, *member)));
    for (name, text) in owners.chain(members.collect::<Vec<_>>()) {
        if DEFAULTS.contains(&name) && !makes_user(name) {
            let message = format!("no machine of the fleet has a user {}", case.part(name, &text));
            case.at(&MISSING_ACCOUNT, text.place, message, "name a user that this text, or the fleet file, makes");
        }
    }
}

fn unknown(case: &Case<'_>, role: &Role<'_>, name: &str, text: &Text<'_>) {
    let message = format!(
        "nothing here makes the group {}; without it `useradd` fails, and the user is not created",
        case.part(name, text)
    );
    let made: Vec<&str> =
        role.groups().map(|(_, group)| group.name.text).chain(["wheel", "adm", "docker", "kvm"]).collect();
    let near = crate::nearest::nearest(name, made).map(|near| format!("did you mean `{near}`?"));
    let help = near.unwrap_or_else(|| format!("make it, with `groups: [{name}]` above `users`"));
    case.at(&UNKNOWN_GROUP, text.place, message, help);
}
