//! Booting: URLs, kernel arguments, boot files.

pub(super) mod again;
pub(super) mod argument;
pub(super) mod file;
pub(super) mod line;
