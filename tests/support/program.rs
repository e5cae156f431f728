//! The program itself, run as a user runs it, and the folders that it writes.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What a run of `fleetc` left behind.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `fleetc` in a folder, without a terminal.
pub fn fleetc(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleetc"));
    command.args(arguments).current_dir(folder).env_remove("RUST_BACKTRACE").env_remove("FLEETC_BOOK");
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Builds the fleet of a folder into `out`, and reads back what is there.
pub fn build(folder: &Path, out: &Path) -> BTreeMap<String, Vec<u8>> {
    let run = fleetc(folder, &["build", "--output", out.to_str().unwrap()]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    read(out)
}

/// Every file below a folder, by path with `/`. An empty folder counts as a file that has no business there.
pub fn read(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, before: &str, into: &mut BTreeMap<String, Vec<u8>>) {
        let mut any = false;
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{before}{}", entry.file_name().to_str().unwrap());
            let kind = entry.file_type().unwrap();
            any = true;
            if kind.is_dir() {
                walk(&entry.path(), &format!("{path}/"), into);
            } else {
                assert!(kind.is_file(), "{path} is neither a file nor a folder");
                into.insert(path, fs::read(entry.path()).unwrap());
            }
        }
        assert!(any, "the folder {before} is empty");
    }
    let mut files = BTreeMap::new();
    walk(folder, "", &mut files);
    files
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    for (path, bytes) in read(from) {
        let place = to.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
}
