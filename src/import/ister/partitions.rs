//! The three lists of a template that speak of partitions, each entry with the partition that it means.

use super::json::{Kind, Node};
use super::object::Object;
use crate::model::{Filesystem, FsLabel, MkfsOptions, MountPoint, PartSize, PartType, Passphrase, VolumeName};
use crate::rules::import;
use crate::source::{Span, Spanned};
use crate::yaml;

/// The names of the lists.
pub(super) const LISTS: [&str; 3] = ["PartitionLayout", "FilesystemTypes", "PartitionMountPoints"];

/// More partitions than any machine has; the installer takes 128 on each disk (contract I-34).
const MOST: usize = 1024;

/// What all three lists say of a partition.
pub(super) struct Partition<'n> {
    pub(super) id: Id<'n>,
    pub(super) size: Option<Spanned<PartSize>>,
    pub(super) kind: Option<Spanned<PartType>>,
    pub(super) filesystem: Option<Files>,
    pub(super) mount: Option<Mount>,
}

/// Which partition an entry means.
#[derive(Clone)]
pub(super) struct Id<'n> {
    pub(super) disk: Spanned<&'n str>,
    pub(super) number: Spanned<u32>,
    /// Whether the number is written as a text.
    text: bool,
    /// Where the entry stands.
    pub(super) entry: Span,
}

/// The filesystem of a partition.
pub(super) struct Files {
    entry: Span,
    pub(super) kind: Option<Spanned<Filesystem>>,
    pub(super) options: Option<Spanned<MkfsOptions>>,
    pub(super) label: Option<Spanned<FsLabel>>,
    /// Where it is said that it is kept as it is.
    pub(super) keep: Option<Span>,
    /// Whether it is said to be encrypted; how is missing where it could not be read.
    encrypted: bool,
    pub(super) volume: Option<(Spanned<VolumeName>, Spanned<Passphrase>)>,
}

/// Where a partition is mounted.
pub(super) struct Mount {
    entry: Span,
    pub(super) path: Option<Spanned<MountPoint>>,
    pub(super) forced: bool,
    encrypted: bool,
    volume: Option<Spanned<VolumeName>>,
}

/// The partitions of a template, in the order of `PartitionLayout`.
pub(super) fn partitions<'n>(template: &Object<'n>) -> Vec<Partition<'n>> {
    for list in LISTS {
        template.need(list);
    }
    let layout = template.list(LISTS[0]);
    if layout.len() > MOST {
        let message = format!("`{}` has {} partitions: no machine has so many", LISTS[0], layout.len());
        template.fault(template.key(LISTS[0]), message, format!("{MOST} at most, on all disks together"));
        return Vec::new();
    }
    let mut all = Vec::new();
    for node in layout {
        layout_entry(template, node, &mut all);
    }
    for node in template.list(LISTS[1]) {
        filesystem_entry(template, node, &mut all);
    }
    for node in template.list(LISTS[2]) {
        mount_entry(template, node, &mut all);
    }
    for partition in &all {
        halves(template, partition);
    }
    all
}

fn id<'n>(entry: &Object<'n>) -> Option<Id<'n>> {
    let (disk, number) = (entry.need("disk"), entry.need("partition"));
    disk?;
    let (disk, number) = (entry.text("disk")?, number?);
    let (digits, text) = match &number.kind {
        Kind::Number(digits) => (*digits, false),
        Kind::Text(digits) => (digits.as_str(), true),
        _ => {
            entry.wrong("partition", number, "a number");
            return None;
        }
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    match digits.parse::<u32>().ok().filter(|_| plain) {
        Some(count) => Some(Id { disk, number: Spanned::new(count, number.place), text, entry: entry.place }),
        None => {
            entry.fault(number.place, format!("`{digits}` is no number of a partition"), "a whole number from 1");
            None
        }
    }
}

fn layout_entry<'n>(template: &Object<'n>, node: &'n Node<'n>, all: &mut Vec<Partition<'n>>) {
    let keys = ["disk", "partition", "size", "type"];
    let Some(entry) = Object::of(node, "this entry of `PartitionLayout`", &keys, template.sink) else { return };
    let (size, kind) = (entry.needed("size"), entry.needed("type"));
    let Some(id) = id(&entry) else { return };
    if let Some(first) = all.iter().find(|first| same(&first.id, &id)) {
        // contract I-34
        twice(template, &id, first.id.entry, "the layout has");
        return;
    }
    all.push(Partition { id, size, kind, filesystem: None, mount: None });
}

fn filesystem_entry<'n>(template: &Object<'n>, node: &'n Node<'n>, all: &mut [Partition<'n>]) {
    let keys = ["disk", "partition", "type", "options", "label", "disable_format", "encryption"];
    let Some(entry) = Object::of(node, "this entry of `FilesystemTypes`", &keys, template.sink) else { return };
    let files = Files {
        entry: node.place,
        kind: entry.needed("type"),
        options: entry.typed("options"),
        label: entry.typed("label"),
        keep: keep(&entry),
        encrypted: entry.get("encryption").is_some(),
        volume: entry.get("encryption").and_then(|volume| {
            let volume = Object::of(volume, "this `encryption`", &["name", "passphrase"], template.sink)?;
            let (name, passphrase) = (volume.needed("name"), volume.needed("passphrase"));
            Some((name?, passphrase?))
        }),
    };
    let Some(id) = id(&entry) else { return };
    // contract I-37
    let Some(partition) = of(template, &id, all) else { return };
    match &partition.filesystem {
        Some(first) => twice(template, &id, first.entry, "`FilesystemTypes` has"),
        None => partition.filesystem = Some(files),
    }
}

