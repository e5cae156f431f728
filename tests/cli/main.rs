//! The program as a user meets it: arguments, exit codes, what goes to which stream.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../../benches/generate/mod.rs"]
mod generate;
mod progress;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

fn fleetc(folder: &Path, arguments: &[&str], stdin: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fleetc"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read may be gone already.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// A fleet with one error, below a line with non-ASCII text, and one warning.
const FAULTY: &str = "\
version: 1
server: { url: http://192.168.1.1 } # žluťoučký kůň
roles: { r: { bundles: [vim, vim] } }
hosts: { ä: { mac: 52:54:00:00:00:01, role: rr } }
";

#[test]
fn check_ends_with_0_1_or_2() {
    let folder = TempDir::new().unwrap();
    let clean = fleetc(&example("minimal"), &["check"], "");
    assert_eq!((clean.code, clean.stderr.as_str()), (0, ""));
    assert_eq!(clean.stdout, "no faults: 1 host (1 to install, 0 installed), 1 role, 1 release\n");
    assert_eq!(fleetc(folder.path(), &["check", "-"], FAULTY).code, 1);
    let none = fleetc(folder.path(), &["check"], "");
    assert_eq!((none.code, none.stdout.as_str()), (2, ""));
    assert_eq!(
        none.stderr,
        "error: `fleet.yaml` cannot be read: no such file or directory\n help: name a fleet file, or write a first one with `fleetc init`\n"
    );
    assert_eq!(fleetc(folder.path(), &["check", "--format", "xml"], "").code, 2);
    assert_eq!(fleetc(folder.path(), &[], "").code, 2);
    std::fs::write(folder.path().join("latin1.yaml"), b"a: \xe4\n").unwrap();
    let latin = fleetc(folder.path(), &["check", "latin1.yaml"], "");
    assert_eq!(
        (latin.code, latin.stderr.as_str()),
        (2, "error: `latin1.yaml` is not UTF-8 text (line 1)\n help: save it as UTF-8\n")
    );
}

#[test]
fn a_file_a_folder_the_current_folder_or_standard_input() {
    let text = std::fs::read_to_string(example("minimal").join("fleet.yaml")).unwrap();
    for (folder, arguments, stdin) in [
        (example("minimal"), vec!["check"], ""),
        (example(""), vec!["check", "minimal"], ""),
        (example(""), vec!["check", "minimal/fleet.yaml"], ""),
        (example("minimal"), vec!["check", "-"], text.as_str()),
    ] {
        let run = fleetc(&folder, &arguments, stdin);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?} {}", run.stdout);
    }
}

#[test]
fn short_findings_have_lines_and_columns_counted_by_hand() {
    let run = fleetc(&example("minimal"), &["check", "-", "--format", "short"], FAULTY);
    assert_eq!(
        run.stdout,
        "<stdin>:3:30: warning[duplicate-in-list]: `vim` stands twice in this list\n\
         <stdin>:4:10: error[malformed-host-name]: `ä` is no host name that the installer takes\n\
         <stdin>:4:45: error[dangling-reference]: no role is called `rr`\n\
         2 errors, 1 warning\n"
    );
}

#[test]
fn json_findings_are_one_object() {
    let run = fleetc(&example("minimal"), &["check", "-", "--format", "json"], FAULTY);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["summary"], serde_json::json!({"errors": 2, "warnings": 1}));
    assert_eq!(
        report["findings"][0],
        serde_json::json!({
            "rule": "duplicate-in-list", "level": "warning", "message": "`vim` stands twice in this list", "help": "remove one",
            "file": "<stdin>", "line": 3, "column": 30, "end_line": 3, "end_column": 33,
            "related": [{"file": "<stdin>", "line": 3, "column": 25, "message": "first here"}],
            "fix": [], "url": null,
        })
    );
    let clean = fleetc(&example("minimal"), &["check", "--format", "json"], "");
    let report: serde_json::Value = serde_json::from_str(&clean.stdout).unwrap();
    assert_eq!(report, serde_json::json!({"version": 1, "findings": [], "summary": {"errors": 0, "warnings": 0}}));
}

