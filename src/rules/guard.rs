//! The rules that `fleetc plan` asks of a change: here are their pages; the plan reports them.

use crate::diag::rule;

rule! {
    /// ## What it does
    /// A change that wipes more machines than `guards` allow: machines that had their system. `fleetc plan`
    /// counts them.
    ///
    /// ## Why it matters
    /// A line in `defaults` reaches every machine, and a machine whose boot script installs is wiped at its next network
    /// boot (contract I-88).
    ///
    /// ## Example
    /// The fleet before the change:
    ///
    /// ```yaml before.yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, state: installed }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute, state: installed }
    /// ```
    ///
    /// And after it:
    ///
    /// ```yaml
    /// guards:
    ///   max_reinstall: 1   # <-
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute }
    /// ```
    ///
    /// ## Instead
    /// Some machines at a time:
    ///
    /// ```yaml before.yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, state: installed }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute, state: installed }
    /// ```
    /// ```yaml
    /// guards:
    ///   max_reinstall: 1
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute, state: installed }
    /// ```
    pub(crate) TOO_MANY_REINSTALLS, too_many_reinstalls: "too-many-reinstalls", Change, Error, fixed;
}

rule! {
    /// ## What it does
    /// A change that touches more machines than `guards` allow, in whatever way.
    ///
    /// ## Why it matters
    /// What was meant for one rack reaches the whole hall, and nobody has tried it on a few machines first.
    ///
    /// ## Example
    /// The fleet before the change:
    ///
    /// ```yaml before.yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, labels: { rack: a1 } }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute, labels: { rack: a1 } }
    /// ```
    ///
    /// And after it:
    ///
    /// ```yaml
    /// guards:
    ///   by_label:
    ///     rack=a1: { max_change: 1 }   # <-
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, labels: { rack: a1 }, cmdline: quiet }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute, labels: { rack: a1 }, cmdline: quiet }
    /// ```
    ///
    /// ## Instead
    /// Some machines at a time:
    ///
    /// ```yaml before.yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, labels: { rack: a1 } }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute, labels: { rack: a1 } }
    /// ```
    /// ```yaml
    /// guards:
    ///   by_label:
    ///     rack=a1: { max_change: 1 }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, labels: { rack: a1 }, cmdline: quiet }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute, labels: { rack: a1 } }
    /// ```
    pub(crate) TOO_MANY_CHANGES, too_many_changes: "too-many-changes", Change, Error, fixed;
}

rule! {
    /// ## What it does
    /// A change that touches a machine with `locked: true`, or takes it out of the list. What the fleet file said *before*
    /// the change counts: a change that also takes the lock off is caught.
    ///
    /// ## Why it matters
    /// Somebody locked this machine because what is on it cannot be had again. A change of `defaults` or of its role
    /// would reach it with all the others.
    ///
    /// ## Example
    /// The fleet before the change:
    ///
    /// ```yaml before.yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, state: installed, locked: true }
    /// ```
    ///
    /// And after it:
    ///
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// A change that does nothing but take the lock off; the next one may touch the machine.
    ///
    /// ```yaml before.yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, state: installed, locked: true }
    /// ```
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, state: installed }
    /// ```
    pub(crate) LOCKED_HOST_CHANGES, locked_host_changes: "locked-host-changes", Change, Error, fixed;
}
