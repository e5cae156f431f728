//! The examples: they check without a word, and build to the trees in `goldens/`, byte for byte.
#![allow(clippy::unwrap_used)]

#[path = "support/example.rs"]
mod example;
#[path = "support/golden.rs"]
mod golden;
#[path = "support/program.rs"]
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use example::Example;
use serde_json::Value;
use sha2::Digest;

type Files = BTreeMap<String, Vec<u8>>;

/// A folder of its own for a build.
fn place() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn goldens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens")
}

/// A whole tree as one text, a section a file. Its paths hold colons, which not every file system takes as names, so it
/// is kept as one file (contract S-14).
fn text(files: &Files) -> String {
    let mut whole = String::new();
    for (path, bytes) in files {
        let body = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{path} is not text"));
        assert!(body.lines().all(|line| !line.starts_with("=== ") && !line.starts_with('\\')), "{path} is ambiguous");
        write!(whole, "=== {path}\n{body}").unwrap();
        if !body.is_empty() && !body.ends_with('\n') {
            whole.push_str("\n\\ no newline at the end\n");
        }
    }
    whole
}

fn manifest(files: &Files) -> Vec<Value> {
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    manifest["files"].as_array().unwrap().clone()
}

#[test]
fn check_has_nothing_to_say() {
    for example in example::all() {
        let run = program::fleetc(&example.folder, &["check", "--format", "short"]);
        assert_eq!(
            run,
            program::Run { code: Some(0), stdout: String::new(), stderr: String::new() },
            "{}",
            example.name
        );
    }
}

