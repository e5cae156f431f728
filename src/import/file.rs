//! A new fleet file from a list, as a person would write it.
//!
//! A list says which machines there are, seldom what is to be on their disks. What it does not say gets a stand-in
//! that is marked as one, and as long as there are any, the file installs no machine: a guess would wipe disks.

use std::collections::BTreeMap;

use super::host::{self, Style};
use super::list::{List, Network, Role};
use super::raw::as_template;
use super::value::{Entry, Value};
use crate::model::{Cidr, FromText, Name};

/// The role of machines whose list knows no roles, and the text of roles that a list does not define.
const MANAGED: &str = include_str!("../../examples/minimal/roles/managed.yaml");
const MANAGED_ROLE: &str = "managed";
const MANAGED_FILE: &str = "roles/managed.yaml";
const SSH_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c you@desk";

/// The files of a new fleet, by path: `fleet.yaml`, and the texts of its roles. `source` says in a few words where
/// they come from.
pub fn new_fleet(list: &List, source: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let roles = roles(list);
    let default = common_role(list, &roles);
    let stand_in = roles.iter().any(|role| !list.roles.contains(role));
    let mut sections = vec![
        Entry::new("version", Value::word(1)).above(format!("Written by `fleetc import` from {source}.")),
        server(list),
        unknown(list),
    ];
    let networks = networks(list);
    if !networks.is_empty() {
        sections.push(Entry::new("networks", Value::Map(networks.iter().map(network).collect())));
    }
    sections.push(releases(list));
    sections.push(layouts(list));
    sections.push(defaults(list, default.as_ref(), !networks.is_empty(), stand_in));
    let entries = roles.iter().map(|role| role_entry(role, list.roles.contains(role), &mut files)).collect();
    sections.push(Entry::new("roles", Value::Map(entries)));
    sections.push(Entry::new("hosts", Value::Map(hosts(list, default.as_ref()))));
    let text: Vec<String> = sections.iter().map(section).collect();
    files.insert("fleet.yaml".to_string(), text.join("\n"));
    files
}

fn section(entry: &Entry) -> String {
    let mut text = String::new();
    entry.write(0, 2, &mut text);
    text
}

/// Every role that the list speaks of; those without a definition have no text. A list without roles gets one.
fn roles(list: &List) -> Vec<Role> {
    let plain = |name: Name| Role { name, text: None, comment: None };
    let defined = |name: Name| list.roles.iter().find(|role| role.name == name).cloned().unwrap_or_else(|| plain(name));
    let mut roles: Vec<Role> = list.role_names().into_iter().map(defined).collect();
    if list.hosts.iter().any(|host| host.role.is_none()) || roles.is_empty() {
        let managed = || Name::from_text(MANAGED_ROLE).ok();
        roles.extend(template_name(list).or_else(managed).map(plain));
    }
    roles
}

/// The name of the layout and the role that the source is a template of.
fn template_name(list: &List) -> Option<Name> {
    list.setup.template.as_ref()?.name.as_ref().map(|name| name.value.clone())
}

/// The role that stands in `defaults`: that of a template, the one that was made for machines without, or the one that
/// all of them have.
fn common_role(list: &List, roles: &[Role]) -> Option<Name> {
    if let Some(name) = template_name(list) {
        return Some(name);
    }
    let mut named = list.hosts.iter().map(|host| host.role.as_ref().map(|role| &role.value));
    match named.next()? {
        Some(first) if named.clone().all(|other| other == Some(first)) => Some(first.clone()),
        Some(_) if named.all(|other| other.is_some()) => None,
        _ => roles.last().map(|role| role.name.clone()),
    }
}

fn server(list: &List) -> Entry {
    let url = Entry::new(
        "url",
        Value::text(list.setup.url.as_ref().map_or("http://192.168.1.1".into(), ToString::to_string)),
    );
    let url =
        if list.setup.url.is_some() { url } else { url.behind("a stand-in: how booting machines reach the tree") };
    let service = list.setup.service.as_ref().filter(|service| &*service.0 != "icis");
    let service = service.map(|service| Entry::new("service", Value::text(&*service.0)));
    Entry::new("server", Value::Map([Some(url), service].into_iter().flatten().collect()))
}

