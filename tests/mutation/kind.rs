//! What a fault does to one line of a file, and the words in which faults are written down.

use std::collections::BTreeSet;

/// What becomes of the line.
#[derive(Debug)]
pub enum Change {
    /// The line goes.
    Drop,
    /// Another line comes in its place; or more than one, where what is put in breaks the line.
    Line(String),
}

/// The files that a kind of fault applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum In {
    /// The fleet file.
    Fleet,
    /// Role texts: files, and those that stand in the fleet file.
    Role,
}

/// A kind of fault.
pub struct Kind {
    /// What is done, in a few words.
    pub name: &'static str,
    /// What it breaks on a machine, and where that is known from.
    pub why: &'static str,
    pub file: In,
    /// The change of one line; none where the fault does not apply to it.
    pub change: fn(&Lines, usize) -> Option<Change>,
}

/// Shorthand for a kind in the fleet file.
pub const fn fleet(name: &'static str, why: &'static str, change: fn(&Lines, usize) -> Option<Change>) -> Kind {
    Kind { name, why, file: In::Fleet, change }
}

/// Shorthand for a kind in a role text.
pub const fn role(name: &'static str, why: &'static str, change: fn(&Lines, usize) -> Option<Change>) -> Kind {
    Kind { name, why, file: In::Role, change }
}

/// A file, line by line.
pub struct Lines {
    pub all: Vec<String>,
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The line without the dash of a list.
fn entry(line: &str) -> &str {
    line.trim_start().strip_prefix("- ").unwrap_or(line.trim_start())
}

impl Lines {
    pub fn of(text: &str) -> Lines {
        Lines { all: text.split('\n').map(str::to_string).collect() }
    }

    pub fn line(&self, index: usize) -> &str {
        &self.all[index]
    }

    fn is_said(line: &str) -> bool {
        !line.trim().is_empty() && !line.trim_start().starts_with('#')
    }

    /// Whether a line says something: it is no comment, and not empty.
    pub fn says(&self, index: usize) -> bool {
        Lines::is_said(self.line(index))
    }

    /// The keys that a line lies in, from the outermost; a list is no key.
    pub fn path(&self, index: usize) -> Vec<&str> {
        let mut path = Vec::new();
        let mut depth = indent(self.line(index));
        for line in self.all[..index].iter().rev() {
            if Lines::is_said(line) && indent(line) < depth {
                depth = indent(line);
                path.extend(entry(line).split_once(':').map(|(key, _)| key));
            }
        }
        path.reverse();
        path
    }

    /// Whether a line lies in `keys`, one in another from the top; `*` is any key.
    pub fn is_in(&self, index: usize, keys: &[&str]) -> bool {
        let path = self.path(index);
        path.len() >= keys.len() && path.iter().zip(keys).all(|(found, key)| found == key || *key == "*")
    }

    /// The lines of the block that a line belongs to: from the key above it that it lies in to that key's last line.
    /// The top of the file for a line at the margin.
    pub fn block(&self, index: usize) -> (usize, usize) {
        let depth = indent(self.line(index));
        let above = |from: usize| (0..from).rev().find(|at| self.says(*at) && indent(self.line(*at)) < depth);
        let Some(first) = above(index) else { return (0, self.all.len() - 1) };
        let floor = indent(self.line(first));
        let end = (index..self.all.len()).find(|at| *at > index && self.says(*at) && indent(self.line(*at)) <= floor);
        (first, end.unwrap_or(self.all.len()) - 1)
    }

    /// The lines, from 1, that a line which is gone is missed on: the block that it was in, and the keys above that but
    /// for the section of the file.
    pub fn home(&self, index: usize) -> BTreeSet<usize> {
        let (first, last) = self.block(index);
        let mut home: BTreeSet<usize> = (first + 1..=last.max(first + 1)).collect();
        let mut depth = indent(self.line(index));
        for (at, line) in self.all[..index].iter().enumerate().rev() {
            if Lines::is_said(line) && indent(line) < depth {
                depth = indent(line);
                if depth > 0 {
                    home.insert(at + 1);
                }
            }
        }
        home
    }

