//! `fleetc import`: what other programs left behind, as a fleet file; judged by the tree that is built from it, by the
//! programs themselves, and by models of them.
#![allow(clippy::unwrap_used)]

mod broken;
mod dnsmasq;
mod icis;
mod into;
mod ister;
mod list;
mod mangled;
mod model;
mod options;
mod round;
mod script;
mod service;
mod templates;

#[path = "../support/fleets/mod.rs"]
mod fleets;
#[path = "../support/ister.rs"]
mod installer;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/server.rs"]
mod server;

use std::fs;
use std::path::Path;

/// Writes files into a folder.
fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The text of a file.
fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}
