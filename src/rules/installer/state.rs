//! Whether machines that are not listed may be installed.

use crate::diag::{Sink, rule};
use crate::model::{Fleet, State};

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
