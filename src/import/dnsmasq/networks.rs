//! The networks that dnsmasq serves: `dhcp-range`, and the options that belong to it.

use std::net::Ipv4Addr;

use super::super::list::Network;
use super::words::{Directive, Part, fields};
use crate::model::{Address, Cidr, FromText, Name, Range};

/// The networks of every `dhcp-range` that says how large its network is.
pub(super) fn networks(all: &[Directive]) -> Vec<Network> {
    let mut networks: Vec<(Network, Vec<String>)> = Vec::new();
    for directive in all.iter().filter(|directive| directive.name == "dhcp-range") {
        let parts = fields(directive);
        let Some(network) = network(&parts, networks.len() + 1) else { continue };
        if networks.iter().all(|(known, _)| known.cidr != network.cidr) {
            networks.push((network, tags(&parts, &["set:", "tag:", "net:"])));
        }
    }
    for directive in all.iter().filter(|directive| directive.name == "dhcp-option") {
        let parts = fields(directive);
        let wanted = tags(&parts, &["tag:", "net:"]);
        let rest: Vec<&str> = parts.iter().map(|part| part.text.as_str()).filter(|text| !is_tag(text)).collect();
        let [option, address] = rest.as_slice() else { continue };
        let Some(address) = Address::from_text(address).ok() else { continue };
        for (network, _) in networks.iter_mut().filter(|(_, tags)| wanted.iter().all(|tag| tags.contains(tag))) {
            match *option {
                "option:router" | "3" => network.gateway = network.gateway.or(Some(address)),
                "option:dns-server" | "6" => network.dns = network.dns.or(Some(address)),
                _ => {}
            }
        }
    }
    networks.into_iter().map(|(network, _)| network).collect()
}

fn is_tag(text: &str) -> bool {
    ["set:", "tag:", "net:"].iter().any(|prefix| text.starts_with(prefix))
}

fn tags(parts: &[Part], prefixes: &[&str]) -> Vec<String> {
    let tag = |part: &Part| prefixes.iter().find_map(|prefix| part.text.strip_prefix(prefix)).map(str::to_string);
    parts.iter().filter_map(tag).collect()
}

/// The network of a range: first address, last address or a word, netmask.
fn network(parts: &[Part], number: usize) -> Option<Network> {
    let rest: Vec<&str> = parts.iter().map(|part| part.text.as_str()).filter(|text| !is_tag(text)).collect();
    let address = |index: usize| rest.get(index).and_then(|text| text.parse::<Ipv4Addr>().ok());
    let (first, last) = (address(0)?, address(1));
    let mask = u32::from(address(2)?);
    // A mask is ones, then zeros.
    let length = mask.leading_ones();
    if mask.count_ones() != length {
        return None;
    }
    let own = tags(parts, &["set:"]).into_iter().find_map(|tag| Name::from_text(tag.strip_prefix("net-")?).ok());
    let name = own.or_else(|| Name::from_text(&format!("network-{number}")).ok())?;
    Some(Network {
        name,
        cidr: Cidr::of(first, length as u8)?,
        gateway: None,
        dns: None,
        range: last.filter(|last| *last >= first).map(|last| Range { first, last }),
        comment: None,
    })
}
