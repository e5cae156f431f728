//! Addresses of hosts: in their networks, and beside what else has an address there.

use super::{is_range_faulty, reserved, server};
use crate::diag::{Sink, rule};
use crate::model::{Fleet, Host, Network, StaticAddress};
use crate::source::{Span, Spanned};

rule! {
    /// ## What it does
    /// An address that a network keeps for itself: its first, which names the network, or its last, which reaches all
    /// hosts at once.
    ///
    /// ## Why it matters
    /// No machine answers at such an address, and one that is installed with it is reached by nobody.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.1 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.255 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.1 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }
    /// ```
    pub(super) RESERVED_ADDRESS, reserved_address: "reserved-address", Network, Error, fixed;
}

rule! {
    /// ## What it does
    /// A host that is to be installed with the address of its gateway.
    ///
    /// ## Why it matters
    /// The installer rejects it before it touches a disk (contract I-43), and the machine waits at its console. If it did
    /// not, the whole network would lose its way out.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.254 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }
    /// ```
    ADDRESS_OF_GATEWAY, address_of_gateway: "address-of-gateway", Network, Error, fixed;
}

rule! {
    /// ## What it does
    /// A host that is to be installed with the address of the server that it boots from.
    ///
    /// ## Why it matters
    /// As soon as it comes up, two machines have the address, and the other machines of the fleet find no boot script, or
    /// lose the server in the middle of an installation, with their disks written by half.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.1 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }
    /// ```
    ADDRESS_OF_SERVER, address_of_server: "address-of-server", Network, Error, fixed;
}

rule! {
    /// ## What it does
    /// A host that is to be installed with the address of its network's name server.
    ///
    /// ## Why it matters
    /// While it is installed there is either no name server, and the installer finds no mirror (contract N-9), or there is
    /// one, and soon two machines with its address. A machine that becomes the name server is fine as `state: installed`.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254, dns: 192.168.1.53 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.53 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254, dns: 192.168.1.53 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }
    /// ```
    ADDRESS_OF_DNS, address_of_dns: "address-of-dns", Network, Warn;
}

rule! {
    /// ## What it does
    /// An address that is taken, a host's or the gateway's, in the range that DHCP gives out.
    ///
    /// ## Why it matters
    /// Sooner or later the DHCP server gives the address to another machine, and two machines share it.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254, dhcp_range: 192.168.1.128-192.168.1.250 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.130 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254, dhcp_range: 192.168.1.128-192.168.1.250 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }
    /// ```
    pub(super) ADDRESS_IN_DHCP_RANGE, address_in_dhcp_range: "address-in-dhcp-range", Network, Error;
}

rule! {
    /// ## What it does
    /// A host with a static address and no `interface` to give it to.
    ///
    /// ## Why it matters
    /// The installer takes such a template, wipes the disk, copies the whole system, and only then asks for the interface
    /// and fails (contract I-82): the machine has neither its old system nor a new one.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, address: 192.168.1.11 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }
    /// ```
    ADDRESS_WITHOUT_INTERFACE, address_without_interface: "address-without-interface", Network, Error, fixed;
}

rule! {
    /// ## What it does
    /// A network without gateway, for a host that is to be installed with an address in it.
    ///
    /// ## Why it matters
    /// The installer takes no static address without a gateway (contract I-43). It stops before it touches a disk, and the
    /// machine waits at its console.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24 }   # <-
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }
    /// ```
    ADDRESS_WITHOUT_GATEWAY, address_without_gateway: "address-without-gateway", Network, Error, fixed;
}

