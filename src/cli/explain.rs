//! `fleetc explain`: the page of a rule, in the terminal.

use clap::Args;

use super::{Failure, Outcome, output};
use crate::diag::{Level, Page, Rule};
use crate::nearest;
use crate::rules::{RULES, find};

/// Show the page of a rule, or list all rules
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The rule, as findings name it.
    rule: Option<String>,
}

impl Explain {
    pub(super) fn run(self) -> Result<Outcome, Failure> {
        let Some(id) = self.rule else {
            output::say(&list())?;
            return Ok(Outcome::Fine);
        };
        let Some(rule) = find(&id) else {
            let failure = Failure::new(format!("no rule is called `{id}`"));
            return Err(match nearest::nearest(&id, RULES.iter().map(|rule| rule.id)) {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure.help("`fleetc explain` lists the rules"),
            });
        };
        output::say(&page(rule, output::has_colour()))?;
        Ok(Outcome::Fine)
    }
}

/// Every rule in a line, by family.
fn list() -> String {
    let mut families: Vec<_> = RULES.iter().map(|rule| rule.family).collect();
    families.sort();
    families.dedup();
    let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut lines = Vec::new();
    for family in families {
        lines.push(format!("{}:", family.title()));
        for rule in RULES.iter().filter(|rule| rule.family == family) {
            let page = Page::of(rule);
            let summary = page.summary().replace('\n', " ");
            let first = summary.split_once(". ").map_or(summary.as_str(), |(first, _)| first);
            lines.push(format!("  {:width$}  {:7}  {}", rule.id, rule.level.word(), first.trim_end_matches('.')));
        }
        lines.push(String::new());
    }
    lines.push("`fleetc explain RULE` shows the page of one".to_string());
    lines.join("\n")
}

/// A page as a terminal shows it: headings stand out, examples are indented.
fn page(rule: &Rule, colour: bool) -> String {
    let bold = |text: &str| if colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_string() };
    let level = match (rule.level, rule.fixed) {
        (Level::Error, true) => "error, always",
        (level, _) => level.word(),
    };
    let mut lines =
        vec![format!("{}  ({level}; {}; since {})", bold(rule.id), rule.family.title(), rule.since), String::new()];
    let mut inside = false;
    for line in Page::of(rule).text().trim().lines() {
        if let Some(info) = line.strip_prefix("```") {
            inside = !inside;
            if let Some((_, file)) = info.split_once(' ').filter(|_| inside) {
                lines.push(format!("  {file}:"));
            }
        } else if let Some(title) = line.strip_prefix("## ") {
            lines.push(bold(title));
        } else if inside {
            lines.push(format!("    {line}").trim_end().to_string());
        } else {
            lines.push(format!("  {line}").trim_end().to_string());
        }
    }
    lines.join("\n")
}
