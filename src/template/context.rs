//! What a template sees.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::Serde;

use super::Audience;
use crate::model::{Fleet, Host, Labels, Network, Release, Role, Vars};

/// The parts of contexts, made once and shared between hosts.
pub(super) struct Contexts<'f> {
    fleet: &'f Fleet,
    server: Value,
    networks: Vec<Value>,
    releases: Vec<Value>,
    roles: Vec<RoleParts>,
}

struct RoleParts {
    role: Value,
    labels: Value,
    vars: Value,
}

fn map<const N: usize>(entries: [(&'static str, Value); N]) -> Value {
    Value::from_pairs(entries)
}

fn labels(labels: &Labels) -> Value {
    Value::from_pairs(labels.iter().map(|(key, label)| (key.clone(), label.value.clone())))
}

fn vars(vars: &Vars) -> Value {
    Value::from_pairs(vars.iter().map(|(key, value)| (key.clone(), Value::from(Serde(value.value.as_ref())))))
}

fn network(network: &Network) -> Value {
    let mut entries: BTreeMap<&str, Value> = BTreeMap::from([
        ("name", Value::from(network.name.as_str())),
        ("cidr", Value::from(network.cidr.to_string())),
        ("address", Value::from(network.cidr.network().to_string())),
        ("netmask", Value::from(network.cidr.mask().to_string())),
        ("prefix", Value::from(network.cidr.prefix())),
        ("broadcast", Value::from(network.cidr.broadcast().to_string())),
    ]);
    let mut add = |key, value: Option<String>| entries.extend(value.map(|value| (key, Value::from(value))));
    add("gateway", network.gateway.as_ref().map(|gateway| gateway.to_string()));
    add("dns", network.dns.as_ref().map(|dns| dns.to_string()));
    add("domain", network.domain.as_ref().map(|domain| domain.value.to_string()));
    add("dhcp_first", network.dhcp_range.as_ref().map(|range| range.first.to_string()));
    add("dhcp_last", network.dhcp_range.as_ref().map(|range| range.last.to_string()));
    Value::from_pairs(entries)
}

fn release(release: &Release) -> Value {
    map([("name", Value::from(release.name.as_str())), ("version", Value::from(release.version.to_string()))])
}

impl<'f> Contexts<'f> {
    pub(super) fn new(fleet: &'f Fleet) -> Self {
        let server = map([
            ("url", Value::from(fleet.server.url.as_str())),
            ("host", Value::from(fleet.server.url.host())),
            ("service", Value::from(fleet.server.service_url())),
        ]);
        let roles = fleet.roles.iter().map(|role: &Role| RoleParts {
            role: map([("name", Value::from(role.name.as_str()))]),
            labels: labels(&role.labels),
            vars: vars(&role.vars),
        });
        Contexts {
            fleet,
            server,
            networks: fleet.networks.iter().map(network).collect(),
            releases: fleet.releases.iter().map(release).collect(),
            roles: roles.collect(),
        }
    }

    /// The context of an audience. Without a host there is no `host` and no `network`.
    pub(super) fn of(&self, audience: Audience<'_>) -> Value {
        let (id, host) = match audience {
            Audience::Role(role) => (role, None),
            Audience::Host(host) => (host.role.value, Some(host)),
        };
        let (role, parts) = (self.fleet.role(id), &self.roles[id.0 as usize]);
        let settings = host.map_or(&role.settings, |host| &host.settings);
        let mut entries: Vec<(&'static str, Value)> =
            vec![("role", parts.role.clone()), ("server", self.server.clone())];
        if let Some(release) = settings.release.get() {
            entries.push(("release", self.releases[release.value.0 as usize].clone()));
        }
        let shared = |own: bool, shared: &Value, make: &dyn Fn() -> Value| if own { make() } else { shared.clone() };
        match host {
            None => entries.extend([("labels", parts.labels.clone()), ("vars", parts.vars.clone())]),
            Some(host) => {
                let own_labels = !Arc::ptr_eq(&host.labels, &role.labels);
                let own_vars = !Arc::ptr_eq(&host.vars, &role.vars);
                entries.push(("labels", shared(own_labels, &parts.labels, &|| labels(&host.labels))));
                entries.push(("vars", shared(own_vars, &parts.vars, &|| vars(&host.vars))));
                entries.push(("host", self.host(host)));
                if let Some(address) = &host.address {
                    entries.push(("network", self.networks[address.network.0 as usize].clone()));
                }
            }
        }
        Value::from_pairs(entries)
    }

    fn host(&self, host: &Host) -> Value {
        let mut entries: Vec<(&'static str, Value)> = vec![
            ("name", Value::from(host.name.as_str())),
            ("macs", host.macs.iter().map(|mac| Value::from(mac.colons())).collect()),
            ("state", Value::from(host.settings.state().word())),
        ];
        entries.extend(host.macs.first().map(|mac| ("mac", Value::from(mac.colons()))));
        if let Some(address) = &host.address {
            entries.push(("address", Value::from(address.ip.to_string())));
            entries.push(("prefix", Value::from(address.prefix)));
        }
        if let Some(interface) = host.settings.interface.get() {
            entries.push(("interface", Value::from(interface.value.0.clone())));
        }
        Value::from_pairs(entries)
    }
}