/// Every static address in its network.
pub(in crate::rules) fn addresses(fleet: &Fleet, sink: &Sink) {
    let server = server(fleet);
    interfaces(fleet, sink);
    for host in &fleet.hosts {
        let Some(address) = &host.address else { continue };
        let network = fleet.network(address.network);
        let (ip, name) = (address.ip, host.name.as_str());
        if let Some(kind) = reserved(network, ip) {
            let message = format!("the address of host `{name}` is the {kind} address of `{}`", network.name.as_str());
            let finding = RESERVED_ADDRESS.at(address.span, message).and(network.cidr.span, "of this network");
            sink.report(finding.help("an address between the first and the last of the network"));
            continue;
        }
        if let Some(range) = network.dhcp_range.filter(|range| range.contains(ip) && !is_range_faulty(network, server))
        {
            let message = format!("DHCP gives out the address of host `{name}`, `{ip}`");
            let finding = ADDRESS_IN_DHCP_RANGE.at(address.span, message).and(range.span, "in this range");
            sink.report(finding.help("choose an address outside the range, or make the range smaller"));
        }
        if host.installs() {
            needs(host, address, network, sink);
            // One machine may be gateway and server.
            if server == Some(ip) && network.gateway.is_none_or(|gateway| gateway.value.0 != ip) {
                let message = format!("host `{name}` would take over the address of the server it boots from, `{ip}`");
                let finding = ADDRESS_OF_SERVER.at(address.span, message).and(fleet.server.url.span, "the server");
                sink.report(finding.help("choose another address; `state: installed` if this machine is the server"));
            }
        }
    }
}

/// What an address needs when the machine is installed.
fn needs(host: &Host, address: &Spanned<StaticAddress>, network: &Network, sink: &Sink) {
    let (ip, name) = (address.ip, host.name.as_str());
    match network.gateway {
        None => {
            let message = format!(
                "network `{}` has no gateway, which the installer wants with each address",
                network.name.as_str()
            );
            // One finding for all hosts of the network.
            let finding = ADDRESS_WITHOUT_GATEWAY.at(network.name.span, message).and(address.span, "an address in it");
            sink.report(finding.help("add the network's gateway: `gateway: …`"));
        }
        Some(gateway) if gateway.value.0 == ip => {
            let message = format!("host `{name}` has the address of its gateway; the installer stops at that");
            let finding = ADDRESS_OF_GATEWAY.at(address.span, message).and(gateway.span, "the gateway");
            sink.report(finding.help("choose another address; `state: installed` if this machine is the gateway"));
        }
        Some(_) => {}
    }
    let gateway = network.gateway.is_some_and(|gateway| gateway.value.0 == ip);
    if let Some(dns) = network.dns.filter(|dns| dns.value.0 == ip && !gateway) {
        let message = format!("host `{name}` would take over the address of the name server, `{ip}`");
        let finding = ADDRESS_OF_DNS.at(address.span, message).and(dns.span, "the name server");
        sink.report(finding.help("choose another address; `state: installed` if this machine is the name server"));
    }
}

/// How many hosts without an interface are shown.
const SHOWN: usize = 4;

/// Addresses without an interface, once for all hosts.
fn interfaces(fleet: &Fleet, sink: &Sink) {
    let mut without: Vec<(&Host, Span)> = Vec::new();
    let mut count = 0;
    for host in fleet.hosts.iter().filter(|host| host.installs()) {
        let Some(address) = &host.address else { continue };
        if !host.settings.interface.is_unset() {
            continue;
        }
        count += 1;
        if without.len() < SHOWN {
            without.push((host, address.span));
        }
    }
    let Some((first, place)) = without.first() else { return };
    let fails = "; the installer fails once the disk is written";
    let help =
        "add the interface to the host, its role or `defaults`: `interface: eno1`; `ip link` on the machine lists them";
    let message = format!("{count} hosts have a static address and no interface{fails}");
    let finding = match fleet.defaults.filter(|_| count > 1) {
        Some(defaults) => {
            without.iter().fold(ADDRESS_WITHOUT_INTERFACE.at(defaults, message), |finding, (host, address)| {
                finding.and(*address, format!("for host `{}`", host.name.as_str()))
            })
        }
        None => {
            let message = match count {
                1 => format!("host `{}` has a static address and no interface{fails}", first.name.as_str()),
                _ => message,
            };
            without[1..].iter().fold(ADDRESS_WITHOUT_INTERFACE.at(*place, message), |finding, (host, address)| {
                finding.and(*address, format!("nor has host `{}`", host.name.as_str()))
            })
        }
    };
    sink.report(finding.help(help));
}
