//! Role texts: what ucd makes of them, what must stay silent, and where a finding stands.

use std::collections::BTreeSet;

use fleetc::compile::{Compiled, compile};
use fleetc::diag::{Diagnostic, Levels};
use fleetc::source::Memory;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c";
const HOME: &str = "    no-create-home: false\n    no-user-group: false\n";
const ONCE: &str = "service:\n  - mask: ucd.service\n";

/// A fleet whose hosts get the text, of a release.
fn fleet(text: &str, release: &str, hosts: &str) -> Compiled {
    let fleet = format!(
        "releases:\n  stable: {{ version: {release}, kernel: linux, initrd: initrd, installer: {{ kind: ister, version: 69 }} }}\nroles:\n  compute: {{ cloud_config: role.yaml }}\n{hosts}"
    );
    let text = text.replace("KEY", KEY);
    compile("fleet.yaml", super::whole(&fleet), "", &Memory::new([("role.yaml", text.as_str())]), &Levels::default())
}

fn lines(compiled: &Compiled) -> Vec<String> {
    let place = |finding: &Diagnostic| {
        let source = compiled.sources.get(finding.place.span.file);
        assert_eq!(source.name, "role.yaml", "{finding:?}");
        format!("{} {}", source.line_of(finding.place.span.start), finding.rule.id)
    };
    compiled.report.findings.iter().map(|finding| place(&finding.diagnostic)).collect()
}

/// What is found in a text below `#cloud-config`, as `line rule`; its own first line is line 2.
fn found(body: &str) -> Vec<String> {
    lines(&fleet(&format!("#cloud-config\n{body}"), "latest", ""))
}

/// The message and help of the only finding.
fn said(body: &str) -> (String, String) {
    let compiled = fleet(&format!("#cloud-config\n{body}"), "latest", "");
    let [finding] = compiled.report.findings.as_slice() else { panic!("{body}: {:?}", lines(&compiled)) };
    (finding.diagnostic.message.clone(), finding.diagnostic.help.clone().unwrap_or_default())
}