#[test]
fn levels_are_set_in_order() {
    let warning = "version: 1\nserver: { url: http://h }\nroles: { r: { bundles: [vim, vim] } }\n";
    let code = |arguments: &[&str]| {
        fleetc(Path::new("/"), &[&["check", "-", "--format", "short"], arguments].concat(), warning).code
    };
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["-D", "duplicate-in-list"]), 1);
    assert_eq!(code(&["-D", "warnings"]), 1);
    assert_eq!(code(&["-D", "warnings", "-A", "duplicate-in-list"]), 0);
    assert_eq!(code(&["-D", "duplicate-in-list", "-W", "duplicate-in-list"]), 0);
    assert_eq!(code(&["-W", "duplicate-in-list", "-D", "duplicate-in-list"]), 1);
    let unknown = fleetc(Path::new("/"), &["check", "-", "-A", "duplicate-in-lst"], warning);
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.stderr.contains("no rule is called `duplicate-in-lst`; did you mean `duplicate-in-list`?"),
        "{}",
        unknown.stderr
    );
    // Allowed, it would leave the host out of the tree in silence.
    assert_eq!(code(&["-A", "reserved-name"]), 2);
    let fixed = fleetc(Path::new("/"), &["check", "-", "-A", "malformed-mac"], warning);
    assert_eq!(fixed.code, 2);
    assert!(fixed.stderr.contains("`malformed-mac` is an error that cannot be lowered"), "{}", fixed.stderr);
}

#[test]
fn build_writes_nothing_on_an_error() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("public");
    let run = fleetc(folder.path(), &["build", "-", "-o", "public"], FAULTY);
    assert_eq!(run.code, 1);
    assert!(!out.exists());
    assert_eq!(run.stderr, "nothing was written\n");

    let fine = fleetc(&example("minimal"), &["build", "-o", out.to_str().unwrap()], "");
    assert_eq!((fine.code, fine.stderr.as_str()), (0, ""));
    let before = std::fs::read(out.join("manifest.json")).unwrap();
    assert_eq!(fleetc(folder.path(), &["build", "-", "-o", "public"], FAULTY).code, 1);
    assert_eq!(std::fs::read(out.join("manifest.json")).unwrap(), before);
}

#[test]
fn build_refuses_a_folder_that_is_not_its_own() {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("public")).unwrap();
    std::fs::write(folder.path().join("public/precious"), "mine").unwrap();
    let out = folder.path().join("public");
    let run = fleetc(&example("minimal"), &["build", "-o", out.to_str().unwrap()], "");
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1);
}

#[test]
fn init_writes_a_fleet_that_checks_clean_and_never_writes_over() {
    let folder = TempDir::new().unwrap();
    let run = fleetc(folder.path(), &["init", "fleet"], "");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let check = fleetc(&folder.path().join("fleet"), &["check"], "");
    assert_eq!((check.code, check.stdout.lines().count()), (0, 1), "{}", check.stdout);
    let again = fleetc(folder.path(), &["init", "fleet"], "");
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
}

#[test]
fn explain_shows_every_page_and_lists_every_rule() {
    let list = fleetc(Path::new("/"), &["explain"], "");
    for rule in fleetc::rules::RULES {
        assert!(list.stdout.contains(&format!("\n  {} ({})\n", rule.id, rule.weight())), "{}", rule.id);
        let page = fleetc(Path::new("/"), &["explain", rule.id], "");
        assert_eq!(page.code, 0);
        assert!(page.stdout.starts_with(&format!("{}  (", rule.id)), "{}", page.stdout);
        assert!(!page.stdout.contains("```") && !page.stdout.contains("## "), "{}", page.stdout);
    }
    assert!(list.stdout.lines().all(|line| line.chars().count() <= 100 && !line.contains('\u{1b}')), "{}", list.stdout);
    let unknown = fleetc(Path::new("/"), &["explain", "duplicat-mac"], "");
    let said = "error: no rule is called `duplicat-mac`\n help: did you mean `duplicate-mac`?\n";
    assert_eq!((unknown.code, unknown.stderr.as_str()), (2, said));
    let stranger = fleetc(Path::new("/"), &["explain", "zebra"], "");
    let said = "error: no rule is called `zebra`\n help: `fleetc explain` lists the rules\n";
    assert_eq!((stranger.code, stranger.stderr.as_str()), (2, said));
}

