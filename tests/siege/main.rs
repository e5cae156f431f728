//! Publishing under siege: kills, full disks, other users. A binary of its own, since it starts programs: a process that is
//! about to be one holds the locks of the process that starts it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

#[path = "../support/files.rs"]
mod files;
mod full;
mod hunted;
#[path = "../support/installer.rs"]
mod installer;
#[path = "../support/ipxe.rs"]
mod ipxe;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/server.rs"]
mod server;
mod strangers;
