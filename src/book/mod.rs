//! The pages of the book that are made from the code: the table of contents, the key reference, and a page a rule.
//!
//! Nothing is written here. `tests/book.rs` compares these pages with `book/src`, and rewrites them when it is told to.

pub mod coverage;
mod reference;
mod rules;

pub use reference::anchor;

use crate::diag::Rule;

/// A page: its path below `book/src`, and its Markdown.
pub type Page = (String, String);

/// The pages that people write, in the order of the book: how deep they stand, their title, their path.
pub const CHAPTERS: &[(usize, &str, &str)] = &[
    (0, "What fleetc is", "index.md"),
    (0, "Tutorial: from a MAC list to a served tree", "tutorial.md"),
    (0, "Moving from ICIS", "from-icis.md"),
    (0, "From an installer's template", "from-template.md"),
    (0, "From a vendor's list", "from-list.md"),
    (0, "Making the boot files", "boot-files.md"),
    (0, "The language", "language/index.md"),
    (1, "Inheritance", "language/inheritance.md"),
    (1, "Addresses and networks", "language/networks.md"),
    (1, "Layouts", "language/layouts.md"),
    (1, "Releases and artifacts", "language/releases.md"),
    (1, "Roles and templates", "language/roles.md"),
    (1, "Hooks", "language/hooks.md"),
    (1, "State, and machines not listed", "language/state.md"),
    (1, "YAML, decided", "language/yaml.md"),
    (1, "Key reference", reference::PATH),
    (0, "The tree", "tree.md"),
    (0, "Commands", "commands.md"),
    (0, "Reading a pull request", "plan.md"),
    (0, "In CI", "ci.md"),
    (0, "Serving", "serving.md"),
    (0, "Before you power on", "power-on.md"),
    (0, "When a machine does not come up", "trouble.md"),
    (0, "Handing over to Ansible", "ansible.md"),
    (0, "How fast it is", "speed.md"),
    (0, "How it is built", "architecture.md"),
    (0, "Facts about the consumers", FACTS),
    (0, "Coverage: what becomes of each trap", coverage::PATH),
    (0, "Rules", rules::INDEX),
];

/// The page of the facts that rules cite.
const FACTS: &str = "facts.md";

/// The first line of every page that is made from the code.
const MADE: &str = "<!-- Made from the code: `FLEETC_BLESS=1 cargo test --test book` writes it anew. -->\n\n";

/// Every page that is made from the code.
pub fn pages() -> Vec<Page> {
    let mut pages = vec![("SUMMARY.md".to_string(), summary()), (reference::PATH.to_string(), reference::page())];
    pages.push((rules::INDEX.to_string(), rules::index()));
    pages.push((coverage::PATH.to_string(), coverage::page()));
    pages.extend(crate::rules::RULES.iter().map(|rule| (rules::path(rule), rules::page(rule))));
    for (_, text) in &mut pages {
        text.insert_str(0, MADE);
    }
    pages
}

/// The part of `book.toml` that leads from the pages of rules that were renamed to their new ones; perhaps empty.
pub fn redirects(rules: &[&Rule]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for rule in rules {
        let old = rule.formerly.iter();
        lines.extend(old.map(|old| format!("\"/rules/{old}.html\" = \"{}.html\"\n", rule.id)));
    }
    lines.sort();
    if !lines.is_empty() {
        lines.insert(0, "[output.html.redirect]\n".to_string());
    }
    lines.concat()
}

/// The table of contents: the chapters, then the rules by family.
fn summary() -> String {
    let mut lines = vec!["# Summary".to_string(), String::new()];
    lines.extend(CHAPTERS.iter().map(|(depth, title, path)| format!("{}- [{title}]({path})", "  ".repeat(*depth))));
    for (_, rules) in rules::families() {
        lines.extend(rules.into_iter().map(|rule| format!("  - [{}]({})", rule.id, rules::path(rule))));
    }
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Family, Level};

    #[test]
    fn old_pages_lead_to_new_ones() {
        const fn rule(id: &'static str, formerly: &'static [&'static str]) -> Rule {
            Rule { id, formerly, family: Family::Network, level: Level::Warn, fixed: false, since: "0.1.0", doc: "" }
        }
        static NEW: Rule = rule("new", &["older", "old"]);
        static OTHER: Rule = rule("other", &[]);
        static LAST: Rule = rule("x", &["b"]);
        assert_eq!(redirects(&[&OTHER]), "");
        let expected = "\
[output.html.redirect]
\"/rules/b.html\" = \"x.html\"
\"/rules/old.html\" = \"new.html\"
\"/rules/older.html\" = \"new.html\"
";
        assert_eq!(redirects(&[&NEW, &OTHER, &LAST]), expected);
    }
}
