//! Whom Ansible logs in as, and what is said where it is nobody.

use fleetc::compile::{Compiled, compile};
use fleetc::diag::Levels;
use fleetc::rules::{Access, access};
use fleetc::source::Memory;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c x";
const HOME: &str = "no-create-home: false, no-user-group: false";
const FREE: &str = "\"ALL=(ALL) NOPASSWD:ALL\"";
const ONCE: &str = "service:\n  - mask: ucd.service\n";

/// A fleet that is for Ansible, whose role has a text, and settings in `defaults`.
fn fleet(text: &str, settings: &str) -> Compiled {
    let bundles = "[kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]";
    let fleet = format!(
        "defaults: {{ release: stable, layout: one-disk, bundles: {bundles}{settings} }}\n\
         roles:\n  compute: {{ cloud_config: role.yaml, vars: {{ ansible_note: x }} }}\n"
    );
    let all = |text: &str| text.replace("KEY", KEY).replace("HOME", HOME).replace("FREE", FREE);
    let memory = Memory::new([("role.yaml", all(text).as_str())]);
    compile("fleet.yaml", super::whole(&all(&fleet)), "", &memory, &Levels::default())
}

/// Who gets in, and what is said.
fn judged(text: &str, settings: &str) -> (Access, Vec<String>) {
    let compiled = fleet(text, settings);
    let found = compiled.report.findings.iter().map(|finding| &finding.diagnostic);
    let said = found.filter(|found| found.rule.id == "role-closed-to-ansible").map(|found| found.message.clone());
    let said = said.collect();
    let Some(fleet) = compiled.fleet() else { panic!("{text}: {:#?}", super::found(&compiled)) };
    let [access] = access(fleet).try_into().expect("one machine");
    (Access::clone(&access), said)
}

fn role(body: &str) -> String {
    format!("#cloud-config\n{body}{ONCE}")
}

/// Ansible gets in as this user.
fn lets_in(body: &str, settings: &str, user: &str) {
    let (access, said) = judged(&role(body), settings);
    assert_eq!((access.user.as_deref(), &said[..]), (Some(user), &[][..]), "{body}");
}

/// Ansible does not get in, and this is why.
fn closed(body: &str, settings: &str, why: &str) {
    let (access, said) = judged(&role(body), settings);
    let wanted = format!("role `compute` gives Ansible nobody to log in as: {why}");
    assert_eq!((access.user, said), (None, vec![wanted]), "{body}");
}

#[test]
fn a_key_and_sudo_that_does_not_ask() {
    lets_in("users:\n  - { name: ops, HOME, ssh-authorized-keys: [KEY], sudo: [FREE] }\n", "", "ops");
    // The first of several who can; those before, who cannot, do not matter.
    let several = "users:\n  - { name: ada, HOME, ssh-authorized-keys: [KEY] }\n  - { name: bob, sudo: [FREE] }\n  \
                   - { name: ops, HOME, ssh-authorized-keys: [KEY], sudo: [FREE] }\n  \
                   - { name: eve, HOME, ssh-authorized-keys: [KEY], sudo: [FREE] }\n";
    lets_in(several, "", "ops");
    lets_in("users:\n  - { name: root, ssh-authorized-keys: [KEY] }\n", "", "root");
    closed("", "", "no user has an SSH key");
    closed("users:\n  - { name: ops, sudo: [FREE] }\n", "", "no user has an SSH key");
    let plain = "users:\n  - { name: ops, HOME, ssh-authorized-keys: [KEY] }\n";
    closed(plain, "", "user `ops` has a key, and may not become root");
    let asked = "users:\n  - { name: ops, HOME, ssh-authorized-keys: [KEY], sudo: [\"ALL=(ALL) ALL\"] }\n";
    closed(asked, "", "user `ops` has a key, and `sudo` asks for a password");
    let wheel = "users:\n  - { name: ops, HOME, groups: wheel, ssh-authorized-keys: [KEY] }\n";
    closed(wheel, "", "user `ops` has a key, and `sudo` asks for a password");
    // Who may do more, and be asked, is nearer to it.
    let both = "users:\n  - { name: ada, HOME, ssh-authorized-keys: [KEY] }\n  \
                - { name: ops, HOME, groups: wheel, ssh-authorized-keys: [KEY] }\n";
    closed(both, "", "user `ops` has a key, and `sudo` asks for a password");
}

