//! ucd, the client that applies role texts: whether the machine has it.

use crate::diag::{Sink, rule};
use crate::facts::Brings;
use crate::rules::setup::{Setup, head};

rule! {
    /// ## What it does
    /// A role with `cloud_config` whose machines are installed without `os-cloudguest`.
    ///
    /// ## Why it matters
    /// Only `os-cloudguest` brings ucd, the client that applies the text (contract B-1). When the whole system is copied
    /// the installer opens ucd's unit and fails, since there is none (I-23): the machine has neither its old system nor a
    /// new one.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }   # <-
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-core-update, openssh-server, systemd-networkd-autostart]
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    ROLE_WITHOUT_UCD, role_without_ucd: "role-without-ucd-bundle", Software, Error, fixed;
}

/// What a role text needs among the bundles.
pub(super) fn role(setup: &Setup<'_>, brings: Brings, sink: &Sink) {
    if brings.any(Brings::UCD) {
        return;
    }
    let Some(place) = setup.text_place() else { return };
    let Some(bundles) = setup.lacks(Brings::UCD) else { return };
    let message = "nothing on these machines applies this text; the installer fails at that once the disk is written";
    let finding = ROLE_WITHOUT_UCD.at(place, message).and(head(bundles), "none of these bundles brings ucd");
    sink.report(setup.blame(finding).help("add the bundle `os-cloudguest`"));
}
