//! The faults that every list can have: two machines that are one, machines without a name or a role, roles that
//! nobody knows. What is missing and can be given is given here.

use std::collections::HashMap;

use super::list::{List, Listed};
use super::names::{self, Pattern};
use super::raw::as_template;
use crate::diag::{Diagnostic, Fault, Reported, Rule, Sink};
use crate::model::{Fleet, FromText, Mac, Name, State};
use crate::nearest;
use crate::rules::import;
use crate::rules::shared::{duplicate_address, duplicate_mac, repeated_mac};
use crate::source::{Span, Spanned};
use crate::{resolve, yaml};

/// What the list is held against, and what it is completed with.
#[derive(Debug, Default)]
pub struct Known {
    /// Whether hosts of the fleet need not name a role: its `defaults` do.
    pub default_role: bool,
    /// The role of machines that name none.
    pub role: Option<Name>,
    /// What is said of every machine: whether it is to be installed.
    pub state: Option<State>,
    /// The names of machines that have none.
    pub names: Option<Pattern>,
    /// Where a name would stand, for the help.
    pub name_place: &'static str,
}

/// Completes a list, reports its faults, and puts it in order. `fleet` is the one that the machines are added to.
pub fn judge(list: &mut List, known: &Known, fleet: Option<&Fleet>, sink: &Sink) {
    for host in &mut list.hosts {
        if let (None, Some(role)) = (&host.role, &known.role) {
            host.role = Some(Spanned::new(role.clone(), host.place));
        }
        host.state = host.state.or(known.state);
    }
    name(list, known, fleet, sink);
    names_once(&list.hosts, fleet, sink);
    macs_once(&list.hosts, fleet, sink);
    addresses_once(&list.hosts, fleet, sink);
    if let Some(fleet) = fleet {
        known_roles(list, fleet, sink);
        roles(list, fleet, known.default_role, sink);
        networks(list, fleet, sink);
    }
    unlisted(list, fleet.is_some(), sink);
    let text = |host: &Listed| host.name.as_ref().map_or(String::new(), |name| name.as_str().to_string());
    list.hosts.sort_by(|a, b| names::order(&text(a), &text(b)));
}

/// Gives names to machines without one, and reports those that stay without.
fn name(list: &mut List, known: &Known, fleet: Option<&Fleet>, sink: &Sink) {
    let there = fleet.iter().flat_map(|fleet| fleet.identities()).map(|host| host.name.as_str());
    let listed = list.hosts.iter().filter_map(|host| host.name.as_ref()).map(|name| name.as_str());
    let taken: std::collections::HashSet<String> = there.chain(listed).map(str::to_ascii_lowercase).collect();
    let (mut number, mut nameless) = (0, Vec::new());
    for host in list.hosts.iter_mut().filter(|host| host.name.is_none() && host.faulty.is_none()) {
        let free = known.names.as_ref().and_then(|pattern| {
            loop {
                number += 1;
                let name = pattern.name(number)?;
                if !taken.contains(&name.as_str().to_ascii_lowercase()) {
                    return Some(name);
                }
            }
        });
        match free {
            Some(name) => host.name = Some(Spanned::new(name, host.place)),
            None => nameless.push(host.place),
        }
    }
    let help = format!("{}, or have them numbered: `--names 'node-###'`", known.name_place);
    missing(&nameless, list.hosts.len(), "name", &help, sink);
}

/// Reports machines without something: once, when none of the list has it.
fn missing(places: &[Span], all: usize, what: &str, help: &str, sink: &Sink) {
    let report = |place: Span, message: String| sink.report(yaml::rules::missing_key().at(place, message).help(help));
    match places {
        [first, ..] if places.len() == all && all > 1 => {
            report(*first, format!("no machine of this list has a {what}; the first is here"));
        }
        places => {
            for place in places {
                report(*place, format!("this machine has no {what}"));
            }
        }
    }
}

/// Reports what two machines have and only one may: the later one is to blame.
struct Once<'r> {
    rule: &'static Rule,
    help: &'static str,
    seen: HashMap<String, (Span, bool)>,
    sink: &'r Sink,
}

