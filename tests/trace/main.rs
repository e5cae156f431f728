//! `fleetc trace`: what a machine will see is what another reader of scripts and configurations sees; and how it is told.
#![allow(clippy::unwrap_used)]

mod cases;
mod walks;

#[path = "../support/example.rs"]
mod example;
#[path = "../support/fleets/mod.rs"]
mod fleets;
#[path = "../support/installer.rs"]
mod installer;
#[path = "../support/ipxe.rs"]
mod ipxe;
#[path = "../support/program.rs"]
mod program;
