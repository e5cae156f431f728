//! Who a machine is: MAC addresses, names and addresses that two machines would share.

use crate::diag::{Sink, rule};
use crate::model::{Fleet, Mac, Name, own_role_name};
use crate::source::{Span, Spanned};
use crate::template::Templates;

rule! {
    /// ## What it does
    /// One MAC address with two hosts.
    ///
    /// ## Why it matters
    /// A machine is known by its MAC address alone (contract I-17). The machine that has the card would get the boot
    /// script, the layout and the role of one of the two hosts, by chance, and be wiped for it; the other machine is never
    /// asked for.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52-54-00-00-00-01, role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute }
    /// ```
    DUPLICATE_MAC, duplicate_mac: "duplicate-mac", Identity, Error, fixed;
}

rule! {
    /// ## What it does
    /// A MAC address that stands twice in the list of one host.
    ///
    /// ## Why it matters
    /// The second one was probably meant to be another card. A card that is not listed is a machine that is not listed:
    /// booted from it, the machine goes down the path of `unknown`, and the installer that asks with it gets no role
    /// (contract I-16, I-18).
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac:
    ///       - 52:54:00:00:00:01
    ///       - 52:54:00:00:00:01   # <-
    ///     role: compute
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac:
    ///       - 52:54:00:00:00:01
    ///       - 52:54:00:00:00:02
    ///     role: compute
    /// ```
    REPEATED_MAC, repeated_mac: "repeated-mac", Identity, Error, fixed;
}

rule! {
    /// ## What it does
    /// Two host names that differ only in the case of their letters.
    ///
    /// ## Why it matters
    /// Name servers and DHCP servers do not tell them apart: both machines answer to one name. On a file system that does
    /// not either, the installer files of one overwrite those of the other.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   Node-1: { mac: 52:54:00:00:00:02, role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute }
    /// ```
    NAMES_EQUAL_BUT_FOR_CASE, names_equal_but_for_case: "names-equal-but-for-case", Identity, Error;
}

rule! {
    /// ## What it does
    /// One address with two hosts.
    ///
    /// ## Why it matters
    /// Two machines with one address take each other's connections. Which of them answers changes from minute to minute.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute, interface: eno1, address: 192.168.1.11 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute, interface: eno1, address: 192.168.1.12 }
    /// ```
    DUPLICATE_ADDRESS, duplicate_address: "duplicate-address", Identity, Error, fixed;
}

rule! {
    /// ## What it does
    /// A role whose name is that of another role and one of its hosts, with a dot between, while both have a
    /// `cloud_config`.
    ///
    /// ## Why it matters
    /// A text that uses something of the host is served once for each host, as `get_role/ROLE.HOST`. The two texts would
    /// have one path (contract I-21), and one of them reaches the wrong machines.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute:
    ///     cloud_config: |
    ///       #cloud-config
    ///       hostname: {{ host.name }}
    ///   compute.node-1:   # <-
    ///     cloud_config: |
    ///       #cloud-config
    ///       groups: [ops]
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute:
    ///     cloud_config: |
    ///       #cloud-config
    ///       hostname: {{ host.name }}
    ///   compute-first:
    ///     cloud_config: |
    ///       #cloud-config
    ///       groups: [ops]
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute-first }
    /// ```
    AMBIGUOUS_ROLE_NAME, ambiguous_role_name: "ambiguous-role-name", Identity, Error, fixed;
}

/// The values that stand more than once, in their order. There are mostly none: what else is known of each is looked up
/// for these alone.
fn repeated<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = values.collect();
    all.sort_unstable();
    all.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).map(|same| same[0]).collect()
}

