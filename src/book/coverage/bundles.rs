//! Bundles, the releases that have them, and what Ansible needs of them.

use super::End::{Built, Rule, Unseen};
use super::Row;

pub(super) const ROWS: &[Row] = &[
    Row { id: "B-1", trap: "one bundle alone brings ucd", ends: &[Rule("role-without-ucd-bundle")] },
    Row { id: "B-2", trap: "until May 2017 it brought another client", ends: &[Rule("release-without-ucd")] },
    Row {
        id: "B-3",
        trap: "Python, for Ansible, came to it in July 2019",
        ends: &[Rule("no-python"), Rule("role-closed-to-ansible")],
    },
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

pub(super) const HANDOVER: &[Row] = &[
    Row {
        id: "A-1",
        trap: "Ansible needs a key, and `sudo` that does not ask",
        ends: &[Rule("role-closed-to-ansible")],
    },
    Row { id: "A-2", trap: "it needs an SSH server, `sudo` and Python", ends: &[Rule("role-closed-to-ansible")] },
    Row {
        id: "A-3",
        trap: "the control host has needs of its own",
        ends: &[Unseen("it is no machine of the fleet", "ansible.md#the-control-host")],
    },
    Row {
        id: "A-4",
        trap: "a role for Ansible is short, and root is not needed",
        ends: &[Unseen("whom a role makes is up to you", "ansible.md#who-comes-in")],
    },
    Row {
        id: "A-5",
        trap: "nothing else makes an inventory; host keys are made on the machine",
        ends: &[
            Built("it comes from the fleet file", "ansible_reads_what_the_examples_say"),
            Unseen("a key is there when the machine is up", "ansible.md#host-keys"),
        ],
    },
];
