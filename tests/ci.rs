//! What people copy into their CI: the workflow for GitHub, the job for GitLab, the hook for pre-commit. Their scripts are
//! read by bash, and run in a repository with a fleet, as far as that goes without their servers.
#![allow(clippy::unwrap_used)]

mod docs;
#[path = "support/example.rs"]
mod example;
#[path = "support/program.rs"]
mod program;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&fs::read_to_string(docs::root().join(path)).unwrap()).unwrap()
}

/// The scripts of the workflow by the names of their steps; those of the job under `job`.
fn scripts() -> Vec<(String, String)> {
    let workflow = yaml("book/src/ci/github.yml");
    let steps = workflow["jobs"]["fleet"]["steps"].as_array().unwrap();
    let named = steps.iter().filter_map(|step| Some((step["name"].as_str()?, step["run"].as_str()?)));
    let mut scripts: Vec<(String, String)> =
        named.map(|(name, script)| (name.to_string(), script.to_string())).collect();
    assert_eq!(scripts.len(), steps.iter().filter(|step| step.get("run").is_some()).count());
    scripts.push(("job".to_string(), job("script")));
    scripts.push(("job, before".to_string(), job("before_script")));
    scripts
}

fn job(part: &str) -> String {
    let lines = yaml("book/src/ci/gitlab.yml")["fleet"][part].as_array().unwrap().clone();
    lines.iter().map(|line| format!("{}\n", line.as_str().unwrap())).collect()
}

fn step(name: &str) -> String {
    scripts().into_iter().find(|(known, _)| known == name).unwrap().1
}

/// A git repository with the fleet of the pilot, in two commits: the second moves a machine to another release.
struct Site {
    folder: tempfile::TempDir,
    base: String,
}

impl Site {
    fn new() -> Site {
        let folder = tempfile::tempdir().unwrap();
        let fleet = folder.path().join("fleet");
        program::copy(&example::named("pilot").folder, &fleet);
        fs::create_dir(folder.path().join("bin")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fleetc"), folder.path().join("bin/fleetc")).unwrap();
        let mut site = Site { folder, base: String::new() };
        site.git(&["init", "-q", "-b", "main"]);
        site.commit("one");
        site.base = site.git(&["rev-parse", "HEAD"]).trim().to_string();
        site.edit("role: compute, address: 192.168.1.12 }", "role: compute, address: 192.168.1.12, release: canary }");
        site.commit("two");
        site
    }

    fn fleet(&self) -> PathBuf {
        self.folder.path().join("fleet")
    }

    fn edit(&self, from: &str, to: &str) {
        let path = self.fleet().join("fleet.yaml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        fs::write(path, text.replace(from, to)).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git").args(arguments).current_dir(self.fleet()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "."]);
        self.git(&["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", message]);
    }

    /// Runs a script as the runners do: any command that fails ends it.
    fn run(&self, script: &str) -> Output {
        let here = self.folder.path();
        let path = format!("{}:{}", here.join("bin").display(), std::env::var("PATH").unwrap());
        Command::new("bash")
            .args(["-e", "-c", script])
            .current_dir(self.fleet())
            .env("PATH", path)
            .env_remove("FLEETC_BOOK")
            .env("GITHUB_STEP_SUMMARY", here.join("summary"))
            .env("GITHUB_REPOSITORY", "owner/site")
            .env("BASE", &self.base)
            .env("PULL", "12")
            .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", &self.base)
            .env("RECORD", here)
            .output()
            .unwrap()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_book_shows_the_files_as_they_are() {
    let path = docs::root().join("book/src/ci.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut expected = page.clone();
    for name in ["github.yml", "gitlab.yml"] {
        let fence = format!("```yaml,ci={name}\n");
        let start = expected.find(&fence).unwrap() + fence.len();
        // The line that ends the block may be its first.
        let end = start + expected[start - 1..].find("\n```\n").unwrap();
        expected.replace_range(start..end, &fs::read_to_string(docs::root().join("book/src/ci").join(name)).unwrap());
    }
    docs::none(docs::settle(&path, &expected).err().into_iter().collect());
}

#[test]
fn bash_reads_every_script() {
    let scripts = scripts();
    assert_eq!(scripts.len(), 7);
    let reads = |script: &str| Command::new("bash").args(["-n", "-c", script]).output().unwrap();
    for (name, script) in scripts {
        let output = reads(&script);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        // What comes from a pull request must not become part of a script.
        assert!(!script.contains("${{"), "{name}");
    }
    assert!(!reads("if [ -n x ]; then").status.success());
}

#[test]
fn an_installed_fleetc_is_not_built_again() {
    let site = Site::new();
    let installed = site.run(&step("Install"));
    assert!(installed.status.success() && stdout(&installed).trim_end().ends_with("/bin/fleetc"));
    let installed = site.run(&format!("CARGO_HOME=/nowhere\n{}", step("job, before")));
    assert!(installed.status.success() && stdout(&installed).trim_end().ends_with("/bin/fleetc"));
}

#[test]
fn the_workflow_fails_with_the_fleet_and_tells_why() {
    let site = Site::new();
    assert!(site.run(&step("Check")).status.success());
    assert!(site.run(&step("Write alerts")).status.success());
    site.edit("role: storage", "role: storrage");
    let check = site.run(&step("Check"));
    assert_eq!(check.status.code(), Some(1));
    assert!(stdout(&check).starts_with("::error file=fleet.yaml,line=85,"), "{}", stdout(&check));
    // Alerts are uploaded all the same.
    assert!(site.run(&step("Write alerts")).status.success());
    let sarif: Value = serde_json::from_str(&site.read("fleet/fleetc.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "dangling-reference");
}

/// A `gh` that keeps one comment in a file, and writes down how it was called.
const GH: &str = r#"#!/bin/bash
set -eu
echo "$*" >> "$RECORD/calls"
case "$*" in
    *PATCH*repos/owner/site/issues/comments/7\ *|*POST*repos/owner/site/issues/12/comments\ *)
        for argument in "$@"; do
            case "$argument" in body=@*) cat "${argument#body=@}" > "$RECORD/comment";; esac
        done;;
    *--paginate*repos/owner/site/issues/12/comments*--jq*)
        # What the filter gives: the number of the comment that begins with the marker.
        case "$*" in *'startswith("<!-- fleetc-plan -->")'*) ;; *) exit 3;; esac
        if [ -e "$RECORD/comment" ] && head -n 1 "$RECORD/comment" | grep -q '^<!-- fleetc-plan -->'; then echo 7; fi;;
    *) exit 4;;
