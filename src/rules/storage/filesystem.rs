//! Filesystems: whether they suit their partitions, and whether what is said of them has a meaning.

use std::collections::HashMap;

use super::{is_mounted, partitions};
use crate::diag::{Sink, rule};
use crate::model::{Filesystem, Layout, PartType, Partition};
use crate::source::Span;

rule! {
    /// ## What it does
    /// A partition that is swap by its type or by its filesystem, and not by the other.
    ///
    /// ## Why it matters
    /// The system finds swap by the type of its partition alone (contract I-64). Swap on a `linux` partition may never be
    /// used; another filesystem on a `swap` partition is taken for swap at each boot.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 4G, filesystem: swap }   # <-
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 4G, type: swap }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    SWAP_BY_HALF, swap_by_half: "swap-by-half", Storage, Error;
}

rule! {
    /// ## What it does
    /// A root filesystem that cannot hold a system: `vfat`.
    ///
    /// ## Why it matters
    /// The installer does not mind (contract I-60). vfat has no owners, modes or links: the installation fails after the
    /// disk is wiped.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: vfat, mount: / }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    UNFIT_ROOT_FILESYSTEM, unfit_root_filesystem: "unfit-root-filesystem", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// A label that is longer than its filesystem can hold.
    ///
    /// ## Why it matters
    /// vfat holds 11 bytes, xfs 12, swap 15, ext 16, btrfs 255 (contract I-62). The command that makes the filesystem
    /// fails, after the partition table was written.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot, label: boot_of_node }   # <-
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot, label: boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    LABEL_TOO_LONG, label_too_long: "label-too-long", Storage, Error, fixed;
}

rule! {
    /// ## What it does
    /// Two filesystems of a layout with one label.
    ///
    /// ## Why it matters
    /// `/dev/disk/by-label` has room for one of them; which one changes from boot to boot. The example that ships with the
    /// installer has the labels of root and swap swapped (contract I-62): labels are copied, and not looked at.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: /, label: root }
    ///         - { size: rest, filesystem: ext4, mount: /data, label: root }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: /, label: root }
    ///         - { size: rest, filesystem: ext4, mount: /data, label: data }
    /// ```
    DUPLICATE_LABEL, duplicate_label: "duplicate-label", Storage, Warn;
}

rule! {
    /// ## What it does
    /// `label`, `options`, `keep` or `encryption` on a partition without filesystem, `force_unit` on one that is not
    /// mounted, `label` or `options` on one that is kept as it is.
    ///
    /// ## Why it matters
    /// The installer knows a partition without filesystem only by its size (contract I-64), and says nothing: a partition
    /// that was to be encrypted stays raw.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, label: data }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: 20G, filesystem: ext4, mount: / }
    ///         - { size: rest, filesystem: ext4, mount: /data, label: data }
    /// ```
    IDLE_PARTITION_KEY, idle_partition_key: "idle-partition-key", Storage, Error;
}

/// Filesystems that do not suit their partitions.
pub(super) fn kinds(layout: &Layout, sink: &Sink) {
    for (_, partition) in partitions(layout) {
        let Some(filesystem) = &partition.filesystem else { continue };
        let word = filesystem.word();
        match (partition.kind.value, filesystem.value) {
            (PartType::Linux, Filesystem::Swap) => {
                let finding = SWAP_BY_HALF.at(filesystem.span, "swap on a partition that is not of type `swap`");
                sink.report(finding.help("write `type: swap` in its place"));
            }
            (PartType::Swap, kind) if kind != Filesystem::Swap => {
                let finding = SWAP_BY_HALF.at(filesystem.span, format!("`{word}` on a partition of type `swap`"));
                let finding = finding.and(partition.kind.span, "the system will take it for swap");
                sink.report(finding.help("remove `type` if it is to hold files, or `filesystem` if it is to be swap"));
            }
            _ => {}
        }
        if filesystem.value == Filesystem::Vfat && is_mounted(partition, "/") {
            let finding =
                UNFIT_ROOT_FILESYSTEM.at(filesystem.span, format!("a system cannot be installed on `{word}`"));
            sink.report(finding.help("`filesystem: ext4`"));
        }
    }
}

/// Labels that are too long, and labels that are there twice.
pub(super) fn labels(layout: &Layout, sink: &Sink) {
    let mut first: HashMap<&str, Span> = HashMap::new();
    for (_, partition) in partitions(layout) {
        let (Some(label), Some(filesystem)) = (&partition.label, &partition.filesystem) else { continue };
        let (text, most) = (&*label.value.0, filesystem.longest_label());
        if text.len() > most {
            let message =
                format!("the label `{text}` has {} characters, and `{}` holds {most}", text.len(), filesystem.word());
            let finding = LABEL_TOO_LONG.at(label.span, message).and(filesystem.span, "this filesystem");
            sink.report(finding.help(format!("`{}` would do", text[..most].trim_end_matches(['-', '_']))));
        }
        if let Some(first) = first.insert(text, label.span) {
            let message = format!("two filesystems of layout `{}` have the label `{text}`", layout.name.as_str());
            let finding = DUPLICATE_LABEL.at(label.span, message).label("again here").and(first, "first here");
            sink.report(finding.help("give each its own"));
        }
    }
}

/// What is said of a filesystem that is not made.
pub(super) fn settings(layout: &Layout, sink: &Sink) {
    for (_, partition) in partitions(layout) {
        let idle = |key: &str, span: Span, why: &str, help: &str| {
            sink.report(IDLE_PARTITION_KEY.at(span, format!("`{key}` does nothing on a partition {why}")).help(help));
        };
        let makes = [
            ("label", partition.label.as_ref().map(|label| label.span)),
            ("options", partition.options.as_ref().map(|options| options.span)),
        ];
        let makes = makes.into_iter().filter_map(|(key, span)| Some((key, span?)));
        if partition.filesystem.is_none() {
            // That there is none is reported where it is needed.
            if partition.mount.is_some() || partition.kind.value == PartType::Efi {
                continue;
            }
            let more = [
                ("keep", kept(partition)),
                ("encryption", partition.encryption.as_ref().map(|encryption| encryption.name.span)),
            ];
            let more = more.into_iter().filter_map(|(key, span)| Some((key, span?)));
            for (key, span) in makes.chain(more) {
                idle(key, span, "without filesystem", "add `filesystem`, or remove the key");
            }
        } else if partition.is_kept() && !is_mounted(partition, "/") {
            for (key, span) in makes {
                idle(key, span, "that is kept as it is", "remove it: the filesystem is not made anew");
            }
        }
        if let Some(force) = partition.force_unit.filter(|force| force.value && partition.mount.is_none()) {
            idle("force_unit", force.span, "that is not mounted", "add `mount`, or remove the key");
        }
    }
}

fn kept(partition: &Partition) -> Option<Span> {
    partition.keep.filter(|keep| keep.value).map(|keep| keep.span)
}
