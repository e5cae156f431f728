//! `dhcp-host`: what dnsmasq is told of a machine.

use std::net::Ipv4Addr;

use super::super::judge::{mac, read};
use super::super::list::Listed;
use super::words::Part;
use crate::diag::Sink;
use crate::model::{FromText, HostAddress, Hostname};
use crate::rules::import;
use crate::source::{Span, Spanned};

/// A machine of a `dhcp-host`; none for one that a fleet file cannot hold, which is reported.
pub(super) fn host(parts: &[Part], place: Span, sink: &Sink) -> Option<Listed> {
    let mut host = Listed::at(place);
    let mut tags = Vec::new();
    let mut left_out = None;
    let mut dropped = Vec::new();
    for part in parts {
        match kind(part) {
            Kind::Card if part.text.contains('*') => {
                left_out = left_out.or(Some("it is a pattern, and no address of a card"))
            }
            Kind::Card => match sink.take(mac(&part.text), part.span) {
                Ok(card) => host.macs.push(card),
                Err(reported) => host.faulty = Some(reported),
            },
            Kind::Address(ip) => host.address = Some(Spanned::new(HostAddress { ip, prefix: None }, part.span)),
            Kind::Tag => tags.push(part.text[4..].to_string()),
            Kind::Ignore => left_out = Some("dnsmasq is told to ignore this machine"),
            Kind::Name => {
                // The domain is no part of the host name.
                let name = part.text.split('.').next().unwrap_or_default();
                read::<Hostname>(name, part.span, &mut host.name, &mut host.faulty, sink);
            }
            Kind::Nothing => {}
            Kind::Other(what) => dropped.push((part, what)),
        }
    }
    if host.macs.is_empty() && host.faulty.is_none() {
        left_out = left_out.or(Some("it has no MAC address"));
    }
    if let Some(why) = left_out {
        let message = format!("this machine is left out: {why}");
        sink.report(import::not_imported().at(place, message).help("list each machine by the address of its card"));
        return None;
    }
    for (part, what) in dropped {
        let message = format!("`{}` is {what}", part.text);
        sink.report(import::not_imported().at(part.span, message).help("the rest of the line is imported"));
    }
    if !tags.is_empty() {
        host.labels.push(("tag".to_string(), tags.join(" ")));
    }
    Some(host)
}

enum Kind {
    Card,
    Address(Ipv4Addr),
    Tag,
    Ignore,
    Name,
    /// A time, or a word that makes no difference to a fleet file.
    Nothing,
    Other(&'static str),
}

/// What a part says, by the tests of dnsmasq in their order.
fn kind(part: &Part) -> Kind {
    let text = part.text.as_str();
    let starts = |prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    match text {
        _ if part.quoted => Kind::Name,
        _ if starts("id:*") => Kind::Nothing,
        _ if starts("id:") => {
            Kind::Other("how the machine calls itself, which changes from program to program as it boots")
        }
        _ if text.starts_with("set:") || text.starts_with("net:") => Kind::Tag,
        _ if text.starts_with("tag:") => Kind::Other("a condition"),
        _ if text.starts_with('[') => Kind::Other("an address of IPv6, which the installer cannot set"),
        _ if text.contains(':') => Kind::Card,
        "infinite" => Kind::Nothing,
        "ignore" => Kind::Ignore,
        _ if is_time(text) => Kind::Nothing,
        _ => HostAddress::from_text(text)
            .ok()
            .filter(|address| address.prefix.is_none())
            .map_or(Kind::Name, |address| Kind::Address(address.ip)),
    }
}

/// Digits, with a unit or without.
fn is_time(text: &str) -> bool {
    let digits = match text.len() {
        0 | 1 => text,
        _ => text.strip_suffix(['w', 'W', 'd', 'D', 'h', 'H', 'm', 'M', 's', 'S']).unwrap_or(text),
    };
    digits.bytes().any(|byte| byte.is_ascii_digit()) && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
}
