//! What people see: walks of the examples, as they are printed.

use fleetc::schemas::SCHEMAS;
use serde_json::{Value, json};

use crate::example;
use crate::program::{Run, fleetc};

fn run(name: &str, arguments: &[&str]) -> Run {
    fleetc(&example::named(name).folder, arguments)
}

fn object(name: &str, arguments: &[&str]) -> Value {
    let run = run(name, &[&["trace", "--format", "json"], arguments].concat());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    serde_json::from_str(&run.stdout).unwrap()
}

/// Who asks, for which path, whether it is there.
fn brief(trace: &Value) -> Vec<Value> {
    let requests = trace["requests"].as_array().unwrap().iter();
    requests.map(|request| json!([request["by"], request["url"], request["found"]])).collect()
}

#[test]
fn an_installed_host_ends_at_its_disk() {
    let walk = run("pilot", &["trace", "node-004"]);
    let expected = "\
52:54:00:00:01:04 is node-004: role compute, installed

 1  GET http://192.168.1.1/ipxe_boot_script.txt
    iPXE; 542 bytes; fleet.yaml:6
      chain --replace http://192.168.1.1/boot/52-54-00-00-01-04.ipxe || goto unknown

 2  GET http://192.168.1.1/boot/52-54-00-00-01-04.ipxe
    iPXE; 150 bytes; fleet.yaml:80
      imgfree
      echo fleetc: node-004 has its system; booting the local disk
      exit 1

node-004 goes on to its next boot device, the local disk; nothing is installed
";
    assert_eq!((walk.code, walk.stdout.as_str(), walk.stderr.as_str()), (Some(0), expected, ""));
    assert_eq!(object("pilot", &["node-004"])["outcome"], "local-disk");
}

#[test]
fn an_unlisted_machine_gets_what_unknown_gives() {
    let refused = object("pilot", &["52-54-00-FF-FF-01"]);
    assert_eq!((&refused["host"], &refused["outcome"]), (&Value::Null, &json!("local-disk")));
    let script = "http://192.168.1.1/boot/52-54-00-ff-ff-01.ipxe";
    assert_eq!(
        brief(&refused),
        [json!(["ipxe", "http://192.168.1.1/ipxe_boot_script.txt", true]), json!(["ipxe", script, false])]
    );
    let installed = object("bulk", &["525400ffff01"]);
    assert_eq!(installed["outcome"], "installed");
    let at = |path: &str| format!("http://192.168.1.1/{path}");
    assert_eq!(
        brief(&installed),
        [
            json!(["ipxe", at("ipxe_boot_script.txt"), true]),
            json!(["ipxe", at("linux"), true]),
            json!(["ipxe", at("initrd"), true]),
            json!(["installer", at("icis/static/ister/ister.conf"), true]),
            json!(["installer", at("icis/static/ister/ister_config.json"), true]),
            json!(["hook", at("icis/get_role/compute"), true]),
        ]
    );
}

#[test]
fn a_host_boots_from_any_of_its_cards() {
    let last = |trace: &Value| trace["requests"][1]["url"].as_str().unwrap().to_string();
    assert!(last(&object("pilot", &["store-001"])).ends_with("/boot/52-54-00-00-02-01.ipxe"));
    for arguments in [&["store-001", "--mac", "5254.0000.0202"][..], &["52:54:0:0:2:2"]] {
        let walk = object("pilot", arguments);
        assert!(last(&walk).ends_with("/boot/52-54-00-00-02-02.ipxe"));
        let config = &walk["requests"][6];
        assert!(config["path"] == "icis/get_config/52:54:00:00:02:02" && config["line"] == 84, "{config}");
    }
    let none = run("pilot", &["trace", "store-001", "--mac", "52:54:00:00:01:01"]);
    let expected = "error: `store-001` has no card `52:54:00:00:01:01`\n \
                    help: its cards: `52:54:00:00:02:01`, `52:54:00:00:02:02`\n";
    assert_eq!((none.code, none.stderr.as_str()), (Some(2), expected));
    let none = run("pilot", &["trace", "node-01"]);
    assert_eq!(none.stderr, "error: no host is called `node-01`\n help: did you mean `node-001`?\n");
    let none = run("pilot", &["trace", "5254.00ff.ff01", "--mac", "52:54:00:00:01:01"]);
    assert_eq!(none.code, Some(2));
}

#[test]
fn every_byte_is_shown_but_secrets() {
    let place = tempfile::tempdir().unwrap();
    let example = example::named("pilot");
    crate::program::copy(&example.folder, place.path());
    let text = example.text().replace(
        "  interface: eno1\n",
        "  interface: eno1\n  users: [{ name: ada, sudo: true, password_hash: $6$saltsalt$0123456789012345678901234567890123456789 }]\n  \
         hooks: { post_chroot: [\"curl https://me:pa55word@example.net/\"] }\n",
    );
    let text = text.replace("filesystem: xfs,", "filesystem: xfs, encryption: { name: srv, passphrase: open sesame },");
    std::fs::write(place.path().join("fleet.yaml"), text).unwrap();
    for format in ["human", "json"] {
        let walk = fleetc(place.path(), &["trace", "store-001", "--full", "--format", format, "-A", "warnings"]);
        assert_eq!(walk.code, Some(0), "{}{}", walk.stdout, walk.stderr);
        for secret in ["$6$", "pa55word", "sesame"] {
            assert!(!walk.stdout.contains(secret), "{format}: {}", walk.stdout);
        }
        assert!(walk.stdout.contains("passphrase") && walk.stdout.contains("https://***"), "{format}");
        assert!(walk.stdout.contains("storage.store-001"), "{format}");
    }
    let full = object("pilot", &["node-001", "--full"]);
    let tree = example.tree();
    let mut compared = 0;
    for request in full["requests"].as_array().unwrap() {
        let Some(path) = request["path"].as_str() else { continue };
        assert_eq!(request["body"].as_str().unwrap().as_bytes(), tree[path], "{path}");
        compared += 1;
    }
    assert_eq!(compared, 6);
    assert_eq!(object("pilot", &["node-001"])["requests"][0]["body"], Value::Null);
}

#[test]
fn a_fleet_with_errors_has_no_tree_to_walk_through() {
    let place = tempfile::tempdir().unwrap();
    let text = example::named("minimal").text().replace("role: ", "role: no-");
    std::fs::write(place.path().join("fleet.yaml"), text).unwrap();
    let walk = fleetc(place.path(), &["trace", "525400000001"]);
    assert_eq!(walk.code, Some(1));
    assert!(walk.stdout.contains("error[dangling-reference]"), "{}", walk.stdout);
    assert_eq!(walk.stderr, "there is no tree to walk through while the fleet has errors\n");
}

#[test]
fn every_walk_is_what_the_schema_says() {
    let (_, make) = SCHEMAS.iter().find(|(name, _)| *name == "trace").unwrap();
    let validator = jsonschema::draft202012::new(&serde_json::to_value(make()).unwrap()).unwrap();
    for example in example::all() {
        let document = example.document();
        let hosts = document["hosts"].as_object().unwrap().keys().take(4).map(String::as_str);
        for machine in hosts.chain(["52:54:00:ff:ff:01"]) {
            let value = object(&example.name, &[machine]);
            let faults: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(faults.is_empty(), "{}: {machine}: {faults:?}", example.name);
        }
    }
    assert!(!validator.is_valid(&json!({ "version": 1 })));
}
