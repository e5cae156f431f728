//! Networks, and the network that an address belongs to.

use std::sync::Arc;

use super::Scope;
use super::faults::{ADDRESS_OUTSIDE_NETWORKS, GATEWAY_OUTSIDE_NETWORK, RANGE_OUTSIDE_NETWORK, WRONG_PREFIX_LENGTH};
use crate::diag::{Reported, Sink};
use crate::draft::NetworkDraft;
use crate::model::{Cidr, FromText, HostAddress, Name, Network, NetworkId, Range, StaticAddress};
use crate::source::Spanned;
use crate::yaml::{Entry, Field};

/// The networks that could be read.
pub(super) struct Networks {
    pub(super) all: Vec<Network>,
    /// Whether that is every network of the file.
    pub(super) whole: bool,
}

impl Networks {
    /// The networks of `named` that could be read, if the section could.
    pub(super) fn new(all: Vec<Network>, named: usize, readable: bool, sink: &Sink) -> Networks {
        for network in &all {
            judge(network, sink);
        }
        Networks { whole: readable && all.len() == named, all }
    }
}

/// The network that a gateway outside of its own would have: which of the two is wrong was reported.
fn meant(network: &Network) -> Option<Cidr> {
    let gateway = network.gateway.filter(|gateway| !network.cidr.contains(gateway.value.0))?;
    Some(network.cidr.around(gateway.value.0))
}

/// Whether gateway, name server and range lie in their network. When all of them lie in one other, that is what was
/// meant, and one finding says so.
fn judge(network: &Network, sink: &Sink) {
    let (name, cidr) = (network.name.as_str(), network.cidr.value);
    if cidr.unusable().is_some() {
        return;
    }
    let outside = network.dhcp_range.filter(|range| !cidr.contains(range.first) || !cidr.contains(range.last));
    if let (Some(gateway), Some(meant)) = (network.gateway, meant(network)) {
        let near = |range: &Range| meant.contains(range.first) && meant.contains(range.last);
        let message =
            format!("the gateway `{}` lies outside network `{name}`, so its machines cannot reach it", gateway.value);
        if let Some(range) = outside.filter(|range| near(range)) {
            let finding = GATEWAY_OUTSIDE_NETWORK.at(network.cidr.span, message);
            let finding = finding.and(gateway.span, "the gateway").and(range.span, "and what DHCP gives out");
            sink.report(finding.help(format!("`{meant}` holds both")));
            return;
        }
        let finding = GATEWAY_OUTSIDE_NETWORK.at(gateway.span, message).and(network.cidr.span, "the network");
        sink.report(finding.help(format!("an address in `{cidr}`")));
    }
    if let Some(range) = outside {
        let message = format!("the DHCP range `{}` lies outside network `{name}`", range.value);
        let finding = RANGE_OUTSIDE_NETWORK.at(range.span, message).and(network.cidr.span, "the network");
        sink.report(finding.help(format!("addresses in `{cidr}`")));
    }
}

pub(super) fn network(entry: Entry<'_, Field<NetworkDraft<'_>>>, scope: &Scope<'_>) -> Result<Network, Reported> {
    let sink = scope.sink;
    let name = sink.take(Name::from_text(entry.key.value), entry.key.span);
    let of = format!("network `{}`", entry.key.value);
    let draft = entry.value.require(entry.key.value, "`networks`", entry.key.span, sink)?.value;
    let (gateway, dns) = (draft.gateway.read(sink), draft.dns.read(sink));
    let (dhcp_range, domain) = (draft.dhcp_range.read(sink), draft.domain.read(sink));
    let cidr = draft.cidr.require("cidr", &of, entry.key.span, sink);
    let cidr = cidr.and_then(|written| sink.take(Cidr::from_text(written.text), written.span));
    Ok(Network {
        name: name?,
        cidr: cidr?,
        gateway: gateway?,
        dns: dns?,
        dhcp_range: dhcp_range?,
        domain: domain?.map(|domain| domain.map(|line| -> Arc<str> { line.0 })),
    })
}

/// Finds the network of an address: the smallest that contains it.
pub(super) fn locate(
    address: Spanned<HostAddress>,
    networks: &Networks,
    sink: &Sink,
) -> Result<Spanned<StaticAddress>, Reported> {
    let around = networks.all.iter().enumerate().filter(|(_, network)| network.cidr.contains(address.ip));
    let Some((index, network)) = around.max_by_key(|(_, network)| network.cidr.prefix()) else {
        let reported = |network: &Network| meant(network).is_some_and(|meant| meant.contains(address.ip));
        if !networks.whole || networks.all.iter().any(reported) {
            // It may lie in a network that was reported.
            return Err(Reported::earlier(sink));
        }
        let fault =
            ADDRESS_OUTSIDE_NETWORKS.at(address.span, format!("`{}` lies in no network of the fleet", address.ip));
        let help = match networks.all.as_slice() {
            [] => "add its network under `networks`, with its gateway".to_string(),
            some => {
                let list: Vec<String> = some
                    .iter()
                    .take(6)
                    .map(|network| format!("`{}` ({})", network.name.as_str(), network.cidr.value))
                    .collect();
                format!("networks: {}", list.join(", "))
            }
        };
        return Err(sink.report(fault.help(help)));
    };
    let prefix = network.cidr.prefix();
    if let Some(written) = address.prefix.filter(|written| *written != prefix) {
        let message = format!("`{}/{written}` has another prefix length than its network", address.ip);
        let fault =
            WRONG_PREFIX_LENGTH.at(address.span, message).and(network.cidr.span, format!("the network has /{prefix}"));
        return Err(sink.report(fault.help(format!("write `{}/{prefix}`, or leave the length out", address.ip))));
    }
    Ok(Spanned::new(StaticAddress { ip: address.ip, prefix, network: NetworkId(index as u32) }, address.span))
}
