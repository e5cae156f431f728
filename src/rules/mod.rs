//! What would go wrong on a machine: the checks over the whole fleet, a family a file, and the registry of all rules.

mod first_boot;
pub(crate) mod guard;
mod hygiene;
mod identity;
pub(crate) mod import;
mod installer;
mod ipxe;
mod login;
mod network;
mod release;
mod secrets;
mod setup;
mod software;
mod storage;
pub mod walk;

use std::sync::Arc;

use rayon::prelude::*;

use crate::diag::{Rule, Sink};
use crate::model::{Fleet, Host};
use crate::{diag, model, resolve, template, yaml};
pub use login::Access;

/// Every rule, by id.
pub const RULES: &[&Rule] = &[
    network::host::address_in_dhcp_range(),
    network::host::address_of_dns(),
    network::host::address_of_gateway(),
    network::host::address_of_server(),
    resolve::rules::address_outside_networks(),
    network::host::address_without_gateway(),
    network::host::address_without_interface(),
    software::network::address_without_networkd(),
    first_boot::shape::alias_in_role(),
    resolve::rules::ambiguous_artifact(),
    identity::ambiguous_role_name(),
    walk::astray_boot_path(),
    storage::boot::boot_beside_efi(),
    ipxe::file::boot_over_https(),
    first_boot::form::broken_role(),
    import::broken_row(),
    software::presence::bundle_not_in_release(),
    installer::url::bundles_with_dnf(),
    resolve::rules::cleared_state(),
    software::kernel::cmdline_without_bootloader(),
    storage::disk::colliding_disk_names(),
    first_boot::homes::conflicting_user_group(),
    resolve::rules::dangling_reference(),
    import::dead_row(),
    resolve::rules::range_outside_network(),
    software::presence::doubtful_bundle(),
    storage::disk::doubtful_disk(),
    first_boot::rights::doubtful_permissions(),
    identity::duplicate_address(),
    ipxe::argument::duplicate_boot_argument(),
    storage::disk::duplicate_disk(),
    resolve::rules::duplicate_in_list(),
    yaml::rules::duplicate_key(),
    first_boot::kinds::duplicate_key_in_entry(),
    storage::filesystem::duplicate_label(),
    identity::duplicate_mac(),
    storage::mount::duplicate_mount_point(),
    network::plan::duplicate_network(),
    installer::user::duplicate_user(),
    storage::encryption::duplicate_volume(),
    storage::boot::efi_without_vfat(),
    resolve::rules::empty_list(),
    installer::user::empty_password(),
    first_boot::kinds::empty_role_value(),
    resolve::rules::extends_cycle(),
    first_boot::rights::file_for_root_alone(),
    release::image::format_crossing(),
    storage::size::free_space_behind_root(),
    resolve::rules::gateway_outside_network(),
    installer::url::half_a_mirror(),
    model::rules::host_bits_in_cidr(),
    storage::filesystem::idle_partition_key(),
    release::image::image_with_two_installers(),
    release::image::image_without_ister(),
    first_boot::files::incomplete_file(),
    ipxe::argument::init_argument(),
    ipxe::argument::installer_exits(),
    release::image::installer_newer_than_image(),
    first_boot::commands::joined_commands(),
    storage::keep::keep_with_new_table(),
    storage::keep::kept_encryption(),
    storage::keep::kept_root(),
    storage::keep::kept_system_folder(),
    ipxe::file::kernel_is_initrd(),
    first_boot::order::key_before_its_needs(),
    first_boot::ssh::key_file_without_newline(),
    first_boot::homes::key_without_home(),
    first_boot::ssh::keys_for_first_user(),
    first_boot::ssh::keys_for_nobody(),
    first_boot::ssh::keys_written_twice(),
    storage::filesystem::label_too_long(),
    guard::locked_host_changes(),
    storage::encryption::locked_root(),
    ipxe::line::long_kernel_line(),
    ipxe::file::long_server_url(),
    ipxe::file::loopback_server(),
    first_boot::booleans::loose_role_boolean(),
    first_boot::commands::lost_quotes(),
    first_boot::useradd::malformed_account(),
    model::rules::malformed_address(),
    first_boot::ssh::malformed_authorized_key(),
    model::rules::malformed_boot_argument(),
    model::rules::malformed_bundle(),
    model::rules::malformed_disk_name(),
    first_boot::files::malformed_file_path(),
    model::rules::malformed_filesystem_word(),
    model::rules::malformed_full_name(),
    first_boot::groups::malformed_group(),
    model::rules::malformed_hook(),
    model::rules::malformed_host_name(),
    model::rules::malformed_interface(),
    import::malformed_list(),
    model::rules::malformed_mac(),
    model::rules::malformed_mount_point(),
    model::rules::malformed_name(),
    first_boot::rights::malformed_owner(),
    first_boot::packages::malformed_package(),
    model::rules::malformed_password_hash(),
    model::rules::malformed_path(),
    first_boot::rights::malformed_permissions(),
    first_boot::booleans::malformed_role_boolean(),
    first_boot::hostname::malformed_role_hostname(),
    model::rules::malformed_size(),
    model::rules::malformed_ssh_key(),
    first_boot::sudo::malformed_sudo_rule(),
    diag::suppress::malformed_suppression(),
    import::malformed_template(),
    first_boot::services::malformed_unit(),
    model::rules::malformed_url(),
    first_boot::groups::malformed_user_groups(),
    model::rules::malformed_user_name(),
    model::rules::malformed_value(),
    first_boot::variables::malformed_variable(),
    first_boot::text::mangled_text(),
    first_boot::shape::mapping_in_mapping(),
    yaml::rules::merge_key(),
    installer::url::mirror_with_dnf(),
    storage::encryption::misplaced_encryption(),
    first_boot::accounts::missing_account(),
    resolve::rules::missing_file(),
    yaml::rules::missing_key(),
    installer::missing::missing_setting(),
    storage::unit::mount_below_home(),
    storage::mount::mount_on_var_tmp(),
    storage::mount::mount_without_filesystem(),
    storage::unit::mount_without_unit(),
    storage::mount::mounted_swap(),
    first_boot::users::nameless_user(),
    identity::names_equal_but_for_case(),
    installer::version::needs_newer_installer(),
    first_boot::network::network_before_it_starts(),
    software::network::network_not_started(),
    storage::boot::no_boot_partition(),
    resolve::rules::no_hosts(),
    software::kernel::no_kernel(),
    software::python::no_python(),
    storage::mount::no_root_filesystem(),
    storage::disk::no_whole_disk(),
    import::not_imported(),
    hygiene::odd::odd_one_out(),
    ipxe::argument::open_installer(),
    first_boot::hostname::other_hostname(),
    software::outdated::outdated_bundle(),
    network::plan::overlapping_networks(),
    first_boot::packages::package_without_bundle(),
    first_boot::packages::packages_in_one_item(),
    first_boot::packages::packages_wait_for_dns(),
    storage::size::partitions_do_not_fit(),
    first_boot::users::plain_text_user(),
    first_boot::text::quote_in_role_value(),
    first_boot::commands::reboot_at_every_boot(),
    ipxe::again::reinstalls_for_ever(),
    release::ucd::release_without_ucd(),
    resolve::rules::removed_bundle_not_there(),
    first_boot::boots::repeated_at_every_boot(),
    identity::repeated_mac(),
    first_boot::blocks::repeated_role_key(),
    network::host::reserved_address(),
    model::rules::reserved_boot_argument(),
    model::rules::reserved_name(),
    storage::size::rest_not_last(),
    first_boot::reversed::reversed_list(),
    login::role_closed_to_ansible(),
    import::role_without_file(),
    first_boot::form::role_without_header(),
    software::ucd::role_without_ucd(),
    first_boot::rights::script_not_executable(),
    first_boot::form::script_that_cannot_start(),
    storage::boot::second_efi_partition(),
    first_boot::services::second_service_verb(),
    storage::mount::separate_system_folder(),
    secrets::served_passphrase(),
    secrets::served_password_hash(),
    secrets::served_private_key(),
    secrets::served_token(),
    software::kernel::several_kernels(),
    installer::sudo::several_sudo_users(),
    first_boot::hostname::shared_hostname(),
    installer::hook::shell_syntax_in_command(),
    storage::size::small_partition(),
    installer::user::key_without_sshd(),
    import::sudo_rule_with_name(),
    installer::sudo::sudo_without_bundle(),
    installer::user::sudo_without_login(),
    storage::filesystem::swap_by_half(),
    storage::unit::swap_off_root_disk(),
    yaml::rules::syntax(),
    first_boot::useradd::system_false(),
    storage::keep::table_kept_for_nothing(),
    first_boot::shape::tag_in_role(),
    template::rules::template_fails(),
    template::rules::template_syntax(),
    guard::too_many_changes(),
    storage::size::too_many_partitions(),
    guard::too_many_reinstalls(),
    installer::user::uid_out_of_range(),
    storage::filesystem::unfit_root_filesystem(),
    first_boot::files::unknown_file_key(),
    first_boot::accounts::unknown_group(),
    installer::version::unknown_installer_version(),
    yaml::rules::unknown_key(),
    release::number::unknown_release(),
    first_boot::blocks::unknown_role_key(),
    first_boot::services::unknown_service_verb(),
    first_boot::users::unknown_user_key(),
    installer::state::unlisted_with_installed_role(),
    storage::encryption::unopened_encryption(),
    model::rules::unusable_mac(),
    network::plan::unusable_network(),
    installer::url::unused_http_proxy(),
    hygiene::unused::unused_layout(),
    hygiene::unused::unused_network(),
    hygiene::unused::unused_release(),
    hygiene::unused::unused_role(),
    diag::suppress::unused_suppression(),
    installer::user::user_without_login(),
    resolve::rules::wrong_digest(),
    yaml::rules::wrong_kind(),
    first_boot::kinds::wrong_kind_in_role(),
    resolve::rules::wrong_prefix_length(),
    yaml::rules::yaml_tag(),
];

