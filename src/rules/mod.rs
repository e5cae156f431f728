//! What would go wrong on a machine: the checks over the whole fleet, a family a file, and the registry of all rules.

mod first_boot;

use crate::diag::{Rule, Sink};
use crate::model::Fleet;
use crate::{model, resolve, template, yaml};

/// Every rule, by id.
pub const RULES: &[&Rule] = &[
    resolve::rules::address_outside_networks(),
    first_boot::alias_in_role(),
    resolve::rules::ambiguous_artifact(),
    first_boot::broken_role(),
    resolve::rules::dangling_reference(),
    resolve::rules::duplicate_in_list(),
    yaml::rules::duplicate_key(),
    resolve::rules::empty_list(),
    resolve::rules::extends_cycle(),
    model::rules::host_bits_in_cidr(),
    model::rules::malformed_address(),
    model::rules::malformed_boot_argument(),
    model::rules::malformed_bundle(),
    model::rules::malformed_disk_name(),
    model::rules::malformed_filesystem_word(),
    model::rules::malformed_full_name(),
    model::rules::malformed_hook(),
    model::rules::malformed_host_name(),
    model::rules::malformed_interface(),
    model::rules::malformed_mac(),
    model::rules::malformed_mount_point(),
    model::rules::malformed_name(),
    model::rules::malformed_password_hash(),
    model::rules::malformed_path(),
    model::rules::malformed_size(),
    model::rules::malformed_ssh_key(),
    model::rules::malformed_url(),
    model::rules::malformed_user_name(),
    model::rules::malformed_value(),
    first_boot::mapping_in_mapping(),
    yaml::rules::merge_key(),
    resolve::rules::missing_file(),
    yaml::rules::missing_key(),
    resolve::rules::removed_bundle_not_there(),
    model::rules::reserved_boot_argument(),
    model::rules::reserved_name(),
    first_boot::role_without_header(),
    yaml::rules::syntax(),
    template::rules::template_fails(),
    template::rules::template_syntax(),
    yaml::rules::unknown_key(),
    model::rules::unusable_mac(),
    resolve::rules::wrong_digest(),
    yaml::rules::wrong_kind(),
    resolve::rules::wrong_prefix_length(),
    yaml::rules::yaml_tag(),
];

/// A check over the whole fleet: reports what it finds.
type Check = fn(&Fleet, &Sink);

/// Every check; their order means nothing, since findings are sorted.
const CHECKS: &[Check] = &[first_boot::check];

/// Runs every check.
pub fn check(fleet: &Fleet, sink: &Sink) {
    for check in CHECKS {
        check(fleet, sink);
    }
}

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id).copied()
}