#[test]
fn explain_understands_what_is_pasted_from_a_report() {
    let page = fleetc(Path::new("/"), &["explain", "duplicate-mac"], "");
    assert!(page.stdout.lines().all(|line| line.chars().count() <= 100 && !line.contains('\u{1b}')), "{}", page.stdout);
    for name in ["error[duplicate-mac]", "error[duplicate-mac]:", "duplicate_mac", "Duplicate-MAC", "`duplicate-mac`"] {
        let run = fleetc(Path::new("/"), &["explain", name], "");
        assert_eq!((run.code, run.stdout), (0, page.stdout.clone()), "{name}");
    }
}

#[test]
fn schema_prints_json() {
    for name in ["fleet", "template", "manifest", "findings"] {
        let run = fleetc(Path::new("/"), &["schema", name], "");
        let schema: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert!(schema["$schema"].is_string(), "{name}");
    }
}

#[test]
fn nothing_from_the_environment_but_colour_changes_what_is_said() {
    let run = |name: &str, value: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fleetc"));
        let output = command
            .args(["check", "--format", "human"])
            .current_dir(example("minimal"))
            .env(name, value)
            .output()
            .unwrap();
        output.stdout
    };
    let plain = run("X", "1");
    for (name, value) in [("NO_COLOR", "1"), ("LANG", "C"), ("TZ", "Asia/Tokyo"), ("COLUMNS", "20")] {
        assert_eq!(run(name, value), plain, "{name}");
    }
}

#[test]
fn files_outside_the_folder_are_read_only_when_that_is_allowed() {
    let place = TempDir::new().unwrap();
    let folder = place.path().join("fleet");
    let shared = place.path().join("shared");
    std::fs::create_dir_all(&shared).unwrap();
    let copy = |from: &str, to: &Path| std::fs::copy(example("minimal").join(from), to).map(|_| ()).unwrap();
    std::fs::create_dir(&folder).unwrap();
    copy("roles/managed.yaml", &shared.join("role.yaml"));
    std::fs::write(shared.join("linux"), "a kernel").unwrap();
    std::os::unix::fs::symlink("../shared/role.yaml", folder.join("link.yaml")).unwrap();
    let absolute = shared.join("linux").to_str().unwrap().to_string();
    let text = std::fs::read_to_string(example("minimal").join("fleet.yaml")).unwrap();
    for (role, said) in [
        ("../shared/role.yaml", "the path `../shared/role.yaml` leads out of the folder of the fleet file"),
        ("link.yaml", "`link.yaml` cannot be read: lies outside the folder of the fleet file"),
    ] {
        let text = text.replace("roles/managed.yaml", role);
        std::fs::write(folder.join("fleet.yaml"), &text).unwrap();
        for command in [&["check"][..], &["build", "-o", "../out"], &["trace", "node-1"], &["show", "node-1"]] {
            let run = fleetc(&folder, command, "");
            let shown = run.stdout + &run.stderr;
            let refused = run.code != 0 && shown.contains(said) && shown.contains("--allow-outside");
            // `show` shows what there is, and says that there is a fault.
            let told = command[0] == "show" && shown.contains("the fleet has 1 error");
            assert!(refused || told, "{command:?}: {shown}");
            let allowed = [command, &["--allow-outside"]].concat();
            let run = fleetc(&folder, &allowed, "");
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{allowed:?}: {}", run.stdout);
        }
    }
    // Nothing is written outside of the output folder, whatever the name of what is copied.
    let kernel = |path: &str| text.replace("kernel: linux", &format!("kernel: {{ file: {path} }}"));
    std::fs::create_dir(folder.join("roles")).unwrap();
    copy("roles/managed.yaml", &folder.join("roles/managed.yaml"));
    for (path, url) in [("../shared/linux", ":up/shared/linux".to_string()), (&absolute, format!(":root{absolute}"))] {
        std::fs::write(folder.join("fleet.yaml"), kernel(path)).unwrap();
        assert_eq!(fleetc(&folder, &["check"], "").code, 1);
        let run = fleetc(&folder, &["build", "-o", "../out", "--allow-outside"], "");
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
        let copied = place.path().join("out/artifacts").join(&url);
        assert_eq!(std::fs::read_to_string(copied).unwrap(), "a kernel");
        let run = fleetc(&folder, &["trace", "node-1", "--allow-outside"], "");
        assert!(run.stdout.contains(&format!("artifacts/{url}")), "{}", run.stdout);
    }
}
