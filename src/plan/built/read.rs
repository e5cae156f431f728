//! Which machines a built tree is for, told from its files.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Built, BuiltError, Machine};
use crate::emit::read::{self, host_of, loads};
use crate::emit::{ENTRY, FILES, Fetched, boot_script};
use crate::model::{FromText, Mac};
use crate::publish::Manifest;
use crate::publish::manifest::{Checksum, Entry};

/// What names the folder of the service's answers.
const MARKS: [&str; 3] = ["/get_config/", "/get_role/", "/static/ister/"];

/// The folder of the service's answers.
pub(super) fn service(manifest: &Manifest) -> Option<String> {
    fn folder(entry: &Entry) -> Option<&str> {
        MARKS.iter().find_map(|mark| entry.path.as_str().split_once(mark)).map(|(folder, _)| folder)
    }
    manifest.files.iter().rev().find_map(folder).map(str::to_string)
}

/// The cards whose script has one sum: each script names its machine, so those of two machines differ.
struct Cards<'b> {
    script: Checksum,
    cards: Vec<(Mac, &'b Entry)>,
}

impl Cards<'_> {
    /// Where the first of the cards is listed.
    fn line(&self) -> u32 {
        self.cards.iter().map(|(_, entry)| entry.origin.line).min().unwrap_or_default()
    }
}

/// The machines of a tree, by name.
pub(super) fn machines(built: &Built<'_>) -> Result<Vec<Machine>, BuiltError> {
    let mut groups: BTreeMap<[u8; 32], Vec<(Mac, &Entry)>> = BTreeMap::new();
    for entry in &built.manifest.files {
        let card = entry.path.as_str().strip_prefix("boot/").and_then(|name| name.strip_suffix(".ipxe"));
        if let Some(Ok(mac)) = card.map(Mac::from_text) {
            groups.entry(entry.sha256.0).or_default().push((mac, entry));
        }
    }
    let groups = groups.into_iter().map(|(sum, cards)| Cards { script: Checksum(sum), cards });
    let mut machines = if built.files.is_some() { by_script(built, groups.collect())? } else { by_line(built, groups) };
    machines.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(machines)
}

/// The machines as their scripts name them.
fn by_script(built: &Built<'_>, groups: Vec<Cards<'_>>) -> Result<Vec<Machine>, BuiltError> {
    let machine = |group: Cards<'_>| {
        let path = group.cards[0].1.path.as_str();
        let script = built.text(path)?.unwrap_or_default();
        let name = host_of(&script).ok_or_else(|| {
            BuiltError(format!("`{path}` of {} names no host: another program's, or another version's", built.called))
        })?;
        Ok(machine(name, group, loads(&script).is_some()))
    };
    groups.into_par_iter().map(machine).collect()
}

/// The machines by the lines that they come from: each that installs has a folder, which comes from the line of its
/// name, and the first card below that line is its own.
fn by_line<'b>(built: &Built<'b>, groups: impl Iterator<Item = Cards<'b>>) -> Vec<Machine> {
    let folder = built.below("static/ister/");
    let mut names: Vec<(u32, &str)> = Vec::new();
    for entry in &built.manifest.files {
        let path = entry.path.as_str().strip_prefix(folder.as_str()).and_then(|path| path.strip_suffix("/ister.conf"));
        names.extend(path.map(|name| (entry.origin.line, name)));
    }
    names.sort_unstable();
    let mut groups: Vec<Cards<'_>> = groups.collect();
    groups.sort_by_key(Cards::line);
    let mut names = names.into_iter().peekable();
    let machine = |group: Cards<'_>| match names.next_if(|(line, _)| *line <= group.line()) {
        Some((_, name)) => machine(name, group, true),
        None => machine(&group.cards[0].0.colons(), group, false),
    };
    groups.into_iter().map(machine).collect()
}

fn machine(name: &str, group: Cards<'_>, installs: bool) -> Machine {
    let mut cards = group.cards;
    cards.sort_by_key(|(mac, entry)| (entry.origin.line, *mac));
    let macs = cards.into_iter().map(|(mac, _)| mac).collect();
    Machine { name: name.into(), macs, installs, script: group.script }
}

impl Built<'_> {
    /// Every text that a machine reads, in the order of reading; none for one that is not there.
    pub(in crate::plan) fn walk(&self, name: &str) -> Result<Option<Vec<Fetched>>, BuiltError> {
        let Ok(index) = self.machines.binary_search_by(|machine| (*machine.name).cmp(name)) else { return Ok(None) };
        let machine = &self.machines[index];
        let listed = self.text(ENTRY)?.map(|text| read::entry(&text).listed.into_bytes());
        let mut files: Vec<Fetched> = listed.into_iter().map(|bytes| fetched(ENTRY.to_string(), bytes)).collect();
        let mut paths: Vec<String> = machine.macs.iter().map(|mac| boot_script(*mac)).collect();
        if machine.installs {
            paths.extend(FILES.map(|file| self.below(&format!("static/ister/{name}/{file}"))));
            let answers = machine.macs.iter().map(|mac| self.below(&format!("get_config/{}", mac.colons())));
            let answers: Vec<String> = answers.collect();
            let role = answers.first().map(|path| self.bytes(path)).transpose()?.flatten();
            paths.extend(answers);
            paths.extend(role.and_then(|bytes| read::role(&bytes)).map(|role| self.below(&format!("get_role/{role}"))));
        }
        self.all(paths, &mut files)?;
        Ok(Some(files))
    }

    /// The same for machines that are not listed.
    pub(in crate::plan) fn unlisted_walk(&self) -> Result<Vec<Fetched>, BuiltError> {
        let unlisted = self.text(ENTRY)?.map(|text| read::entry(&text).unlisted.into_bytes());
        let mut files: Vec<Fetched> = unlisted.into_iter().map(|bytes| fetched(ENTRY.to_string(), bytes)).collect();
        let mut paths: Vec<String> = FILES.map(|file| self.below(&format!("static/ister/{file}"))).into();
        let role = self.bytes(&self.below("get_config/default"))?.and_then(|bytes| read::role(&bytes));
        paths.extend(role.map(|role| self.below(&format!("get_role/{role}"))));
        self.all(paths, &mut files)?;
        Ok(files)
    }

    fn all(&self, paths: Vec<String>, files: &mut Vec<Fetched>) -> Result<(), BuiltError> {
        for path in paths {
            let bytes = self.bytes(&path)?;
            files.extend(bytes.map(|bytes| fetched(path, bytes)));
        }
        Ok(())
    }
}

fn fetched(path: String, bytes: Vec<u8>) -> Fetched {
    Fetched { path, bytes }
}
