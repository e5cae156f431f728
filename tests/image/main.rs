//! `fleetc image`: boot files from images that `mkfs.ext4` and `sgdisk` make, compared file by file with what `cpio` and
//! the kernel see in them; images that are damaged, or made to do harm.
//!
//! Neither root nor a mount is needed: `debugfs` gives the images their devices and owners.
#![allow(clippy::unwrap_used)]

mod alike;
mod archive;
mod boot;
mod choice;
mod harm;
mod listing;
mod model;
mod run;
mod stanza;

#[path = "../support/initrd.rs"]
mod initrd;
#[path = "../support/program.rs"]
mod program;
