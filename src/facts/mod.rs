//! What is known of the operating system that is installed: its releases, its bundles, and the versions of its installer.
//!
//! Two tables are embedded: [`releases`](Releases) and [`bundles`](Bundles), made from the public repository
//! clearlinux/clr-bundles by `refresh` beside them. They are read when first asked for, so a run that judges no bundle
//! does not pay for them.

mod bundles;
mod contents;
mod installer;
mod releases;

pub use bundles::{BundleId, Bundles, Presence};
pub use contents::{Brings, brings, is_kernel};
pub use installer::{ister_at_least, ister_day};
pub use releases::{Releases, When};
