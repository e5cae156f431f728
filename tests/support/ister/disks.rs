//! Disks, filesystems and mounts: contract I-50 to I-69.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Around, Judge, filesystem, list, made_of, mib, mounted, of_partition, partition, text, truthy};

pub(super) fn judge(template: &Value, around: &Around, judge: &mut Judge) {
    let mut disks: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for entry in list(template, "PartitionLayout") {
        disks.entry(text(&entry["disk"])).or_default().push(entry);
    }
    for (disk, entries) in &disks {
        numbers(disk, entries, judge);
        sizes(disk, entries, around, judge);
    }
    names(&disks, judge);
    judge.must(template["DestinationType"] == "physical", "I-58", "an image in the installer's memory");
    for key in ["PartitionLayout", "FilesystemTypes", "PartitionMountPoints"] {
        for entry in list(template, key) {
            judge.must(entry["partition"].is_u64(), "I-59", format!("{key}: {entry}"));
        }
    }
    boot(template, judge);
    root(template, judge);
    for entry in list(template, "FilesystemTypes") {
        made(template, entry, judge);
    }
    for entry in list(template, "PartitionMountPoints") {
        place(template, entry, around, judge);
    }
}

fn numbers(disk: &str, entries: &[&Value], judge: &mut Judge) {
    judge.must(entries.len() <= 9, "I-50", format!("{} partitions on {disk}", entries.len()));
    for (index, entry) in entries.iter().enumerate() {
        // A number given as text is judged by I-59.
        let number = text(&entry["partition"]).parse::<usize>().ok();
        judge.must(number == Some(index + 1), "I-51", format!("in place {} of {disk}: {entry}", index + 1));
    }
}

fn sizes(disk: &str, entries: &[&Value], around: &Around, judge: &mut Judge) {
    for entry in entries {
        // What Python's numbers let through: blanks, signs, underscores.
        let size = text(&entry["size"]);
        let plain = size == "rest" || (mib(&entry["size"]).is_some() && !size.starts_with(['0', '+']));
        judge.must(plain, "I-32", format!("size of {entry}"));
    }
    let first = entries.first().and_then(|entry| mib(&entry["size"]));
    judge.must(first.is_none_or(|first| first >= 2), "I-52", format!("{disk}: the first partition shrinks to nothing"));
    let Some(size) = around.disks.get(disk) else { return };
    let sum: u64 = entries.iter().filter_map(|entry| mib(&entry["size"])).sum();
    let rest = entries.iter().any(|entry| entry["size"] == "rest");
    // `rest` ends one MB before the end of the disk.
    let needed = sum + if rest { 3 } else { 1 };
    judge.must(needed <= *size, "I-52", format!("{disk} has {size} MiB, and needs {needed}"));
}

fn names(disks: &BTreeMap<String, Vec<&Value>>, judge: &mut Judge) {
    for (disk, entries) in disks {
        let letters = disk.starts_with(|c: char| c.is_ascii_lowercase());
        let plain = disk.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        judge.must(letters && plain, "I-54", disk);
        for other in disks.keys().filter(|other| *other != disk) {
            let numbered = |name: &str, entry: &&Value| format!("{name}{}", text(&entry["partition"]));
            let mine: Vec<String> = entries.iter().map(|entry| numbered(disk, entry)).collect();
            let clash = disks[other].iter().any(|entry| mine.contains(&numbered(other, entry)));
            judge.must(!clash && !other.starts_with(disk.as_str()), "I-53", format!("{disk} and {other}"));
        }
        // Ten namespaces are dangerous only beside the first one, which I-53 forbids.
        judge.should(!disk.starts_with("mmcblk"), "I-55", disk);
    }
}

/// The partition that the firmware boots from is the one that is mounted at `/boot`, and has the filesystem it reads.
fn boot(template: &Value, judge: &mut Judge) {
    if template["LegacyBios"] == true {
        return;
    }
    let efi = list(template, "PartitionLayout").iter().find(|entry| entry["type"] == "EFI");
    let (Some(efi), Some(boot)) = (efi, mounted(template, "/boot")) else { return };
    judge.must(partition(efi) == partition(boot), "I-60", "the EFI partition is not the one at /boot");
    let kind = filesystem(template, efi).map(|made| text(&made["type"]));
    judge.must(kind.as_deref() == Some("vfat"), "I-60", format!("the EFI partition has {kind:?}"));
}

