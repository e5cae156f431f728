//! The disks of a template as a layout.

use super::super::value::{Entry, Value};
use super::object::Object;
use super::partitions::{LISTS, Partition, partitions};
use crate::model::{DiskName, Filesystem, FromText, PartSize, PartType};
use crate::rules::import;
use crate::source::{Span, Spanned};

/// The most partitions of a disk that the installer numbers right (contract I-50).
const MOST: u32 = 9;

/// What else a template says of disks.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// It is for an image file.
    pub(super) image: bool,
    /// Machines boot by BIOS.
    pub(super) bios: bool,
    /// The partition table stays.
    pub(super) keeps: bool,
}

/// The layout that a template describes, with every disk by the name that it has in machines. `disk` is put in the
/// place of the one disk of the template.
pub(super) fn layout(template: &Object<'_>, disk: Option<&DiskName>, kind: Kind) -> Option<Value> {
    let all = partitions(template);
    whole(template, &all, kind.image || kind.bios);
    let mut disks: Vec<Spanned<&str>> = Vec::new();
    for partition in &all {
        if disks.iter().all(|known| known.value != partition.id.disk.value) {
            disks.push(partition.id.disk);
        }
    }
    if let (Some(disk), [_, second, ..]) = (disk, disks.as_slice()) {
        let message = format!("`--disk {}` names one disk, and this template has several", disk.as_str());
        template.fault(second.span, message, "name the disks in the template");
        return None;
    }
    let entries: Option<Vec<Value>> = disks
        .iter()
        .map(|name| {
            let mut own: Vec<&Partition<'_>> =
                all.iter().filter(|partition| partition.id.disk.value == name.value).collect();
            own.sort_by_key(|partition| partition.id.number.value);
            numbered(template, name, &own);
            let partitions: Option<Vec<Value>> = own.iter().map(|partition| entry(template, partition)).collect();
            let disk = match disk {
                Some(disk) => disk.as_str(),
                None => kernel_name(template, name, kind.image)?,
            };
            let disk = Entry::new("disk", Value::text(disk));
            let disk = if kind.keeps { disk } else { disk.behind("everything on it is erased") };
            Some(Value::Map(vec![disk, Entry::new("partitions", Value::List(partitions?))]))
        })
        .collect();
    entries.filter(|entries| !entries.is_empty()).map(Value::List)
}

/// The name of a disk, as the kernel knows it; that of an image file is none.
fn kernel_name<'n>(template: &Object<'_>, name: &Spanned<&'n str>, image: bool) -> Option<&'n str> {
    match DiskName::from_text(name.value) {
        Ok(_) => Some(name.value),
        Err(fault) => {
            let fault = match image {
                true => fault.help("it is an image file; `--disk sda` puts what is in it onto that disk of machines"),
                false => fault,
            };
            template.sink.report(fault.at(name.span));
            None
        }
    }
}

/// What the installer asks of all partitions together (contract I-33, I-35, I-38, I-39).
fn whole(template: &Object<'_>, all: &[Partition<'_>], no_efi: bool) {
    let mut efi = all.iter().filter_map(|partition| partition.kind.as_ref()).filter(|kind| kind.value == PartType::Efi);
    let first = efi.next();
    if let (Some(first), Some(second)) = (first, efi.next()) {
        let message = "a second EFI partition, and the installer stops: it takes one, on whichever disk";
        let second = import::malformed_template().at(second.span, message).and(first.span, "the first");
        template.sink.report(second.help("make it `linux`"));
    }
    // An entry that could not be read may have been the one that is missed.
    let missed = !all.is_empty() && !template.sink.has_errors();
    if missed && first.is_none() && !no_efi {
        let help = "add one, or write `\"LegacyBios\": true` for machines that boot by BIOS";
        template.fault(template.key(LISTS[0]), "no partition is of type `EFI`, and the installer stops", help);
    }
    let mounted = |path: &str| {
        let at = |partition: &&Partition<'_>| {
            let place = partition.mount.as_ref().and_then(|mount| mount.path.as_ref());
            place.is_some_and(|place| place.as_str() == path)
        };
        all.iter().find(at)
    };
    let missing = |path: &str| {
        let message = format!("nothing is mounted at `{path}`, and the installer stops");
        template.fault(template.key(LISTS[2]), message, "mount a partition there");
    };
    if missed && !no_efi && mounted("/boot").is_none() {
        missing("/boot");
    }
    match mounted("/") {
        Some(root) => {
            let keep = root.filesystem.as_ref().and_then(|files| files.keep);
            if let Some(keep) = keep {
                let message = "the root filesystem is not formatted, so the system is installed over what is there";
                template.fault(keep, message, "take `disable_format` out");
            }
        }
        None if missed => missing("/"),
        None => {}
    }
}

