//! The service that the tree replaces, and the installer that fleetc does not write for.

use super::End::{Built, Rule, Unseen};
use super::Row;

const SERVED: &str = "nginx_serves_mixed";
const ANSWERS: &str = "answers_as_the_service_did";

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "S-1",
        trap: "the service says that it is alive",
        ends: &[Unseen(
            "no machine asks for it; the boot script answers instead",
            "serving.md#before-the-rack-is-powered-on",
        )],
    },
    Row {
        id: "S-2",
        trap: "answers have one form, byte for byte",
        ends: &[Built("the tree has the same bytes", ANSWERS)],
    },
    Row {
        id: "S-3",
        trap: "the service took requests as patterns",
        ends: &[Built("a file is asked for by its whole name", SERVED), Rule("dead-row")],
    },
    Row {
        id: "S-4",
        trap: "rows in capitals were never found",
        ends: &[Built("MAC addresses are written in lower case", "reads_a_mac_in_every_spelling"), Rule("dead-row")],
    },
    Row {
        id: "S-5",
        trap: "rows of `config.txt` were read loosely",
        ends: &[Built("answers are made from the fleet file alone", ANSWERS), Rule("broken-row")],
    },
    Row {
        id: "S-6",
        trap: "of several defaults one won",
        ends: &[Built("`unknown` is one key, and `default` one file", SERVED), Rule("dead-row")],
    },
    Row {
        id: "S-7",
        trap: "roles were served as HTML",
        ends: &[Built("no reader looks at the type", SERVED), Rule("role-without-file")],
    },
    Row {
        id: "S-8",
        trap: "everything the service had was public",
        ends: &[Unseen("who reaches the server", "serving.md")],
    },
    Row {
        id: "S-9",
        trap: "the service's sample role breaks sudo",
        ends: &[Rule("malformed-sudo-rule"), Rule("sudo-rule-with-name")],
    },
    Row { id: "S-10", trap: "a plain server is enough", ends: &[Built("nginx serves it as it is", SERVED)] },
    Row {
        id: "S-11",
        trap: "a plain server cannot answer machines that are not listed",
        ends: &[Built(
            "scripts decide, before anything is asked by MAC address",
            "whatever_fails_no_machine_is_installed_that_must_not_be",
        )],
    },
    Row { id: "S-12", trap: "fallback rules differ between servers", ends: &[Built("none is needed", SERVED)] },
    Row { id: "S-13", trap: "a service URL with a query brings one document for all", ends: &[Rule("malformed-url")] },
    Row {
        id: "S-14",
        trap: "names with colons do not exist on Windows",
        ends: &[Unseen("where the tree is copied", "serving.md#publishing")],
    },
];

const OTHER: &str = "the_compiler_rejects_each_broken_fleet_for_its_one_fault";
const NOT_WRITTEN: &str = "no descriptor is written: `installer.kind` knows `ister` alone";

macro_rules! not_written {
    ($($id:literal: $trap:literal,)*) => {
        &[$(Row { id: $id, trap: $trap, ends: &[Built(NOT_WRITTEN, OTHER)] }),*]
    };
}

pub(super) const CLR_INSTALLER: &[Row] = not_written! {
    "C-1": "its URL on the kernel line has the limits of ister's",
    "C-2": "it asks for its descriptor for ever",
    "C-3": "without its argument nothing is installed",
    "C-4": "an unknown key is an error",
    "C-5": "keys have types",
    "C-6": "sizes are binary whatever is written",
    "C-7": "disks go by aliases",
    "C-8": "partitions are not checked in a mass install",
    "C-9": "a kernel must be named",
    "C-10": "network settings are for the installer alone",
    "C-11": "updates are on unless a version is pinned",
    "C-12": "mirrors over http must be allowed",
    "C-13": "users have no home",
    "C-14": "hooks substitute words in text",
    "C-15": "it asks for no role",
    "C-16": "its converter of ister templates drops keys",
    "C-17": "a second backend needs files for each host",
};
