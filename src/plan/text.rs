//! Role texts: whether a machine gets another one, and which lines made it so.

use std::collections::BTreeSet;
use std::sync::Arc;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::cause::Pair;
use super::change::Place;
use super::memo::Memo;
use super::side::Side;
use crate::model::{Host, Map, RoleId, TextId};
use crate::source::{Span, Spanned};
use crate::template::Audience;

/// What is known of the texts of two sides, found once for all machines that share it.
pub(super) struct Texts<'p> {
    base: &'p Side<'p>,
    head: &'p Side<'p>,
    shared: Memo<(RoleId, RoleId), bool>,
    lines: Memo<(TextId, TextId), Arc<Vec<Place>>>,
    names: Memo<TextId, Arc<BTreeSet<String>>>,
    same_server: bool,
}

impl<'p> Texts<'p> {
    pub(super) fn new(base: &'p Side<'p>, head: &'p Side<'p>) -> Texts<'p> {
        let (a, b) = (&base.fleet.server, &head.fleet.server);
        let same_server = a.url.value == b.url.value && a.service == b.service;
        let (shared, lines, names) = (Memo::default(), Memo::default(), Memo::default());
        Texts { base, head, shared, lines, names, same_server }
    }

    /// Whether two roles give other bytes to machines without a text of their own. Both have a text.
    pub(super) fn roles_differ(&self, was: RoleId, now: RoleId) -> bool {
        self.shared.get((was, now), || {
            self.base.tree.text_of(Audience::Role(was)) != self.head.tree.text_of(Audience::Role(now))
        })
    }

    /// Whether a host gets other bytes. Both have a text.
    pub(super) fn differ(&self, was: &Host, now: &Host) -> bool {
        let own = (self.base.tree.templates().is_own(was), self.head.tree.templates().is_own(now));
        match own {
            (false, false) => self.roles_differ(was.role.value, now.role.value),
            (true, true) if self.same_inputs(was, now) => false,
            _ => self.base.tree.host_text(was) != self.head.tree.host_text(now),
        }
    }

    /// Whether all that goes into the texts of two hosts is equal by value, so that they need not be rendered.
    fn same_inputs(&self, was: &Host, now: &Host) -> bool {
        let (a, b) = (self.base.fleet, self.head.fleet);
        let bodies = a.text_of(was).zip(b.text_of(now));
        let network = |fleet: &crate::model::Fleet, host: &Host| {
            host.address.map(|address| {
                let network = fleet.network(address.network);
                let ends = network.dhcp_range.map(|range| range.value);
                let around = (network.gateway.map(|it| it.value), network.dns.map(|it| it.value), ends);
                let domain = network.domain.as_ref().map(|domain| domain.value.clone());
                (address.ip, address.prefix, network.name.value.clone(), network.cidr.value, around, domain)
            })
        };
        let release = |fleet: &crate::model::Fleet, host: &Host| {
            host.settings.release.get().map(|id| {
                let release = fleet.release(id.value);
                (release.name.value.clone(), release.version.value)
            })
        };
        self.same_server
            && bodies.is_some_and(|(a, b)| a.body == b.body)
            && a.role(was.role.value).name.value == b.role(now.role.value).name.value
            && was.name.value == now.name.value
            && was.installs() == now.installs()
            && was.macs.iter().map(|mac| mac.value).eq(now.macs.iter().map(|mac| mac.value))
            && was.settings.interface.get().map(|name| &name.value)
                == now.settings.interface.get().map(|name| &name.value)
            && release(a, was) == release(b, now)
            && network(a, was) == network(b, now)
            && same(&was.labels, &now.labels)
            && same(&was.vars, &now.vars)
    }

    /// The lines that made the text of a machine another.
    pub(super) fn because(&self, pair: &Pair<'p>, places: &mut Vec<Place>) {
        let texts = pair.was.role.text.zip(pair.now.role.text);
        let Some((old, new)) = texts.filter(|_| !pair.role_differs()) else {
            pair.because(super::change::Field::Role, places);
            return;
        };
        let before = places.len();
        places.extend(self.changed_lines(old.value, new.value).iter().cloned());
        let names = self.names.get(new.value, || Arc::new(self.head.tree.templates().names(new.value)));
        values(pair, &names, places);
        if places.len() == before {
            pair.because(super::change::Field::Text, places);
        }
    }

    /// The lines in which two texts differ.
    fn changed_lines(&self, old: TextId, new: TextId) -> Arc<Vec<Place>> {
        self.lines.get((old, new), || {
            let (old, new) = (self.base.fleet.text(old), self.head.fleet.text(new));
            let mut places = Vec::new();
            let (before, after): (Vec<&str>, Vec<&str>) = (old.body.lines().collect(), new.body.lines().collect());
            let start = |text: &crate::model::RoleText, lines: &[&str], line: usize| -> Span {
                // `lines` are parts of the body, so their distance from its start is their place.
                let at =
                    lines.get(line).map_or(text.body.len(), |part| part.as_ptr().addr() - text.body.as_ptr().addr());
                text.span_of(at, at)
            };
            let mut here = |line: usize| places.push(self.head.place(start(new, &after, line), false));
            let mut gone = Vec::new();
            for op in capture_diff_slices(Algorithm::Myers, &before, &after) {
                match op {
                    DiffOp::Equal { .. } => {}
                    DiffOp::Delete { old_index, old_len, .. } => gone.extend(old_index..old_index + old_len),
                    DiffOp::Insert { new_index, new_len, .. } | DiffOp::Replace { new_index, new_len, .. } => {
                        (new_index..new_index + new_len).for_each(&mut here);
                    }
                }
            }
            places.extend(gone.into_iter().map(|line| self.base.place(start(old, &before, line), true)));
            Arc::new(places)
        })
    }
}

