//! What is written for the host itself, and what follows from it.

use serde_json::{Value as Json, json};

use super::{Field, LayerName, Scope, Set};
use crate::emit::{boot_script, installer_folder, role_text};
use crate::model::Host;
use crate::source::Span;
use crate::template::Templates;

/// The addresses that are written for the host.
pub(super) fn identity(scope: &Scope<'_>, host: &Host) -> Vec<Field> {
    let own = |name: &str, value: Json, span: Option<Span>| {
        let (file, line) = scope.place(span);
        Field::of(name, vec![Set { layer: LayerName::Host, file, line, ..Set::plain(value) }])
    };
    let macs = host.macs.iter().map(|mac| mac.colons()).collect();
    let mut fields = vec![own("mac", macs, host.macs.first().map(|mac| mac.span))];
    fields
        .extend(host.address.as_ref().map(|address| own("address", json!(address.ip.to_string()), Some(address.span))));
    fields
}

/// What follows from address, release, role and state.
pub(super) fn derived(scope: &Scope<'_>, host: &Host, templates: &Templates<'_>) -> Vec<Field> {
    let fleet = scope.fleet;
    let mut fields = Vec::new();
    let mut add = |name: &str, value: Json, span: Option<Span>| {
        let (file, line) = scope.place(span);
        fields.push(Field::of(name, vec![Set { layer: LayerName::Derived, file, line, ..Set::plain(value) }]));
    };
    if let Some(address) = &host.address {
        let network = fleet.network(address.network);
        add("network", json!(network.name.as_str()), Some(network.name.span));
        add("prefix", json!(address.prefix), Some(network.cidr.span));
        let written = [("gateway", &network.gateway), ("dns", &network.dns)];
        for (name, value) in written.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
            add(name, json!(value.to_string()), Some(value.span));
        }
        if let Some(domain) = &network.domain {
            add("domain", json!(*domain.value), Some(domain.span));
        }
    }
    if let Some(release) = host.settings.release.get().map(|id| fleet.release(id.value)) {
        add("version", json!(release.version.to_string()), Some(release.version.span));
    }
    if let Some(text) = fleet.text_of(host) {
        let whose = if templates.is_own(host) { "host" } else { "role" };
        add("role_text", json!(role_text(fleet, templates, host)), Some(text.span_of(0, 0)));
        add("role_text_of", json!(whose), Some(text.span_of(0, 0)));
    }
    let scripts = host.macs.iter().map(|mac| boot_script(mac.value)).collect();
    add("boot_script", scripts, host.macs.first().map(|mac| mac.span));
    if host.installs() {
        add("installer", json!(installer_folder(fleet, host)), Some(host.name.span));
    }
    fields
}
