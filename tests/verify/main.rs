//! `fleetc verify` against real servers, which are found good, and against one that is broken in each way that there
//! is a word for, which is named.
#![allow(clippy::unwrap_used)]

mod broken;
mod choice;
mod hostile;
mod laws;
mod page;
mod real;
mod shop;

#[path = "../support/example.rs"]
mod example;
#[path = "../support/golden.rs"]
mod golden;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/server.rs"]
mod server;

use std::fs;
use std::path::{Path, PathBuf};

use program::{Run, fleetc};

/// A fleet file and its tree, with boot files beside the tree.
pub struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    /// An example whose `server.url` is `url`, or its own.
    pub fn new(name: &str, url: Option<&str>) -> Site {
        let site = Site { folder: tempfile::tempdir().unwrap() };
        program::copy(&example::named(name).folder, &site.fleet());
        let path = site.fleet().join("fleet.yaml");
        let text = fs::read_to_string(&path).unwrap();
        if let Some(url) = url {
            let own = text.lines().find_map(|line| line.trim().strip_prefix("url: ")).unwrap();
            let own = own.split(' ').next().unwrap();
            fs::write(&path, text.replacen(own, url, 1)).unwrap();
        }
        site.build();
        for file in ["linux", "initrd"] {
            fs::write(site.root().join(file), format!("the {file} of the installer\n")).unwrap();
        }
        site
    }

    /// The tree of a few machines, one of which has its system.
    pub fn pilot() -> Site {
        Site::new("pilot", None)
    }

    /// The folder of the fleet file.
    pub fn fleet(&self) -> PathBuf {
        self.folder.path().join("fleet")
    }

    /// The folder of the tree.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("public")
    }

    /// Changes the fleet file.
    pub fn edit(&self, from: &str, to: &str) {
        let path = self.fleet().join("fleet.yaml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// Builds the tree.
    pub fn build(&self) {
        let run =
            fleetc(&self.fleet(), &["build", "--allow", "loopback-server", "--output", self.root().to_str().unwrap()]);
        assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    }

    /// A file of the tree.
    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.root().join(path)).unwrap()
    }

    /// Checks a server against the tree.
    pub fn verify(&self, url: &str, more: &[&str]) -> Run {
        let root = self.root();
        verify(url, &[&["--tree", root.to_str().unwrap()], more].concat())
    }
}

/// Checks a server; its address reads `http://SERVER` in what is said.
pub fn verify(url: &str, more: &[&str]) -> Run {
    let mut run = fleetc(Path::new("."), &[&["verify", url], more].concat());
    for text in [&mut run.stdout, &mut run.stderr] {
        *text = text.replace(url, "http://SERVER");
    }
    run
}

/// What is said of faults: all before the notes and the table, which have tests of their own.
pub fn faults(run: &Run) -> String {
    let end = run.stdout.find("note: ").into_iter().chain(run.stdout.find("     asked  good  bad"));
    let text = &run.stdout[..end.min().unwrap_or(run.stdout.len())];
    text.trim_end().to_string()
}
