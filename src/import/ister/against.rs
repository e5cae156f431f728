//! A template held against a fleet: the one that it is added to, and the one that came out.

use super::super::list::{List, Network, Template};
use super::super::value::{Entry, Value};
use super::Wish;
use crate::diag::Sink;
use crate::emit;
use crate::model::{Fleet, Role};
use crate::rules::import;
use crate::source::{FileId, Span};
use crate::yaml;

/// Reports what a fleet has already, and what it says otherwise than the template that is added to it.
pub fn against(list: &List, fleet: &Fleet, sink: &Sink) {
    let Some(Template { name: Some(name), service, .. }) = &list.setup.template else { return };
    let twice = |what: &str, there: Span| {
        let message = format!("the fleet file has a {what} `{}` already", name.as_str());
        let twice = yaml::rules::duplicate_key().at(name.span, message).and(there, "there");
        sink.report(twice.help("`--name NAME` gives what is added another name"));
    };
    if let Some(there) = fleet.layouts.iter().find(|layout| layout.name.value == name.value) {
        twice("layout", there.name.span);
    }
    // One with a text is reported with all other roles.
    if let Some(there) = fleet.roles.iter().find(|role| role.name.value == name.value && role.text.is_none()) {
        twice("role", there.name.span);
    }
    if let Some(service) = service {
        let own = fleet.server.service_url();
        if own != service.value {
            let message = format!("the template names the service `{}`, and the fleet file `{own}`", service.value);
            let other = import::not_imported().at(service.span, message).and(fleet.server.url.span, "there");
            sink.report(other.help("machines will ask that of the fleet file"));
        }
        let message = "the template names a service, and the text that it gave to machines is not in it";
        let text = import::not_imported().at(service.span, message);
        sink.report(text.help(format!("give the role `{}` a `cloud_config`", name.as_str())));
    }
    for network in &list.networks {
        match fleet.networks.iter().find(|there| there.cidr.contains(network.cidr.network())) {
            Some(there) => differs(network, there, name.span, sink),
            // With a host, its address is reported.
            None if list.hosts.is_empty() => {
                let message = format!("no network of the fleet file contains the template's `{}`", network.cidr);
                let outside = import::not_imported().at(template_place(list), message);
                sink.report(outside.help("add it to `networks`, with its gateway, before you list the machine"));
            }
            None => {}
        }
    }
}

fn template_place(list: &List) -> Span {
    let address = list.setup.template.as_ref().and_then(|template| template.address.as_ref());
    address.map_or(Span::default(), |address| address.span)
}

/// Reports a network of the fleet with another way out than the template has.
fn differs(found: &Network, there: &crate::model::Network, place: Span, sink: &Sink) {
    let differs = [
        ("prefix length", there.cidr.prefix() == found.cidr.prefix()),
        ("gateway", there.gateway.as_ref().map(|gateway| gateway.value) == found.gateway),
        ("name server", there.dns.as_ref().map(|dns| dns.value) == found.dns),
    ];
    for (what, _) in differs.into_iter().filter(|(_, same)| !same) {
        let message = format!("the template has another {what} than the network `{}`", there.name.as_str());
        let other = import::not_imported().at(place, message).and(there.name.span, "there");
        sink.report(other.help("machines get what the network says"));
    }
}

/// Whether machines of a fleet are installed as the template of a list says: what the fleet emits is read again.
///
/// # Errors
/// What differs.
pub(in super::super) fn same(list: &List, fleet: &Fleet) -> Result<(), String> {
    let Some(template) = &list.setup.template else { return Ok(()) };
    let named = |role: &&Role| template.name.as_ref().is_none_or(|name| role.name.value == name.value);
    let Some(role) = fleet.roles.iter().find(named) else {
        return Err("its role is not there".to_string());
    };
    let Some(bytes) = emit::ister::template_of_role(fleet, role) else {
        return Err(format!("role `{}` cannot be installed", role.name.as_str()));
    };
    let text = String::from_utf8_lossy(&bytes);
    let (sink, mut setup) = (Sink::default(), super::Setup::default());
    let read = super::template(&text, FileId(0), &Wish::default(), &mut setup, &sink);
    let Some((read, _)) = read else { return Err("what it emits is no template".to_string()) };
    match () {
        () if read.version != template.version => Err("another version".to_string()),
        () if read.layout.as_ref().map(bare) != template.layout.as_ref().map(bare) => Err("another layout".to_string()),
        () => {
            let (mut one, mut other) = (settings(template), settings(&read));
            let differs = one.find(|setting| other.next().as_ref() != Some(setting)).or_else(|| other.next());
            differs.map_or(Ok(()), |setting| Err(format!("another `{}`", setting.key)))
        }
    }
}

/// The settings that a role's own template has, without comments. The interface goes with the address of a host.
fn settings(template: &Template) -> impl Iterator<Item = Entry> {
    template.settings.iter().filter(|setting| setting.key != "interface").map(bare_entry)
}

fn bare_entry(entry: &Entry) -> Entry {
    Entry::new(entry.key.as_str(), bare(&entry.value))
}

fn bare(value: &Value) -> Value {
    match value {
        Value::Text(_) | Value::Word(_) => value.clone(),
        Value::List(items) | Value::Row(items) => Value::List(items.iter().map(bare).collect()),
        Value::Map(entries) | Value::Braces(entries) => Value::Map(entries.iter().map(bare_entry).collect()),
    }
}
