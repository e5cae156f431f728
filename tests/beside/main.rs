//! What `fleetc emit` writes, read by the programs that it is for: they accept it, and they do what the fleet file says.
//! `tests/run` installs them.
#![allow(clippy::unwrap_used)]

mod dhcp;
mod programs;

#[path = "../support/example.rs"]
mod example;
