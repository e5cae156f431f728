//! Levels as the user sets them: `-A`, `-W`, `-D`.

use std::collections::BTreeMap;
use std::fmt;

use super::{Level, Rule};

/// Levels that differ from the rules' own.
#[derive(Debug, Default, Clone)]
pub struct Levels {
    set: BTreeMap<&'static str, Level>,
    warnings: Option<Level>,
}

/// A level that cannot be set.
#[derive(Debug, PartialEq, Eq)]
pub enum LevelError {
    /// No rule has this id; the nearest one that exists.
    UnknownRule(String, Option<&'static str>),
    /// The rule's level is fixed.
    Fixed(&'static str),
}

impl fmt::Display for LevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LevelError::UnknownRule(id, None) => write!(f, "no rule is called `{id}`"),
            LevelError::UnknownRule(id, Some(near)) => write!(f, "no rule is called `{id}`; did you mean `{near}`?"),
            LevelError::Fixed(id) => write!(f, "`{id}` is an error that cannot be lowered"),
        }
    }
}

impl std::error::Error for LevelError {}

impl Levels {
    /// Sets the level of a rule, or of all warnings for the id `warnings`. Later calls win.
    ///
    /// # Errors
    /// When no rule of `rules` has this id, or the rule is an error that cannot be lowered.
    pub fn set(&mut self, rules: &[&'static Rule], id: &str, level: Level) -> Result<(), LevelError> {
        if id == "warnings" {
            self.warnings = Some(level);
            return Ok(());
        }
        let Some(rule) = Rule::named(rules, id) else {
            let near = crate::nearest::nearest(id, rules.iter().map(|rule| rule.id));
            return Err(LevelError::UnknownRule(id.to_string(), near));
        };
        if rule.fixed && level < rule.level {
            return Err(LevelError::Fixed(rule.id));
        }
        self.set.insert(rule.id, level);
        Ok(())
    }

    /// The level of a rule in this run.
    pub fn of(&self, rule: &Rule) -> Level {
        match self.set.get(rule.id) {
            Some(level) => *level,
            None if rule.level == Level::Warn => self.warnings.unwrap_or(Level::Warn),
            None => rule.level,
        }
    }
}
