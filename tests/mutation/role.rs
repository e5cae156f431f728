//! Faults in role texts.

use crate::kind::{Change, Kind, Lines, role};

const IGNORED: &str = "ucd skips it without a word";
const NOTHING_DONE: &str = "ucd does nothing at all (U-6)";
const SHIFTED: &str = "what follows is taken for something else (U-9, U-10)";
const HALF: &str = "what stands above is done, the rest is not, and nobody is told (U-8)";
const NO_TEXT: &str = "the template cannot be rendered, so there is no role";

fn first(lines: &Lines, index: usize, new: impl Fn(&str) -> String) -> Option<Change> {
    (index == 0).then(|| Change::Line(new(lines.line(0))))
}

/// A line before a key at the margin.
fn before(lines: &Lines, index: usize, key: &str, new: &str) -> Option<Change> {
    (lines.line(index) == format!("{key}:")).then(|| Change::Line(format!("{new}\n{key}:")))
}

/// A key of a user, before one of the same.
fn beside(lines: &Lines, index: usize, new: &str) -> Option<Change> {
    let line = lines.line(index);
    line.starts_with("    gecos: ").then(|| Change::Line(format!("    {new}\n{line}")))
}

pub const KINDS: &[Kind] = &[
    // The first line.
    role(
        "no header",
        NOTHING_DONE,
        |l, i| if i == 0 { l.all[0].starts_with("#cloud").then_some(Change::Drop) } else { None },
    ),
    role("a header with a blank", NOTHING_DONE, |l, i| first(l, i, |line| line.replacen('#', "# ", 1))),
    role("a header in capitals", NOTHING_DONE, |l, i| {
        first(l, i, |line| line.to_uppercase()).filter(|_| l.all[0].starts_with("#cloud"))
    }),
    role("an empty line above the header", NOTHING_DONE, |l, i| first(l, i, |line| format!("\n{line}"))),
    role("a mark of Jinja above the header", NOTHING_DONE, |l, i| {
        first(l, i, |line| format!("## template: jinja\n{line}"))
    }),
    role("a BOM before the header", NOTHING_DONE, |l, i| first(l, i, |line| format!("\u{feff}{line}"))),
    role("an archive", "it is read as something else (U-6)", |l, i| {
        first(l, i, |line| format!("{line}-archive")).filter(|_| l.all[0] == "#cloud-config")
    }),
    // YAML.
    role("a tab in a role", HALF, |l, i| {
        l.line(i).starts_with("    gecos").then(|| Change::Line(l.line(i).replacen("    ", "\t", 1)))
    }),
    role("a missing colon in a role", HALF, |l, i| l.swap(i, "gecos:", "gecos").or_else(|| l.swap(i, "path:", "path"))),
    role("a role indented by one more", HALF, |l, i| {
        let line = l.line(i);
        (line.starts_with("    homedir") || line.starts_with("    permissions"))
            .then(|| Change::Line(format!(" {line}")))
    }),
    role("a role indented by one less", HALF, |l, i| {
        let line = l.line(i);
        (line.starts_with("    homedir") || line.starts_with("    permissions"))
            .then(|| Change::Line(line[1..].to_string()))
    }),
    role("a role with a quote never closed", HALF, |l, i| l.swap(i, "gecos: ", "gecos: \"")),
    role("a role with a bracket never closed", HALF, |l, i| l.swap(i, "groups: ", "groups: [")),
    role("an alias of nothing in a role", HALF, |l, i| l.swap(i, "groups: wheel", "groups: *wheel")),
    role("an anchor and its alias in a role", SHIFTED, |l, i| before(l, i, "service", "groups: [&g docker, *g]")),
    role("a merge key in a role", SHIFTED, |l, i| beside(l, i, "<<: { system: true }")),
    role("a second document in a role", "ucd reads the first alone (U-11)", |l, i| before(l, i, "service", "---")),
    role("a top-level key twice", "both are run (U-12)", |l, i| {
        before(l, i, "service", "service: [{ mask: ucd.service }]")
    }),
    role("a mapping below a key", SHIFTED, |l, i| before(l, i, "service", "power_state: { mode: reboot }")),
    role("a mapping for a list of services", SHIFTED, |l, i| l.swap(i, "  - mask:", "  mask:")),
    role("a mapping in a user", SHIFTED, |l, i| beside(l, i, "selinux: { user: staff_u }")),
    role("a top-level key without a value", "a command is run without its argument (U-11)", |l, i| {
        before(l, i, "service", "packages:")
    }),
    // Keys.
    role("a misspelt top-level key", IGNORED, |l, i| l.drop(i, "users:").map(|_| Change::Line("user:".to_string()))),
    role("a misspelt write_files", IGNORED, |l, i| {
        l.drop(i, "write_files:").map(|_| Change::Line("write_file:".to_string()))
    }),
    role("bootcmd", "the code registers fbootcmd (U-16)", |l, i| before(l, i, "service", "bootcmd: [touch /etc/x]")),
    role("a top-level key of cloud-init alone", IGNORED, |l, i| before(l, i, "service", "timezone: Europe/Berlin")),
    role("keys at the top", "they go to the last user, or to nobody (U-25)", |l, i| {
        before(
            l,
            i,
            "service",
            "ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c a@b]",
        )
    }),
    role("ssh_authorized_keys with underscores", "nobody can log in (U-18)", |l, i| {
        l.swap(i, "ssh-authorized-keys", "ssh_authorized_keys")
    }),
    role("lock_passwd with an underscore", IGNORED, |l, i| beside(l, i, "lock_passwd: true")),
    role("no_create_home with underscores", IGNORED, |l, i| l.swap(i, "no-create-home", "no_create_home")),
    role("a shell of a user", IGNORED, |l, i| beside(l, i, "shell: /usr/bin/zsh")),
    role("a uid of a user", IGNORED, |l, i| beside(l, i, "uid: 2000")),
    role("a misspelt key of a user", IGNORED, |l, i| l.swap(i, "homedir", "home_dir")),
    role("a misspelt key of a file", IGNORED, |l, i| l.swap(i, "permissions", "permission")),
    role("an encoding of a file", "the text is written as it stands (U-27)", |l, i| {
        let line = l.line(i);
        line.starts_with("    permissions:").then(|| Change::Line(format!("    encoding: b64\n{line}")))
    }),
    // Users.
    role("`- default` in users", "an account of that name is made (U-19)", |l, i| {
        before(l, i, "service", "")
            .and(None)
            .or_else(|| l.drop(i, "users:").map(|_| Change::Line("users:\n  - default".to_string())))
    }),
    role("the head of a user is gone in a role", SHIFTED, |l, i| l.drop(i, "- name: ansible")),
    role("a user with an apostrophe in the name", "the command breaks (U-15)", |l, i| {
        l.swap(i, "gecos: ", "gecos: The fleet's ")
    }),
    role("a full name that is not ASCII", "it becomes digits (U-14)", |l, i| l.swap(i, "gecos: ", "gecos: Zoë of ")),
    role("a user in capitals in a role", "useradd rejects the name", |l, i| {
        l.swap(i, "name: ansible", "name: Ansible")
    }),
    role("groups with a blank", "useradd fails, and nobody is made (U-21)", |l, i| {
        l.swap(i, "groups: wheel", "groups: wheel, docker")
    }),
    role("a sudo rule with its user", "sudo rejects the file and refuses to work (U-20)", |l, i| {
        l.swap(i, "- ALL=(ALL)", "- ansible ALL=(ALL)")
    }),
    role("a sudo rule of false", "it is written as it stands, and sudo refuses to work (U-20)", |l, i| {
        l.swap(i, "- ALL=(ALL) NOPASSWD:ALL", "- false")
    }),
    role("a boolean that is none", "the value is left to chance (U-17)", |l, i| {
        l.swap(i, "no-create-home: false", "no-create-home: maybe")
    }),
    role("no home", "the keys go to a folder that is not theirs (U-23)", |l, i| {
        l.swap(i, "no-create-home: false", "no-create-home: true")
    }),
    role("no group of the user", "the keys are not written (U-24)", |l, i| {
        l.swap(i, "no-user-group: false", "no-user-group: true")
    }),
    role("system: false", "its presence alone counts (U-22)", |l, i| beside(l, i, "system: false")),
    role("inactive in days", "it is a boolean: the account has expired (U-22)", |l, i| beside(l, i, "inactive: 30")),
    role("a role's key cut short", "nobody can log in", |l, i| {
        let line = l.line(i);
        (line.trim_start().starts_with("- {{ vars.") && line.contains("key"))
            .then(|| Change::Line("      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ansible@control".to_string()))
    }),
    // Commands, files, services.
    role("two commands", "they become one (U-26)", |l, i| {
        before(l, i, "service", "runcmd: [touch /etc/one, touch /etc/two]")
    }),
    role("a command as text", "nothing is run (U-26)", |l, i| before(l, i, "service", "runcmd: touch /etc/one")),
    role("a command that is not ASCII", "it becomes digits (U-14)", |l, i| {
        before(l, i, "service", "runcmd: [touch /etc/größe]")
    }),
    role("permissions with 0o", "ucd rejects them (U-27)", |l, i| l.swap(i, "\"0644\"", "\"0o644\"")),
    role("permissions in decimal", "they are read as octal (X-18)", |l, i| l.swap(i, "\"0644\"", "420")),
    role("an owner without a group", "the file is not given to anybody (U-27)", |l, i| {
        let line = l.line(i);
        line.starts_with("    permissions:").then(|| Change::Line(format!("    owner: ansible\n{line}")))
    }),
    role("a folder with a blank", "it is made by a command that splits there (U-27)", |l, i| {
        l.swap(i, "path: /etc/", "path: /etc/my files/")
    }),
    role("the head of a file is gone", SHIFTED, |l, i| l.line(i).starts_with("  - path: ").then_some(Change::Drop)),
    role("an unknown verb of a service", IGNORED, |l, i| l.swap(i, "- mask:", "- masked:")),
    role("a host name with an underscore in a role", "hostnamectl rejects it (U-32)", |l, i| {
        before(l, i, "service", "hostname: node_1")
    }),
    role("the network before it is there", "ucd waits and fails in older releases (U-4)", |l, i| {
        before(l, i, "service", "package_upgrade: true")
    }),
    // The template.
    role("an undefined name", NO_TEXT, |l, i| l.swap(i, "gecos: ", "gecos: {{ undefined.name }} ")),
    role("an undefined variable", NO_TEXT, |l, i| l.swap(i, "{{ vars.", "{{ vars.no_")),
    role("a tag that is never closed", NO_TEXT, |l, i| l.swap(i, " }}", "")),
    role("a tag with one brace", NO_TEXT, |l, i| l.swap(i, " }}", " }")),
    role("a tag that opens with one brace", "it is a mapping to ucd (U-9)", |l, i| {
        if l.line(i).trim_start().starts_with("- {{") { l.swap(i, "{{ ", "{ ") } else { None }
    }),
    role("an unknown filter", NO_TEXT, |l, i| l.swap(i, " }}", " | uper }}")),
    role("a block that is never closed", NO_TEXT, |l, i| {
        if l.line(i).contains("{% endif %}") { Some(Change::Drop) } else { None }
    }),
    role(
        "a block that is never opened",
        NO_TEXT,
        |l, i| if l.line(i).contains("{% if ") { Some(Change::Drop) } else { None },
    ),
    role("a misspelt tag", NO_TEXT, |l, i| l.swap(i, "{% for ", "{% fro ")),
    role("a block that is closed as another", NO_TEXT, |l, i| l.swap(i, "{% endfor %}", "{% endif %}")),
    role("a variable of the host, misspelt", NO_TEXT, |l, i| {
        l.swap(i, "host.name", "host.nam").or_else(|| l.swap(i, "network.cidr", "network.cdir"))
    }),
];
