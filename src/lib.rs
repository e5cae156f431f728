//! fleetc compiles a fleet of machines: one YAML file in, a static tree for network installs out.
#![warn(missing_docs)]

pub mod cli;
pub mod compile;
pub mod diag;
pub mod draft;
pub mod emit;
pub mod model;
mod nearest;
pub mod publish;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod schemas;
pub mod source;
pub mod template;
pub mod tree;
pub mod yaml;
