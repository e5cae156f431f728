//! What people see: fleets written for it, and what is printed, by hand.

use std::fs;

use fleetc::schemas::SCHEMAS;
use serde_json::{Value, json};

use crate::example;
use crate::program::{Run, fleetc};

/// A fleet in which every way to set, edit, override and clear happens.
const FLEET: &str = "\
version: 1
server: { url: http://192.168.1.1 } # žluťoučký kůň
networks:
  rack: { cidr: 10.0.0.0/24, gateway: 10.0.0.1 }
releases:
  stable: &s { version: 29880, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
  canary: { version: 30010, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
layouts:
  one-disk:
    - disk: sda
      partitions:
        - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
        - { size: rest, filesystem: ext4, mount: / }
defaults:
  role: web
  release: stable
  layout: one-disk
  interface: eno1
  cmdline: quiet
  bundles: [kernel-native, os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]
  labels: { owner: ada, rack: a1 }
roles:
  base:
    bundles: { add: [openssh-server], remove: [os-core-update] }
    hooks: { post_chroot: [systemctl mask a.service], post_nonchroot_shell: [\"true\"] }
    vars: { port: 80, token: { password: hunter2, url: \"https://me:pa55@example.net\" } }
  web:
    extends: base
    release: canary
    bundles: { add: [nginx] }
    hooks: { post_chroot: null }
hosts:
  node-1:
    mac: [52:54:00:00:00:01, 52:54:00:00:00:02]
    address: 10.0.0.11
    release: stable
    state: installed
    cmdline: null
    labels: { rack: b2, owner: null }
    users:
      - name: ada
        sudo: true
        password_hash: $6$saltsalt$0123456789012345678901234567890123456789012345678901234567890123456789012345
  node-2: { mac: 52:54:00:00:00:03, role: base }
";

fn run(text: &str, arguments: &[&str]) -> Run {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("fleet.yaml"), text).unwrap();
    fleetc(place.path(), arguments)
}

fn object(text: &str, machine: &str) -> Value {
    let run = run(text, &["show", machine, "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn everything_is_shown_with_its_line() {
    let shown = run(FLEET, &["show", "node-1"]);
    assert_eq!((shown.code, shown.stderr.as_str()), (Some(0), ""));
    let expected = "\
node-1  fleet.yaml:33

  mac                         52:54:00:00:00:01, 52:54:00:00:00:02         host, fleet.yaml:34
  address                     10.0.0.11                                    host, fleet.yaml:35
  role                        web                                          defaults, fleet.yaml:15

  network                     rack                                         derived, fleet.yaml:4
  prefix                      24                                           derived, fleet.yaml:4
  gateway                     10.0.0.1                                     derived, fleet.yaml:4
  version                     29880                                        derived, fleet.yaml:6
  boot_script                 boot/52-54-00-00-00-01.ipxe,                 derived, fleet.yaml:34
                              boot/52-54-00-00-00-02.ipxe

  state                       installed                                    host, fleet.yaml:37
                              was install                                  built-in
  release                     stable                                       host, fleet.yaml:36
                              was canary                                   role web, fleet.yaml:29
                              was stable                                   defaults, fleet.yaml:16
  layout                      one-disk                                     defaults, fleet.yaml:17
  bundles                     kernel-native, os-core, os-cloudguest,       role web, fleet.yaml:30
                              systemd-networkd-autostart, openssh-server,
                              nginx
                              + nginx
                              was kernel-native, os-core, os-cloudguest,   role base, fleet.yaml:24
                              systemd-networkd-autostart, openssh-server
                                  + openssh-server
                                  - os-core-update
                              was kernel-native, os-core, os-core-update,  defaults, fleet.yaml:20
                              os-cloudguest, systemd-networkd-autostart
  users                       { name: ada, password_hash: ***, sudo: true  host, fleet.yaml:41
                              }
  interface                   eno1                                         defaults, fleet.yaml:18
  cmdline                     (none)                                       host, fleet.yaml:38
                              was quiet                                    defaults, fleet.yaml:19
  legacy_bios                 false                                        built-in
  keep_partition_table        false                                        built-in
  software_manager            swupd                                        built-in

  hooks.post_nonchroot_shell  true                                         role base, fleet.yaml:25
  hooks.post_chroot           (none)                                       role web, fleet.yaml:31
                              was systemctl mask a.service                 role base, fleet.yaml:25

  labels.owner                (none)                                       host, fleet.yaml:39
                              was ada                                      defaults, fleet.yaml:21
  labels.rack                 b2                                           host, fleet.yaml:39
                              was a1                                       defaults, fleet.yaml:21

  vars.port                   80                                           role base, fleet.yaml:26
  vars.token                  { password: ***, url:                        role base, fleet.yaml:26
                              https://*******@example.net }
";
    assert_eq!(shown.stdout, expected);
    for secret in ["hunter2", "pa55", "$6$"] {
        assert!(!shown.stdout.contains(secret), "{}", shown.stdout);
    }
}

/// Each field of the second half, as JSON has it: value, layer, line; then what it overrode.
#[test]
fn what_was_overridden_is_told_layer_by_layer() {
    let shown = object(FLEET, "node-1");
    let brief = |set: &Value| json!([set["value"], set["layer"], set["role"], set["line"]]);
    let field = |name: &str| {
        let field = &shown["fields"][name];
        let below: Vec<Value> = field["superseded"].as_array().unwrap().iter().map(brief).collect();
        json!([brief(field), below])
    };
    assert_eq!(field("cmdline"), json!([[null, "host", null, 38], [["quiet", "defaults", null, 19]]]));
    assert_eq!(field("labels.rack"), json!([["b2", "host", null, 39], [["a1", "defaults", null, 21]]]));
    assert_eq!(field("labels.owner"), json!([[null, "host", null, 39], [["ada", "defaults", null, 21]]]));
    let before = json!([[["systemctl mask a.service"], "role", "base", 25]]);
    assert_eq!(field("hooks.post_chroot"), json!([[null, "role", "web", 31], before]));
    assert_eq!(field("hooks.post_nonchroot_shell"), json!([[["true"], "role", "base", 25], []]));
    assert_eq!(field("vars.port"), json!([[80, "role", "base", 26], []]));
    let token = json!({ "password": "***", "url": "https://*******@example.net" });
    assert_eq!(field("vars.token"), json!([[token, "role", "base", 26], []]));
    let users = json!([{ "name": "ada", "sudo": true, "password_hash": "***" }]);
    assert_eq!(field("users"), json!([[users, "host", null, 41], []]));
    assert_eq!(field("state"), json!([["installed", "host", null, 37], [["install", "built-in", null, null]]]));
    assert_eq!(field("software_manager"), json!([["swupd", "built-in", null, null], []]));
    assert_eq!(field("mirror_url"), json!([[null, "built-in", null, null], []]));
    let bundles = &shown["fields"]["bundles"];
    assert_eq!((&bundles["added"], &bundles["removed"]), (&json!(["nginx"]), &json!([])));
    let base = &bundles["superseded"][0];
    assert_eq!((&base["added"], &base["removed"]), (&json!(["openssh-server"]), &json!(["os-core-update"])));
    assert_eq!(bundles["superseded"][1]["added"], Value::Null);
    let role = object(FLEET, "node-2")["fields"]["role"].clone();
    assert_eq!(brief(&role), json!(["base", "host", null, 44]));
    assert_eq!(brief(&role["superseded"][0]), json!(["web", "defaults", null, 15]));
}

#[test]
fn whole_maps_are_cleared_key_by_key() {
    let text = FLEET.replace("labels: { rack: b2, owner: null }", "labels: null\n    hooks: null\n    vars: null");
    let shown = object(&text, "node-1");
    for (name, line) in [("labels.rack", 39), ("hooks.post_nonchroot_shell", 40), ("vars.port", 41)] {
        let field = &shown["fields"][name];
        assert_eq!((&field["value"], &field["layer"], &field["line"]), (&Value::Null, &json!("host"), &json!(line)));
        assert_eq!(field["superseded"].as_array().unwrap().len(), 1, "{name}");
    }
    // What a lower layer cleared already stays as that layer left it.
    assert_eq!(shown["fields"]["hooks.post_chroot"]["role"], "web");
}

#[test]
fn fields_are_printed_alone() {
    let print = |arguments: &[&str]| {
        let run = run(FLEET, &[&["show", "node-1"], arguments].concat());
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        run.stdout
    };
    assert_eq!(print(&["--field", "release"]), "stable\n");
    assert_eq!(print(&["-F", "labels.rack", "-F", "mac"]), "b2\n52:54:00:00:00:01\n52:54:00:00:00:02\n");
    assert_eq!(print(&["-F", "cmdline"]), "\n");
    assert_eq!(print(&["-F", "vars.token"]), "password: ***\nurl: https://*******@example.net\n");
    assert_eq!(print(&["-F", "labels"]), "\nb2\n");
    let json: Value = serde_json::from_str(&print(&["-F", "state", "--format", "json"])).unwrap();
    assert_eq!(json["fields"].as_object().unwrap().keys().collect::<Vec<_>>(), ["state"]);
    let wrong = run(FLEET, &["show", "node-1", "-F", "relese"]);
    assert_eq!(wrong.stderr, "error: `node-1` has no field `relese`\n help: did you mean `release`?\n");
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""));
    let wrong = run(FLEET, &["show", "node-1", "-F", "zebra"]);
    assert_eq!(wrong.stderr, "error: `node-1` has no field `zebra`\n help: `fleetc show node-1` lists the fields\n");
}

#[test]
fn machines_are_found_by_any_spelling() {
    for asked in ["52:54:00:00:00:02", "52-54-00-00-00-02", "5254.0000.0002", "525400000002", "52:54:0:0:0:2"] {
        assert_eq!(run(FLEET, &["show", asked, "-F", "address"]).stdout, "10.0.0.11\n", "{asked}");
    }
    let none = run(FLEET, &["show", "nod-1"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(2), ""));
    assert_eq!(none.stderr, "error: no host is called `nod-1`\n help: did you mean `node-1`?\n");
    let gets = |unknown: &str| run(&format!("{FLEET}{unknown}\n"), &["show", "525400ff0000"]);
    for (unknown, what) in [
        ("unknown: refuse", "is told so and keeps its disk (`unknown: refuse`)"),
        ("unknown: local", "boots its local disk (`unknown: local`)"),
        ("unknown: { install: web }", "is installed with role `web` (`unknown: { install: web }`)"),
    ] {
        let none = gets(unknown);
        let expected = format!(
            "error: no host has the MAC address `52:54:00:ff:00:00`: such a machine {what}\n \
             help: `fleetc trace 52:54:00:ff:00:00` shows what it would see\n"
        );
        assert_eq!((none.code, none.stderr), (Some(2), expected));
    }
}

#[test]
fn a_fleet_with_errors_is_shown_as_far_as_it_goes() {
    let text = FLEET.replace("role: base }", "role: bas }");
    let shown = run(&text, &["show", "node-1", "--field", "state"]);
    assert_eq!((shown.code, shown.stdout.as_str()), (Some(0), "installed\n"));
    assert_eq!(shown.stderr, "the fleet has 1 error: nothing is built before that is mended; see `fleetc check`\n");
    assert_eq!(object(&text, "node-1")["errors"], 1);
    let stray = run(&text, &["show", "node-2"]);
    assert_eq!((stray.code, stray.stderr.as_str()), (Some(1), "host `node-2` could not be resolved\n"));
    assert!(stray.stdout.contains("no role is called `bas`"), "{}", stray.stdout);
    let none = run("version: [", &["show", "node-1"]);
    assert_eq!(none.code, Some(1));
    assert!(none.stdout.contains("error["), "{}", none.stdout);
    // What a role that is not there would have set is not known; what the others set is.
    let orphan = FLEET.replace("extends: base", "extends: bse").replace("release: stable\n    state", "state");
    let shown = object(&orphan, "node-1");
    let faulty = |name: &str| shown["fields"][name]["faulty"].as_bool().unwrap();
    assert!(faulty("layout") && faulty("interface") && !faulty("release") && !faulty("state"));
    assert_eq!(shown["fields"]["release"]["value"], "canary");
    let value = FLEET.replace("state: installed", "state: [installed]");
    let shown = object(&value, "node-1");
    assert_eq!(
        (&shown["fields"]["state"]["faulty"], &shown["fields"]["state"]["layer"]),
        (&json!(true), &json!("host"))
    );
}

#[test]
fn every_host_of_the_examples_is_what_the_schema_says() {
    let (_, make) = SCHEMAS.iter().find(|(name, _)| *name == "show").unwrap();
    let validator = jsonschema::draft202012::new(&serde_json::to_value(make()).unwrap()).unwrap();
    for example in example::all() {
        let document = example.document();
        for host in document["hosts"].as_object().unwrap().keys().take(8) {
            let run = fleetc(&example.folder, &["show", host, "--format", "json"]);
            let value: Value = serde_json::from_str(&run.stdout).unwrap();
            let faults: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(faults.is_empty(), "{}: {host}: {faults:?}", example.name);
        }
    }
    assert!(!validator.is_valid(&json!({ "version": 1 })));
}
