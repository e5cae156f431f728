//! Role texts from elsewhere as templates: what a template would take for its own is written so that it comes out as
//! it was.

/// A template that renders to `text`, byte for byte. Most texts are their own template.
pub fn as_template(text: &str) -> String {
    let begins = |rest: &str| ["{{", "{%", "{#"].iter().any(|sign| rest.starts_with(sign));
    if !text.match_indices('{').any(|(at, _)| begins(&text[at..])) {
        return text.to_string();
    }
    // Between these two, nothing is a template; a line break behind the first would be lost, as would blanks before
    // the last.
    let ends_plainly = text.ends_with('\n') || !text.ends_with(char::is_whitespace);
    if !text.contains("endraw") && !text.starts_with(['\n', '\r']) && ends_plainly {
        return format!("{{% raw %}}{text}{{% endraw %}}");
    }
    let mut out = String::with_capacity(text.len() + 64);
    for (at, c) in text.char_indices() {
        match c {
            '{' if begins(&text[at..]) => out.push_str("{{ '{' }}"),
            c => out.push(c),
        }
    }
    out
}
