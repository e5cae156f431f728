//! The inventory as a script of two lines: Ansible reads the fleet file itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use fleetc::beside::Kind;
use serde_json::{Value, json};

use crate::control::{command, read, read_text, said, written};
use crate::example::{self, Example};
use crate::program::{Run, copy, fleetc};

/// The script of the pilot, beside the fleet of an example.
fn with_script(example: &Example, folder: &Path) -> PathBuf {
    copy(&example.folder, folder);
    let script = folder.join("inventory");
    fs::write(&script, include_str!("../../examples/pilot/inventory")).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    script
}

/// `PATH` with the program that is tested before all others.
fn path() -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_fleetc")).parent().unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default())
}

/// What `ansible-inventory` reads from a script; its objections are the error.
fn asked(script: &Path) -> Result<Value, String> {
    let home = tempfile::tempdir().unwrap();
    let mut command = command("ansible-inventory", home.path());
    let output = command.env("PATH", path()).arg("-i").arg(script).arg("--list").output().unwrap();
    if !output.status.success() || !output.stderr.is_empty() {
        return Err(said(&output));
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn the_script_is_two_lines_and_may_be_run() {
    let pilot = example::named("pilot").folder.join("inventory");
    assert_eq!(fs::read_to_string(&pilot).unwrap().lines().count(), 2);
    assert_eq!(fs::metadata(pilot).unwrap().permissions().mode() & 0o111, 0o111);
}

#[test]
fn the_script_says_what_the_file_says() {
    for example in example::all() {
        let folder = tempfile::tempdir().unwrap();
        let script = with_script(&example, folder.path());
        let answered = asked(&script).unwrap_or_else(|said| panic!("{said}"));
        let file = read_text(&written(&example.compile(&example.text()), Kind::Ansible, &[])).unwrap();
        assert_eq!(answered, file, "{}", example.name);
    }
}

#[test]
fn a_machine_by_its_name_has_its_variables_and_a_stranger_none() {
    let mixed = example::named("mixed").folder;
    let list = fleetc(&mixed, &["emit", "ansible", "--vars", "port", "--list"]);
    assert_eq!((list.code, list.stderr.as_str()), (Some(0), ""));
    let list: Value = serde_json::from_str(&list.stdout).unwrap();
    for name in ["db-01", "old-01"] {
        let one = fleetc(&mixed, &["emit", "ansible", "--vars", "port", "--host", name]);
        assert_eq!((one.code, one.stderr.as_str()), (Some(0), ""));
        assert_eq!(serde_json::from_str::<Value>(&one.stdout).unwrap(), list["_meta"]["hostvars"][name]);
    }
    assert_eq!(list["_meta"]["hostvars"]["db-01"]["port"], json!(5432));
    let stranger = fleetc(&mixed, &["emit", "ansible", "--host", "nobody"]);
    assert_eq!(stranger, Run { code: Some(0), stdout: "{}\n".to_string(), stderr: String::new() });
}

/// Ansible shows what a script says on its standard error, and takes nothing from one that fails.
#[test]
fn a_fleet_with_errors_is_no_empty_inventory() {
    let folder = tempfile::tempdir().unwrap();
    let script = with_script(&example::named("pilot"), folder.path());
    let place = folder.path().join("fleet.yaml");
    fs::write(&place, fs::read_to_string(&place).unwrap().replace("52:54:00:00:01:02", "52:54:00:00:01:01")).unwrap();
    for asked in [&["--list"][..], &["--host", "node-001"]] {
        let run = fleetc(folder.path(), &[&["emit", "ansible"], asked].concat());
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
        assert!(run.stderr.contains("error[duplicate-mac]"), "{}", run.stderr);
        assert!(run.stderr.ends_with("nothing is written while the fleet has errors\n"), "{}", run.stderr);
    }
    let said = asked(&script).unwrap_err();
    assert!(said.contains("duplicate-mac"), "{said}");
    // Nor is one that is not there.
    fs::remove_file(place).unwrap();
    assert!(asked(&script).unwrap_err().contains("cannot be read"));
    assert!(read(&folder.path().join("nothing")).is_err());
}

#[test]
fn machines_that_ansible_does_not_get_into_are_named() {
    let mixed = example::named("mixed").folder;
    let run = fleetc(&mixed, &["emit", "ansible"]);
    assert_eq!(run.code, Some(0));
    assert!(
        run.stderr.starts_with("warning[role-closed-to-ansible]: role `legacy` gives Ansible nobody"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.starts_with("# Written by `fleetc emit ansible`"));
    // Allowed, it is not said; denied, nothing is written, also not to a script.
    let allowed = fleetc(&mixed, &["emit", "ansible", "-A", "role-closed-to-ansible"]);
    assert_eq!((allowed.code, &allowed.stdout, allowed.stderr.as_str()), (Some(0), &run.stdout, ""));
    for form in [&[][..], &["--list"]] {
        let denied = fleetc(&mixed, &[&["emit", "ansible", "-D", "role-closed-to-ansible"], form].concat());
        assert_eq!((denied.code, denied.stdout.as_str()), (Some(1), ""));
        assert!(denied.stderr.contains("error[role-closed-to-ansible]"), "{}", denied.stderr);
    }
    // Whoever says it in the fleet file is believed.
    let folder = tempfile::tempdir().unwrap();
    copy(&mixed, folder.path());
    let place = folder.path().join("fleet.yaml");
    let text = fs::read_to_string(&place).unwrap();
    fs::write(&place, text.replace("    layout: bios\n", "    layout: bios\n    vars: { ansible_user: ada }\n"))
        .unwrap();
    let said = fleetc(folder.path(), &["emit", "ansible", "--vars", "ansible_user"]);
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
    assert_eq!(said.stdout.matches("ansible_user: ada\n").count(), 2, "{}", said.stdout);
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let refused = |arguments: &[&str], said: &str| {
        let run = fleetc(&example::named("pilot").folder, &[&["emit"], arguments].concat());
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.stderr.starts_with(&format!("error: {said}")), "{arguments:?}: {}", run.stderr);
    };
    refused(&["hosts", "--list"], "`--list` means nothing to `hosts`\n");
    refused(&["ssh-config", "--vars", "export"], "`--vars` means nothing to `ssh-config`\n");
    refused(&["nginx", "--host", "node-001"], "`--host` means nothing to `nginx`\n");
    refused(&["ansible", "--root", "/srv"], "`--root` means nothing to `ansible`\n");
    refused(&["ansible", "--vars", "exprt"], "no machine has a variable `exprt`\n help: did you mean `export`?");
    refused(&["ansible", "--list", "--host", "a"], "the argument '--list' cannot be used with '--host <NAME>'");
    refused(&["ansible", "--list", "-o", "x"], "the argument '--list' cannot be used with '--output <FILE>'");
}
