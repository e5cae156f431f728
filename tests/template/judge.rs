//! The judge is judged: it finds each fault that the contract lists, by its number and by no other.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::ister::{self, Around};

/// A template that breaks nothing.
fn good() -> Value {
    json!({
        "DestinationType": "physical",
        "PartitionLayout": [
            { "disk": "sda", "partition": 1, "size": "512M", "type": "EFI" },
            { "disk": "sda", "partition": 2, "size": "4G", "type": "swap" },
            { "disk": "sda", "partition": 3, "size": "rest", "type": "linux" },
        ],
        "FilesystemTypes": [
            { "disk": "sda", "partition": 1, "type": "vfat" },
            { "disk": "sda", "partition": 2, "type": "swap" },
            { "disk": "sda", "partition": 3, "type": "ext4" },
        ],
        "PartitionMountPoints": [
            { "disk": "sda", "partition": 1, "mount": "/boot" },
            { "disk": "sda", "partition": 3, "mount": "/" },
        ],
        "Version": 29880,
        "Bundles": ["kernel-native", "os-core", "os-core-update", "os-cloudguest", "systemd-networkd-autostart"],
        "Users": [{ "username": "ada", "uid": 1500, "sudo": true, "key": format!("{ED25519} ada@desk\n") }],
        "Hostname": "node-1",
        "Static_IP": { "iface": "eno1", "address": "10.1.0.11/24", "gateway": "10.1.0.1" },
        "IsterCloudInitSvc": "http://192.168.1.1/icis/",
        "PostChrootShell": ["systemctl enable sshd.service"],
    })
}

const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c";

/// A change of the good template.
type Change = fn(&mut Value);

/// Appends an entry to each of the three lists of partitions.
fn add(template: &mut Value, layout: Value, made: Value, mount: Value) {
    for (key, entry) in [("PartitionLayout", layout), ("FilesystemTypes", made), ("PartitionMountPoints", mount)] {
        if !entry.is_null() {
            template[key].as_array_mut().unwrap().push(entry);
        }
    }
}

/// Adds a disk `sdb` with one ext4 partition, mounted at a place.
fn second_disk(template: &mut Value, name: &str, place: &str) {
    let at = json!({ "disk": name, "partition": 1 });
    let with = |key: &str, value: &str| {
        let mut entry = at.clone();
        entry[key] = value.into();
        entry
    };
    let mut layout = with("size", "rest");
    layout["type"] = "linux".into();
    add(template, layout, with("type", "ext4"), with("mount", place));
}

fn remove(value: &mut Value, key: &str) {
    value.as_object_mut().unwrap().remove(key);
}

#[test]
fn the_judge_lets_a_good_template_pass() {
    assert_eq!(ister::validate(&good()), []);
    assert_eq!(ister::traps(&good(), &Around::installer(69)), []);
    let mut two = good();
    second_disk(&mut two, "sdb", "/data");
    assert_eq!((ister::validate(&two), ister::traps(&two, &Around::installer(69))), (vec![], vec![]));
}