/// The rules that hold for the lists of other programs too.
pub(crate) mod shared {
    pub(crate) use super::identity::{duplicate_address, duplicate_mac, repeated_mac};
}

/// A check over the whole fleet: reports what it finds.
type Check = fn(&Fleet, &Sink);

/// Every check; they run side by side, and their order means nothing, since findings are sorted.
const CHECKS: &[Check] = &[
    first_boot::check,
    identity::addresses,
    identity::macs,
    identity::names,
    identity::role_names,
    installer::settings,
    installer::state::unlisted,
    installer::version::addresses,
    installer::version::known,
    ipxe::again::hooks,
    ipxe::argument::arguments,
    ipxe::file::files,
    ipxe::file::server,
    ipxe::line::lengths,
    network::host::addresses,
    network::plan::each,
    network::plan::overlaps,
    release::releases,
    release::roles,
    secrets::settings,
    software::bundles,
    software::network::addresses,
    storage::installed,
    storage::layouts,
];

/// Checks that are asked of a fleet without errors alone: behind one, what they say may be its echo.
const CHECKS_OF_SOUND_FLEETS: &[Check] = &[hygiene::odd::hosts, hygiene::unused::parts];

/// Runs every check.
pub fn check(fleet: &Fleet, sink: &Sink) {
    CHECKS.par_iter().for_each(|check| check(fleet, sink));
    if !sink.has_errors() {
        for check in CHECKS_OF_SOUND_FLEETS {
            check(fleet, sink);
        }
    }
}

/// Who gets into each machine of a fleet without errors, by key and as root, in the order of its hosts.
pub fn access(fleet: &Fleet) -> Vec<Arc<Access>> {
    // What there is to find was found when the fleet was compiled.
    login::all(fleet, &first_boot::texts(fleet, &Sink::default()))
}

/// Reports machines into which Ansible does not get: those of which `asked` says so. `access` is that of the fleet's hosts.
pub fn closed_to_ansible(fleet: &Fleet, access: &[Arc<Access>], asked: impl Fn(&Host) -> bool, sink: &Sink) {
    login::report_asked(fleet, access, asked, sink);
}

/// The rule with this id, which may be one that it had before.
pub fn find(id: &str) -> Option<&'static Rule> {
    Rule::named(RULES, id)
}
