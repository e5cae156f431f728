//! The files of `write_files`: whether ucd writes them, and under which name.

use super::case::Case;
use super::kinds;
use super::read::{Entry, Text, Value};
use crate::diag::rule;
use crate::nearest;

rule! {
    /// ## What it does
    /// A file in `write_files` without `path` or without `content`.
    ///
    /// ## Why it matters
    /// ucd needs both, and skips the entry otherwise (contract U-27).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/app.conf   # <-
    ///     permissions: "0644"
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/app.conf
    ///     permissions: "0644"
    ///     content: |
    ///       threads = 4
    /// ```
    INCOMPLETE_FILE, incomplete_file: "incomplete-file", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A key of a file that ucd does not know.
    ///
    /// ## Why it matters
    /// ucd knows `path`, `content`, `permissions` and `owner`, and ignores the rest (contract U-27): with `encoding: b64`
    /// the file holds the base64 text, with `append: true` the beginning of the file is written over.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/app.conf
    ///     encoding: b64   # <-
    ///     content: dGhyZWFkcyA9IDQK
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/app.conf
    ///     content: |
    ///       threads = 4
    /// ```
    UNKNOWN_FILE_KEY, unknown_file_key: "unknown-file-key", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A path of a file that ucd cannot write to: no whole path, a folder, or below a folder whose name the shell takes
    /// apart.
    ///
    /// ## Why it matters
    /// ucd makes a missing folder with `mkdir -p` and no quotes (contract U-27): of `/srv/my data/x` it makes the folders
    /// `/srv/my` and `data`, and the file is not written. It knows no `~`.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /srv/my data/readme   # <-
    ///     content: none of it is yours
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /srv/my-data/readme
    ///     content: none of it is yours
    /// ```
    MALFORMED_FILE_PATH, malformed_file_path: "malformed-file-path", FirstBoot, Error, fixed;
}

/// A file, as far as it could be read.
pub(super) struct File<'d> {
    pub(super) path: Option<Text<'d>>,
    pub(super) content: Option<Text<'d>>,
    pub(super) permissions: Option<Text<'d>>,
    pub(super) has_permissions: bool,
    pub(super) owner: Option<Text<'d>>,
}

const KEYS: &[&str] = &["path", "content", "permissions", "owner"];

/// Reads the value of `write_files`.
pub(super) fn read<'d>(case: &Case<'_>, key: &Text<'d>, value: &Value<'d>) -> Vec<File<'d>> {
    let entries = kinds::entries(case, key, value, "ucd writes no file");
    entries.into_iter().map(|entry| file(case, entry)).collect()
}

fn file<'d>(case: &Case<'_>, entry: Entry<'d>) -> File<'d> {
    let mut file = File { path: None, content: None, permissions: None, has_permissions: false, owner: None };
    let (mut has_path, mut has_content) = (false, false);
    let pairs = kinds::pairs(case, entry);
    for (key, value) in &pairs {
        let text = |effect: &str| kinds::text(case, key, value, effect);
        match key.text {
            "path" => {
                has_path = true;
                file.path = text("ucd crashes on it").filter(|path| path_is_good(case, path));
            }
            // An empty file is one, too.
            "content" if matches!(value, Value::Text(text) if text.text.is_empty()) => has_content = true,
            "content" => {
                has_content = true;
                file.content = text("ucd crashes on it");
            }
            "permissions" => {
                file.has_permissions = true;
                file.permissions = text("ucd crashes on it");
            }
            "owner" => file.owner = text("the file stays root's"),
            name => {
                unknown(case, key, value);
                // What is misspelt is not missing besides.
                match nearest::nearest(name, KEYS.iter().copied()) {
                    Some("path") => has_path = true,
                    Some("content") => has_content = true,
                    Some("permissions") => file.has_permissions = true,
                    _ => {}
                }
            }
        }
    }
    let missing = match (has_path, has_content) {
        (true, true) => return file,
        (false, false) => "`path` and `content`",
        (false, true) => "`path`",
        (true, false) => "`content`",
    };
    let message = format!("ucd skips a file without {missing}");
    let help = if has_path { "add `content: \"\"` if the file is to be empty" } else { "say which file, with `path:`" };
    case.at(&INCOMPLETE_FILE, entry.place(), message, help);
    file
}

/// Reports a key that ucd does not know, unless it asks for what ucd does anyway.
fn unknown(case: &Case<'_>, key: &Text<'_>, value: &Value<'_>) {
    let asked = match value {
        Value::Text(text) => text.text,
        _ => "",
    };
    let help = match (key.text, asked) {
        ("append" | "defer", "false") | ("encoding", "text/plain") => return,
        ("encoding", _) => "write the content itself; it may be any text".to_string(),
        ("append", _) => "write the whole file; or append in a command, behind a test whether it was done".to_string(),
        ("defer", _) => "ucd goes through the text from top to bottom: put `write_files` where it belongs".to_string(),
        ("source", _) => "write the content itself, or fetch the file in a command".to_string(),
        ("mode", _) => "ucd's name for it is `permissions`".to_string(),
        (name, _) => match nearest::nearest(name, KEYS.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "the keys of a file: `path`, `content`, `permissions`, `owner`".to_string(),
        },
    };
    let message = format!("ucd does not know {} of a file, and ignores it", case.quote(key));
    case.at(&UNKNOWN_FILE_KEY, key.place, message, help);
}

fn path_is_good(case: &Case<'_>, path: &Text<'_>) -> bool {
    let fault = |what: &str, help: &str| {
        case.at(&MALFORMED_FILE_PATH, path.place, format!("ucd cannot write {}: {what}", case.quote(path)), help);
        false
    };
    let Some((folder, name)) = path.text.rsplit_once('/') else {
        return fault("it is no whole path", "begin it with `/`");
    };
    if !path.text.starts_with('/') {
        return fault("it is no whole path", "begin it with `/`; there is no `~`, and no folder to start from");
    }
    if name.is_empty() {
        return fault("it is a folder", "add the name of the file; ucd makes the folder for it");
    }
    if path.text.contains('\n') {
        return fault("it ends in a line break", "write it without block signs like `|`");
    }
    // `mkdir -p` gets the folder through the shell.
    let taken_apart = |c: char| !c.is_ascii_graphic() || "\"'`$&;|<>()*?[]{}~#!\\".contains(c);
    if let Some(bad) = folder.chars().find(|c| taken_apart(*c)) {
        let what = match bad {
            ' ' => "`mkdir` takes the blank in the folder's name for the end of it",
            _ => "the shell that makes the folder reads a character of its name in another way",
        };
        return fault(what, "choose a folder with letters, digits, `.`, `_` and `-`");
    }
    true
}