#[test]
fn an_account_or_a_key_that_lets_nobody_in() {
    for more in ["inactive: true", "expiredate: 2001-01-01", "expiredate: 1"] {
        let user = format!("users:\n  - {{ name: ops, HOME, {more}, ssh-authorized-keys: [KEY], sudo: [FREE] }}\n");
        closed(&user, "", "no user has an SSH key");
    }
    for more in ["inactive: false", "expiredate: 2099-01-01", "expiredate: -1", "lock-passwd: true"] {
        lets_in(
            &format!("users:\n  - {{ name: ops, HOME, {more}, ssh-authorized-keys: [KEY], sudo: [FREE] }}\n"),
            "",
            "ops",
        );
    }
    let bound = "users:\n  - { name: ops, HOME, ssh-authorized-keys: ['command=\"/bin/backup\" KEY'], sudo: [FREE] }\n";
    closed(bound, "", "no user has an SSH key");
    lets_in(&bound.replace("command=\"/bin/backup\"", "from=\"10.0.0.1\""), "", "ops");
}

#[test]
fn keys_and_rules_in_files() {
    let keys = "users:\n  - { name: ops, HOME, sudo: [FREE] }\nwrite_files:\n  - path: PATH\n    owner: OWNER\n    \
                permissions: \"0600\"\n    content: |\n      KEY\n";
    let at = |path: &str, owner: &str| keys.replace("PATH", path).replace("OWNER", owner);
    lets_in(&at("/home/ops/.ssh/authorized_keys", "ops:ops"), "", "ops");
    lets_in(&at("/root/.ssh/authorized_keys", "root:root"), "", "root");
    // The file is where the home is.
    let elsewhere = at("/home/ops/.ssh/authorized_keys", "ops:ops").replace("HOME", "HOME, homedir: /srv/ops");
    closed(&elsewhere, "", "no user has an SSH key");
    lets_in(&elsewhere.replace("/home/ops/", "/srv/ops/"), "", "ops");
    // Another's file is no key of the user, and one that is root's cannot be read by the user's server.
    closed(&at("/home/eve/.ssh/authorized_keys", "ops:ops"), "", "no user has an SSH key");
    closed(&at("/home/ops/.ssh/authorized_keys", "root:root"), "", "no user has an SSH key");
    let rules = "users:\n  - { name: ops, HOME, groups: wheel, ssh-authorized-keys: [KEY] }\nwrite_files:\n  \
                 - path: /etc/sudoers.d/FILE\n    permissions: \"0440\"\n    content: |\n      # rules\n      LINE\n";
    let rule = |file: &str, line: &str| rules.replace("FILE", file).replace("LINE", line);
    for line in ["ops ALL=(ALL) NOPASSWD: ALL", "%wheel ALL=(ALL) NOPASSWD: ALL", "ada, ops ALL=(ALL) NOPASSWD: ALL"] {
        lets_in(&rule("ops", line), "", "ops");
    }
    for (file, line) in [("ops", "ada ALL=(ALL) NOPASSWD: ALL"), ("ops.conf", "ops ALL=(ALL) NOPASSWD: ALL")] {
        closed(&rule(file, line), "", "user `ops` has a key, and `sudo` asks for a password");
    }
    // The last file decides: ucd's is called `users-cloud-init`.
    let both = rule("zz", "%wheel ALL=(ALL) ALL").replace("ssh-authorized-keys", "sudo: [FREE], ssh-authorized-keys");
    closed(&both, "", "user `ops` has a key, and `sudo` asks for a password");
    lets_in(&both.replace("sudoers.d/zz", "sudoers.d/aa"), "", "ops");
}

