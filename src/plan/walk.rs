//! What a machine reads on its walk, on both sides, compared and classed.
//!
//! A machine is touched if and only if a byte that its walk reads differs.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::boot::{Copies, boot_fields, commands};
use super::cause::{Holder, Pair};
use super::change::{Change, Field, Kind, Moved, Place, Unlisted};
use super::memo::Memo;
use super::side::{Matches, Side};
use super::text::Texts;
use crate::emit::Part;
use crate::model::{Host, Unknown};

/// A comparison of two sides.
pub(super) struct Comparison<'p> {
    base: &'p Side<'p>,
    head: &'p Side<'p>,
    matches: &'p Matches,
    texts: Texts<'p>,
    /// What differs in the entry for each listed machine.
    entry: Vec<Field>,
    /// What installers are told, for hosts that share the settings of their roles.
    told: Memo<(usize, usize, bool, bool), Arc<Vec<Part>>>,
    copies: Copies<'p>,
}

/// A change in the making.
#[derive(Default)]
struct Found {
    kinds: BTreeSet<Kind>,
    fields: BTreeSet<Field>,
}

impl Found {
    fn add(&mut self, kind: Kind, field: Field) {
        self.kinds.insert(kind);
        self.fields.insert(field);
    }

    /// The words of the fields, each once.
    fn words(&self) -> Vec<&'static str> {
        let mut words: Vec<&'static str> = Vec::new();
        for field in &self.fields {
            if !words.contains(&field.word()) {
                words.push(field.word());
            }
        }
        words
    }
}

impl<'p> Comparison<'p> {
    pub(super) fn new(base: &'p Side<'p>, head: &'p Side<'p>, matches: &'p Matches) -> Comparison<'p> {
        let mut entry = Vec::new();
        if base.tree.entry_of_listed() != head.tree.entry_of_listed() {
            if base.fleet.server.url.value != head.fleet.server.url.value {
                entry.push(Field::Server);
            }
            let installs = |side: &Side<'_>| matches!(side.fleet.unknown, Unknown::Install(_));
            if installs(base) != installs(head) || entry.is_empty() {
                entry.push(Field::Unknown);
            }
        }
        let (texts, told, copies) = (Texts::new(base, head), Memo::default(), Copies::new(base, head));
        Comparison { base, head, matches, texts, entry, told, copies }
    }

    /// What changes for a host of the head that was a host of the base.
    pub(super) fn host(&self, was: &'p Host, now: &'p Host) -> Option<Change> {
        let mut found = Found::default();
        let renamed = was.name.value != now.name.value;
        if renamed {
            found.add(Kind::Renamed, Field::Name);
        }
        let same_macs = was.macs.len() == now.macs.len()
            && was.macs.iter().all(|mac| now.macs.iter().any(|other| other.value == mac.value));
        if !same_macs {
            found.add(Kind::Network, Field::Mac);
        }
        for field in &self.entry {
            found.add(Kind::Boot, *field);
        }
        match (was.installs(), now.installs()) {
            (false, true) => found.add(Kind::Reinstall, Field::State),
            (true, false) => found.add(Kind::Finished, Field::State),
            (false, false) => {}
            (true, true) => self.installation(was, now, renamed, &mut found),
        }
        let index = self.matches.before.get(&was.macs.first()?.value).copied();
        let moved = self.moved(index, was, now);
        if self.wipes_another(now, &moved) {
            found.add(Kind::Reinstall, Field::Mac);
        }
        let unlisted = self.unlisted_cards(was);
        if !was.installs() && unlisted.len() == was.macs.len() && self.head.fleet.unknown_role().is_some() {
            // The machine with the old cards is still there, and nothing knows it.
            found.add(Kind::Reinstall, Field::Unknown);
        }
        if found.kinds.is_empty() {
            return None;
        }
        let pair = Pair::new(self.base, self.head, was, now);
        let mut change = self.change(now, &found, self.because(&pair, &found));
        change.was = renamed.then(|| was.name.as_str().into());
        change.unlisted = unlisted;
        change.moved = moved;
        Some(change)
    }

    /// What changes for a host that was not listed under any name or card that is known.
    pub(super) fn new_host(&self, now: &'p Host) -> Change {
        let mut found = Found::default();
        found.add(Kind::New, Field::Name);
        let moved: Vec<Moved> = now
            .macs
            .iter()
            .filter_map(|mac| {
                let from = self.base_host(*self.matches.before.get(&mac.value)?);
                Some(Moved { mac: mac.value, from: from.name.as_str().into(), to: now.name.as_str().into() })
            })
            .collect();
        if self.wipes_another(now, &moved) {
            found.add(Kind::Reinstall, Field::Mac);
        }
        let because = vec![self.head.place(now.name.span, false)];
        let mut change = self.change(now, &found, because);
        change.moved = moved;
        change
    }

    /// What changes for a host that is listed no more.
    pub(super) fn removed_host(&self, was: &'p Host) -> Change {
        let mut found = Found::default();
        found.add(Kind::Removed, Field::Name);
        let unlisted = self.unlisted_cards(was);
        if !unlisted.is_empty() && self.head.fleet.unknown_role().is_some() {
            found.add(if was.installs() { Kind::Install } else { Kind::Reinstall }, Field::Unknown);
        }
        let mut because = vec![self.base.place(was.name.span, true)];
        if found.fields.contains(&Field::Unknown) {
            because.extend(self.head.fleet.unknown_at.map(|at| self.head.place(at, false)));
        }
        let mut change = self.change(was, &found, because);
        change.moved = was
            .macs
            .iter()
            .filter_map(|mac| {
                let to = &self.head.fleet.hosts[*self.matches.after.get(&mac.value)? as usize];
                Some(Moved { mac: mac.value, from: was.name.as_str().into(), to: to.name.as_str().into() })
            })
            .collect();
        change.unlisted = unlisted;
        change
    }

    fn change(&self, host: &Host, found: &Found, because: Vec<Place>) -> Change {
        Change {
            host: host.name.as_str().into(),
            was: None,
            kinds: found.kinds.iter().copied().collect(),
            fields: found.words(),
            because,
            unlisted: Vec::new(),
            moved: Vec::new(),
        }
    }

    fn because(&self, pair: &Pair<'p>, found: &Found) -> Vec<Place> {
        let mut places = Vec::new();
        for field in &found.fields {
            match field {
                Field::Text => self.texts.because(pair, &mut places),
                field => pair.because(*field, &mut places),
            }
        }
        if places.is_empty() {
            places.extend(pair.now.host.map(|host| pair.here(host.name.span)));
        }
        // The head's lines first, each once.
        places.sort_by(|a, b| (a.gone, &a.file, a.line).cmp(&(b.gone, &b.file, b.line)));
        places.dedup();
        places
    }

    fn base_host(&self, index: u32) -> &'p Host {
        &self.base.fleet.hosts[index as usize]
    }

