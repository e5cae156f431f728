//! What files there are, under which paths, in the order of their paths.

use crate::model::{Artifact, ArtifactSource, Fleet, Host, Mac, ReleaseId, RoleId, artifact_path, own_role_name};
use crate::template::Templates;

use super::backend;
use super::job::{INSTALLER, config_folder};

/// The script that DHCP names.
pub const ENTRY: &str = "ipxe_boot_script.txt";

/// The folders at the root of the tree, besides the service's.
pub const FOLDERS: &[&str] = &["artifacts", "boot"];

/// What stands before and after the address in the path of a boot script.
const BOOT: (&str, &str) = ("boot/", ".ipxe");

/// A file of the tree, by what it is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// The script that DHCP names.
    Entry,
    /// The boot script of a network card.
    Boot { host: u32, card: u32 },
    /// The service's answer to a network card.
    Config { host: u32, card: u32 },
    /// The service's answer to a machine that is not listed.
    DefaultConfig { role: RoleId },
    /// A role's text.
    Role { role: RoleId },
    /// A host's own variant of its role's text.
    OwnRole { host: u32 },
    /// A file for a host's installer.
    Installer { host: u32, file: u8 },
    /// A file for the installer of machines that are not listed.
    UnknownInstaller { role: RoleId, file: u8 },
    /// A copied boot file.
    Artifact { release: ReleaseId, kernel: bool },
}

/// A boot file of a release.
pub(super) fn artifact(fleet: &Fleet, release: ReleaseId, kernel: bool) -> &Artifact {
    let release = fleet.release(release);
    if kernel { &release.kernel } else { &release.initrd }
}

/// The name under which the service has a host's role text.
pub(super) fn role_name(fleet: &Fleet, templates: &Templates<'_>, host: &Host) -> String {
    let role = &fleet.role(host.role.value).name;
    if templates.is_own(host) { own_role_name(role, &host.name) } else { role.as_str().to_string() }
}

/// The path of the boot script of a network card.
pub fn boot_script(mac: Mac) -> String {
    [BOOT.0, &mac.hyphens(), BOOT.1].concat()
}

/// The path of the role text that a host gets.
pub fn role_text(fleet: &Fleet, templates: &Templates<'_>, host: &Host) -> String {
    format!("{}/get_role/{}", fleet.server.service.0, role_name(fleet, templates, host))
}

/// The folder of a host's installer files.
pub fn installer_folder(fleet: &Fleet, host: &Host) -> String {
    config_folder(fleet, Some(host))
}

/// The paths of the files for a host's installer, or for that of machines that are not listed, in the order in which it
/// asks for them.
pub fn installer_files(fleet: &Fleet, host: Option<&Host>) -> [String; backend::FILES.len()] {
    let folder = config_folder(fleet, host);
    backend::FILES.map(|name| format!("{folder}/{name}"))
}

/// The path of a file, put in the place of what `path` holds: every machine looks for some.
pub(super) fn path_into(path: &mut String, fleet: &Fleet, templates: &Templates<'_>, item: Item) {
    let service = &*fleet.server.service.0;
    let host = |index: u32| &fleet.hosts[index as usize];
    let mac = |index: u32, card: u32| host(index).macs[card as usize].value;
    path.clear();
    let mut put = |parts: &[&str]| parts.iter().for_each(|part| path.push_str(part));
    match item {
        Item::Entry => put(&[ENTRY]),
        Item::Boot { host, card } => put(&[BOOT.0, &mac(host, card).hyphens(), BOOT.1]),
        Item::Config { host, card } => put(&[service, "/get_config/", &mac(host, card).colons()]),
        Item::DefaultConfig { .. } => put(&[service, "/get_config/default"]),
        Item::Role { role } => put(&[service, "/get_role/", fleet.role(role).name.as_str()]),
        Item::OwnRole { host: index } => put(&[&role_text(fleet, templates, host(index))]),
        Item::Installer { host: index, file } => {
            put(&[service, INSTALLER, "/", host(index).name.as_str(), "/", backend::FILES[file as usize]]);
        }
        Item::UnknownInstaller { file, .. } => {
            put(&[&config_folder(fleet, None), "/", backend::FILES[file as usize]]);
        }
        Item::Artifact { release, kernel } => match &artifact(fleet, release, kernel).source.value {
            ArtifactSource::File(name) => put(&[&artifact_path(name)]),
            ArtifactSource::Served(_) => unreachable!("only files are copied"),
        },
    }
}

/// The host that alone reads a file.
pub(super) fn reader(item: Item) -> Option<u32> {
    match item {
        Item::Boot { host, .. } | Item::Config { host, .. } | Item::OwnRole { host } | Item::Installer { host, .. } => {
            Some(host)
        }
        Item::Entry
        | Item::DefaultConfig { .. }
        | Item::Role { .. }
        | Item::UnknownInstaller { .. }
        | Item::Artifact { .. } => None,
    }
}

/// Adds the files of a folder to a list.
type AddItems<'a> = &'a dyn Fn(&mut Vec<Item>);

