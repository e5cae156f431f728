//! What the installer enforces before it touches a disk: contract 1.4, with the leniency that it has.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde_json::Value;

use super::{Broken, Judge, filesystem, list, mounted, of_partition, partition, text, truthy};

const REQUIRED: [&str; 6] =
    ["DestinationType", "PartitionLayout", "FilesystemTypes", "PartitionMountPoints", "Version", "Bundles"];

/// The rules by which the installer rejects a template.
pub fn validate(template: &Value) -> Vec<Broken> {
    let mut judge = Judge::default();
    judge.must(template.is_object(), "I-9", "the template is no object");
    for key in REQUIRED {
        judge.must(truthy(&template[key]), "I-30", key);
    }
    if !judge.0.is_empty() {
        return judge.sorted();
    }
    let destination = &template["DestinationType"];
    judge.must(*destination == "physical" || *destination == "virtual", "I-31", destination);
    layout(template, &mut judge);
    filesystems(template, &mut judge);
    mounts(template, &mut judge);
    scalars(template, &mut judge);
    users(template, &mut judge);
    static_ip(template, &mut judge);
    for program in list(template, "PostNonChroot") {
        judge.must(program.is_string(), "I-44", program);
    }
    judge.sorted()
}

/// A whole number as Python reads one from text: blanks around it, a sign, single underscores between digits.
fn python_int(text: &str) -> Option<i128> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    let between = !digits.starts_with('_') && !digits.ends_with('_') && !digits.contains("__");
    (between && plain.bytes().all(|byte| byte.is_ascii_digit())).then(|| plain.parse::<i128>().ok())?.map(|n| n * sign)
}

fn is_size(size: &str) -> bool {
    let Some(unit) = size.chars().last() else { return false };
    size == "rest" || ("MGT".contains(unit) && python_int(&size[..size.len() - 1]).is_some_and(|count| count > 0))
}

fn layout(template: &Value, judge: &mut Judge) {
    let entries = list(template, "PartitionLayout");
    let mut seen = BTreeSet::new();
    let mut disks: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for entry in entries {
        for key in ["disk", "partition", "size", "type"] {
            judge.must(truthy(&entry[key]), "I-32", format!("{key} of {entry}"));
        }
        judge.must(entry["size"].as_str().is_some_and(is_size), "I-32", format!("size of {entry}"));
        judge.must(["EFI", "linux", "swap"].iter().any(|kind| entry["type"] == *kind), "I-33", entry);
        judge.must(seen.insert(partition(entry)), "I-34", format!("twice: {entry}"));
        disks.entry(text(&entry["disk"])).or_default().push(entry);
    }
    let efi = entries.iter().filter(|entry| entry["type"] == "EFI").count();
    judge.must(efi <= 1, "I-33", format!("{efi} EFI partitions"));
    let is_virtual = template["DestinationType"] == "virtual";
    judge.must(!is_virtual || disks.len() == 1, "I-34", "virtual with several disks");
    for (disk, entries) in &disks {
        judge.must(entries.len() <= 128, "I-34", format!("{} partitions on {disk}", entries.len()));
        rest_is_last(entries, judge);
    }
    let excused = is_virtual || template["LegacyBios"] == true;
    judge.must(excused || (efi > 0 && mounted(template, "/boot").is_some()), "I-35", "no EFI partition, or no /boot");
}

fn rest_is_last(entries: &[&Value], judge: &mut Judge) {
    let numbers = entries.iter().filter(|entry| entry["partition"].is_number()).count();
    judge.must(numbers == 0 || numbers == entries.len(), "I-36", "numbers and texts on one disk");
    // As text, 10 comes before 2.
    let mut sorted = entries.to_vec();
    sorted.sort_by(|a, b| match (a["partition"].as_f64(), b["partition"].as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => text(&a["partition"]).cmp(&text(&b["partition"])),
    });
    for entry in sorted.iter().rev().skip(1) {
        judge.must(entry["size"] != "rest", "I-36", format!("not the last: {entry}"));
    }
}

fn filesystems(template: &Value, judge: &mut Judge) {
    let mut seen = BTreeSet::new();
    for entry in list(template, "FilesystemTypes") {
        let there = of_partition(list(template, "PartitionLayout"), &partition(entry)).is_some();
        judge.must(there, "I-37", format!("no such partition: {entry}"));
        judge.must(seen.insert(partition(entry)), "I-37", format!("twice: {entry}"));
        let known = ["ext2", "ext3", "ext4", "vfat", "btrfs", "xfs", "swap"];
        judge.must(known.iter().any(|kind| entry["type"] == *kind), "I-37", format!("type of {entry}"));
    }
    let root = mounted(template, "/").and_then(|mount| filesystem(template, mount));
    judge.must(root.is_none_or(|root| root["disable_format"].is_null()), "I-38", "the root is not formatted");
}

