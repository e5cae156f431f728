//! What the first-boot client would do with a role text: judged as rendered, placed in the template.

use rayon::prelude::*;

use super::{ipxe, secrets};
use crate::diag::{Diagnostic, Rule, Sink, rule};
use crate::model::{Fleet, Host, RoleId};
use crate::template::{Audience, Rendered, Templates};
use crate::yaml::{self, Document, Kind, NodeId};

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
    /// A role text that is not one YAML mapping.
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
    BROKEN_ROLE, broken_role: "broken-role", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A mapping as the direct value of a key in a role text.
    ///
    /// ## Why it matters
    /// ucd puts such a mapping beside its key, and from there on keys and values change places (contract U-9):
    /// `power_state: {…}` followed by `hostname: node1` sets the hostname to the word `hostname`, and a mapping inside a
    /// user makes users of its keys. It does so for keys it does not know, too. Only lists of mappings are safe.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service: { mask: ucd.service }   # <-
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
    MAPPING_IN_MAPPING, mapping_in_mapping: "mapping-in-mapping", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// An alias, a merge key or a key that is a list or mapping in a role text.
    ///
    /// ## Why it matters
    /// ucd drops an alias (contract U-10), and everything behind it moves up by one: values become keys.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// groups: &all
    ///   - ops
    /// packages: *all   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// groups:
    ///   - ops
    /// ```
    ALIAS_IN_ROLE, alias_in_role: "alias-in-role", FirstBoot, Error, fixed;
}

/// Renders every text that a machine would get, and judges it.
pub(super) fn check(fleet: &Fleet, sink: &Sink) {
    let templates = Templates::new(fleet, sink);
    let mut shared = vec![false; fleet.roles.len()];
    if let Some(role) = fleet.unknown_role() {
        shared[role.value.0 as usize] = true;
    }
    let own: Vec<&Host> = fleet
        .hosts
        .iter()
        .filter(|host| {
            let own = templates.is_own(host);
            shared[host.role.value.0 as usize] |= !own;
            own
        })
        .collect();
    for (index, _) in shared.iter().enumerate().filter(|(_, used)| **used) {
        judge_for(&templates, Audience::Role(RoleId(index as u32)), fleet, sink);
    }
    own.par_iter().for_each(|host| judge_for(&templates, Audience::Host(host), fleet, sink));
}

fn judge_for(templates: &Templates<'_>, audience: Audience<'_>, fleet: &Fleet, sink: &Sink) {
    match templates.render(audience) {
        None => {}
        Some(Err(fault)) => {
            sink.report(*fault);
        }
        Some(Ok(rendered)) => {
            let report = |fault: Diagnostic| {
                // A fault that the template's own text has is the same for every host; a host adds its name only where it
                // adds the fault.
                let fault = match audience {
                    Audience::Host(host) => fault.and(host.name.span, "when it is rendered for this host"),
                    Audience::Role(role) => fault.and(fleet.role(role).name.span, "the text of this role"),
                };
                sink.report(fault);
            };
            judge(&rendered, &report);
            let place = |start, end| rendered.span_of(start, end);
            secrets::text(&rendered.text, place, &report);
            if installs(audience, fleet) {
                ipxe::again::text(&rendered.text, place, &report);
            }
        }
    }
}

/// Whether a machine that gets the text is to be installed.
fn installs(audience: Audience<'_>, fleet: &Fleet) -> bool {
    match audience {
        Audience::Host(host) => host.installs(),
        Audience::Role(role) => {
            fleet.unknown_role().is_some_and(|unknown| unknown.value == role)
                || fleet.hosts.iter().any(|host| host.role.value == role && host.installs())
        }
    }
}

/// A text on its way through the checks.
struct Case<'r> {
    rendered: &'r Rendered<'r>,
    report: &'r dyn Fn(Diagnostic),
}

impl Case<'_> {
    fn at(&self, rule: &'static Rule, start: u32, end: u32, message: impl Into<String>, help: &str) {
        let span = self.rendered.span_of(start as usize, end as usize);
        (self.report)(rule.at(span, message).help(help));
    }
}

