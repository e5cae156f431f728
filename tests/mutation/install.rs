//! Faults in settings: bundles, users, hooks, proxies, what templates are given.

use crate::kind::{Change, Kind, Lines, fleet};

const NO_BUNDLE: &str = "swupd does not find it, and the installation fails (I-70)";
const LOCKED_OUT: &str = "nobody can log in";
const NO_URL: &str = "the installer asks for scheme and host (1.3)";

fn in_settings(lines: &Lines, index: usize) -> bool {
    ["defaults", "roles", "hosts"].iter().any(|top| lines.is_in(index, &[top]))
}

fn set(lines: &Lines, index: usize, key: &str, new: impl Fn(&str) -> Option<String>) -> Option<Change> {
    in_settings(lines, index).then(|| lines.set(index, key, |value| new(value))).flatten()
}

/// A bundle in a list of its own line.
fn bundle(lines: &Lines, index: usize, new: impl Fn(&str) -> Option<String>) -> Option<Change> {
    let line = lines.line(index);
    let entry = in_settings(lines, index) && lines.path(index).last() == Some(&"bundles");
    let (head, rest) = line.split_once("- ").filter(|_| entry)?;
    let name = rest.split(" #").next()?.trim_end();
    Some(Change::Line(format!("{head}- {}{}", new(name)?, &rest[name.len()..])))
}

fn user(lines: &Lines, index: usize, key: &str, new: impl Fn(&str) -> Option<String>) -> Option<Change> {
    let inside = lines.path(index).contains(&"users");
    inside.then(|| set(lines, index, key, new)).flatten()
}

fn drop_user_key(lines: &Lines, index: usize, key: &str) -> Option<Change> {
    let users = in_settings(lines, index) && lines.path(index).contains(&"users");
    // Where the value has an anchor, others hang on it.
    if users && !lines.line(index).contains('&') { lines.drop_key(index, key) } else { None }
}

/// The key itself, behind an anchor.
fn ssh_key(lines: &Lines, index: usize, new: impl Fn(&str) -> String) -> Option<Change> {
    user(lines, index, "ssh_key", |value| {
        // Where the value has an anchor, role texts hang on it.
        let at = value.find("ssh-").filter(|_| !value.starts_with('&'))?;
        Some(format!("{}{}", &value[..at], new(&value[at..])))
    })
}

fn hook(lines: &Lines, index: usize, key: &str, new: impl Fn(&str) -> String) -> Option<Change> {
    set(lines, index, key, |list| Some(format!("[{}]", new(list.trim_matches(['[', ']'])))))
}

const HOOKS: &[&str] =
    &["pre_install_shell", "post_nonchroot_shell", "post_nonchroot", "post_chroot_shell", "post_chroot"];

fn any_hook(lines: &Lines, index: usize, new: impl Fn(&str) -> String) -> Option<Change> {
    HOOKS.iter().find_map(|key| hook(lines, index, key, &new))
}

fn url(lines: &Lines, index: usize, new: impl Fn(&str) -> Option<String>) -> Option<Change> {
    ["https_proxy", "http_proxy", "mirror_url", "version_url"]
        .iter()
        .find_map(|key| set(lines, index, key, |url| if url == "null" { None } else { new(url) }))
}

/// Drops a bundle that stands in a line of its own.
fn without(lines: &Lines, index: usize, name: &str) -> Option<Change> {
    if in_settings(lines, index) { lines.drop(index, &format!("- {name}")) } else { None }
}

