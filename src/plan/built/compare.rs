//! A built tree and a fleet, compared by what machines read.

use std::sync::Mutex;

use super::lines::lines;
use super::{Built, BuiltError, Machine, sum};
use crate::emit::read::{Entry, Loads, Unlisted as Policy, entry, loads, role as role_in};
use crate::emit::{ENTRY, Emission, Part, boot_script};
use crate::model::{FromText, Host, Hostname, Mac, ReleaseId, Unknown};
use crate::plan::base::{Base, Found};
use crate::plan::boot::{commands, digest};
use crate::plan::change::{Field, Kind, Place, Unlisted};
use crate::plan::memo::Memo;
use crate::plan::side::Side;
use crate::publish::manifest::Checksum;
use crate::source::Spanned;

/// A built tree and a fleet.
pub(in crate::plan) struct Trees<'p> {
    pub(super) base: &'p Built<'p>,
    pub(super) head: &'p Side<'p>,
    /// The entry of the tree; none where the manifest is all there is.
    pub(super) read: Option<Entry>,
    /// What differs in the entry for each listed machine.
    entry: Vec<Field>,
    /// What the tree does with machines that are not listed; none where that is not known.
    pub(super) unknown: Option<Policy>,
    /// Whether the entry differs for machines that are not listed.
    pub(super) strangers: bool,
    copies: Memo<ReleaseId, [bool; 2]>,
    fault: Mutex<Option<BuiltError>>,
}

impl Base for Trees<'_> {
    fn count(&self) -> usize {
        self.base.machines.len()
    }

    fn name(&self, was: u32) -> &str {
        &self.was(was).name
    }

    /// Where the manifest is all there is, a machine that has its system has another name when its script says another.
    fn renamed(&self, was: u32, now: &Host) -> bool {
        let machine = self.was(was);
        if machine.is_named() {
            return *machine.name != *now.name.as_str();
        }
        !now.installs() && sum(self.head.tree.script(now).as_bytes()) != machine.script
    }

    fn macs(&self, was: u32) -> Vec<Mac> {
        self.was(was).macs.clone()
    }

    fn installs(&self, was: u32) -> bool {
        self.was(was).installs
    }

    fn entry(&self) -> &[Field] {
        &self.entry
    }

    fn installation(&self, was: u32, now: &Host, found: &mut Found) {
        self.script(self.was(was), now, found);
        self.boot_files(now.settings.release.get().map(|release| release.value), found);
        self.configuration(self.was(was), now, found);
        self.role(self.was(was), now, found);
    }

    fn because(&self, _: u32, now: &Host, found: &Found) -> Vec<Place> {
        lines(self.head, Some(now), self.head.fleet.role(now.role.value), &now.settings, found)
    }

    fn listed_at(&self, was: u32) -> Option<Place> {
        let origin = &self.base.entry(&boot_script(*self.was(was).macs.first()?))?.origin;
        Some(Place { file: self.head.shown(&origin.file), line: origin.line, gone: true })
    }

    fn unlisted(&self) -> Option<Unlisted> {
        self.of_strangers()
    }
}

