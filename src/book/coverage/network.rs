//! DHCP, iPXE, boot files, web servers.

use super::End::{Built, Rule, Unseen};
use super::{End, Row};

const SERVED: &str = "nginx_serves_mixed";
const SCRIPTS: &str = "the_reader_of_scripts_knows_what_was_measured";
const SAFE: &str = "whatever_fails_no_machine_is_installed_that_must_not_be";
const DHCP: &str = "serving.md#dhcp";
const SERVERS: &str = "three_servers_give_one_answer";
const BY_HAND: End = Unseen("a DHCP server that was set up by hand", DHCP);

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "N-1",
        trap: "firmware, DHCP, TFTP, iPXE, HTTP: each step needs the one before",
        ends: &[Rule("dhcp-range-outside-network"), Unseen("the DHCP server's settings", DHCP)],
    },
    Row {
        id: "N-2",
        trap: "each kind of firmware needs its own iPXE",
        ends: &[Built("what `fleetc emit` writes names one for each", SERVERS), BY_HAND],
    },
    Row {
        id: "N-3",
        trap: "without a test for iPXE it loads itself for ever",
        ends: &[Built("what `fleetc emit` writes has both tests", SERVERS), BY_HAND],
    },
    Row {
        id: "N-4",
        trap: "iPXE's files have other names elsewhere",
        ends: &[Unseen("what the TFTP server has", DHCP)],
    },
    Row {
        id: "N-5",
        trap: "an address pool for PXE clients alone gives the installer none",
        ends: &[Built("what `fleetc emit` writes has one for all", SERVERS), BY_HAND],
    },
    Row { id: "N-6", trap: "secure boot refuses iPXE", ends: &[Unseen("the firmware's settings", DHCP)] },
    Row {
        id: "N-7",
        trap: "a script needs its first line, and one line for `kernel`",
        ends: &[Built("scripts are written by one emitter", SERVED)],
    },
    Row { id: "N-8", trap: "`init=` does nothing in the installer", ends: &[Rule("init-argument")] },
    Row {
        id: "N-9",
        trap: "without DNS and a way out the installer finds no mirror",
        ends: &[Rule("address-of-dns"), Unseen("routes and mirrors", "serving.md#dhcp")],
    },
    Row {
        id: "N-10",
        trap: "a machine may boot from another card than its first",
        ends: &[Built("there is a script for each listed card", SERVED)],
    },
    Row {
        id: "N-11",
        trap: "each DHCP server says it in its own words",
        ends: &[Built("`fleetc emit` knows three of them", "random_fleets_are_accepted"), BY_HAND],
    },
    Row {
        id: "N-12",
        trap: "other services on the server are in the way",
        ends: &[Unseen("what runs on the server", DHCP)],
    },
];

const FILES: &str = "boot-files.md";
const MADE: &str = "every_kind_of_file_is_as_in_the_image";

pub(super) const BOOT_FILES: &[Row] = &[
    Row {
        id: "P-1",
        trap: "the script that makes them needs root",
        ends: &[Built("`fleetc image` needs neither root nor a mount", MADE)],
    },
    Row {
        id: "P-2",
        trap: "it reads the image at a fixed place",
        ends: &[Built("`fleetc image` reads the partition table", "tables_of_every_kind_are_read")],
    },
    Row {
        id: "P-3",
        trap: "the initrd is the image's root, packed",
        ends: &[Built("`fleetc image` packs the same", MADE), Unseen("boot files that others made", FILES)],
    },
    Row {
        id: "P-4",
        trap: "kernel and initrd come in an archive and are renamed",
        ends: &[Built("`fleetc image` takes both out of it", "both_files_come_out_as_they_are")],
    },
    Row {
        id: "P-5",
        trap: "the image has a template of its own, for sda",
        ends: &[Built("each kernel line names another", SERVED)],
    },
    Row {
        id: "P-6",
        trap: "the installer lives in memory, and needs 4 GiB",
        ends: &[Unseen("the machine's memory", FILES)],
    },
    Row {
        id: "P-7",
        trap: "official images from 2019-11 on hold another installer",
        ends: &[Rule("image-without-ister"), Unseen("what the image holds", FILES)],
    },
];

