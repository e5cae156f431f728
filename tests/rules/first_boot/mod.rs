//! Role texts: what ucd makes of them, what must stay silent, and where a finding stands.

mod faults;
mod repairs;

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
    compile("fleet.yaml", crate::whole(&fleet), "", &Memory::new([("role.yaml", text.as_str())]), &Levels::default())
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
        (include_str!("../roles/managed.yaml"), &["29880", "latest"][..]),
        (include_str!("../roles/web.yaml"), &["29880", "latest"]),
        (include_str!("../roles/storage.yaml"), &["29880", "latest"]),
        (include_str!("../roles/latest.yaml"), &["31800", "latest"]),
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
    let compiled = compile("fleet.yaml", crate::whole(inline), "", &Memory::default(), &Levels::default());
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
        lines(&compile("fleet.yaml", crate::whole(&hosts(state)), "", &memory, &Levels::default()))
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
        lines(&compile("fleet.yaml", crate::whole(&fleet.replace("KEY", KEY)), "", &memory, &Levels::default()))
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
