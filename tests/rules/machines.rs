//! Machines: who they are, where they are, and what they cannot do without.

use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::source::{Disk, Loader};

use crate::fleets::{found, places};

#[test]
fn one_fault_in_shared_settings_is_one_finding_with_every_place() {
    let hosts: String =
        (1..=9).map(|n| format!("  node-{n}: {{ mac: 52:54:00:00:00:0{n}, role: r{} }}\n", n % 3)).collect();
    let fleet = format!("roles:\n  r0: {{}}\n  r1: {{}}\n  r2: {{}}\nhosts:\n{hosts}defaults:\n  release: stable\n");
    let missing = |line: u32| format!("{line} missing-setting");
    // Three roles lack two settings, and nine hosts with them: `defaults` would give them to all.
    assert_eq!(found(&fleet), [15, 15].map(missing));
    let fleet = "layouts:\n  one-disk:\n    - disk: sda\n      partitions:\n        - { size: rest, filesystem: ext4, mount: / }\ndefaults:\n  release: stable\n  layout: one-disk\n  bundles: BUNDLES\n  legacy_bios: false\n";
    // The layout; where it is chosen; where BIOS is ruled out; a machine.
    assert_eq!(places(fleet)[..3], [2, 8, 10]);
}

#[test]
fn a_host_is_blamed_where_its_role_has_what_it_lacks() {
    let fleet = "hosts:\n  node-1: { mac: 52:54:00:00:00:01, role: compute, layout: null }\n  node-2: { mac: 52:54:00:00:00:02, role: compute }\n";
    assert_eq!(found(fleet), ["2 missing-setting"]);
}

#[test]
fn a_machine_that_has_its_system_needs_nothing_of_it() {
    let hosts = "networks:\n  n: { cidr: 192.168.1.0/24, gateway: 192.168.1.254, dns: 192.168.1.53 }\nhosts:\n  boot: { mac: 52:54:00:00:00:01, role: compute, state: installed, address: 192.168.1.1 }\n  router: { mac: 52:54:00:00:00:02, role: compute, state: installed, address: 192.168.1.254 }\n  dns: { mac: 52:54:00:00:00:03, role: compute, state: installed, address: 192.168.1.53 }\n";
    let settings = [
        "defaults: {}\n",
        "defaults: { release: stable, bundles: null }\n",
        "defaults: { release: stable, bundles: [os-core], http_proxy: http://p, users: [{ name: ada, sudo: true }] }\n",
    ];
    for settings in settings {
        assert_eq!(found(&format!("{hosts}{settings}")), [""; 0], "{settings}");
    }
    // Its names and addresses count all the same.
    let fleet = format!(
        "{hosts}  other: {{ mac: 52:54:00:00:00:01, role: compute, state: installed, address: 192.168.1.255 }}\n"
    );
    assert_eq!(found(&fleet), ["7 duplicate-mac", "7 reserved-address"]);
}

#[test]
fn machines_that_are_not_listed_are_judged_like_others() {
    let fleet = "unknown: { install: compute }\nhosts: {}\ndefaults: { release: stable }\nroles:\n  compute: {}\n";
    assert_eq!(found(fleet), ["3 missing-setting", "3 missing-setting"]);
    let fleet = "unknown: { install: compute }\nhosts: {}\nroles:\n  compute: { cloud_config: role.yaml, bundles: [kernel-native, systemd-networkd-autostart] }\n";
    assert_eq!(found(fleet), ["4 role-without-ucd-bundle"]);
    assert_eq!(found("unknown: { install: compute }\nhosts: {}\n"), [""; 0]);
}

#[test]
fn a_machine_with_a_fault_elsewhere_still_has_its_name_and_addresses() {
    let fleet = "hosts:\n  node-1: { mac: 52:54:00:00:00:01, role: nobody }\n  node-2: { mac: 52:54:00:00:00:01, role: compute }\n  Node-1: { mac: 52:54:00:00:00:03, role: compute }\n";
    assert_eq!(found(fleet), ["2 dangling-reference", "3 duplicate-mac", "4 names-equal-but-for-case"]);
}

#[test]
fn three_hosts_with_one_mac_are_two_findings() {
    let fleet = "hosts:\n  a: { mac: 52:54:00:00:00:01, role: compute }\n  b: { mac: [52:54:00:00:00:02, 52:54:00:00:00:01], role: compute }\n  c: { mac: 5254.0000.0001, role: compute }\n";
    assert_eq!(found(fleet), ["3 duplicate-mac", "4 duplicate-mac"]);
}

