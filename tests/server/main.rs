//! `fleetc serve`: its answers are those of nginx, its tree is that of `build`, and it says who is where on its walk.
#![allow(clippy::unwrap_used)]

mod alike;
mod change;
mod crowd;
mod raw;
mod requests;
mod serving;
mod start;
mod terminal;
mod tree;
mod walk;

#[path = "../support/example.rs"]
mod example;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/server.rs"]
mod server;
