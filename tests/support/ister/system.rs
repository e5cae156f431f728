//! Service, software, users, network, hooks: contract I-9 to I-20, I-40 to I-45, I-70 to I-88, ch. 5.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use serde_json::Value;

use super::{Around, Judge, list, made_of, text, truthy};

/// Every key of a template (contract 1.3), and the installer that first knows it (ch. 0).
const KEYS: [(&str, u64); 26] = [
    ("DestinationType", 0),
    ("PartitionLayout", 0),
    ("FilesystemTypes", 0),
    ("PartitionMountPoints", 0),
    ("Version", 0),
    ("Bundles", 0),
    ("SoftwareManager", 62),
    ("Users", 0),
    ("Hostname", 0),
    ("Static_IP", 0),
    ("cmdline", 53),
    ("LegacyBios", 42),
    ("HTTPSProxy", 43),
    ("HTTPProxy", 43),
    ("MirrorURL", 64),
    ("VersionURL", 64),
    ("IsterCloudInitSvc", 38),
    ("DisabledNewPartitions", 0),
    ("PreInstallShell", 55),
    ("PostNonChroot", 0),
    ("PostNonChrootShell", 55),
    ("PostChroot", 55),
    ("PostChrootShell", 55),
    ("encryption", 63),
    ("label", 65),
    ("forcemu", 67),
];

/// The first release of Clear Linux whose base no longer starts networkd, at the latest (contract B-8).
const NO_NETWORKD: u64 = 30_000;

/// The first release whose os-cloudguest has ucd (contract B-2), by the day of the change.
const UCD: u64 = 15_100;

/// Groups of the base system, by which useradd stumbles (contract I-78).
const GROUPS: [&str; 8] = ["root", "wheel", "users", "video", "audio", "disk", "kvm", "nobody"];

pub(super) fn judge(template: &Value, around: &Around, judge: &mut Judge) {
    keys(template, around, judge);
    service(template, judge);
    software(template, around, judge);
    for user in list(template, "Users") {
        self::user(user, around, judge);
    }
    let uids: Vec<String> =
        list(template, "Users").iter().filter_map(|user| user.get("uid")).filter(|uid| truthy(uid)).map(text).collect();
    let different: BTreeSet<&String> = uids.iter().collect();
    judge.must(uids.len() == different.len(), "I-41", format!("uids {uids:?}"));
    let sudoers = list(template, "Users").iter().filter(|user| user["sudo"] == true).count();
    judge.should(sudoers <= 1, "I-81", format!("{sudoers} users with sudo"));
    if sudoers > 0 {
        let brings = ["os-cloudguest", "sudo", "sysadmin-remote"];
        let there = list(template, "Bundles").iter().any(|bundle| brings.iter().any(|name| bundle == *name));
        // What a package is called, the contract does not say.
        let packages = template["SoftwareManager"] == "dnf";
        judge.must(there || packages, "I-81", "nothing brings sudo");
    }
    network(template, judge);
    hooks(template, judge);
}

fn keys(template: &Value, around: &Around, judge: &mut Judge) {
    let Some(object) = template.as_object() else { return };
    // An installer that knows no other software manager than swupd ignores the word, to the same end.
    let matters = |key: &str| key != "SoftwareManager" || template[key] != "swupd";
    for key in object.keys().filter(|key| matters(key)) {
        match KEYS.iter().find(|(known, _)| known == key) {
            None => judge.must(false, "I-9", format!("no key of the installer: {key}")),
            Some((_, since)) => judge.must(*since <= around.installer, "I-45", format!("{key} needs v{since}")),
        }
    }
    let lists = ["FilesystemTypes", "PartitionMountPoints"];
    for entry in lists.iter().flat_map(|key| list(template, key)) {
        for (key, since) in KEYS.iter().skip_while(|(key, _)| *key != "encryption") {
            let known = entry.get(key).is_none() || *since <= around.installer;
            judge.must(known, if *key == "forcemu" { "I-69" } else { "I-45" }, format!("{key} needs v{since}"));
        }
    }
    judge.must(template["Version"] != "latest" || around.installer >= 40, "I-45", "latest needs v40");
    let version = &template["Version"];
    judge.must(version.is_u64() || *version == "latest", "I-40", format!("Version {version}"));
    let lasts = [&template["Hostname"], &template["cmdline"]];
    judge.must(lasts.iter().all(|value| !text(value).contains('\n')), "I-40", "a line break");
    for user in list(template, "Users") {
        judge.must(user.get("fullname").is_none() || around.installer >= 43, "I-45", "fullname needs v43");
        judge.must(user.get("key").is_none() || around.installer >= 66, "I-45", "inline keys need v66");
    }
    judge.must(template.get("Static_IP").is_none() || around.installer >= 51, "I-45", "iface needs v51");
}