/// What the installer rejects itself (contract 1.4).
const REJECTED: &[(&str, &str, Change)] = &[
    ("no bundles", "I-30", |t| t["Bundles"] = json!([])),
    ("version 0", "I-30", |t| t["Version"] = 0.into()),
    ("no layout", "I-30", |t| remove(t, "PartitionLayout")),
    ("a typo of physical", "I-31", |t| t["DestinationType"] = "phyiscal".into()),
    ("partition 0", "I-32", |t| t["PartitionLayout"][1]["partition"] = 0.into()),
    ("a size that is a number", "I-32", |t| t["PartitionLayout"][1]["size"] = 4096.into()),
    ("a size in MB", "I-32", |t| t["PartitionLayout"][1]["size"] = "512MB".into()),
    ("a size of 0M", "I-32", |t| t["PartitionLayout"][1]["size"] = "0M".into()),
    ("a small unit", "I-32", |t| t["PartitionLayout"][1]["size"] = "512m".into()),
    ("a fraction", "I-32", |t| t["PartitionLayout"][1]["size"] = "1.5G".into()),
    ("efi in small letters", "I-33", |t| t["PartitionLayout"][1]["type"] = "efi".into()),
    ("two EFI partitions", "I-33", |t| t["PartitionLayout"][1]["type"] = "EFI".into()),
    ("a partition twice", "I-34", |t| {
        let first = t["PartitionLayout"][1].clone();
        t["PartitionLayout"].as_array_mut().unwrap().insert(1, first);
    }),
    ("virtual with two disks", "I-34", |t| {
        t["DestinationType"] = "virtual".into();
        second_disk(t, "sdb", "/data");
    }),
    ("no EFI partition", "I-35", |t| t["PartitionLayout"][0]["type"] = "linux".into()),
    ("no /boot", "I-35", |t| t["PartitionMountPoints"][0]["mount"] = "/efi".into()),
    ("rest before the last", "I-36", |t| t["PartitionLayout"][1]["size"] = "rest".into()),
    ("a text among numbers", "I-36", |t| t["PartitionLayout"][1]["partition"] = "2".into()),
    ("a filesystem on nothing", "I-37", |t| t["FilesystemTypes"][1]["partition"] = 9.into()),
    ("f2fs", "I-37", |t| t["FilesystemTypes"][2]["type"] = "f2fs".into()),
    ("a root that is kept", "I-38", |t| t["FilesystemTypes"][2]["disable_format"] = false.into()),
    ("no root", "I-39", |t| t["PartitionMountPoints"][1]["mount"] = "/data".into()),
    ("a mount without filesystem", "I-39", |t| {
        t["FilesystemTypes"].as_array_mut().unwrap().remove(0);
    }),
    ("forcemu as text", "I-39", |t| t["PartitionMountPoints"][1]["forcemu"] = "true".into()),
    ("a version as text", "I-40", |t| t["Version"] = "29880".into()),
    ("an unknown manager", "I-40", |t| t["SoftwareManager"] = "apt".into()),
    ("LegacyBios as text", "I-40", |t| t["LegacyBios"] = "true".into()),
    ("a name with a dot", "I-40", |t| t["Hostname"] = "node.example".into()),
    ("an empty name", "I-40", |t| t["Hostname"] = "".into()),
    ("a proxy without scheme", "I-40", |t| t["HTTPSProxy"] = "proxy:3128".into()),
    ("a user twice", "I-41", |t| {
        t["Users"] = json!([{ "username": "ada", "password": "x" }, { "username": "ada", "password": "x" }])
    }),
    ("a uid twice", "I-41", |t| {
        t["Users"] =
            json!([{ "username": "a", "uid": 1, "password": "x" }, { "username": "b", "uid": 1, "password": "x" }]);
    }),
    ("a uid that is too large", "I-41", |t| t["Users"][0]["uid"] = 4_294_967_296_u64.into()),
    ("sudo as text", "I-41", |t| t["Users"][0]["sudo"] = "yes".into()),
    ("sudo without a way in", "I-41", |t| remove(&mut t["Users"][0], "key")),
    ("a key without comment", "I-42", |t| t["Users"][0]["key"] = ED25519.into()),
    ("a key with options", "I-42", |t| t["Users"][0]["key"] = format!("from=\"10.0.0.1\" {ED25519} x\n").into()),
    ("an RSA key without a slash early on", "I-79", |t| {
        t["Users"][0]["key"] = format!("ssh-rsa {} ada\n", "AAAA".repeat(90)).into();
    }),
    ("no gateway", "I-43", |t| remove(&mut t["Static_IP"], "gateway")),
    ("no prefix length", "I-43", |t| t["Static_IP"]["address"] = "10.1.0.11".into()),
    ("the gateway's own address", "I-43", |t| t["Static_IP"]["gateway"] = "10.1.0.11".into()),
    ("a list of name servers", "I-43", |t| t["Static_IP"]["dns"] = json!(["10.1.0.1"])),
];

