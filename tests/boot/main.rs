//! Real iPXE under QEMU, with real nginx in front of what `fleetc build` wrote.
#![allow(clippy::unwrap_used)]

mod scripts;

#[path = "../support/namespace.rs"]
mod namespace;
#[path = "../support/qemu.rs"]
mod qemu;
