//! A part of a fleet file before it is text: values, with the comments that a person would write beside them.

use super::quote::{double, quoted};

/// Columns that a list or mapping in brackets may reach; a longer one is written line by line.
const WIDTH: usize = 110;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text from elsewhere; it is quoted where it needs to be.
    Text(String),
    /// What is to stand there as it is: a number, `true`, a word of the language.
    Word(String),
    /// A list, an item a line.
    List(Vec<Value>),
    /// A mapping, a key a line.
    Map(Vec<Entry>),
    /// A list in brackets, as long as it is short and nothing in it has a comment.
    Row(Vec<Value>),
    /// A mapping in braces, under the same conditions.
    Braces(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Its value.
    pub value: Value,
    /// Lines of comment above it, without the `#`.
    pub above: Vec<String>,
    /// A comment behind the key, or behind a value of one line.
    pub behind: Option<String>,
}

impl Value {
    /// Text from elsewhere.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// What stands there as it is: a number, `true`, a word of the language.
    pub fn word(word: impl ToString) -> Value {
        Value::Word(word.to_string())
    }

    /// In brackets or in one word; none for what takes more lines. `column` is where it begins.
    fn in_line(&self, column: usize) -> Option<String> {
        let fits = |text: String| (column + text.chars().count() <= WIDTH).then_some(text);
        match self {
            Value::Text(text) => Some(quoted(text)),
            Value::Word(word) => Some(word.clone()),
            Value::List(items) if items.is_empty() => Some("[]".to_string()),
            Value::Map(entries) if entries.is_empty() => Some("{}".to_string()),
            Value::List(_) | Value::Map(_) => None,
            Value::Row(items) => {
                let items: Option<Vec<String>> = items.iter().map(|item| item.in_line(column)).collect();
                fits(format!("[{}]", items?.join(", ")))
            }
            Value::Braces(entries) if entries.is_empty() => Some("{}".to_string()),
            Value::Braces(entries) => {
                let plain = |entry: &Entry| entry.above.is_empty() && entry.behind.is_none();
                let entry = |entry: &Entry| {
                    let value = entry.value.in_line(column).filter(|_| plain(entry))?;
                    Some(format!("{}: {value}", quoted(&entry.key)))
                };
                let entries: Option<Vec<String>> = entries.iter().map(entry).collect();
                fits(format!("{{ {} }}", entries?.join(", ")))
            }
        }
    }

    /// In brackets and braces, whatever it is; with `json` also as JSON has it.
    pub(super) fn flow(&self, json: bool) -> String {
        let scalar = |text: &str| if json { double(text) } else { quoted(text) };
        match self {
            Value::Text(text) => scalar(text),
            Value::Word(word) => word.clone(),
            Value::List(items) | Value::Row(items) => {
                let items: Vec<String> = items.iter().map(|item| item.flow(json)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(entries) | Value::Braces(entries) if entries.is_empty() => "{}".to_string(),
            Value::Map(entries) | Value::Braces(entries) => {
                format!("{{ {} }}", entries.iter().map(|entry| entry.flow(json)).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Its lines below a key or a dash that stands `indent` blanks in; each level stands `step` further in.
    fn lines(&self, indent: usize, step: usize, out: &mut String) {
        let inner = indent + step;
        match self {
            Value::Map(entries) | Value::Braces(entries) => {
                entries.iter().for_each(|entry| entry.write(inner, step, out))
            }
            Value::List(items) | Value::Row(items) => {
                for item in items {
                    out.push_str(&" ".repeat(inner));
                    out.push_str("- ");
                    match item.in_line(inner + 2) {
                        Some(text) => {
                            out.push_str(&text);
                            out.push('\n');
                        }
                        None => {
                            let mut below = String::new();
                            item.lines(inner, 2, &mut below);
                            // The first line of what is in it stands behind the dash.
                            out.push_str(below.trim_start_matches(' '));
                        }
                    }
                }
            }
            Value::Text(_) | Value::Word(_) => {}
        }
    }
}

impl Entry {
    /// A key and its value, without comments.
    pub fn new(key: impl Into<String>, value: Value) -> Entry {
        Entry { key: key.into(), value, above: Vec::new(), behind: None }
    }

    /// Adds a line of comment above it.
    pub fn above(mut self, comment: impl Into<String>) -> Entry {
        self.above.push(comment.into());
        self
    }

    /// Adds a comment behind it.
    pub fn behind(mut self, comment: impl Into<String>) -> Entry {
        self.behind = Some(comment.into());
        self
    }

    /// Key and value in braces and brackets, without comments; with `json` also as JSON has them.
    pub(super) fn flow(&self, json: bool) -> String {
        let key = if json { double(&self.key) } else { quoted(&self.key) };
        format!("{key}: {}", self.value.flow(json))
    }

    /// Its lines, `indent` blanks in; what is below its key stands `step` further in.
    pub(super) fn write(&self, indent: usize, step: usize, out: &mut String) {
        let blanks = " ".repeat(indent);
        for line in &self.above {
            out.push_str(format!("{blanks}# {}", one_line(line)).trim_end());
            out.push('\n');
        }
        let key = format!("{blanks}{}:", quoted(&self.key));
        let value = self.value.in_line(key.chars().count() + 1);
        out.push_str(&key);
        if let Some(value) = &value {
            out.push(' ');
            out.push_str(value);
        }
        if let Some(comment) = &self.behind {
            out.push_str("   # ");
            out.push_str(&one_line(comment));
        }
        out.push('\n');
        if value.is_none() {
            self.value.lines(indent, step, out);
        }
    }
}

/// A comment that stays one, whatever it holds: on one line, and without signs that a reader of YAML refuses.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric() { c } else { '·' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: Value) -> String {
        let mut out = String::new();
        Entry::new("key", value).write(2, 2, &mut out);
        out
    }

    #[test]
    fn what_is_short_is_on_one_line() {
        let entries = vec![Entry::new("a", Value::text("no")), Entry::new("b", Value::Row(vec![Value::word(1)]))];
        assert_eq!(written(Value::Braces(entries.clone())), "  key: { a: \"no\", b: [1] }\n");
        assert_eq!(written(Value::Map(entries)), "  key:\n    a: \"no\"\n    b: [1]\n");
        assert_eq!(written(Value::Map(Vec::new())), "  key: {}\n");
    }

    #[test]
    fn what_is_long_is_line_by_line() {
        let long = "x".repeat(60);
        let row = Value::Row(vec![Value::text(&long), Value::text(&long)]);
        assert_eq!(written(row), format!("  key:\n    - {long}\n    - {long}\n"));
        let braces = Value::Braces(vec![Entry::new("a", Value::text(&long)), Entry::new("b", Value::text(&long))]);
        assert_eq!(written(Value::List(vec![braces])), format!("  key:\n    - a: {long}\n      b: {long}\n"));
    }

    #[test]
    fn comments_stay_comments() {
        let mut out = String::new();
        Entry::new("a", Value::word(1)).above("one\nb: 2").above("").behind("two\u{2028}").write(0, 2, &mut out);
        assert_eq!(out, "# one·b: 2\n#\na: 1   # two·\n");
    }
}
