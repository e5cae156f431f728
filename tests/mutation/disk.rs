//! Faults in layouts.

use crate::kind::{Change, Kind, Lines, fleet};

const REJECTED: &str = "the installer rejects the template (I-32)";
const NOT_MOUNTED: &str = "the filesystem is made and never mounted (I-65, I-67)";
const NO_BOOT: &str = "the machine has nothing to boot from, or the installer rejects the template (I-35)";
const NO_ROOT: &str = "the installer rejects the template (I-39)";

fn in_layouts(lines: &Lines, index: usize) -> bool {
    lines.is_in(index, &["layouts"])
}

fn set(lines: &Lines, index: usize, key: &str, new: impl Fn(&str) -> Option<String>) -> Option<Change> {
    in_layouts(lines, index).then(|| lines.set(index, key, |value| new(value))).flatten()
}

fn unset(lines: &Lines, index: usize, key: &str) -> Option<Change> {
    in_layouts(lines, index).then(|| lines.unset(index, key)).flatten()
}

/// Whether a partition that is written in one line is mounted on `mount`.
fn is_mounted(lines: &Lines, index: usize, mount: &str) -> bool {
    in_layouts(lines, index) && lines.value(index, "mount").is_some_and(|(_, value)| value == mount)
}

fn is_efi(lines: &Lines, index: usize) -> bool {
    in_layouts(lines, index) && lines.value(index, "type").is_some_and(|(_, value)| value == "EFI")
}

/// The size of a partition, in its line.
fn size(lines: &Lines, index: usize, new: impl Fn(&str) -> Option<String>) -> Option<Change> {
    let partition = in_layouts(lines, index) && lines.path(index).last() == Some(&"partitions");
    let fixed = |size: &str| size != "rest";
    partition.then(|| lines.set(index, "size", |value| fixed(value).then(|| new(value)).flatten())).flatten()
}

/// The mount point of a data partition.
fn data(lines: &Lines, index: usize, new: impl Fn(&str) -> Option<String>) -> Option<Change> {
    set(lines, index, "mount", |mount| if matches!(mount, "/" | "/boot") { None } else { new(mount) })
}

/// The lines of the disk that a partition belongs to.
fn disk_of(lines: &Lines, index: usize) -> Option<&str> {
    (0..index)
        .rev()
        .find_map(|at| in_layouts(lines, at).then(|| lines.value(at, "disk")).flatten())
        .map(|(_, disk)| disk)
}

/// The disk that is listed before this one in the same layout.
fn disk_before(lines: &Lines, index: usize) -> Option<String> {
    lines.value(index, "disk")?;
    let layout = lines.path(index).get(1).map(ToString::to_string)?;
    let before = (0..index).rev().find(|at| in_layouts(lines, *at) && lines.value(*at, "disk").is_some())?;
    (lines.path(before).get(1) == Some(&layout.as_str()))
        .then(|| lines.value(before, "disk").map(|(_, disk)| disk.to_string()))?
}

