//! Which requests to make: all files of a tree or those of some machines, in three rounds, each of which follows from
//! what the one before said.

use std::collections::BTreeSet;

use super::expected::{Expected, inside};
use super::kind::Kind;
use super::probe::{Probe, Target, Why};
use super::read::{Card, Entry};
use crate::emit::ENTRY;
use crate::model::Mac;

/// A name that no fleet uses.
const INVENTED: &str = "fleetc-verify-no-such-file";

/// The files of a host's installer.
const INSTALLER_FILES: [&str; 2] = ["ister.conf", "ister_config.json"];

/// The machines whose requests are made; all of them unless some are chosen.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// By the address of a card.
    pub macs: Vec<Mac>,
    /// By name.
    pub hosts: Vec<String>,
    /// So many cards, spread evenly.
    pub sample: Option<usize>,
}

impl Choice {
    /// Whether it is every machine.
    pub fn is_all(&self) -> bool {
        self.macs.is_empty() && self.hosts.is_empty() && self.sample.is_none()
    }

    /// The addresses that are chosen without a look at the machines' names.
    fn by_address(&self, all: &[&str]) -> BTreeSet<String> {
        let mut chosen: BTreeSet<String> = self.macs.iter().map(|mac| mac.hyphens()).collect();
        let count = self.sample.unwrap_or(0).min(all.len());
        // The first and the last are among them.
        let last = all.len().saturating_sub(1);
        let steps = count.saturating_sub(1).max(1);
        chosen.extend((0..count).map(|step| all[last * step / steps].to_string()));
        chosen
    }
}

/// What is asked for, and what is known so far.
pub struct Survey<'e> {
    expected: &'e Expected<'e>,
    choice: &'e Choice,
    chosen: BTreeSet<String>,
    cards: Vec<Card>,
    roles: BTreeSet<String>,
    entry: Entry,
}

