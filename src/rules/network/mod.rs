//! Addresses: the networks themselves, and the hosts in them.

pub(super) mod host;
pub(super) mod plan;

use std::net::Ipv4Addr;

use crate::model::{Fleet, Network};
use crate::source::Span;

/// The address in the server's URL, where it has one and not a name.
pub(super) fn server(fleet: &Fleet) -> Option<Ipv4Addr> {
    fleet.server.url.host().parse().ok()
}

/// What an address is that a network keeps for itself.
fn reserved(network: &Network, ip: Ipv4Addr) -> Option<&'static str> {
    let cidr = network.cidr.value;
    match () {
        () if !cidr.has_reserved_ends() => None,
        () if ip == cidr.network() => Some("network"),
        () if ip == cidr.broadcast() => Some("broadcast"),
        () => None,
    }
}

/// The machines of a network that are no hosts, and have addresses.
fn fixed(
    network: &Network,
    url: Span,
    server: Option<Ipv4Addr>,
) -> impl Iterator<Item = (Ipv4Addr, Span, &'static str)> {
    let gateway = network.gateway.map(|gateway| (gateway.value.0, gateway.span, "gateway"));
    let dns = network.dns.map(|dns| (dns.value.0, dns.span, "name server"));
    let server = server.map(|ip| (ip, url, "boot server"));
    [gateway, dns, server].into_iter().flatten()
}

/// Whether DHCP gives out the address of a machine that is no host: then its range is to blame.
fn is_range_faulty(network: &Network, server: Option<Ipv4Addr>) -> bool {
    let Some(range) = &network.dhcp_range else { return false };
    fixed(network, range.span, server).any(|(ip, ..)| range.contains(ip))
}
