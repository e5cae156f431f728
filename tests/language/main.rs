//! The language: YAML with its traps, inheritance, references; every fault in one run, at its place.
#![allow(clippy::unwrap_used, missing_docs)]

mod budgets;
mod fleet;
mod inheritance;
mod libyaml;
mod mangling;
#[path = "../support/part.rs"]
mod part;
mod references;
#[path = "../support/stands.rs"]
mod stands;
mod templates;
mod yaml;
