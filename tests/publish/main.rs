//! Publishing: what is written, what is kept, what is refused, and what readers and other builds see meanwhile.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod any;
mod faults;
mod foreign;
mod killed;
mod others;
mod site;
mod written;

#[path = "../support/files.rs"]
mod tree_files;

use fleetc::publish::Spare;
use site::{Site, identity, state};
use tree_files::{Files, content, expected, files, names};

/// Each build makes a whole new generation; `tests/spared` has the same tests with a spare.
const SPARE: Spare = Spare::Never;