pub const KINDS: &[Kind] = &[
    // Disks.
    fleet("a disk as a path", "it becomes `/dev//dev/sda` (I-54)", |l, i| {
        set(l, i, "disk", |disk| Some(format!("/dev/{disk}")))
    }),
    fleet("a disk by its id", "its partitions are not found (I-54)", |l, i| {
        set(l, i, "disk", |_| Some("disk/by-id/ata-480".to_string()))
    }),
    fleet("a disk in capitals", "there is no such device (I-54)", |l, i| {
        set(l, i, "disk", |disk| Some(disk.to_uppercase()))
    }),
    fleet("a partition for a disk", "its partitions are not found (I-54)", |l, i| {
        set(l, i, "disk", |disk| Some(if disk.starts_with("nvme") { format!("{disk}p1") } else { format!("{disk}1") }))
    }),
    fleet("a disk that stands twice", "the second list is dropped (I-34)", |l, i| {
        let before = disk_before(l, i)?;
        set(l, i, "disk", |_| Some(before.clone()))
    }),
    fleet("a disk whose name begins as another's", "their partitions are taken for one another (I-53)", |l, i| {
        let before = disk_before(l, i)?;
        set(l, i, "disk", |_| before.starts_with("nvme").then(|| format!("{before}0")))
    }),
    fleet("the head of a disk is gone", REJECTED, |l, i| {
        (in_layouts(l, i) && l.line(i).trim_start().starts_with("- disk: ")).then_some(Change::Drop)
    }),
    fleet(
        "a size of a disk that its partitions exceed",
        "the installer fails with a half-written table (I-52)",
        |l, i| {
            let disk = l.path(i).last() == Some(&"disk");
            if disk { set(l, i, "size", |_| Some("2G".to_string())) } else { None }
        },
    ),
    fleet("a size of a disk without its unit", "nobody can add it up", |l, i| {
        let disk = l.path(i).last() == Some(&"disk");
        if disk { set(l, i, "size", |size| Some(size.trim_end_matches(char::is_alphabetic).to_string())) } else { None }
    }),
    // Sizes.
    fleet("a size without its unit", REJECTED, |l, i| {
        size(l, i, |size| Some(size.trim_end_matches(char::is_alphabetic).to_string()))
    }),
    fleet("a size in megabytes", REJECTED, |l, i| size(l, i, |size| Some(format!("{size}B")))),
    fleet("a size in mebibytes", REJECTED, |l, i| size(l, i, |size| Some(format!("{size}iB")))),
    fleet("a size with a small unit", REJECTED, |l, i| size(l, i, |size| Some(size.to_lowercase()))),
    fleet("a size with a fraction", REJECTED, |l, i| {
        size(l, i, |size| Some(size.replacen(|c: char| c.is_alphabetic(), ".5G", 1)))
    }),
    fleet("a size with a blank", REJECTED, |l, i| {
        size(l, i, |size| Some(size.replacen(|c: char| c.is_alphabetic(), " G", 1)))
    }),
    fleet("a size of nothing", REJECTED, |l, i| size(l, i, |_| Some("0M".to_string()))),
    fleet("a negative size", REJECTED, |l, i| size(l, i, |size| Some(format!("-{size}")))),
    fleet("a size in kilobytes", REJECTED, |l, i| size(l, i, |_| Some("524288K".to_string()))),
    fleet("a size in percent", REJECTED, |l, i| size(l, i, |_| Some("50%".to_string()))),
    fleet("a size larger than the disk", "the installer fails with a half-written table (I-52)", |l, i| {
        let disk = (0..i).rev().find(|at| in_layouts(l, *at) && l.line(*at).contains("- disk: "))?;
        let declared = l.value(disk + 1, "size").is_some_and(|_| !l.line(disk + 1).contains('{'));
        if declared { size(l, i, |_| Some("2000G".to_string())) } else { None }
    }),
    fleet("a size larger than any disk", "the installer fails with a half-written table (I-52)", |l, i| {
        size(l, i, |_| Some("99999999T".to_string()))
    }),
    fleet("a misspelt `rest`", REJECTED, |l, i| set(l, i, "size", |size| (size == "rest").then(|| "Rest".to_string()))),
    fleet("`rest` before the last", REJECTED, |l, i| size(l, i, |_| Some("rest".to_string()))),
    fleet("no size", REJECTED, |l, i| if l.line(i).contains('{') { unset(l, i, "size") } else { None }),
    fleet("a root or boot partition of one megabyte", "it is nothing once the table is written (I-52)", |l, i| {
        let needed = is_mounted(l, i, "/") || is_mounted(l, i, "/boot");
        if needed { size(l, i, |_| Some("1M".to_string())) } else { None }
    }),
    // Types and filesystems.
    fleet("a type in small letters", REJECTED, |l, i| set(l, i, "type", |kind| Some(kind.to_lowercase()))),
    fleet("a type in capitals", REJECTED, |l, i| set(l, i, "type", |kind| Some(kind.to_uppercase()))),
    fleet("a type that parted knows alone", REJECTED, |l, i| set(l, i, "type", |_| Some("esp".to_string()))),
    fleet("a second EFI partition", "the installer rejects the template (I-33)", |l, i| {
        let efi = (0..i).any(|at| is_efi(l, at) && disk_of(l, at).is_some());
        if efi { set(l, i, "type", |kind| (kind == "swap").then(|| "EFI".to_string())) } else { None }
    }),
    fleet("no EFI type", NO_BOOT, |l, i| if is_efi(l, i) { unset(l, i, "type") } else { None }),
    fleet(
        "an EFI partition that is not mounted",
        NO_BOOT,
        |l, i| if is_efi(l, i) { unset(l, i, "mount") } else { None },
    ),
    fleet("an EFI partition on ext4", "the firmware reads vfat alone (I-60)", |l, i| {
        if is_efi(l, i) { set(l, i, "filesystem", |_| Some("ext4".to_string())) } else { None }
    }),
    fleet("an EFI partition without a filesystem", "the firmware finds nothing (I-60)", |l, i| {
        if is_efi(l, i) { unset(l, i, "filesystem") } else { None }
    }),
    fleet("no EFI partition", NO_BOOT, |l, i| if is_efi(l, i) { Some(Change::Drop) } else { None }),
    fleet("no root partition", NO_ROOT, |l, i| {
        if is_mounted(l, i, "/") && l.line(i).contains('{') { Some(Change::Drop) } else { None }
    }),
    fleet(
        "a root that is not mounted",
        NO_ROOT,
        |l, i| if is_mounted(l, i, "/") { unset(l, i, "mount") } else { None },
    ),
    fleet(
        "a root without a filesystem",
        NO_ROOT,
        |l, i| if is_mounted(l, i, "/") { unset(l, i, "filesystem") } else { None },
    ),
    fleet("a root on vfat", "no system runs from it (I-60)", |l, i| {
        if is_mounted(l, i, "/") { set(l, i, "filesystem", |_| Some("vfat".to_string())) } else { None }
    }),
    fleet("a root that is kept", "the installer rejects the template (I-38)", |l, i| {
        if is_mounted(l, i, "/") { l.swap(i, "mount: /", "keep: true, mount: /") } else { None }
    }),
    fleet("filesystem f2fs", "the installer does not make it (I-37)", |l, i| {
        set(l, i, "filesystem", |_| Some("f2fs".to_string()))
    }),
    fleet("a misspelt filesystem", "the installer does not make it (I-37)", |l, i| {
        set(l, i, "filesystem", |kind| Some(format!("{kind}5")))
    }),
    fleet("a filesystem in capitals", "the installer does not make it (I-37)", |l, i| {
        set(l, i, "filesystem", |kind| Some(kind.to_uppercase()))
    }),
    fleet("a swap that is mounted", "mounting it fails (I-64)", |l, i| {
        let swap = in_layouts(l, i) && l.line(i).contains("type: swap") && l.line(i).contains('{');
        if swap { l.swap(i, "type: swap", "type: swap, mount: /swap") } else { None }
    }),
    fleet("a swap partition on ext4", "swap is found by its type alone (I-64)", |l, i| {
        let swap = in_layouts(l, i) && l.line(i).contains("type: swap }");
        if swap { l.swap(i, "type: swap", "type: swap, filesystem: ext4") } else { None }
    }),
    // Mounts.
    fleet("a mount point without its slash", "it is mounted outside of the new system (I-65)", |l, i| {
        set(l, i, "mount", |mount| Some(mount.strip_prefix('/')?.to_string()).filter(|mount| !mount.is_empty()))
    }),
    fleet("a mount point with a slash at its end", NOT_MOUNTED, |l, i| {
        set(l, i, "mount", |mount| (mount != "/").then(|| format!("{mount}/")))
    }),
    fleet("a mount point with two slashes", NOT_MOUNTED, |l, i| set(l, i, "mount", |mount| Some(format!("/{mount}")))),
    fleet("a mount point with dots", NOT_MOUNTED, |l, i| data(l, i, |mount| Some(format!("{mount}/../data")))),
    fleet("a mount point with a blank", NOT_MOUNTED, |l, i| data(l, i, |mount| Some(format!("{mount}/my data")))),
    fleet("a mount point with a hyphen", NOT_MOUNTED, |l, i| data(l, i, |mount| Some(format!("{mount}/my-data")))),
    fleet("a mount point that stands twice", NO_ROOT, |l, i| data(l, i, |_| Some("/".to_string()))),
    fleet("a mount on /var/tmp", "the installer fails once the disk is written (I-68)", |l, i| {
        data(l, i, |_| Some("/var/tmp".to_string()))
    }),
    fleet("a mount on /usr", "it is not mounted when it is needed (I-66)", |l, i| {
        data(l, i, |_| Some("/usr".to_string()))
    }),
    fleet("a mount on /etc", "it is not mounted when it is needed (I-66)", |l, i| {
        data(l, i, |_| Some("/etc".to_string()))
    }),
    fleet("a mount without a filesystem", "the installer rejects the template (I-39)", |l, i| {
        if data(l, i, |_| Some("/x".to_string())).is_some() { unset(l, i, "filesystem") } else { None }
    }),
    fleet("a mount that needs its unit", "it is not mounted at boot (I-66)", |l, i| unset(l, i, "force_unit")),
    fleet("a unit that is forced with yes", "the installer takes true alone (I-39)", |l, i| {
        set(l, i, "force_unit", |_| Some("yes".to_string()))
    }),
    // Labels and options.
    fleet("a label too long", "mkfs fails with the disk half-written (I-62)", |l, i| {
        // btrfs takes 255 characters.
        let long = l.line(i).contains("btrfs") || (1..4).any(|up| i >= up && l.line(i - up).contains("btrfs"));
        set(l, i, "label", |_| (!long).then(|| "a-label-that-is-far-too-long".to_string()))
    }),
    fleet("a label with a blank", "it becomes an argument of mkfs (I-62)", |l, i| {
        set(l, i, "label", |label| Some(format!("{label} 1")))
    }),
    fleet("a label that stands twice", "one of the two is found by it, and nobody knows which", |l, i| {
        let (first, _) = l.block(i);
        let other = (first..i).find_map(|at| in_layouts(l, at).then(|| l.value(at, "label")).flatten())?.1.to_string();
        set(l, i, "label", |_| Some(other.clone()))
    }),
    fleet("options with a quote", "the words of mkfs are split elsewhere (I-62)", |l, i| {
        set(l, i, "options", |options| Some(format!("\"{options} '\"")))
    }),
    fleet("options with a semicolon", "the words of mkfs are split elsewhere (I-62)", |l, i| {
        set(l, i, "options", |options| Some(format!("{options}; true")))
    }),
    fleet("options as a list", "the installer asks for text (1.3)", |l, i| {
        set(l, i, "options", |options| Some(format!("[{options}]")))
    }),
    // What is kept, and what is encrypted.
    fleet("data that is kept on a new table", "the table is made anew, and the data is gone (I-56)", |l, i| {
        l.drop_key(i, "keep_partition_table")
    }),
    fleet("a partition that is kept with yes", "its presence counts, not its value (1.3)", |l, i| {
        set(l, i, "keep", |_| Some("yes".to_string()))
    }),
    fleet("data that is kept on /var", "the installer fails once the disk is written (I-68)", |l, i| {
        if l.line(i).contains("keep: true") { set(l, i, "mount", |_| Some("/var".to_string())) } else { None }
    }),
    fleet("an encryption without its name", "the raw partition is mounted (I-63)", |l, i| {
        if l.path(i).last() == Some(&"encryption") { l.drop_key(i, "name") } else { None }
    }),
    fleet("an encryption without its passphrase", "the installer fails once the disk is written (I-63)", |l, i| {
        if l.path(i).last() == Some(&"encryption") { l.drop_key(i, "passphrase") } else { None }
    }),
    fleet("a volume with a slash", "it is no name below /dev/mapper (I-63)", |l, i| {
        if l.path(i).last() == Some(&"encryption") {
            l.set(i, "name", |name| Some(format!("mapper/{name}")))
        } else {
            None
        }
    }),
    fleet("an encrypted EFI partition", "the firmware cannot read it (I-63)", |l, i| {
        let line = l.line(i);
        let alone = is_efi(l, i) && line.contains('{') && !line.contains('#');
        // That its passphrase is served is another matter.
        let (new, allowed) =
            (", encryption: { name: esp, passphrase: secret words }", "fleetc: allow(served-passphrase) known");
        alone
            .then(|| Change::Line(format!("{} # {allowed}", line.replacen("type: EFI", &format!("type: EFI{new}"), 1))))
    }),
];