#[test]
fn users_of_the_installer() {
    let ada = ", users: [{ name: ada, sudo: true, ssh_key: KEY }]";
    // `sudo: true` is the group `wheel`, which is asked (contract I-81).
    closed("", ada, "user `ada` has a key, and `sudo` asks for a password");
    closed("", &ada.replace(", sudo: true", ""), "user `ada` has a key, and may not become root");
    let (access, _) = judged(&role(""), ada);
    assert_eq!(access.by_key.as_deref(), Some("ada"), "ssh knows whom to be");
    // One who is in both is one, and the installer's come first.
    lets_in("users:\n  - { name: ada, sudo: [FREE] }\n", ada, "ada");
    lets_in("users:\n  - { name: ops, HOME, ssh-authorized-keys: [KEY], sudo: [FREE] }\n", ada, "ops");
    let wheel = "write_files:\n  - path: /etc/sudoers.d/wheel\n    permissions: \"0440\"\n    content: |\n      \
                 %wheel ALL=(ALL) NOPASSWD: ALL\n";
    lets_in(wheel, ada, "ada");
}

/// What may make users in ways that cannot be read is not blamed, and names nobody.
#[test]
fn what_cannot_be_read_is_not_judged() {
    let command = role("fbootcmd:\n  - useradd -m ops && echo 'ops ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/ops\n");
    let hook = ", hooks: { post_chroot_shell: [\"useradd -m ops\"] }";
    let script = "#!/bin/sh\ntest -e /var/lib/done && exit 0\ntouch /var/lib/done\n".to_string();
    for (text, settings) in [(command, ""), (script, ""), (role(""), hook)] {
        let (access, said) = judged(&text, settings);
        assert_eq!((access.user, &said[..]), (None, &[][..]), "{text}");
    }
    closed("fbootcmd:\n  - touch /var/lib/x\n", "", "no user has an SSH key");
}

/// One finding a role, at its name, which a comment there allows; where hosts differ, at the host.
#[test]
fn a_role_is_blamed_once_and_a_host_for_itself() {
    let roles = |host: &str, comment: &str| {
        let ansible = format!("users:\n  - {{ name: ansible, HOME, ssh-authorized-keys: [KEY], sudo: [{FREE}] }}\n");
        let files = [("open.yaml", ansible), ("closed.yaml", "groups:\n  - ops\n".to_string())];
        let text = |body: &str| role(body).replace("KEY", KEY).replace("HOME", HOME);
        let files: Vec<(&str, String)> = files.iter().map(|(name, body)| (*name, text(body))).collect();
        let fleet = format!(
            "roles:\n  open: {{ cloud_config: open.yaml }}\n  closed: {{ cloud_config: closed.yaml{host} }}{comment}\n\
             hosts:\n  a: {{ mac: 52:54:00:00:00:01, role: open }}\n  b: {{ mac: 52:54:00:00:00:02, role: closed }}\n  \
             c: {{ mac: 52:54:00:00:00:03, role: closed, vars: {{ ansible_user: me }} }}\n  \
             d: {{ mac: 52:54:00:00:00:04, role: closed }}\n  \
             e: {{ mac: 52:54:00:00:00:05, role: closed, state: installed }}\n"
        );
        let memory = Memory::new(files.iter().map(|(name, text)| (*name, text.as_str())));
        let compiled = compile("fleet.yaml", super::whole(&fleet), "", &memory, &Levels::default());
        super::found(&compiled).into_iter().map(|((_, line), found)| format!("{line} {}", found.join(" | "))).collect()
    };
    let said: Vec<String> = roles("", "");
    let message = "role-closed-to-ansible: role `closed` gives Ansible nobody to log in as: no user has an SSH key";
    assert_eq!(said, [format!("3 {message}")]);
    assert_eq!(roles("", "   # fleetc: allow(role-closed-to-ansible) by hand"), [""; 0]);
    // Nothing of this is said where nobody means Ansible.
    let quiet = fleet_without_ansible();
    assert_eq!(super::found(&quiet).len(), 0, "{:#?}", super::found(&quiet));
}

fn fleet_without_ansible() -> Compiled {
    let text = role("users:\n  - { name: ada, HOME, groups: wheel, ssh-authorized-keys: [KEY] }\n");
    let text = text.replace("KEY", KEY).replace("HOME", HOME);
    let fleet = super::whole("roles:\n  compute: { cloud_config: role.yaml }\n");
    compile("fleet.yaml", fleet, "", &Memory::new([("role.yaml", text.as_str())]), &Levels::default())
}
