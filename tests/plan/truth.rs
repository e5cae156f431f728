//! What changes for machines, told from two built trees alone: each machine is booted on both, and what it reads is
//! compared. Nothing here knows how fleetc compares fleets.

use std::collections::{BTreeMap, BTreeSet};

use fleetc::compile::Compiled;
use serde_json::Value;

use crate::installer::install;
use crate::ipxe::{Boot, End, Machine, boot};

/// A card that no fleet lists.
const STRANGER: &str = "52:54:99:99:99:99";

/// A built tree: where it is served, and its files.
pub struct Built {
    pub url: String,
    pub files: BTreeMap<String, Vec<u8>>,
    /// The machines by name: their cards.
    pub hosts: BTreeMap<String, Vec<String>>,
}

impl Built {
    pub fn new(compiled: &Compiled, files: BTreeMap<String, Vec<u8>>) -> Built {
        let fleet = compiled.fleet().unwrap();
        let cards = |host: &fleetc::model::Host| host.macs.iter().map(|mac| mac.colons()).collect();
        Built {
            url: fleet.server.url.as_str().to_string(),
            files,
            hosts: fleet.hosts.iter().map(|host| (host.name.as_str().to_string(), cards(host))).collect(),
        }
    }

    fn get(&self, url: &str) -> Option<Vec<u8>> {
        let path = url.strip_prefix(&self.url)?.strip_prefix('/')?;
        self.files.get(path).cloned()
    }

    /// A boot file that is on another server is there.
    fn fetch(&self, url: &str) -> Option<Vec<u8>> {
        self.get(url).or_else(|| (!url.ends_with(".ipxe")).then(|| b"a file elsewhere".to_vec()))
    }

    /// What a machine reads when it boots by one of its cards.
    fn walk(&self, cards: &[String], booted: usize) -> Read {
        let machine = Machine { booted, cards: cards.to_vec() };
        let entry = format!("{}/ipxe_boot_script.txt", self.url);
        let walk = boot(&machine, &entry, &mut |url| self.fetch(url), &mut || false);
        let entry_lines = walk.executed.iter().filter(|(url, _)| *url == entry).map(|(_, line)| line.clone());
        let mut read = Read { entry: entry_lines.collect(), ..Read::default() };
        for url in &walk.fetched[1..] {
            read.files.push((url.clone(), self.get(url)));
        }
        if let End::Boot(kernel) = walk.end {
            let card = &cards[booted];
            let got =
                install(&kernel, card, &mut |url| self.get(url)).unwrap_or_else(|fault| panic!("{card}: {fault}"));
            read.files.extend(got.fetched.iter().map(|url| (url.clone(), self.get(url))));
            // A machine that is not listed fetches its text by a hook.
            let hook = got.template["PostNonChrootShell"][0].as_str().unwrap_or_default();
            let url = hook.split("u.urlopen(\"").nth(1).and_then(|rest| rest.split('"').next());
            let fetched = url.map(|url| self.get(url).unwrap());
            if let (Some(url), Some(text)) = (url, &fetched) {
                read.files.push((url.to_string(), Some(text.clone())));
            }
            let text = got.role.map(|(_, text)| text).or(fetched);
            let script = walk.executed.iter().filter(|(url, _)| *url != entry).map(|(_, line)| line.clone());
            read.installs = Some(Installed { template: got.template, text, kernel, script: script.collect() });
        }
        read
    }

    /// What a machine reads by each of its cards.
    pub fn reads(&self, cards: &[String]) -> BTreeMap<String, Read> {
        (0..cards.len()).map(|booted| (cards[booted].clone(), self.walk(cards, booted))).collect()
    }

    pub fn stranger(&self) -> Read {
        self.walk(&[STRANGER.to_string()], 0)
    }
}

/// Everything that a machine reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// The lines of the entry that it executes.
    pub entry: Vec<String>,
    /// Each file by its URL, with its bytes where it is in the tree.
    pub files: Vec<(String, Option<Vec<u8>>)>,
    pub installs: Option<Installed>,
}