/// Machines that are not listed are installed only as the source says it, disks and all.
fn unknown(list: &List) -> Entry {
    let refused = Entry::new("unknown", Value::word("refuse")).behind("a machine that is not listed keeps its disk");
    match &list.unlisted {
        Some(role) if list.setup.template.is_some() => {
            let install = Entry::new("install", Value::text(role.as_str()));
            Entry::new("unknown", Value::Braces(vec![install]))
                .behind("a machine that is not listed is wiped and installed")
        }
        Some(role) => {
            let name = role.as_str();
            refused
                .above(format!(
                    "The service installed machines that are not listed, with role `{name}`. When release and"
                ))
                .above(format!(
                    "layout are right, `unknown: {{ install: {name} }}` does so too, on whatever disks they have."
                ))
        }
        None => refused,
    }
}

/// The networks of the list, and one for addresses that lie in none of them.
fn networks(list: &List) -> Vec<Network> {
    let mut all = list.networks.clone();
    for address in list.hosts.iter().filter_map(|host| host.address.as_ref()) {
        let length = address.prefix.unwrap_or(24);
        if all.iter().any(|network| network.cidr.contains(address.ip)) {
            continue;
        }
        let Some(cidr) = Cidr::of(address.ip, length) else { continue };
        let Ok(name) = Name::from_text(&format!("network-{}", all.len() + 1)) else { continue };
        let comment = "a guess from the addresses: put the true network, its gateway and its dns here";
        all.push(Network { name, cidr, gateway: None, dns: None, range: None, comment: Some(comment.to_string()) });
    }
    all
}

fn network(network: &Network) -> Entry {
    let mut keys = vec![Entry::new("cidr", Value::text(network.cidr.to_string()))];
    let text = |value: &dyn ToString| Value::text(value.to_string());
    keys.extend(network.gateway.map(|gateway| Entry::new("gateway", text(&gateway))));
    keys.extend(network.dns.map(|dns| Entry::new("dns", text(&dns))));
    keys.extend(network.range.map(|range| Entry::new("dhcp_range", text(&range))));
    let entry = Entry::new(network.name.as_str(), Value::Braces(keys));
    network.comment.iter().fold(entry, |entry, comment| entry.above(comment))
}

fn releases(list: &List) -> Entry {
    let setup = &list.setup;
    let version = setup.template.as_ref().and_then(|template| template.version.clone());
    let stand_in = |entry: Entry, is: bool| if is { entry.behind("a stand-in") } else { entry };
    let text = |given: &Option<String>, otherwise: &str| Value::text(given.as_deref().unwrap_or(otherwise));
    let args = match &setup.boot_args {
        Some(args) => args.iter().map(Value::text).collect(),
        None => vec![Value::text("quiet"), Value::text("rw")],
    };
    let installer = vec![Entry::new("kind", Value::word("ister")), Entry::new("version", Value::word(69))];
    let keys = vec![
        stand_in(Entry::new("version", version.clone().unwrap_or(Value::word(29880))), version.is_none()),
        stand_in(Entry::new("kernel", text(&setup.kernel, "linux")), setup.kernel.is_none()),
        stand_in(Entry::new("initrd", text(&setup.initrd, "initrd")), setup.initrd.is_none()),
        stand_in(Entry::new("boot_args", Value::Row(args)), setup.boot_args.is_none()),
        Entry::new("installer", Value::Braces(installer)).behind("a stand-in: the one that your initrd holds"),
    ];
    Entry::new("releases", Value::Map(vec![Entry::new("stable", Value::Map(keys))]))
}

fn layout_name(list: &List) -> String {
    template_name(list).map_or("standard".to_string(), |name| name.as_str().to_string())
}