/// Whether two maps hold the same.
fn same<T: PartialEq>(a: &Map<T>, b: &Map<T>) -> bool {
    a.iter().map(|(key, value)| (key, &value.value)).eq(b.iter().map(|(key, value)| (key, &value.value)))
}

/// The lines of the values that a text uses and that differ.
fn values(pair: &Pair<'_>, names: &BTreeSet<String>, places: &mut Vec<Place>) {
    let uses = |name: &str, key: &str| names.contains(name) || names.contains(&format!("{name}.{key}"));
    let (was, now) = (pair.was, pair.now);
    let maps = |holder: super::cause::Holder<'_>| match holder.host {
        Some(host) => (host.labels.clone(), host.vars.clone()),
        None => (holder.role.labels.clone(), holder.role.vars.clone()),
    };
    let ((old_labels, old_vars), (new_labels, new_vars)) = (maps(was), maps(now));
    differing(pair, &old_labels, &new_labels, |key| uses("labels", key), places);
    differing(pair, &old_vars, &new_vars, |key| uses("vars", key), places);
    if ["url", "host", "service"].iter().any(|key| uses("server", key)) {
        pair.because(super::change::Field::Server, places);
    }
    let release = |side: &Side<'_>, holder: super::cause::Holder<'_>| {
        holder.settings.release.get().map(|id| {
            let release = side.fleet.release(id.value);
            (release.name.value.clone(), release.version.value)
        })
    };
    if ["name", "version"].iter().any(|key| uses("release", key)) && release(pair.base, was) != release(pair.head, now)
    {
        pair.because(super::change::Field::Told(crate::emit::Part::Release), places);
    }
    let (Some(old), Some(new)) = (was.host, now.host) else { return };
    let address = |host: &Host| host.address.map(|address| (address.ip, address.prefix));
    let interface = |host: &Host| host.settings.interface.get().map(|name| name.value.clone());
    if uses("host", "name") && old.name.value != new.name.value {
        pair.because(super::change::Field::Name, places);
    }
    if uses("host", "mac") || uses("host", "macs") {
        let macs = |host: &Host| host.macs.iter().map(|mac| mac.value).collect::<Vec<_>>();
        if macs(old) != macs(new) {
            places.extend(new.macs.first().map(|mac| pair.here(mac.span)));
        }
    }
    if uses("host", "state") && old.installs() != new.installs() {
        pair.because(super::change::Field::State, places);
    }
    let told = ["address", "prefix", "interface"].iter().any(|key| uses("host", key));
    if told && (address(old) != address(new) || interface(old) != interface(new)) {
        pair.because(super::change::Field::Told(crate::emit::Part::Address), places);
    }
    if names.iter().any(|name| name == "network" || name.starts_with("network.")) {
        let networks = old.address.zip(new.address);
        let networks = networks.map(|(a, b)| (pair.base.fleet.network(a.network), pair.head.fleet.network(b.network)));
        match networks {
            Some((a, b)) if a.name.value == b.name.value => {
                let mut either = |key: &str, differs: bool, old: Option<Span>, new: Option<Span>| {
                    if differs && uses("network", key) {
                        places.extend(new.map(|new| pair.here(new)).or_else(|| old.map(|old| pair.gone(old))));
                    }
                };
                let cidr =
                    ["cidr", "address", "netmask", "prefix", "broadcast"].into_iter().find(|key| uses("network", key));
                either(cidr.unwrap_or("cidr"), a.cidr.value != b.cidr.value, Some(a.cidr.span), Some(b.cidr.span));
                fn at<T: Copy>(value: Option<Spanned<T>>) -> (Option<T>, Option<Span>) {
                    (value.map(|value| value.value), value.map(|value| value.span))
                }
                let (old, new) = (at(a.gateway), at(b.gateway));
                either("gateway", old.0 != new.0, old.1, new.1);
                let (old, new) = (at(a.dns), at(b.dns));
                either("dns", old.0 != new.0, old.1, new.1);
                let (old, new) = (at(a.dhcp_range), at(b.dhcp_range));
                let key = if uses("network", "dhcp_first") { "dhcp_first" } else { "dhcp_last" };
                either(key, old.0 != new.0, old.1, new.1);
                let domain =
                    |network: &crate::model::Network| network.domain.as_ref().map(|it| (it.value.clone(), it.span));
                let (old, new) = (domain(a), domain(b));
                let differs = old.as_ref().map(|it| &it.0) != new.as_ref().map(|it| &it.0);
                either("domain", differs, old.map(|it| it.1), new.map(|it| it.1));
            }
            _ if !told => pair.because(super::change::Field::Told(crate::emit::Part::Address), places),
            _ => {}
        }
    }
}

/// The places of the keys whose values differ.
fn differing<T: PartialEq>(
    pair: &Pair<'_>,
    old: &Map<T>,
    new: &Map<T>,
    uses: impl Fn(&str) -> bool,
    places: &mut Vec<Place>,
) {
    for (key, value) in new.iter().filter(|(key, _)| uses(key)) {
        if old.get(key).is_none_or(|other| other.value != value.value) {
            places.push(pair.here(value.span));
        }
    }
    let gone = old.iter().filter(|(key, _)| uses(key) && new.get(key).is_none());
    places.extend(gone.map(|(_, value)| pair.gone(value.span)));
}