/// An installation.
#[derive(Clone, Debug, PartialEq)]
pub struct Installed {
    pub template: Value,
    pub text: Option<Vec<u8>>,
    pub kernel: Boot,
    /// The lines of its own script that it executes.
    pub script: Vec<String>,
}

/// What differs, as far as the trees tell: for each machine the words of its kinds.
pub type Kinds = BTreeMap<String, BTreeSet<&'static str>>;

/// The machines that change.
pub fn kinds(base: &Built, head: &Built) -> Kinds {
    let owner = |built: &Built, card: &String| -> Option<String> {
        built.hosts.iter().find(|(_, cards)| cards.contains(card)).map(|(name, _)| name.clone())
    };
    let installs = |built: &Built, name: &String| built.walk(&built.hosts[name], 0).installs.is_some();
    let strangers_install = head.stranger().installs.is_some();
    let mut left: BTreeSet<&String> = base.hosts.keys().filter(|name| !head.hosts.contains_key(*name)).collect();
    let mut found = Kinds::new();
    for (name, cards) in &head.hosts {
        let was = match base.hosts.contains_key(name) {
            true => Some(name.clone()),
            false => cards.iter().filter_map(|card| owner(base, card)).find(|other| left.remove(other)),
        };
        let mut kinds = BTreeSet::new();
        let now_installs = installs(head, name);
        let foreign = cards.iter().filter_map(|card| owner(base, card)).filter(|other| Some(other) != was.as_ref());
        if now_installs && foreign.into_iter().any(|other| !installs(base, &other)) {
            kinds.insert("reinstall");
        }
        match was {
            None => {
                kinds.insert("new");
            }
            Some(was) => {
                pair(base, head, &was, name, &mut kinds);
                let gone = base.hosts[&was].iter().all(|card| owner(head, card).is_none());
                if gone && strangers_install && !installs(base, &was) {
                    kinds.insert("reinstall");
                }
            }
        }
        if !kinds.is_empty() {
            found.insert(name.clone(), kinds);
        }
    }
    for name in left {
        let mut kinds = BTreeSet::from(["removed"]);
        if strangers_install && base.hosts[name].iter().any(|card| owner(head, card).is_none()) {
            kinds.insert(if installs(base, name) { "install" } else { "reinstall" });
        }
        found.insert(name.clone(), kinds);
    }
    found
}

fn pair(base: &Built, head: &Built, was: &str, name: &str, kinds: &mut BTreeSet<&'static str>) {
    let (old_cards, new_cards) = (&base.hosts[was], &head.hosts[name]);
    let (old, new) = (base.reads(old_cards), head.reads(new_cards));
    if old == new {
        return;
    }
    if was != name {
        kinds.insert("renamed");
    }
    let set = |cards: &[String]| cards.iter().cloned().collect::<BTreeSet<_>>();
    if set(old_cards) != set(new_cards) {
        kinds.insert("network");
    }
    let (old, new) = (&old[&old_cards[0]], &new[&new_cards[0]]);
    if old.entry != new.entry {
        kinds.insert("boot");
    }
    match (&old.installs, &new.installs) {
        (None, None) => {}
        (None, Some(_)) => {
            kinds.insert("reinstall");
        }
        (Some(_), None) => {
            kinds.insert("finished");
        }
        (Some(a), Some(b)) => {
            if a.template != b.template || a.text != b.text {
                kinds.insert("install");
            }
            if a.template["Static_IP"] != b.template["Static_IP"] {
                kinds.insert("network");
            }
            let commands = |installed: &Installed, from: &str| -> Vec<String> {
                let lines = installed.script.iter().filter(|line| !line.starts_with("echo ") && !line.starts_with('#'));
                lines.map(|line| line.replace(&format!("/{from}/ister.conf"), "/HOST/ister.conf")).collect()
            };
            let image = |built: &Built, installed: &Installed| {
                (
                    built.get(&installed.kernel.kernel),
                    installed.kernel.images.iter().map(|(_, url)| built.get(url)).collect::<Vec<_>>(),
                )
            };
            if commands(a, was) != commands(b, name) || image(base, a) != image(head, b) {
                kinds.insert("boot");
            }
        }
    }
    if kinds.is_empty() {
        kinds.insert("cosmetic");
    }
}
