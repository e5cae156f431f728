//! A repository of twelve commits, each with one kind of change, as the program sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::source::Disk;
use serde_json::{Value, json};

use crate::example;
use crate::repository::{Repository, fleetc};
use crate::truth::{Built, kinds};

const FLEET: &str = "\
version: 1
server: { url: http://192.168.1.1 }
networks:
  rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.1 }
releases:
  stable:
    version: 29880
    kernel: { file: boot/linux }
    initrd: initrd
    boot_args: [quiet]
    installer: { kind: ister, version: 69 }
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
  web: { cloud_config: roles/web.yaml }
  plain: {}
hosts:
  node-1: { mac: 52:54:00:00:00:01, role: web, interface: eno1, address: 192.168.1.11 }
  node-2: { mac: 52:54:00:00:00:02, role: web }
  node-3: { mac: [52:54:00:00:00:03, 52:54:00:00:01:03], role: plain, labels: { rack: a1 } }
  node-4: { mac: 52:54:00:00:00:04, role: plain, state: installed }
";

const WEB: &str = "#cloud-config\nwrite_files:\n  - path: /etc/motd\n    permissions: \"0644\"\n    content: |\n      hello\nservice:\n  - mask: ucd.service\n";

/// A line of the fleet file, by a part of it.
fn line(text: &str, part: &str) -> u64 {
    1 + text.lines().position(|line| line.contains(part)).unwrap_or_else(|| panic!("no {part}")) as u64
}

/// Kinds, fields, lines.
type Said = (Vec<String>, Vec<String>, Vec<String>);

/// A host, its kinds, its fields, and a part of each line to blame; `-` before it for a line that is gone.
type Says = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// What a plan says of each machine.
fn said(plan: &Value) -> BTreeMap<String, Said> {
    let words =
        |value: &Value| value.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_string()).collect();
    let lines = |value: &Value| {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|place| {
                let gone = if place["gone"] == true { "gone " } else { "" };
                format!("{gone}{}:{}", place["file"].as_str().unwrap(), place["line"])
            })
            .collect()
    };
    let hosts = plan["hosts"].as_array().unwrap().iter();
    hosts
        .map(|host| {
            let name = host["host"].as_str().unwrap().to_string();
            (name, (words(&host["kinds"]), words(&host["fields"]), lines(&host["because"])))
        })
        .collect()
}

fn built(folder: &Path) -> Built {
    let text = std::fs::read_to_string(folder.join("fleet.yaml")).unwrap();
    let loader = Disk::new(folder);
    let compiled = compile("fleet.yaml", text, "", &loader, &Levels::default());
    let files = example::tree(&compiled, &loader).unwrap_or_else(|| panic!("{:#?}", example::findings(&compiled)));
    Built::new(&compiled, files)
}

