//! What misleads readers: parts that nothing uses, and hosts unlike all others of their role.

use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::source::Memory;

use super::whole;

/// Every finding as "line message".
fn said(excerpt: &str) -> Vec<String> {
    let compiled = compile("fleet.yaml", whole(excerpt), "", &Memory::default(), &Levels::default());
    let said = compiled.report.findings.iter().map(|finding| {
        let place = finding.diagnostic.place.span;
        format!("{} {}", compiled.sources.get(place.file).line_of(place.start), finding.diagnostic.message)
    });
    said.collect()
}

/// A fleet of hosts of one role, from the second line on; each with a MAC address and what `rest` says of its number.
fn hosts(count: usize, rest: impl Fn(usize) -> &'static str) -> String {
    let host = |n: usize| format!("  h{n}: {{ role: compute, mac: 52:54:00:00:00:{n:02}{} }}\n", rest(n));
    format!(
        "hosts:\n{}networks: {{ n: {{ cidr: 10.0.0.0/24, gateway: 10.0.0.1, dhcp_range: 10.0.0.200-10.0.0.250 }} }}\n",
        (1..=count).map(host).collect::<String>()
    )
}

const NOTHING: [&str; 0] = [];

#[test]
fn one_host_among_many_is_odd() {
    let labels = |odd: usize| move |n| if n == odd { "" } else { ", labels: { rack: r1 }" };
    assert_eq!(said(&hosts(6, labels(4))), ["5 host `h4` has no label `rack`, unlike the 5 others of role `compute`"]);
    assert_eq!(said(&hosts(5, labels(4))), NOTHING, "four others are too few");
    let two = |n| if n < 3 { "" } else { ", labels: { rack: r1 }" };
    assert_eq!(said(&hosts(9, two)), NOTHING, "two are no accident");
    let own = |n| if n == 2 { ", labels: { spare: yes }" } else { "" };
    assert_eq!(said(&hosts(9, own)), NOTHING, "one host may have a label of its own");
}

#[test]
fn a_host_without_address_or_with_another_layout_is_odd() {
    let addresses = [
        "",
        ", address: 10.0.0.11, interface: eno1",
        ", address: 10.0.0.12, interface: eno1",
        "",
        ", address: 10.0.0.14, interface: eno1",
        ", address: 10.0.0.15, interface: eno1",
        ", address: 10.0.0.16, interface: eno1",
    ];
    assert_eq!(
        said(&hosts(6, |n| addresses[n])),
        ["4 host `h3` has no address, unlike the 5 others of role `compute`"]
    );
    let one = |n| if n == 3 { ", address: 10.0.0.11, interface: eno1" } else { "" };
    assert_eq!(said(&hosts(6, one)), NOTHING, "one may have a fixed address");
    let layouts = "layouts:\n  other:\n    - disk: sdb\n      partitions: [{ size: 512M, type: EFI, filesystem: vfat, mount: /boot }, { size: rest, filesystem: ext4, mount: / }]\n  one-disk:\n    - disk: sda\n      partitions: [{ size: 512M, type: EFI, filesystem: vfat, mount: /boot }, { size: rest, filesystem: ext4, mount: / }]\n";
    let fleet = hosts(6, |n| if n == 6 { ", layout: other" } else { "" }) + layouts;
    assert_eq!(said(&fleet), ["7 host `h6` has the layout `other`, unlike the 5 others of role `compute`"]);
}

#[test]
fn a_host_with_more_cards_is_not_odd() {
    let fleet = hosts(6, |_| "").replace("mac: 52:54:00:00:00:02", "mac: [52:54:00:00:00:02, 52:54:00:00:01:02]");
    assert_eq!(said(&fleet), NOTHING);
}

#[test]
fn behind_an_error_nothing_is_called_unused() {
    let roles = "roles:\n  compute: {}\n  storage: {}\n";
    let hosts = "hosts:\n  node-1: { mac: 52:54:00:00:00:01, role: compute }\n";
    assert_eq!(said(&format!("{roles}{hosts}")), ["3 no host has the role `storage`"]);
    let typo = format!("{roles}{hosts}  node-2: {{ mac: 52:54:00:00:00:02, role: storag }}\n");
    assert_eq!(said(&typo), ["6 no role is called `storag`"]);
}

#[test]
fn what_is_extended_or_for_unlisted_machines_is_used() {
    let roles = "roles:\n  base: {}\n  compute: { extends: base }\n  guest: {}\nunknown: { install: guest }\n";
    assert_eq!(said(roles), NOTHING);
    assert_eq!(
        said("roles: { compute: {}, spare: {} }\nhosts: {}\n"),
        ["2 this fleet has no host, so nothing is installed"]
    );
}

#[test]
fn a_network_is_used_by_addresses_dhcp_and_the_server() {
    // The server of the base is 192.168.1.1.
    assert_eq!(said("networks: { n: { cidr: 192.168.1.0/24 } }\n"), NOTHING);
    assert_eq!(said("networks: { n: { cidr: 10.0.0.0/24, dhcp_range: 10.0.0.2-10.0.0.9 } }\n"), NOTHING);
    let unused = "1 no host has an address in the network `n`, and DHCP gives none there";
    assert_eq!(said("networks: { n: { cidr: 10.0.0.0/24 } }\n"), [unused]);
}
