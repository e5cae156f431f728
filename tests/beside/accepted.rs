//! Every fleet that has no fault has configurations that the programs take.

use fleetc::beside::{Kind, Options, emit};
use fleetc::compile::{Compiled, compile};
use fleetc::diag::Levels;
use fleetc::source::Memory;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestRunner};

use crate::programs::{accepted, judge, options, options_for};
use crate::{example, fleets};

/// The smallest fleet, with other networks and hosts.
fn fleet(networks: &str, hosts: &str) -> Compiled {
    let text = example::named("minimal").text();
    let (start, _) = text.split_once("hosts:\n").unwrap();
    let start = start.replacen("defaults:\n", "defaults:\n  interface: eno1\n", 1);
    example::named("minimal").compile(&format!("{start}networks:\n{networks}hosts:\n{hosts}"))
}

fn faults(compiled: &Compiled) -> String {
    format!("{:#?}", example::findings(compiled))
}

#[test]
fn every_example_is_accepted() {
    for example in example::all() {
        let compiled = example.compile(&example.text());
        let fleet = compiled.fleet().unwrap();
        let options = options_for(fleet);
        if !fleet.networks.is_empty() {
            accepted(fleet, &options).unwrap();
            continue;
        }
        assert!(["bulk", "minimal"].contains(&example.name.as_str()), "{}", example.name);
        let block = emit(fleet, Kind::Nginx, &options).unwrap();
        judge(Kind::Nginx, &block).unwrap_or_else(|fault| panic!("{fault}"));
        for kind in [Kind::Dnsmasq, Kind::Kea, Kind::Dhcpd] {
            let trouble = emit(fleet, kind, &options).unwrap_err();
            assert_eq!(trouble.message, "the fleet has no network, and a DHCP server needs one");
        }
        let names = emit(fleet, Kind::Hosts, &options).unwrap();
        assert!(names.ends_with("# No machine of the fleet has an address of its own.\n"), "{names}");
    }
}

