//! The networks: what their gateways, ranges and CIDRs say of each other.

use std::net::Ipv4Addr;

use super::{fixed, reserved, server};
use crate::diag::{Sink, rule};
use crate::model::{Address, Fleet, Network};
use crate::source::{Span, Spanned};

rule! {
    /// ## What it does
    /// Two networks with the same addresses.
    ///
    /// ## Why it matters
    /// A host's gateway, name server and prefix length come from the network that contains its address. With two of them,
    /// one is taken, and nobody said which.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.1 }
    ///   rack2: { cidr: 192.168.1.0/24, gateway: 192.168.1.2 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.1 }
    ///   rack2: { cidr: 192.168.2.0/24, gateway: 192.168.2.1, dhcp_range: 192.168.2.128-192.168.2.253 }
    /// ```
    DUPLICATE_NETWORK, duplicate_network: "duplicate-network", Network, Error, fixed;
}

rule! {
    /// ## What it does
    /// A network inside another one.
    ///
    /// ## Why it matters
    /// A host with an address in the inner network gets the inner gateway and prefix length. Machines of the outer network
    /// take it for a neighbour and never ask a gateway for it: between the two there is no connection.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   site: { cidr: 10.0.0.0/8, gateway: 10.0.0.1, dhcp_range: 10.0.0.2-10.0.0.99 }
    ///   rack1: { cidr: 10.1.0.0/16, gateway: 10.1.0.1, dhcp_range: 10.1.0.2-10.1.0.99 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   office: { cidr: 10.0.0.0/16, gateway: 10.0.0.1, dhcp_range: 10.0.0.2-10.0.0.99 }
    ///   rack1: { cidr: 10.1.0.0/16, gateway: 10.1.0.1, dhcp_range: 10.1.0.2-10.1.0.99 }
    /// ```
    OVERLAPPING_NETWORKS, overlapping_networks: "overlapping-networks", Network, Warn;
}

rule! {
    /// ## What it does
    /// A network of addresses that no machine can have: loopback, multicast or reserved ones.
    ///
    /// ## Why it matters
    /// The kernel does not send to such an address over a cable. A machine installed with one is reached by nobody.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 224.168.1.0/24, gateway: 224.168.1.1 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.1 }
    /// ```
    UNUSABLE_NETWORK, unusable_network: "unusable-network", Network, Error, fixed;
}

/// Networks with the same addresses, and networks inside others.
pub(in crate::rules) fn overlaps(fleet: &Fleet, sink: &Sink) {
    // Sorted like this, what contains a network stands before it; two networks never overlap by halves.
    let key = |network: &Network| (network.cidr.network(), network.cidr.prefix(), network.cidr.span);
    let mut networks: Vec<&Network> = fleet.networks.iter().collect();
    networks.sort_by_key(|network| key(network));
    let mut around: Vec<&Network> = Vec::new();
    for network in networks {
        while around.last().is_some_and(|outer| !outer.cidr.overlaps(network.cidr.value)) {
            around.pop();
        }
        match around.last() {
            Some(first) if first.cidr.value == network.cidr.value => {
                let (a, b) = (first.name.as_str(), network.name.as_str());
                let message = format!("networks `{a}` and `{b}` are both `{}`", network.cidr.value);
                let finding = DUPLICATE_NETWORK.at(network.cidr.span, message).and(first.cidr.span, "first here");
                sink.report(finding.help("make them one, or give one its own addresses"));
                continue;
            }
            Some(outer) => {
                let (a, b) = (network.name.as_str(), outer.name.as_str());
                let message =
                    format!("network `{a}` lies inside network `{b}`; machines of the two do not reach each other");
                let finding =
                    OVERLAPPING_NETWORKS.at(network.cidr.span, message).and(outer.cidr.span, "inside this one");
                sink.report(finding.help("networks that do not overlap"));
            }
            None => {}
        }
        around.push(network);
    }
}

/// Each network by itself.
pub(in crate::rules) fn each(fleet: &Fleet, sink: &Sink) {
    let server = server(fleet);
    for network in &fleet.networks {
        let cidr = network.cidr.value;
        if let Some(what) = cidr.unusable() {
            let finding =
                UNUSABLE_NETWORK.at(network.cidr.span, format!("`{cidr}` holds {what}; no machine can have one"));
            sink.report(finding.help("private networks lie in 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16"));
            continue;
        }
        if let Some(gateway) = &network.gateway {
            end(network, gateway, "gateway", sink);
        }
        if let Some(dns) = &network.dns {
            end(network, dns, "name server", sink);
        }
        range(network, fleet.server.url.span, server, sink);
    }
}

/// Reports an address of the network that is one of its ends.
fn end(network: &Network, address: &Spanned<Address>, what: &str, sink: &Sink) {
    if let Some(kind) = reserved(network, address.value.0) {
        let message = format!("the {what} `{}` is the {kind} address of `{}`", address.value, network.name.as_str());
        let finding = super::host::RESERVED_ADDRESS.at(address.span, message).and(network.cidr.span, "of this network");
        sink.report(finding.help("an address between the first and the last of the network"));
    }
}

/// The range that DHCP gives out.
fn range(network: &Network, url: Span, server: Option<Ipv4Addr>, sink: &Sink) {
    let Some(range) = &network.dhcp_range else { return };
    let (name, cidr) = (network.name.as_str(), network.cidr.value);
    if !cidr.contains(range.first) || !cidr.contains(range.last) {
        return;
    }
    for ip in [range.first, range.last] {
        if let Some(kind) = reserved(network, ip) {
            let message = format!("the DHCP range of `{name}` holds its {kind} address, `{ip}`");
            let finding =
                super::host::RESERVED_ADDRESS.at(range.span, message).and(network.cidr.span, "of this network");
            sink.report(finding.help("leave the first and the last address of the network out"));
        }
    }
    let mut taken: Vec<(Ipv4Addr, Span, &str)> = Vec::new();
    for (ip, span, what) in fixed(network, url, server) {
        // One machine may be all three.
        if range.contains(ip) && taken.iter().all(|(known, ..)| *known != ip) {
            taken.push((ip, span, what));
        }
    }
    let Some((ip, _, what)) = taken.first() else { return };
    let mut finding =
        super::host::ADDRESS_IN_DHCP_RANGE.at(range.span, format!("DHCP gives out `{ip}`, the address of the {what}"));
    for (_, span, what) in &taken {
        finding = finding.and(*span, format!("the {what}"));
    }
    sink.report(finding.help("leave the addresses that are taken out of the range"));
}
