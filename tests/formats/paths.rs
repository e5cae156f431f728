//! Paths as services know files: from the top of the repository, never absolute.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::program::{Run, fleetc};

/// A repository with a faulty fleet in a folder whose name needs escapes, and a faulty role text below it.
fn repository() -> TempDir {
    let top = TempDir::new().unwrap();
    let folder = top.path().join("fleets, 1/ž");
    fs::create_dir_all(folder.join("roles")).unwrap();
    fs::create_dir(top.path().join(".git")).unwrap();
    let fleet = super::whole("roles:\n  compute: { cloud_config: roles/c.yaml }\nodd: 1\n");
    fs::write(folder.join("fleet.yaml"), fleet).unwrap();
    fs::write(folder.join("roles/c.yaml"), "#cloud-config\nhostname: {{ nothing }}\n").unwrap();
    top
}

fn sarif(run: &Run) -> Vec<String> {
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{}", run.stdout);
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap().iter();
    let files = results.map(|result| &result["locations"][0]["physicalLocation"]["artifactLocation"]);
    files.map(|file| format!("{} {}", file["uriBaseId"], file["uri"]).replace('"', "")).collect()
}

#[test]
fn paths_start_at_the_top_of_the_repository() {
    let top = repository();
    let whole = top.path().join("fleets, 1/ž/fleet.yaml");
    let expected = ["%SRCROOT% fleets%2C%201/%C5%BE/fleet.yaml", "%SRCROOT% fleets%2C%201/%C5%BE/roles/c.yaml"];
    for (folder, file) in [
        ("", "fleets, 1/ž"),
        ("fleets, 1", "ž/fleet.yaml"),
        ("fleets, 1/ž", "fleet.yaml"),
        ("fleets, 1/ž/roles", "../fleet.yaml"),
        ("", whole.to_str().unwrap()),
    ] {
        let folder = top.path().join(folder);
        assert_eq!(sarif(&fleetc(&folder, &["check", file, "--format", "sarif"])), expected, "{file}");
        let github = fleetc(&folder, &["check", file, "--format", "github"]).stdout;
        assert!(github.starts_with("::error file=fleets%2C 1/ž/fleet.yaml,line=3,col=1,"), "{github}");
        let gitlab = fleetc(&folder, &["check", file, "--format", "gitlab"]).stdout;
        assert!(gitlab.contains("\"path\":\"fleets, 1/ž/fleet.yaml\""), "{gitlab}");
        let junit = fleetc(&folder, &["check", file, "--format", "junit"]).stdout;
        assert!(junit.contains(">fleets, 1/ž/fleet.yaml:3:1: "), "{junit}");
        for report in [github, gitlab, junit] {
            assert!(!report.contains(top.path().to_str().unwrap()), "{report}");
        }
    }
}

#[test]
fn without_a_repository_they_start_here() {
    let top = repository();
    fs::remove_dir(top.path().join(".git")).unwrap();
    let paths = |folder: &Path, file: &str| sarif(&fleetc(folder, &["check", file, "--format", "sarif"]));
    assert_eq!(paths(top.path(), "fleets, 1/ž")[0], "%SRCROOT% fleets%2C%201/%C5%BE/fleet.yaml");
    assert_eq!(paths(&top.path().join("fleets, 1"), "ž")[0], "%SRCROOT% %C5%BE/fleet.yaml");
    // What lies elsewhere has no path from here: it is named from its own folder.
    let elsewhere = TempDir::new().unwrap();
    let file = top.path().join("fleets, 1/ž/fleet.yaml");
    assert_eq!(paths(elsewhere.path(), file.to_str().unwrap())[0], "%SRCROOT% fleet.yaml");
}

#[test]
fn standard_input_is_no_file_of_the_repository() {
    let top = repository();
    let fleet = fs::File::open(top.path().join("fleets, 1/ž/fleet.yaml")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_fleetc"))
        .args(["check", "-", "--format", "sarif"])
        .current_dir(top.path().join("fleets, 1/ž"))
        .stdin(Stdio::from(fleet))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let run = Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
    assert_eq!(sarif(&run), ["null %3Cstdin%3E", "%SRCROOT% fleets%2C%201/%C5%BE/roles/c.yaml"]);
}
