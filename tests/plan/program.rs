//! `fleetc plan` as a user meets it: where the base comes from, what goes to which stream, exit codes.

use tempfile::TempDir;

use crate::repository::{Repository, fleetc, git, with_path};

const FLEET: &str = "\
version: 1
server: { url: http://192.168.1.1 }
releases:
  stable: { version: 29880, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
layouts:
  one-disk:
    - disk: sda
      partitions:
        - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
        - { size: rest, filesystem: ext4, mount: / }
defaults:
  release: stable
  layout: one-disk
  bundles: [kernel-native, os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]
roles:
  web:
    cloud_config: roles/web.yaml
hosts:
  node-1: { mac: 52:54:00:00:00:01, role: web }
";

const WEB: &str = "#cloud-config\nservice:\n  - mask: ucd.service\n";

/// The smallest fleet that has something to say.
fn repository() -> Repository {
    Repository::new(&[("fleet.yaml", FLEET), ("roles/web.yaml", WEB)])
}

/// The fleet with its host finished.
fn finished() -> String {
    let text = FLEET.replacen("role:", "state: installed, role:", 1);
    assert_ne!(text, FLEET);
    text
}

#[test]
fn nothing_is_said_to_change_where_nothing_does() {
    let repository = repository();
    let run = fleetc(repository.folder(), &["plan", "--base", "HEAD", "--exit-code"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "no machine changes\n", ""));
}

#[test]
fn the_exit_code_tells_of_changes_when_asked_to() {
    let repository = repository();
    repository.write("fleet.yaml", &finished());
    let run = fleetc(repository.folder(), &["plan", "--base", "HEAD"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert!(run.stdout.starts_with("finished: 1 host, "), "{}", run.stdout);
    assert!(run.stdout.ends_with("\n1 host changes: 1 finished\n"), "{}", run.stdout);
    assert_eq!(fleetc(repository.folder(), &["plan", "--base", "HEAD", "--exit-code"]).code, 2);
}

#[test]
fn the_base_is_where_the_branch_left_the_one_that_it_follows() {
    let repository = repository();
    let folder = repository.folder();
    let none = fleetc(folder, &["plan"]);
    assert_eq!((none.code, none.stdout.as_str()), (2, ""));
    assert_eq!(
        none.stderr,
        "error: this branch follows no other, so there is nothing to compare it with\n help: name what to compare with: `--base origin/main`\n"
    );
    git(folder, &["checkout", "-q", "-b", "change", "--track", "main"]);
    repository.write("fleet.yaml", &finished());
    repository.commit("finish");
    git(folder, &["checkout", "-q", "main"]);
    repository.write("fleet.yaml", &FLEET.replacen("version: 29", "version: 30", 1));
    repository.commit("meanwhile");
    git(folder, &["checkout", "-q", "change"]);
    for arguments in [&["plan"][..], &["plan", "--base", "main..."]] {
        let run = fleetc(folder, arguments);
        assert!(run.stdout.ends_with("\n1 host changes: 1 finished\n"), "{run:?}");
    }
}

#[test]
fn a_fleet_in_a_folder_is_found_there_from_anywhere() {
    let repository = Repository::new(&[("sites/a/fleet.yaml", FLEET), ("sites/a/roles/web.yaml", WEB)]);
    repository.write("sites/a/fleet.yaml", &finished());
    for (folder, file) in [("", "sites/a"), ("sites", "a/fleet.yaml"), ("sites/a", "fleet.yaml")] {
        let run = fleetc(&repository.folder().join(folder), &["plan", file, "--base", "HEAD"]);
        assert!(run.stdout.contains("1 finished\n"), "{run:?}");
    }
}

#[test]
fn without_git_or_a_repository_the_plan_says_what_else_there_is() {
    let repository = repository();
    let empty = TempDir::new().unwrap();
    let run = with_path(repository.folder(), &["plan", "--base", "HEAD"], empty.path().to_str().unwrap());
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: there is no program `git`\n help: "), "{}", run.stderr);
    std::fs::write(empty.path().join("fleet.yaml"), FLEET).unwrap();
    let run = fleetc(empty.path(), &["plan", "--base", "HEAD"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: `.` is in no git repository\n help: "), "{}", run.stderr);
}

#[test]
fn a_revision_that_is_none_is_an_error() {
    let repository = repository();
    for revision in ["nonsense", "", "--all", "HEAD~99", "HEAD:fleet.yaml:x"] {
        let run = fleetc(repository.folder(), &["plan", &format!("--base={revision}")]);
        let known = revision.starts_with("HEAD:");
        assert_eq!(run.code, if known { 0 } else { 2 }, "{run:?}");
        assert!(known || run.stderr.contains("is no revision of this repository"), "{run:?}");
    }
    let run = fleetc(repository.folder(), &["plan", "-", "--base", "HEAD"]);
    assert!(run.code == 2 && run.stderr.contains("standard input has no past"), "{run:?}");
}

#[test]
fn a_shallow_clone_says_that_it_is_one() {
    let repository = repository();
    let folder = repository.folder();
    git(folder, &["checkout", "-q", "-b", "change"]);
    for number in 0..3 {
        repository.write("note", &number.to_string());
        repository.commit("more");
    }
    git(folder, &["checkout", "-q", "main"]);
    repository.write("note", "main");
    repository.commit("meanwhile");
    let clone = TempDir::new().unwrap();
    let from = format!("file://{}", folder.display());
    git(clone.path(), &["clone", "-q", "--depth", "1", "--no-single-branch", "-b", "change", &from, "."]);
    let run = fleetc(clone.path(), &["plan", "--base", "origin/main..."]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("shallow clone") && run.stderr.contains("fetch-depth: 0"), "{}", run.stderr);
    let run = fleetc(clone.path(), &["plan", "--base", "HEAD~2"]);
    assert!(run.code == 2 && run.stderr.contains("shallow clone"), "{}", run.stderr);
    // What is there can be compared with.
    assert_eq!(fleetc(clone.path(), &["plan", "--base", "origin/main"]).stdout, "no machine changes\n");
}

#[test]
fn a_file_that_the_base_lacks_is_all_new_and_a_renamed_one_can_be_named() {
    let repository = repository();
    std::fs::rename(repository.folder().join("fleet.yaml"), repository.folder().join("site.yaml")).unwrap();
    let run = fleetc(repository.folder(), &["plan", "site.yaml", "--base", "HEAD"]);
    assert_eq!(run.code, 0);
    assert_eq!(
        run.stderr,
        "note: HEAD has no `site.yaml`, so every machine is new\nhelp: if it had another path there: `--base HEAD:PATH`\n"
    );
    assert!(run.stdout.ends_with("\n1 host changes: 1 new\n"), "{}", run.stdout);
    let run = fleetc(repository.folder(), &["plan", "site.yaml", "--base", "HEAD:fleet.yaml"]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("no machine changes\n", ""));
}

#[test]
fn other_line_breaks_are_no_change() {
    let repository = repository();
    repository.write("fleet.yaml", &FLEET.replace('\n', "\r\n"));
    repository.write("roles/web.yaml", &WEB.replace('\n', "\r\n"));
    let run = fleetc(repository.folder(), &["plan", "--base", "HEAD"]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("no machine changes\n", ""));
}

#[test]
fn errors_of_the_base_are_shown_and_those_of_the_head_are_findings() {
    let repository =
        Repository::new(&[("fleet.yaml", &FLEET.replacen("version: 1\n", "version: 7\n", 1)), ("roles/web.yaml", WEB)]);
    repository.write("fleet.yaml", FLEET);
    let run = fleetc(repository.folder(), &["plan", "--base", "HEAD", "--format", "json"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("error[malformed-value]") || run.stderr.contains("malformed-value"), "{}", run.stderr);
    assert!(
        run.stderr.contains("error: the fleet file of HEAD has the errors above, so nothing can be compared with it\n"),
        "{}",
        run.stderr
    );
    repository.commit("mended");
    repository.write("fleet.yaml", &FLEET.replacen("version: 1\n", "version: 7\n", 1));
    let run = fleetc(repository.folder(), &["plan", "--base", "HEAD"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    assert!(run.stdout.contains("malformed-value"), "{}", run.stdout);
}

#[test]
fn large_and_linked_files_are_read_from_git() {
    let fleet = FLEET.replacen("kernel: linux", "kernel: { file: boot/linux }", 1);
    assert_ne!(fleet, FLEET);
    let kernel = "kernel\n".repeat(400_000);
    let files = [("fleet.yaml", fleet.as_str()), ("roles/web.yaml", WEB), ("images/linux", &kernel)];
    let repository = Repository::new(&files);
    std::fs::create_dir(repository.folder().join("boot")).unwrap();
    std::os::unix::fs::symlink("../images/linux", repository.folder().join("boot/linux")).unwrap();
    repository.commit("link");
    let run = fleetc(repository.folder(), &["plan", "--base", "HEAD"]);
    // The disk follows links inside the fleet's folder, and so does git.
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("no machine changes\n", ""));
    repository.write("images/linux", &kernel.replacen("kernel", "Kernel", 1));
    let run = fleetc(repository.folder(), &["plan", "--base", "HEAD"]);
    assert!(run.stdout.contains("1 boot\n"), "{run:?}");
}

#[test]
fn nothing_in_the_repository_is_written() {
    let repository = repository();
    repository.write("fleet.yaml", &finished());
    let index = repository.folder().join(".git/index");
    let before = (std::fs::read(&index).unwrap(), git(repository.folder(), &["count-objects", "-v"]));
    fleetc(repository.folder(), &["plan", "--base", "HEAD"]);
    assert_eq!(before, (std::fs::read(&index).unwrap(), git(repository.folder(), &["count-objects", "-v"])));
}
