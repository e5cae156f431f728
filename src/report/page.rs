//! The page of a rule, for those who read it outside the book: in a terminal, beside a finding in a viewer.

use super::Style;
use super::text::fold;
use crate::diag::{Page, Rule};

/// The columns that text is folded at, at most: longer lines are hard to read.
const MAX_WIDTH: usize = 100;

/// The page as a terminal shows it: headings stand out, text is folded, examples are indented.
pub fn text(rule: &Rule, style: &Style) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut paragraph = String::new();
    let mut inside = false;
    for line in Page::of(rule).text().trim().lines().chain([""]) {
        let fence = line.strip_prefix("```");
        let title = line.strip_prefix("## ").filter(|_| !inside);
        if !inside && fence.is_none() && title.is_none() && !line.is_empty() {
            paragraph.push_str(line);
            paragraph.push(' ');
            continue;
        }
        if !paragraph.is_empty() {
            lines.push(folded(&std::mem::take(&mut paragraph), 2, style));
        }
        match (fence, title) {
            (Some(info), _) => {
                inside = !inside;
                let file = info.split_once(' ').filter(|_| inside);
                lines.extend(file.map(|(_, file)| format!("  {file}:")));
            }
            (None, Some(title)) => lines.push(style.bold(title)),
            (None, None) if inside => lines.push(format!("    {line}").trim_end().to_string()),
            (None, None) => lines.push(String::new()),
        }
    }
    lines.join("\n").trim_end().to_string()
}

/// Text in lines that begin with `indent` blanks and fit the terminal.
pub fn folded(text: &str, indent: usize, style: &Style) -> String {
    let width = style.width.clamp(40, MAX_WIDTH) - indent;
    let blanks = " ".repeat(indent);
    let lines: Vec<String> = fold(text, width, width).lines().map(|line| format!("{blanks}{line}")).collect();
    lines.join("\n")
}

/// The page as Markdown that any reader knows: the name of an example's file stands above it.
pub fn markdown(rule: &Rule) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in Page::of(rule).text().trim().lines() {
        match line.strip_prefix("```") {
            Some(info) => {
                inside = !inside;
                let (language, file) = info.split_once(' ').unwrap_or((info, ""));
                if inside && !file.is_empty() {
                    text.push_str(&format!("`{file}`:\n\n"));
                }
                text.push_str(&format!("```{language}"));
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// What the rule is about: the first sentence of what it does, up to a colon, without its full stop.
pub fn title(rule: &Rule) -> String {
    let summary = summary(rule);
    let mut code = false;
    let end = summary.char_indices().find(|(at, c)| {
        code ^= *c == '`';
        !code && matches!(c, '.' | ':') && summary[at + 1..].starts_with(' ')
    });
    summary[..end.map_or(summary.len(), |(at, _)| at)].trim_end_matches('.').to_string()
}

/// What the rule does, on one line.
pub(super) fn summary(rule: &Rule) -> String {
    Page::of(rule).summary().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::WRONG_VALUE;

    static PAGED: Rule = Rule {
        doc: " ## What it does\n A value that is\n wrong. Very.\n\n ## Example\n ```yaml roles/a.yaml\n a:\n\n   # b\n ```\n \
              ```text\n c\n ```\n\n Then\n this.\n",
        ..WRONG_VALUE
    };

    #[test]
    fn pages_are_folded_and_examples_are_not() {
        let expected = "\
What it does
  A value that is wrong. Very.

Example
  roles/a.yaml:
    a:

      # b
    c

  Then this.";
        assert_eq!(text(&PAGED, &Style::PLAIN), expected);
        let narrow = text(&PAGED, &Style { width: 1, colour: true, ..Style::PLAIN });
        assert!(narrow.starts_with("\u{1b}[1mWhat it does\u{1b}[0m\n  A value"), "{narrow}");
    }

    #[test]
    fn in_markdown_the_file_stands_above_its_text() {
        let expected = "\
## What it does
A value that is
wrong. Very.

## Example
`roles/a.yaml`:

```yaml
a:

  # b
```
```text
c
```

Then
this.
";
        assert_eq!(markdown(&PAGED), expected);
        let titled = |doc| title(&Rule { doc, ..WRONG_VALUE });
        assert_eq!(title(&PAGED), "A value that is wrong");
        assert_eq!(titled(" ## What it does\n A `b: c` of\n d: `e`, f.\n"), "A `b: c` of d");
        assert_eq!(titled(" ## What it does\n Version 1.0.\n"), "Version 1.0");
    }
}
