//! The rules about the form of a fleet file.

use super::node::{Document, Kind};
use super::parse::parse;
use crate::diag::{Diagnostic, Reported, Sink, rule};
use crate::source::{FileId, Span};

/// How many nodes the aliases of a file may stand for, beyond ten times those written: a "billion laughs" is stopped,
/// an honest file is not.
const ALIAS_BUDGET: u64 = 100_000;

rule! {
    /// ## What it does
    /// Text that is no YAML, or YAML that a fleet file does not use: an empty file, several documents, an alias inside
    /// what it stands for, aliases that blow up.
    ///
    /// ## Why it matters
    /// What follows the fault cannot be understood, so nothing is built from it.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute   # <-
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute }
    /// ```
    pub SYNTAX, syntax: "syntax", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// An explicit tag, like `!!str` or `!vault`.
    ///
    /// ## Why it matters
    /// fleetc reads each value as what its key needs; a tag would say otherwise to other tools.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: !!str 52:54:00:00:00:01, role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: "52:54:00:00:00:01", role: compute }
    /// ```
    pub YAML_TAG, yaml_tag: "yaml-tag", Language, Error, fixed;
}

/// Whether a text is what roles name, and no fleet: it begins as they do, and has none of the keys of a fleet.
fn is_role_text(text: &str, document: &Document<'_>) -> bool {
    let head = text.trim_start_matches('\u{feff}');
    let has = |key: &str| {
        let root = document.root().filter(|root| document.node(*root).kind == Kind::Mapping);
        root.is_some_and(|root| document.pairs(root).any(|(name, _)| document.scalar(name) == key))
    };
    (head.starts_with("#cloud-config") || head.starts_with("#!"))
        && !["version", "server", "hosts"].into_iter().any(has)
}

fn role_text(file: FileId, text: &str) -> Diagnostic {
    let end = text.lines().next().map_or(0, str::len) as u32;
    let fault = SYNTAX.at(Span { file, start: 0, end }, "this is the text of a role, and no fleet file");
    fault.help("name the fleet file; `check` reads the texts that its roles name with `cloud_config`")
}

/// Parses a fleet file and judges its form: one document, no tags, aliases within reason.
///
/// # Errors
/// Proof of the finding that says why the text is no fleet file.
pub fn read<'a>(text: &'a str, file: FileId, sink: &Sink) -> Result<Document<'a>, Reported> {
    let place = |start: u32, end: u32| Span { file, start, end };
    let document = match parse(text) {
        Ok(document) if is_role_text(text, &document) => return Err(sink.report(role_text(file, text))),
        Ok(document) => document,
        Err(_) if is_role_text(text, &Document::default()) => return Err(sink.report(role_text(file, text))),
        Err(error) => {
            let end = text[error.at as usize..].chars().next().map_or(0, char::len_utf8) as u32;
            return Err(sink.report(SYNTAX.at(place(error.at, error.at + end), error.message).help_if(error.help)));
        }
    };
    if document.is_empty() {
        let fault = SYNTAX.at(Span::start_of(file), "the fleet file is empty");
        return Err(sink.report(fault.help("`fleetc init` writes a first one")));
    }
    for (start, end) in &document.tags {
        let fault = YAML_TAG.at(place(*start, *end), "tags have no meaning in a fleet file");
        sink.report(fault.help("remove it; use quotes for text"));
    }
    if let Some(second) = document.second {
        let fault = SYNTAX.at(place(second, second + 3), "a second document begins here");
        return Err(sink.report(fault.help("a fleet file is one document; remove the `---`")));
    }
    if let Some((start, end)) = document.cycle {
        let fault = SYNTAX.at(place(start, end), "this alias stands inside what it stands for");
        return Err(sink.report(fault.help("take it out")));
    }
    if document.expanded > document.len() as u64 * 10 + ALIAS_BUDGET {
        let fault =
            SYNTAX.at(Span::start_of(file), format!("the aliases of this file stand for {} values", document.expanded));
        return Err(sink.report(fault.help("use `defaults` and `extends` for what is common")));
    }
    Ok(document)
}

rule! {
    /// ## What it does
    /// A key that the language does not have.
    ///
    /// ## Why it matters
    /// A setting that nobody reads is a setting that the machine does not get: with `bundels`, it would be installed
    /// without the bundles you listed.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac: 52:54:00:00:00:01
    ///     role: compute
    ///     bundels: [kernel-native]   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac: 52:54:00:00:00:01
    ///     role: compute
    ///     bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    /// ```
    pub UNKNOWN_KEY, unknown_key: "unknown-key", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// A key that stands twice in one mapping.
    ///
    /// ## Why it matters
    /// Most YAML readers keep the last one and drop the first in silence: one of two machines would vanish.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-1: { mac: 52:54:00:00:00:02, role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute }
    /// ```
    pub DUPLICATE_KEY, duplicate_key: "duplicate-key", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// A key that must be there is missing.
    ///
    /// ## Why it matters
    /// fleetc never guesses what a machine should be.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    /// ```
    pub MISSING_KEY, missing_key: "missing-key", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// A value of the wrong kind: a list where text belongs, text where a mapping belongs, nothing where a value
    /// belongs.
    ///
    /// ## Why it matters
    /// The installer takes a text for a list of its letters, and a list for nothing at all.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac: 52:54:00:00:00:01
    ///     role: compute
    ///     users: ada   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac: 52:54:00:00:00:01
    ///     role: compute
    ///     users:
    ///       - name: ada
    ///         ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada
    /// ```
    pub WRONG_KIND, wrong_kind: "wrong-kind", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// A merge key, `<<`.
    ///
    /// ## Why it matters
    /// Merge keys are not part of YAML 1.2, and readers differ in what they do with them. The language has `defaults`
    /// and `extends` for what is common to several machines.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: &node { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2:
    ///     <<: *node   # <-
    ///     mac: 52:54:00:00:00:02
    ///     role: compute
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute }
    /// ```
    pub MERGE_KEY, merge_key: "merge-key", Language, Error, fixed;
}

/// The registry entries of the front end.
pub(crate) mod rules {
    pub(crate) use super::{duplicate_key, merge_key, missing_key, syntax, unknown_key, wrong_kind, yaml_tag};
}
