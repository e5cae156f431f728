//! Bundles, and the releases that have them.

use super::End::{Rule, Unseen};
use super::Row;

pub(super) const ROWS: &[Row] = &[
    Row { id: "B-1", trap: "one bundle alone brings ucd", ends: &[Rule("role-without-ucd-bundle")] },
    Row { id: "B-2", trap: "until May 2017 it brought another client", ends: &[Rule("release-without-ucd")] },
    Row { id: "B-3", trap: "Python, for Ansible, came to it in July 2019", ends: &[Rule("no-python")] },
    Row { id: "B-4", trap: "kernels differ", ends: &[Rule("several-kernels")] },
    Row {
        id: "B-5",
        trap: "the boot manager comes with kernels alone",
        ends: &[Rule("cmdline-without-bootloader"), Rule("no-kernel"), Rule("locked-root")],
    },
    Row { id: "B-6", trap: "`os-core` has no systemd", ends: &[Rule("no-kernel")] },
    Row {
        id: "B-7",
        trap: "a machine with a role needs five bundles",
        ends: &[Unseen("what else it is for", "language/releases.md#pairing")],
    },
    Row {
        id: "B-8",
        trap: "since 2019 nothing starts the network by itself",
        ends: &[Rule("network-not-started"), Rule("address-without-networkd")],
    },
    Row {
        id: "B-9",
        trap: "bundles were renamed, removed and emptied",
        ends: &[Rule("bundle-not-in-release"), Rule("doubtful-bundle"), Rule("outdated-bundle")],
    },
    Row {
        id: "B-10",
        trap: "names heed capitals, and have a status",
        ends: &[Rule("bundle-not-in-release"), Rule("outdated-bundle")],
    },
];
