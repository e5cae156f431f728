//! What people have today, as a fleet file: the answers of the service that fleetc replaces, the installer's template,
//! a vendor's list, what a DHCP server knows.
//!
//! ```text
//!  config.txt, roles/ ─ icis ─┐                              ┌─ file ─→ a new fleet file
//!  machines.csv ─────── csv ──┼─→ List ─ judge ─→ List ──────┤
//!  dnsmasq.conf, leases ──────┤    every fault, in one run   └─ add ──→ the text of one that exists
//!  ister_config.json ── ister ┘
//! ```
//!
//! A reader knows one source and nothing of fleet files; what writes knows fleet files and nothing of sources.

mod add;
mod csv;
mod dnsmasq;
mod file;
mod host;
mod icis;
mod ister;
mod judge;
mod list;
mod names;
mod quote;
mod raw;
mod script;
mod value;

use std::collections::HashMap;
use std::net::Ipv4Addr;

use crate::model::{Fleet, Host};

pub use self::add::{Refusal, add, default_role};
pub use self::csv::csv;
pub use self::dnsmasq::dnsmasq;
pub use self::file::new_fleet;
pub use self::icis::{Repairs, RoleFile, icis};
pub use self::ister::{Wish, add_template, against, first_machine, first_role, ister};
pub use self::judge::{Known, judge};
pub use self::list::{List, Listed, Network, Role, Setup, Template};
pub use self::names::Pattern;
pub use self::quote::quoted;
pub use self::raw::as_template;
pub use self::script::boot_script;
pub use self::value::{Entry, Value};

/// Whether every machine of a list is in a fleet as the list says it.
///
/// # Errors
/// The name of the first that is not, and what differs.
pub fn verify(list: &List, fleet: &Fleet) -> Result<(), String> {
    let known: HashMap<&str, _> = fleet.identities().map(|host| (host.name.as_str(), host.macs)).collect();
    for listed in &list.hosts {
        let name = listed.name.as_ref().map_or("", |name| name.as_str());
        let macs = known.get(name).ok_or_else(|| format!("`{name}` is not there"))?;
        if listed.macs.iter().map(|mac| mac.value).ne(macs.iter().map(|mac| mac.value)) {
            return Err(format!("`{name}` has other MAC addresses"));
        }
        // A host that something else in the file keeps from being whole was so before.
        if let Some(what) = fleet.host(name).and_then(|host| differs(listed, host, fleet)) {
            return Err(format!("`{name}` has another {what}"));
        }
    }
    ister::same(list, fleet)
}

/// What a host has otherwise than its list says.
fn differs(listed: &Listed, host: &Host, fleet: &Fleet) -> Option<&'static str> {
    let role = listed.role.as_ref().is_none_or(|role| fleet.role(host.role.value).name.value == role.value);
    let ip: Option<Ipv4Addr> = listed.address.as_ref().map(|address| address.ip);
    let label = |(key, value): &(String, String)| host.labels.get(key).is_some_and(|known| *known.value == **value);
    match () {
        () if !role => Some("role"),
        () if ip != host.address.map(|address| address.ip) => Some("address"),
        () if listed.state.is_some_and(|state| state != host.settings.state()) => Some("state"),
        () if !listed.labels.iter().all(label) => Some("label"),
        () => None,
    }
}
