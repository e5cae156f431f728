//! What a change of the fleet does to each machine: two fleets compared by what machines read, and classed by meaning.
//!
//! ```text
//!  base Fleet ─┐
//!              ├─match→ pairs of hosts ─compare→ Change ─→ Plan → human │ json │ markdown
//!  head Fleet ─┘
//! ```
//!
//! The base may also be a tree that was built: [`Built`].
//!
//! A host is in the plan if and only if a byte that its walk reads differs; see [`crate::emit::Emission::walk`]. What
//! hosts share is compared once, and nothing is rendered when all that goes into it is equal by value.

mod base;
mod boot;
mod built;
mod cause;
mod change;
mod diff;
mod fleet;
mod guard;
mod human;
mod json;
mod listed;
mod markdown;
mod memo;
mod side;
mod text;
mod value;
mod walk;

use rayon::prelude::*;

pub use built::{Built, BuiltError};
pub use change::{Change, Kind, Moved, Place, Unlisted};
pub use diff::{Reads, diff};
pub use guard::{Judgement, Override, Overrides, judge};
pub use human::human;
pub use json::{JsonPlan, json, schema};
pub use markdown::{MARKDOWN_LIMIT, markdown, markdown_without_plan};
pub use side::Side;

use base::Base;
use built::Trees;
use fleet::Fleets;
use walk::{Comparison, Matches};

/// What changes, machine by machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The machines that change, by name.
    pub hosts: Vec<Change>,
    /// What changes for machines that are not listed.
    pub unlisted: Option<Unlisted>,
    /// What machines that fall out of the list get: `refuse`, `local`, `install ROLE`.
    pub unknown: String,
    /// How many machines were listed before.
    pub before: usize,
}

impl Plan {
    /// Whether nothing changes for any machine.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.unlisted.is_none()
    }

    /// How many hosts have a kind of change.
    pub fn count(&self, kind: Kind) -> usize {
        self.hosts.iter().filter(|change| change.kinds.contains(&kind)).count()
    }
}

/// Compares two fleets. Without a base, every machine is new.
pub fn plan<'s>(base: Option<&Side<'s>>, head: &Side<'s>) -> Plan {
    base.map_or_else(|| first(head), |base| compare(&Fleets::new(base, head), head))
}

/// Compares a built tree with a fleet.
///
/// # Errors
/// When a file of the tree is not what its manifest says.
pub fn plan_from_tree(base: &Built<'_>, head: &Side<'_>) -> Result<Plan, BuiltError> {
    let trees = Trees::new(base, head)?;
    let plan = compare(&trees, head);
    trees.fault().map_or(Ok(plan), Err)
}

fn compare(base: &impl Base, head: &Side<'_>) -> Plan {
    let matches = Matches::of(base, head);
    let comparison = Comparison::new(base, head, &matches);
    let hosts = head.fleet.hosts.par_iter().enumerate();
    let mut changes: Vec<Change> = hosts
        .filter_map(|(index, now)| match matches.was[index] {
            Some(was) => comparison.host(was, now),
            None => Some(comparison.new_host(now)),
        })
        .collect();
    changes.extend(matches.removed.iter().map(|was| comparison.removed_host(*was)));
    changes.sort_by(|a, b| a.host.cmp(&b.host));
    Plan { hosts: changes, unlisted: base.unlisted(), unknown: head.unknown(), before: base.count() }
}

/// The plan of a fleet that did not exist before.
fn first(head: &Side<'_>) -> Plan {
    let new = |host: &crate::model::Host| Change {
        host: host.name.as_str().into(),
        was: None,
        kinds: vec![Kind::New],
        fields: vec!["name"],
        because: vec![head.place(host.name.span, false)],
        unlisted: Vec::new(),
        moved: Vec::new(),
    };
    let installs = head.fleet.unknown_role().is_some();
    let unlisted = Unlisted {
        was: None,
        now: head.unknown(),
        kinds: vec![if installs { Kind::Reinstall } else { Kind::Boot }],
        fields: vec!["unknown"],
        because: head.fleet.unknown_at.map(|at| head.place(at, false)).into_iter().collect(),
    };
    let hosts = head.fleet.hosts.iter().map(new).collect();
    Plan { hosts, unlisted: Some(unlisted), unknown: head.unknown(), before: 0 }
}
