//! Judging a part of a fleet file, in which not everything is used.

use fleetc::diag::{Level, Levels};
use fleetc::rules::RULES;

/// Levels at which what is not used is not reported.
pub fn of_a_part() -> Levels {
    let mut levels = Levels::default();
    for rule in ["unused-layout", "unused-network", "unused-release", "unused-role"] {
        levels.set(RULES, rule, Level::Allow).expect("a warning");
    }
    levels
}
