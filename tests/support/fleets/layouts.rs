//! The disks of fleets that are made at random.

use serde_json::{Value, json};

use super::Tape;

/// What the layouts of a fleet have in common.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// Whether filesystems may be kept.
    pub(super) keeps: bool,
}

pub(super) fn layout(tape: &mut Tape<'_>, plan: Plan, bios: bool) -> Value {
    let names = ["sda", "nvme0n1", "vda", "mmcblk0", "sdb", "nvme0n11", "/dev/sdc"];
    let main = if tape.rarely() { 3 + tape.below(4) } else { tape.below(3) };
    let mut places = vec!["/srv/data", "/home", "/srv", "/var", "/opt/app_1", "/data", "/var/lib/images"];
    let mut disks = vec![system_disk(tape, plan, names[main], bios, &mut places)];
    if tape.once_in(3) {
        let other = if tape.rarely() { [main, 1, 5][tape.below(3)] } else { 4 };
        disks.push(data_disk(tape, plan, names[other], &mut places));
    }
    if tape.rarely() {
        disks.reverse();
    }
    disks.into()
}

fn system_disk(tape: &mut Tape<'_>, plan: Plan, name: &str, bios: bool, places: &mut Vec<&str>) -> Value {
    let mut parts = Vec::new();
    let boot_size = if tape.rarely() { "1M" } else { tape.pick(&["512M", "1G"]) };
    let mut boot = json!({ "size": boot_size, "filesystem": "vfat", "mount": "/boot" });
    if bios {
        boot["filesystem"] = "ext4".into();
    } else {
        boot["type"] = "EFI".into();
    }
    if tape.rarely() {
        boot["filesystem"] = tape.pick(&["ext4", "xfs"]).into();
    }
    if tape.rarely() {
        boot["mount"] = tape.pick(&["/efi", "/boot/efi"]).into();
    }
    let without = (bios && tape.once_in(2)) || tape.rarely();
    if !without {
        parts.push(boot);
    }
    if tape.once_in(2) {
        parts.push(swap(tape));
    }
    let kind = if tape.rarely() { tape.pick(&["vfat", "swap"]) } else { tape.pick(&["ext4", "ext4", "xfs", "btrfs"]) };
    let mut root = json!({ "size": "20G", "filesystem": kind, "mount": "/" });
    if tape.rarely() {
        root[tape.pick(&["keep", "force_unit"])] = true.into();
    }
    if tape.rarely() {
        root["encryption"] = json!({ "name": "root", "passphrase": "secret" });
    }
    parts.push(root);
    let more = if tape.rarely() { 7 } else { tape.below(3) };
    for _ in 0..more {
        parts.push(data(tape, plan, true, places));
    }
    finish(tape, name, parts)
}

fn swap(tape: &mut Tape<'_>) -> Value {
    let mut swap = json!({ "size": "4G", "type": "swap" });
    if tape.once_in(3) {
        swap["filesystem"] = if tape.rarely() { "ext4" } else { "swap" }.into();
    }
    if tape.rarely() {
        swap["encryption"] = json!({ "name": "swap", "passphrase": "secret" });
    }
    if tape.rarely() {
        swap["mount"] = "/swap".into();
    }
    if tape.rarely() {
        swap["type"] = "linux".into();
    }
    swap
}

fn data_disk(tape: &mut Tape<'_>, plan: Plan, name: &str, places: &mut Vec<&str>) -> Value {
    let count = 1 + tape.below(2);
    let mut parts: Vec<Value> = (0..count).map(|_| data(tape, plan, false, places)).collect();
    if tape.once_in(8) {
        parts.insert(0, swap(tape));
    }
    finish(tape, name, parts)
}

/// A disk of these partitions, the last of which may be the rest.
fn finish(tape: &mut Tape<'_>, name: &str, mut parts: Vec<Value>) -> Value {
    let last = if tape.rarely() { 0 } else { parts.len() - 1 };
    if !tape.once_in(5) {
        parts[last]["size"] = "rest".into();
    }
    for (index, part) in parts.iter_mut().enumerate() {
        let made = part["filesystem"].is_string();
        if tape.once_in(5) && made {
            let long = tape.rarely();
            part["label"] = if long { "a-label-of-20-letters".into() } else { format!("l{index}").into() };
        }
        if tape.once_in(10) && part["filesystem"] == "ext4" && part["keep"].is_null() {
            part["options"] = "-m 1".into();
        }
    }
    let mut disk = json!({ "disk": name, "partitions": parts });
    if tape.once_in(3) {
        disk["size"] = if tape.rarely() { "8G" } else { tape.pick(&["480G", "2T"]) }.into();
    }
    disk
}

/// A partition for data. Each place is used once, as a rule.
fn data(tape: &mut Tape<'_>, plan: Plan, on_root_disk: bool, places: &mut Vec<&str>) -> Value {
    let mut part = json!({ "size": tape.pick(&["10G", "512M"]) });
    if tape.once_in(12) || places.is_empty() {
        if tape.rarely() {
            part["mount"] = "/raw".into();
        }
        return part;
    }
    part["filesystem"] = tape.pick(&["ext4", "xfs", "btrfs"]).into();
    let odd = ["/usr", "/var/tmp", "/usr/local", "/", "/boot", "/my-data", "/data/"];
    let place = if tape.rarely() { tape.pick(&odd) } else { places.remove(tape.below(places.len())) };
    part["mount"] = place.into();
    let needs_unit = matches!(place, "/home" | "/srv") && !on_root_disk;
    if tape.once_in(8) || (needs_unit && !tape.rarely()) {
        part["force_unit"] = true.into();
    }
    let system = place.starts_with("/var") || place.starts_with("/usr");
    if (plan.keeps && !system && tape.once_in(3)) || tape.rarely() {
        part["keep"] = true.into();
    } else if tape.once_in(8) {
        let name = if tape.rarely() { "vault" } else { place.trim_matches('/') };
        part["encryption"] = json!({ "name": name.replace('/', "_"), "passphrase": "secret words" });
    }
    part
}
