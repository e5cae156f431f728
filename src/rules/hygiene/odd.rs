//! Hosts that differ from all others of their role, where machines of one kind seldom do.

use std::sync::Arc;

use crate::diag::{Diagnostic, Sink, rule};
use crate::model::{Fleet, Host, LayoutId, ReleaseId, RoleId};

rule! {
    /// ## What it does
    /// One host among many of a role that alone lacks something, or alone has another layout or release: fewer MAC
    /// addresses, no address, no value for a label. There must be five others at least, and they must agree.
    ///
    /// ## Why it matters
    /// Machines of one role are mostly of one make. Where one of two network cards is not listed and the machine asks with
    /// it, the installer gets no role and says nothing: the machine comes up unconfigured (contract I-16, I-18). A host
    /// without an address comes up with one from DHCP; one without a label is missed where hosts are chosen by it.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: [52:54:00:00:01:01, 52:54:00:00:02:01], role: compute }
    ///   node-2: { mac: [52:54:00:00:01:02, 52:54:00:00:02:02], role: compute }
    ///   node-3: { mac: 52:54:00:00:01:03, role: compute }   # <-
    ///   node-4: { mac: [52:54:00:00:01:04, 52:54:00:00:02:04], role: compute }
    ///   node-5: { mac: [52:54:00:00:01:05, 52:54:00:00:02:05], role: compute }
    ///   node-6: { mac: [52:54:00:00:01:06, 52:54:00:00:02:06], role: compute }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: [52:54:00:00:01:01, 52:54:00:00:02:01], role: compute }
    ///   node-2: { mac: [52:54:00:00:01:02, 52:54:00:00:02:02], role: compute }
    ///   # fleetc: allow(odd-one-out) an older machine with one card
    ///   node-3: { mac: 52:54:00:00:01:03, role: compute }
    ///   node-4: { mac: [52:54:00:00:01:04, 52:54:00:00:02:04], role: compute }
    ///   node-5: { mac: [52:54:00:00:01:05, 52:54:00:00:02:05], role: compute }
    ///   node-6: { mac: [52:54:00:00:01:06, 52:54:00:00:02:06], role: compute }
    /// ```
    ODD_ONE_OUT, odd_one_out: "odd-one-out", Hygiene, Warn;
}

/// How many others must agree before one is odd.
const OTHERS: usize = 5;

/// Values of the hosts of a role, of which all but one may be equal.
#[derive(Clone)]
struct Tally<'f, T> {
    /// Each value, how many hosts have it, and the first of them. More than two, and nothing is odd.
    values: Vec<(T, usize, &'f Host)>,
}

impl<T> Default for Tally<'_, T> {
    fn default() -> Self {
        Tally { values: Vec::new() }
    }
}

impl<'f, T: PartialEq + Copy> Tally<'f, T> {
    fn add(&mut self, value: T, host: &'f Host) {
        if let Some((_, count, _)) = self.values.iter_mut().find(|(known, ..)| *known == value) {
            *count += 1;
        } else if self.values.len() < 3 {
            // Three values tell already that there is no rule.
            self.values.push((value, 1, host));
        }
    }

    /// The value of the others, how many they are, one of them, and the odd one with its own value.
    fn odd(&self) -> Option<(T, usize, &'f Host, T, &'f Host)> {
        let [a, b] = self.values.as_slice() else { return None };
        let (many, one) = if a.1 >= b.1 { (a, b) } else { (b, a) };
        (one.1 == 1 && many.1 >= OTHERS).then_some((many.0, many.1, many.2, one.0, one.2))
    }
}

/// What is counted of the hosts of a role.
#[derive(Clone, Default)]
struct Group<'f> {
    hosts: usize,
    cards: Tally<'f, usize>,
    addresses: Tally<'f, bool>,
    layouts: Tally<'f, Option<LayoutId>>,
    releases: Tally<'f, Option<ReleaseId>>,
    /// For each label that a host has: how many have it.
    labels: Vec<Label<'f>>,
}

#[derive(Clone)]
struct Label<'f> {
    key: &'f Arc<str>,
    count: usize,
    /// A host that has it.
    with: &'f Host,
}

/// Reports hosts that differ from all others of their role.
pub(in crate::rules) fn hosts(fleet: &Fleet, sink: &Sink) {
    let mut groups = vec![Group::default(); fleet.roles.len()];
    for host in &fleet.hosts {
        groups[host.role.value.0 as usize].add(host);
    }
    for (index, group) in groups.iter().enumerate().filter(|(_, group)| group.hosts > OTHERS) {
        group.judge(RoleId(index as u32), fleet, sink);
    }
}

impl<'f> Group<'f> {
    fn add(&mut self, host: &'f Host) {
        self.hosts += 1;
        self.cards.add(host.macs.len(), host);
        self.addresses.add(host.address.is_some(), host);
        self.layouts.add(host.settings.layout.get().map(|layout| layout.value), host);
        self.releases.add(host.settings.release.get().map(|release| release.value), host);
        for (key, _) in host.labels.iter() {
            match self.labels.iter_mut().find(|label| label.key == key) {
                Some(label) => label.count += 1,
                None => self.labels.push(Label { key, count: 1, with: host }),
            }
        }
    }

    fn judge(&self, role: RoleId, fleet: &'f Fleet, sink: &Sink) {
        let name = fleet.role(role).name.as_str();
        let report = |odd: &Host, like: &Host, others: usize, what: String, help: &str| {
            let message = format!("host `{}` {what}, unlike the {others} others of role `{name}`", odd.name.as_str());
            let finding: Diagnostic = ODD_ONE_OUT.at(odd.name.span, message).and(like.name.span, "like this one");
            sink.report(finding.help(help));
        };
        if let Some((many, others, like, few, odd)) = self.cards.odd().filter(|(many, _, _, few, _)| few < many) {
            let what = format!("has {few} MAC address{}, not {many}", if few == 1 { "" } else { "es" });
            report(odd, like, others, what, "list every card that it may ask with");
        }
        if let Some((true, others, like, _, odd)) = self.addresses.odd() {
            report(odd, like, others, "has no address".to_string(), "give it an `address`");
        }
        if let Some((_, others, like, Some(layout), odd)) = self.layouts.odd() {
            let what = format!("has the layout `{}`", fleet.layout(layout).name.as_str());
            report(odd, like, others, what, "make it a role of its own, or say why: `# fleetc: allow(odd-one-out) …`");
        }
        if let Some((_, others, like, Some(release), odd)) = self.releases.odd() {
            let what = format!("has the release `{}`", fleet.release(release).name.as_str());
            report(odd, like, others, what, "make it a role of its own, or say why: `# fleetc: allow(odd-one-out) …`");
        }
        for label in self.labels.iter().filter(|label| label.count + 1 == self.hosts) {
            let lacks = |host: &&Host| host.role.value == role && host.labels.get(label.key).is_none();
            if let Some(odd) = fleet.hosts.iter().find(lacks) {
                let what = format!("has no label `{}`", label.key);
                report(odd, label.with, label.count, what, &format!("add the label `{}`", label.key));
            }
        }
    }
}
