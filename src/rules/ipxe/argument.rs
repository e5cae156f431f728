//! The installer's kernel arguments.

use std::collections::HashMap;

use crate::diag::{Sink, rule};
use crate::model::{BootArg, Fleet, InstallerKind, Release};
use crate::source::{Span, Spanned};

rule! {
    /// ## What it does
    /// The boot argument `ister.exit`.
    ///
    /// ## Why it matters
    /// The installer stops as soon as it reads it (contract I-10): nothing is installed, and the machine stays where it is.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     boot_args:
    ///       - quiet
    ///       - ister.exit   # <-
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
    ///       - quiet
    ///     installer: { kind: ister, version: 69 }
    /// ```
    INSTALLER_EXITS, installer_exits: "installer-exits", Ipxe, Error, fixed;
}

rule! {
    /// ## What it does
    /// The boot argument `ister.root_ssh`.
    ///
    /// ## Why it matters
    /// While a machine is installed, anyone who reaches it becomes root over SSH, without a password (contract I-10), and
    /// reads all that the installer does.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     boot_args:
    ///       - quiet
    ///       - ister.root_ssh   # <-
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
    ///       - quiet
    ///     installer: { kind: ister, version: 69 }
    /// ```
    OPEN_INSTALLER, open_installer: "open-installer", Ipxe, Warn;
}

rule! {
    /// ## What it does
    /// A boot argument that stands twice in a list.
    ///
    /// ## Why it matters
    /// One of the two was probably meant to be another. `console=tty0` and `console=ttyS0` are two arguments.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     boot_args:
    ///       - quiet
    ///       - rw
    ///       - quiet   # <-
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
    ///       - quiet
    ///       - rw
    ///     installer: { kind: ister, version: 69 }
    /// ```
    DUPLICATE_BOOT_ARGUMENT, duplicate_boot_argument: "duplicate-boot-argument", Ipxe, Warn;
}

rule! {
    /// ## What it does
    /// A boot argument `init=`, or a `rdinit=` that starts something else than systemd.
    ///
    /// ## Why it matters
    /// The installer's system is its initrd. There the kernel heeds `rdinit=` alone, and without it starts systemd, which
    /// starts the installer (contract N-8): `init=` does nothing, and a `rdinit=` of one's own keeps the installer from
    /// being started.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     boot_args:
    ///       - quiet
    ///       - init=/usr/lib/systemd/systemd-bootchart   # <-
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
    ///       - quiet
    ///     installer: { kind: ister, version: 69 }
    /// ```
    INIT_ARGUMENT, init_argument: "init-argument", Ipxe, Warn;
}

/// Every release's boot arguments.
pub(in crate::rules) fn arguments(fleet: &Fleet, sink: &Sink) {
    for release in &fleet.releases {
        let mut first: HashMap<&str, Span> = HashMap::new();
        for argument in &release.boot_args {
            let text = argument.as_str();
            if let Some(first) = first.insert(text, argument.span) {
                let message = format!("`{text}` stands twice among the boot arguments");
                let finding = DUPLICATE_BOOT_ARGUMENT.at(argument.span, message).label("again here");
                sink.report(finding.and(first, "first here").help("remove one"));
                continue;
            }
            judge(argument, release, sink);
        }
    }
}

fn judge(argument: &Spanned<BootArg>, release: &Release, sink: &Sink) {
    let (text, span) = (argument.as_str(), argument.span);
    let InstallerKind::Ister = release.installer.kind.value;
    let finding = match text.split_once('=').unwrap_or((text, "")) {
        ("ister.exit", _) => {
            INSTALLER_EXITS.at(span, "the installer stops at `ister.exit`, so nothing is installed").help("remove it")
        }
        ("ister.root_ssh", _) => OPEN_INSTALLER
            .at(span, "anyone may log in as root while a machine is installed")
            .help("remove it when you are done with looking"),
        ("init", _) => INIT_ARGUMENT.at(span, "`init=` does nothing for a system that is its initrd").help("remove it"),
        ("rdinit", program) if !program.contains("systemd") => INIT_ARGUMENT
            .at(span, format!("the kernel starts `{program}` in place of what starts the installer"))
            .help("remove it"),
        _ => return,
    };
    sink.report(finding);
}
