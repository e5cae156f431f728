//! What can be said about a fleet: rules, findings with places, and the sink that collects them.

mod levels;
mod report;
mod rule;
mod sink;
pub(crate) mod suppress;

pub use levels::{LevelError, Levels};
pub use report::{Finding, Report};
pub(crate) use rule::rule;
pub use rule::{Block, Family, Level, Page, Rule};
pub use sink::{Diagnostic, Edit, Fault, Label, Reported, Sink};
pub use suppress::Suppressed;
