//! The installer's templates: imported, built, and held against what they said.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::installer::validate;
use crate::program::{Run, copy, fleetc};
use crate::templates::{self, Template, text as text_of};
use crate::{text, write};

/// What a template means, whoever wrote it: `physical`, one spelling of numbers and keys, nothing that says nothing,
/// and the entries of partitions in the order of the partitions (contract 1.3, I-9, I-59).
fn meaning(template: &Value, disk: Option<&str>, left: &[&str]) -> Value {
    let mut template = template.clone();
    template["DestinationType"] = "physical".into();
    for list in ["PartitionLayout", "FilesystemTypes", "PartitionMountPoints"] {
        let entries = template[list].as_array_mut().unwrap();
        for entry in entries.iter_mut() {
            entry["partition"] = number(&entry["partition"]);
            if let Some(disk) = disk {
                entry["disk"] = disk.into();
            }
            if entry.get("forcemu") == Some(&json!(false)) {
                entry.as_object_mut().unwrap().remove("forcemu");
            }
        }
        entries.sort_by_key(|entry| (entry["disk"].to_string(), entry["partition"].as_u64()));
    }
    for user in template.get_mut("Users").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(uid) = user.get("uid") {
            user["uid"] = number(uid);
        }
        if let Some(key) = user.get("key").and_then(Value::as_str) {
            user["key"] = format!("{}\n", key.trim_end()).into();
        }
    }
    let map = template.as_object_mut().unwrap();
    map.retain(|key, value| *value != json!(false) && *value != json!([]) && !left.contains(&key.as_str()));
    template
}

fn number(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |digits| digits.parse::<u32>().unwrap().into())
}

/// The disk that takes the place of an image file.
fn disk(template: &Template) -> Option<&'static str> {
    (template.json["DestinationType"] == "virtual").then_some("sda")
}

const MAC: &str = "52:54:00:00:09:01";

/// Imports a template.
fn import(folder: &Path, template: &Template, more: &[&str]) -> Run {
    fs::write(folder.join("a.json"), text_of(&template.json)).unwrap();
    let allowed = allowed(template);
    let mut arguments = vec!["import", "ister", "a.json"];
    if let Some(disk) = disk(template) {
        arguments.extend(["--disk", disk]);
    }
    arguments.extend(allowed.iter().map(String::as_str));
    fleetc(folder, &[&arguments, more].concat())
}

fn allowed(template: &Template) -> Vec<String> {
    template.allowed.iter().map(|rule| format!("-A{rule}")).collect()
}

/// The lines of the keys that a fleet file has no place for, in the text of a template.
fn lines_left(template: &Template) -> Vec<String> {
    let keys = template.json.as_object().unwrap().keys().enumerate();
    let image = disk(template).map(|_| "DestinationType");
    let left = keys.filter(|(_, key)| template.left.contains(&key.as_str()) || Some(key.as_str()) == image);
    left.map(|(index, _)| (index + 2).to_string()).collect()
}

/// The lines of a rule's findings.
fn lines(run: &Run, rule: &str, file: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_it = false;
    for line in run.stdout.lines() {
        if line.starts_with("error[") || line.starts_with("warning[") {
            is_it = line.contains(&format!("[{rule}]"));
        } else if let Some((_, place)) = line.split_once(&format!("╭─[{file}:")).filter(|_| is_it) {
            lines.push(place.split(':').next().unwrap().to_string());
        }
    }
    lines
}

/// The template that a tree has for a host.
fn emitted(folder: &Path, template: &Template, host: &str) -> Value {
    let allowed = allowed(template);
    let arguments: Vec<&str> = ["build", "-o", "tree"].into_iter().chain(allowed.iter().map(String::as_str)).collect();
    let run = fleetc(folder, &arguments);
    assert_eq!(run.code, Some(0), "{}: {}{}", template.name, run.stdout, run.stderr);
    let path = folder.join("tree/icis/static/ister").join(host).join("ister_config.json");
    let json: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(validate(&json), [], "{}", template.name);
    fs::remove_dir_all(folder.join("tree")).unwrap();
    json
}

/// A template with the key itself in the place of the file that holds it on the installer's system.
fn with_key(template: &Template) -> Value {
    let mut json = template.json.clone();
    if template.left.contains(&"Users") {
        json["Users"][0]["key"] = templates::KEY.into();
    }
    json
}

