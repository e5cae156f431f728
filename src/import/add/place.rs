//! Where new entries of a section go: below the last one, in the form of those that are there.

use super::super::value::{Entry, Value};
use crate::yaml::{Document, Kind, NodeId};

/// A text that goes in between, or takes the place of a few signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    start: usize,
    end: usize,
    text: String,
}

impl Change {
    fn at(place: usize, text: String) -> Change {
        Change { start: place, end: place, text }
    }
}

/// Makes changes, of which no two touch each other. Two insertions at one place are made in their order.
pub(super) fn apply(text: &str, mut changes: Vec<Change>) -> String {
    changes.sort_by_key(|change| change.start);
    let mut out = String::with_capacity(text.len() + changes.iter().map(|change| change.text.len()).sum::<usize>());
    let mut done = 0;
    for change in changes {
        out.push_str(&text[done..change.start]);
        out.push_str(&change.text);
        done = change.end;
    }
    out.push_str(&text[done..]);
    out
}

/// The changes that add entries to a section of the fleet file, which may not be there yet.
///
/// # Errors
/// Why it cannot be done, in words.
pub(super) fn edits(
    document: &Document<'_>,
    text: &str,
    root: NodeId,
    pair: Option<(NodeId, NodeId)>,
    section: &str,
    entries: &[Entry],
) -> Result<Vec<Change>, String> {
    let page = Page { document, text };
    let braces = page.starts(root, '{');
    let changes = match pair {
        None if braces => {
            let whole = Entry::new(section, Value::Braces(entries.to_vec()));
            page.in_braces(root, &[whole])
        }
        None => vec![page.new_section(root, section, entries)],
        Some((key, value)) => {
            let node = document.node(value);
            match node.kind {
                Kind::Mapping if page.starts(value, '{') && (braces || document.children(value).next().is_some()) => {
                    page.in_braces(value, entries)
                }
                Kind::Mapping if page.starts(value, '{') => page.below(key, value, entries),
                Kind::Mapping => vec![page.behind_last(value, entries)],
                Kind::Plain if document.is_null(value) && !braces => page.below(key, value, entries),
                Kind::Alias => return Err("it stands for something that is written elsewhere".to_string()),
                _ => return Err("it is no mapping".to_string()),
            }
        }
    };
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mended = |change: Change| Change { text: change.text.replace('\n', ending), ..change };
    Ok(changes.into_iter().map(mended).collect())
}

struct Page<'p, 'd> {
    document: &'p Document<'d>,
    text: &'p str,
}

impl Page<'_, '_> {
    fn starts(&self, node: NodeId, sign: char) -> bool {
        self.text[self.document.node(node).start as usize..].starts_with(sign)
    }

    /// How many signs stand before a place on its line.
    fn column(&self, place: usize) -> usize {
        let start = self.text[..place].rfind('\n').map_or(0, |newline| newline + 1);
        self.text[start..place].trim_start_matches('\u{feff}').chars().count()
    }

    /// The place behind the line break of the line that a place is on.
    fn next_line(&self, place: usize) -> usize {
        self.text[place..].find('\n').map_or(self.text.len(), |newline| place + newline + 1)
    }

    /// Entries line by line; `place` is where they go, and may lie behind a last line without a line break.
    fn lines(&self, place: usize, indent: usize, step: usize, entries: &[Entry]) -> String {
        let open = place > 0 && !self.text[..place].ends_with('\n');
        let mut out = String::from(if open { "\n" } else { "" });
        entries.iter().for_each(|entry| entry.write(indent, step, &mut out));
        if open && place == self.text.len() {
            out.pop();
        }
        out
    }

    /// Where a level of the file begins, in blanks from the one above it: as in its first section that has levels.
    fn step(&self, root: NodeId) -> usize {
        let steps = self.document.pairs(root).filter_map(|(key, value)| {
            let inner = self.document.node(value).kind == Kind::Mapping && !self.starts(value, '{');
            let first = self.document.children(value).next().filter(|_| inner)?;
            let column = |node: NodeId| self.column(self.document.node(node).start as usize);
            column(first).checked_sub(column(key)).filter(|step| *step > 0)
        });
        steps.into_iter().next().unwrap_or(2)
    }

    /// A section that is not there yet, at the end of the document.
    fn new_section(&self, root: NodeId, section: &str, entries: &[Entry]) -> Change {
        let first = self.document.children(root).next().unwrap_or(root);
        let indent = self.column(self.document.node(first).start as usize);
        let end = self.document.node(root).end as usize;
        // A line `...` ends the document; what follows is no part of it.
        let rest = self.text[end..].split_inclusive('\n').scan(end, |at, line| {
            let start = *at;
            *at += line.len();
            Some((start, line))
        });
        let place =
            rest.into_iter().find(|(_, line)| line.trim_end() == "...").map_or(self.text.len(), |(start, _)| start);
        let whole = Entry::new(section, Value::Map(entries.to_vec()));
        let lines = self.lines(place, indent, self.step(root), &[whole]);
        // An empty line parts it from what stands above.
        let parted = self.text[..place].ends_with("\n\n") || self.text[..place].ends_with("\n\r\n");
        Change::at(place, if parted { lines } else { format!("\n{lines}") })
    }