/// Where it is said that a filesystem is kept: the key's presence counts, whatever its value.
fn keep(entry: &Object<'_>) -> Option<Span> {
    let node = entry.get("disable_format")?;
    if !node.is_truthy() {
        let message = "this filesystem is kept as it is: that `disable_format` is there counts, and not its value";
        entry.leave(node.place, message, "take the key out if it is to be made anew");
    }
    Some(entry.key("disable_format"))
}

fn mount_entry<'n>(template: &Object<'n>, node: &'n Node<'n>, all: &mut [Partition<'n>]) {
    let keys = ["disk", "partition", "mount", "forcemu", "encryption"];
    let Some(entry) = Object::of(node, "this entry of `PartitionMountPoints`", &keys, template.sink) else { return };
    let path: Option<Spanned<MountPoint>> = entry.needed("mount");
    let mount = Mount {
        entry: node.place,
        forced: entry.truth("forcemu").unwrap_or(false),
        encrypted: entry.get("encryption").is_some(),
        volume: entry.get("encryption").and_then(|volume| {
            let volume = Object::of(volume, "this `encryption`", &["name"], template.sink)?;
            volume.needed("name")
        }),
        path,
    };
    let Some(id) = id(&entry) else { return };
    // contract I-39
    let mut there = all.iter().filter_map(|partition| partition.mount.as_ref()?.path.as_ref());
    let taken = mount.path.as_ref().and_then(|path| {
        let first = there.find(|first| first.value == path.value)?;
        Some((path, first.span))
    });
    if let Some((path, first)) = taken {
        let message = format!("two partitions are mounted at `{}`, and the installer stops", path.as_str());
        let twice = import::malformed_template().at(path.span, message).and(first, "first here");
        template.sink.report(twice.help("mount one of them elsewhere"));
    }
    let Some(partition) = of(template, &id, all) else { return };
    if partition.filesystem.is_none() {
        let message = "what is mounted here has no entry in `FilesystemTypes`, and the installer stops";
        template.fault(id.entry, message, "add one that says which filesystem it has");
    }
    match &partition.mount {
        Some(first) => twice(template, &id, first.entry, "`PartitionMountPoints` has"),
        None => partition.mount = Some(mount),
    }
}

fn same(a: &Id<'_>, b: &Id<'_>) -> bool {
    (a.disk.value, a.number.value) == (b.disk.value, b.number.value)
}

/// The partition that an entry means. One that is not there, or has its number in another form, is reported.
fn of<'p, 'n>(template: &Object<'n>, id: &Id<'n>, all: &'p mut [Partition<'n>]) -> Option<&'p mut Partition<'n>> {
    let (disk, number) = (id.disk.value, id.number.value);
    let Some(partition) = all.iter_mut().find(|partition| same(&partition.id, id)) else {
        let message = format!("`PartitionLayout` has no partition {number} of `{disk}`, and the installer stops");
        template.fault(id.entry, message, "add the partition, or take this entry out");
        return None;
    };
    if partition.id.text != id.text {
        // contract I-59
        let message = format!("partition {number} of `{disk}` is a text in one list and a number in another");
        let mixed = import::malformed_template().at(id.number.span, message).and(partition.id.number.span, "here");
        let help = "write it as a number: the installer compares the two, and fails once the disk is written";
        template.sink.report(mixed.help(help));
    }
    Some(partition)
}

fn twice(template: &Object<'_>, id: &Id<'_>, first: Span, who: &str) {
    let message = format!("{who} partition {} of `{}` twice", id.number.value, id.disk.value);
    let start = Span { end: first.start + 1, ..first };
    let twice = yaml::rules::duplicate_key().at(id.number.span, message).and(start, "first here");
    template.sink.report(twice.help("take one of the two out"));
}

/// Both halves of an encryption, or none: one alone mounts the raw partition (contract I-63).
fn halves(template: &Object<'_>, partition: &Partition<'_>) {
    let (Some(files), Some(mount)) = (&partition.filesystem, &partition.mount) else { return };
    let message = match (files.encrypted, mount.encrypted) {
        (false, false) => return,
        (true, true) => {
            if let (Some((made, _)), Some(opened)) = (&files.volume, &mount.volume)
                && made.value != opened.value
            {
                let message = format!("the volume is made as `{}` and mounted as `{}`", made.value.0, opened.value.0);
                let other = import::malformed_template().at(opened.span, message).and(made.span, "here");
                template.sink.report(other.help("give it one name in both lists"));
            }
            return;
        }
        (true, false) => "this partition is encrypted, and mounted as if it were not",
        (false, true) => "this partition is mounted as an encrypted one, and is none",
    };
    template.fault(mount.entry, message, "`encryption` has to stand in `FilesystemTypes` and `PartitionMountPoints`");
}