esac
"#;

#[test]
fn the_workflow_says_in_one_comment_what_happens_to_machines() {
    let site = Site::new();
    let gh = site.folder.path().join("bin/gh");
    // By another program: one that this writes may be open in what another test starts meanwhile, and is busy then.
    fs::write(gh.with_extension("text"), GH).unwrap();
    assert!(Command::new("cp").arg(gh.with_extension("text")).arg(&gh).status().unwrap().success());
    fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();

    let plan = site.run(&step("Plan"));
    assert!(plan.status.success(), "{}", String::from_utf8_lossy(&plan.stderr));
    let first = site.read("summary");
    assert!(first.starts_with("<!-- fleetc-plan -->\n") && first.contains("node-002"), "{first}");
    let comment = site.run(&step("Comment"));
    assert!(comment.status.success(), "{}", String::from_utf8_lossy(&comment.stderr));
    assert_eq!(site.read("comment"), first);

    site.edit("address: 192.168.1.11 }", "address: 192.168.1.31 }");
    site.commit("three");
    assert!(site.run(&step("Plan")).status.success());
    assert!(site.run(&step("Comment")).status.success());
    let second = site.read("comment");
    assert!(second.contains("node-001") && second.contains("node-002") && second != first, "{second}");
    assert!(second.contains("**2 hosts change: "), "{second}");
    let calls = site.read("calls");
    let methods: Vec<&str> =
        calls.lines().filter_map(|call| call.split("--method ").nth(1)?.split(' ').next()).collect();
    assert_eq!(methods, ["POST", "PATCH"]);

    // What a guard forbids is in the comment, and fails the step.
    site.edit("version: 1\n", "version: 1\nguards: { max_change: 1 }\n");
    assert_eq!(site.run(&step("Plan")).status.code(), Some(1));
    assert!(site.run(&step("Comment")).status.success());
    let forbidden = site.read("comment");
    assert!(forbidden.contains("too-many-changes") && forbidden.contains("node-001"), "{forbidden}");

    // A fleet with errors has no plan, and the comment says so.
    site.edit("role: storage", "role: storrage");
    assert_eq!(site.run(&step("Plan")).status.code(), Some(1));
    assert!(site.run(&step("Comment")).status.success());
    assert!(site.read("comment").contains("There is no plan: the fleet file has errors."));

    // Where no plan could be made, the comment stays as it was.
    let before = site.read("comment");
    fs::write(site.fleet().join("plan.md"), "").unwrap();
    assert!(site.run(&step("Comment")).status.success());
    assert_eq!(site.read("comment"), before);
}

#[test]
fn the_job_writes_both_reports() {
    let site = Site::new();
    let clean = site.run(&job("script"));
    assert!(clean.status.success(), "{}", String::from_utf8_lossy(&clean.stderr));
    assert!(stdout(&clean).contains("node-002"), "{}", stdout(&clean));
    let page = site.read("fleet/plan.md");
    assert!(page.starts_with("<!-- fleetc-plan -->\n") && page.contains("node-002"), "{page}");
    site.edit("role: storage", "role: storrage");
    assert_eq!(site.run(&job("script")).status.code(), Some(1));
    let quality: Value = serde_json::from_str(&site.read("fleet/fleetc.json")).unwrap();
    assert_eq!(quality[0]["check_name"], "dangling-reference");
    assert!(site.read("fleet/fleetc.xml").contains("failures=\"1\""));
    let reports = &yaml("book/src/ci/gitlab.yml")["fleet"]["artifacts"]["reports"];
    assert_eq!(yaml("book/src/ci/gitlab.yml")["fleet"]["artifacts"]["paths"], serde_json::json!(["plan.md"]));
    assert_eq!((&reports["junit"], &reports["codequality"]), (&"fleetc.xml".into(), &"fleetc.json".into()));
}

#[test]
fn the_hooks_judge_the_fleet_file() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let ids: Vec<&str> = hooks.as_array().unwrap().iter().map(|hook| hook["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["fleetc-check", "fleetc-check-system"]);
    let page = fs::read_to_string(docs::root().join("book/src/ci.md")).unwrap();
    let site = Site::new();
    for hook in hooks.as_array().unwrap() {
        assert!(page.contains(hook["id"].as_str().unwrap()));
        for key in ["name", "description", "entry", "language"] {
            assert!(hook[key].is_string(), "{key}");
        }
        // No names of files are handed on: a check takes one.
        assert_eq!((&hook["pass_filenames"], &hook["always_run"]), (&false.into(), &true.into()));
        assert_eq!(site.run(hook["entry"].as_str().unwrap()).status.code(), Some(0));
    }
    site.edit("role: storage", "role: storrage");
    for hook in hooks.as_array().unwrap() {
        assert_eq!(site.run(hook["entry"].as_str().unwrap()).status.code(), Some(1));
    }
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock").exists(), "`--locked` needs it");
}