/// MAC addresses, over all hosts and within each.
pub(super) fn macs(fleet: &Fleet, sink: &Sink) {
    let again = repeated(fleet.identities().flat_map(|host| host.macs.iter().map(|mac| mac.value)));
    let mut all: Vec<(Mac, Span, &str, Span)> = Vec::new();
    for host in fleet.identities() {
        let shared = host.macs.iter().filter(|mac| again.binary_search(&mac.value).is_ok());
        all.extend(shared.map(|mac| (mac.value, mac.span, host.name.as_str(), host.name.span)));
    }
    all.sort_unstable();
    for same in all.chunk_by(|a, b| a.0 == b.0) {
        let (mac, first, name, host) = same[0];
        for &(_, span, other, place) in &same[1..] {
            let finding = if place == host {
                REPEATED_MAC
                    .at(span, format!("host `{name}` has `{mac}` twice"))
                    .label("again here")
                    .help("put the address of the other card here, or remove the line")
            } else {
                let message = format!("hosts `{name}` and `{other}` have one MAC address, `{mac}`");
                DUPLICATE_MAC
                    .at(span, message)
                    .label("again here")
                    .help("each card has an address of its own; the machine's label or `unknown: refuse` shows it")
            };
            sink.report(finding.and(first, "first here"));
        }
    }
}

/// Host names that only case tells apart; equal ones are keys of one mapping, and reported as such.
pub(super) fn names(fleet: &Fleet, sink: &Sink) {
    let capital = |name: &str| name.bytes().any(|byte| byte.is_ascii_uppercase());
    if !fleet.identities().any(|host| capital(host.name.as_str())) {
        return;
    }
    let mut all: Vec<(String, Span, &str)> = fleet
        .identities()
        .map(|host| (host.name.as_str().to_ascii_lowercase(), host.name.span, host.name.as_str()))
        .collect();
    all.sort_unstable();
    for same in all.chunk_by(|a, b| a.0 == b.0) {
        let (_, first, name) = same[0];
        for &(_, span, other) in same[1..].iter().filter(|(_, _, other)| *other != name) {
            let message = format!("the host names `{name}` and `{other}` differ only in case");
            let finding = NAMES_EQUAL_BUT_FOR_CASE.at(span, message).and(first, "the other one");
            sink.report(finding.help("name servers do not tell them apart; choose another name"));
        }
    }
}

/// Static addresses, over all hosts.
pub(super) fn addresses(fleet: &Fleet, sink: &Sink) {
    let again = repeated(fleet.identities().filter_map(|host| Some(host.address?.ip)));
    let with_address = fleet
        .identities()
        .filter_map(|host| host.address.map(|address| (address.ip, address.span, host.name.as_str())));
    let mut all: Vec<_> = with_address.filter(|(ip, ..)| again.binary_search(ip).is_ok()).collect();
    all.sort_unstable();
    for same in all.chunk_by(|a, b| a.0 == b.0) {
        let (ip, first, name) = same[0];
        for &(_, span, other) in &same[1..] {
            let message = format!("hosts `{name}` and `{other}` have one address, `{ip}`");
            let finding = DUPLICATE_ADDRESS.at(span, message).label("again here").and(first, "first here");
            sink.report(finding.help("give each host an address of its own"));
        }
    }
}

/// Names of roles that are also the name of a host's own copy of another role's text.
pub(super) fn role_names(fleet: &Fleet, sink: &Sink) {
    let dotted = fleet.roles.iter().filter(|role| role.text.is_some() && role.name.as_str().contains('.'));
    let mut templates = None;
    for role in dotted {
        let name: &Spanned<Name> = &role.name;
        for (dot, _) in name.as_str().match_indices('.') {
            let Some(host) = fleet.host(&name.as_str()[dot + 1..]) else { continue };
            let other = fleet.role(host.role.value);
            // A faulty template is reported elsewhere, so it may go to a sink that nobody reads.
            let templates = templates.get_or_insert_with(|| Templates::new(fleet, &Sink::default()));
            if own_role_name(&other.name, &host.name) != name.as_str() || !templates.is_own(host) {
                continue;
            }
            let message = format!(
                "`get_role/{0}` would be both the text of role `{0}` and that of host `{1}`",
                name.as_str(),
                host.name.as_str()
            );
            let finding = AMBIGUOUS_ROLE_NAME
                .at(name.span, message)
                .and(host.name.span, "this host has a text of its own")
                .and(other.name.span, "by this role")
                .help("rename the role: a `-` in place of the `.` will do");
            sink.report(finding);
        }
    }
}
