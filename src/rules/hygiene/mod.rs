//! What works, and misleads those who read it.

pub(super) mod odd;
pub(super) mod unused;
