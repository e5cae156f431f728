//! What machines were before, known from a fleet: two fleets compared.

use std::sync::Arc;

use super::base::{Base, Found};
use super::boot::{Copies, boot_fields, commands};
use super::cause::{Holder, Pair};
use super::change::{Field, Kind, Place, Unlisted};
use super::memo::Memo;
use super::side::Side;
use super::text::Texts;
use crate::emit::Part;
use crate::model::{Host, Mac, ReleaseId, Unknown};

/// Two fleets.
pub(super) struct Fleets<'p> {
    base: &'p Side<'p>,
    head: &'p Side<'p>,
    texts: Texts<'p>,
    /// What differs in the entry for each listed machine.
    entry: Vec<Field>,
    /// What installers are told, for hosts that share the settings of their roles.
    told: Memo<(usize, usize, bool, bool), Arc<Vec<Part>>>,
    /// How scripts differ. Beside the fleet and the release, a script is made from the host's name alone, which is the
    /// same in both.
    scripts: Memo<(ReleaseId, ReleaseId), Scripts>,
    copies: Copies<'p>,
}

/// How the boot scripts of two installations differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scripts {
    Same,
    /// In what they show and what they say to readers.
    Reworded,
    /// In what they do.
    Differ,
}

impl Base for Fleets<'_> {
    fn count(&self) -> usize {
        self.base.fleet.hosts.len()
    }

    fn name(&self, was: u32) -> &str {
        self.was(was).name.as_str()
    }

    fn macs(&self, was: u32) -> Vec<Mac> {
        self.was(was).macs.iter().map(|mac| mac.value).collect()
    }

    fn installs(&self, was: u32) -> bool {
        self.was(was).installs()
    }

    fn entry(&self) -> &[Field] {
        &self.entry
    }

    fn installation(&self, was: u32, now: &Host, found: &mut Found) {
        self.installations(self.was(was), now, found);
    }

    fn because(&self, was: u32, now: &Host, found: &Found) -> Vec<Place> {
        self.lines(&self.pair(self.was(was), now), found)
    }

    fn listed_at(&self, was: u32) -> Option<Place> {
        Some(self.base.place(self.was(was).name.span, true))
    }

    fn unlisted(&self) -> Option<Unlisted> {
        self.of_unlisted()
    }
}

impl<'p> Fleets<'p> {
    pub(super) fn new(base: &'p Side<'p>, head: &'p Side<'p>) -> Fleets<'p> {
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
        let (texts, copies) = (Texts::new(base, head), Copies::new(base, head));
        let (told, scripts) = (Memo::default(), Memo::default());
        Fleets { base, head, texts, entry, told, scripts, copies }
    }

    fn was(&self, was: u32) -> &'p Host {
        &self.base.fleet.hosts[was as usize]
    }

    fn pair<'a>(&'a self, was: &'a Host, now: &'a Host) -> Pair<'a> {
        Pair::new(self.base, self.head, was, now)
    }

    /// The lines that caused what was found.
    fn lines(&self, pair: &Pair<'_>, found: &Found) -> Vec<Place> {
        let mut places = Vec::new();
        for field in &found.fields {
            match field {
                Field::Text => self.texts.because(pair, &mut places),
                field => pair.because(*field, &mut places),
            }
        }
        // The head's lines first, each once.
        places.sort_by(|a, b| (a.gone, &a.file, a.line).cmp(&(b.gone, &b.file, b.line)));
        places.dedup();
        places
    }

    /// Two installations, compared.
    fn installations(&self, was: &Host, now: &Host, found: &mut Found) {
        // The script of the same machine under its new name, so that the name alone is no other difference.
        let like;
        let before = if was.name.value != now.name.value {
            like = Host { name: now.name.clone(), ..was.clone() };
            &like
        } else {
            was
        };
        match self.scripts(before, now) {
            Scripts::Same => {}
            Scripts::Reworded => found.add(Kind::Cosmetic, Field::ReleaseName),
            Scripts::Differ => {
                let fields = boot_fields(&self.pair(was, now));
                fields.iter().for_each(|field| found.add(Kind::Boot, *field));
                if fields.is_empty() {
                    found.add(Kind::Boot, Field::Server);
                }
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
    }

    /// How the scripts of two hosts of one name differ; both install.
    fn scripts(&self, was: &Host, now: &Host) -> Scripts {
        let compare = || {
            let (old, new) = (self.base.tree.script(was), self.head.tree.script(now));
            match old == new {
                true => Scripts::Same,
                false if commands(&old).eq(commands(&new)) => Scripts::Reworded,
                false => Scripts::Differ,
            }
        };
        match (was.settings.release.get(), now.settings.release.get()) {
            (Some(old), Some(new)) => self.scripts.get((old.value, new.value), compare),
            _ => compare(),
        }
    }

    /// The parts in which what the installer is told differs.
    fn told(&self, was: &Host, now: &Host) -> Vec<Part> {
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
            && static_address(was, self.base) != static_address(now, self.head)
        {
            parts.push(Part::Address);
        }
        parts
    }

    /// What changes for machines that are not listed.
    fn of_unlisted(&self) -> Option<Unlisted> {
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
            places = self.lines(&pair, &found);
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

/// What the installer is told of a host's address.
fn static_address<'h>(host: &'h Host, side: &'h Side<'_>) -> Option<impl PartialEq + use<'h>> {
    let address = host.address.as_ref()?;
    let network = side.fleet.network(address.network);
    let interface = host.settings.interface.get()?;
    let gateway = network.gateway?.value;
    Some((&interface.value, address.ip, address.prefix, gateway, network.dns.map(|dns| dns.value)))
}
