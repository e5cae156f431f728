//! Machines boot: real iPXE under QEMU, BIOS and UEFI, from real nginx, which serves what `fleetc build` wrote and has no
//! rule of its own. Where an installer starts it is Debian's kernel with a system that fetches what the installer fetches,
//! and what it got is compared with the tree.
//!
//! Each boot has a network of its own (`support/namespace.rs`). When it fails, the console is shown. A table of all boots
//! is the last thing that `cargo test --test boot -- --nocapture` shows.
#![allow(clippy::unwrap_used)]

mod answers;
mod cases;
mod dhcp;
mod scripts;
mod seen;
mod site;
mod table;

#[path = "../support/console.rs"]
mod console;
#[path = "../support/disk.rs"]
mod disk;
#[path = "../support/example.rs"]
mod example;
#[path = "../support/initrd.rs"]
mod initrd;
#[path = "../support/installer.rs"]
mod installer;
#[path = "../support/ipxe.rs"]
mod ipxe;
#[path = "../support/namespace.rs"]
mod namespace;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/qemu.rs"]
mod qemu;

/// Every case, whichever file it is in.
mod all {
    pub use crate::cases::*;
    pub use crate::dhcp::*;
}

macro_rules! boots {
    (both: $($both:ident)*; bios: $($bios:ident)*; uefi: $($uefi:ident)*;) => {
        mod bios {
            $(#[test] fn $both() { crate::table::record(crate::qemu::Firmware::Bios, stringify!($both), crate::all::$both); })*
            $(#[test] fn $bios() { crate::table::record(crate::qemu::Firmware::Bios, stringify!($bios), crate::all::$bios); })*
        }
        mod uefi {
            $(#[test] fn $both() { crate::table::record(crate::qemu::Firmware::Uefi, stringify!($both), crate::all::$both); })*
            $(#[test] fn $uefi() { crate::table::record(crate::qemu::Firmware::Uefi, stringify!($uefi), crate::all::$uefi); })*
        }

        /// How many rows the table has.
        const BOOTS: usize =
            2 * [$(stringify!($both)),*].len() + [$(stringify!($bios)),*].len() + [$(stringify!($uefi)),*].len();
    };
}

// What hangs on the script alone, and not on the firmware, is tried with one.
boots! {
    both:
        pilot_listed pilot_second_card pilot_installed
        pilot_unlisted_refused mixed_unlisted_local bulk_unlisted_installed
        pilot_script_missing bulk_script_missing bulk_other_card
        pilot_kernel_missing
        pilot_from_dhcp pilot_from_dhcp_installed;
    bios: minimal_listed bulk_listed mixed_script_missing pilot_initrd_missing;
    uefi: mixed_listed;
}