    /// The cards of a host of the base that nobody has any more.
    fn unlisted_cards(&self, was: &Host) -> Vec<crate::model::Mac> {
        was.macs.iter().map(|mac| mac.value).filter(|mac| !self.matches.after.contains_key(mac)).collect()
    }

    /// The cards that a host took from others, and gave to others.
    fn moved(&self, index: Option<u32>, was: &Host, now: &Host) -> Vec<Moved> {
        let mut moved = Vec::new();
        for mac in &now.macs {
            let before = self.matches.before.get(&mac.value).copied();
            if let Some(other) = before.filter(|other| Some(*other) != index) {
                let from = self.base_host(other).name.as_str().into();
                moved.push(Moved { mac: mac.value, from, to: now.name.as_str().into() });
            }
        }
        for mac in was.macs.iter().filter(|mac| !now.macs.iter().any(|other| other.value == mac.value)) {
            if let Some(other) = self.matches.after.get(&mac.value) {
                let to = self.head.fleet.hosts[*other as usize].name.as_str().into();
                moved.push(Moved { mac: mac.value, from: was.name.as_str().into(), to });
            }
        }
        moved
    }

    /// Whether a host that installs took the card of a machine that had its system.
    fn wipes_another(&self, now: &Host, moved: &[Moved]) -> bool {
        let taken = moved.iter().filter(|card| *card.to == *now.name.as_str());
        now.installs()
            && taken
                .filter_map(|card| self.matches.before.get(&card.mac))
                .any(|other| !self.base_host(*other).installs())
    }

    /// Two installations, compared.
    fn installation(&self, was: &'p Host, now: &'p Host, renamed: bool, found: &mut Found) {
        // The script of the same machine under its new name, so that the name alone is no other difference.
        let like;
        let before = if renamed {
            like = Host { name: now.name.clone(), ..was.clone() };
            &like
        } else {
            was
        };
        let scripts = (self.base.tree.script(before), self.head.tree.script(now));
        let pair = Pair::new(self.base, self.head, was, now);
        let boots = boot_fields(&pair);
        if scripts.0 != scripts.1 {
            if commands(&scripts.0).ne(commands(&scripts.1)) {
                boots.iter().for_each(|field| found.add(Kind::Boot, *field));
                if boots.is_empty() {
                    found.add(Kind::Boot, Field::Server);
                }
            } else {
                found.add(Kind::Cosmetic, Field::ReleaseName);
            }
        }
        for (copy, field) in self
            .copies
            .differ(was.settings.as_ref(), now.settings.as_ref())
            .into_iter()
            .zip([Field::Kernel, Field::Initrd])
        {
            if copy {
                found.add(Kind::Boot, field);
            }
        }
        for part in self.told(was, now) {
            found.add(Kind::Install, Field::Told(part));
            if part == Part::Address {
                found.kinds.insert(Kind::Network);
            }
        }
        if self.base.fleet.text_of(was).is_some() && self.head.fleet.text_of(now).is_some() {
            if self.texts.differ(was, now) {
                found.add(Kind::Install, Field::Text);
            } else if self.base.tree.role_of(before) != self.head.tree.role_of(now) {
                // The same text by another name.
                found.add(Kind::Cosmetic, Field::Role);
            }
        }
        if found.kinds.len() > 1 && found.kinds.remove(&Kind::Cosmetic) {
            found.fields.remove(&Field::ReleaseName);
            found.fields.remove(&Field::Role);
        }
    }

