//! Layouts: disks and their partitions, numbered as they stand.

use super::Scope;
use super::faults::EMPTY_LIST;
use crate::diag::{Reported, Sink};
use crate::draft::{DiskDraft, EncryptionDraft, Items, PartitionDraft};
use crate::model::{
    Disk, DiskName, Encryption, Filesystem, FromText, Layout, Name, PartSize, PartType, Partition, Passphrase,
    VolumeName,
};
use crate::source::Spanned;
use crate::yaml::{Entry, Field};

pub(super) fn layout(entry: Entry<'_, Field<Items<DiskDraft<'_>>>>, scope: &Scope<'_>) -> Result<Layout, Reported> {
    let sink = scope.sink;
    let name = sink.take(Name::from_text(entry.key.value), entry.key.span);
    let drafts = entry.value.require(entry.key.value, "`layouts`", entry.key.span, sink)?;
    if drafts.value.is_empty() {
        let fault = EMPTY_LIST.at(drafts.span, format!("layout `{}` has no disk", entry.key.value));
        return Err(sink.report(fault.help("list the disks to install onto, or remove the layout")));
    }
    let (drafts, span) = (drafts.value, drafts.span);
    let count = drafts.len();
    let disks: Vec<Disk> = drafts.into_iter().filter_map(|draft| disk(draft, sink)).collect();
    // A key that nobody knows may have been meant for one that is missed now.
    let whole = disks.len() == count && disks.iter().all(|disk| disk.whole) && !sink.has_inside(span);
    Ok(Layout { name: name?, disks, whole })
}

fn disk(field: Field<DiskDraft<'_>>, sink: &Sink) -> Option<Disk> {
    let draft = field.optional()?;
    let name = draft.value.disk.require("disk", "this disk", draft.span, sink);
    let name = name.and_then(|written| sink.take(DiskName::from_text(written.text), written.span));
    let size = draft.value.size.read(sink);
    let drafts = draft.value.partitions.require("partitions", "this disk", draft.span, sink);
    if let Some(empty) = drafts.as_ref().ok().filter(|drafts| drafts.value.is_empty()) {
        let fault = EMPTY_LIST.at(empty.span, "this disk has no partition");
        sink.report(fault.help("list its partitions, or leave the disk out: what is not listed is left alone"));
    }
    let drafts = drafts.map(|drafts| drafts.value).unwrap_or_default();
    let count = drafts.len();
    let numbered = drafts.into_iter().enumerate();
    let partitions: Vec<Partition> =
        numbered.filter_map(|(index, draft)| partition(index as u32 + 1, draft, sink)).collect();
    let whole =
        size.is_ok() && count > 0 && partitions.len() == count && partitions.iter().all(|partition| partition.whole);
    Some(Disk { name: name.ok()?, size: size.ok().flatten(), partitions, whole })
}

fn partition(number: u32, field: Field<PartitionDraft<'_>>, sink: &Sink) -> Option<Partition> {
    let draft = field.optional()?;
    let span = draft.span;
    let draft = draft.value;
    let mut whole = true;
    let mut part = |failed: bool| whole &= !failed;

    let kind = draft.kind.read(sink);
    part(kind.is_err());
    let filesystem = draft.filesystem.read(sink);
    part(filesystem.is_err());
    let mount = draft.mount.read(sink);
    part(mount.is_err());
    let label = draft.label.read(sink);
    part(label.is_err());
    let options = draft.options.read(sink);
    part(options.is_err());
    let force_unit = draft.force_unit.read(sink);
    part(force_unit.is_err());
    let keep = draft.keep.read(sink);
    part(keep.is_err());
    let encryption = encryption(draft.encryption, sink);
    part(encryption.is_err());
    let size = draft.size.require("size", "this partition", span, sink);
    let size = size.and_then(|written| sink.take(PartSize::from_text(written.text), written.span));

    let kind = kind.ok().flatten().unwrap_or(Spanned::new(PartType::Linux, span));
    let mut filesystem = filesystem.ok().flatten();
    if filesystem.is_none() && whole && kind.value == PartType::Swap {
        filesystem = Some(Spanned::new(Filesystem::Swap, kind.span));
    }
    Some(Partition {
        number,
        size: size.ok()?,
        kind,
        filesystem,
        mount: mount.ok().flatten(),
        label: label.ok().flatten(),
        options: options.ok().flatten(),
        force_unit: force_unit.ok().flatten(),
        keep: keep.ok().flatten(),
        encryption: encryption.ok().flatten(),
        span,
        whole,
    })
}

fn encryption(field: Field<EncryptionDraft<'_>>, sink: &Sink) -> Result<Option<Spanned<Encryption>>, Reported> {
    let draft = match field {
        Field::Absent => return Ok(None),
        Field::Faulty(reported) => return Err(reported),
        Field::Set(draft) => draft,
    };
    let name = draft.value.name.require("name", "`encryption`", draft.span, sink);
    let name = name.and_then(|written| sink.take(VolumeName::from_text(written.text), written.span));
    let passphrase = draft.value.passphrase.require("passphrase", "`encryption`", draft.span, sink);
    let passphrase = passphrase.and_then(|written| sink.take(Passphrase::from_text(written.text), written.span));
    Ok(Some(Spanned::new(Encryption { name: name?, passphrase: passphrase? }, draft.span)))
}
