//! `fleetc check --fix` and `--diff`, as typed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Faults that are mechanical, in a file with line ends of Windows, comments and odd layout.
const FAULTY: &str = "\
version: 1\r
# žluťoučký kůň\r
server: { url: http://192.168.1.1 }\r
releases:\r
  stable: { version: 29880, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }\r
layouts:\r
  one-disk:\r
    - disk: sda\r
      partitions:\r
        - { size: 512MB, type: efi,   filesystem: vfat, mount: /boot } # the firmware's\r
        - { size: \"1.5G\", type: swap }\r
        - { size: Rest, filesystem: ext4, mount: / }\r
        - { size: 4g, filesystem: ext4, mount: /data/ }\r
defaults:\r
  release: stable\r
  layout: one-disk\r
  bundles: [kernel-native, os-core, os-cloudguest, openssh-server, systemd-networkd-autostart]\r
  users:\r
    - { name: ada, password-hash: '$6$salt$hash', sudo: yes }\r
roles: { compute: {} }\r
hosts:\r
  node-1: { mac: [52:54:0:ab:cd:f, 525400ABCD10], role: compute, state: Install } # ok";

fn fleetc(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fleetc")).args(arguments).current_dir(folder).output().expect("fleetc runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("fleet.yaml"), FAULTY).expect("written");
    folder
}

fn repaired() -> String {
    FAULTY
        .replace("512MB, type: efi", "512M, type: EFI")
        .replace("\"1.5G\"", "1536M")
        .replace("Rest", "rest")
        .replace("4g,", "4G,")
        .replace("/data/", "/data")
        .replace("password-hash", "password_hash")
        .replace("sudo: yes", "sudo: true")
        .replace("52:54:0:ab:cd:f, 525400ABCD10", "52:54:00:ab:cd:0f, 52:54:00:ab:cd:10")
        .replace("state: Install", "state: install")
}

#[test]
fn what_is_mechanical_is_repaired_and_the_rest_reported() {
    let folder = folder();
    let file = folder.path().join("fleet.yaml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("set");
    let run = fleetc(folder.path(), &["check", "--fix", "--format", "short"]);
    assert_eq!(text(&fs::read(&file).expect("read")), repaired());
    assert_eq!(text(&run.stderr), "repaired fleet.yaml: 11 places\n");
    // `rest` stands before another partition: what to do about that, nobody but the admin knows.
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run.stdout).contains("fleet.yaml:12:19: error[rest-not-last]"), "{}", text(&run.stdout));
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(folder.path()).expect("read").count(), 1, "nothing is left beside it");
}

#[test]
fn repairing_again_changes_nothing() {
    let folder = folder();
    fleetc(folder.path(), &["check", "--fix"]);
    let run = fleetc(folder.path(), &["check", "--fix"]);
    assert_eq!(text(&run.stderr), "");
    assert_eq!(text(&fs::read(folder.path().join("fleet.yaml")).expect("read")), repaired());
    let run = fleetc(folder.path(), &["check", "--diff"]);
    assert_eq!((text(&run.stdout), run.status.code()), ("", Some(1)));
}

#[test]
fn a_diff_shows_what_would_change_and_changes_nothing() {
    let folder = folder();
    for arguments in [&["check", "--diff"][..], &["check", "--fix", "--diff"]] {
        let run = fleetc(folder.path(), arguments);
        let diff = text(&run.stdout);
        assert!(diff.starts_with("--- fleet.yaml\n+++ fleet.yaml\n@@ -7,16 +7,16 @@\n"), "{diff}");
        assert!(
            diff.contains("\n-        - { size: 4g, filesystem: ext4, mount: /data/ }\r\n+        - { size: 512M, "),
            "{diff}"
        );
        assert_eq!(diff.lines().filter(|line| line.starts_with("+ ")).count(), 6, "{diff}");
        assert!(!diff.contains("$6$salt"), "a diff tells no secrets: {diff}");
        assert_eq!(text(&fs::read(folder.path().join("fleet.yaml")).expect("read")), FAULTY);
    }
}

#[test]
fn a_link_stays_a_link() {
    let folder = folder();
    let real = folder.path().join("real.yaml");
    fs::rename(folder.path().join("fleet.yaml"), &real).expect("renamed");
    std::os::unix::fs::symlink("real.yaml", folder.path().join("fleet.yaml")).expect("linked");
    fleetc(folder.path(), &["check", "--fix"]);
    assert!(folder.path().join("fleet.yaml").is_symlink());
    assert_eq!(text(&fs::read(&real).expect("read")), repaired());
}

#[test]
fn standard_input_is_shown_and_not_repaired() {
    let folder = folder();
    let run = |arguments: &[&str]| {
        let file = fs::File::open(folder.path().join("fleet.yaml")).expect("open");
        let command = Command::new(env!("CARGO_BIN_EXE_fleetc")).args(arguments).stdin(file).output();
        command.expect("fleetc runs")
    };
    let fix = run(&["check", "--fix", "-"]);
    assert_eq!(fix.status.code(), Some(2));
    assert_eq!(text(&fix.stderr), "error: standard input cannot be repaired\n help: `--diff` shows the repairs\n");
    assert!(text(&run(&["check", "--diff", "-"]).stdout).starts_with("--- <stdin>\n+++ <stdin>\n"));
}

#[test]
fn a_file_that_cannot_be_written_is_said_to_be_so() {
    let folder = folder();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).expect("made");
    fs::rename(folder.path().join("fleet.yaml"), inner.join("fleet.yaml")).expect("renamed");
    // A name in the way of the new text: root writes everywhere, so permissions would prove nothing.
    let run = Command::new("sh")
        .args(["-c", "mkdir \"inner/.fleet.yaml.$$.fleetc\" && exec \"$0\" check --fix inner"])
        .arg(env!("CARGO_BIN_EXE_fleetc"))
        .current_dir(folder.path())
        .output()
        .expect("sh runs");
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));
    assert!(text(&run.stderr).starts_with("error: `inner/fleet.yaml` cannot be repaired: "), "{}", text(&run.stderr));
    assert_eq!(text(&fs::read(inner.join("fleet.yaml")).expect("read")), FAULTY);
}