    /// A section that is there and empty: its entries go below its key.
    fn below(&self, key: NodeId, value: NodeId, entries: &[Entry]) -> Vec<Change> {
        let (key, node) = (self.document.node(key), self.document.node(value));
        let indent = self.column(key.start as usize);
        let root = self.document.root().unwrap_or_default();
        let step = self.step(root);
        let place = self.next_line(key.end as usize);
        let lines = Change::at(place, self.lines(place, indent + step, step, entries));
        if node.start == key.start {
            return vec![lines];
        }
        // The blank before `{}` goes too.
        let start = self.text[..node.start as usize].trim_end_matches([' ', '\t']).len();
        let nothing = Change { start, end: node.end as usize, text: String::new() };
        if place <= start { vec![lines, nothing] } else { vec![nothing, lines] }
    }

    /// Behind the last entry of a section, its comments and the comments that stand as far in.
    fn behind_last(&self, section: NodeId, entries: &[Entry]) -> Change {
        let node = self.document.node(section);
        let indent = self.column(node.start as usize);
        let root = self.document.root().unwrap_or_default();
        let top =
            self.document.children(root).next().map_or(0, |key| self.column(self.document.node(key).start as usize));
        let end = node.end as usize;
        let mut place = if self.text[..end].ends_with('\n') { end } else { self.next_line(end) };
        let mut at = place;
        for line in self.text[place..].split_inclusive('\n') {
            at += line.len();
            let inner = line.trim_start_matches(' ');
            match inner.starts_with('#') && line.len() - inner.len() >= indent {
                true => place = at,
                false if inner.trim().is_empty() => {}
                false => break,
            }
        }
        Change::at(place, self.lines(place, indent, indent.saturating_sub(top).max(2), entries))
    }

    /// Whether the file is JSON, as far as it can be seen: its keys have quotes.
    fn is_json(&self) -> bool {
        self.document
            .root()
            .and_then(|root| self.document.children(root).next())
            .is_some_and(|key| self.starts(key, '"'))
    }

    /// Behind the last entry of a mapping in braces, on its line or on a line of its own as that is.
    fn in_braces(&self, mapping: NodeId, entries: &[Entry]) -> Vec<Change> {
        let node = self.document.node(mapping);
        let pairs: Vec<(NodeId, NodeId)> = self.document.pairs(mapping).collect();
        let texts: Vec<String> = entries.iter().map(|entry| entry.flow(self.is_json())).collect();
        let Some((key, value)) = pairs.last().copied() else {
            let place = node.start as usize + 1;
            return vec![Change::at(place, format!(" {} ", texts.join(", ")))];
        };
        let (start, end) = (self.document.node(key).start as usize, self.document.node(value).end as usize);
        let own_line = self.text[node.start as usize..start].contains('\n');
        let comma = self.comma(end);
        if !own_line {
            let (place, before) = comma.map_or((end, ","), |comma| (comma + 1, ""));
            let texts: Vec<String> = texts.iter().map(|text| format!(" {text}")).collect();
            let behind = if comma.is_some() { "," } else { "" };
            return vec![Change::at(place, format!("{before}{}{behind}", texts.join(",")))];
        }
        let blanks = " ".repeat(self.column(start));
        let lines: Vec<String> = texts.iter().map(|text| format!("{blanks}{text}")).collect();
        let close = node.end as usize - 1;
        let behind = self.next_line(comma.map_or(end, |comma| comma + 1));
        // The closing brace may stand on the line of the last entry.
        let place = if behind <= close { behind } else { comma.map_or(end, |comma| comma + 1) };
        let lines = lines.join(",\n");
        let trail = if comma.is_some() { "," } else { "" };
        let text = if place == behind { format!("{lines}{trail}\n") } else { format!("\n{lines}{trail}") };
        let mut changes = vec![Change::at(place, text)];
        if comma.is_none() {
            changes.insert(0, Change::at(end, ",".to_string()));
        }
        changes
    }

    /// The comma behind a place, where there is one: blanks and comments may stand between.
    fn comma(&self, place: usize) -> Option<usize> {
        let mut at = place;
        loop {
            let rest = &self.text[at..];
            match rest.chars().next()? {
                ',' => return Some(at),
                '#' => at = self.next_line(at),
                c if c.is_whitespace() => at += c.len_utf8(),
                _ => return None,
            }
        }
    }
}