fn layouts(list: &List) -> Entry {
    let known = list.setup.template.as_ref().and_then(|template| template.layout.clone());
    let partition = |keys: &[(&str, &str)]| {
        Value::Braces(keys.iter().map(|(key, value)| Entry::new(*key, Value::word(value))).collect())
    };
    let partitions = vec![
        partition(&[("size", "512M"), ("type", "EFI"), ("filesystem", "vfat"), ("mount", "/boot")]),
        partition(&[("size", "4G"), ("type", "swap")]),
        partition(&[("size", "rest"), ("filesystem", "ext4"), ("mount", "/")]),
    ];
    let disk = vec![
        Entry::new("disk", Value::word("sda")).behind("everything on it is erased"),
        Entry::new("partitions", Value::List(partitions)),
    ];
    let layout = match known {
        Some(layout) => Entry::new(layout_name(list), layout),
        None => Entry::new("standard", Value::List(vec![Value::Map(disk)])).behind("a stand-in"),
    };
    Entry::new("layouts", Value::Map(vec![layout]))
}

fn defaults(list: &List, role: Option<&Name>, addresses: bool, stand_in_role: bool) -> Entry {
    let mut keys = Vec::new();
    let state = || Entry::new("state", Value::word("installed"));
    if list.setup.template.is_none() {
        keys.push(
            state()
                .above("The list does not say what is to be on the disks. As long as this line is here, no machine is")
                .above("installed. Make the stand-ins your own, `fleetc plan` the change, then take it out."),
        );
    } else if stand_in_role {
        keys.push(
            state()
                .above(
                    "The template does not say what the first boot gets. As long as this line is here, no machine is",
                )
                .above("installed. Make the stand-ins your own, `fleetc plan` the change, then take it out."),
        );
    }
    keys.extend(role.map(|role| Entry::new("role", Value::text(role.as_str()))));
    keys.push(Entry::new("release", Value::word("stable")));
    keys.push(Entry::new("layout", Value::text(layout_name(list))));
    let known = list.setup.template.iter().flat_map(|template| &template.settings);
    if addresses && !known.into_iter().any(|setting| setting.key == "interface") {
        keys.push(Entry::new("interface", Value::word("eno1")).behind("a stand-in: the card that gets the address"));
    }
    match &list.setup.template {
        Some(template) => keys.extend(template.settings.iter().cloned()),
        None => {
            let bundles = [
                "kernel-native",
                "os-core",
                "os-core-update",
                "os-cloudguest",
                "openssh-server",
                "systemd-networkd-autostart",
            ];
            let bundles = bundles.into_iter().map(Value::word).collect();
            keys.push(Entry::new("bundles", Value::List(bundles)).behind("a stand-in"));
        }
    }
    if stand_in_role {
        let key = Entry::new("ssh_key", Value::text(SSH_KEY)).behind("a stand-in");
        keys.push(Entry::new("vars", Value::Map(vec![key])));
    }
    Entry::new("defaults", Value::Map(keys))
}

/// The entry of a role; its text goes into a file of its own.
fn role_entry(role: &Role, defined: bool, files: &mut BTreeMap<String, String>) -> Entry {
    let name = role.name.as_str();
    let entry = match (&role.text, defined) {
        (Some(text), _) => {
            let path = role.file();
            files.insert(path.clone(), as_template(text));
            Entry::new(name, Value::Braces(vec![Entry::new("cloud_config", Value::text(path))]))
        }
        (None, true) => Entry::new(name, Value::Map(Vec::new())),
        (None, false) => {
            files.insert(MANAGED_FILE.to_string(), MANAGED.to_string());
            Entry::new(name, Value::Braces(vec![Entry::new("cloud_config", Value::text(MANAGED_FILE))]))
                .behind("a stand-in")
        }
    };
    role.comment.iter().fold(entry, |entry, comment| entry.above(comment))
}

fn hosts(list: &List, default: Option<&Name>) -> Vec<Entry> {
    let style = |block| Style { block, quotes: true };
    let entries = |block| list.hosts.iter().map(|host| host::entry(host, default, style(block))).collect::<Vec<_>>();
    let lines = entries(false);
    if host::fit(&lines, 2) { lines } else { entries(true) }
}
