//! The rules: an index by family, and a page each at an address that does not change, `rules/<id>.md`.

use std::collections::BTreeMap;

use super::FACTS;
use crate::diag::{Family, Page, Rule};
use crate::report::page::markdown;
use crate::rules::RULES;

pub(super) const INDEX: &str = "rules/index.md";

pub(super) fn path(rule: &Rule) -> String {
    format!("rules/{}.md", rule.id)
}

/// The rules by family, both in order.
pub(super) fn families() -> BTreeMap<Family, Vec<&'static Rule>> {
    let mut families: BTreeMap<Family, Vec<&'static Rule>> = BTreeMap::new();
    for rule in RULES {
        families.entry(rule.family).or_default().push(rule);
    }
    families
}

pub(super) fn index() -> String {
    let mut text = String::from(INTRODUCTION);
    for (family, rules) in families() {
        text.push_str(&format!("\n## {}\n\n| rule | level | reports |\n|---|---|---|\n", family.title()));
        for rule in rules {
            let page = Page::of(rule);
            let summary = page.summary().replace('\n', " ").replace('|', "\\|");
            text.push_str(&format!("| [`{id}`]({id}.md) | {} | {summary} |\n", rule.weight(), id = rule.id));
        }
    }
    text
}

const INTRODUCTION: &str = "\
# Rules

Each thing that fleetc reports has a name, a level and a page. `fleetc explain RULE` shows the page in a terminal.

| level | what it means | to change it |
|---|---|---|
| error, always | no fleet is left, or a machine would be wiped, stranded or configured by half: nothing is built | cannot be lowered |
| error | nothing is built | `-W RULE`, `-A RULE` |
| warning | reported; the fleet still builds | `-D RULE`, `-A RULE`; `-D warnings` for all |

The last flag on a rule holds.

## To allow a finding

A comment allows a rule in one place. It stands on the line that the finding names, or on the line above; the reason is
for the next reader, and must be there:

```yaml
hosts:
  node-1:
    mac: 52:54:00:00:00:01
    role: compute
    http_proxy: http://proxy.example.net:3128  # fleetc: allow(unused-http-proxy) the role text reads it
```

Several rules are parted by commas. Role texts have such comments too, also as `{# … #}`, which the machine does not
see. A comment that allows nothing is reported ([`unused-suppression`](unused-suppression.md)), and so is one that is
not understood, or that names an error which cannot be lowered
([`malformed-suppression`](malformed-suppression.md)).

## All rules

In the examples below each page's rule, `# <-` marks the line that is reported. The parts
of the fleet file that an example leaves out are as in [the smallest fleet](../language/index.md).
";

pub(super) fn page(rule: &Rule) -> String {
    let family = rule.family.title();
    let anchor = super::anchor(family);
    let mut text = format!("# `{}`\n\n", rule.id);
    text.push_str(&format!("Level: **{}**. Family: [{family}](index.md#{anchor}). ", rule.weight()));
    text.push_str(&format!("Since: {}.", rule.since));
    if !rule.formerly.is_empty() {
        text.push_str(&format!(" Formerly: `{}`.", rule.formerly.join("`, `")));
    }
    text.push_str("\n\n");
    let mut inside = false;
    for line in markdown(rule).lines() {
        inside ^= line.starts_with("```");
        text.push_str(&if inside { line.to_string() } else { cited(line) });
        text.push('\n');
    }
    text
}

/// Makes links of the facts that a line cites, like `U-9`.
fn cited(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut code = false;
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let before = text.chars().next_back();
        match fact(rest).filter(|_| !code && before.is_none_or(|c| !c.is_alphanumeric() && c != '-')) {
            Some(id) => {
                text.push_str(&format!("[{id}](../{FACTS}#{})", id.to_lowercase()));
                rest = &rest[id.len()..];
            }
            None => {
                code ^= first == '`';
                text.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    text
}

/// The id of a fact that a text begins with: a capital, a hyphen, a number.
fn fact(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    if bytes.len() < 3 || !bytes[0].is_ascii_uppercase() || bytes[1] != b'-' {
        return None;
    }
    let digits = bytes[2..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let ends = !bytes.get(2 + digits).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    (digits > 0 && ends).then(|| &text[..2 + digits])
}

#[cfg(test)]
mod tests {
    use super::cited;

    #[test]
    fn cited_facts_are_links() {
        assert_eq!(
            cited("so (contract U-9, I-21)."),
            "so (contract [U-9](../facts.md#u-9), [I-21](../facts.md#i-21))."
        );
        for plain in ["SHA-256", "`U-9`", "UTF-8", "x-1", "U-", "A-1x", "U-9-3"] {
            assert_eq!(cited(plain), plain);
        }
    }
}