    /// The value of `key` in a line, and where it stands: `key: value`, alone or between braces.
    pub fn value(&self, index: usize, key: &str) -> Option<(usize, &str)> {
        let line = self.line(index);
        if !Lines::is_said(line) {
            return None;
        }
        let wanted = format!("{key}: ");
        let at = line.match_indices(&wanted).map(|(at, _)| at).find(|at| {
            let before = line[..*at].chars().next_back();
            before.is_none_or(|before| " {".contains(before)) && !line[..*at].contains(" #")
        })?;
        let start = at + wanted.len();
        let rest = &line[start..];
        let length = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest[1..].find(quote)? + 2,
            '[' => rest.find(']')? + 1,
            '{' => rest.find('}')? + 1,
            _ => {
                let in_braces = line[..at].contains('{');
                let end = rest.find(" #").unwrap_or(rest.len());
                let end = if in_braces { rest[..end].find([',', '}']).unwrap_or(end) } else { end };
                rest[..end].trim_end().len()
            }
        };
        (length > 0).then(|| (start, &rest[..length]))
    }

    /// The same line with another value of `key`.
    pub fn set(&self, index: usize, key: &str, new: impl FnOnce(&str) -> Option<String>) -> Option<Change> {
        let (start, old) = self.value(index, key)?;
        let new = new(old).filter(|new| new != old)?;
        let line = self.line(index);
        Some(Change::Line(format!("{}{new}{}", &line[..start], &line[start + old.len()..])))
    }

    /// The same line with `key: value` taken out of its braces.
    pub fn unset(&self, index: usize, key: &str) -> Option<Change> {
        let (start, old) = self.value(index, key)?;
        let line = self.line(index);
        let head = &line[..start - key.len() - 2];
        let tail = &line[start + old.len()..];
        if !head.contains('{') {
            return head.trim().is_empty().then_some(Change::Drop);
        }
        let line = match tail.strip_prefix(", ") {
            Some(tail) => format!("{head}{tail}"),
            None => format!("{}{tail}", head.trim_end_matches([' ', ','])),
        };
        Some(Change::Line(line))
    }

    /// The same line with `old` replaced where it stands first.
    pub fn swap(&self, index: usize, old: &str, new: &str) -> Option<Change> {
        let line = self.line(index);
        let code = &line[..line.find(" #").unwrap_or(line.len())];
        (self.says(index) && code.contains(old)).then(|| Change::Line(line.replacen(old, new, 1)))
    }

    /// Drops the line where it is this one, but for blanks and a comment.
    pub fn drop(&self, index: usize, line: &str) -> Option<Change> {
        let code = self.line(index);
        let code = &code[..code.find(" #").unwrap_or(code.len())];
        (code.trim() == line).then_some(Change::Drop)
    }

    /// Drops the line where it is `key: …` or `key:` alone.
    pub fn drop_key(&self, index: usize, key: &str) -> Option<Change> {
        let code = self.line(index).trim_start();
        code.strip_prefix(key).is_some_and(|rest| rest.starts_with(": ")).then_some(Change::Drop)
    }

    /// The same line with the key misspelt.
    pub fn rename(&self, index: usize, key: &str, new: &str) -> Option<Change> {
        let line = self.line(index);
        let wanted = format!("{key}:");
        let at = line.match_indices(&wanted).map(|(at, _)| at).find(|at| {
            let free = line[..*at].chars().next_back().is_none_or(|before| " {".contains(before));
            free && matches!(line[at + wanted.len()..].chars().next(), None | Some(' '))
        })?;
        self.says(index).then(|| Change::Line(format!("{}{new}:{}", &line[..at], &line[at + wanted.len()..])))
    }
}