fn judge(rendered: &Rendered<'_>, report: &dyn Fn(Diagnostic)) {
    let case = Case { rendered, report };
    let text = rendered.text.as_str();
    let first = text.lines().next().unwrap_or_default();
    if let Some(interpreter) = first.strip_prefix("#!") {
        if !interpreter.trim_start().starts_with('/') {
            let help = "name the interpreter by its whole path, like `#!/bin/sh`";
            case.at(&ROLE_WITHOUT_HEADER, 0, first.len() as u32, "the first line names no interpreter", help);
        }
        return;
    }
    let plain =
        first.strip_prefix("#cloud-config").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r']));
    if !plain {
        let message = match text.trim() {
            "" => "the role text is empty; the installer fails on it once the disk is written",
            _ if text.starts_with('\u{feff}') => {
                "the role text begins with a byte-order mark, so ucd ignores all of it"
            }
            _ if first.starts_with("#cloud-config") => "ucd takes this for a plain `#cloud-config`, and misreads it",
            _ => "the role text does not begin with `#cloud-config` or `#!`, so ucd ignores all of it",
        };
        case.at(
            &ROLE_WITHOUT_HEADER,
            0,
            first.len() as u32,
            message,
            "the first line is exactly `#cloud-config`, or `#!` and an interpreter",
        );
        return;
    }
    match yaml::parse(text) {
        Err(error) => {
            let message = format!("{}; ucd would execute what stands before it, and drop the rest", error.message);
            let help = error.help.unwrap_or_else(|| "the role text is to be one YAML mapping".to_string());
            case.at(&BROKEN_ROLE, error.at, error.at + 1, message, &help);
        }
        Ok(document) => judge_document(&case, &document, first.len() as u32),
    }
}

fn judge_document(case: &Case<'_>, document: &Document<'_>, header: u32) {
    let Some(root) = document.root().filter(|root| !document.is_null(*root)) else {
        case.at(
            &BROKEN_ROLE,
            0,
            header,
            "the role text says nothing",
            "add keys below the first line, or remove `cloud_config`",
        );
        return;
    };
    if let Some(second) = document.second {
        let message = "ucd reads the first document alone; it ignores what begins here";
        case.at(&BROKEN_ROLE, second, second + 3, message, "make it one document");
    }
    let node = document.node(root);
    if node.kind != Kind::Mapping {
        let message = "ucd reads a mapping of keys, and nothing else";
        case.at(&BROKEN_ROLE, node.start, node.end, message, "write `key: value` at the margin");
        return;
    }
    walk(case, document, root);
}

fn walk(case: &Case<'_>, document: &Document<'_>, id: NodeId) {
    match document.node(id).kind {
        Kind::Mapping => {
            for (key, value) in document.pairs(id) {
                judge_pair(case, document, key, value);
                walk(case, document, value);
            }
        }
        Kind::Sequence => {
            for child in document.children(id) {
                judge_alias(case, document, child);
                walk(case, document, child);
            }
        }
        _ => {}
    }
}

fn judge_pair(case: &Case<'_>, document: &Document<'_>, key: NodeId, value: NodeId) {
    let (node, name) = (document.node(key), document.scalar(key));
    match node.kind {
        Kind::Alias => return judge_alias(case, document, key),
        Kind::Sequence | Kind::Mapping => {
            let message = "a list or mapping as a key; ucd shifts everything behind it";
            return case.at(&ALIAS_IN_ROLE, node.start, node.end, message, "keys are plain names");
        }
        Kind::Plain if name == "<<" => {
            let message = "ucd drops merge keys, and shifts everything behind them";
            return case.at(&ALIAS_IN_ROLE, node.start, node.end, message, "write the keys out");
        }
        _ => {}
    }
    judge_alias(case, document, value);
    if document.node(value).kind == Kind::Mapping {
        let message = format!("a mapping as the value of `{name}`; ucd would swap keys and values from here on");
        let help = format!("a list of mappings is safe: write `{name}:` and `- key: value` below it, or drop the key");
        case.at(&MAPPING_IN_MAPPING, node.start, node.end, message, &help);
    }
}

fn judge_alias(case: &Case<'_>, document: &Document<'_>, id: NodeId) {
    let node = document.node(id);
    if node.kind == Kind::Alias {
        case.at(
            &ALIAS_IN_ROLE,
            node.start,
            node.end,
            "ucd drops aliases, and shifts everything behind them",
            "write the value out",
        );
    }
}
