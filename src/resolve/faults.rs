//! The rules about what the fleet file refers to.

use std::io;

use crate::diag::{Diagnostic, rule};
use crate::nearest;
use crate::source::{Loader, OUTSIDE, Span};

rule! {
    /// ## What it does
    /// A release, layout or role that is named but not defined.
    ///
    /// ## Why it matters
    /// There is nothing to give to the machine.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compte }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    /// ```
    pub(super) DANGLING_REFERENCE, dangling_reference: "dangling-reference", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// Roles that extend each other in a circle.
    ///
    /// ## Why it matters
    /// None of them has a beginning.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { extends: base }   # <-
    ///   base: { extends: compute }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   base: {}
    ///   compute: { extends: base }
    /// ```
    pub(super) EXTENDS_CYCLE, extends_cycle: "extends-cycle", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// A file that the fleet file names and that is not there, or cannot be read.
    ///
    /// ## Why it matters
    /// Without the role's text the machine would be installed and stay unconfigured; without a boot file it would not
    /// boot.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: rolle.yaml }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    pub(super) MISSING_FILE, missing_file_entry: "missing-file", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// A boot file whose SHA-256 digest is not the one that the fleet file gives.
    ///
    /// ## Why it matters
    /// A kernel or initrd that was cut short or swapped boots every machine of the release into something else.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel:
    ///       file: boot/linux
    ///       sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855   # <-
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 69 }
    /// defaults: { release: stable, layout: one-disk, bundles: [kernel-native, os-cloudguest, systemd-networkd-autostart] }
    /// ```
    /// ```text boot/linux
    /// a kernel
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel:
    ///       file: boot/linux
    ///       sha256: 0ea0e4d98d963a16e4ae69a302423f7648056205ea740c9559c92725d9544e4d
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 69 }
    /// ```
    /// ```text boot/linux
    /// a kernel
    /// ```
    pub(super) WRONG_DIGEST, wrong_digest: "wrong-digest", Ipxe, Error, fixed;
}

rule! {
    /// ## What it does
    /// A boot file that has both a `url` and a `file`, or neither.
    ///
    /// ## Why it matters
    /// fleetc does not guess which kernel you meant.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: { sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 }   # <-
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 69 }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: { url: linux, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 }
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 69 }
    /// ```
    pub(super) AMBIGUOUS_ARTIFACT, ambiguous_artifact: "ambiguous-artifact", Ipxe, Error, fixed;
}

rule! {
    /// ## What it does
    /// A list that must have an element and is empty.
    ///
    /// ## Why it matters
    /// A host without a MAC address is never asked for. The installer rejects a template with an empty list of bundles
    /// or partitions (contract I-30).
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: [], role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: [52:54:00:00:00:01], role: compute }
    /// ```
    pub(crate) EMPTY_LIST, empty_list: "empty-list", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// A bundle that stands twice in one list.
    ///
    /// ## Why it matters
    /// Nothing breaks, but one of the two was probably meant to be another.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles:
    ///     - kernel-native
    ///     - os-core
    ///     - os-cloudguest
    ///     - systemd-networkd-autostart
    ///     - os-core   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles:
    ///     - kernel-native
    ///     - os-core
    ///     - os-cloudguest
    ///     - systemd-networkd-autostart
    /// ```
    pub(super) DUPLICATE_IN_LIST, duplicate_in_list: "duplicate-in-list", Software, Warn;
}

rule! {
    /// ## What it does
    /// `bundles: {remove: […]}` names a bundle that is not inherited.
    ///
    /// ## Why it matters
    /// Nothing is removed: the bundle that you wanted gone may have another name and stays.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac: 52:54:00:00:00:01
    ///     role: compute
    ///     bundles: { remove: [openssh-servr] }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac: 52:54:00:00:00:01
    ///     role: compute
    ///     bundles: { remove: [openssh-server] }
    /// ```
    pub(super) REMOVED_BUNDLE_NOT_THERE, removed_bundle_not_there: "removed-bundle-not-there", Software, Error;
}