#[test]
fn build_gives_the_golden_tree() {
    let mut faults = Vec::new();
    for example in example::all() {
        let place = place();
        let files = program::build(&example.folder, &place.path().join("out"));
        let golden = goldens().join(format!("{}.tree", example.name));
        faults.extend(golden::compare(&golden, &text(&files)).err());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_golden_tree_has_its_example() {
    let examples: BTreeSet<String> =
        example::all().into_iter().map(|example| format!("{}.tree", example.name)).collect();
    let kept: BTreeSet<String> = fs::read_dir(goldens())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect();
    assert_eq!(kept, examples);
}

#[test]
fn building_twice_changes_nothing() {
    for example in example::all() {
        let place = place();
        let out = place.path().join("out");
        let first = program::build(&example.folder, &out);
        let times = |files: &Files| -> Vec<_> {
            files.keys().map(|path| fs::metadata(out.join(path)).unwrap().modified().unwrap()).collect()
        };
        let before = times(&first);
        let second = program::build(&example.folder, &out);
        assert_eq!(text(&first), text(&second), "{}", example.name);
        assert_eq!(before, times(&second), "{}: a file was written again", example.name);
        let elsewhere = program::build(&example.folder, &place.path().join("a/b"));
        assert_eq!(text(&first), text(&elsewhere), "{}", example.name);
    }
}

/// What is published is whole (contract X-16).
#[test]
fn the_manifest_lists_every_file_as_it_is() {
    for example in example::all() {
        let place = place();
        let files = program::build(&example.folder, &place.path().join("out"));
        let listed = manifest(&files);
        let paths: Vec<&str> = listed.iter().map(|entry| entry["path"].as_str().unwrap()).collect();
        let others: Vec<&str> = files.keys().map(String::as_str).filter(|path| *path != "manifest.json").collect();
        assert_eq!(paths, others, "{}", example.name);
        for entry in &listed {
            let bytes = &files[entry["path"].as_str().unwrap()];
            assert_eq!(entry["size"], bytes.len(), "{entry}");
            let mut digest = String::new();
            for byte in sha2::Sha256::digest(bytes) {
                write!(digest, "{byte:02x}").unwrap();
            }
            assert_eq!(entry["sha256"], digest.as_str(), "{entry}");
        }
    }
}

#[test]
fn every_file_comes_from_a_line_that_speaks_of_it() {
    for example in example::all() {
        let place = place();
        let files = program::build(&example.folder, &place.path().join("out"));
        check_origins(&example.name, &example.folder, &files);
    }
}

/// The MAC addresses in a text, however they are written, as bare digits.
fn macs(line: &str) -> Vec<String> {
    let words = line.split(|c: char| !c.is_ascii_hexdigit() && !":-.".contains(c));
    let digits = words.map(|word| word.replace([':', '-', '.'], "").to_lowercase());
    digits.filter(|word| word.len() == 12).collect()
}

fn check_origins(name: &str, folder: &Path, files: &Files) {
    for entry in manifest(files) {
        let (path, origin) = (entry["path"].as_str().unwrap(), &entry["origin"]);
        let source = fs::read_to_string(folder.join(origin["file"].as_str().unwrap())).unwrap();
        let number = origin["line"].as_u64().unwrap() as usize;
        let line = source.lines().nth(number - 1).unwrap_or_else(|| panic!("{name}: {path}: no line {number}"));
        let parts: Vec<&str> = path.split('/').collect();
        let speaks = match parts[..] {
            ["ipxe_boot_script.txt"] => line.contains("url:"),
            ["boot", script] => macs(line).contains(&macs(script.trim_end_matches(".ipxe"))[0]),
            [_, "get_config", "default"] => line.trim_start().ends_with(':'),
            [_, "get_config", mac] => macs(line).contains(&macs(mac)[0]),
            [_, "get_role", _] => line.starts_with("#cloud-config") || line.trim_start().starts_with("#!"),
            [_, "static", "ister", host, _] => line.trim_start().starts_with(&format!("{host}:")),
            [_, "static", "ister", _] => line.trim_start().ends_with(':'),
            ["artifacts", ..] => line.contains(&parts[1..].join("/")),
            _ => panic!("{name}: nobody knows what {path} is"),
        };
        assert!(speaks, "{name}: {path} is said to come from line {number}: {line}");
    }
}

/// The lines of a fleet file before its hosts, and the hosts, each with all of its lines.
fn hosts(text: &str) -> (String, Vec<String>) {
    let start = text.find("\nhosts:\n").unwrap() + "\nhosts:\n".len();
    let mut hosts: Vec<String> = Vec::new();
    for line in text[start..].split_inclusive('\n') {
        assert!(line.starts_with("  "), "hosts do not come last: {line}");
        match hosts.last_mut() {
            Some(host) if line.starts_with("   ") => host.push_str(line),
            _ => hosts.push(line.to_string()),
        }
    }
    (text[..start].to_string(), hosts)
}

/// Another order, the same each time.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for index in (1..items.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(index, (state >> 33) as usize % (index + 1));
    }
}

/// The files but for the origins' lines.
fn without_lines(mut files: Files) -> Files {
    let mut manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    for entry in manifest["files"].as_array_mut().unwrap() {
        entry["origin"]["line"] = Value::Null;
    }
    files.insert("manifest.json".to_string(), serde_json::to_vec_pretty(&manifest).unwrap());
    files
}

#[test]
fn the_order_of_hosts_means_nothing() {
    for example in example::all() {
        let place = place();
        let plain = without_lines(program::build(&example.folder, &place.path().join("plain")));
        let (head, mut hosts) = hosts(&example.text());
        for seed in 1..=2 {
            shuffle(&mut hosts, seed);
            let folder = place.path().join(format!("fleet-{seed}"));
            program::copy(&example.folder, &folder);
            fs::write(folder.join("fleet.yaml"), format!("{head}{}", hosts.concat())).unwrap();
            let files = program::build(&folder, &place.path().join(format!("out-{seed}")));
            check_origins(&example.name, &folder, &files);
            assert_eq!(text(&plain), text(&without_lines(files)), "{}", example.name);
        }
    }
}

#[test]
fn the_tree_in_memory_is_the_tree_on_disk() {
    for example in example::all() {
        let place = place();
        let mut files = program::build(&example.folder, &place.path().join("out"));
        files.remove("manifest.json");
        assert_eq!(text(&files), text(&Example::tree(&example)), "{}", example.name);
    }
}
