//! What a fleet hands over to when its machines are installed: Ansible reads its inventory and logs in, OpenSSH and the
//! system's resolver read what `fleetc emit` writes. `tests/run` installs them.
#![allow(clippy::unwrap_used)]

mod control;
mod inventory;
mod login;
mod names;
mod script;
mod text;

#[path = "../support/example.rs"]
mod example;
#[path = "../support/program.rs"]
mod program;