/// What a host or a network may be called, and what servers would rather take for something else.
#[test]
fn names_that_mean_something_to_servers_are_names() {
    let long = "a".repeat(63);
    let names = [
        "1", "12h", "7w", "00", "3com", "0x1f", "1-a", "deadbeef", "infinite", "ignore", "host", "group", "subnet",
        "if", "option", "lease", "true", "IPXE", "range", "pool", "include", "dynamic", "hardware", "ethernet",
        "class", &long,
    ];
    let mut hosts = String::new();
    for (index, name) in names.iter().enumerate() {
        let address = if index % 2 == 0 { format!(", address: 192.168.1.{}", index + 10) } else { String::new() };
        let macs = format!("[\"52:54:00:00:01:{index:02x}\", \"52:54:00:00:02:{index:02x}\"]");
        hosts.push_str(&format!("  \"{name}\": {{ mac: {macs}, role: managed{address} }}\n"));
    }
    let networks = "  ipxe: { cidr: 192.168.1.0/24, gateway: 192.168.1.1, dns: 192.168.1.9, domain: 1.example }\n\
                    \x20 bios: { cidr: 10.0.0.0/16, dhcp_range: 10.0.5.0-10.0.7.255, domain: x }\n";
    let compiled = fleet(networks, &hosts);
    let fleet = compiled.fleet().unwrap_or_else(|| panic!("{}", faults(&compiled)));
    accepted(fleet, &options()).unwrap();
    // dnsmasq has them as names: `12h` outside of quotes is a time, and is accepted too.
    let text = emit(fleet, Kind::Dnsmasq, &options()).unwrap();
    for line in ["192.168.1.10,\"1\"\n", "52:54:00:00:02:01,\"12h\"\n", ",192.168.1.18,\"infinite\"\n", ",\"ignore\"\n"]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn hundreds_of_machines_in_several_networks() {
    let (mut networks, mut hosts) = (String::new(), String::new());
    for rack in 0..12 {
        let range = if rack % 3 == 0 { "" } else { &format!(", dhcp_range: 10.{rack}.1.0-10.{rack}.1.200") };
        networks.push_str(&format!("  rack-{rack}: {{ cidr: 10.{rack}.0.0/22, gateway: 10.{rack}.0.1{range} }}\n"));
        for node in 0..40 {
            let address = format!("address: 10.{rack}.0.{}", 200 - node);
            let mac = format!("52:54:00:0a:{rack:02x}:{node:02x}");
            hosts.push_str(&format!("  node-{rack}-{node}: {{ mac: \"{mac}\", role: managed, {address} }}\n"));
        }
    }
    let compiled = fleet(&networks, &hosts);
    let fleet = compiled.fleet().unwrap_or_else(|| panic!("{}", faults(&compiled)));
    accepted(fleet, &options()).unwrap();
    let names = emit(fleet, Kind::Hosts, &options()).unwrap();
    let lines: Vec<&str> = names.lines().skip(1).collect();
    assert_eq!((lines.len(), lines[0], lines[479]), (480, "10.0.0.161      node-0-39", "10.11.0.200     node-11-0"));
}

#[test]
fn a_fleet_that_no_server_could_be_told_of_is_refused() {
    let host = "  node-1: { mac: \"52:54:00:00:01:01\", role: managed, address: 10.0.0.5 }\n";
    let refused = |networks: &str, hosts: &str, options: &Options| {
        let compiled = fleet(networks, hosts);
        let fleet = compiled.fleet().unwrap_or_else(|| panic!("{}", faults(&compiled)));
        let [one, two, three] =
            [Kind::Dnsmasq, Kind::Kea, Kind::Dhcpd].map(|kind| emit(fleet, kind, options).unwrap_err().message);
        assert!(one == two && two == three, "{one} {two} {three}");
        one
    };
    let nested = "  all: { cidr: 10.0.0.0/8, gateway: 10.0.0.1 }\n  one: { cidr: 10.0.0.0/24, gateway: 10.0.0.1 }\n";
    let overlap = refused(nested, host, &options());
    assert_eq!(overlap, "network `one` (10.0.0.0/24) lies inside network `all` (10.0.0.0/8)");
    let domain = "  one: { cidr: 10.0.0.0/24, gateway: 10.0.0.1, domain: \"a b\\\"; }\" }\n";
    assert_eq!(refused(domain, host, &options()), "the domain of network `one` is no domain name: \"a b\\\"; }\"");
    let one = "  one: { cidr: 10.0.0.0/24, gateway: 10.0.0.1 }\n";
    let long = host.replace("node-1", &"n".repeat(64));
    assert_eq!(refused(one, &long, &options()), format!("the name `{}` is too long for DHCP", "n".repeat(64)));
    let mut files = options();
    files.files.set(&format!("x64={}", "x".repeat(128))).unwrap();
    assert!(refused(one, host, &files).contains("is too long for DHCP, which takes 127 characters"));
    let mixed = example::named("mixed");
    let compiled = mixed.compile(&mixed.text());
    let named = emit(compiled.fleet().unwrap(), Kind::Kea, &options()).unwrap_err();
    assert_eq!(named.message, "DHCP needs the address of the TFTP server, and `boot.example` is a name");
    assert_eq!(named.help, "give it with `--tftp-server ADDRESS`");
}

/// Random fleets: whatever has no fault is written, and accepted by the programs themselves (contract N-11).
#[test]
fn random_fleets_are_accepted() {
    let tried = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let result = runner.run(&proptest::collection::vec(any::<u16>(), 0..160), |numbers| {
        let fleet = fleets::fleet(&mut fleets::Tape::new(&numbers));
        let files: Memory = fleets::files();
        let compiled = compile("fleet.yaml", fleet.to_string(), "", &files, &Levels::default());
        if let Some(fleet) = compiled.fleet() {
            accepted(fleet, &options_for(fleet)).unwrap();
            tried.set(tried.get() + 1);
        }
        Ok(())
    });
    result.unwrap_or_else(|fault| panic!("{fault}"));
    assert!(tried.get() >= 15, "{} of 40 random fleets have no fault", tried.get());
}