fn service(template: &Value, judge: &mut Judge) {
    let Some(service) = template.get("IsterCloudInitSvc").filter(|service| truthy(service)) else { return };
    let Some(url) = service.as_str() else {
        return judge.must(false, "I-12", service);
    };
    judge.must(url.ends_with('/'), "I-13", url);
    let rest = ["http://", "https://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let host = rest.map(|rest| rest.split(['/', ':']).next().unwrap_or_default()).unwrap_or_default();
    judge.must(!host.is_empty(), "I-14", url);
    judge.must(host.is_empty() || made_of(host, ".-"), "I-15", url);
}

fn software(template: &Value, around: &Around, judge: &mut Judge) {
    let Some(bundles) = template["Bundles"].as_array() else {
        return judge.must(false, "I-70", "Bundles is no list");
    };
    let names: Vec<&str> = bundles.iter().filter_map(Value::as_str).collect();
    judge.must(names.len() == bundles.len(), "I-70", "a bundle that is no text");
    judge.must(names.iter().all(|name| made_of(name, "._+-")), "I-70", format!("{names:?}"));
    let swupd = template.get("SoftwareManager").is_none_or(|manager| *manager == "swupd");
    let kernels = names.iter().filter(|name| name.starts_with("kernel-") && **name != "kernel-install").count();
    judge.must(kernels > 0 || !swupd, "I-70", "no kernel");
    judge.should(kernels < 2, "I-70", format!("{kernels} kernels"));
    let boots = kernels > 0 || names.contains(&"bootloader") || !swupd;
    judge.must(template.get("cmdline").is_none() || boots, "I-75", "nothing reads cmdline");

    let hooks = list(template, "PostNonChrootShell").iter().filter_map(Value::as_str);
    let role = truthy(&template["IsterCloudInitSvc"]) || hooks.into_iter().any(|hook| hook.contains("/get_role/"));
    let brings_ucd = names.contains(&"os-cloudguest") || names.contains(&"os-cloudguest-gce");
    judge.must(!role || brings_ucd || !swupd, "B-1", "a role, and nothing that applies it");
    let release = template["Version"].as_u64();
    let new = release.is_none_or(|release| release >= UCD);
    judge.must(!role || (new && around.installer >= 64), "B-2", format!("release {release:?}, v{}", around.installer));

    let networkd = names.contains(&"systemd-networkd-autostart");
    let manager = names.iter().any(|name| name.starts_with("NetworkManager"));
    let late = release.is_none_or(|release| release >= NO_NETWORKD) && swupd;
    judge.should(!late || networkd || manager, "B-8", "nothing starts the network");
    judge.must(template.get("Static_IP").is_none() || !late || networkd || !manager, "B-8", "networkd does not run");

    let (mirror, version) = (template.get("MirrorURL"), template.get("VersionURL"));
    judge.should(mirror.is_some() == version.is_some(), "I-72", "one of MirrorURL and VersionURL");
    judge.should(template.get("HTTPProxy").is_none(), "I-73", "HTTPProxy is never used");
}

fn user(user: &Value, around: &Around, judge: &mut Judge) {
    let name = text(&user["username"]);
    let first = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let rest = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte));
    judge.must(first && rest && name.len() <= 31, "I-76", &name);
    judge.must(!GROUPS.contains(&name.as_str()), "I-78", &name);
    let (password, key) = (user.get("password"), user.get("key"));
    judge.must(password.is_none_or(|hash| *hash != ""), "I-77", format!("{name} has an empty password"));
    judge.must(
        password.is_none_or(|hash| *hash == "" || made_of(&text(hash), "./$=,_-")),
        "I-76",
        format!("{name}'s hash"),
    );
    judge.should(password.is_some() || key.is_some(), "I-77", format!("{name} cannot enter"));
    judge.must(password.is_some() || around.installer >= 67, "I-77", format!("{name} gets an empty password"));
    judge.must(key.is_none_or(|key| text(key).ends_with('\n')), "I-80", format!("{name}'s key"));
    let number = user.get("uid").is_none_or(|uid| uid.as_u64().is_some_and(|uid| uid > 0));
    judge.must(number, "I-41", format!("uid of {name}"));
    if let Some(full) = user.get("fullname") {
        judge.must(made_of(&text(full), " .,()@+_/-"), "I-76", format!("fullname of {name}"));
    }
}

fn network(template: &Value, judge: &mut Judge) {
    let Some(settings) = template.get("Static_IP") else { return };
    judge.must(truthy(&settings["iface"]), "I-82", settings);
    let address = text(&settings["address"]);
    let parts: Vec<&str> = address.split('/').collect();
    let exact = matches!(parts[..], [ip, length]
        if ip.parse::<Ipv4Addr>().is_ok() && length.len() < 3 && length.parse::<u8>().is_ok_and(|length| length <= 32));
    judge.must(exact, "I-43", &address);
    for key in ["gateway", "dns"] {
        let value = &settings[key];
        judge.must(value.is_null() || text(value).parse::<Ipv4Addr>().is_ok(), "I-43", format!("{key} {value}"));
    }
}

fn hooks(template: &Value, judge: &mut Judge) {
    for key in ["PreInstallShell", "PostNonChroot", "PostNonChrootShell", "PostChroot", "PostChrootShell"] {
        let Some(hooks) = template.get(key) else { continue };
        let Some(hooks) = hooks.as_array() else {
            judge.must(false, "I-85", format!("{key} is no list"));
            continue;
        };
        for hook in hooks {
            let Some(command) = hook.as_str() else {
                judge.must(false, "I-85", format!("{key}: {hook}"));
                continue;
            };
            let ends = command.trim_end();
            judge.must(!ends.is_empty() && (!ends.ends_with('&') || ends.ends_with("&&")), "I-85", command);
            let plain = !command.contains(char::is_whitespace) && command.starts_with('/');
            judge.must(key != "PostNonChroot" || plain, "I-44", command);
        }
    }
}