#[test]
fn templates_survive_import_and_build() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let all = templates::all();
    assert!(all.len() > 50, "{}", all.len());
    for template in &all {
        assert_eq!(validate(&with_key(template)), [], "{}", template.name);
        let _ = fs::remove_dir_all(folder.join("fleet"));
        let run = import(folder, template, &["-o", "fleet", "--mac", MAC, "--names", "node-#"]);
        let said = format!("{}: {}{}", template.name, run.stdout, run.stderr);
        assert_eq!(lines(&run, "not-imported", "a.json"), lines_left(template), "{said}");
        if let Some(rule) = template.refused {
            assert_eq!(run.code, Some(1), "{said}");
            assert!(!lines(&run, rule, "fleet/fleet.yaml").is_empty(), "{said}");
            continue;
        }
        assert_eq!(run.code, Some(0), "{said}");
        // The text that the service gave is a stand-in, and so the machine is not installed yet.
        let fleet = text(folder, "fleet/fleet.yaml");
        let has_service = template.json.get("IsterCloudInitSvc").is_some();
        assert_eq!(fleet.contains("\n  state: installed\n"), has_service, "{fleet}");
        fs::write(folder.join("fleet/fleet.yaml"), fleet.replace("\n  state: installed\n", "\n")).unwrap();
        let name = template.json["Hostname"].as_str().unwrap_or("node-1");
        let mut found = emitted(&folder.join("fleet"), template, name);
        let mut expected = meaning(&template.json, disk(template), template.left);
        // Every host has a name.
        expected["Hostname"] = name.into();
        found = meaning(&found, None, &[]);
        assert_eq!(found, expected, "{}\n{fleet}", template.name);
    }
}

