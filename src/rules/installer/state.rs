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
