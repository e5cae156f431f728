//! What `build` says and does when a tree would lead a machine astray.

use crate::example::{self, Example};
use crate::program::fleetc;
use crate::reader::{isterconf, json};
use crate::tree::{Files, judged, judged_in_batches};

use fleetc::source::Disk;

fn files(example: &Example) -> (fleetc::compile::Compiled, Files) {
    let compiled = example.compile(&example.text());
    let files = Files::of(&compiled, &Disk::new(&example.folder)).unwrap();
    (compiled, files)
}

/// The one finding on a tree with a file replaced, or without it.
fn one(name: &str, path: &str, with: Option<&str>) -> (String, String) {
    let (compiled, mut files) = files(&example::named(name));
    assert!(files.0.contains_key(path), "{path} is not in the tree");
    match with {
        Some(text) => files.0.insert(path.to_string(), text.as_bytes().to_vec()),
        None => files.0.remove(path),
    };
    let mut found = judged(&compiled, &files);
    assert_eq!(found.len(), 1, "{found:#?}");
    // As they are made, whole machines at a time or parts of them, the files tell the same.
    for size in [1, 3, 4, 1000] {
        assert_eq!(judged_in_batches(&compiled, &files, size), found, "{size} at a time");
    }
    found.remove(0)
}

#[test]
fn a_right_tree_passes() {
    for example in example::all() {
        let (compiled, files) = files(&example);
        assert_eq!(judged(&compiled, &files), [], "{}", example.name);
        assert_eq!(judged_in_batches(&compiled, &files, 7), [], "{}", example.name);
        let kernels = files.0.iter().filter(|(path, _)| path.starts_with("boot/")).map(|(_, bytes)| bytes);
        for script in kernels {
            let script = String::from_utf8(script.clone()).unwrap();
            assert!(script.lines().all(|line| isterconf(line).len() == usize::from(line.starts_with("kernel "))));
        }
    }
}

#[test]
fn the_finding_has_the_path() {
    let script = "#!ipxe\nkernel http://192.168.1.1/linux || goto end\n:end\n";
    let (message, help) = one("pilot", "boot/52-54-00-00-01-04.ipxe", Some(script));
    assert_eq!(
        message,
        "`node-004`, booted by 52:54:00:00:01:04, loads `http://192.168.1.1/linux`, and is not to be installed"
    );
    assert_eq!(
        help,
        "this is a fault of fleetc: report it, with the path: ipxe_boot_script.txt:3 \
         `chain --replace http://192.168.1.1/boot/${netX/mac:hexhyp}.ipxe || goto unknown`"
    );
    let script = "#!ipxe\n:again\nprompt && goto again ||\n";
    let (message, help) = one("pilot", "boot/52-54-00-00-01-04.ipxe", Some(script));
    assert_eq!(message, "`node-004`, booted by 52:54:00:00:01:04, goes round for ever");
    assert!(help.ends_with("boot/52-54-00-00-01-04.ipxe:3 `prompt && goto again ||` (a key is pressed)"), "{help}");
    let (message, _) = one("pilot", "boot/52-54-00-00-01-04.ipxe", Some("#!ipxe\nimgfree\nsanboot --drive 0x80\n"));
    assert!(message.ends_with("comes to what is not understood: `sanboot --drive 0x80`"), "{message}");
}

#[test]
fn what_the_installer_asks_for_is_there() {
    let place = "icis/static/ister/node-001";
    let astray = |path: &str, with: Option<&str>| one("pilot", path, with).0;
    let conf = format!("{place}/ister.conf");
    for text in ["template=\n", "template=x=y\n", " template=http://192.168.1.1/x\n", "template=http://192.168.1.1/x"] {
        assert!(astray(&conf, Some(text)).starts_with("`node-001` is led to an installer that fails: "), "{text}");
    }
    assert!(astray(&conf, None).ends_with(&format!("`http://192.168.1.1/{conf}` is not in the tree")));
    let template = format!("{place}/ister_config.json");
    assert!(astray(&template, None).ends_with("/ister_config.json` is not in the tree"));
    let (_, files) = files(&example::named("pilot"));
    let mut value = json(&files, &template);
    for (key, with, says) in [
        ("IsterCloudInitSvc", serde_json::json!("http://192.168.1.1/icis"), "has no slash at its end"),
        ("IsterCloudInitSvc", serde_json::json!(null), "names no service for its role text"),
        ("IsterCloudInitSvc", serde_json::json!(["http://192.168.1.1/icis/"]), "cannot be read"),
        ("IsterCloudInitSvc", serde_json::json!("http://192.168.1.1/x/"), "is not in the tree"),
        ("Hostname", serde_json::json!("node-002"), "its template is that of \"node-002\""),
    ] {
        let was = std::mem::replace(&mut value[key], with);
        let message = astray(&template, Some(&value.to_string()));
        assert!(message.contains(says), "{message}");
        value[key] = was;
    }
    let config = "icis/get_config/52:54:00:00:01:01";
    assert!(astray(config, None).ends_with("is not in the tree"));
    assert!(astray(config, Some("no config\n")).contains("cannot be read"));
    assert!(astray(config, Some("{\"role\":\"storage\"}\n")).ends_with("gives it the role `storage`"));
    let own = "icis/get_role/storage.store-001";
    assert!(one("pilot", own, None).0.ends_with("get_role/storage.store-001` is not in the tree"));
    assert!(one("bulk", "icis/static/ister/ister.conf", None).0.starts_with("a machine that is not listed is led"));
}

#[test]
fn a_tree_that_is_right_is_published_as_before() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let run = fleetc(&example::named("bulk").folder, &["build", "-o", out.to_str().unwrap()]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(out.join("ipxe_boot_script.txt").exists());
}