pub const KINDS: &[Kind] = &[
    // Bundles.
    fleet("no kernel", "nothing boots (I-70)", |l, i| without(l, i, "kernel-native")),
    fleet(
        "no bundle with ucd",
        "the installer fails once the disk is written, or the role is not applied (I-23, B-1)",
        |l, i| without(l, i, "os-cloudguest"),
    ),
    fleet("nothing that starts the network", "the machine comes up without network (B-8)", |l, i| {
        without(l, i, "systemd-networkd-autostart")
    }),
    fleet("a second kernel", "which one boots is not clear (I-70)", |l, i| {
        bundle(l, i, |name| (name == "openssh-server").then(|| "kernel-lts".to_string()))
    }),
    fleet("a misspelt kernel", "nothing boots (I-70)", |l, i| {
        bundle(l, i, |name| (name == "kernel-native").then(|| "kernel-natve".to_string()))
    }),
    fleet("a kernel that is gone", NO_BUNDLE, |l, i| {
        bundle(l, i, |name| (name == "kernel-native").then(|| "kernel-pxe".to_string()))
    }),
    fleet("a misspelt bundle", NO_BUNDLE, |l, i| {
        bundle(l, i, |name| (name == "openssh-server").then(|| "openssh-servr".to_string()))
    }),
    fleet("a bundle that is gone", NO_BUNDLE, |l, i| {
        bundle(l, i, |name| (name == "openssh-server").then(|| "os-utils".to_string()))
    }),
    fleet("a package of another distribution", NO_BUNDLE, |l, i| {
        bundle(l, i, |name| (name == "openssh-server").then(|| "python3-pip".to_string()))
    }),
    fleet("a bundle with a blank", NO_BUNDLE, |l, i| {
        bundle(l, i, |name| Some(name.replacen('-', " ", 1)).filter(|new| new != name))
    }),
    fleet("a bundle with a slash", "the installer fails (I-70)", |l, i| {
        bundle(l, i, |name| Some(format!("bundles/{name}")))
    }),
    fleet("two bundles in one entry", NO_BUNDLE, |l, i| bundle(l, i, |name| Some(format!("{name}, editors")))),
    fleet("a bundle that stands twice", "one of the two was meant to be another", |l, i| {
        bundle(l, i, |name| (name == "os-core-update").then(|| "os-core".to_string()))
    }),
    fleet("bundles as text", "the installer would take each letter for a bundle (I-70)", |l, i| {
        set(l, i, "bundles", |list| {
            Some(list.trim_matches(['[', ']']).to_string()).filter(|text| !text.contains(['{', '*', '&']))
        })
    }),
    fleet("no bundles at all", "the installer rejects the template (I-30)", |l, i| {
        set(l, i, "bundles", |list| list.starts_with('[').then(|| "[]".to_string()))
    }),
    // A mirror of its own may have bundles of its own: the role of campus that edits both ways has one.
    fleet("a misspelt bundle to add", NO_BUNDLE, |l, i| {
        set(l, i, "bundles", |edit| {
            (edit.contains("add: [") && !edit.contains("remove")).then(|| edit.replacen(']', "-utilz]", 1))
        })
    }),
    fleet("a bundle to remove that is not there", "the bundle that was meant stays", |l, i| {
        set(l, i, "bundles", |edit| {
            (edit.contains("add: [") && !edit.contains("remove"))
                .then(|| edit.replacen(" }", ", remove: [openssh-servr] }", 1))
        })
    }),
    fleet("bundles to add as text", NO_BUNDLE, |l, i| {
        set(l, i, "bundles", |edit| edit.contains("add: [").then(|| edit.replacen('[', "", 1).replacen(']', "", 1)))
    }),
    // Layout and release.
    fleet("no layout", "the installer asks for partitions (I-30)", |l, i| {
        if l.path(i) == ["defaults"] { l.drop_key(i, "layout") } else { None }
    }),
    fleet("no release", "the installer asks for a version (I-30)", |l, i| {
        if l.path(i) == ["defaults"] { l.drop_key(i, "release") } else { None }
    }),
    fleet(
        "a BIOS machine without its word",
        "the installer rejects a template without EFI partition (I-35)",
        |l, i| l.drop_key(i, "legacy_bios"),
    ),
    fleet("yes for true", "the installer takes true alone (1.3)", |l, i| {
        ["legacy_bios", "keep_partition_table"].iter().find_map(|key| set(l, i, key, |_| Some("yes".to_string())))
    }),
    fleet("1 for true", "the installer takes true alone (1.3)", |l, i| {
        ["legacy_bios", "keep_partition_table"].iter().find_map(|key| set(l, i, key, |_| Some("1".to_string())))
    }),
    fleet("an unknown software manager", "the installer rejects the template (1.3)", |l, i| {
        set(l, i, "software_manager", |_| Some("apt".to_string()))
    }),
    // Users.
    fleet("a user in capitals", "useradd rejects the name (I-76)", |l, i| {
        user(l, i, "name", |name| Some(name.to_uppercase()))
    }),
    fleet("a user with a blank", "useradd takes two arguments (I-76)", |l, i| {
        user(l, i, "name", |name| Some(format!("{name} b")))
    }),
    fleet("a user called wheel", "a group of that name exists, and the user is not made (I-78)", |l, i| {
        user(l, i, "name", |_| Some("wheel".to_string()))
    }),
    fleet("a user called root", "it exists (I-78)", |l, i| user(l, i, "name", |_| Some("root".to_string()))),
    fleet("the name of another user", "the installer rejects the template (I-41)", |l, i| {
        let (first, _) = l.block(i);
        let (first, _) = if l.line(first).trim_start().starts_with('-') { l.block(first) } else { (first, 0) };
        let other = (first..i).find_map(|at| l.value(at, "name"))?.1.to_string();
        user(l, i, "name", |_| Some(other.clone()))
    }),
    fleet("the head of a user is gone", "the installer rejects the template (I-41)", |l, i| {
        let head =
            user(l, i, "name", |_| Some(String::new())).is_some() && l.line(i).trim_start().starts_with("- name: ");
        let first = i > 0 && l.line(i - 1).trim_end().ends_with("users:");
        (head && first && !l.line(i + 1).trim_start().starts_with('-')).then_some(Change::Drop)
    }),
    fleet("uid 0", "the installer ignores it (I-41)", |l, i| user(l, i, "uid", |_| Some("0".to_string()))),
    fleet("a negative uid", "the installer rejects the template (I-41)", |l, i| {
        user(l, i, "uid", |uid| Some(format!("-{uid}")))
    }),
    fleet("a uid in words", "the installer rejects the template (I-41)", |l, i| {
        user(l, i, "uid", |_| Some("ada".to_string()))
    }),
    fleet("a uid too large", "the installer rejects the template (I-41)", |l, i| {
        user(l, i, "uid", |_| Some("4294967296".to_string()))
    }),
    fleet("sudo as in a sudoers file", "the installer takes true alone (I-41)", |l, i| {
        user(l, i, "sudo", |_| Some("ALL=(ALL) NOPASSWD:ALL".to_string()))
    }),
    fleet("sudo with yes", "the installer takes true alone (I-41)", |l, i| {
        user(l, i, "sudo", |_| Some("yes".to_string()))
    }),
    fleet("a full name with a colon", "it is a field of /etc/passwd (I-76)", |l, i| {
        user(l, i, "full_name", |name| Some(format!("\"{name}: one\"")))
    }),
    fleet("a full name with an apostrophe", "the words of useradd are split elsewhere (I-76)", |l, i| {
        user(l, i, "full_name", |name| Some(format!("\"{name}'s\"")))
    }),
    fleet("a key cut short", LOCKED_OUT, |l, i| ssh_key(l, i, |key| format!("{} ada@desk", &key[..40]))),
    fleet("a key without a comment", "the installer rejects it (I-42)", |l, i| {
        ssh_key(l, i, |key| key.rsplit_once(' ').map_or("", |(key, _)| key).to_string())
    }),
    fleet("a key with a misspelt type", LOCKED_OUT, |l, i| ssh_key(l, i, |key| key.replacen("ssh-", "shs-", 1))),
    fleet("a key with options before it", "the installer rejects it (I-42)", |l, i| {
        ssh_key(l, i, |key| format!("no-pty {key}"))
    }),
    fleet("a key with a line of dots in it", LOCKED_OUT, |l, i| ssh_key(l, i, |key| key.replacen("IJ3B", "...", 1))),
    fleet("a private key", "everybody can read it (I-22)", |l, i| {
        ssh_key(l, i, |_| "-----BEGIN OPENSSH PRIVATE KEY-----".to_string())
    }),
    fleet("the name of a file for a key", "there is no such file on the installer (I-42)", |l, i| {
        ssh_key(l, i, |_| "~/.ssh/id_ed25519.pub".to_string())
    }),
    fleet("a user who may become root and cannot log in", "the installer rejects the template (I-41)", |l, i| {
        drop_user_key(l, i, "ssh_key")
    }),
    fleet("a password in clear", "nobody can log in with it (I-76)", |l, i| {
        user(l, i, "password_hash", |_| Some("secret".to_string()))
    }),
    fleet("an empty password", "anybody can log in (I-77)", |l, i| {
        user(l, i, "password_hash", |_| Some("\"\"".to_string()))
    }),
    fleet("a password hash with a quote", "the words of useradd are split elsewhere (I-76)", |l, i| {
        user(l, i, "password_hash", |hash| Some(format!("\"{}'\"", hash.trim_matches(['\'', '"']))))
    }),
    fleet("a password hash cut short", "nobody can log in with it (I-76)", |l, i| {
        user(l, i, "password_hash", |hash| Some(hash.trim_matches(['\'', '"'])[..20].to_string()))
    }),
    // Hooks.
    fleet("a hook as text", "the installer would run each letter (I-85)", |l, i| {
        HOOKS.iter().find_map(|key| set(l, i, key, |list| Some(list.strip_prefix('[')?.strip_suffix(']')?.to_string())))
    }),
    fleet("a hook in the background", "the installer waits for it for ever (I-85)", |l, i| {
        ["pre_install_shell", "post_nonchroot_shell", "post_chroot_shell"]
            .iter()
            .find_map(|key| hook(l, i, key, |command| format!("\"{} &\"", command.trim_matches('"'))))
    }),
    fleet("an empty hook", "there is nothing to run (I-85)", |l, i| any_hook(l, i, |_| "\"\"".to_string())),
    fleet("a hook as a mapping", "the installer takes text (I-85)", |l, i| {
        any_hook(l, i, |command| format!("{{ run: {command} }}"))
    }),
    fleet("shell syntax in a command", "no shell reads it (I-86)", |l, i| {
        hook(l, i, "post_chroot", |command| format!("\"{} && true\"", command.trim_matches('"')))
    }),
    fleet("a program with an argument", "the installer looks for a file of that name (I-44)", |l, i| {
        hook(l, i, "post_nonchroot", |command| format!("\"{} --now\"", command.trim_matches('"')))
    }),
    fleet("a program without its folder", "the installer looks for a file of that name (I-44)", |l, i| {
        hook(l, i, "post_nonchroot", |command| command.trim_matches('"').rsplit('/').next().unwrap_or("").to_string())
    }),
    // Proxies and mirrors.
    fleet("a URL without its scheme", NO_URL, |l, i| url(l, i, |url| Some(url.split_once("://")?.1.to_string()))),
    fleet("a URL without its host", NO_URL, |l, i| url(l, i, |url| Some(format!("{}:///x", url.split_once("://")?.0)))),
    fleet("a URL with a blank", NO_URL, |l, i| url(l, i, |url| Some(format!("{url}/my mirror")))),
    fleet("a URL of SOCKS", NO_URL, |l, i| url(l, i, |url| Some(format!("socks5://{}", url.split_once("://")?.1)))),
    fleet("a mirror for content alone", "the two must agree (I-72)", |l, i| {
        if in_settings(l, i) { l.drop_key(i, "version_url") } else { None }
    }),
    fleet("a mirror for versions alone", "the two must agree (I-72)", |l, i| {
        if in_settings(l, i) { l.drop_key(i, "mirror_url") } else { None }
    }),
    fleet("a kernel command line as a list", "the installer asks for text (1.3)", |l, i| {
        set(l, i, "cmdline", |line| Some(format!("[{line}]")))
    }),
    // Labels, variables and texts.
    fleet("labels as a list", "they have no names", |l, i| {
        set(l, i, "labels", |map| Some(map.replacen('{', "[", 1).replacen(" }", " ]", 1)))
    }),
    fleet("a label as a list", "a label is text", |l, i| {
        let key = l.line(i).split("labels: { ").nth(1)?.split(':').next()?;
        l.set(i, key, |value| Some(format!("[{value}]")))
    }),
    fleet(
        "a variable that the role text asks for, misspelt",
        "the role has no text (product: undefined names are errors)",
        |l, i| {
            ["ansible_key", "ssh_key", "export", "motd"].iter().find_map(|key| {
                let line = l.line(i);
                let vars = l.path(i).last() == Some(&"vars") || line.contains("vars: { ");
                let only = (0..l.all.len()).filter(|at| l.line(*at).contains(&format!("{key}: "))).count() == 1;
                (vars && only).then(|| l.rename(i, key, &format!("{key}s"))).flatten()
            })
        },
    ),
    fleet("a role text that is not there", "the machine is installed and not configured", |l, i| {
        set(l, i, "cloud_config", |name| name.contains('/').then(|| name.replace(".yaml", ".yml")))
    }),
    fleet("a role text above the fleet file", "other clones do not have it", |l, i| {
        set(l, i, "cloud_config", |name| name.contains('/').then(|| format!("../{name}")))
    }),
    fleet("a folder for a role text", "it cannot be read", |l, i| {
        set(l, i, "cloud_config", |name| name.split_once('/').map(|(folder, _)| folder.to_string()))
    }),
    fleet("a role text as a list", "it is text", |l, i| {
        set(l, i, "cloud_config", |name| name.contains('/').then(|| format!("[{name}]")))
    }),
];
