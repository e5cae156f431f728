//! Names for machines that have none, and the order of names.

use std::cmp::Ordering;

use crate::model::{FromText, Hostname};

/// A pattern for host names, like `node-###`: a number takes the place of the `#` signs, with at least as many digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    before: String,
    digits: usize,
    behind: String,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(text: &str) -> Result<Pattern, String> {
        let (before, rest) = text.split_once('#').ok_or_else(|| format!("`{text}` has no `#` to put a number in"))?;
        let behind = rest.trim_start_matches('#');
        if behind.contains('#') {
            return Err(format!("`{text}` has `#` in two places"));
        }
        let digits = 1 + rest.len() - behind.len();
        let pattern = Pattern { before: before.to_string(), digits, behind: behind.to_string() };
        match pattern.name(1) {
            Some(_) => Ok(pattern),
            None => Err(format!("`{}` is no host name", pattern.text(1))),
        }
    }

    fn text(&self, number: usize) -> String {
        format!("{}{number:0digits$}{}", self.before, self.behind, digits = self.digits)
    }

    /// The name with this number; none when it is too long to be one.
    pub(super) fn name(&self, number: usize) -> Option<Hostname> {
        Hostname::from_text(&self.text(number)).ok()
    }
}

/// Names in the order in which people count: `node-2` before `node-10`.
pub(super) fn order(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let number = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        match (number(left), number(right)) {
            (0, 0) => match (left.chars().next(), right.chars().next()) {
                (None, None) => return a.cmp(b),
                (one, other) if one != other => return one.cmp(&other),
                (Some(c), _) => (left, right) = (&left[c.len_utf8()..], &right[c.len_utf8()..]),
                (None, Some(_)) => return Ordering::Less,
            },
            (0, _) | (_, 0) => return left.cmp(right),
            (one, other) => {
                let (first, second) = (left[..one].trim_start_matches('0'), right[..other].trim_start_matches('0'));
                match first.len().cmp(&second.len()).then_with(|| first.cmp(second)) {
                    Ordering::Equal => (left, right) = (&left[one..], &right[other..]),
                    different => return different,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Sorting needs an order in which no three names go round in a circle.
        #[test]
        fn names_have_an_order(names in prop::collection::vec("[a.:-]{0,2}[0-9]{0,3}[a:-]{0,1}[0-9]{0,2}", 3)) {
            let [a, b, c] = [&names[0], &names[1], &names[2]];
            prop_assert_eq!(order(a, b), order(b, a).reverse());
            prop_assert_eq!(order(a, b) == Ordering::Equal, a == b);
            if order(a, b).is_le() && order(b, c).is_le() {
                prop_assert!(order(a, c).is_le());
            }
        }
    }

    #[test]
    fn patterns_number() {
        let pattern = Pattern::read("rack3-##-a").expect("a pattern");
        let name = |number| pattern.name(number).map(|name| name.as_str().to_string());
        assert_eq!((name(7).as_deref(), name(123).as_deref()), (Some("rack3-07-a"), Some("rack3-123-a")));
        for bad in ["node", "a#b#", "-#", "node_#", "#.example"] {
            assert!(Pattern::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn people_count() {
        let mut names = vec!["node-10", "node-2", "node-02", "b1", "a", "node-2a", "node", "a1b10", "a1b9"];
        names.sort_by(|a, b| order(a, b));
        assert_eq!(names, ["a", "a1b9", "a1b10", "b1", "node", "node-02", "node-2", "node-2a", "node-10"]);
    }
}
