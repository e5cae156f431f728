//! Bundles that start the network of the new system.

use crate::diag::{Sink, rule};
use crate::facts::{Brings, brings};
use crate::model::{Fleet, Value, Version};
use crate::rules::setup::{Setup, head};

rule! {
    /// ## What it does
    /// A release of June 2019 or later without a bundle that starts the network: neither `systemd-networkd-autostart` nor
    /// NetworkManager.
    ///
    /// ## Why it matters
    /// Since then the base system does not start networkd by itself (contract B-8). The machine is installed, boots, and has
    /// no network. A hook or a role text that speaks of `networkd` is taken to see to it. Older releases need no such
    /// bundle; the bundle is there since 28970, of April 2019.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-core-update, os-cloudguest]   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]
    /// ```
    NETWORK_NOT_STARTED, network_not_started: "network-not-started", Software, Warn;
}

rule! {
    /// ## What it does
    /// A host with a static address whose network is NetworkManager's.
    ///
    /// ## Why it matters
    /// The installer writes the address into a file for systemd-networkd (contract I-83). NetworkManager does not read it,
    /// asks DHCP, and the machine comes up with another address, or with none (B-8).
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254 }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, NetworkManager]
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.254 }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }
    /// ```
    ADDRESS_WITHOUT_NETWORKD, address_without_networkd: "address-without-networkd", Software, Error;
}

/// The first release of June 2019, by when the base system had stopped starting networkd (contract B-8: `b99ee09e`,
/// between April and June 2019; 29780 is of 2019-06-04).
const NOT_STARTED_FROM: u32 = 29780;

/// The bundle that starts networkd; there since 28970.
const NETWORKD: &str = "systemd-networkd-autostart";

/// Whether the base system of its release starts no network. `latest` is taken for one that does not.
fn starts_none(setup: &Setup<'_>) -> bool {
    setup.release().is_some_and(|release| match release.version.value {
        Version::Number(version) => version >= NOT_STARTED_FROM,
        Version::Latest => true,
    })
}

/// Whether a hook or the role text of these machines speaks of networkd, or a hook could not be read.
fn by_hand(setup: &Setup<'_>) -> bool {
    let hooks = &setup.settings.hooks;
    let hook =
        [&hooks.post_nonchroot_shell, &hooks.post_chroot, &hooks.post_chroot_shell].into_iter().any(
            |hook| match hook {
                Value::Unset => false,
                Value::Faulty(_) => true,
                Value::Is(commands) => commands.value.iter().any(|command| command.value.0.contains("networkd")),
            },
        );
    let text = || setup.role.text.is_some_and(|text| setup.fleet.text(text.value).body.contains("networkd"));
    hook || !hooks.post_nonchroot.is_unset() || setup.role.text_is_faulty || text()
}

/// Whether anything starts the network.
pub(super) fn started(setup: &Setup<'_>, brings: Brings, sink: &Sink) {
    let network = Brings::NETWORKD | Brings::NETWORK_MANAGER | Brings::IWD;
    if brings.any(network) || !starts_none(setup) || by_hand(setup) {
        return;
    }
    let Some(bundles) = setup.lacks(network) else { return };
    let finding = NETWORK_NOT_STARTED
        .at(head(bundles), "none of these bundles starts the network, so the machine would come up without one");
    let finding = match setup.release() {
        Some(release) => finding.and(release.version.span, "releases since June 2019 do not start it by themselves"),
        None => finding,
    };
    sink.report(setup.blame(finding).help(format!("add the bundle `{NETWORKD}`")));
}

/// Static addresses on machines that do not read them.
pub(in crate::rules) fn addresses(fleet: &Fleet, sink: &Sink) {
    let hosts = fleet.hosts.iter().filter_map(|host| Some((host, host.address.as_ref()?)));
    for (host, address) in hosts.filter(|(host, _)| host.installs()) {
        let role = fleet.role(host.role.value);
        let setup = Setup { fleet, settings: &host.settings, role, host: Some(host), machine: host.name.span };
        let all = setup.brings();
        if !all.any(Brings::NETWORK_MANAGER) || all.any(Brings::NETWORKD) || !starts_none(&setup) {
            continue;
        }
        let Some(bundles) = setup.lacks(Brings::NETWORKD).filter(|_| !by_hand(&setup)) else { continue };
        let message = format!("NetworkManager does not read the static address of host `{}`", host.name.as_str());
        let manager = |id| brings(id).any(Brings::NETWORK_MANAGER);
        let place = setup.settings.bundles().iter().find(|bundle| bundle.value.id().is_some_and(manager));
        let finding = ADDRESS_WITHOUT_NETWORKD.at(address.span, message);
        let finding =
            finding.and(place.map_or(head(bundles), |bundle| bundle.span), "these machines use NetworkManager");
        sink.report(finding.help(format!("add the bundle `{NETWORKD}`")));
    }
}
