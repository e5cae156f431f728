//! Role texts with a fault, and what is said of each.

use std::collections::BTreeSet;

use super::found;

/// Texts below `#cloud-config` on lines 2 and on, and what is found there.
pub(super) const FAULTS: &[(&str, &[&str])] = &[
    // U-8: YAML as libyaml reads it
    ("groups:\n  - ops\u{85}dev\n", &["3 broken-role"]),
    ("groups:\n  - \"a\u{7f}b\"\n", &["3 broken-role"]),
    ("groups:\n\t\n  - ops\n", &["3 broken-role"]),
    ("groups:\n  - ops\n---\ngroups: []\n", &["4 broken-role"]),
    ("write_files:\n  - path: /x\n    content: !vault |\n      x\n", &["4 tag-in-role"]),
    // U-9, U-10: what is reported as a shape is not reported again
    ("power_state: { mode: reboot }\n", &["2 mapping-in-mapping"]),
    ("users:\n  - name: ada\n    sudo: { ALL: x }\n", &["4 mapping-in-mapping"]),
    ("groups: &g\n  - ops\nusers:\n  - name: ada\n    groups: *g\n", &["6 alias-in-role"]),
    // U-11
    ("packages:\n", &["2 empty-role-value"]),
    ("users:\n  - name:\n", &["3 empty-role-value"]),
    ("groups:\n  - \"\"\n  - ~\n", &["3 empty-role-value", "4 empty-role-value"]),
    // U-12
    ("hostname: node-1\nhostname: node-1\n", &["3 repeated-role-key"]),
    (
        "write_files:\n  - path: /etc/x\n    content: a\n    owner: store:ops\nusers:\n  - name: store\n",
        &["5 key-before-its-needs"],
    ),
    ("groups:\n  - ops: [ada]\nusers:\n  - name: ada\n", &["3 key-before-its-needs"]),
    ("fbootcmd:\n  - sh /root/x\nwrite_files:\n  - path: /root/x\n    content: 'true'\n", &["3 key-before-its-needs"]),
    (
        "service:\n  - enable: app\nwrite_files:\n  - path: /etc/systemd/system/app.service\n    content: x\n",
        &["3 key-before-its-needs"],
    ),
    // U-13
    ("fbootcmd:\n  - [echo, a]\n  - echo b\n", &["4 reversed-list"]),
    (
        "write_files:\n  - { path: /etc/x, content: a }\n  - { path: /etc/y, content: b }\n  - { path: /etc/x, content: c }\n",
        &["5 reversed-list"],
    ),
    ("service:\n  - unmask: a\n  - enable: [b, a.service]\n", &["4 reversed-list"]),
    ("service:\n  - stop: a\n  - start: a\n", &["4 reversed-list"]),
    ("users:\n  - name: ada\n  - name: bob\n    groups: ada\n", &["5 reversed-list"]),
    // U-14, U-15
    ("users:\n  - name: ada\n    gecos: Jürgen\n", &["4 mangled-text"]),
    ("fbootcmd:\n  - >\n    echo one\n    two\n", &["3 mangled-text"]),
    ("fbootcmd:\n  - \"echo\\tone\"\n", &["3 mangled-text"]),
    ("hostname: knödel\n", &["2 mangled-text"]),
    ("users:\n  - name: ada\n    groups: \"o'ps\"\n", &["4 quote-in-role-value"]),
    ("groups:\n  - o'ps\n  - ops: [o'brien]\n", &["3 quote-in-role-value", "4 quote-in-role-value"]),
    // U-16
    ("write-files: []\nfqdn: a.b\nzebra: 1\n", &["2 unknown-role-key", "3 unknown-role-key", "4 unknown-role-key"]),
    // U-17
    ("package_upgrade: none\n", &["2 malformed-role-boolean"]),
    (
        "users:\n  - name: ada\n    inactive: 1\n    lock-passwd: Yes\n",
        &["4 malformed-role-boolean", "5 loose-role-boolean"],
    ),
    // U-18
    (
        "users:\n  - name: ada\n    uid: 1000\n    hashed_passwd: '!'\n    No_User_Group: false\n    grups: x\n",
        &["4 unknown-user-key", "5 unknown-user-key", "6 unknown-user-key", "7 unknown-user-key"],
    ),
    // U-19
    ("users: ada\n", &["2 wrong-kind-in-role"]),
    ("users:\n  - alice\n  - bob\n", &["4 plain-text-user"]),
    ("users:\n  - [alice]\n", &["3 wrong-kind-in-role"]),
    // U-20
    (
        "users:\n  - name: ada\n    sudo: ['%wheel ALL=(ALL) ALL', null]\nservice: [mask: ucd]\n",
        &["4 empty-role-value", "4 malformed-sudo-rule"],
    ),
    // U-21
    ("users:\n  - name: ada\n    groups: [wheel, [adm]]\n", &["4 malformed-user-groups"]),
    ("users:\n  - name: ada\n    groups: wheel,\n", &["4 malformed-user-groups"]),
    ("users:\n  - name: ada\n    groups: opz\n", &["4 unknown-group"]),
    (
        "users:\n  - name: ada\n    groups: ops, adm\ngroups: [ops]\n",
        &["4 key-before-its-needs", "4 malformed-user-groups"],
    ),
    // U-22
    ("users:\n  - name: ada\n    system: no\n", &["4 system-false"]),
    ("users:\n  - name: ada\n    expiredate: never\n", &["4 malformed-account"]),
    ("users:\n  - name: ada\n    gecos: 'a:b'\n    homedir: ~ada\n", &["4 malformed-account", "5 malformed-account"]),
    ("users:\n  - name: ada\n    passwd: secret\n", &["4 malformed-password-hash"]),
    // U-23, U-24
    (
        "users:\n  - name: ada\n    no-create-home: true\n    no-user-group: false\n    ssh-authorized-keys: [KEY]\n",
        &["4 key-without-home"],
    ),
    (
        "users:\n  - name: ada\n    no-create-home: false\n    primary-group: users\n    ssh-authorized-keys: [KEY]\n",
        &["5 key-without-home"],
    ),
    ("users:\n  - name: ada\n    no-user-group: false\n    primary-group: users\n", &["5 conflicting-user-group"]),
    ("users:\n  - name: wheel\n    no-user-group: false\n", &["3 conflicting-user-group"]),
    ("users:\n  - name: root\n    ssh-authorized-keys: ['gh:ada']\n", &["4 malformed-authorized-key"]),
    // U-25
    ("ssh_authorized_keys: [KEY]\nusers:\n  - name: ada\n", &["2 keys-for-nobody"]),
    // U-26
    ("runcmd: reboot\n", &["2 wrong-kind-in-role"]),
    ("fbootcmd:\n  - [sh, -c, 'a b']\n  - {a: b}\n", &["3 lost-quotes", "4 wrong-kind-in-role"]),
    ("fbootcmd:\n  - [curl, 'http://x/?a=1&b=2']\n", &["3 lost-quotes"]),
    // U-27, X-18
    ("write_files:\n  - path: /etc/x\n    content: [a]\n", &["4 wrong-kind-in-role"]),
    ("write_files:\n  - content: a\n", &["3 incomplete-file"]),
    ("write_files:\n  - { path: /etc/x, content: a, permissions: u=rw }\n", &["3 malformed-permissions"]),
    ("write_files:\n  - { path: /etc/x, content: a, owner: 'a.b:c' }\n", &["3 malformed-owner"]),
    (
        "write_files:\n  - { path: '~/x', content: a }\n  - { path: /etc/, content: a }\n",
        &["3 malformed-file-path", "4 malformed-file-path"],
    ),
    (
        "write_files:\n  - { path: /etc/x, content: a, append: true, pemissions: '0644' }\n",
        &["3 unknown-file-key", "3 unknown-file-key"],
    ),
    // U-28
    ("envar:\n  - A: 1\n  - B: $A\nservice: [mask: ucd]\n", &["4 reversed-list"]),
    ("envar: [A=1]\n", &["2 wrong-kind-in-role"]),
    // U-29
    ("packages: [vim]\nwait_for_network: false\nservice: [mask: ucd]\n", &["2 packages-wait-for-dns"]),
    ("package_upgrade: true\nservice: [mask: ucd]\n", &["2 packages-wait-for-dns"]),
    (
        "wait_for_network: false\npackages: ['vim git', $(x)]\nservice: [mask: ucd]\n",
        &["3 malformed-package", "3 packages-in-one-item"],
    ),
    (
        "wait_for_network: false\npackages: [htop-dev, ngnix]\nservice: [mask: ucd]\n",
        &["3 package-without-bundle", "3 package-without-bundle"],
    ),
    // U-30
    ("groups:\n  - 123\n", &["3 malformed-group"]),
    // U-31
    ("service: nginx\n", &["2 wrong-kind-in-role"]),
    ("service:\n  - enable: 'a b$c'\n  - Enable: a\n", &["3 malformed-unit", "4 unknown-service-verb"]),
    // U-32
    ("hostname: [a]\n", &["2 wrong-kind-in-role"]),
    ("hostname: node-2\n", &["2 other-hostname"]),
    // U-2
    (
        "users:\n  - name: ada\n    sudo: ALL=(ALL) ALL\npackage_upgrade: false\nenvar:\n  - A: 1\n",
        &["4 repeated-at-every-boot"],
    ),
];

#[test]
fn each_fault_is_found_once_and_at_its_line() {
    let mut wrong = Vec::new();
    for (body, expected) in FAULTS {
        let (mut found, mut expected) = (found(body), expected.to_vec());
        found.sort();
        expected.sort_unstable();
        if found != expected {
            wrong.push(format!("{body}{found:?}, and not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_rule_of_the_family_is_tried_here_or_on_its_page_alone() {
    // A rule that is only on its page has no odd case; a name here that is no rule is a slip.
    let tried: BTreeSet<&str> =
        FAULTS.iter().flat_map(|(_, found)| found.iter()).filter_map(|found| found.split(' ').nth(1)).collect();
    for rule in tried {
        assert!(fleetc::rules::find(rule).is_some(), "{rule}");
    }
}