    /// The parts in which what the installer is told differs.
    fn told(&self, was: &'p Host, now: &'p Host) -> Vec<Part> {
        let shares =
            |side: &Side<'_>, host: &Host| Arc::ptr_eq(&host.settings, &side.fleet.role(host.role.value).settings);
        if !shares(self.base, was) || !shares(self.head, now) || was.name.value != now.name.value {
            return self.base.tree.differs(was, &self.head.tree, now);
        }
        // Hosts of the same two roles differ in nothing but their own name and address.
        let plain = |host: &Host| Host { address: None, ..host.clone() };
        let texts = (self.base.fleet.text_of(was).is_some(), self.head.fleet.text_of(now).is_some());
        let key = (Arc::as_ptr(&was.settings).addr(), Arc::as_ptr(&now.settings).addr(), texts.0, texts.1);
        let shared = self.told.get(key, || Arc::new(self.base.tree.differs(&plain(was), &self.head.tree, &plain(now))));
        let mut parts = shared.as_ref().clone();
        if (was.address.is_some() || now.address.is_some())
            && self.static_address(was, self.base) != self.static_address(now, self.head)
        {
            parts.push(Part::Address);
        }
        parts
    }

    /// What the installer is told of a host's address.
    fn static_address(&self, host: &'p Host, side: &'p Side<'p>) -> Option<impl PartialEq + use<'p>> {
        let address = host.address.as_ref()?;
        let network = side.fleet.network(address.network);
        let interface = host.settings.interface.get()?;
        let gateway = network.gateway?.value;
        Some((&interface.value, address.ip, address.prefix, gateway, network.dns.map(|dns| dns.value)))
    }

    /// What changes for machines that are not listed.
    pub(super) fn unlisted(&self) -> Option<Unlisted> {
        let (base, head) = (self.base, self.head);
        let mut found = Found::default();
        let roles = (base.fleet.unknown_role(), head.fleet.unknown_role());
        match roles {
            (None, Some(_)) => found.add(Kind::Reinstall, Field::Unknown),
            (Some(_), None) => found.add(Kind::Boot, Field::Unknown),
            _ => {}
        }
        let mut places = Vec::new();
        if let (Some(old), Some(new)) = roles {
            let holder = |side: &'p Side<'p>, role: crate::source::Spanned<crate::model::RoleId>| {
                let at = role.span;
                let role = side.fleet.role(role.value);
                Holder { host: None, role, role_at: at, settings: &role.settings }
            };
            let pair = Pair { base, head, was: holder(base, old), now: holder(head, new) };
            for part in base.tree.unlisted_differs(old.value, &head.tree, new.value) {
                found.add(Kind::Install, Field::Told(part));
            }
            let text = |side: &Side<'_>, role: crate::model::RoleId| side.fleet.role(role).text.is_some();
            if text(base, old.value) && text(head, new.value) && self.texts.roles_differ(old.value, new.value) {
                found.add(Kind::Install, Field::Text);
            }
            for field in boot_fields(&pair) {
                found.add(Kind::Boot, field);
            }
            let copies = self.copies.differ(&pair.was.role.settings, &pair.now.role.settings);
            for (_, field) in copies.into_iter().zip([Field::Kernel, Field::Initrd]).filter(|(copy, _)| *copy) {
                found.add(Kind::Boot, field);
            }
            places = self.because(&pair, &found);
        } else if found.kinds.is_empty() && base.tree.entry_of_unlisted() != head.tree.entry_of_unlisted() {
            let same = base.unknown() == head.unknown();
            found.add(Kind::Boot, if same { Field::Server } else { Field::Unknown });
        }
        if found.kinds.is_empty() && base.tree.entry_of_unlisted() != head.tree.entry_of_unlisted() {
            found.add(Kind::Cosmetic, Field::ReleaseName);
        }
        if found.kinds.is_empty() {
            return None;
        }
        if places.is_empty() {
            let at = |side: &Side<'_>, gone| match found.fields.contains(&Field::Unknown) {
                true => side.fleet.unknown_at.map(|at| side.place(at, gone)),
                false => Some(side.place(side.fleet.server.url.span, gone)),
            };
            places.extend(at(head, false).or_else(|| at(base, true)));
        }
        Some(Unlisted {
            was: Some(base.unknown()),
            now: head.unknown(),
            kinds: found.kinds.iter().copied().collect(),
            fields: found.words(),
            because: places,
        })
    }
}
