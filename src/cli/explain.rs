//! `fleetc explain`: the page of a rule, in the terminal.

use clap::Args;

use super::{Failure, Outcome, output};
use crate::diag::{Family, Rule};
use crate::nearest;
use crate::report::{Style, page};
use crate::rules::{RULES, find};

/// Show the page of a rule, or list all rules
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The rule, as findings name it.
    rule: Option<String>,
}

impl Explain {
    pub(super) fn run(self) -> Result<Outcome, Failure> {
        let book = output::book()?;
        let style = output::style("", book.as_deref());
        let Some(asked) = self.rule else {
            output::say(&list(&style))?;
            return Ok(Outcome::Fine);
        };
        let id = id(&asked);
        let Some(rule) = find(&id) else {
            let failure = Failure::new(format!("no rule is called `{asked}`"));
            return Err(match nearest::nearest(&id, RULES.iter().map(|rule| rule.id)) {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure.help("`fleetc explain` lists the rules"),
            });
        };
        output::say(&whole(rule, &style))?;
        Ok(Outcome::Fine)
    }
}

/// The id in what somebody asks for, who may have pasted it from a report: `error[duplicate-mac]:`.
fn id(asked: &str) -> String {
    let inside = asked.split_once('[').map_or(asked, |(_, rest)| rest.split(']').next().unwrap_or(rest));
    let plain = inside.trim_matches(|c: char| c.is_whitespace() || matches!(c, '`' | '\'' | '"' | ':'));
    plain.to_lowercase().replace('_', "-")
}

/// Every rule with its level and what it reports, by family.
fn list(style: &Style) -> String {
    let mut families: Vec<Family> = RULES.iter().map(|rule| rule.family).collect();
    families.sort();
    families.dedup();
    let mut lines = Vec::new();
    for family in families {
        lines.push(style.bold(family.title()));
        for rule in RULES.iter().filter(|rule| rule.family == family) {
            let level = style.paint(rule.weight(), rule.level);
            lines.push(format!("  {} ({level})", style.linked(rule.id, rule.id)));
            lines.push(page::folded(&page::title(rule), 6, style));
        }
        lines.push(String::new());
    }
    lines.push("`fleetc explain RULE` shows the page of one".to_string());
    lines.join("\n")
}

/// A page below its head.
fn whole(rule: &Rule, style: &Style) -> String {
    let mut facts = vec![style.paint(rule.weight(), rule.level), rule.family.title().to_string()];
    facts.push(format!("since {}", rule.since));
    if !rule.formerly.is_empty() {
        facts.push(format!("formerly `{}`", rule.formerly.join("`, `")));
    }
    let mut text = format!("{}  ({})\n\n{}", style.bold(rule.id), facts.join("; "), page::text(rule, style));
    if let Some(address) = style.page(rule.id) {
        text.push_str(&format!("\n\n{address}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_as_people_write_them() {
        for asked in
            ["malformed-mac", "malformed_mac", "Malformed-MAC", "error[malformed-mac]", "warning[malformed-mac]:"]
        {
            assert_eq!(id(asked), "malformed-mac", "{asked}");
        }
        for asked in
            ["[malformed-mac]", " `malformed-mac` ", "\"malformed-mac\"", "error[malformed-mac]: `52` is short"]
        {
            assert_eq!(id(asked), "malformed-mac", "{asked}");
        }
    }

    #[test]
    fn a_page_says_what_the_rule_was_called() {
        static RENAMED: Rule = Rule {
            id: "new",
            formerly: &["oldest", "old"],
            family: Family::Network,
            level: crate::diag::Level::Error,
            fixed: true,
            since: "0.2.0",
            doc: " ## What it does\n This.\n",
        };
        let book = Style { book: Some("https://book.example"), ..Style::PLAIN };
        let expected = "\
new  (error, always; Network; since 0.2.0; formerly `oldest`, `old`)

What it does
  This.

https://book.example/rules/new.html";
        assert_eq!(whole(&RENAMED, &book), expected);
        assert!(
            whole(&RENAMED, &Style { colour: true, ..book })
                .starts_with("\u{1b}[1mnew\u{1b}[0m  (\u{1b}[31merror, always\u{1b}[0m; Network;")
        );
    }
}