/// Settings of `defaults` that a template has otherwise, or not at all.
const DEFAULTS: &str = "defaults:
  cmdline: quiet
  https_proxy: http://proxy.example:3128
  http_proxy: null
  legacy_bios: false
  users: [{ name: root2, password_hash: \"$6$saltsalt$0123456789012345678901234567890123456789012345678901234567890123456789012345\" }]
  hooks:
    post_chroot_shell: [echo 'x' && sync]
    post_nonchroot_shell: [\"true\"]
";

#[test]
fn a_role_says_what_defaults_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let pilot = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pilot");
    for template in templates::all().iter().filter(|template| template.refused.is_none()) {
        let _ = fs::remove_dir_all(folder.join("pilot"));
        copy(&pilot, &folder.join("pilot"));
        let before = text(folder, "pilot/fleet.yaml").replace("defaults:\n", DEFAULTS);
        // An address in none of its networks belongs to them first.
        let before = before
            .replace("networks:\n", "networks:\n  own: { cidr: 10.1.10.0/24, gateway: 10.1.10.1, dns: 10.1.10.2 }\n");
        write(folder, &[("pilot/fleet.yaml", &before)]);
        let run = import(folder, template, &["--into", "pilot", "--name", "new", "--mac", MAC, "--names", "new-#"]);
        assert_eq!(run.code, Some(0), "{}: {}{}", template.name, run.stdout, run.stderr);
        assert!(run.stdout.contains("added to pilot/fleet.yaml: layout and role `new`, 1 host\n"), "{}", run.stdout);
        let after = text(folder, "pilot/fleet.yaml");
        for line in before.lines() {
            assert!(after.contains(line), "{line} is gone from {after}");
        }
        let name = template.json["Hostname"].as_str().unwrap_or("new-1");
        let found = meaning(&emitted(&folder.join("pilot"), template, name), None, &[]);
        let mut expected = meaning(&template.json, disk(template), template.left);
        expected["Hostname"] = name.into();
        // Its role has no text, which was said.
        expected.as_object_mut().unwrap().remove("IsterCloudInitSvc");
        assert_eq!(found, expected, "{}\n{after}", template.name);
    }
}

/// A template that stands beside the pilot, with another version, and what it has there.
fn beside_the_pilot(folder: &Path) -> Template {
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pilot"), &folder.join("pilot"));
    let native = templates::all().into_iter().find(|template| template.name.starts_with("native-cloud"));
    native.unwrap()
}

#[test]
fn a_dry_run_shows_what_a_run_writes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let template = beside_the_pilot(folder);
    let before = text(folder, "pilot/fleet.yaml");
    let dry = import(folder, &template, &["--into", "pilot/fleet.yaml", "--dry-run"]);
    assert_eq!((dry.code, text(folder, "pilot/fleet.yaml")), (Some(0), before.clone()), "{}", dry.stderr);
    let run = import(folder, &template, &["--into", "pilot/fleet.yaml"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    let after = text(folder, "pilot/fleet.yaml");
    let diff = similar::TextDiff::from_lines(&before, &after);
    let name = "pilot/fleet.yaml";
    assert_eq!(dry.stdout, diff.unified_diff().header(name, name).to_string());
    let release = "
  # kernel and initrd are those of `stable`: see that its installer fits
  release-15520:
    version: 15520
    kernel: linux
    initrd: initrd
    boot_args: [quiet, rw, tsc=reliable, no_timer_check, noreplace-smp]
    installer: { kind: ister, version: 69 }
";
    let role = "
  a:
    release: release-15520
    layout: a
    bundles:
      - kernel-native
      - os-core
      - os-core-update
      - os-cloudguest
";
    assert!(after.contains(release) && after.contains(role), "{after}");
    assert!(run.stdout.contains("help: give the role `a` a `cloud_config`"), "{}", run.stdout);
    assert!(run.stdout.contains("added to pilot/fleet.yaml: layout and role `a`\n"), "{}", run.stdout);
    // Once more, it is there already: layout and role are two findings, each with both places.
    let twice = import(folder, &template, &["--into", "pilot/fleet.yaml"]);
    assert_eq!((twice.code, text(folder, "pilot/fleet.yaml")), (Some(1), after.clone()));
    assert_eq!(lines(&twice, "duplicate-key", "a.json"), ["1", "1"], "{}", twice.stdout);
    let there = |key: &str| 1 + after[..after.find(key).unwrap()].matches('\n').count();
    let expected = [there("  a:\n    - disk"), there("  a:\n    release")].map(|line| line.to_string());
    assert_eq!(lines(&twice, "duplicate-key", "pilot/fleet.yaml"), expected, "{}", twice.stdout);
    let other = import(folder, &template, &["--into", "pilot/fleet.yaml", "--name", "b"]);
    assert_eq!(other.code, Some(0), "{}", other.stdout);
    assert_eq!(text(folder, "pilot/fleet.yaml").matches("version: 15520").count(), 1);
}

/// What the first machine of a role would be told is told at once, at the line to blame.
#[test]
fn a_template_without_machine_is_judged_as_if_it_had_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut template = beside_the_pilot(folder);
    template.json["Bundles"] = json!(["os-core"]);
    template.json["FilesystemTypes"][1]["type"] = "vfat".into();
    for (target, file) in [("-o", "new"), ("--into", "pilot")] {
        let run = import(folder, &template, &[target, file]);
        assert_eq!(run.code, Some(1), "{}", run.stdout);
        let fleet = text(folder, &format!("{file}/fleet.yaml"));
        let at = |key: &str| (1 + fleet[..fleet.find(key).unwrap()].matches('\n').count()).to_string();
        let shown = format!("{file}/fleet.yaml");
        assert_eq!(lines(&run, "unfit-root-filesystem", &shown), [at("filesystem: vfat, mount: / ")], "{}", run.stdout);
        assert!(!lines(&run, "no-kernel", &shown).is_empty(), "{}", run.stdout);
        assert!(run.stdout.ends_with("this is said of a first machine; no host has the role `a` yet\n"));
        assert!(!fleet.contains("52:54:00:00:09:01") && !run.stdout.contains("02:00:00"), "{fleet}");
    }
}

/// The template of a service goes with its rows and its roles: machines are installed as they were.
#[test]
fn a_service_and_its_template() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let bulk = templates::all().into_iter().find(|template| template.name.starts_with("bulk-provision"));
    let bulk = bulk.unwrap();
    let role = "#cloud-config\nservice:\n  - mask: ucd.service\n";
    let config = format!("{MAC},compute\ndefault,compute\n");
    write(folder, &[("a.json", &text_of(&bulk.json)), ("config.txt", &config), ("roles/compute", role)]);
    let run = fleetc(folder, &["import", "icis", "config.txt", "roles", "--template", "a.json", "-o", "fleet"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    assert_eq!(lines(&run, "not-imported", "a.json"), [""; 0], "{}", run.stdout);
    let fleet = text(folder, "fleet/fleet.yaml");
    assert!(fleet.contains("  url: http://192.168.1.1:60000\n") && fleet.contains("unknown: { install: compute }"));
    let mut expected = meaning(&bulk.json, None, &[]);
    expected["Hostname"] = "node-001".into();
    assert_eq!(meaning(&emitted(&folder.join("fleet"), &bulk, "node-001"), None, &[]), expected, "{fleet}");
    // A template that names no service, or another than the boot script, is reported.
    let mut silent = bulk.json.clone();
    silent.as_object_mut().unwrap().remove("IsterCloudInitSvc");
    let script = "#!ipxe\nkernel linux quiet isterconf=http://10.0.0.1/icis/static/ister/ister.conf initrd=initrd\ninitrd initrd\nboot\n";
    write(folder, &[("silent.json", &text_of(&silent)), ("boot.txt", script)]);
    for (file, said) in [
        ("silent.json", "this template names no service, so its machines got no role"),
        ("a.json", "the template names the service `http://192.168.1.1:60000/icis/`, and all else"),
    ] {
        let arguments =
            ["import", "icis", "config.txt", "roles", "--boot-script", "boot.txt", "--dry-run", "-o", "new"];
        let run = fleetc(folder, &[&arguments[..], &["--template", file]].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stderr.contains(said), "{}", run.stderr);
        assert!(run.stdout.contains("+  url: http://10.0.0.1\n"), "{}", run.stdout);
    }
}
