//! Publishing with a spare: the tests of `tests/publish`, and what is different with one.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod ahead;
#[path = "../publish/any.rs"]
mod any;
#[path = "../publish/faults.rs"]
mod faults;
mod fleets;
#[path = "../publish/foreign.rs"]
mod foreign;
#[path = "../publish/killed.rs"]
mod killed;
#[path = "../publish/others.rs"]
mod others;
#[path = "../publish/site.rs"]
mod site;
mod turn;
#[path = "../publish/written.rs"]
mod written;
mod young;

#[path = "../support/files.rs"]
mod tree_files;

use fleetc::publish::Spare;
use site::{Site, identity, state};
use tree_files::{Files, content, expected, files, names};

/// Each build leaves a spare for the next.
const SPARE: Spare = Spare::Always;
