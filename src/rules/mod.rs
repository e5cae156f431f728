//! What would go wrong on a machine: the checks over the whole fleet, a family a file, and the registry of all rules.

mod first_boot;
mod hygiene;
mod identity;
mod installer;
mod ipxe;
mod network;
mod release;
mod secrets;
mod setup;
mod software;
mod storage;

use crate::diag::{Rule, Sink};
use crate::model::Fleet;
use crate::{diag, model, resolve, template, yaml};

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
    first_boot::alias_in_role(),
    resolve::rules::ambiguous_artifact(),
    identity::ambiguous_role_name(),
    storage::boot::boot_beside_efi(),
    ipxe::file::boot_over_https(),
    first_boot::broken_role(),
    software::presence::bundle_not_in_release(),
    installer::url::bundles_with_dnf(),
    installer::state::cleared_state(),
    software::kernel::cmdline_without_bootloader(),
    storage::disk::colliding_disk_names(),
    resolve::rules::dangling_reference(),
    network::plan::range_outside_network(),
    software::presence::doubtful_bundle(),
    storage::disk::doubtful_disk(),
    identity::duplicate_address(),
    ipxe::argument::duplicate_boot_argument(),
    storage::disk::duplicate_disk(),
    resolve::rules::duplicate_in_list(),
    yaml::rules::duplicate_key(),
    storage::filesystem::duplicate_label(),
    identity::duplicate_mac(),
    storage::mount::duplicate_mount_point(),
    network::plan::duplicate_network(),
    installer::user::duplicate_user(),
    storage::encryption::duplicate_volume(),
    storage::boot::efi_without_vfat(),
    resolve::rules::empty_list(),
    installer::user::empty_password(),
    resolve::rules::extends_cycle(),
    release::image::format_crossing(),
    storage::size::free_space_behind_root(),
    network::plan::gateway_outside_network(),
    installer::url::half_a_mirror(),
    model::rules::host_bits_in_cidr(),
    storage::filesystem::idle_partition_key(),
    release::image::image_with_two_installers(),
    release::image::image_without_ister(),
    ipxe::argument::init_argument(),
    ipxe::argument::installer_exits(),
    release::image::installer_newer_than_image(),
    storage::keep::keep_with_new_table(),
    storage::keep::kept_encryption(),
    storage::keep::kept_root(),
    storage::keep::kept_system_folder(),
    ipxe::file::kernel_is_initrd(),
    storage::filesystem::label_too_long(),
    storage::encryption::locked_root(),
    ipxe::line::long_kernel_line(),
    ipxe::file::long_server_url(),
    ipxe::file::loopback_server(),
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
    diag::suppress::malformed_suppression(),
    model::rules::malformed_url(),
    model::rules::malformed_user_name(),
    model::rules::malformed_value(),
    first_boot::mapping_in_mapping(),
    yaml::rules::merge_key(),
    installer::url::mirror_with_dnf(),
    storage::encryption::misplaced_encryption(),
    resolve::rules::missing_file(),
    yaml::rules::missing_key(),
    installer::missing::missing_setting(),
    storage::unit::mount_below_home(),
    storage::mount::mount_on_var_tmp(),
    storage::mount::mount_without_filesystem(),
    storage::unit::mount_without_unit(),
    storage::mount::mounted_swap(),
    identity::names_equal_but_for_case(),
    installer::version::needs_newer_installer(),
    software::network::network_not_started(),
    storage::boot::no_boot_partition(),
    software::kernel::no_kernel(),
    software::python::no_python(),
    storage::mount::no_root_filesystem(),
    storage::disk::no_whole_disk(),
    hygiene::odd::odd_one_out(),
    ipxe::argument::open_installer(),
    software::outdated::outdated_bundle(),
    network::plan::overlapping_networks(),
    storage::size::partitions_do_not_fit(),
    ipxe::again::reinstalls_for_ever(),
    release::ucd::release_without_ucd(),
    resolve::rules::removed_bundle_not_there(),
    identity::repeated_mac(),
    network::host::reserved_address(),
    model::rules::reserved_boot_argument(),
    model::rules::reserved_name(),
    storage::size::rest_not_last(),
    first_boot::role_without_header(),
    software::ucd::role_without_ucd(),
    storage::boot::second_efi_partition(),
    storage::mount::separate_system_folder(),
    secrets::served_passphrase(),
    secrets::served_password_hash(),
    secrets::served_private_key(),
    secrets::served_token(),
    software::kernel::several_kernels(),
    installer::sudo::several_sudo_users(),
    installer::hook::shell_syntax_in_command(),
    storage::size::small_partition(),
    installer::user::key_without_sshd(),
    installer::sudo::sudo_without_bundle(),
    installer::user::sudo_without_login(),
    storage::filesystem::swap_by_half(),
    storage::unit::swap_off_root_disk(),
    yaml::rules::syntax(),
    storage::keep::table_kept_for_nothing(),
    template::rules::template_fails(),
    template::rules::template_syntax(),
    storage::size::too_many_partitions(),
    installer::user::uid_out_of_range(),
    storage::filesystem::unfit_root_filesystem(),
    installer::version::unknown_installer_version(),
    yaml::rules::unknown_key(),
    release::number::unknown_release(),
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
    resolve::rules::wrong_prefix_length(),
    yaml::rules::yaml_tag(),
];

/// A check over the whole fleet: reports what it finds.
type Check = fn(&Fleet, &Sink);

/// Every check; their order means nothing, since findings are sorted.
const CHECKS: &[Check] = &[
    first_boot::check,
    identity::addresses,
    identity::macs,
    identity::names,
    identity::role_names,
    installer::settings,
    installer::state::cleared,
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
    for check in CHECKS {
        check(fleet, sink);
    }
    if !sink.has_errors() {
        for check in CHECKS_OF_SOUND_FLEETS {
            check(fleet, sink);
        }
    }
}

/// The rule with this id, which may be one that it had before.
pub fn find(id: &str) -> Option<&'static Rule> {
    Rule::named(RULES, id)
}
