//! The rules about the form of a fleet file.

use crate::diag::rule;

rule! {
    /// ## What it does
    /// A key that the language does not have.
    ///
    /// ## Why it matters
    /// A setting that nobody reads is a setting that the machine does not get: with `bundels`, it would be installed
    /// without the bundles you listed.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac: 52:54:00:00:00:01
    ///     role: compute
    ///     bundels: [kernel-native]   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac: 52:54:00:00:00:01
    ///     role: compute
    ///     bundles: [kernel-native, os-core, os-cloudguest]
    /// ```
    pub UNKNOWN_KEY, unknown_key: "unknown-key", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// A key that stands twice in one mapping.
    ///
    /// ## Why it matters
    /// Most YAML readers keep the last one and drop the first in silence: one of two machines would vanish.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-1: { mac: 52:54:00:00:00:02, role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute }
    /// ```
    pub DUPLICATE_KEY, duplicate_key: "duplicate-key", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// A key that must be there is missing.
    ///
    /// ## Why it matters
    /// fleetc never guesses what a machine should be.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    /// ```
    pub MISSING_KEY, missing_key: "missing-key", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// A value of the wrong kind: a list where text belongs, text where a mapping belongs, nothing where a value
    /// belongs.
    ///
    /// ## Why it matters
    /// The installer takes a text for a list of its letters, and a list for nothing at all.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac: 52:54:00:00:00:01
    ///     role: compute
    ///     users: ada   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac: 52:54:00:00:00:01
    ///     role: compute
    ///     users:
    ///       - name: ada
    ///         ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada
    /// ```
    pub WRONG_KIND, wrong_kind: "wrong-kind", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// A merge key, `<<`.
    ///
    /// ## Why it matters
    /// Merge keys are not part of YAML 1.2, and readers differ in what they do with them. The language has `defaults`
    /// and `extends` for what is common to several machines.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: &node { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2:
    ///     <<: *node   # <-
    ///     mac: 52:54:00:00:00:02
    ///     role: compute
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute }
    /// ```
    pub MERGE_KEY, merge_key: "merge-key", Language, Error, fixed;
}
