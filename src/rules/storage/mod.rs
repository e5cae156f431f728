//! Layouts: what the installer would make of the disks. A layout is judged by itself, and again with the settings of the
//! machines that are installed with it.

pub(super) mod boot;
pub(super) mod disk;
pub(super) mod encryption;
pub(super) mod filesystem;
pub(super) mod keep;
pub(super) mod mount;
pub(super) mod size;
pub(super) mod unit;

use super::setup::Setup;
use crate::diag::Sink;
use crate::model::{Disk, Fleet, Layout, PartSize, Partition, Value};
use crate::source::Spanned;

/// What can be said of a layout alone.
const ALONE: &[fn(&Layout, &Sink)] = &[
    boot::efi,
    disk::names,
    encryption::places,
    encryption::volumes,
    filesystem::kinds,
    filesystem::labels,
    filesystem::settings,
    keep::places,
    mount::places,
    mount::root,
    mount::twice,
    size::fit,
    size::free,
    size::numbers,
    size::small,
    unit::homes,
    unit::mounts,
    unit::swap,
];

/// Every layout; after a fault that was reported, only those that are whole.
pub(super) fn layouts(fleet: &Fleet, sink: &Sink) {
    for layout in fleet.layouts.iter().filter(|layout| layout.whole) {
        for check in ALONE {
            check(layout, sink);
        }
    }
}

/// Every layout with the settings of the machines that are installed with it.
pub(super) fn installed(fleet: &Fleet, sink: &Sink) {
    let setups = Setup::all(fleet);
    let layout = |setup: &Setup<'_>| setup.settings.layout.get().map(|layout| layout.value);
    let flag = |value: &Value<bool>| (value.is_unset(), value.get().map(|flag| (flag.value, flag.span)));
    let flags = |setup: &Setup<'_>| {
        let settings = setup.settings;
        Some((layout(setup)?, flag(&settings.legacy_bios), flag(&settings.keep_partition_table)))
    };
    for setup in Setup::distinct(&setups, flags) {
        let Some(layout) = setup.layout() else { continue };
        boot::firmware(layout, setup, sink);
        keep::table(layout, setup, sink);
    }
    let encrypts = |layout: &Layout| partitions(layout).any(|(_, partition)| partition.encryption.is_some());
    let encrypted: Vec<bool> = fleet.layouts.iter().map(encrypts).collect();
    let what_opens = |setup: &Setup<'_>| {
        let layout = layout(setup).filter(|layout| encrypted[layout.0 as usize])?;
        Some((layout, setup.settings.cmdline.is_unset(), setup.post_hooks(), setup.software()))
    };
    for setup in Setup::distinct(&setups, what_opens) {
        let Some(layout) = setup.layout() else { continue };
        encryption::opened(layout, setup, sink);
        encryption::root(layout, setup, sink);
    }
}

/// Every partition of a layout, with its disk.
fn partitions(layout: &Layout) -> impl Iterator<Item = (&Disk, &Partition)> {
    layout.disks.iter().flat_map(|disk| disk.partitions.iter().map(move |partition| (disk, partition)))
}

/// The partition that is mounted at a path.
fn mounted<'l>(layout: &'l Layout, path: &str) -> Option<(&'l Disk, &'l Partition)> {
    partitions(layout).find(|(_, partition)| is_mounted(partition, path))
}

fn is_mounted(partition: &Partition, path: &str) -> bool {
    partition.mount.as_ref().is_some_and(|mount| mount.as_str() == path)
}

/// A fixed size in MiB; none for `rest`.
fn mib(size: &Spanned<PartSize>) -> Option<u64> {
    match &size.value {
        PartSize::Fixed(size) => Some(size.mib()),
        PartSize::Rest => None,
    }
}

/// Whether a path is a folder or lies below it.
fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
