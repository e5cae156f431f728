//! The lease file: `expiry mac ip name client-id`, a line a lease.
//!
//! The address of a lease belongs to the server's range and not to the machine, so it is not imported.

use std::net::Ipv4Addr;

use super::super::judge::{mac, read};
use super::super::list::Listed;
use crate::diag::Sink;
use crate::model::Hostname;
use crate::rules::import;
use crate::source::{FileId, Span};

/// Whether a line is a lease.
pub(super) fn is_lease(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        [expiry, _, ip, _, ..] => expiry.bytes().all(|byte| byte.is_ascii_digit()) && ip.parse::<Ipv4Addr>().is_ok(),
        _ => words.first() == Some(&"duid"),
    }
}

/// The machines that have a lease.
pub(super) fn leases(text: &str, file: FileId, sink: &Sink) -> Vec<Listed> {
    let mut hosts = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let bare = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let from = at + line.find(bare).unwrap_or(0);
        let place = Span { file, start: from as u32, end: (from + bare.len()) as u32 };
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        if bare.starts_with("duid") {
            // What follows are leases of IPv6.
            let message = "the leases of IPv6 from here on are left out: they do not say the address of a card";
            if text[start..].lines().any(|line| !line.trim().is_empty()) {
                sink.report(
                    import::not_imported().at(place, message).help("the machines among them have leases of IPv4 too"),
                );
            }
            break;
        }
        if !is_lease(bare) {
            let fault = import::malformed_list().at(place, "this line is no lease");
            sink.report(fault.help("a lease is `expiry mac address name client-id`"));
            continue;
        }
        hosts.push(lease(bare, place, sink));
    }
    hosts
}

fn lease(line: &str, place: Span, sink: &Sink) -> Listed {
    let mut host = Listed::at(place);
    let mut at = 0;
    let mut words = line.split(' ').map(|word| {
        let start = at;
        at += word.len() + 1;
        (word, place.part(start, start + word.len()))
    });
    let mut words = words.by_ref().filter(|(word, _)| !word.is_empty()).skip(1);
    if let Some((card, span)) = words.next() {
        match sink.take(mac(card), span) {
            Ok(card) => host.macs.push(card),
            Err(reported) => host.faulty = Some(reported),
        }
    }
    // `*` stands for a machine that did not say its name.
    if let Some((name, span)) = words.nth(1).filter(|(name, _)| *name != "*") {
        let name = name.split('.').next().unwrap_or_default();
        read::<Hostname>(name, span, &mut host.name, &mut host.faulty, sink);
    }
    host
}
