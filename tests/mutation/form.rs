//! Faults in the form of a fleet file: YAML, indentation, keys.

use crate::kind::{Change, Kind, Lines, fleet};

const UNREADABLE: &str = "what follows cannot be understood, so no machine is known";
const UNHEARD: &str = "a setting that nobody reads is one that the machine does not get";

/// The keys of the language, as they may be misspelt.
const KEYS: &[&str] = &[
    "version",
    "server",
    "unknown",
    "networks",
    "releases",
    "layouts",
    "defaults",
    "roles",
    "hosts",
    "url",
    "service",
    "install",
    "cidr",
    "gateway",
    "dns",
    "dhcp_range",
    "domain",
    "kernel",
    "initrd",
    "boot_args",
    "installer",
    "kind",
    "disk",
    "size",
    "partitions",
    "type",
    "filesystem",
    "mount",
    "label",
    "options",
    "force_unit",
    "keep",
    "encryption",
    "name",
    "passphrase",
    "state",
    "release",
    "layout",
    "bundles",
    "users",
    "interface",
    "cmdline",
    "legacy_bios",
    "keep_partition_table",
    "https_proxy",
    "mirror_url",
    "version_url",
    "hooks",
    "software_manager",
    "labels",
    "vars",
    "add",
    "remove",
    "full_name",
    "uid",
    "sudo",
    "password_hash",
    "ssh_key",
    "pre_install_shell",
    "post_nonchroot",
    "post_nonchroot_shell",
    "post_chroot",
    "post_chroot_shell",
    "extends",
    "cloud_config",
    "mac",
    "role",
    "address",
    "file",
    "sha256",
];

/// The keys below which names are the user's own.
const OPEN: &[&str] = &["labels", "vars"];

fn is_open(lines: &Lines, index: usize) -> bool {
    let path = lines.path(index);
    path.iter().any(|key| OPEN.contains(key)) || path.last().is_some_and(|key| *key == "cloud_config")
}

/// Another sign in a line that is no part of a text.
fn swap(lines: &Lines, index: usize, old: &str, new: &str) -> Option<Change> {
    if is_open(lines, index) { None } else { lines.swap(index, old, new) }
}

/// A key of the language in a line.
fn key(lines: &Lines, index: usize) -> Option<&'static str> {
    if !lines.says(index) || is_open(lines, index) {
        return None;
    }
    let line = lines.line(index);
    let names = matches!(lines.path(index)[..], ["networks" | "releases" | "layouts" | "roles" | "hosts"]);
    let line = if names { line.split_once(": {")?.1 } else { line };
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.into_iter().find_map(|word| {
        KEYS.iter()
            .find(|key| **key == word && (line.contains(&format!("{word}: ")) || line.ends_with(&format!("{word}:"))))
            .copied()
    })
}

fn with_key(lines: &Lines, index: usize, new: impl Fn(&str) -> Option<String>) -> Option<Change> {
    let key = key(lines, index)?;
    lines.rename(index, key, &new(key)?)
}

/// The two letters in the middle swapped.
fn swapped(key: &str) -> Option<String> {
    let mut bytes = key.as_bytes().to_vec();
    let at = (0..bytes.len() - 1).rev().find(|at| bytes[*at] != bytes[at + 1])?;
    bytes.swap(at, at + 1);
    String::from_utf8(bytes).ok()
}

/// `key: value` alone in its line.
fn pair(lines: &Lines, index: usize) -> Option<(&str, &str)> {
    let line = lines.line(index);
    if !lines.says(index) || is_open(lines, index) {
        return None;
    }
    let (key, value) = line.split_once(": ")?;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == ' ';
    (key.chars().all(word) && !value.trim_start().starts_with(['|', '#'])).then_some((key, value))
}

/// The indentation of a line, where it stands below a neighbour in the same column that is one line.
fn beside(lines: &Lines, index: usize) -> Option<usize> {
    if index == 0 || !lines.says(index) || !lines.says(index - 1) || is_open(lines, index) {
        return None;
    }
    let (line, above) = (lines.line(index), lines.line(index - 1));
    let depth = line.len() - line.trim_start().len();
    let same = above.len() - above.trim_start().len() == depth && !above.trim_end().ends_with(':');
    (same && depth > 0 && !line.trim_start().starts_with('-')).then_some(depth)
}

