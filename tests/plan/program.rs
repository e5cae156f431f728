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

/// A fleet of so many machines in two racks, whose text may be edited.
fn racks(count: usize) -> String {
    let host = |number: usize| {
        let rack = if number.is_multiple_of(2) { "r2" } else { "r1" };
        let mac = format!("52:54:00:00:{:02x}:{:02x}", number / 256, number % 256);
        format!("  node-{number:03}: {{ mac: {mac}, role: web, state: installed, labels: {{ rack: {rack} }} }}\n")
    };
    let hosts: String = (1..=count).map(host).collect();
    let (head, _) = FLEET.split_once("  node-1:").unwrap();
    format!("{head}{hosts}")
}

/// The fleet with its first machines to be installed again.
fn reinstalled(fleet: &str, count: usize) -> String {
    fleet.replacen("state: installed", "state: install", count)
}

#[test]
fn guards_forbid_what_wipes_too_many() {
    let fleet = racks(20);
    let repository = Repository::new(&[("fleet.yaml", &fleet), ("roles/web.yaml", WEB)]);
    let folder = repository.folder();
    repository.write("fleet.yaml", &reinstalled(&fleet, 3));
    let code = |flags: &[&str]| fleetc(folder, &[&["plan", "--base", "HEAD"], flags].concat()).code;
    for (flags, expected) in [
        (&[][..], 0),
        (&["--max-reinstall", "3"], 0),
        (&["--max-reinstall", "2"], 1),
        (&["--max-reinstall", "15%"], 0),
        (&["--max-reinstall", "14%"], 1),
        (&["--max-change", "2"], 1),
        (&["--max-change", "0"], 1),
        (&["--max-reinstall", "rack=r1:2", "--max-reinstall", "rack=r2:1"], 0),
        (&["--max-reinstall", "rack=r1:1"], 1),
        (&["--max-reinstall", "rack:2"], 0),
        (&["--max-reinstall", "rack:1"], 1),
        (&["--max-reinstall", "owner:0"], 0),
        (&["--max-reinstall", "2", "--exit-code"], 1),
        (&["--max-reinstall", "3", "--exit-code"], 2),
        (&["--max-reinstall", "some"], 2),
        (&["--max-reinstall", "=x:1"], 2),
    ] {
        assert_eq!(code(flags), expected, "{flags:?}");
    }
    let run = fleetc(folder, &["plan", "--base", "HEAD", "--max-reinstall", "2"]);
    let text = run.stdout.replace("\n    ", " ");
    assert!(text.contains("\nerror[too-many-reinstalls]: this change wipes 3 of 20 machines that had their system, and 2 are allowed\n"), "{}", run.stdout);
    let run = fleetc(folder, &["plan", "--base", "HEAD", "--max-reinstall", "2", "--format", "json"]);
    assert!(
        run.stderr.starts_with("error[too-many-reinstalls]") && run.stdout.starts_with("{\"version\":1,"),
        "{run:?}"
    );
}

#[test]
fn guards_in_the_fleet_file_hold_and_the_command_line_has_the_last_word() {
    let guards = "guards: { max_reinstall: 10%, minimum: 2, by_label: { rack=r1: { max_change: 1 } } }\n";
    let fleet = racks(20).replacen("releases:\n", &format!("{guards}releases:\n"), 1);
    let repository = Repository::new(&[("fleet.yaml", &fleet), ("roles/web.yaml", WEB)]);
    let folder = repository.folder();
    let code = |flags: &[&str]| fleetc(folder, &[&["plan", "--base", "HEAD"], flags].concat()).code;
    repository.write("fleet.yaml", &reinstalled(&fleet, 2));
    assert_eq!(code(&[]), 0);
    repository.write("fleet.yaml", &reinstalled(&fleet, 3));
    let run = fleetc(folder, &["plan", "--base", "HEAD"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("too-many-reinstalls") && run.stdout.contains("too-many-changes"), "{}", run.stdout);
    assert!(run.stdout.contains("touches 2 of 10 machines with `rack=r1`, and 1 is allowed"), "{}", run.stdout);
    assert_eq!(code(&["--max-reinstall", "3"]), 1);
    assert_eq!(code(&["--max-reinstall", "3", "--max-change", "rack=r1:2"]), 0);
}

#[test]
fn a_locked_host_may_not_change_and_the_lock_changes_no_byte() {
    let fleet = racks(4);
    let locked = fleet.replacen("state: installed", "state: installed, locked: true", 1);
    let repository = Repository::new(&[("fleet.yaml", &fleet), ("roles/web.yaml", WEB)]);
    let folder = repository.folder();
    let plan = || fleetc(folder, &["plan", "--base", "HEAD"]);
    // Putting it on, alone or with a change, is none of its business.
    repository.write("fleet.yaml", &locked);
    assert_eq!(plan().stdout, "no machine changes\n");
    repository.commit("lock");
    for change in [
        reinstalled(&locked, 1),
        reinstalled(&fleet, 1),
        locked.replacen("52:54:00:00:00:01", "52:54:00:00:77:01", 1),
        locked.replacen("node-001:", "node-100:", 1),
        locked.lines().filter(|line| !line.contains("node-001:")).flat_map(|line| [line, "\n"]).collect(),
    ] {
        repository.write("fleet.yaml", &change);
        let run = plan();
        assert!(
            run.code == 1 && run.stdout.contains("error[locked-host-changes]: host `node-001` is locked"),
            "{run:?}"
        );
    }
    repository.write("fleet.yaml", &fleet);
    assert_eq!((plan().code, plan().stdout.as_str()), (0, "no machine changes\n"));
    repository.write("fleet.yaml", &reinstalled(&locked, 2).replacen("state: install,", "state: installed,", 1));
    assert_eq!(plan().code, 0, "{}", plan().stdout);
}