rule! {
    /// ## What it does
    /// A host's address that no network of the fleet contains.
    ///
    /// ## Why it matters
    /// The machine's gateway, prefix length and name server follow from its network; without one it would be installed
    /// with an address that reaches nothing.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.1 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.2.11 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.1 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11 }
    /// ```
    pub(super) ADDRESS_OUTSIDE_NETWORKS, address_outside_networks: "address-outside-networks", Network, Error, fixed;
}

rule! {
    /// ## What it does
    /// An address with another prefix length than the network that contains it.
    ///
    /// ## Why it matters
    /// The machine would take part of its network for distant, or distant machines for near ones.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.1 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11/16 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.1 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eno1, address: 192.168.1.11/24 }
    /// ```
    pub(super) WRONG_PREFIX_LENGTH, wrong_prefix_length: "wrong-prefix-length", Network, Error, fixed;
}

rule! {
    /// ## What it does
    /// A gateway that lies outside its network.
    ///
    /// ## Why it matters
    /// The installer writes address and gateway into the new system as they are (contract I-83). A machine has no route to
    /// a gateway that is not its neighbour: it comes up without a way out of its network.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.2.1 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.1 }
    /// ```
    pub(super) GATEWAY_OUTSIDE_NETWORK, gateway_outside_network: "gateway-outside-network", Network, Error, fixed;
}

rule! {
    /// ## What it does
    /// A DHCP range that does not lie in its network.
    ///
    /// ## Why it matters
    /// A DHCP server refuses such a range, or gives machines addresses that reach nothing. A machine without a working
    /// lease cannot fetch its boot script (contract N-1).
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, dhcp_range: 192.168.2.128-192.168.2.253 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, dhcp_range: 192.168.1.128-192.168.1.253 }
    /// ```
    pub(super) RANGE_OUTSIDE_NETWORK, range_outside_network: "dhcp-range-outside-network", Network, Error;
}

rule! {
    /// ## What it does
    /// A role or a host that clears the `state: installed` that it inherits, with `null` or with nothing behind the colon.
    ///
    /// ## Why it matters
    /// Without a state a machine is to be installed: a line left half written would wipe it at its next boot. To install a
    /// machine anew, say so.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { state: installed }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, state: null }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { state: installed }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, state: install }
    /// ```
    pub(super) CLEARED_STATE, cleared_state: "cleared-state", Installer, Error, fixed;
}

rule! {
    /// ## What it does
    /// A fleet without a host, whose machines that are not listed are not installed either.
    ///
    /// ## Why it matters
    /// Nothing is installed. The hosts may stand below a key with another name, or below one that a comment took away.
    ///
    /// ## Example
    /// ```yaml
    /// hosts: {}   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    /// ```
    pub(super) NO_HOSTS, no_hosts: "no-hosts", Identity, Warn;
}

/// The finding for a file that cannot be opened or read.
pub(super) fn missing_file(name: &str, span: Span, error: &io::Error, loader: &dyn Loader) -> Diagnostic {
    match error.kind() {
        io::ErrorKind::NotFound => {
            let near = loader.siblings(name);
            let near = nearest::nearest(name, near.iter().map(String::as_str));
            let help = near.map_or("paths are relative to the folder of the fleet file".to_string(), |near| {
                format!("did you mean `{near}`?")
            });
            MISSING_FILE.at(span, format!("there is no file `{name}`")).help(help)
        }
        _ => {
            let text = error.to_string();
            let reason = text.split(" (os error").next().unwrap_or_default();
            let help = (reason == OUTSIDE).then(|| "put the file itself there, or give `--allow-outside`".to_string());
            MISSING_FILE.at(span, format!("`{name}` cannot be read: {reason}")).help_if(help)
        }
    }
}

/// The registry entries of this stage.
pub(crate) mod rules {
    pub(crate) use super::{
        address_outside_networks, ambiguous_artifact, cleared_state, dangling_reference, duplicate_in_list, empty_list,
        extends_cycle, gateway_outside_network, missing_file_entry as missing_file, no_hosts, range_outside_network,
        removed_bundle_not_there, wrong_digest, wrong_prefix_length,
    };
}
