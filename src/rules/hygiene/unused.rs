//! Parts of the fleet file that no machine uses.

use std::sync::Arc;

use crate::diag::{Rule, Sink, rule};
use crate::model::{Fleet, Settings};
use crate::rules::network;
use crate::source::Span;

rule! {
    /// ## What it does
    /// A role that no host has, no other role extends, and `unknown` does not name.
    ///
    /// ## Why it matters
    /// Nothing is made of it: its text is not served, and only half of it is judged. Often the hosts that were meant have
    /// another role by mistake.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: {}
    ///   storage: {}   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: {}
    ///   storage: {}
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   store-1: { mac: 52:54:00:00:00:02, role: storage }
    /// ```
    UNUSED_ROLE, unused_role: "unused-role", Hygiene, Warn;
}

rule! {
    /// ## What it does
    /// A layout that no role and no host has.
    ///
    /// ## Why it matters
    /// Nothing is made of it. Often a host that was meant to have it is installed with another layout, on other disks.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    ///   nvme:   # <-
    ///     - disk: nvme0n1
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    UNUSED_LAYOUT, unused_layout: "unused-layout", Hygiene, Warn;
}

rule! {
    /// ## What it does
    /// A release that no role and no host has.
    ///
    /// ## Why it matters
    /// No machine boots its installer, and its boot files are needed no more. Often a host that was meant to move to it
    /// was forgotten.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable: { version: 29880, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
    ///   next: { version: 30010, kernel: linux-next, initrd: initrd-next, installer: { kind: ister, version: 69 } }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable: { version: 29880, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
    /// ```
    UNUSED_RELEASE, unused_release: "unused-release", Hygiene, Warn;
}

rule! {
    /// ## What it does
    /// A network in which no host has an address, DHCP gives none, and the server is not.
    ///
    /// ## Why it matters
    /// Nothing is made of it. Often the hosts that were meant have no `address`, or one in another network.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   storage: { cidr: 10.9.0.0/24, gateway: 10.9.0.1 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   storage: { cidr: 10.9.0.0/24, gateway: 10.9.0.1 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, address: 10.9.0.11, interface: eno1 }
    /// ```
    UNUSED_NETWORK, unused_network: "unused-network", Hygiene, Warn;
}

/// What the machines of a fleet use.
struct Used {
    roles: Vec<bool>,
    layouts: Vec<bool>,
    releases: Vec<bool>,
    networks: Vec<bool>,
}

impl Used {
    fn of(fleet: &Fleet) -> Used {
        let mut used = Used {
            roles: fleet.roles.iter().map(|role| role.extended).collect(),
            layouts: vec![false; fleet.layouts.len()],
            releases: vec![false; fleet.releases.len()],
            networks: vec![false; fleet.networks.len()],
        };
        for role in &fleet.roles {
            used.settings(&role.settings);
        }
        if let Some(role) = fleet.unknown_role() {
            used.roles[role.value.0 as usize] = true;
        }
        for host in &fleet.hosts {
            used.roles[host.role.value.0 as usize] = true;
            if !Arc::ptr_eq(&host.settings, &fleet.role(host.role.value).settings) {
                used.settings(&host.settings);
            }
            if let Some(address) = &host.address {
                used.networks[address.network.0 as usize] = true;
            }
        }
        let server = network::server(fleet);
        for (network, used) in fleet.networks.iter().zip(&mut used.networks) {
            *used |= network.dhcp_range.is_some() || server.is_some_and(|server| network.cidr.contains(server));
        }
        used
    }

    fn settings(&mut self, settings: &Settings) {
        if let Some(layout) = settings.layout.get() {
            self.layouts[layout.value.0 as usize] = true;
        }
        if let Some(release) = settings.release.get() {
            self.releases[release.value.0 as usize] = true;
        }
    }
}

/// Reports what no machine uses; in a fleet without machines that is no news.
pub(in crate::rules) fn parts(fleet: &Fleet, sink: &Sink) {
    if fleet.hosts.is_empty() {
        return;
    }
    let used = Used::of(fleet);
    let report = |rule: &'static Rule, name: &str, span: Span, message: String, help: &str| {
        sink.report(rule.at(span, message).help(format!("{help}, or remove `{name}`")));
    };
    for (role, _) in fleet.roles.iter().zip(&used.roles).filter(|(_, used)| !**used) {
        let name = role.name.as_str();
        report(&UNUSED_ROLE, name, role.name.span, format!("no host has the role `{name}`"), "give it to a host");
    }
    for (layout, _) in fleet.layouts.iter().zip(&used.layouts).filter(|(_, used)| !**used) {
        let (name, span) = (layout.name.as_str(), layout.name.span);
        let message = format!("no role and no host has the layout `{name}`");
        report(&UNUSED_LAYOUT, name, span, message, &format!("write `layout: {name}` where it belongs"));
    }
    for (release, _) in fleet.releases.iter().zip(&used.releases).filter(|(_, used)| !**used) {
        let (name, span) = (release.name.as_str(), release.name.span);
        let message = format!("no role and no host has the release `{name}`");
        report(&UNUSED_RELEASE, name, span, message, &format!("write `release: {name}` where it belongs"));
    }
    for (network, _) in fleet.networks.iter().zip(&used.networks).filter(|(_, used)| !**used) {
        let (name, span) = (network.name.as_str(), network.name.span);
        let message = format!("no host has an address in the network `{name}`, and DHCP gives none there");
        report(&UNUSED_NETWORK, name, span, message, "give hosts an `address` in it");
    }
}