fn mounts(template: &Value, judge: &mut Judge) {
    let (mut places, mut partitions) = (BTreeSet::new(), BTreeSet::new());
    for entry in list(template, "PartitionMountPoints") {
        judge.must(filesystem(template, entry).is_some(), "I-39", format!("no such filesystem: {entry}"));
        judge.must(entry["mount"].is_string(), "I-39", format!("mount of {entry}"));
        judge.must(places.insert(text(&entry["mount"])), "I-39", format!("mounted twice: {entry}"));
        judge.must(partitions.insert(partition(entry)), "I-39", format!("a partition twice: {entry}"));
        let forced = entry.get("forcemu").is_none_or(Value::is_boolean);
        judge.must(forced, "I-39", format!("forcemu of {entry}"));
    }
    judge.must(mounted(template, "/").is_some(), "I-39", "nothing is mounted at /");
}

fn scalars(template: &Value, judge: &mut Judge) {
    let version = &template["Version"];
    let number = *version == true || version.as_f64().is_some_and(|number| number > 0.0);
    judge.must(number || *version == "latest", "I-40", format!("Version {version}"));
    if let Some(manager) = template.get("SoftwareManager") {
        judge.must(*manager == "swupd" || *manager == "dnf", "I-40", format!("SoftwareManager {manager}"));
    }
    if let Some(bios) = template.get("LegacyBios") {
        judge.must(!truthy(bios) || *bios == true, "I-40", format!("LegacyBios {bios}"));
    }
    if let Some(name) = template.get("Hostname") {
        // The installer's pattern ends in `$`, which lets a last line break through.
        let plain = name.as_str().map(|name| name.strip_suffix('\n').unwrap_or(name));
        judge.must(plain.is_some_and(is_hostname), "I-40", format!("Hostname {name}"));
    }
    if let Some(line) = template.get("cmdline") {
        judge.must(line.is_string(), "I-40", format!("cmdline {line}"));
    }
    for key in ["HTTPSProxy", "HTTPProxy", "MirrorURL", "VersionURL"] {
        if let Some(url) = template.get(key) {
            judge.must(url.as_str().is_some_and(has_scheme_and_host), "I-40", format!("{key} {url}"));
        }
    }
}

fn is_hostname(name: &str) -> bool {
    let first = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    first && name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn has_scheme_and_host(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty() && !rest.starts_with('/'))
}

fn users(template: &Value, judge: &mut Judge) {
    let (mut names, mut uids) = (BTreeSet::new(), BTreeSet::new());
    for user in list(template, "Users") {
        let name = user["username"].as_str().filter(|name| !name.is_empty());
        judge.must(name.is_some(), "I-41", format!("no username: {user}"));
        judge.must(names.insert(name), "I-41", format!("username twice: {user}"));
        if let Some(uid) = user.get("uid").filter(|uid| truthy(uid)) {
            let number = uid.as_i64().map(i128::from).or_else(|| uid.as_str().and_then(python_int));
            judge.must(number.is_some_and(|n| (1..1 << 32).contains(&n)), "I-41", format!("uid of {user}"));
            // As given: 1000 and "1000" are two.
            judge.must(uids.insert(uid.to_string()), "I-41", format!("uid twice: {user}"));
        }
        let sudo = user.get("sudo");
        judge.must(sudo.is_none_or(Value::is_boolean), "I-41", format!("sudo of {user}"));
        let enters = truthy(&user["password"]) || truthy(&user["key"]);
        judge.must(sudo != Some(&Value::Bool(true)) || enters, "I-41", format!("no password or key: {user}"));
        if let Some(key) = user.get("key").filter(|key| truthy(key)) {
            let Some(key) = key.as_str() else {
                judge.must(false, "I-42", format!("key of {user}"));
                continue;
            };
            let fields: Vec<&str> = key.split_whitespace().collect();
            let body = fields.get(1).is_some_and(|body| data_encoding::BASE64.decode(body.as_bytes()).is_ok());
            judge.must(fields.len() >= 3 && body, "I-42", format!("key of {user}"));
            // It is tried as the name of a file first.
            let name_fits = key.split('/').all(|part| part.len() <= 255) || key.find('/').is_some_and(|at| at <= 255);
            judge.must(name_fits && key.len() < 4096, "I-79", format!("key of {user}"));
        }
    }
}

fn static_ip(template: &Value, judge: &mut Judge) {
    let Some(settings) = template.get("Static_IP").filter(|settings| truthy(settings)) else { return };
    let field = |key: &str| settings[key].as_str();
    judge.must(field("address").is_some() && field("gateway").is_some(), "I-43", "no address, or no gateway");
    let Some((address, length)) = field("address").unwrap_or_default().split_once('/') else {
        judge.must(false, "I-43", "no prefix length");
        return;
    };
    // Neither the length's range nor what comes behind it is looked at, and a port passes.
    let digits = length.split('/').next().unwrap_or_default();
    let plain = |text: &str| text.split(':').next().unwrap_or_default().to_string();
    let length_fits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    judge.must(length_fits, "I-43", format!("prefix length {length}"));
    for (key, value) in [("address", Some(address)), ("gateway", field("gateway")), ("dns", field("dns"))] {
        if let Some(value) = value {
            judge.must(plain(value).parse::<Ipv4Addr>().is_ok(), "I-43", format!("{key} {value}"));
        }
    }
    judge.must(settings.get("dns").is_none_or(Value::is_string), "I-43", "dns is no text");
    judge.must(Some(address) != field("gateway"), "I-43", "the gateway is the address");
}
