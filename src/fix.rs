//! Repairs: the edits that findings carry, made in the texts they are about. Everything else in a text stays as it is.

use std::collections::BTreeMap;
use std::io::{self, Read};

use crate::diag::{Edit, Report};
use crate::source::{FileId, Loader, Sources, Span};

/// A text with the repairs made.
#[derive(Debug, PartialEq, Eq)]
pub struct Repaired {
    /// The file.
    pub file: FileId,
    /// Its new text.
    pub text: String,
    /// How many findings were repaired in it.
    pub repairs: usize,
}

/// Makes the repairs of a report: of each finding all edits or none, the first finding first where two touch each other.
/// What is left out, another round can make.
pub fn repair(report: &Report, sources: &Sources) -> Vec<Repaired> {
    let mut chosen = Chosen::default();
    let mut repairs = vec![0; sources.ids().count()];
    for finding in &report.findings {
        let edits = &finding.diagnostic.fix;
        if let Some(first) = edits.first().filter(|_| chosen.add(edits)) {
            repairs[first.span.file.0 as usize] += 1;
        }
    }
    let edited = |file: FileId| -> Option<Repaired> {
        let edits = chosen.0.values().filter(|edit| edit.span.file == file);
        let source = sources.get(file).text.as_str();
        let mut text = String::with_capacity(source.len());
        let mut done = 0;
        for edit in edits {
            text.push_str(source.get(done..edit.span.start as usize)?);
            text.push_str(&edit.text);
            done = edit.span.end as usize;
        }
        text.push_str(source.get(done..)?);
        (text != source).then_some(Repaired { file, text, repairs: repairs[file.0 as usize] })
    };
    sources.ids().filter_map(edited).collect()
}

/// Edits of which no two touch each other, by place.
#[derive(Default)]
struct Chosen<'r>(BTreeMap<Span, &'r Edit>);

impl<'r> Chosen<'r> {
    /// Adds edits, all or none; those that are there already count as added.
    fn add(&mut self, edits: &'r [Edit]) -> bool {
        let mut added = Vec::with_capacity(edits.len());
        for edit in edits {
            if self.0.get(&edit.span) == Some(&edit) {
                continue;
            }
            let last = Span { start: edit.span.end, end: u32::MAX, ..edit.span };
            // Two neighbours at most can touch it: those there do not touch each other.
            if self.0.range(..=last).rev().take(2).any(|(_, other)| touch(edit, other)) {
                for span in added {
                    self.0.remove(&span);
                }
                return false;
            }
            self.0.insert(edit.span, edit);
            added.push(edit.span);
        }
        true
    }
}

/// Whether two edits cannot both be made.
fn touch(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (a.span, b.span);
    let insert = a.start == a.end || b.start == b.end;
    a.file == b.file && if insert { a.start <= b.end && b.start <= a.end } else { a.start < b.end && b.start < a.end }
}

/// Reads from another loader, but for changed texts that take the place of its files.
pub struct Overlay<'l> {
    /// What has all other files.
    pub below: &'l dyn Loader,
    /// The texts, by name.
    pub texts: BTreeMap<&'l str, &'l str>,
}

impl Loader for Overlay<'_> {
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        match self.texts.get(name) {
            Some(text) => Ok(Box::new(text.as_bytes())),
            None => self.below.open(name),
        }
    }

    fn leaves(&self) -> bool {
        self.below.leaves()
    }

    fn siblings(&self, name: &str) -> Vec<String> {
        self.below.siblings(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Diagnostic, Levels, Sink, suppress};

    fn repaired(text: &str, edits: &[&[(u32, u32, &str)]]) -> Option<Repaired> {
        let mut sources = Sources::new("");
        let file = sources.add("fleet.yaml", text);
        let sink = Sink::default();
        for edits in edits {
            let none = suppress::unused_suppression().at(Span::start_of(file), edits.len().to_string());
            let edit = |found: Diagnostic, (start, end, text): &(u32, u32, &str)| {
                found.edit(Span { file, start: *start, end: *end }, *text)
            };
            sink.report(edits.iter().fold(none, edit).label(format!("{edits:?}")));
        }
        let report = Report::new(sink, &Levels::default(), &sources, &[]);
        repair(&report, &sources).pop()
    }

    #[test]
    fn edits_are_made_and_the_rest_stays() {
        let found = repaired("a: ä # ö\r\nb: c\r\n", &[&[(3, 5, "x"), (12, 13, "yy")]]);
        assert_eq!(
            found.as_ref().map(|found| (found.text.as_str(), found.repairs)),
            Some(("a: x # ö\r\nyy: c\r\n", 1))
        );
    }

    #[test]
    fn of_two_repairs_that_touch_one_is_made_and_of_one_all_or_nothing() {
        let found = repaired("abcdef", &[&[(0, 2, "x")], &[(1, 3, "y"), (5, 6, "z")]]);
        assert_eq!(found.map(|found| (found.text, found.repairs)), Some(("xcdef".to_string(), 1)));
        let found = repaired("abc", &[&[(1, 1, "x")], &[(1, 1, "y"), (2, 2, "y")]]);
        assert_eq!(found.map(|found| found.text), Some("axbc".to_string()));
    }

    #[test]
    fn the_same_edit_of_two_findings_is_made_once() {
        let found = repaired("abc", &[&[(0, 1, "x")], &[(0, 1, "x"), (2, 3, "z")]]);
        assert_eq!(found.map(|found| (found.text, found.repairs)), Some(("xbz".to_string(), 2)));
    }

    #[test]
    fn nothing_to_repair_is_no_repair() {
        assert_eq!(repaired("abc", &[&[], &[(0, 1, "a")]]), None);
    }
}