impl<'p> Trees<'p> {
    pub(in crate::plan) fn new(base: &'p Built<'p>, head: &'p Side<'p>) -> Result<Trees<'p>, BuiltError> {
        let read = base.text(ENTRY)?.map(|text| entry(&text));
        let mut trees = Trees {
            base,
            head,
            read,
            entry: Vec::new(),
            unknown: None,
            strangers: false,
            copies: Memo::default(),
            fault: Mutex::new(None),
        };
        match &trees.read {
            Some(read) => {
                trees.unknown = Some(read.unknown);
                trees.strangers = read.unlisted != head.tree.entry_of_unlisted();
                if read.listed != head.tree.entry_of_listed() {
                    if read.server != head.fleet.server.url.as_str() {
                        trees.entry.push(Field::Server);
                    }
                    if (read.unknown == Policy::Installed) != head.fleet.unknown_role().is_some()
                        || trees.entry.is_empty()
                    {
                        trees.entry.push(Field::Unknown);
                    }
                }
            }
            None => trees.guess(),
        }
        Ok(trees)
    }

    /// What a comparison came across; none when all could be read.
    pub(in crate::plan) fn fault(&self) -> Option<BuiltError> {
        self.fault.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Where the manifest is all there is: which entry of this fleet, for the cards of the tree, has its sum.
    fn guess(&mut self) {
        let mut macs: Vec<Mac> = self.base.machines.iter().flat_map(|machine| machine.macs.clone()).collect();
        macs.sort_unstable();
        let known = self.base.sum(ENTRY);
        let has = |unknown: &Unknown| {
            let text = self.head.tree.entry_with(&macs, unknown);
            text.is_some_and(|text| Some(sum(text.as_bytes())) == known)
        };
        let unknown = &self.head.fleet.unknown;
        let installs = self.base.entry(&self.base.below("static/ister/ister.conf")).is_some();
        let same = has(unknown);
        self.unknown = if installs {
            Some(Policy::Installed)
        } else if has(&Unknown::Refuse) {
            Some(Policy::Refused)
        } else if has(&Unknown::Local) {
            Some(Policy::Local)
        } else {
            None
        };
        self.strangers = !same;
        // The two policies that install nothing differ for machines that are not listed alone.
        let alike = self.unknown.is_some() && !installs && self.head.fleet.unknown_role().is_none();
        if !same && !alike {
            self.entry.push(Field::Unknown);
        }
    }

    fn was(&self, was: u32) -> &'p Machine {
        &self.base.machines[was as usize]
    }

    /// What a file of the base holds; a fault is kept.
    pub(super) fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        self.base.bytes(path).unwrap_or_else(|error| {
            self.fault.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get_or_insert(error);
            None
        })
    }

    fn text(&self, path: &str) -> Option<String> {
        self.bytes(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn script(&self, was: &Machine, now: &Host, found: &mut Found) {
        // The script of the same machine under its old name, so that the name alone is no other difference.
        let like;
        let now = match Hostname::from_text(&was.name) {
            Ok(name) if *was.name != *now.name.as_str() => {
                like = Host { name: Spanned { value: name, span: now.name.span }, ..now.clone() };
                &like
            }
            _ => now,
        };
        let new = self.head.tree.script(now);
        if sum(new.as_bytes()) == was.script {
            return;
        }
        let Some(old) = was.macs.first().and_then(|mac| self.text(&boot_script(*mac))) else {
            found.add(Kind::Boot, Field::Script);
            return;
        };
        if commands(&old).eq(commands(&new)) {
            found.add(Kind::Cosmetic, Field::ReleaseName);
            return;
        }
        let fields = loads(&old).zip(loads(&new)).map(|(old, new)| self.boots(&old, &new)).unwrap_or_default();
        fields.iter().for_each(|field| found.add(Kind::Boot, *field));
        if fields.is_empty() {
            found.add(Kind::Boot, Field::Server);
        }
    }

    /// What two machines boot by that differs.
    pub(super) fn boots(&self, old: &Loads, new: &Loads) -> Vec<Field> {
        let served = self.read.as_ref().map_or("", |read| &read.server);
        let url = self.head.fleet.server.url.as_str();
        let below = |file: &str, server: &str| file.strip_prefix(server).unwrap_or(file).to_string();
        let differ = [
            (Field::Server, served != url || old.configuration != new.configuration),
            (Field::Kernel, below(&old.kernel, served) != below(&new.kernel, url)),
            (Field::Initrd, below(&old.initrd, served) != below(&new.initrd, url)),
            (Field::BootArgs, old.arguments != new.arguments),
        ];
        differ.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
    }

    /// Boot files that are copied into the tree, and have other bytes there.
    pub(super) fn boot_files(&self, release: Option<ReleaseId>, found: &mut Found) {
        let Some(release) = release else { return };
        let differ = self.copies.get(release, || {
            Emission::copies(self.head.fleet.release(release)).map(|copy| {
                copy.is_some_and(|(path, name)| {
                    let old = self.base.sum(&path);
                    old.is_some() && old != digest(self.head.loader, name).map(Checksum)
                })
            })
        });
        for (_, field) in differ.into_iter().zip([Field::Kernel, Field::Initrd]).filter(|(differs, _)| *differs) {
            found.add(Kind::Boot, field);
        }
    }

    fn configuration(&self, was: &Machine, now: &Host, found: &mut Found) {
        let Some(release) = now.settings.release.get() else { return };
        let folder = format!("static/ister/{}", was.name);
        self.files(&folder, release.value, self.head.tree.configuration(now), found);
    }

    /// Compares the files of an installer's configuration with those in a folder of the base.
    pub(super) fn files(&self, folder: &str, release: ReleaseId, now: Vec<crate::emit::Fetched>, found: &mut Found) {
        for file in now {
            let name = file.path.rsplit('/').next().unwrap_or_default();
            let path = self.base.below(&format!("{folder}/{name}"));
            if self.base.sum(&path) == Some(sum(&file.bytes)) {
                continue;
            }
            let old = self.bytes(&path);
            let parts =
                old.and_then(|old| self.head.tree.parts(self.head.fleet.release(release), name, &old, &file.bytes));
            match parts {
                Some(parts) if parts.is_empty() => found.add(Kind::Cosmetic, Field::Template),
                Some(parts) => parts.into_iter().for_each(|part| told(part, found)),
                // The file that names the other one: where that is follows from the server and the name.
                None if name == crate::emit::ister::CONF => {}
                None => found.add(Kind::Install, Field::Template),
            }
        }
    }

    fn role(&self, was: &Machine, now: &Host, found: &mut Found) {
        let (Some(role), Some(text)) = (self.head.tree.role_of(now), self.head.tree.host_text(now)) else { return };
        let Some(mac) = was.macs.first() else { return };
        let answer = self.base.below(&format!("get_config/{}", mac.colons()));
        // Without an answer the service is new, which the template says.
        let Some(known) = self.base.sum(&answer) else { return };
        let named = if known == sum(&Emission::answer(*mac, &role)) {
            Some(role.clone())
        } else {
            self.bytes(&answer).and_then(|bytes| role_in(&bytes))
        };
        let old = named.as_ref().and_then(|named| self.base.sum(&self.base.below(&format!("get_role/{named}"))));
        if old != Some(sum(&text)) {
            found.add(Kind::Install, Field::Text);
        } else if named != Some(role) {
            found.add(Kind::Cosmetic, Field::Role);
        }
    }
}

/// A part of what an installer is told differs.
fn told(part: Part, found: &mut Found) {
    found.add(Kind::Install, Field::Told(part));
    if part == Part::Address {
        found.kinds.insert(Kind::Network);
    }
}