impl<'e> Survey<'e> {
    /// Begins a survey; what can be read on this machine is.
    pub fn new(expected: &'e Expected<'e>, choice: &'e Choice) -> Survey<'e> {
        let macs: Vec<&str> = expected.macs().collect();
        let chosen = choice.by_address(&macs);
        let mut survey =
            Survey { expected, choice, chosen, cards: Vec::new(), roles: BTreeSet::new(), entry: Entry::default() };
        if let Some(text) = expected.text {
            let wanted = macs.iter().filter(|mac| survey.may_matter(mac));
            let read = |mac: &&str| {
                let text = text(&format!("boot/{mac}.ipxe"))?;
                Some(Card::read(mac, &String::from_utf8_lossy(&text)))
            };
            survey.cards = wanted.filter_map(read).collect();
            survey.settle();
            if let Some(entry) = text(ENTRY) {
                survey.learn_entry(&String::from_utf8_lossy(&entry));
            }
            for mac in survey.chosen.clone() {
                let answer = text(&survey.config(&mac)).unwrap_or_default();
                survey.roles.extend(crate::emit::read::role(&answer));
            }
        }
        survey
    }

    /// Whether the machine of a card may be one that is asked for.
    fn may_matter(&self, mac: &str) -> bool {
        self.choice.is_all() || !self.choice.hosts.is_empty() || self.chosen.contains(mac)
    }

    /// Chooses by name, once the names are known.
    fn settle(&mut self) {
        self.cards.sort_by(|a, b| a.mac.cmp(&b.mac));
        let named =
            self.cards.iter().filter(|card| self.choice.hosts.iter().any(|name| Some(name) == card.host.as_ref()));
        self.chosen.extend(named.map(|card| card.mac.clone()));
        if !self.choice.is_all() {
            self.cards.retain(|card| self.chosen.contains(&card.mac));
        }
    }

    /// What the boot script of the tree says.
    pub fn learn_entry(&mut self, text: &str) {
        self.entry = Entry::read(&self.expected.unlisted(), text);
    }

    /// What the server said in the last round. What this machine has itself is known already.
    pub fn learn(&mut self, cards: Vec<Card>, roles: Vec<String>) {
        if self.expected.text.is_none() {
            self.cards.extend(cards);
            self.settle();
            self.roles.extend(roles);
        }
    }

    /// `server.url`, as the expected boot script has it.
    pub fn base(&self) -> Option<&str> {
        self.entry.base.as_deref()
    }

    /// Hosts that were asked for by name and that no script names.
    pub fn unknown_hosts(&self) -> Vec<&str> {
        let is_there = |name: &String| self.cards.iter().any(|card| card.host.as_ref() == Some(name));
        self.choice.hosts.iter().filter(|name| !is_there(name)).map(String::as_str).collect()
    }

    /// How many cards are chosen.
    pub fn machines(&self) -> usize {
        if self.choice.is_all() { self.expected.macs().count() } else { self.chosen.len() }
    }

    fn file(&self, path: &str) -> Option<Probe> {
        let index = self.expected.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(Probe::file(index, &self.expected.files[index]))
    }

    fn config(&self, mac: &str) -> String {
        format!("{}/get_config/{}", self.expected.service(), mac.replace('-', ":"))
    }

    fn installer_files(&self, host: &str) -> [String; 2] {
        INSTALLER_FILES.map(|file| format!("{}/static/ister/{host}/{file}", self.expected.service()))
    }

    /// The boot script.
    pub fn entry(&self) -> Vec<Probe> {
        self.file(ENTRY).into_iter().collect()
    }

    /// The first round: the scripts of the cards.
    pub fn scripts(&self) -> Vec<Probe> {
        let known = self.expected.text.is_some() && !self.choice.is_all();
        let wanted = |mac: &&str| if known { self.chosen.contains(*mac) } else { self.may_matter(mac) };
        self.expected.macs().filter(wanted).filter_map(|mac| self.file(&format!("boot/{mac}.ipxe"))).collect()
    }

    /// The second round: everything else that the tree lists; or what the chosen machines ask for.
    pub fn files(&self) -> Vec<Probe> {
        let files: Vec<Probe> = if self.choice.is_all() {
            let files = self.expected.files.iter().enumerate().map(|(index, entry)| Probe::file(index, entry));
            files.filter(|probe| !matches!(probe.kind, Kind::BootScript | Kind::CardScript)).collect()
        } else {
            let hosts: BTreeSet<&str> =
                self.cards.iter().filter(|card| card.conf.is_some()).filter_map(|card| card.host.as_deref()).collect();
            let paths = hosts.into_iter().flat_map(|host| self.installer_files(host));
            let paths = paths.chain(self.cards.iter().map(|card| self.config(&card.mac)));
            paths.filter_map(|path| self.file(&path)).collect()
        };
        // Both spellings of an address are to be answered.
        let spelled = files.iter().filter(|probe| match probe.target {
            Target::File(index) => {
                probe.kind == Kind::Config && self.expected.files[index as usize].path.as_str().contains(':')
            }
            _ => false,
        });
        let spelled: Vec<Probe> =
            spelled.map(|probe| Probe { kind: Kind::ConfigEncoded, target: probe.target.clone() }).collect();
        files.into_iter().chain(spelled).collect()
    }

    /// The third round: roles of chosen machines, boot files, and what must not be there.
    pub fn rest(&self) -> Vec<Probe> {
        let mut probes = Vec::new();
        if !self.choice.is_all() {
            let roles = self.roles.iter().map(|role| format!("{}/get_role/{role}", self.expected.service()));
            probes.extend(roles.filter_map(|path| self.file(&path)));
        }
        for url in self.boot_files() {
            match self.inside(url).and_then(|path| self.file(path)) {
                // All files of the tree were asked for before.
                Some(probe) if !self.choice.is_all() => probes.push(probe),
                Some(_) => {}
                None => {
                    let sum = self.expected.sums.get(url).copied();
                    probes.push(Probe { target: Target::Boot(url.to_string(), sum), kind: Kind::BootFile });
                }
            }
        }
        // A manifest of fleetc's lists what its scripts name; one that does not is no reason to leave a machine out.
        let confs: BTreeSet<&str> = self.cards.iter().filter_map(|card| card.conf.as_deref()).collect();
        let listed = |url: &str| self.inside(url).is_some_and(|path| self.expected.find(path).is_some());
        let confs = confs.into_iter().filter(|url| url.starts_with("http://") && !listed(url));
        probes.extend(confs.map(|url| Probe { target: Target::Boot(url.to_string(), None), kind: Kind::Conf }));
        let absent = self.absent();
        probes.extend(absent.into_iter().map(|(path, why)| Probe::absent(path, why)));
        probes
    }

    /// The path in the tree that a URL of the files leads to.
    fn inside<'u>(&self, url: &'u str) -> Option<&'u str> {
        url.strip_prefix(self.base()?)?.strip_prefix('/')
    }

    /// The boot files that the scripts name, once each, that are asked for over http.
    fn boot_files(&self) -> BTreeSet<&str> {
        self.all_boot_files().into_iter().filter(|url| url.starts_with("http://")).collect()
    }

    fn all_boot_files(&self) -> BTreeSet<&str> {
        let named = self.cards.iter().flat_map(|card| &card.boot_files).chain(&self.entry.boot_files);
        named.map(String::as_str).collect()
    }

    /// The boot files that are not asked for: fleetc speaks http alone.
    pub fn other_boot_files(&self) -> Vec<String> {
        self.all_boot_files().into_iter().filter(|url| !url.starts_with("http://")).map(str::to_string).collect()
    }

    /// The paths that must not be answered.
    fn absent(&self) -> Vec<(String, Why)> {
        let service = self.expected.service();
        let mut absent: Vec<(String, Why)> = Vec::new();
        let gone = |path: &String| self.expected.find(path).is_none();
        let has_system = self.cards.iter().filter(|card| card.conf.is_none()).filter_map(|card| card.host.as_deref());
        for host in has_system.collect::<BTreeSet<&str>>() {
            absent.extend(self.installer_files(host).into_iter().filter(gone).map(|path| (path, Why::Installed)));
        }
        let configs = self.cards.iter().map(|card| self.config(&card.mac)).filter(gone);
        absent.extend(configs.map(|path| (path, Why::Unused)));
        let unlisted = INSTALLER_FILES.map(|file| format!("{service}/static/ister/{file}")).into_iter();
        let default = format!("{service}/get_config/default");
        absent.extend(unlisted.chain([default]).filter(gone).map(|path| (path, Why::Unused)));
        let mac = self.expected.unlisted();
        absent.extend([format!("boot/{mac}.ipxe"), self.config(&mac)].map(|path| (path, Why::Unlisted)));
        let invented = ["".to_string(), format!("{service}/get_role/"), format!("{service}/static/ister/")];
        absent.extend(invented.map(|folder| (format!("{folder}{INVENTED}"), Why::Invented)));
        if self.choice.is_all() {
            let there: BTreeSet<String> = absent.iter().map(|(path, _)| path.clone()).collect();
            let theirs = inside(&self.expected.theirs, "").iter().map(|file| file.path.as_str().to_string());
            let more = theirs.filter(|path| gone(path) && !there.contains(path));
            absent.extend(more.map(|path| (path, Why::OtherGeneration)));
        }
        absent
    }
}