/// What the installer accepts, and what then fails or goes wrong in silence (contract ch. 9, 1.5).
const ACCEPTED: &[(&str, &str, Change)] = &[
    ("a list as the service", "I-12", |t| t["IsterCloudInitSvc"] = json!(["http://192.168.1.1/icis/"])),
    ("a service without a last slash", "I-13", |t| t["IsterCloudInitSvc"] = "http://192.168.1.1/icis".into()),
    ("a service without scheme", "I-14", |t| t["IsterCloudInitSvc"] = "192.168.1.1/icis/".into()),
    ("an IPv6 service", "I-15", |t| t["IsterCloudInitSvc"] = "http://[fe80::1]/icis/".into()),
    ("no interface", "I-82", |t| remove(&mut t["Static_IP"], "iface")),
    ("an unknown key", "I-9", |t| t["Bundels"] = json!(["x"])),
    ("ten partitions", "I-50", |t| {
        t["PartitionLayout"][2]["size"] = "20G".into();
        for number in 4..=10 {
            add(
                t,
                json!({ "disk": "sda", "partition": number, "size": "1G", "type": "linux" }),
                Value::Null,
                Value::Null,
            );
        }
    }),
    ("a gap in the numbers", "I-51", |t| {
        for key in ["PartitionLayout", "FilesystemTypes"] {
            t[key][2]["partition"] = 4.into();
        }
        t["PartitionMountPoints"][1]["partition"] = 4.into();
    }),
    ("numbers out of order", "I-51", |t| t["PartitionLayout"].as_array_mut().unwrap().swap(0, 1)),
    ("a first partition of 1M", "I-52", |t| t["PartitionLayout"][0]["size"] = "1M".into()),
    ("a size with a sign", "I-32", |t| t["PartitionLayout"][1]["size"] = "+4G".into()),
    ("a size with an underscore", "I-32", |t| t["PartitionLayout"][1]["size"] = "4_0G".into()),
    ("a disk that begins another's name", "I-53", |t| second_disk(t, "sda1", "/data")),
    ("/dev/sda", "I-54", |t| {
        for key in ["PartitionLayout", "FilesystemTypes", "PartitionMountPoints"] {
            for entry in t[key].as_array_mut().unwrap() {
                entry["disk"] = "/dev/sda".into();
            }
        }
    }),
    ("mmcblk", "I-55", |t| second_disk(t, "mmcblk0", "/data")),
    ("a kept filesystem on a new table", "I-56", |t| {
        second_disk(t, "sdb", "/data");
        t["FilesystemTypes"][3]["disable_format"] = true.into();
    }),
    ("texts for numbers in one list", "I-59", |t| {
        for entry in t["FilesystemTypes"].as_array_mut().unwrap() {
            entry["partition"] = entry["partition"].to_string().into();
        }
    }),
    ("EFI on ext4", "I-60", |t| t["FilesystemTypes"][0]["type"] = "ext4".into()),
    ("root on vfat", "I-60", |t| t["FilesystemTypes"][2]["type"] = "vfat".into()),
    ("an EFI partition that is not /boot", "I-60", |t| {
        t["PartitionMountPoints"][0]["mount"] = "/efi".into();
        second_disk(t, "sdb", "/boot");
        t["PartitionMountPoints"][2]["forcemu"] = true.into();
    }),
    ("a label with a blank", "I-62", |t| t["FilesystemTypes"][2]["label"] = "my root".into()),
    ("a label that is too long", "I-62", |t| t["FilesystemTypes"][0]["label"] = "twelve-chars".into()),
    ("options with a quote", "I-62", |t| t["FilesystemTypes"][2]["options"] = "-L 'x'".into()),
    ("encryption of the filesystem alone", "I-63", |t| {
        second_disk(t, "sdb", "/data");
        t["FilesystemTypes"][3]["encryption"] = json!({ "name": "data", "passphrase": "x" });
    }),
    ("encryption of the mount alone", "I-63", |t| {
        second_disk(t, "sdb", "/data");
        t["PartitionMountPoints"][2]["encryption"] = json!({ "name": "data" });
    }),
    ("encryption without passphrase", "I-63", |t| {
        second_disk(t, "sdb", "/data");
        t["FilesystemTypes"][3]["encryption"] = json!({ "name": "data" });
        t["PartitionMountPoints"][2]["encryption"] = json!({ "name": "data" });
    }),
    ("encrypted swap", "I-63", |t| {
        t["FilesystemTypes"][1]["encryption"] = json!({ "name": "swap", "passphrase": "x" })
    }),
    ("an encrypted root that nothing opens", "I-63", |t| {
        t["FilesystemTypes"][2]["encryption"] = json!({ "name": "root", "passphrase": "x" });
        t["PartitionMountPoints"][1]["encryption"] = json!({ "name": "root" });
    }),
    ("swap that is mounted", "I-64", |t| {
        add(t, Value::Null, Value::Null, json!({ "disk": "sda", "partition": 2, "mount": "/swap" }))
    }),
    ("swap on another disk", "I-64", |t| {
        add(
            t,
            json!({ "disk": "sdb", "partition": 1, "size": "4G", "type": "swap" }),
            json!({ "disk": "sdb", "partition": 1, "type": "swap" }),
            Value::Null,
        );
    }),
    ("swap on a partition for Linux", "I-64", |t| t["PartitionLayout"][1]["type"] = "linux".into()),
    ("a relative mount", "I-65", |t| second_disk(t, "sdb", "data")),
    ("a mount with a last slash", "I-65", |t| second_disk(t, "sdb", "/data/")),
    ("/home on another disk", "I-66", |t| second_disk(t, "sdb", "/home")),
    ("a separate /usr", "I-66", |t| {
        second_disk(t, "sdb", "/usr");
        t["PartitionMountPoints"][2]["forcemu"] = true.into();
    }),
    ("/usr/local without a unit", "I-66", |t| second_disk(t, "sdb", "/usr/local")),
    ("a mount with a hyphen", "I-67", |t| second_disk(t, "sdb", "/my-data")),
    ("/var/tmp", "I-68", |t| second_disk(t, "sdb", "/var/tmp")),
    ("a kept /var", "I-68", |t| {
        second_disk(t, "sdb", "/var");
        t["FilesystemTypes"][3]["disable_format"] = true.into();
        t["DisabledNewPartitions"] = true.into();
    }),
    ("a root that is kept by null", "I-38", |t| {
        t["FilesystemTypes"][2]["disable_format"] = Value::Null;
        t["DisabledNewPartitions"] = true.into();
    }),
    ("bundles as text", "I-70", |t| t["Bundles"] = "kernel-native".into()),
    ("a bundle with a slash", "I-70", |t| t["Bundles"][1] = "os/core".into()),
    ("no kernel", "I-70", |t| t["Bundles"][0] = "editors".into()),
    ("two kernels", "I-70", |t| t["Bundles"][1] = "kernel-lts".into()),
    ("no os-cloudguest", "B-1", |t| t["Bundles"][3] = "sudo".into()),
    ("a release without ucd", "B-2", |t| t["Version"] = 14000.into()),
    ("one of two mirrors", "I-72", |t| t["MirrorURL"] = "http://mirror/update".into()),
    ("HTTPProxy", "I-73", |t| t["HTTPProxy"] = "http://proxy:3128".into()),
    ("a command line that nothing reads", "I-75", |t| {
        t["SoftwareManager"] = "swupd".into();
        t["cmdline"] = "quiet".into();
        t["Bundles"][0] = "bootloader-extras".into();
    }),
    ("a version with a fraction", "I-40", |t| t["Version"] = 1.5.into()),
    ("a version that is true", "I-40", |t| t["Version"] = true.into()),
    ("a name that ends in a line break", "I-40", |t| t["Hostname"] = "node-1\n".into()),
    ("a uid twice, once as text", "I-41", |t| {
        t["Users"] = json!([{ "username": "a", "uid": 1000, "password": "x" }, { "username": "b", "uid": "1000", "password": "x" }]);
    }),
    ("a password with a quote", "I-76", |t| t["Users"][0]["password"] = "it's".into()),
    ("an empty password", "I-77", |t| t["Users"][0]["password"] = "".into()),
    ("a user without a way in", "I-77", |t| t["Users"] = json!([{ "username": "ada" }])),
    ("a user called wheel", "I-78", |t| t["Users"][0]["username"] = "wheel".into()),
    ("a key without a line break", "I-80", |t| t["Users"][0]["key"] = format!("{ED25519} ada").into()),
    ("two users with sudo", "I-81", |t| {
        let mut other = t["Users"][0].clone();
        (other["username"], other["uid"]) = ("grace".into(), 1501.into());
        t["Users"].as_array_mut().unwrap().push(other);
    }),
    ("sudo that nothing brings", "I-81", |t| {
        remove(t, "IsterCloudInitSvc");
        t["Bundles"].as_array_mut().unwrap().remove(3);
    }),
    ("a prefix length of 99", "I-43", |t| t["Static_IP"]["address"] = "10.1.0.11/99".into()),
    ("two prefix lengths", "I-43", |t| t["Static_IP"]["address"] = "10.1.0.11/24/5".into()),
    ("an address with a port", "I-43", |t| t["Static_IP"]["address"] = "10.1.0.11:80/24".into()),
    ("a gateway with a port", "I-43", |t| t["Static_IP"]["gateway"] = "10.1.0.1:80".into()),
    ("hooks as text", "I-85", |t| t["PostChrootShell"] = "true".into()),
    ("a hook that stays in the background", "I-85", |t| t["PostChrootShell"] = json!(["daemon &"])),
    ("a program with an argument", "I-44", |t| t["PostNonChroot"] = json!(["/bin/x -a"])),
];

