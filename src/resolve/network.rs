//! Networks, and the network that an address belongs to.

use std::sync::Arc;

use super::Scope;
use super::faults::{ADDRESS_OUTSIDE_NETWORKS, WRONG_PREFIX_LENGTH};
use crate::diag::{Reported, Sink};
use crate::draft::NetworkDraft;
use crate::model::{Cidr, FromText, HostAddress, Name, Network, NetworkId, StaticAddress};
use crate::source::Spanned;
use crate::yaml::{Entry, Field};

/// The networks that could be read.
pub(super) struct Networks {
    pub(super) all: Vec<Network>,
    /// Whether that is every network of the file.
    pub(super) whole: bool,
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
        if !networks.whole {
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
