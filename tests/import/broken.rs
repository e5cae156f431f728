//! Templates that the installer refuses, or takes and fails with: each is an error at its place, and nothing is
//! written. They stand for those of contract chapter 9 that do not pass, and for its negative corpus.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Run, fleetc};
use crate::templates::{KEY, template, text, three};
use crate::write;

/// A template for machines without a fault.
fn good() -> Value {
    let bundles = "kernel-native os-core os-core-update os-cloudguest systemd-networkd-autostart";
    template("sda", &three("512M", "4G", "rest"), 29880, bundles)
}

fn import(folder: &Path, text: &str, more: &[&str]) -> Run {
    write(folder, &[("a.json", text)]);
    fleetc(folder, &[&["import", "ister", "a.json", "-o", "fleet"], more].concat())
}

/// Line and column of the first place where a text has another.
fn place(text: &str, of: &str) -> String {
    let at = text.find(of).unwrap_or_else(|| panic!("{of} in {text}"));
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("[a.json:{line}:{column}]")
}

type Edit = fn(&mut Value);

#[test]
fn what_the_installer_fails_with_is_an_error_at_its_place() {
    let cases: [(&str, Edit, &str, &str); 52] = [
        (
            "ten partitions",
            |t| {
                (4..=10).for_each(|number| {
                    let more = json!({ "disk": "sda", "partition": number, "size": "1G", "type": "linux" });
                    t["PartitionLayout"].as_array_mut().unwrap().push(more);
                })
            },
            "malformed-template",
            "10,\"size\"",
        ),
        (
            "no /boot",
            |t| {
                t["PartitionMountPoints"][0]["mount"] = json!("/efi");
                t["More"] = json!(1);
            },
            "malformed-template",
            "\"PartitionMountPoints\"",
        ),
        (
            "two names of a volume",
            |t| {
                t["FilesystemTypes"][2]["encryption"] = json!({ "name": "a", "passphrase": "b" });
                t["PartitionMountPoints"][1]["encryption"] = json!({ "name": "c" });
            },
            "malformed-template",
            "\"c\"",
        ),
        // contract 1.4: it stops while the disk is whole
        ("no layout", |t| drop(t.as_object_mut().unwrap().remove("PartitionLayout")), "malformed-template", "{"),
        ("an empty list", |t| t["Bundles"] = json!([]), "malformed-template", "[]"),
        ("no version", |t| t["Version"] = json!(0), "malformed-template", "0\n"),
        ("phyiscal", |t| t["DestinationType"] = json!("phyiscal"), "malformed-template", "\"phyiscal\""),
        ("a size in bytes", |t| t["PartitionLayout"][1]["size"] = json!(4), "malformed-template", "4,\"type\""),
        ("MB", |t| t["PartitionLayout"][1]["size"] = json!("4MB"), "malformed-size", "\"4MB\""),
        ("efi", |t| t["PartitionLayout"][0]["type"] = json!("efi"), "malformed-value", "\"efi\""),
        ("two EFI", |t| t["PartitionLayout"][2]["type"] = json!("EFI"), "malformed-template", "\"EFI\"}]"),
        ("no EFI", |t| t["PartitionLayout"][0]["type"] = json!("linux"), "malformed-template", "\"PartitionLayout\""),
        (
            "twice in the layout",
            |t| t["PartitionLayout"][2]["partition"] = json!(2),
            "duplicate-key",
            "2,\"size\":\"rest\"",
        ),
        (
            "rest before the last",
            |t| t["PartitionLayout"][1]["size"] = json!("rest"),
            "malformed-template",
            "\"rest\",\"type\":\"swap\"",
        ),
        (
            "another disk's filesystem",
            |t| t["FilesystemTypes"][2]["disk"] = json!("sdb"),
            "malformed-template",
            "{\"disk\":\"sdb\"",
        ),
        (
            "another partition's filesystem",
            |t| t["FilesystemTypes"][2]["partition"] = json!(4),
            "malformed-template",
            "{\"disk\":\"sda\",\"partition\":4",
        ),
        (
            "another disk's mount",
            |t| t["PartitionMountPoints"][1]["disk"] = json!("sdb"),
            "malformed-template",
            "{\"disk\":\"sdb\"",
        ),
        (
            "another partition's mount",
            |t| t["PartitionMountPoints"][1]["partition"] = json!(4),
            "malformed-template",
            "{\"disk\":\"sda\",\"mount\":\"/\",\"partition\":4}",
        ),
        ("f2fs", |t| t["FilesystemTypes"][2]["type"] = json!("f2fs"), "malformed-value", "\"f2fs\""),
        (
            "a root that is kept",
            |t| t["FilesystemTypes"][2]["disable_format"] = json!(null),
            "malformed-template",
            "\"disable_format\"",
        ),
        (
            "two roots",
            |t| t["PartitionMountPoints"][0]["mount"] = json!("/"),
            "malformed-template",
            "\"/\",\"partition\":3",
        ),
        (
            "no root",
            |t| t["PartitionMountPoints"][1]["mount"] = json!("/srv"),
            "malformed-template",
            "\"PartitionMountPoints\"",
        ),
        ("forcemu: 1", |t| t["PartitionMountPoints"][1]["forcemu"] = json!(1), "malformed-template", "1,\"mount\""),
        ("a version in quotes", |t| t["Version"] = json!("29880"), "malformed-template", "\"29880\""),
        ("LegacyBios: yes", |t| t["LegacyBios"] = json!("yes"), "malformed-template", "\"yes\""),
        ("a name with a dot", |t| t["Hostname"] = json!("a.b"), "malformed-host-name", "\"a.b\""),
        ("a URL without scheme", |t| t["HTTPSProxy"] = json!("proxy:3128"), "malformed-url", "\"proxy:3128\""),
        (
            "sudo and no way in",
            |t| t["Users"] = json!([{ "username": "ada", "sudo": true }]),
            "malformed-template",
            "\"sudo\"",
        ),
        (
            "a user twice",
            |t| t["Users"] = json!([{ "username": "ada" }, { "username": "ada" }]),
            "duplicate-key",
            "\"ada\"}]",
        ),
        (
            "a key without comment",
            |t| t["Users"] = json!([{ "username": "ada", "key": "ssh-ed25519 AAAA" }]),
            "malformed-ssh-key",
            "\"ssh-ed25519",
        ),
        (
            "the gateway is the address",
            |t| t["Static_IP"] = json!({ "iface": "e", "address": "10.0.0.1/24", "gateway": "10.0.0.1" }),
            "malformed-template",
            "\"10.0.0.1\"",
        ),
        (
            "a list of name servers",
            |t| {
                t["Static_IP"] =
                    json!({ "iface": "e", "address": "10.0.0.9/24", "gateway": "10.0.0.1", "dns": ["10.0.0.1"] })
            },
            "malformed-template",
            "[\"10.0.0.1\"]",
        ),
        ("a program with arguments", |t| t["PostNonChroot"] = json!(["/bin/a b"]), "malformed-hook", "\"/bin/a b\""),
        // contract 1.2 and 1.5: it takes these, and fails or goes wrong later
        (
            "a service in a list",
            |t| t["IsterCloudInitSvc"] = json!(["http://192.168.1.1/icis/"]),
            "malformed-template",
            "[\"http:",
        ),
        (
            "no slash at its end",
            |t| t["IsterCloudInitSvc"] = json!("http://192.168.1.1/icis"),
            "malformed-template",
            "\"http:",
        ),
        ("a service without scheme", |t| t["IsterCloudInitSvc"] = json!("192.168.1.1/icis/"), "malformed-url", "\"192"),
        (
            "no interface",
            |t| t["Static_IP"] = json!({ "address": "10.0.0.9/24", "gateway": "10.0.0.1" }),
            "malformed-template",
            "{\"address\"",
        ),
        (
            "a gap",
            |t| {
                ["PartitionLayout", "FilesystemTypes", "PartitionMountPoints"]
                    .iter()
                    .for_each(|list| t[list].as_array_mut().unwrap().last_mut().unwrap()["partition"] = json!(4))
            },
            "malformed-template",
            "4,\"size\"",
        ),
        (
            "/dev/sda",
            |t| *t = serde_json::from_str(&t.to_string().replace("sda", "/dev/sda")).unwrap(),
            "malformed-disk-name",
            "\"/dev/sda\",\"partition\":1,\"size\"",
        ),
        ("text and number", |t| t["PartitionMountPoints"][1]["partition"] = json!("3"), "malformed-template", "\"3\""),
        (
            "half an encryption",
            |t| t["FilesystemTypes"][2]["encryption"] = json!({ "name": "a", "passphrase": "b" }),
            "malformed-template",
            "{\"disk\":\"sda\",\"mount\":\"/\"",
        ),
        (
            "the other half",
            |t| t["PartitionMountPoints"][1]["encryption"] = json!({ "name": "a" }),
            "malformed-template",
            "{\"disk\":\"sda\",\"encryption\"",
        ),
        (
            "an empty encryption",
            |t| t["FilesystemTypes"][2]["encryption"] = json!({}),
            "malformed-template",
            "{},\"partition\"",
        ),
        (
            "a mount with a hyphen",
            |t| t["PartitionMountPoints"][0]["mount"] = json!("/my-data"),
            "malformed-mount-point",
            "\"/my-data\"",
        ),
        ("bundles as a text", |t| t["Bundles"] = json!("os-core"), "malformed-template", "\"os-core\""),
        ("hooks as a text", |t| t["PostChrootShell"] = json!("true"), "malformed-template", "\"true\""),
        (
            "a mask of 99",
            |t| t["Static_IP"] = json!({ "iface": "e", "address": "10.0.0.9/99", "gateway": "10.0.0.1" }),
            "malformed-address",
            "\"10.0.0.9/99\"",
        ),
        (
            "an address with a port",
            |t| t["Static_IP"] = json!({ "iface": "e", "address": "10.0.0.9:80/24", "gateway": "10.0.0.1" }),
            "malformed-address",
            "\"10.0.0.9:80",
        ),
        ("version 1.5", |t| t["Version"] = json!(1.5), "malformed-value", "1.5"),
        ("version true", |t| t["Version"] = json!(true), "malformed-template", "true"),
        (
            "one number twice",
            |t| t["Users"] = json!([{ "username": "a", "uid": 1000 }, { "username": "b", "uid": "1000" }]),
            "duplicate-key",
            "\"1000\"",
        ),
        (
            "a password with a quote",
            |t| t["Users"] = json!([{ "username": "a", "password": "a'b" }]),
            "malformed-password-hash",
            "\"a'b\"",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (name, edit, rule, at) in cases {
        let mut json = good();
        edit(&mut json);
        let text = text(&json);
        let run = import(folder.path(), &text, &[]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(1), "nothing was written\n"), "{name}: {}", run.stdout);
        let expected = place(&text, at);
        let found = run
            .stdout
            .split("\n\n")
            .any(|finding| finding.starts_with(&format!("error[{rule}]: ")) && finding.contains(&expected));
        assert!(found, "{name}: error[{rule}] at {expected}\n{text}\n{}", run.stdout);
        assert!(!folder.path().join("fleet").exists(), "{name}");
    }
}

/// By hand, behind a line with a sign of two bytes.
#[test]
fn columns_are_counted_in_signs() {
    let folder = tempfile::tempdir().unwrap();
    for (text, expected) in [
        ("{\"ž\": 1, \"a\": }", "╭─[a.json:1:15]\n"),
        ("{\n  \"ž\": \"ž\", \"Version\": \"1\"\n}", "╭─[a.json:2:24]\n"),
        ("\u{feff}{}", "╭─[a.json:1:1]\n"),
        ("[]", "╭─[a.json:1:1]\n"),
        ("{\"DestinationType\": \"physical\", \"DestinationType\": \"virtual\"}", "╭─[a.json:1:33]\n"),
    ] {
        let run = import(folder.path(), text, &[]);
        assert_eq!(run.code, Some(1), "{}", run.stdout);
        assert!(run.stdout.contains(expected), "{text}: {}", run.stdout);
    }
}

/// What a fleet file has no place for is said, key by key, and what is typed wrong has its nearest name.
#[test]
fn what_is_left_out_is_said() {
    let mut json = good();
    json["ImageSourceType"] = "local".into();
    json["Bundels"] = json!(["x"]);
    json["PartitionLayout"][0]["lable"] = "x".into();
    json["FilesystemTypes"].as_array_mut().unwrap().remove(1);
    json["Hostname"] = "node-1".into();
    json["IsterCloudInitSvc"] = "http://192.168.1.1/".into();
    json["Users"] = json!([{ "username": "ada", "uid": 0, "key": KEY, "shell": "/bin/sh" }]);
    let folder = tempfile::tempdir().unwrap();
    let run = import(folder.path(), &text(&json), &[]);
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    for said in [
        "the installer does not know the key `ImageSourceType`, and ignores it",
        "if it was to be `Bundles`, write it so: it had no effect so far",
        "the installer does not know the key `lable`, and ignores it",
        "nothing made swap space of this partition; in the fleet file, its type does",
        "list the machine in `hosts`: `node-1: { mac: \"…\", role: a }`",
        "the service `http://192.168.1.1/` has no folder of its own, and that of a fleet has",
        "the installer takes no notice of this user number",
        "the installer does not know the key `shell`, and ignores it",
    ] {
        let plain = run.stdout.replace("\n    ", " ");
        assert!(plain.contains(said), "{said}: {}", run.stdout);
    }
}
