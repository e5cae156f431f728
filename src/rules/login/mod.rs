//! Whether Ansible gets in, and as whom: what a fleet hands over to when its machines are installed (contract ).
//!
//! [`sudoers`] reads rules of sudo, `text` is what a role text makes, `access` puts it together with the fleet file, and
//! `rule` says where something is missing.

mod access;
mod rule;
mod software;
pub(in crate::rules) mod sudoers;
mod text;

pub use access::Access;
pub(in crate::rules) use rule::{all, check, report_asked, role_closed_to_ansible};
pub(in crate::rules) use software::CLOUDGUEST_HAS_PYTHON;
pub(in crate::rules) use text::{Account, KeyFile, Made, speaks_of_users};
