//! Hosts: identity, role, address, and their own layer of settings.

use std::sync::Arc;

use super::faults::EMPTY_LIST;
use super::layers::{Layers, References};
use super::names::Names;
use super::network::{Networks, locate};
use super::shared::Shared;
use crate::diag::{Reported, Sink};
use crate::draft::{HostDraft, Macs, Written};
use crate::model::{Few, FromText, Host, Hostname, Mac, Name, Role, RoleId, Settings, Stray};
use crate::source::{Span, Spanned};
use crate::yaml::{Both, Decoder, Field, Lazy, NodePair};

/// What a host is resolved against.
pub(super) struct Around<'n> {
    pub(super) networks: &'n Networks,
    pub(super) roles: &'n [Role],
    pub(super) role_names: &'n Names<RoleId>,
    pub(super) references: &'n References<'n>,
    /// The role of hosts that name none.
    pub(super) default_role: Option<Result<Spanned<RoleId>, Reported>>,
}

/// The role in `defaults`, looked up once.
pub(super) fn default_role(
    field: &Field<Written<'_, Name>>,
    names: &Names<RoleId>,
    sink: &Sink,
) -> Option<Result<Spanned<RoleId>, Reported>> {
    match field {
        Field::Absent => None,
        Field::Faulty(reported) => Some(Err(*reported)),
        Field::Set(written) => Some(names.find(written.text, written.span, "role", sink)),
    }
}

/// Resolves one host. An error holds what is known of a host that is not whole, unless it has no name either.
pub(super) fn host(
    pair: NodePair,
    decoder: &Decoder<'_>,
    around: &Around<'_>,
    shared: &mut Shared,
    sink: &Sink,
) -> Result<Host, Option<Box<Stray>>> {
    let Ok(entry) = decoder.entry::<Field<Lazy<HostDraft<'_>>>>(pair) else { return Err(None) };
    let key = entry.key;
    let name = sink.take(Hostname::from_text(key.value), key.span);
    let Some(node) = entry.value.optional() else { return Err(None) };
    let Ok(Both(keys, settings)) = decoder.read::<HostDraft<'_>>(node.value.node, key.value) else { return Err(None) };

    let macs = macs(keys.mac, key, sink);
    let role = role(&keys.role, key, around, sink);
    let address = match keys.address.read(sink) {
        Ok(Some(address)) => locate(address, around.networks, sink).map(Some),
        Ok(None) => Ok(None),
        Err(reported) => Err(reported),
    };
    let inherited = role.as_ref().ok().map(|role| &around.roles[role.value.0 as usize]);
    let mut layers = match (inherited, &role) {
        (Some(role), _) => {
            Layers { settings: role.settings.clone(), labels: role.labels.clone(), vars: role.vars.clone(), lost: None }
        }
        (None, Err(reported)) => Layers { settings: Arc::new(Settings::faulty(*reported)), ..Layers::default() },
        (None, Ok(_)) => Layers::default(),
    };
    layers.apply(&settings, around.references, shared, sink);

    let Ok(name) = name else { return Err(None) };
    let Layers { settings, labels, vars, lost } = layers;
    match (macs, role, address) {
        (Ok(macs), Ok(role), Ok(address)) if lost.is_none() => {
            Ok(Host { name, macs, role, address, settings, labels, vars })
        }
        (macs, _, address) => {
            let macs = macs.unwrap_or_else(|known| known);
            Err(Some(Box::new(Stray { name, macs, address: address.ok().flatten() })))
        }
    }
}

fn role(
    field: &Field<Written<'_, Name>>,
    key: Spanned<&str>,
    around: &Around<'_>,
    sink: &Sink,
) -> Result<Spanned<RoleId>, Reported> {
    match field {
        Field::Set(written) => around.role_names.find(written.text, written.span, "role", sink),
        Field::Faulty(reported) => Err(*reported),
        Field::Absent => match around.default_role {
            Some(role) => role,
            None => Err(Field::<Name>::Absent
                .require("role", &format!("host `{}`", key.value), key.span, sink)
                .err()
                .unwrap_or_else(|| Reported::earlier(sink))),
        },
    }
}

/// The MAC addresses of a host; an error holds those that could be read.
fn macs(field: Field<Macs<'_>>, key: Spanned<&str>, sink: &Sink) -> Result<Few<Spanned<Mac>>, Few<Spanned<Mac>>> {
    let Ok(draft) = field.require("mac", &format!("host `{}`", key.value), key.span, sink) else {
        return Err(Few::default());
    };
    let read = |text: &str, span: Span| sink.take(Mac::from_text(text), span);
    match draft.value {
        Macs::Text(written) => read(written.text, draft.span).map(Few::One).map_err(|_| Few::default()),
        Macs::List(items) if items.is_empty() => {
            sink.report(
                EMPTY_LIST
                    .at(draft.span, format!("host `{}` has no MAC address", key.value))
                    .help("list every card that it may ask with"),
            );
            Err(Few::default())
        }
        Macs::List(items) => {
            let count = items.len();
            let known: Few<_> = items.into_iter().filter_map(|item| item.read(sink).ok().flatten()).collect();
            if known.len() == count { Ok(known) } else { Err(known) }
        }
    }
}