/// The numbers of a disk's partitions: from 1, without gaps, and what is left of the disk is the last.
fn numbered(template: &Object<'_>, disk: &Spanned<&str>, own: &[&Partition<'_>]) {
    for (index, partition) in own.iter().enumerate() {
        let (number, expected) = (&partition.id.number, index as u32 + 1);
        if number.value != expected {
            // contract I-51
            let message = format!("`{}` has a partition {} and no partition {expected}", disk.value, number.value);
            template.fault(number.span, message, "number them from 1, without gaps: the installer makes them so");
            return;
        }
        if expected == MOST + 1 {
            let message =
                format!("`{}` has more than {MOST} partitions, and the installer mixes up their numbers", disk.value);
            template.fault(number.span, message, format!("{MOST} at most"));
            return;
        }
        let last = index + 1 == own.len();
        if let Some(size) = partition.size.as_ref().filter(|size| size.value == PartSize::Rest && !last) {
            // contract I-36
            template.fault(size.span, "`rest` is not the last partition of its disk", "give it a size");
        }
    }
}

/// A partition as the fleet file has it.
fn entry(template: &Object<'_>, partition: &Partition<'_>) -> Option<Value> {
    let (size, kind) = (partition.size.as_ref()?, partition.kind.as_ref()?.value);
    let mut keys = vec![Entry::new("size", Value::word(size.as_str()))];
    let mut put = |key: &str, value: Value| keys.push(Entry::new(key, value));
    if kind != PartType::Linux {
        put("type", Value::word(kind.word()));
    }
    match &partition.filesystem {
        Some(files) => {
            let filesystem = files.kind.as_ref()?.value;
            if (kind, filesystem) != (PartType::Swap, Filesystem::Swap) {
                put("filesystem", Value::word(filesystem.word()));
            }
        }
        None if kind == PartType::Swap => swap_without_filesystem(template, partition.id.entry),
        None => {}
    }
    if let Some(mount) = &partition.mount {
        put("mount", Value::text(mount.path.as_ref()?.as_str()));
        if mount.forced {
            put("force_unit", Value::word(true));
        }
    }
    if let Some(files) = &partition.filesystem {
        files.label.iter().for_each(|label| put("label", Value::text(&*label.value.0)));
        files.options.iter().for_each(|options| put("options", Value::text(&*options.value.0)));
        files.keep.iter().for_each(|_| put("keep", Value::word(true)));
        if let Some((name, passphrase)) = &files.volume {
            let keys = [("name", &*name.value.0), ("passphrase", &*passphrase.value.0)];
            let keys = keys.map(|(key, text)| Entry::new(key, Value::text(text)));
            put("encryption", Value::Braces(keys.to_vec()));
        }
    }
    Some(Value::Braces(keys))
}

fn swap_without_filesystem(template: &Object<'_>, entry: Span) {
    let start = Span { end: entry.start + 1, ..entry };
    let message = "nothing made swap space of this partition; in the fleet file, its type does";
    template.leave(start, message, "if it is to stay raw, make it of type `linux`");
}