/// One commit: what it replaces, and what the plan must say.
struct Commit {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    says: &'static [Says],
    unlisted: Option<[&'static str; 2]>,
}

const COMMITS: &[Commit] = &[
    Commit {
        file: "fleet.yaml",
        from: "node-1: { mac: 52:54:00:00:00:01, role: web,",
        to: "node-1: { mac: 52:54:00:00:00:01, role: web, state: installed,",
        says: &[("node-1", &["finished"], &["state"], &["node-1:"])],
        unlisted: None,
    },
    Commit {
        file: "fleet.yaml",
        from: "role: plain, state: installed",
        to: "role: plain, state: install",
        says: &[("node-4", &["reinstall"], &["state"], &["node-4:"])],
        unlisted: None,
    },
    Commit {
        file: "fleet.yaml",
        from: "version: 29880",
        to: "version: 29890",
        says: &[
            ("node-2", &["install"], &["release"], &["version: 29890"]),
            ("node-3", &["install"], &["release"], &["version: 29890"]),
            ("node-4", &["install"], &["release"], &["version: 29890"]),
        ],
        unlisted: None,
    },
    Commit {
        file: "roles/web.yaml",
        from: "      hello\n",
        to: "      good day\n",
        says: &[("node-2", &["install"], &["cloud_config"], &["      good day"])],
        unlisted: None,
    },
    Commit {
        file: "fleet.yaml",
        from: "  node-4:",
        to: "  node-5: { mac: 52:54:00:00:00:05, role: plain }\n  node-4:",
        says: &[("node-5", &["new"], &["name"], &["node-5:"])],
        unlisted: None,
    },
    Commit {
        file: "fleet.yaml",
        from: "  node-5: { mac: 52:54:00:00:00:05, role: plain }\n",
        to: "",
        says: &[("node-5", &["removed"], &["name"], &["-node-5:"])],
        unlisted: None,
    },
    Commit {
        file: "fleet.yaml",
        from: "node-1:",
        to: "web-1:",
        says: &[("web-1", &["renamed"], &["name"], &["web-1:"])],
        unlisted: None,
    },
    Commit {
        file: "fleet.yaml",
        from: "[52:54:00:00:00:03, 52:54:00:00:01:03]",
        to: "[52:54:00:00:00:03, 52:54:00:00:02:03]",
        says: &[("node-3", &["network"], &["mac"], &["node-3:"])],
        unlisted: None,
    },
    Commit {
        file: "fleet.yaml",
        from: "boot_args: [quiet]",
        to: "boot_args: [quiet, rw]",
        says: &[
            ("node-2", &["boot"], &["boot_args"], &["boot_args:"]),
            ("node-3", &["boot"], &["boot_args"], &["boot_args:"]),
            ("node-4", &["boot"], &["boot_args"], &["boot_args:"]),
        ],
        unlisted: None,
    },
    Commit { file: "fleet.yaml", from: "labels: { rack: a1 }", to: "labels: { rack: a2 }", says: &[], unlisted: None },
    Commit {
        file: "boot/linux",
        from: "a kernel",
        to: "another kernel",
        says: &[
            ("node-2", &["boot"], &["kernel"], &["kernel:"]),
            ("node-3", &["boot"], &["kernel"], &["kernel:"]),
            ("node-4", &["boot"], &["kernel"], &["kernel:"]),
        ],
        unlisted: None,
    },
    Commit {
        file: "fleet.yaml",
        from: "networks:\n",
        to: "unknown: { install: plain }\nnetworks:\n",
        says: &[
            ("node-2", &["boot"], &["unknown"], &["unknown:"]),
            ("node-3", &["boot"], &["unknown"], &["unknown:"]),
            ("node-4", &["boot"], &["unknown"], &["unknown:"]),
            ("web-1", &["boot"], &["unknown"], &["unknown:"]),
        ],
        unlisted: Some(["refuse", "install plain"]),
    },
];

#[test]
fn each_of_twelve_commits_is_told_machine_by_machine() {
    assert_eq!(COMMITS.len(), 12);
    let repository = Repository::new(&[("fleet.yaml", FLEET), ("roles/web.yaml", WEB), ("boot/linux", "a kernel\n")]);
    let folder = repository.folder();
    let mut before = built(folder);
    for (index, commit) in COMMITS.iter().enumerate() {
        let path = folder.join(commit.file);
        let old = std::fs::read_to_string(&path).unwrap();
        let new = old.replacen(commit.from, commit.to, 1);
        assert_ne!(old, new, "{index}");
        std::fs::write(&path, &new).unwrap();
        // Before the commit, the working tree is compared; after it, two commits are.
        let plan = fleetc(folder, &["plan", "--base", "HEAD", "--format", "json"]).json();
        repository.commit("next");
        let again = fleetc(folder, &["plan", "--base", "HEAD~", "--format", "json"]).json();
        assert_eq!(plan, again);
        let expected: BTreeMap<_, _> = commit
            .says
            .iter()
            .map(|(host, kinds, fields, lines)| {
                let words = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
                let place = |part: &&str| match part.strip_prefix('-') {
                    Some(part) => format!("gone {}:{}", commit.file, line(&old, part)),
                    None => {
                        let (file, text) = if commit.file == "boot/linux" {
                            ("fleet.yaml", std::fs::read_to_string(folder.join("fleet.yaml")).unwrap())
                        } else {
                            (commit.file, new.clone())
                        };
                        format!("{file}:{}", line(&text, part))
                    }
                };
                (host.to_string(), (words(kinds), words(fields), lines.iter().map(place).collect()))
            })
            .collect();
        assert_eq!(said(&plan), expected, "commit {index}");
        let after = built(folder);
        let told: BTreeMap<String, BTreeSet<String>> =
            said(&plan).into_iter().map(|(host, (kinds, ..))| (host, kinds.into_iter().collect())).collect();
        let truth: BTreeMap<String, BTreeSet<String>> = kinds(&before, &after)
            .into_iter()
            .map(|(host, kinds)| (host, kinds.into_iter().map(str::to_string).collect()))
            .collect();
        assert_eq!(told, truth, "commit {index}");
        let unlisted = commit.unlisted.map(|[was, now]| (json!(was), json!(now)));
        let found = plan["unlisted"].as_object().map(|unlisted| (unlisted["was"].clone(), unlisted["now"].clone()));
        assert_eq!(found, unlisted, "commit {index}");
        assert_eq!(before.stranger() != after.stranger(), unlisted.is_some(), "commit {index}");
        before = after;
    }
}
