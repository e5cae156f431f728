//! What a template says of one machine: its name and its static address. All machines that read the template get it
//! (contract I-84), so it belongs to a host, and a host has a MAC address, which no template knows.

use super::super::list::{List, Listed, Network};
use super::super::quote::quoted;
use super::super::value::{Entry, Value};
use super::json::Node;
use super::object::Object;
use crate::model::{Address, Cidr, Fleet, FromText, HostAddress, Hostname, Interface, Mac, Name, State};
use crate::rules::import;
use crate::source::{Span, Spanned};

/// The keys that are read here.
pub(super) const KEYS: [&str; 2] = ["Hostname", "Static_IP"];

/// What a template says of one machine.
#[derive(Default)]
pub(super) struct Machine {
    name: Option<Spanned<Hostname>>,
    address: Option<Spanned<HostAddress>>,
    gateway: Option<Spanned<Address>>,
    dns: Option<Spanned<Address>>,
    interface: Option<Spanned<Interface>>,
}

/// Reads it.
pub(super) fn machine(template: &Object<'_>) -> Machine {
    let name = template.typed("Hostname");
    let Some(node) = template.get("Static_IP").filter(|node| node.is_truthy()) else {
        return Machine { name, ..Machine::default() };
    };
    let keys = ["iface", "address", "gateway", "dns"];
    let Some(entry) = Object::of(node, "this `Static_IP`", &keys, template.sink) else {
        return Machine { name, ..Machine::default() };
    };
    // contract I-82: nobody looks for it before the disk is written
    let interface = entry.needed("iface");
    let (address, gateway): (Option<Spanned<HostAddress>>, Option<Spanned<Address>>) =
        (entry.needed("address"), entry.needed("gateway"));
    if let Some(bare) = address.as_ref().filter(|address| address.prefix.is_none()) {
        entry.fault(
            bare.span,
            "the address has no prefix length, and the installer stops",
            "write it as `10.0.0.9/24`",
        );
    }
    if let (Some(address), Some(gateway)) = (&address, &gateway)
        && address.ip == gateway.value.0
    {
        let same = import::malformed_template().at(gateway.span, "the gateway is the machine itself");
        template.sink.report(same.and(address.span, "here").help("write the address of the router"));
    }
    Machine { name, address, gateway, dns: entry.typed("dns"), interface }
}

impl Machine {
    /// The interface that gets the address, as a setting.
    pub(super) fn interface(&self) -> Option<Entry> {
        self.interface.as_ref().map(|interface| Entry::new("interface", Value::text(&*interface.value.0)))
    }

    /// The static address.
    pub(super) fn address(&self) -> Option<Spanned<HostAddress>> {
        self.address
    }

    /// Adds the machine to a list, where its MAC addresses are known; what cannot be said without them is reported.
    pub(super) fn list(self, macs: &[Mac], role: Option<&Name>, place: Span, list: &mut List) {
        if let Some(network) = self.network() {
            list.networks.push(network);
        }
        if macs.is_empty() {
            return;
        }
        let mut host = Listed::at(place);
        host.name = self.name;
        host.macs = macs.iter().map(|mac| Spanned::new(*mac, place)).collect();
        host.role = role.map(|role| Spanned::new(role.clone(), place));
        host.address = self.address;
        list.hosts.push(host);
    }

    /// Reports what is left out where no MAC address is known, with the line that says it.
    pub(super) fn leave(&self, template: &Object<'_>, role: Option<&Name>) {
        let place = match (&self.name, &self.address) {
            (Some(name), _) => name.span,
            (None, Some(address)) => address.span,
            (None, None) => return,
        };
        let name = self.name.as_ref().map_or("NAME", |name| name.as_str());
        let mut line = format!("{}: {{ mac: \"…\"", quoted(name));
        role.iter().for_each(|role| line.push_str(&format!(", role: {}", quoted(role.as_str()))));
        if let Some(address) = &self.address {
            let length = address.prefix.map_or(String::new(), |length| format!("/{length}"));
            line.push_str(&format!(", address: {}{length}", address.ip));
        }
        let message = "name and static address belong to one machine, and a template has no MAC address";
        template.leave(place, message, format!("list the machine in `hosts`: `{line} }}`"));
    }

    /// The network that the address lies in.
    fn network(&self) -> Option<Network> {
        let address = self.address.as_ref()?;
        Some(Network {
            name: Name::from_text("network-1").ok()?,
            cidr: Cidr::of(address.ip, address.prefix?)?,
            gateway: self.gateway.as_ref().map(|gateway| gateway.value),
            dns: self.dns.as_ref().map(|dns| dns.value),
            range: None,
            comment: None,
        })
    }
}

/// The role of a list that is a template and nothing besides.
pub fn first_role(list: &List) -> Option<&str> {
    let template = list.setup.template.as_ref().filter(|_| list.hosts.is_empty())?;
    template.name.as_ref().map(|name| name.as_str())
}

/// A machine with that role, to see what would be said of one. Its name and its card are nobody else's.
pub fn first_machine(list: &List, fleet: Option<&Fleet>) -> Option<Listed> {
    let (role, template) = (first_role(list)?, list.setup.template.as_ref()?);
    let place = template.name.as_ref()?.span;
    let taken = |name: &str, mac: Mac| {
        let mut all = fleet.into_iter().flat_map(Fleet::identities);
        all.any(|host| host.name.as_str().eq_ignore_ascii_case(name) || host.macs.iter().any(|card| card.value == mac))
    };
    (1_u16..).find_map(|count| {
        let [high, low] = count.to_be_bytes();
        let mac = Mac::from_text(&format!("02:00:00:00:{high:02x}:{low:02x}")).ok()?;
        let name = if count == 1 { role.to_string() } else { format!("machine-{count}") };
        let name = Hostname::from_text(&name).ok().filter(|name| !taken(name.as_str(), mac))?;
        let mut host = Listed::at(place);
        host.name = Some(Spanned::new(name, place));
        host.macs.push(Spanned::new(mac, place));
        host.role = Some(Spanned::new(Name::from_text(role).ok()?, place));
        host.state = Some(State::Install);
        // Whether a fleet that exists has a network for it was said.
        host.address = template.address.filter(|_| fleet.is_none());
        Some(host)
    })
}

/// Whether a template speaks of one machine.
pub(super) fn is_of_one(template: &Object<'_>) -> bool {
    KEYS.iter().any(|key| template.get(key).is_some_and(Node::is_truthy))
}
