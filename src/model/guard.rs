//! Guards: how much a change may do to the machines at once.

use std::fmt;
use std::sync::Arc;

use super::text::{FromText, text_schema};
use super::word::MALFORMED_VALUE;
use crate::diag::Fault;
use crate::source::Spanned;

/// The guards of a fleet.
#[derive(Clone, Debug, Default, Hash)]
pub struct Guards {
    /// For all machines.
    pub all: Limits,
    /// What shares never forbid.
    pub minimum: Option<Spanned<Count>>,
    /// For the machines with a label.
    pub by_label: Vec<(Spanned<LabelChoice>, Limits)>,
}

/// How many machines may be wiped, and touched at all.
#[derive(Clone, Debug, Default, Hash)]
pub struct Limits {
    /// Those that had their system and would be wiped.
    pub max_reinstall: Option<Spanned<Limit>>,
    /// All that are touched.
    pub max_change: Option<Spanned<Limit>>,
}

/// A number of machines, or a share of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// So many.
    Count(u32),
    /// So many of a hundred.
    Percent(u32),
}

impl Limit {
    /// How many of `all` machines it allows; a share allows `minimum` in any case.
    pub fn of(self, all: usize, minimum: usize) -> usize {
        match self {
            Limit::Count(count) => count as usize,
            Limit::Percent(percent) => (all.saturating_mul(percent as usize) / 100).max(minimum),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Count(count) => write!(f, "{count}"),
            Limit::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

fn whole(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

impl FromText for Limit {
    fn from_text(text: &str) -> Result<Limit, Fault> {
        let limit = match text.strip_suffix('%') {
            Some(share) => whole(share).filter(|percent| *percent <= 100).map(Limit::Percent),
            None => whole(text).map(Limit::Count),
        };
        let fault = || MALFORMED_VALUE.fault(format!("`{text}` is no limit"));
        limit.ok_or_else(|| fault().help("a number of machines like `5`, or a share of them like `10%`"))
    }
}

text_schema!(Limit, "limit", "number of machines, or a share of them like 10%",
    "type": ["integer", "string"], "minimum": 0, "maximum": 4294967295u32, "pattern": "^(0|[1-9][0-9]{0,9}|(0|[1-9][0-9]?|100)%)$");

/// A number of machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Count(pub u32);

impl FromText for Count {
    fn from_text(text: &str) -> Result<Count, Fault> {
        let fault = || MALFORMED_VALUE.fault(format!("`{text}` is no number of machines"));
        whole(text).map(Count).ok_or_else(|| fault().help("a whole number, like `5`"))
    }
}

text_schema!(Count, "count", "number of machines",
    "type": ["integer", "string"], "minimum": 0, "maximum": 4294967295u32, "pattern": "^(0|[1-9][0-9]{0,9})$");

/// Machines chosen by a label: one value of it, or each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LabelChoice {
    /// The label.
    pub label: Arc<str>,
    /// Its value; none for each value by itself.
    pub value: Option<Arc<str>>,
}

impl fmt::Display for LabelChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.label),
            None => f.write_str(&self.label),
        }
    }
}

impl FromText for LabelChoice {
    fn from_text(text: &str) -> Result<LabelChoice, Fault> {
        let (label, value) = match text.split_once('=') {
            Some((label, value)) => (label, Some(value)),
            None => (text, None),
        };
        if label.is_empty() || value == Some("") {
            let fault = MALFORMED_VALUE.fault(format!("`{text}` chooses no machines"));
            return Err(fault.help("a label and its value like `rack=r1`, or a label like `rack`"));
        }
        Ok(LabelChoice { label: label.into(), value: value.map(Into::into) })
    }
}

text_schema!(LabelChoice, "label choice", "label with its value, like rack=r1; or a label, for each of its values",
    "type": "string", "pattern": "^[^=]+(=.+)?$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_numbers_or_shares() {
        assert_eq!(Limit::from_text("5").ok(), Some(Limit::Count(5)));
        assert_eq!(Limit::from_text("0%").ok(), Some(Limit::Percent(0)));
        for bad in ["", "%", "05", "-1", "101%", "1.5%", "5 %", "all", "99999999999"] {
            assert!(Limit::from_text(bad).is_err(), "{bad}");
        }
        assert_eq!(Limit::Percent(10).of(99, 1), 9);
        assert_eq!(Limit::Percent(10).of(9, 5), 5);
        assert_eq!(Limit::Count(0).of(9, 5), 0);
    }

    #[test]
    fn labels_are_chosen_with_or_without_a_value() {
        let read = |text| LabelChoice::from_text(text).ok().map(|choice| choice.to_string());
        assert_eq!(read("rack=r1"), Some("rack=r1".to_string()));
        assert_eq!(read("rack"), Some("rack".to_string()));
        assert_eq!((read("=r1"), read("rack="), read("")), (None, None, None));
    }
}
