//! Machines before and after a change, matched and classed.
//!
//! A machine is touched if and only if a byte that its walk reads differs.

use std::collections::{BTreeSet, HashMap};

use super::base::{Base, Found};
use super::change::{Change, Field, Kind, Moved, Place};
use super::side::Side;
use crate::model::{Host, Mac};

/// Which machine before is which host after, by number.
pub(super) struct Matches {
    /// For each host of the head, the machine that it was.
    pub(super) was: Vec<Option<u32>>,
    /// The machines that are listed no more.
    pub(super) removed: Vec<u32>,
    /// The machines before, by their cards.
    before: HashMap<Mac, u32>,
    /// The hosts after, by their cards.
    after: HashMap<Mac, u32>,
}

impl Matches {
    /// Hosts are the same by name; of those that are left, by card.
    pub(super) fn of(base: &impl Base, head: &Side<'_>) -> Matches {
        let count = base.count() as u32;
        let before = (0..count).flat_map(|was| base.macs(was).into_iter().map(move |mac| (mac, was)));
        let before: HashMap<Mac, u32> = before.collect();
        let hosts = &head.fleet.hosts;
        let after = hosts.iter().enumerate();
        let after = after.flat_map(|(index, host)| host.macs.iter().map(move |mac| (mac.value, index as u32)));
        let mut was = vec![None; hosts.len()];
        let mut left: BTreeSet<u32> = BTreeSet::new();
        // Both are sorted by name.
        let mut new = hosts.iter().enumerate().peekable();
        for index in 0..count {
            let name = base.name(index);
            while new.next_if(|(_, host)| host.name.as_str() < name).is_some() {}
            match new.next_if(|(_, host)| host.name.as_str() == name) {
                Some((at, _)) => was[at] = Some(index),
                None => {
                    left.insert(index);
                }
            }
        }
        for (index, host) in hosts.iter().enumerate() {
            if was[index].is_none() && !left.is_empty() {
                let known = host.macs.iter().filter_map(|mac| before.get(&mac.value)).find(|host| left.remove(host));
                was[index] = known.copied();
            }
        }
        Matches { was, removed: left.into_iter().collect(), before, after: after.collect() }
    }
}

/// A comparison of what was with a fleet.
pub(super) struct Comparison<'p, B> {
    base: &'p B,
    head: &'p Side<'p>,
    matches: &'p Matches,
}

