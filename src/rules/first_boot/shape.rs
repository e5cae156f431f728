//! Shapes of YAML that ucd's parser takes apart wrongly: it knows lists of texts, and lists of flat mappings.

use super::blocks;
use super::case::Case;
use super::form::BROKEN_ROLE;
use super::read::{Place, is_omitted};
use crate::diag::rule;
use crate::yaml::{Document, Kind, NodeId};

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

rule! {
    /// ## What it does
    /// A tag that changes what a value is, like `!!binary`.
    ///
    /// ## Why it matters
    /// To ucd every value is the text that stands there (contract U-8): what is tagged as base64 is written to the file
    /// as base64.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/app.key
    ///     content: !!binary c2VjcmV0Cg==   # <-
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
    ///   - path: /etc/app.key
    ///     content: |
    ///       secret
    /// ```
    TAG_IN_ROLE, tag_in_role: "tag-in-role", FirstBoot, Error, fixed;
}

/// Judges the shape of a whole document.
pub(super) fn judge(case: &Case<'_>, document: &Document<'_>) {
    for (start, end) in &document.tags {
        let tag = case.text().get(*start as usize..*end as usize).unwrap_or_default();
        if !matches!(tag, "!" | "!!str" | "!!int" | "!!bool" | "!!float" | "!!seq" | "!!map") {
            let place = Place { start: *start, end: (*end).max(*start + 1) };
            let message = "ucd ignores tags: it takes the text behind this one as it stands";
            case.at(&TAG_IN_ROLE, place, message, "write the value itself");
        }
    }
    if let Some(root) = document.root() {
        walk(case, document, root);
    }
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
    let place = Place { start: node.start, end: node.end };
    match node.kind {
        Kind::Alias => return judge_alias(case, document, key),
        Kind::Sequence | Kind::Mapping => {
            let message = "a list or mapping as a key; ucd shifts everything behind it";
            return case.at(&ALIAS_IN_ROLE, place, message, "keys are plain names");
        }
        // What stands before the colon is nothing, so its place is that of the colon.
        Kind::Plain if is_omitted(document, key) => {
            let colon = case.text()[..document.node(value).start as usize].rfind(':').unwrap_or_default() as u32;
            let place = Place { start: colon, end: colon + 1 };
            let message = "a `:` without a key stops ucd: it executes what stands before, and drops the rest";
            return case.at(&BROKEN_ROLE, place, message, "write the key before it, or quotes around a text");
        }
        Kind::Plain if name == "<<" => {
            let message = "ucd drops merge keys, and shifts everything behind them";
            return case.at(&ALIAS_IN_ROLE, place, message, "write the keys out");
        }
        _ => {}
    }
    judge_alias(case, document, value);
    if document.node(value).kind == Kind::Mapping {
        let message = format!("a mapping as the value of `{name}`; ucd would swap keys and values from here on");
        let help = match blocks::instead_of(name) {
            Some(instead) => format!("drop it; {instead}"),
            None => format!("a list of mappings is safe: write `{name}:` and `- key: value` below it, or drop the key"),
        };
        case.at(&MAPPING_IN_MAPPING, place, message, help);
    }
}

fn judge_alias(case: &Case<'_>, document: &Document<'_>, id: NodeId) {
    let node = document.node(id);
    if node.kind == Kind::Alias {
        let message = "ucd drops aliases, and shifts everything behind them";
        case.at(&ALIAS_IN_ROLE, Place { start: node.start, end: node.end }, message, "write the value out");
    }
}
