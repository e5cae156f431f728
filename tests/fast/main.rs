//! The reader for the common forms of YAML makes of a text what the general parser makes of it, or nothing.
#![allow(clippy::unwrap_used, missing_docs)]

mod corpus;
#[path = "../../benches/generate/mod.rs"]
mod generate;
mod known;
mod same;
mod write;