/// The text after `--fix`.
fn fixed(text: &str) -> String {
    let compiled = fleet(text, "latest", "");
    let mut text = text.replace("KEY", KEY);
    let findings = compiled.report.findings.iter();
    let mut edits: Vec<_> = findings.flat_map(|finding| finding.diagnostic.fix.clone()).collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    for edit in edits {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text.replace(KEY, "KEY")
}

fn none(text: &str, release: &str, hosts: &str) {
    let compiled = fleet(text, release, hosts);
    let said: Vec<_> = compiled.report.findings.iter().map(|finding| &finding.diagnostic.message).collect();
    assert!(said.is_empty(), "{text}: {said:#?}");
    assert!(compiled.fleet().is_some());
}

#[test]
fn the_canonical_role_reports_nothing() {
    // contract, end of ch. 3
    let role = "#cloud-config\nusers:\n  - name: ansible\n    gecos: Ansible control\n    homedir: /home/ansible\n    no-create-home: false\n    no-user-group: false\n    groups: wheel\n    ssh-authorized-keys:\n      - KEY control@fleet\n    sudo:\n      - ALL=(ALL) NOPASSWD:ALL\nservice:\n  - mask: ucd.service\n";
    for release in ["29880", "43760", "latest"] {
        none(role, release, "");
        none(&role.replace('\n', "\r\n"), release, "");
    }
}

#[test]
fn rich_roles_report_nothing() {
    let hosts = "hosts:\n  node-1: { mac: 52:54:00:00:00:01, role: compute }\n  node-2: { mac: 52:54:00:00:00:02, role: compute }\n";
    for (text, releases) in [
        (include_str!("roles/managed.yaml"), &["29880", "latest"][..]),
        (include_str!("roles/web.yaml"), &["29880", "latest"]),
        (include_str!("roles/storage.yaml"), &["29880", "latest"]),
        (include_str!("roles/latest.yaml"), &["31800", "latest"]),
        ("#!/bin/sh\ntest -e /var/lib/done && exit 0\ncurl http://x\nreboot\n", &["29880", "latest"]),
        ("#!/usr/bin/env -S python3 -u\nprint('žluť')\n", &["latest"]),
        ("#!/usr/bin/env bash\r\ntrue\r\n", &["latest"]),
    ] {
        for release in releases {
            none(text, release, hosts);
        }
    }
}

#[test]
fn what_is_right_in_other_words_is_right() {
    for body in [
        "groups: ops\n".to_string(),
        "packages: []\nwait_for_network: False\n".to_string(),
        "groups: [\n  ops,\n  dev\n]\n".to_string(),
        "---\ngroups: &g\n  - !!str ops\n...\n".to_string(),
        format!("users:\n  - name: ada\n    primary-group: ada\n    no-user-group: true\n    no-create-home: false\n    ssh-authorized-keys: KEY\ngroups:\n  - x\n{ONCE}"),
        format!("users:\n  - name: root\n    ssh-authorized-keys: [KEY]\n{ONCE}"),
        format!("users:\n  - {{ name: ada, no-create-home: false, no-user-group: false, ssh-authorized-keys: [KEY x] }}\n{ONCE}"),
        "fbootcmd:\n  - [sh, -c, \"'echo a; echo b'\", '>', /tmp/x, '2>&1']\n".to_string(),
        "fbootcmd:\n  - [echo, $(hostname), \"${x}\", '*.conf', '&&', ls]\n".to_string(),
        "fbootcmd:\n  - echo first\n  - [echo, second]\n".to_string(),
        "service:\n  - enable: a\n  - start: a\n  - stop: b\n  - disable: b.service\n  - enable: c.timer\n  - disable: c\n".to_string(),
        "write_files:\n  - { path: /etc/a, content: '', append: false, encoding: text/plain }\n  - { path: /etc/b, content: |-0 }\n".replace(", content: |-0", ", content: x"),
        "write_files:\n  - path: /srv/héllo wörld\n    content: a\tb\n".to_string(),
        "users:\n  - name: ada\n    gecos: ''\n    groups: [kvm, '100']\n".to_string(),
        format!("runcmd:\n  - test -e /etc/x || reboot\n{ONCE}"),
        "service:\n  - mask: ucd.service\nruncmd:\n  - reboot\n".to_string(),
        "runcmd:\n  - systemctl mask ucd && touch /etc/x\n".to_string(),
        "hostname: node-1.example.com\n".to_string(),
    ] {
        assert_eq!(found(&body), [""; 0], "{body}");
    }
}

/// Texts below `#cloud-config` on lines 2 and on, and what is found there.
const FAULTS: &[(&str, &[&str])] = &[
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

#[test]
fn what_ucd_would_really_do_is_shown() {
    let (_, help) = said("fbootcmd:\n  - [echo, a]\n  - [echo, b]\n  - [echo, c]\n");
    assert!(help.starts_with("ucd would run 1. `echo c`, 2. `echo b`, 3. `echo a`;"), "{help}");
    let (_, help) = said("fbootcmd:\n  - echo one\n  - echo two\n");
    assert!(help.starts_with("ucd would run `echo one echo two`;"), "{help}");
    let (_, help) = said("fbootcmd:\n  - [sh, -c, 'echo a; echo b']\n");
    assert_eq!(help, "ucd would run `sh -c echo a; echo b`; write it as one text: `- echo a; echo b`");
    let (_, help) = said("fbootcmd:\n  - |\n    echo é\n    echo b\n");
    assert!(help.starts_with("the shell would get `echo 303251necho bn`;"), "{help}");
    let (_, help) = said("users:\n  - name: ada\n    sudo: bob ALL=(ALL) ALL\nservice: [mask: ucd]\n");
    assert!(help.starts_with("ucd would write `ada bob ALL=(ALL) ALL`;"), "{help}");
    let (message, _) = said("users:\n  - name: ada\n  - name: bob\nssh_authorized_keys: [KEY]\n");
    assert_eq!(message, "these keys land in the file of `ada`, the first user of the list");
    let (message, help) = said("write_files:\n  - { path: /etc/x, content: a, permissions: 420 }\n");
    assert!(message.starts_with("`420` gives others what the owner has not"), "{message}");
    assert!(help.contains("`\"0644\"`"), "{help}");
    for (key, word) in
        [("bootcmd", "fbootcmd"), ("chpasswd", "passwd"), ("power_state", "every boot"), ("yum_repos", "bundles")]
    {
        let (_, help) = said(&format!("{key}: [x]\n"));
        assert!(help.contains(word), "{key}: {help}");
    }
}

#[test]
fn secrets_are_not_told() {
    let (message, help) = said("users:\n  - name: ada\n    passwd: \"hunter2\\n\"\n");
    assert!(!format!("{message}{help}").contains("hunter2"), "{message}: {help}");
}

#[test]
fn repairs() {
    let user = |lines: &str| format!("#cloud-config\nusers:\n  - name: ada\n{lines}{ONCE}");
    for (text, better) in [
        (
            user("    groups: [wheel]\n    ssh-authorized-keys: [KEY]\n"),
            format!(
                "#cloud-config\nusers:\n  - no-create-home: false\n    no-user-group: false\n    name: ada\n    groups: [wheel]\n    ssh-authorized-keys: [KEY]\n{ONCE}"
            ),
        ),
        (user("    lock_passwd: yes\n"), user("    lock-passwd: true\n")),
        (user("    groups: wheel, adm # both\n"), user("    groups: wheel,adm # both\n")),
        (user("    groups: \"wheel adm\"\n"), user("    groups: \"wheel,adm\"\n")),
        (user("    sudo: ada ALL=(ALL) ALL\n"), user("    sudo: ALL=(ALL) ALL\n")),
        (user("    sudo: [\"ada  ALL=(ALL) ALL\"]\n"), user("    sudo: [\"ALL=(ALL) ALL\"]\n")),
        (
            "#cloud-config\nfbootcmd:\n  - | # once\n    ls\n".into(),
            "#cloud-config\nfbootcmd:\n  - |- # once\n    ls\n".into(),
        ),
        (
            "#cloud-config\nwrite_files:\n  - { path: /x, content: a, owner: root, permissions: 0o644 }\n".into(),
            "#cloud-config\nwrite_files:\n  - { path: /x, content: a, owner: \"root:root\", permissions: \"0644\" }\n"
                .into(),
        ),
        (
            "#cloud-config\nwrite_files:\n  - path: /root/.ssh/authorized_keys\n    content: \"KEY x\"\n".into(),
            "#cloud-config\nwrite_files:\n  - path: /root/.ssh/authorized_keys\n    content: \"KEY x\\n\"\n".into(),
        ),
        ("#cloud-config\nWrite-Files: []\n".into(), "#cloud-config\nwrite_files: []\n".into()),
    ] {
        assert_eq!(fixed(&text), better, "{text}");
        none(&better, "latest", "");
    }
}

/// What a repair says it repairs is gone, and nothing new is there.
#[test]
fn repairs_leave_nothing_of_their_fault() {
    for (body, _) in FAULTS {
        let text = format!("#cloud-config\n{body}");
        let (before, after) = (fleet(&text, "latest", ""), fleet(&fixed(&text), "latest", ""));
        let left = before.report.findings.iter().filter(|finding| finding.diagnostic.fix.is_empty());
        let left: Vec<&str> = left.map(|finding| finding.diagnostic.rule.id).collect();
        let found: Vec<&str> = after.report.findings.iter().map(|finding| finding.diagnostic.rule.id).collect();
        assert_eq!(found, left, "{text}");
    }
}

#[test]
fn what_a_template_makes_is_not_repaired() {
    let text = "#cloud-config\nusers:\n  - name: ada\n    groups: {{ 'wheel, adm' }}\n";
    assert_eq!(fixed(text), text);
    assert_eq!(lines(&fleet(text, "latest", "")), ["4 malformed-user-groups"]);
}

#[test]
fn a_fault_of_many_hosts_is_one_finding() {
    let hosts: String =
        (1..=50).map(|n| format!("  node-{n}: {{ mac: 52:54:00:00:00:{n:02x}, role: compute }}\n")).collect();
    let text = format!(
        "#cloud-config\nhostname: {{{{ host.name }}}}_x\nusers:\n  - name: {{{{ host.name }}}}\n    groups: wheel, {{{{ host.name }}}}-x\n    ssh-authorized-keys: [KEY]\nfbootcmd:\n  - [echo, {{{{ host.name }}}}]\n  - [sh, -c, 'echo {{{{ host.name }}}}']\n{ONCE}"
    );
    let compiled = fleet(&text, "latest", &format!("hosts:\n{hosts}"));
    let found = lines(&compiled);
    let expected = [
        "2 malformed-role-hostname",
        "4 key-without-home",
        "5 malformed-user-groups",
        "5 unknown-group",
        "9 reversed-list",
        "9 lost-quotes",
    ];
    assert_eq!(found, expected);
    // The machine that is shown is the first; what ucd would do there stands in the help.
    let help = compiled.report.findings[0].diagnostic.help.as_deref();
    assert!(help.is_some_and(|help| help.contains("`node-1_x`")), "{help:?}");
}

#[test]
fn findings_stand_where_the_template_has_them() {
    let text = "#cloud-config\n{# a comment\n over lines #}\nfbootcmd:\n{% for n in [1, 2, 3] %}\n  - echo {{ n }}\n{% endfor %}\n";
    assert_eq!(lines(&fleet(text, "latest", "")), ["6 joined-commands"]);
    let inline = "roles:\n  compute:\n    cloud_config: |\n      #cloud-config\n      {% set x = 'ä' %}\n      users:\n        - name: ada\n          shell: ä # {{ x }}\n";
    let compiled = compile("fleet.yaml", super::whole(inline), "", &Memory::default(), &Levels::default());
    let place = compiled.report.findings[0].diagnostic.place.span;
    assert_eq!(&compiled.sources.get(place.file).text[place.start as usize..place.end as usize], "shell");
}

#[test]
fn releases_whose_ucd_runs_before_the_network() {
    // contract U-4; releases.tsv: 31790 is of 2019-11-29, 31800 of 2019-12-03
    let body = format!(
        "#cloud-config\nwait_for_network: true\npackages: [vim]\npackage_upgrade: true\nfbootcmd:\n  - [git, clone, 'http://x/y']\nruncmd:\n  - test -e /x || wget http://x\n{ONCE}"
    );
    let early: Vec<String> = [2, 3, 4, 6, 8].iter().map(|line| format!("{line} network-before-it-starts")).collect();
    for (release, expected) in [("29880", early.clone()), ("31790", early), ("31800", vec![]), ("latest", vec![])] {
        assert_eq!(lines(&fleet(&body, release, "")), expected, "{release}");
    }
    // One machine with an old release is enough, also where the text is shared.
    let releases = "releases:\n  stable: { version: latest, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }\n  old: { version: 29880, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }\n";
    let hosts = |state: &str| {
        format!(
            "{releases}roles:\n  compute: {{ cloud_config: role.yaml, release: stable }}\nhosts:\n  a: {{ mac: 52:54:00:00:00:01, role: compute }}\n  b: {{ mac: 52:54:00:00:00:02, role: compute, release: old, state: {state} }}\n"
        )
    };
    let run = |state: &str| {
        let memory = Memory::new([("role.yaml", "#cloud-config\nfbootcmd:\n  - curl http://x\n")]);
        lines(&compile("fleet.yaml", super::whole(&hosts(state)), "", &memory, &Levels::default()))
    };
    assert_eq!(run("install"), ["3 network-before-it-starts"]);
    assert_eq!(run("installed"), [""; 0]);
}

#[test]
fn scripts_are_started_or_not() {
    let script = |text: &str| lines(&fleet(text, "latest", ""));
    for bad in ["#!sh\n", "#!\n", "#!/bin/sh -e -u\n", "#!/usr/bin/env\n", "#!/usr/bin/env python3 -u\n", "#!/bin/\n"] {
        assert_eq!(script(bad), ["1 script-that-cannot-start"], "{bad}");
    }
    assert_eq!(script("#!/bin/sh\r# x\n"), ["1 script-that-cannot-start"]);
    assert_eq!(script("#!/bin/sh\necho \0\n"), ["2 script-that-cannot-start"]);
}

#[test]
fn the_installers_users_have_homes_and_keys() {
    let fleet = |user: &str, text: &str| {
        let fleet = format!(
            "roles:\n  compute:\n    cloud_config: role.yaml\n    # fleetc: allow(served-password-hash) it is a test\n    users: [{{ name: ada, password_hash: $6$Yk1fJ8tS$3zXq0cL2bYp8VwHn5mKd7gRs9uTa4eJx6iOv1lQf2yWc0Zb3hMn8DpEk5rGt7UoAs4jIx9vLq6mHw1fBz2cN0/ {user} }}]\n"
        );
        let text = text.replace("KEY", KEY);
        let memory = Memory::new([("role.yaml", text.as_str())]);
        lines(&compile("fleet.yaml", super::whole(&fleet.replace("KEY", KEY)), "", &memory, &Levels::default()))
    };
    let keys = "#cloud-config\nusers:\n  - name: ada\n    ssh-authorized-keys: [KEY x]\n";
    assert_eq!(fleet("", keys), [""; 0]);
    let file = "#cloud-config\nwrite_files:\n  - path: /home/ada/.ssh/authorized_keys\n    owner: ada:ada\n    content: |\n      KEY x\n";
    assert_eq!(fleet("", file), [""; 0]);
    assert_eq!(fleet(", ssh_key: KEY x", file), ["3 keys-written-twice"]);
}

#[test]
fn a_host_name_for_several_machines() {
    let run = |hosts: &str| lines(&fleet("#cloud-config\nhostname: node-1\n", "latest", hosts));
    let one = "hosts:\n  node-1: { mac: 52:54:00:00:00:01, role: compute }\n";
    assert_eq!(run(one), [""; 0]);
    assert_eq!(run(&format!("{one}  node-2: {{ mac: 52:54:00:00:00:02, role: compute }}\n")), ["2 shared-hostname"]);
    assert_eq!(run(&format!("unknown: {{ install: compute }}\n{one}")), ["2 shared-hostname"]);
}

#[test]
fn keys_of_the_user_who_is_misspelt_still_count() {
    let body = format!("users:\n  - name: ada\n{HOME}    ssh_authorized_keys:\n      - KEY x\n{ONCE}");
    assert_eq!(found(&body), ["6 unknown-user-key"]);
    let body = format!("users:\n  - name: ada\n    ssh_authorized_keys:\n      - KEY x\n{ONCE}");
    assert_eq!(found(&body), ["3 key-without-home", "4 unknown-user-key"]);
}