fn insert(lines: &Lines, index: usize, line: &str) -> Option<Change> {
    pair(lines, index)?;
    Some(Change::Line(format!("{line}\n{}", lines.line(index))))
}

pub const KINDS: &[Kind] = &[
    fleet("a tab in the indentation", UNREADABLE, |l, i| {
        let line = l.line(i);
        (line.starts_with("    ") && l.says(i) && !is_open(l, i)).then(|| Change::Line(line.replacen("    ", "\t", 1)))
    }),
    fleet("indented by one more", UNREADABLE, |l, i| {
        beside(l, i)?;
        Some(Change::Line(format!(" {}", l.line(i))))
    }),
    fleet("indented by one less", UNREADABLE, |l, i| {
        beside(l, i)?;
        Some(Change::Line(l.line(i)[1..].to_string()))
    }),
    fleet("a list entry indented by one more", "it is joined to the entry above", |l, i| {
        let above = i.checked_sub(1).map(|above| l.line(above))?;
        let line = l.line(i);
        let depth = |line: &str| line.len() - line.trim_start().len();
        let entries = line.trim_start().starts_with("- ") && above.trim_start().starts_with("- ");
        let plain = !above.contains(": ") && !above.contains('#') && !line.contains(": ");
        (entries && plain && depth(line) == depth(above)).then(|| Change::Line(format!(" {line}")))
    }),
    fleet("a missing colon", UNREADABLE, |l, i| {
        let (key, value) = pair(l, i)?;
        Some(Change::Line(format!("{key} {value}")))
    }),
    fleet("a missing colon between braces", UNREADABLE, |l, i| {
        let (start, _) = l.value(i, "role").or_else(|| l.value(i, "filesystem")).or_else(|| l.value(i, "kind"))?;
        let line = l.line(i);
        line[..start].contains('{').then(|| Change::Line(format!("{} {}", &line[..start - 2], &line[start..])))
    }),
    fleet("no blank behind the colon", UNREADABLE, |l, i| {
        let (key, value) = pair(l, i)?;
        (!value.starts_with(['"', '{', '['])).then(|| Change::Line(format!("{key}:{value}")))
    }),
    fleet("a no-break space behind the colon", UNREADABLE, |l, i| {
        let (key, value) = pair(l, i)?;
        (!value.starts_with(['"', '{', '['])).then(|| Change::Line(format!("{key}:\u{a0}{value}")))
    }),
    fleet("a missing closing quote", UNREADABLE, |l, i| {
        let line = l.line(i);
        let at = line
            .rfind('"')
            .filter(|_| l.says(i) && !is_open(l, i) && !line.contains("vars: ") && !line.contains('\\'))?;
        Some(Change::Line(format!("{}{}", &line[..at], &line[at + 1..])))
    }),
    fleet("a missing opening quote", UNREADABLE, |l, i| {
        let line = l.line(i);
        let at = line
            .find('"')
            .filter(|_| l.says(i) && !is_open(l, i) && !line.contains("vars: ") && !line.contains('\\'))?;
        Some(Change::Line(format!("{}{}", &line[..at], &line[at + 1..])))
    }),
    fleet("typographic quotes", "they are part of the text", |l, i| {
        let line = l.line(i);
        let quoted = line.contains(": \"") && l.says(i) && !is_open(l, i) && !line.contains("vars: ");
        quoted.then(|| Change::Line(line.replacen('"', "“", 1).replacen('"', "”", 1)))
    }),
    fleet("a missing closing brace", UNREADABLE, |l, i| swap(l, i, " }", "")),
    fleet("a missing opening brace", UNREADABLE, |l, i| swap(l, i, "{ ", "")),
    fleet("a missing closing bracket", UNREADABLE, |l, i| swap(l, i, "]", "")),
    fleet("a missing opening bracket", UNREADABLE, |l, i| swap(l, i, "[", "")),
    fleet("a bracket for a brace", UNREADABLE, |l, i| swap(l, i, " }", " ]")),
    fleet("a missing comma", UNREADABLE, |l, i| if l.line(i).contains('{') { l.swap(i, ", ", " ") } else { None }),
    fleet("a misspelt key", UNHEARD, |l, i| with_key(l, i, swapped)),
    fleet("a key with hyphens", UNHEARD, |l, i| with_key(l, i, |key| key.contains('_').then(|| key.replace('_', "-")))),
    fleet("a key in capitals", UNHEARD, |l, i| with_key(l, i, |key| Some(key.to_uppercase()))),
    fleet("a key that the language never had", UNHEARD, |l, i| {
        let (key, _) = pair(l, i)?;
        Some(Change::Line(format!("{}colour: green\n{}", " ".repeat(key.len() - key.trim_start().len()), l.line(i))))
            .filter(|_| !key.trim_start().starts_with("- "))
            .filter(|_| !matches!(l.path(i)[..], ["networks" | "releases" | "layouts" | "roles" | "hosts"]))
    }),
    fleet("a key twice", "one of the two values is dropped in silence", |l, i| {
        let (key, _) = pair(l, i)?;
        (!key.trim_start().starts_with("- ")).then(|| Change::Line(format!("{0}\n{0}", l.line(i))))
    }),
    fleet("a key without its value", "nobody knows what was meant", |l, i| {
        let (name, _) = pair(l, i)?;
        let settings = matches!(l.path(i)[..], ["defaults"] | ["roles" | "hosts", _]);
        let names = matches!(l.path(i)[..], ["networks" | "releases" | "layouts" | "roles" | "hosts"]);
        (!settings && !names && !name.contains('-')).then(|| Change::Line(format!("{name}:")))
    }),
    fleet("an alias of nothing", UNREADABLE, |l, i| {
        let (key, _) = pair(l, i)?;
        Some(Change::Line(format!("{key}: *nothing")))
    }),
    fleet("an anchor without a name", UNREADABLE, |l, i| {
        let (key, value) = pair(l, i)?;
        Some(Change::Line(format!("{key}: & {value}")))
    }),
    fleet("a tag", "other tools would read another value", |l, i| {
        let (key, value) = pair(l, i)?;
        (!value.starts_with(['{', '[', '&', '"'])).then(|| Change::Line(format!("{key}: !!binary {value}")))
    }),
    fleet("a merge key", "fleetc has none, so the settings would not be there", |l, i| {
        let (key, _) = pair(l, i)?;
        let depth = key.len() - key.trim_start().len();
        (l.is_in(i, &["hosts", "*"]) && !key.trim_start().starts_with('-'))
            .then(|| Change::Line(format!("{}<<: {{ state: install }}\n{}", " ".repeat(depth), l.line(i))))
    }),
    fleet("a mark of a merge conflict", UNREADABLE, |l, i| insert(l, i, "<<<<<<< HEAD")),
    fleet("the middle mark of a merge conflict", UNREADABLE, |l, i| insert(l, i, "=======")),
    fleet("the last mark of a merge conflict", UNREADABLE, |l, i| insert(l, i, ">>>>>>> rack-2")),
    fleet("a second document", "its machines would be dropped in silence", |l, i| {
        (l.path(i).is_empty() && l.says(i) && i > 5).then(|| Change::Line(format!("---\n{}", l.line(i))))
    }),
    fleet("a control character", UNREADABLE, |l, i| {
        let (key, value) = pair(l, i)?;
        Some(Change::Line(format!("{key}: {value}\u{1}")))
    }),
    fleet("a list entry without a blank behind its dash", UNREADABLE, |l, i| {
        let line = l.line(i);
        let plain = line.trim_start().starts_with("- ") && !line.contains(':') && !is_open(l, i);
        plain.then(|| Change::Line(line.replacen("- ", "-", 1)))
    }),
    fleet("a list entry without its dash", UNREADABLE, |l, i| {
        let line = l.line(i);
        let plain = line.trim_start().starts_with("- ") && !line.contains(':') && !is_open(l, i);
        plain.then(|| Change::Line(line.replacen("- ", "  ", 1)))
    }),
    fleet("a comment sign without a blank before it", "the comment is part of the value", |l, i| {
        let (head, comment) = l.line(i).split_once(" #").filter(|_| l.says(i) && !is_open(l, i))?;
        let value = !head.trim_end().ends_with(':');
        value.then(|| Change::Line(format!("{}#{comment}", head.trim_end())))
    }),
    fleet("a misspelt section", UNHEARD, |l, i| {
        let key = l.line(i).split(':').next().filter(|_| l.path(i).is_empty() && l.says(i))?;
        l.rename(i, key, &swapped(key)?)
    }),
    fleet("the head of a section is gone", UNREADABLE, |l, i| {
        let head = ["networks:", "releases:", "layouts:", "roles:", "hosts:", "server:"];
        head.contains(&l.line(i)).then_some(Change::Drop)
    }),
];