#[test]
fn the_judge_finds_what_the_installer_rejects() {
    for (what, rule, change) in REJECTED {
        let mut template = good();
        change(&mut template);
        let broken = ister::validate(&template);
        assert!(ister::rules(&broken).contains(rule), "{what} is to break {rule}: {broken:#?}");
    }
}

#[test]
fn the_judge_finds_what_the_installer_lets_through() {
    for (what, rule, change) in ACCEPTED {
        let mut template = good();
        change(&mut template);
        assert_eq!(ister::validate(&template), [], "{what}: the installer does not look at it");
        let broken = ister::traps(&template, &Around::installer(69));
        assert!(ister::rules(&broken).contains(rule), "{what} is to break {rule}: {broken:#?}");
    }
}

#[test]
fn each_fault_breaks_one_rule() {
    // Some faults cannot be made without another; all others are found by their number alone.
    let more = ["partition 0", "bundles as text", "a command line that nothing reads"];
    let mut others = Vec::new();
    for (what, rule, change) in REJECTED.iter().chain(ACCEPTED).filter(|(what, _, _)| !more.contains(what)) {
        let mut template = good();
        change(&mut template);
        let mut rules = ister::rules(&ister::validate(&template));
        if rules.is_empty() {
            rules = ister::rules(&ister::traps(&template, &Around::installer(69)));
        }
        if rules != [*rule] {
            others.push(format!("{what}: {rule}, found {rules:?}"));
        }
    }
    assert!(others.is_empty(), "{others:#?}");
}

