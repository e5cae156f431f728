//! fleetc compiles a fleet of machines: one YAML file in, a static tree for network installs out.
#![warn(missing_docs)]

pub mod diag;
mod nearest;
pub mod source;
pub mod tree;
pub mod yaml;
