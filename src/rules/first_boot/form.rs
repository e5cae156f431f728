//! The form of a role text: its first line, a script's interpreter, YAML as ucd's parser reads it.

use super::case::Case;
use super::libyaml;
use super::read::Place;
use crate::diag::rule;
use crate::yaml::{self, Document, Kind};

rule! {
    /// ## What it does
    /// A role text that does not begin with `#cloud-config` or `#!`.
    ///
    /// ## Why it matters
    /// The first line decides what ucd makes of the text (contract U-6). With anything else there, a blank line, a
    /// byte-order mark, `# cloud-config` with a blank, it does nothing at all: the machine is installed and stays
    /// unconfigured. An empty text stops the installer after the disk is written (I-21).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// # cloud-config   # <-
    /// service:
    ///   - mask: ucd.service
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    ROLE_WITHOUT_HEADER, role_without_header: "role-without-header", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A role text that is not one YAML mapping, or that holds what ucd's parser stops at: control characters, tabs before
    /// the first word of a line.
    ///
    /// ## Why it matters
    /// ucd executes what stands before a syntax error, drops the rest, and reports success (contract U-8). It reads the
    /// first document alone, and nothing that is not a mapping (U-11): a machine that is configured by half, in silence.
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
    ///  groups: wheel   # <-
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
    ///     no-create-home: false
    ///     no-user-group: false
    /// ```
    pub(super) BROKEN_ROLE, broken_role: "broken-role", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A script as role text that the system cannot start: its first line names no program by its whole path, hands it more
    /// than one argument, or the text has bytes that no script has.
    ///
    /// ## Why it matters
    /// ucd makes the text executable and runs it (contract U-7). The kernel reads the first line: it wants a whole path, and
    /// gives the program everything behind it as one argument, blanks included. A script that does not start leaves one
    /// line in the journal, and the machine unconfigured.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.sh }
    /// ```
    /// ```sh role.sh
    /// #!bash   # <-
    /// echo managed > /etc/motd
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.sh }
    /// ```
    /// ```sh role.sh
    /// #!/bin/bash
    /// echo managed > /etc/motd
    /// ```
    SCRIPT_THAT_CANNOT_START, script_that_cannot_start: "script-that-cannot-start", FirstBoot, Error, fixed;
}

/// Judges the form, and gives the document of a `#cloud-config` that ucd reads as one.
pub(super) fn judge<'t>(case: &Case<'_>, text: &'t str) -> Option<Document<'t>> {
    let first = text.split('\n').next().unwrap_or_default();
    if let Some(line) = first.strip_prefix("#!") {
        script(case, text, line);
        return None;
    }
    let plain =
        first.strip_prefix("#cloud-config").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r']));
    if !plain {
        header(case, text, first);
        return None;
    }
    if !characters(case, text) {
        return None;
    }
    match yaml::parse(text) {
        Err(error) => {
            let message = format!("{}; ucd would execute what stands before it, and drop the rest", error.message);
            let help = error.help.unwrap_or_else(|| "the role text is to be one YAML mapping".to_string());
            case.at(&BROKEN_ROLE, Place { start: error.at, end: error.at + 1 }, message, help);
            None
        }
        Ok(document) => mapping(case, &document, first.len() as u32).then_some(document),
    }
}

fn header(case: &Case<'_>, text: &str, first: &str) {
    let message = match text.trim() {
        "" => "the role text is empty; the installer fails on it once the disk is written",
        _ if text.starts_with('\u{feff}') => "the role text begins with a byte-order mark, so ucd ignores all of it",
        _ if first.starts_with("#cloud-config") => "ucd takes this for a plain `#cloud-config`, and misreads it",
        _ => "the role text does not begin with `#cloud-config` or `#!`, so ucd ignores all of it",
    };
    let help = "the first line is exactly `#cloud-config`, or `#!` and an interpreter";
    case.at(&ROLE_WITHOUT_HEADER, Place { start: 0, end: first.len() as u32 }, message, help);
}

/// The first line of a script as the kernel reads it (contract U-7).
fn script(case: &Case<'_>, text: &str, line: &str) {
    let place = Place { start: 0, end: line.trim_end().len() as u32 + 2 };
    // A line that ends in CR and LF is served with LF alone (contract X-17).
    let line = line.strip_suffix('\r').unwrap_or(line);
    let mut words = line.split_ascii_whitespace();
    let program = words.next().unwrap_or_default();
    let arguments = words.count();
    let fault = |message: &str, help: &str| case.at(&SCRIPT_THAT_CANNOT_START, place, message, help);
    let name = program.rsplit('/').next().unwrap_or_default();
    if !program.starts_with('/') || name.is_empty() {
        let message = "the first line names no program by its whole path, so this script does not start";
        fault(message, "name the interpreter by its whole path, like `#!/bin/sh`");
    } else if line.contains('\r') {
        fault("a carriage return in the first line becomes part of the interpreter's name", "end the line with LF");
    } else if name == "env" && arguments == 0 {
        fault("`env` is not told which program to start", "name the interpreter: `#!/usr/bin/env bash`");
    } else if arguments > 1 && matches!(name, "sh" | "bash" | "dash" | "env") && !line.contains(" -S") {
        let message =
            "the kernel hands everything behind the interpreter over as one argument, so this script does not start";
        fault(message, "one argument at most; say the others in the script, with `set`");
    }
    if let Some(at) = text.find('\0') {
        let place = Place { start: at as u32, end: at as u32 + 1 };
        let message = "a NUL byte: no shell takes this for a script";
        case.at(&SCRIPT_THAT_CANNOT_START, place, message, "remove it; the file may not be UTF-8");
    }
}

/// Characters that libyaml stops at, unlike readers of YAML 1.2 (contract U-8).
fn characters(case: &Case<'_>, text: &str) -> bool {
    let odd =
        |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}') || matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.bytes().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')) {
        return true;
    }
    let Some((at, found)) = text.char_indices().find(|(_, c)| odd(*c)) else { return true };
    let place = Place { start: at as u32, end: (at + found.len_utf8()) as u32 };
    let message = format!(
        "the character U+{:04X} stops ucd: it executes what stands before it, and drops the rest",
        found as u32
    );
    case.at(&BROKEN_ROLE, place, message, "remove it; in double quotes it can be written as an escape");
    false
}

/// Whether the document is one mapping.
fn mapping(case: &Case<'_>, document: &Document<'_>, header: u32) -> bool {
    let Some(root) = document.root().filter(|root| !document.is_null(*root)) else {
        let help = "add keys below the first line, or remove `cloud_config`";
        case.at(&BROKEN_ROLE, Place { start: 0, end: header }, "the role text says nothing", help);
        return false;
    };
    if let Some(second) = document.second {
        let message = "ucd reads the first document alone; it ignores what begins here";
        case.at(&BROKEN_ROLE, Place { start: second, end: second + 3 }, message, "make it one document");
    }
    let odd = libyaml::odd(document, case.text());
    for (place, message, help) in &odd {
        case.at(&BROKEN_ROLE, *place, message, *help);
    }
    let node = document.node(root);
    if node.kind != Kind::Mapping {
        let message = "ucd reads a mapping of keys, and nothing else";
        let place = Place { start: node.start, end: node.end };
        case.at(&BROKEN_ROLE, place, message, "write `key: value` at the margin");
        return false;
    }
    odd.is_empty()
}