pub(super) const MEASURED: &[Row] = &[
    Row {
        id: "X-1",
        trap: "`${net0/mac}` may be the wrong card",
        ends: &[Built("scripts ask for the card that booted", SCRIPTS)],
    },
    Row {
        id: "X-2",
        trap: "an error that nothing catches boots the old system",
        ends: &[Built("every path of a script is caught", SAFE)],
    },
    Row {
        id: "X-3",
        trap: "what a failed script loaded is still there",
        ends: &[Built("scripts free it before they go on", SAFE)],
    },
    Row {
        id: "X-4",
        trap: "a file that is no script hangs the machine",
        ends: &[Built("every script begins as it must", SERVED)],
    },
    Row {
        id: "X-5",
        trap: "`boot` without a kernel succeeds",
        ends: &[Built("scripts boot what they have loaded", SCRIPTS)],
    },
    Row {
        id: "X-6",
        trap: "a relative URL with a colon is read as a scheme",
        ends: &[Built("scripts have absolute URLs", SERVED)],
    },
    Row {
        id: "X-7",
        trap: "blanks, `#` and `${` mean something in scripts",
        ends: &[Rule("malformed-boot-argument"), Rule("malformed-url")],
    },
    Row { id: "X-8", trap: "long kernel lines are cut", ends: &[Rule("long-kernel-line"), Rule("long-server-url")] },
    Row {
        id: "X-9",
        trap: "comparing heeds capitals",
        ends: &[Built("scripts compare with lower case alone", SCRIPTS)],
    },
    Row {
        id: "X-10",
        trap: "UEFI needs the initrd's name on the kernel line",
        ends: &[Rule("reserved-boot-argument"), Built("it is put there", SERVED)],
    },
    Row { id: "X-11", trap: "how the local disk is booted", ends: &[Built("in a way that was measured", SERVED)] },
    Row { id: "X-12", trap: "iPXE has no https", ends: &[Rule("boot-over-https")] },
    Row {
        id: "X-13",
        trap: "capitals in paths are not found, and folders answer differently",
        ends: &[Built(
            "paths are in lower case, and no URL is a folder",
            "the_five_urls_of_the_pre_flight_check_answer",
        )],
    },
    Row {
        id: "X-14",
        trap: "a missing ister.conf is asked for thousands of times",
        ends: &[Built("every ister.conf that a script names is in the tree", SERVED)],
    },
    Row {
        id: "X-15",
        trap: "machines that are not listed need another way to their role",
        ends: &[Built("a hook brings it", "the_hook_of_bulk_gives_a_machine_that_is_not_listed_its_role")],
    },
    Row {
        id: "X-16",
        trap: "a truncated role is installed without complaint",
        ends: &[
            Built("a published file is whole", "the_manifest_lists_every_file_as_it_is"),
            Unseen("what is between server and machine", "serving.md#before-the-rack-is-powered-on"),
        ],
    },
    Row {
        id: "X-17",
        trap: "answers were compact JSON, roles had LF",
        ends: &[Built("both are so in the tree", "crlf_roles_are_served_with_lf")],
    },
    Row {
        id: "X-18",
        trap: "ucd crashes on a list as a file's content",
        ends: &[Rule("wrong-kind-in-role"), Rule("doubtful-permissions"), Rule("malformed-package")],
    },
    Row {
        id: "X-19",
        trap: "`cloud-init schema` finds no fault with faulty roles",
        ends: &[Built(
            "roles are judged by what ucd does",
            "each_example_reports_its_rule_on_the_marked_lines_and_each_instead_nothing",
        )],
    },
];
