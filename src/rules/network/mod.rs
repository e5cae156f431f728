//! Addresses: the networks themselves, and the hosts in them.

pub(super) mod host;
pub(super) mod plan;

use std::net::Ipv4Addr;

use crate::model::{Fleet, Network};

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
