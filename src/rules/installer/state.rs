//! Whether machines are to be installed at all.

use crate::diag::{Sink, rule};
use crate::model::{Fleet, State};

rule! {
    /// ## What it does
    /// A host that clears the `state: installed` of its role, with `null` or with nothing behind the colon.
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
    CLEARED_STATE, cleared_state: "cleared-state", Installer, Error, fixed;
}

/// Hosts that have no state although their role has one.
pub(in crate::rules) fn cleared(fleet: &Fleet, sink: &Sink) {
    for host in fleet.hosts.iter().filter(|host| host.settings.state.is_unset()) {
        let role = fleet.role(host.role.value);
        let Some(state) = role.settings.state.get().filter(|state| state.value == State::Installed) else { continue };
        let message = format!(
            "host `{}` would be installed anew: it clears the `state: installed` of its role",
            host.name.as_str()
        );
        let finding = CLEARED_STATE.at(host.name.span, message).and(state.span, "its role says so");
        sink.report(finding.help("`state: install` to install it anew; otherwise remove the empty `state`"));
    }
}

rule! {
    /// ## What it does
    /// `unknown: {install: ROLE}` with a role whose machines are `installed`.
    ///
    /// ## Why it matters
    /// The role says that its machines have their systems; the policy wipes every machine that is not listed. One that was
    /// forgotten in the list, or boots from a card that is not in it, would lose its disk (contract I-88).
    ///
    /// ## Example
    /// ```yaml
    /// unknown: { install: compute }   # <-
    /// roles:
    ///   compute: { state: installed }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// unknown: refuse
    /// roles:
    ///   compute: { state: installed }
    /// ```
    UNLISTED_WITH_INSTALLED_ROLE, unlisted_with_installed_role: "unlisted-with-installed-role", Installer, Error, fixed;
}

/// A policy that installs, with a role that does not.
pub(in crate::rules) fn unlisted(fleet: &Fleet, sink: &Sink) {
    let Some(id) = fleet.unknown_role() else { return };
    let role = fleet.role(id.value);
    let Some(state) = role.settings.state.get().filter(|state| state.value == State::Installed) else { return };
    let message = format!(
        "machines that are not listed would be installed with role `{}`, which is `installed`",
        role.name.as_str()
    );
    let finding =
        UNLISTED_WITH_INSTALLED_ROLE.at(id.span, message).and(state.span, "the role's machines have their systems");
    sink.report(
        finding.help("`unknown: refuse` or `local`; or a role of its own for new machines, without this `state`"),
    );
}
