//! A name for each finding that lasts from run to run, so that a service knows what is new and what is gone.
//!
//! It is made of the rule, the file, the names in the message and the text of the line, and never of the line's number:
//! lines that come or go above a finding change nothing. Equal findings are told apart by their order.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::Style;
use super::secret::Masks;
use crate::diag::Diagnostic;
use crate::source::Sources;

/// The longest line whose text counts; in longer ones, like a fleet in one line of JSON, the names have to do.
const MAX_LINE: usize = 400;

/// The fingerprints of a run.
pub(super) struct Fingerprints<'a> {
    sources: &'a Sources,
    style: &'a Style<'a>,
    masks: Masks<'a>,
    seen: HashMap<[u8; 32], u32>,
}

impl<'a> Fingerprints<'a> {
    pub(super) fn new(sources: &'a Sources, style: &'a Style<'a>) -> Fingerprints<'a> {
        Fingerprints { sources, style, masks: Masks::new(sources), seen: HashMap::new() }
    }

    /// The fingerprint of the next finding, in hexadecimal digits.
    pub(super) fn of(&mut self, found: &Diagnostic) -> String {
        let source = self.sources.get(found.place.span.file);
        let line = source.line_of(found.place.span.start);
        let (start, end) = source.line_range(line);
        let file = found.place.span.file;
        let text = if end - start <= MAX_LINE { self.masks.line(file, line) } else { "".into() };
        // The first name that the rule had, and the names that the message has in backticks: words may be bettered.
        let rule = found.rule.formerly.first().unwrap_or(&found.rule.id);
        let path = self.style.path(source);
        let names = found.message.split('`').skip(1).step_by(2);
        let mut hash = Sha256::new();
        for part in [rule, path.as_ref(), text.trim()].into_iter().chain(names) {
            hash.update(part);
            hash.update([0]);
        }
        let same: [u8; 32] = hash.finalize().into();
        let count = self.seen.entry(same).or_default();
        *count += 1;
        let print = Sha256::new().chain_update(same).chain_update(count.to_be_bytes()).finalize();
        HEXLOWER.encode(&print[..16])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::testing::{ODD, WRONG, WRONG_VALUE, at, hosts};

    /// The fingerprints of four findings in a text: two of one line, and two that only their order tells apart.
    fn prints(text: &str, said: &str) -> Vec<String> {
        let mut sources = Sources::new("");
        let file = sources.add("fleet.yaml", text);
        let line = |part: &str, nth: usize| {
            let (start, _) = text.match_indices(part).nth(nth).expect("the part is there");
            crate::source::Span { file, start: start as u32, end: (start + part.len()) as u32 }
        };
        let found = [
            WRONG.at(line("same", 0), format!("{said} `a`")),
            WRONG.at(line("same", 0), format!("{said} `b`")),
            ODD.at(line("same", 0), format!("{said} `a`")),
            WRONG.at(line("same", 1), format!("{said} `a`")),
        ];
        let mut prints = Fingerprints::new(&sources, &Style::PLAIN);
        found.iter().map(|found| prints.of(found)).collect()
    }

    #[test]
    fn fingerprints_differ_and_stay() {
        let before = prints("x:\n  - same\n  - same\n", "no");
        assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), 4, "{before:?}");
        assert!(before.iter().all(|print| print.len() == 32));
        assert_eq!(before, prints("# new\n\ny: 1\nx:\r\n      - same\r\n\n  - same", "never"));
        assert_ne!(before[0], prints("x:\n  - same # here\n  - same\n", "no")[0]);
    }

    #[test]
    fn a_renamed_rule_keeps_its_fingerprints() {
        static RENAMED: crate::diag::Rule =
            crate::diag::Rule { id: "new", formerly: &["wrong-value", "old"], ..WRONG_VALUE };
        let (sources, file) = hosts(1);
        let of = |found| Fingerprints::new(&sources, &Style::PLAIN).of(&found);
        let place = at(&sources, file, 1, "mac");
        assert_eq!(of(RENAMED.at(place, "a")), of(WRONG.at(place, "a")));
        assert_ne!(of(ODD.at(place, "a")), of(WRONG.at(place, "a")));
    }
}