#[test]
fn a_role_named_like_a_hosts_own_text_matters_only_where_there_is_one() {
    let fleet = |text: &str| {
        format!(
            "roles:\n  compute:\n    cloud_config: |\n      #cloud-config\n      groups: [\"{text}\"]\n  compute.node-1:\n    cloud_config: role.yaml\n"
        )
    };
    assert_eq!(found(&fleet("{{ host.name }}")), ["6 ambiguous-role-name"]);
    assert_eq!(found(&fleet("{{ role.name }}")), [""; 0]);
}

#[test]
fn networks_and_what_has_an_address_there() {
    let network = |keys: &str| found(&format!("networks:\n  n: {{ cidr: 10.0.0.0/24, {keys} }}\n"));
    assert_eq!(network("gateway: 10.0.0.1, dns: 9.9.9.9, dhcp_range: 10.0.0.2-10.0.0.254"), [""; 0]);
    assert_eq!(network("gateway: 10.0.0.255"), ["2 reserved-address"]);
    assert_eq!(network("dns: 10.0.0.0"), ["2 reserved-address"]);
    assert_eq!(network("dhcp_range: 10.0.0.0-10.0.0.9"), ["2 reserved-address"]);
    assert_eq!(network("gateway: 10.0.0.5, dns: 10.0.0.5, dhcp_range: 10.0.0.2-10.0.0.9"), ["2 address-in-dhcp-range"]);
    assert_eq!(network("dhcp_range: 10.0.0.9-10.0.1.9"), ["2 dhcp-range-outside-network"]);
    let server =
        "server: { url: http://10.0.0.7:80/x }\nnetworks:\n  n: { cidr: 10.0.0.0/24, dhcp_range: 10.0.0.2-10.0.0.9 }\n";
    assert_eq!(found(server), ["3 address-in-dhcp-range"]);
    // In a network of two or one, the ends are hosts.
    let pair = "networks:\n  n: { cidr: 10.0.0.0/31, gateway: 10.0.0.0 }\nhosts:\n  a: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 10.0.0.1 }\n";
    assert_eq!(found(pair), [""; 0]);
}

#[test]
fn networks_in_networks() {
    let fleet = "networks:\n  a: { cidr: 10.0.0.0/8 }\n  b: { cidr: 10.1.0.0/16 }\n  c: { cidr: 10.1.1.0/24 }\n  d: { cidr: 10.2.0.0/16 }\n  e: { cidr: 11.0.0.0/8 }\n  f: { cidr: 10.1.0.0/16 }\n";
    assert_eq!(
        found(fleet),
        ["3 overlapping-networks", "4 overlapping-networks", "5 overlapping-networks", "7 duplicate-network"]
    );
}

#[test]
fn what_a_static_address_needs() {
    let fleet = |defaults: &str, host: &str| {
        found(&format!(
            "networks:\n  n: {{ cidr: 10.0.0.0/24, gateway: 10.0.0.1 }}\nhosts:\n  a: {{ mac: 52:54:00:00:00:01, role: compute, address: 10.0.0.5{host} }}\ndefaults: {{ release: stable, layout: one-disk, bundles: BUNDLES{defaults} }}\n"
        ))
    };
    assert_eq!(fleet("", ""), ["4 address-without-interface"]);
    assert_eq!(fleet(", interface: eno1", ""), [""; 0]);
    // A faulty interface is reported once, as what it is.
    assert_eq!(fleet("", ", interface: eth 0"), ["4 malformed-interface"]);
    assert_eq!(fleet(", interface: eno1", ", bundles: { add: [NetworkManager] }"), [""; 0]);
    let manager = ", interface: eno1, bundles: [kernel-native, os-cloudguest, NetworkManager]";
    assert_eq!(fleet("", manager), ["4 address-without-networkd"]);
    let by_hand = format!("{manager}, hooks: {{ post_chroot_shell: [systemctl enable systemd-networkd] }}");
    assert_eq!(fleet("", &by_hand), [""; 0]);
}

#[test]
fn the_examples_are_silent() {
    let texts = |folder: &str| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(folder);
    for folder in ["minimal", "pilot", "bulk", "mixed"] {
        let loader = Disk::new(texts(folder));
        let text = loader.read("fleet.yaml").expect("an example has a fleet file");
        let compiled = compile("fleet.yaml", text, "", &loader, &Levels::default());
        assert!(compiled.report.findings.is_empty(), "{folder}: {:?}", compiled.report.findings);
    }
}