impl<'r> Once<'r> {
    fn new(rule: &'static Rule, help: &'static str, sink: &'r Sink) -> Once<'r> {
        Once { rule, help, seen: HashMap::new(), sink }
    }

    /// What a fleet has already.
    fn there(&mut self, key: String, span: Span) {
        self.seen.entry(key).or_insert((span, true));
    }

    fn listed(&mut self, key: String, span: Span, what: &str) {
        match self.seen.get(&key) {
            None => drop(self.seen.insert(key, (span, false))),
            Some((first, there)) => {
                let (again, label) = match there {
                    true => (format!("the fleet file has {what} already"), "there"),
                    false => (format!("two machines have {what}"), "first here"),
                };
                let finding: Diagnostic = self.rule.at(span, again).label("again here").and(*first, label);
                self.sink.report(finding.help(self.help));
            }
        }
    }
}

fn names_once(hosts: &[Listed], fleet: Option<&Fleet>, sink: &Sink) {
    let help = "take one of them out, or give it another name";
    let mut once = Once::new(yaml::rules::duplicate_key(), help, sink);
    for host in fleet.iter().flat_map(|fleet| fleet.identities()) {
        once.there(host.name.as_str().to_ascii_lowercase(), host.name.span);
    }
    for name in hosts.iter().filter_map(|host| host.name.as_ref()) {
        once.listed(name.as_str().to_ascii_lowercase(), name.span, &format!("the name `{}`", name.as_str()));
    }
}

fn macs_once(hosts: &[Listed], fleet: Option<&Fleet>, sink: &Sink) {
    let mut once = Once::new(duplicate_mac(), "each card has an address of its own; take one of them out", sink);
    for host in fleet.iter().flat_map(|fleet| fleet.identities()) {
        for mac in host.macs {
            once.there(mac.colons(), mac.span);
        }
    }
    for host in hosts {
        for (index, mac) in host.macs.iter().enumerate() {
            match host.macs[..index].iter().find(|first| first.value == mac.value) {
                None => once.listed(mac.colons(), mac.span, &format!("the MAC address `{}`", mac.value)),
                Some(first) => {
                    let finding = repeated_mac().at(mac.span, format!("this machine has `{}` twice", mac.value));
                    let finding = finding.label("again here").and(first.span, "first here");
                    sink.report(finding.help("put the address of the other card here, or take it out"));
                }
            }
        }
    }
}

fn addresses_once(hosts: &[Listed], fleet: Option<&Fleet>, sink: &Sink) {
    let mut once = Once::new(duplicate_address(), "give each machine an address of its own", sink);
    for host in fleet.iter().flat_map(|fleet| fleet.identities()) {
        if let Some(address) = host.address {
            once.there(address.ip.to_string(), address.span);
        }
    }
    for address in hosts.iter().filter_map(|host| host.address.as_ref()) {
        once.listed(address.ip.to_string(), address.span, &format!("the address `{}`", address.ip));
    }
}

/// Takes out the roles that the fleet has with the very same text, and reports those that it has with another.
fn known_roles(list: &mut List, fleet: &Fleet, sink: &Sink) {
    let List { roles, hosts, unlisted, .. } = list;
    roles.retain(|role| {
        let Some(there) = fleet.roles.iter().find(|there| there.name.value == role.name) else { return true };
        let text = there.text.as_ref().map(|text| &*fleet.text(text.value).body);
        if text.map(str::to_string) != role.text.as_deref().map(as_template) {
            let spoken = hosts.iter().filter_map(|host| host.role.as_ref()).chain(&*unlisted);
            let place = spoken.into_iter().find(|name| name.value == role.name).map(|name| name.span);
            let name = role.name.as_str();
            let message = format!("the fleet file has a role `{name}` already, with another text");
            let place = place.unwrap_or(there.name.span);
            let twice = yaml::rules::duplicate_key().at(place, message).and(there.name.span, "there");
            sink.report(twice.help("give one of the two another name, or make the texts one"));
        }
        false
    });
}

/// Machines that are not listed, and got a role all the same: what becomes of them is for people to say.
fn unlisted(list: &List, there: bool, sink: &Sink) {
    if let (Some(role), None) = (&list.unlisted, &list.setup.template) {
        let now = if there { "in the fleet file `unknown` stays as it is" } else { "the fleet file refuses them" };
        let role_name = role.as_str();
        let message = format!("machines that are not listed got the role `{role_name}`; {now}");
        let help = format!("`unknown: {{ install: {role_name} }}` installs them too, on whatever disks they have");
        sink.report(import::not_imported().at(role.span, message).help(help));
    }
}

/// Roles that the fleet does not have and the list does not bring, and roles that are missing.
fn roles(list: &List, fleet: &Fleet, default_role: bool, sink: &Sink) {
    let there = || fleet.roles.iter().map(|role| role.name.as_str());
    let known =
        |name: &Name| there().any(|role| role == name.as_str()) || list.roles.iter().any(|role| role.name == *name);
    let mut without = Vec::new();
    for host in &list.hosts {
        match &host.role {
            Some(role) if !known(&role.value) => {
                let unknown = resolve::rules::dangling_reference()
                    .at(role.span, format!("no role is called `{}`", role.as_str()));
                sink.report(unknown.help_if(nearest::did_you_mean(role.as_str(), "roles", there())));
            }
            None if !default_role && host.faulty.is_none() => without.push(host.place),
            _ => {}
        }
    }
    let help = "`--role ROLE` gives one to machines without; or put `role` into `defaults` of the fleet file";
    missing(&without, list.hosts.len(), "role", help, sink);
}

/// Addresses that lie in no network of the fleet.
fn networks(list: &List, fleet: &Fleet, sink: &Sink) {
    for address in list.hosts.iter().filter_map(|host| host.address.as_ref()) {
        if !fleet.networks.iter().any(|network| network.cidr.value.contains(address.ip)) {
            let message = format!("no network of the fleet file contains `{}`", address.ip);
            let outside = resolve::rules::address_outside_networks().at(address.span, message);
            sink.report(outside.help("add its network to `networks` first"));
        }
    }
}

/// Reads typed text of a machine into its place, or reports the fault.
pub(super) fn read<T: FromText>(
    text: &str,
    span: Span,
    into: &mut Option<Spanned<T>>,
    faulty: &mut Option<Reported>,
    sink: &Sink,
) {
    match sink.take(T::from_text(text), span) {
        Ok(value) => *into = Some(value),
        Err(reported) => *faulty = Some(reported),
    }
}

/// Reads a MAC address in every form that people and programs write.
///
/// # Errors
/// What is wrong with it.
pub(super) fn mac(text: &str) -> Result<Mac, Fault> {
    let number = text.contains(['E', 'e']) && text.contains('+') && text.parse::<f64>().is_ok();
    match Mac::from_text(text) {
        Ok(mac) => Ok(mac),
        Err(fault) => match fault.instead.as_deref().map(Mac::from_text) {
            Some(Ok(mac)) => Ok(mac),
            Some(Err(fault)) => Err(fault),
            None if number => Err(fault.help("a spreadsheet has made a number of it; make the column one of text")),
            None => Err(fault),
        },
    }
}
