//! `fleetc show`: every value of a machine, the line that set it, and what that overrode.
#![allow(clippy::unwrap_used)]

mod cases;
mod layers;

#[path = "../support/example.rs"]
mod example;
#[path = "../support/fleets/mod.rs"]
mod fleets;
#[path = "../support/program.rs"]
mod program;
