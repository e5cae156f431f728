//! What `fleetc emit` writes, read by the programs that it is for: they accept it, and they do what the fleet file says.
//! `tests/run` installs them.
#![allow(clippy::unwrap_used)]

mod accepted;
mod command;
mod dhcp;
mod programs;
mod web;

#[path = "../support/example.rs"]
mod example;
#[path = "../support/fleets/mod.rs"]
mod fleets;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/server.rs"]
mod server;