fn root(template: &Value, judge: &mut Judge) {
    let Some(made) = mounted(template, "/").and_then(|root| filesystem(template, root)) else { return };
    judge.must(made["type"] != "vfat" && made["type"] != "swap", "I-60", format!("the root has {}", made["type"]));
    judge.must(made.get("disable_format").is_none(), "I-38", "the root is not formatted");
    if made.get("encryption").is_some() {
        let extras = list(template, "Bundles").iter().any(|bundle| bundle == "bootloader-extras");
        let packages = template["SoftwareManager"] == "dnf";
        judge.must(
            (extras || packages) && template["cmdline"].is_string(),
            "I-63",
            "an encrypted root that nothing opens",
        );
    }
}

fn made(template: &Value, entry: &Value, judge: &mut Judge) {
    let disk_is_new = !truthy(&template["DisabledNewPartitions"]);
    judge.should(
        entry.get("disable_format").is_none() || !disk_is_new,
        "I-56",
        format!("kept, on a disk with a new table: {entry}"),
    );
    if let Some(options) = entry.get("options") {
        judge.must(made_of(&text(options), " ._,=^:/+-"), "I-62", format!("options of {entry}"));
    }
    if let Some(label) = entry.get("label") {
        let longest = match entry["type"].as_str() {
            Some("vfat") => 11,
            Some("xfs") => 12,
            Some("swap") => 15,
            Some("btrfs") => 255,
            _ => 16,
        };
        let label = text(label);
        judge.must(made_of(&label, "_-") && label.len() <= longest, "I-62", format!("label of {entry}"));
    }
    if let Some(encryption) = entry.get("encryption") {
        let whole = |key: &str| encryption[key].as_str().is_some_and(|text| !text.is_empty());
        judge.must(whole("name") && whole("passphrase"), "I-63", format!("encryption of {entry}"));
        judge.must(entry["type"] != "swap", "I-63", "encrypted swap is swapped on unencrypted");
        let at = of_partition(list(template, "PartitionMountPoints"), &partition(entry));
        let same = at.is_none_or(|at| at["encryption"]["name"] == encryption["name"]);
        judge.must(same, "I-63", format!("the mount has no such volume: {entry}"));
        judge.must(at.is_none_or(|at| at["mount"] != "/boot"), "I-63", "an encrypted /boot");
        judge.must(entry.get("disable_format").is_none(), "I-63", format!("kept and encrypted: {entry}"));
    }
    let kind = of_partition(list(template, "PartitionLayout"), &partition(entry)).map(|part| text(&part["type"]));
    let swap = (entry["type"] == "swap", kind.as_deref() == Some("swap"));
    judge.must(swap.0 == swap.1, "I-64", format!("swap is found by the partition's type alone: {entry}"));
    // And on the disk of the root alone, as what finds it looks nowhere else.
    let on_root_disk = mounted(template, "/").is_none_or(|root| root["disk"] == entry["disk"]);
    judge.should(!swap.0 || on_root_disk, "I-64", format!("swap that is not found: {entry}"));
}

fn place(template: &Value, entry: &Value, around: &Around, judge: &mut Judge) {
    let place = text(&entry["mount"]);
    let made = filesystem(template, entry);
    judge.must(made.is_none_or(|made| made["type"] != "swap"), "I-64", format!("swap is mounted: {entry}"));
    let has_volume = made.is_some_and(|made| made.get("encryption").is_some());
    judge.must(entry.get("encryption").is_none() || has_volume, "I-63", format!("no such volume: {entry}"));
    let parts: Vec<&str> = place.split('/').skip(1).collect();
    let clean = place == "/" || parts.iter().all(|part| !matches!(*part, "" | "." | ".."));
    judge.must(place.starts_with('/') && clean && !place.contains(' '), "I-65", &place);
    judge.must(place == "/" || made_of(&place, "/._"), "I-67", &place);
    judge.must(place != "/var/tmp", "I-68", &place);

    let forced = entry["forcemu"] == true;
    judge.must(!forced || around.installer >= 67, "I-69", format!("forcemu of {entry}"));
    let on_root_disk = mounted(template, "/").is_some_and(|root| root["disk"] == entry["disk"]);
    judge.must(place != "/usr", "I-66", "a separate /usr");
    let by_type = matches!(place.as_str(), "/home" | "/srv" | "/boot");
    judge.must(!by_type || on_root_disk || forced, "I-66", format!("not mounted at boot: {entry}"));
    judge.must(!place.starts_with("/usr/") || forced, "I-66", format!("not mounted at boot: {entry}"));
    let kept = made.is_some_and(|made| made.get("disable_format").is_some());
    let system = place == "/var" || place == "/usr" || place.starts_with("/usr/");
    judge.must(!kept || !system, "I-68", format!("{place} is kept"));
}
