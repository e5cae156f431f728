//! ucd: what it makes of a role text.

use super::End::{Rule, Unseen};
use super::Row;

/// The section of the book about ucd.
const UCD: &str = "language/roles.md#what-ucd-makes-of-it";

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "U-1",
        trap: "there is no user `clear`, and root is not locked",
        ends: &[Rule("keys-for-nobody"), Rule("missing-account")],
    },
    Row {
        id: "U-2",
        trap: "the text is processed at every boot",
        ends: &[Rule("repeated-at-every-boot"), Rule("reboot-at-every-boot")],
    },
    Row {
        id: "U-3",
        trap: "the root filesystem grows into what is free behind it",
        ends: &[Rule("free-space-behind-root")],
    },
    Row {
        id: "U-4",
        trap: "until the end of 2019 it runs before the network",
        ends: &[Rule("network-before-it-starts")],
    },
    Row { id: "U-5", trap: "it reports success whatever fails", ends: &[Unseen("what fails on the machine", UCD)] },
    Row { id: "U-6", trap: "the first line decides whether anything is done", ends: &[Rule("role-without-header")] },
    Row { id: "U-7", trap: "a script is run as it is", ends: &[Rule("script-that-cannot-start")] },
    Row {
        id: "U-8",
        trap: "what stands before a syntax error is executed",
        ends: &[Rule("broken-role"), Rule("tag-in-role")],
    },
    Row { id: "U-9", trap: "a mapping below a key swaps keys and values", ends: &[Rule("mapping-in-mapping")] },
    Row { id: "U-10", trap: "an alias shifts what follows", ends: &[Rule("alias-in-role")] },
    Row {
        id: "U-11",
        trap: "one document is read, and nothing runs with an empty argument",
        ends: &[Rule("broken-role"), Rule("empty-role-value")],
    },
    Row {
        id: "U-12",
        trap: "keys run in the order of the text, twice if they stand twice",
        ends: &[Rule("key-before-its-needs"), Rule("repeated-role-key")],
    },
    Row { id: "U-13", trap: "entries of a list run from the last to the first", ends: &[Rule("reversed-list")] },
    Row { id: "U-14", trap: "line feeds and letters beyond ASCII are mangled", ends: &[Rule("mangled-text")] },
    Row { id: "U-15", trap: "a quote ends a value early", ends: &[Rule("quote-in-role-value")] },
    Row { id: "U-16", trap: "twelve keys are known, and `bootcmd` is none", ends: &[Rule("unknown-role-key")] },
    Row {
        id: "U-17",
        trap: "many words mean yes or no, others keep what was there",
        ends: &[Rule("malformed-role-boolean"), Rule("loose-role-boolean")],
    },
    Row { id: "U-18", trap: "keys of users have hyphens, others are ignored", ends: &[Rule("unknown-user-key")] },
    Row {
        id: "U-19",
        trap: "a plain text among users makes a user of that name",
        ends: &[Rule("plain-text-user"), Rule("nameless-user")],
    },
    Row { id: "U-20", trap: "a wrong line breaks sudo for all", ends: &[Rule("malformed-sudo-rule")] },
    Row {
        id: "U-21",
        trap: "a blank among groups loses the user",
        ends: &[Rule("malformed-user-groups"), Rule("unknown-group")],
    },
    Row {
        id: "U-22",
        trap: "`system: false` makes a system user, `inactive` is no number of days",
        ends: &[Rule("system-false"), Rule("malformed-role-boolean")],
    },
    Row {
        id: "U-23",
        trap: "without a home of its own a user cannot log in by key",
        ends: &[Rule("key-without-home")],
    },
    Row {
        id: "U-24",
        trap: "keys need a group of the user's name, and a line feed before them",
        ends: &[
            Rule("conflicting-user-group"),
            Rule("key-file-without-newline"),
            Rule("malformed-authorized-key"),
            Rule("keys-written-twice"),
        ],
    },
    Row {
        id: "U-25",
        trap: "keys at the margin go to one user, or to nobody",
        ends: &[Rule("keys-for-nobody"), Rule("keys-for-first-user")],
    },
    Row {
        id: "U-26",
        trap: "several commands become one, words lose their quotes",
        ends: &[Rule("joined-commands"), Rule("lost-quotes"), Rule("wrong-kind-in-role")],
    },
    Row {
        id: "U-27",
        trap: "files are for root alone, not cut, and need both owner and group",
        ends: &[
            Rule("file-for-root-alone"),
            Rule("incomplete-file"),
            Rule("unknown-file-key"),
            Rule("malformed-permissions"),
            Rule("malformed-owner"),
            Rule("malformed-file-path"),
            Rule("script-not-executable"),
        ],
    },
    Row {
        id: "U-28",
        trap: "variables are written into a shell script, at each boot",
        ends: &[Rule("malformed-variable")],
    },
    Row {
        id: "U-29",
        trap: "packages are bundles, and wait for DNS",
        ends: &[
            Rule("malformed-package"),
            Rule("package-without-bundle"),
            Rule("packages-in-one-item"),
            Rule("packages-wait-for-dns"),
        ],
    },
    Row { id: "U-30", trap: "groups are a list", ends: &[Rule("malformed-group")] },
    Row {
        id: "U-31",
        trap: "services are a list of one verb each",
        ends: &[Rule("unknown-service-verb"), Rule("second-service-verb"), Rule("malformed-unit")],
    },
    Row {
        id: "U-32",
        trap: "the host name is set at each boot",
        ends: &[Rule("malformed-role-hostname"), Rule("shared-hostname"), Rule("other-hostname")],
    },
];
