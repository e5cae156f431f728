//! What a change does to each machine: against what two built trees do to machines that boot from them.
#![allow(clippy::unwrap_used)]

#[path = "../support/example.rs"]
mod example;
#[path = "../support/fleets/mod.rs"]
mod fleets;
#[path = "../support/installer.rs"]
mod installer;
#[path = "../support/ipxe.rs"]
mod ipxe;

mod bases;
mod commits;
mod law;
mod markdown;
mod program;
mod repository;
mod trees;
mod truth;