impl<'p, B: Base> Comparison<'p, B> {
    pub(super) fn new(base: &'p B, head: &'p Side<'p>, matches: &'p Matches) -> Comparison<'p, B> {
        Comparison { base, head, matches }
    }

    /// What changes for a host of the head that was a machine of the base.
    pub(super) fn host(&self, was: u32, now: &'p Host) -> Option<Change> {
        let mut found = Found::default();
        let renamed = self.base.renamed(was, now);
        if renamed {
            found.add(Kind::Renamed, Field::Name);
        }
        let macs = self.base.macs(was);
        let same_macs =
            macs.len() == now.macs.len() && macs.iter().all(|mac| now.macs.iter().any(|other| other.value == *mac));
        if !same_macs {
            found.add(Kind::Network, Field::Mac);
        }
        for field in self.base.entry() {
            found.add(Kind::Boot, *field);
        }
        let installed = !self.base.installs(was);
        match (installed, now.installs()) {
            (true, true) => found.add(Kind::Reinstall, Field::State),
            (false, false) => found.add(Kind::Finished, Field::State),
            (true, false) => {}
            (false, true) => self.base.installation(was, now, &mut found),
        }
        found.settle();
        let moved = self.moved(was, &macs, now);
        if self.wipes_another(now, &moved) {
            found.add(Kind::Reinstall, Field::Mac);
        }
        let unlisted = self.unlisted_cards(&macs);
        if installed && unlisted.len() == macs.len() && self.head.fleet.unknown_role().is_some() {
            // The machine with the old cards is still there, and nothing knows it.
            found.add(Kind::Reinstall, Field::Unknown);
        }
        if found.kinds.is_empty() {
            return None;
        }
        let mut because = self.base.because(was, now, &found);
        if because.is_empty() {
            because.push(self.head.place(now.name.span, false));
        }
        let mut change = change(now.name.as_str(), &found, because);
        change.was = renamed.then(|| self.base.name(was).into());
        change.unlisted = unlisted;
        change.moved = moved;
        Some(change)
    }

    /// What changes for a host that was not listed under any name or card that is known.
    pub(super) fn new_host(&self, now: &'p Host) -> Change {
        let mut found = Found::default();
        found.add(Kind::New, Field::Name);
        let moved = now.macs.iter().filter_map(|mac| self.came(mac.value, now)).collect::<Vec<_>>();
        if self.wipes_another(now, &moved) {
            found.add(Kind::Reinstall, Field::Mac);
        }
        let mut change = change(now.name.as_str(), &found, vec![self.head.place(now.name.span, false)]);
        change.moved = moved;
        change
    }

    /// What changes for a machine that is listed no more.
    pub(super) fn removed_host(&self, was: u32) -> Change {
        let mut found = Found::default();
        found.add(Kind::Removed, Field::Name);
        let macs = self.base.macs(was);
        let unlisted = self.unlisted_cards(&macs);
        if !unlisted.is_empty() && self.head.fleet.unknown_role().is_some() {
            found.add(if self.base.installs(was) { Kind::Install } else { Kind::Reinstall }, Field::Unknown);
        }
        let mut because: Vec<Place> = self.base.listed_at(was).into_iter().collect();
        if found.fields.contains(&Field::Unknown) {
            because.extend(self.head.fleet.unknown_at.map(|at| self.head.place(at, false)));
        }
        let mut change = change(self.base.name(was), &found, because);
        change.moved = macs.iter().filter_map(|mac| self.went(*mac, was)).collect();
        change.unlisted = unlisted;
        change
    }

    /// A card that a host has from another machine.
    fn came(&self, mac: Mac, now: &Host) -> Option<Moved> {
        let from = self.base.name(*self.matches.before.get(&mac)?).into();
        Some(Moved { mac, from, to: now.name.as_str().into() })
    }

    /// A card of a machine that another host has now.
    fn went(&self, mac: Mac, was: u32) -> Option<Moved> {
        let to = &self.head.fleet.hosts[*self.matches.after.get(&mac)? as usize];
        Some(Moved { mac, from: self.base.name(was).into(), to: to.name.as_str().into() })
    }

    /// The cards of a machine that nobody has any more.
    fn unlisted_cards(&self, macs: &[Mac]) -> Vec<Mac> {
        macs.iter().copied().filter(|mac| !self.matches.after.contains_key(mac)).collect()
    }

    /// The cards that a host took from others, and gave to others.
    fn moved(&self, was: u32, macs: &[Mac], now: &Host) -> Vec<Moved> {
        let others = |mac: &Mac| self.matches.before.get(mac).is_some_and(|other| *other != was);
        let came = now.macs.iter().map(|mac| mac.value).filter(others).filter_map(|mac| self.came(mac, now));
        let left = macs.iter().filter(|mac| !now.macs.iter().any(|other| other.value == **mac));
        came.chain(left.filter_map(|mac| self.went(*mac, was))).collect()
    }

    /// Whether a host that installs took the card of a machine that had its system.
    fn wipes_another(&self, now: &Host, moved: &[Moved]) -> bool {
        let taken = moved.iter().filter(|card| *card.to == *now.name.as_str());
        now.installs()
            && taken.filter_map(|card| self.matches.before.get(&card.mac)).any(|other| !self.base.installs(*other))
    }
}

fn change(host: &str, found: &Found, because: Vec<Place>) -> Change {
    Change {
        host: host.into(),
        was: None,
        kinds: found.kinds.iter().copied().collect(),
        fields: found.words(),
        because,
        unlisted: Vec::new(),
        moved: Vec::new(),
    }
}
