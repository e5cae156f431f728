//! What `build` proves before it publishes: a right tree passes, and a tree whose scripts were changed is held against a
//! second reader of scripts that shares no code.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod bounds;
mod cases;
mod mutants;
mod reader;
mod tree;

#[path = "../support/example.rs"]
mod example;
#[path = "../support/fleets/mod.rs"]
mod fleets;
#[path = "../support/ipxe.rs"]
mod ipxe;
#[path = "../support/program.rs"]
mod program;