/// Every file of the tree, by path.
pub(super) fn items(fleet: &Fleet, templates: &Templates<'_>) -> Vec<Item> {
    let service = &fleet.server.service.0;
    let cards = cards(fleet);
    // No folder's name begins another's, so folders can be put in order whole.
    let mut folders: [(String, AddItems<'_>); 6] = [
        ("artifacts/".to_string(), &|items| items.extend(artifacts(fleet))),
        ("boot/".to_string(), &|items| items.extend(boot(&cards))),
        (ENTRY.to_string(), &|items| items.push(Item::Entry)),
        (format!("{service}/get_config/"), &|items| items.extend(configs(fleet, &cards))),
        (format!("{service}/get_role/"), &|items| items.extend(roles(fleet, templates))),
        (format!("{service}/static/"), &|items| add_installer_items(items, fleet)),
    ];
    folders.sort_by(|a, b| a.0.cmp(&b.0));
    // Room for all, so that the list is not copied as it grows.
    let mut items = Vec::with_capacity(2 * cards.len() + (backend::FILES.len() + 1) * fleet.hosts.len());
    folders.iter().for_each(|(_, add)| add(&mut items));
    items.shrink_to_fit();
    items
}

/// A network card: its address, and the indices of its host and of it there.
type Card = (Mac, u32, u32);

/// Every network card, by address; both spellings of an address sort as the address does.
fn cards(fleet: &Fleet) -> Vec<Card> {
    let mut cards = Vec::with_capacity(fleet.hosts.len());
    for (index, host) in fleet.hosts.iter().enumerate() {
        cards.extend(host.macs.iter().enumerate().map(|(card, mac)| (mac.value, index as u32, card as u32)));
    }
    cards.sort_unstable();
    cards
}

fn boot(cards: &[Card]) -> impl Iterator<Item = Item> {
    cards.iter().map(|(_, host, card)| Item::Boot { host: *host, card: *card })
}

/// Only hosts with a text have an answer: the installer asks for whatever role an answer names (contract I-21).
fn configs(fleet: &Fleet, cards: &[Card]) -> impl Iterator<Item = Item> {
    let role = fleet.unknown_role().map(|role| role.value).filter(|role| fleet.role(*role).text.is_some());
    let default = role.map(|role| Item::DefaultConfig { role });
    let config = |(_, host, card): &Card| {
        let has_text = fleet.text_of(&fleet.hosts[*host as usize]).is_some();
        has_text.then_some(Item::Config { host: *host, card: *card })
    };
    let (before, behind) = cards.split_at(cards.partition_point(|(mac, _, _)| mac.colons().as_str() < "default"));
    before.iter().filter_map(config).chain(default).chain(behind.iter().filter_map(config))
}

fn roles(fleet: &Fleet, templates: &Templates<'_>) -> Vec<Item> {
    let mut items: Vec<(String, Item)> = Vec::new();
    let mut shared = vec![false; fleet.roles.len()];
    if let Some(role) = fleet.unknown_role() {
        shared[role.value.0 as usize] = fleet.role(role.value).text.is_some();
    }
    for (index, host) in fleet.hosts.iter().enumerate().filter(|(_, host)| fleet.text_of(host).is_some()) {
        if templates.is_own(host) {
            items.push((
                own_role_name(&fleet.role(host.role.value).name, &host.name),
                Item::OwnRole { host: index as u32 },
            ));
        } else {
            shared[host.role.value.0 as usize] = true;
        }
    }
    let shared = shared.into_iter().enumerate().filter(|(_, used)| *used);
    items.extend(shared.map(|(index, _)| {
        let role = RoleId(index as u32);
        (fleet.role(role).name.as_str().to_string(), Item::Role { role })
    }));
    items.sort_by(|a, b| a.0.cmp(&b.0));
    items.into_iter().map(|(_, item)| item).collect()
}

fn add_installer_items(items: &mut Vec<Item>, fleet: &Fleet) {
    let files = 0..backend::FILES.len() as u8;
    let installs = |host: &u32| fleet.hosts[*host as usize].installs();
    let mut hosts: Vec<u32> = (0..fleet.hosts.len() as u32).filter(installs).collect();
    // A folder sorts as its name with a slash behind it: `node/` after `node-1/`.
    let folder = |host: u32| fleet.hosts[host as usize].name.as_str().bytes().chain([b'/']);
    hosts.sort_by(|a, b| folder(*a).cmp(folder(*b)));
    let start = items.len();
    let of_host = |host| files.clone().map(move |file| Item::Installer { host, file });
    items.extend(hosts.into_iter().flat_map(of_host));
    if let Some(role) = fleet.unknown_role() {
        for file in files {
            let name = backend::FILES[file as usize].bytes();
            let added = &items[start..];
            let at = added.partition_point(|item| match item {
                Item::Installer { host, .. } => folder(*host).lt(name.clone()),
                _ => true,
            });
            let last = added.iter().rposition(|item| matches!(item, Item::UnknownInstaller { .. }));
            let at = start + at.max(last.map_or(0, |last| last + 1));
            items.insert(at, Item::UnknownInstaller { role: role.value, file });
        }
    }
}

fn artifacts(fleet: &Fleet) -> Vec<Item> {
    let mut items: Vec<(String, Item)> = Vec::new();
    for index in 0..fleet.releases.len() as u32 {
        for kernel in [true, false] {
            let item = Item::Artifact { release: ReleaseId(index), kernel };
            if let ArtifactSource::File(name) = &artifact(fleet, ReleaseId(index), kernel).source.value {
                items.push((artifact_path(name), item));
            }
        }
    }
    items.sort_by(|a, b| a.0.cmp(&b.0));
    // Releases may share a file; it is copied once.
    items.dedup_by(|a, b| a.0 == b.0);
    items.into_iter().map(|(_, item)| item).collect()
}
