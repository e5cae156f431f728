//! Role texts after `--fix`.

use super::faults::FAULTS;
use super::{KEY, ONCE, fleet, lines, none};

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