#[test]
fn the_judge_knows_what_an_image_in_memory_is() {
    let mut template = good();
    template["DestinationType"] = "virtual".into();
    let broken = ister::traps(&template, &Around::installer(69));
    assert_eq!((ister::validate(&template), ister::rules(&broken)), (vec![], vec!["I-58"]));
}

#[test]
fn the_judge_knows_the_sizes_of_disks() {
    let mut around = Around::installer(69);
    for (size, rules) in [(4096 + 512 + 3, vec![]), (4096 + 512 + 2, vec!["I-52"])] {
        around.disks = BTreeMap::from([("sda".to_string(), size)]);
        assert_eq!(ister::rules(&ister::traps(&good(), &around)), rules, "{size} MiB");
    }
}

#[test]
fn the_judge_knows_which_installer_knows_which_key() {
    let since: &[(u64, &str, Change)] = &[
        (43, "I-45", |t| t["HTTPSProxy"] = "http://proxy:3128".into()),
        (53, "I-45", |t| t["cmdline"] = "quiet".into()),
        (55, "I-45", |t| t["PreInstallShell"] = json!(["true"])),
        (55, "I-45", |t| t["PostNonChrootShell"] = json!(["true"])),
        (62, "I-45", |t| t["SoftwareManager"] = "dnf".into()),
        (63, "I-45", |t| {
            second_disk(t, "sdb", "/data");
            t["FilesystemTypes"][3]["encryption"] = json!({ "name": "data", "passphrase": "x" });
            t["PartitionMountPoints"][2]["encryption"] = json!({ "name": "data" });
        }),
        (64, "I-45", |t| {
            t["MirrorURL"] = "http://mirror/update".into();
            t["VersionURL"] = "http://mirror/update".into();
        }),
        (64, "B-2", |t| t["IsterCloudInitSvc"] = "http://192.168.1.1/icis/".into()),
        (65, "I-45", |t| t["FilesystemTypes"][2]["label"] = "root".into()),
        (66, "I-45", |t| t["Users"] = json!([{ "username": "ada", "password": "x", "key": format!("{ED25519} x\n") }])),
        (67, "I-69", |t| {
            second_disk(t, "sdb", "/home");
            t["PartitionMountPoints"][2]["forcemu"] = true.into();
        }),
        (67, "I-77", |t| t["Users"] = json!([{ "username": "ada", "key": format!("{ED25519} x\n") }])),
    ];
    for (version, rule, change) in since {
        let mut template = good();
        for key in ["Users", "Static_IP", "PostChrootShell", "IsterCloudInitSvc"] {
            remove(&mut template, key);
        }
        change(&mut template);
        for (installer, found) in [(*version, false), (version - 1, true)] {
            let broken = ister::rules(&ister::traps(&template, &Around::installer(installer)));
            assert_eq!(broken.contains(rule), found, "v{installer}: {broken:?} of {template:#}");
        }
    }
}
