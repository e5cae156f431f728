//! The kernel command line as a whole.

use crate::diag::{Sink, rule};
use crate::emit::{KERNEL_LINE_LIMIT, kernel_line_length};
use crate::model::{Fleet, Host, Release};
use crate::source::Span;

rule! {
    /// ## What it does
    /// Boot arguments, URLs and names that together make a kernel command line longer than 2047 characters.
    ///
    /// ## Why it matters
    /// iPXE cuts the line there, in silence (contract X-8): the last arguments are lost, or the last one becomes another. A
    /// line that lost the name of its configuration makes the installer wipe `sda` (I-3).
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     boot_args:
    ///       - pci=resource_alignment=20@0000:01:00.0;20@0000:01:01.0;20@0000:01:02.0;20@0000:01:03.0
    ///       - pci=resource_alignment=20@0000:02:00.0;20@0000:02:01.0;20@0000:02:02.0;20@0000:02:03.0
    ///       - pci=resource_alignment=20@0000:03:00.0;20@0000:03:01.0;20@0000:03:02.0;20@0000:03:03.0
    ///       - pci=resource_alignment=20@0000:04:00.0;20@0000:04:01.0;20@0000:04:02.0;20@0000:04:03.0
    ///       - pci=resource_alignment=20@0000:05:00.0;20@0000:05:01.0;20@0000:05:02.0;20@0000:05:03.0
    ///       - pci=resource_alignment=20@0000:06:00.0;20@0000:06:01.0;20@0000:06:02.0;20@0000:06:03.0
    ///       - pci=resource_alignment=20@0000:07:00.0;20@0000:07:01.0;20@0000:07:02.0;20@0000:07:03.0
    ///       - pci=resource_alignment=20@0000:08:00.0;20@0000:08:01.0;20@0000:08:02.0;20@0000:08:03.0
    ///       - pci=resource_alignment=20@0000:09:00.0;20@0000:09:01.0;20@0000:09:02.0;20@0000:09:03.0
    ///       - pci=resource_alignment=20@0000:0a:00.0;20@0000:0a:01.0;20@0000:0a:02.0;20@0000:0a:03.0
    ///       - pci=resource_alignment=20@0000:0b:00.0;20@0000:0b:01.0;20@0000:0b:02.0;20@0000:0b:03.0
    ///       - pci=resource_alignment=20@0000:0c:00.0;20@0000:0c:01.0;20@0000:0c:02.0;20@0000:0c:03.0
    ///       - pci=resource_alignment=20@0000:0d:00.0;20@0000:0d:01.0;20@0000:0d:02.0;20@0000:0d:03.0
    ///       - pci=resource_alignment=20@0000:0e:00.0;20@0000:0e:01.0;20@0000:0e:02.0;20@0000:0e:03.0
    ///       - pci=resource_alignment=20@0000:0f:00.0;20@0000:0f:01.0;20@0000:0f:02.0;20@0000:0f:03.0
    ///       - pci=resource_alignment=20@0000:10:00.0;20@0000:10:01.0;20@0000:10:02.0;20@0000:10:03.0
    ///       - pci=resource_alignment=20@0000:11:00.0;20@0000:11:01.0;20@0000:11:02.0;20@0000:11:03.0
    ///       - pci=resource_alignment=20@0000:12:00.0;20@0000:12:01.0;20@0000:12:02.0;20@0000:12:03.0
    ///       - pci=resource_alignment=20@0000:13:00.0;20@0000:13:01.0;20@0000:13:02.0;20@0000:13:03.0
    ///       - pci=resource_alignment=20@0000:14:00.0;20@0000:14:01.0;20@0000:14:02.0;20@0000:14:03.0
    ///       - pci=resource_alignment=20@0000:15:00.0;20@0000:15:01.0;20@0000:15:02.0;20@0000:15:03.0
    ///       - pci=resource_alignment=20@0000:16:00.0;20@0000:16:01.0;20@0000:16:02.0;20@0000:16:03.0
    ///       - pci=resource_alignment=20@0000:17:00.0;20@0000:17:01.0;20@0000:17:02.0;20@0000:17:03.0   # <-
    ///     installer: { kind: ister, version: 69 }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     boot_args:
    ///       - pci=resource_alignment=20@0000:01:00.0;20@0000:01:01.0;20@0000:01:02.0;20@0000:01:03.0
    ///     installer: { kind: ister, version: 69 }
    /// ```
    LONG_KERNEL_LINE, long_kernel_line: "long-kernel-line", Ipxe, Error, fixed;
}

/// What a kernel command line is made of for machines that are not listed (see `emit`); no host's is known to be longer.
fn unlisted(fleet: &Fleet, release: &Release) -> usize {
    let conf = fleet.server.url.join(&format!("{}/static/ister/ister.conf", fleet.server.service.0));
    let arguments: usize = release.boot_args.iter().map(|argument| 1 + argument.as_str().len()).sum();
    "initrd=initrd isterconf=".len() + conf.len() + arguments
}

/// The longest line of each release: that of the machine with the longest name.
pub(in crate::rules) fn lengths(fleet: &Fleet, sink: &Sink) {
    let mut longest: Vec<Option<&Host>> = vec![None; fleet.releases.len()];
    for host in fleet.hosts.iter().filter(|host| host.installs()) {
        let Some(release) = host.settings.release.get() else { continue };
        let known = &mut longest[release.value.0 as usize];
        if known.is_none_or(|known| known.name.as_str().len() < host.name.as_str().len()) {
            *known = Some(host);
        }
    }
    let unknown = fleet.unknown_role().and_then(|role| fleet.role(role.value).settings.release.get());
    for (index, (release, host)) in fleet.releases.iter().zip(longest).enumerate() {
        let of_host = host.and_then(|host| Some((kernel_line_length(fleet, host)?, host.name.span)));
        let of_unknown = unknown
            .filter(|unknown| unknown.value.0 as usize == index)
            .map(|unknown| (unlisted(fleet, release), unknown.span));
        let Some((length, machine)) = of_host.or(of_unknown) else { continue };
        if length > KERNEL_LINE_LIMIT {
            let message =
                format!("the kernel command line has {length} characters, and iPXE cuts it at {KERNEL_LINE_LIMIT}");
            let finding = LONG_KERNEL_LINE.at(end(release, length).unwrap_or(fleet.server.url.span), message);
            let finding =
                finding.label("the line passes the limit here").and(machine, "the machine with the longest line");
            sink.report(finding.help("fewer or shorter arguments"));
        }
    }
}

/// The argument at which a line of this length passes the limit.
fn end(release: &Release, length: usize) -> Option<Span> {
    let mut before = length;
    let mut place = None;
    for argument in release.boot_args.iter().rev() {
        if before <= KERNEL_LINE_LIMIT {
            break;
        }
        before -= 1 + argument.as_str().len();
        place = Some(argument.span);
    }
    place
}
