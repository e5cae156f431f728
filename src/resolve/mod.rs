//! Draft to fleet: references, inheritance, defaults, and the files that the fleet file names.

mod artifact;
mod faults;
mod guard;
mod history;
mod host;
mod layers;
mod layout;
mod names;
mod network;
mod role;
mod shared;
mod text;

pub(crate) use faults::rules;
pub use history::{Layer, LayerOf, Said, history};

use std::sync::Arc;

use rayon::prelude::*;

use crate::diag::{Reported, Sink};
use crate::draft::{FleetDraft, UnknownDraft};
use crate::model::{
    FilePath, Fleet, FromText, Host, Release, RoleText, Server, ServerUrl, ServiceFolder, Settings, Stray, Unknown,
    UnknownWord,
};
use crate::source::{Loader, Sources, Span, Spanned};
use crate::yaml::{Decoder, Entry, Field};
use names::Names;
use shared::Shared;

/// What resolving works with.
struct Scope<'s> {
    sink: &'s Sink,
    loader: &'s dyn Loader,
    /// The span of the whole file, for what is missing at its top.
    top: Span,
}

impl Scope<'_> {
    /// Holds a path to the folder of the fleet file, unless its files may lie elsewhere.
    fn within(&self, path: Spanned<FilePath>) -> Result<Spanned<FilePath>, Reported> {
        match path.value.outside() {
            Some(fault) if !self.loader.leaves() => Err(self.sink.report(fault.at(path.span))),
            _ => Ok(path),
        }
    }
}

/// Resolves a draft. What is faulty is reported and left out, so that everything else can still be judged.
///
/// `top` is the place to blame for what is missing at the top of the file.
pub fn resolve(
    draft: FleetDraft<'_>,
    decoder: &Decoder<'_>,
    top: Span,
    sources: &mut Sources,
    loader: &dyn Loader,
    sink: &Sink,
) -> Fleet {
    let scope = Scope { sink, loader, top };
    if draft.version.read(sink).is_ok_and(|version| version.is_none()) {
        let _ = draft.version.require("version", "the fleet file", top, sink);
    }
    let server = server(draft.server, &scope);

    let readable = draft.networks.fault().is_none();
    let networks = entries(draft.networks);
    let named = networks.len();
    let networks: Vec<_> = networks.into_iter().filter_map(|entry| network::network(entry, &scope).ok()).collect();
    let networks = network::Networks::new(networks, named, readable, sink);

    let mut release_names = Names::new("releases", draft.releases.fault());
    let mut resolved_releases: Vec<Release> = Vec::new();
    for entry in entries(draft.releases) {
        let key = entry.key;
        let id = artifact::release(entry, &scope).ok().map(|release| {
            resolved_releases.push(release);
            crate::model::ReleaseId(resolved_releases.len() as u32 - 1)
        });
        release_names.add(key.value, id);
    }

    let mut layout_names = Names::new("layouts", draft.layouts.fault());
    let mut layouts = Vec::new();
    for entry in entries(draft.layouts) {
        let key = entry.key;
        let id = layout::layout(entry, &scope).ok().map(|layout| {
            layouts.push(layout);
            crate::model::LayoutId(layouts.len() as u32 - 1)
        });
        layout_names.add(key.value, id);
    }

    let references = layers::References { releases: &release_names, layouts: &layout_names };
    let lost = draft.defaults.fault();
    let defaults = draft.defaults.optional();
    let place = defaults.as_ref().and_then(|defaults| key_before(defaults.span, "defaults", sources));
    let mut base = layers::Layers::default();
    if let Some(reported) = lost {
        base.settings = Arc::new(Settings::faulty(reported));
    }
    let mut default_role = lost.map_or(Field::Absent, Field::Faulty);
    if let Some(defaults) = defaults {
        let crate::yaml::Both(keys, settings) = defaults.value;
        base.apply(&settings, &references, &mut Shared::default(), sink);
        default_role = keys.role;
    }

    let mut texts: Vec<RoleText> = Vec::new();
    let mut role_names = Names::new("roles", draft.roles.fault());
    let lost = lost.or(base.lost);
    let base = role::Base { layers: base, lost };
    let roles = role::roles(entries(draft.roles), &base, &references, &mut role_names, sources, &mut texts, &scope);
    let default_role = host::default_role(&default_role, &role_names, sink);

    let guards = guard::guards(draft.guards, sink);
    let unknown_at = match &draft.unknown {
        Field::Set(written) => Some(written.span),
        Field::Absent | Field::Faulty(_) => None,
    };
    let unknown = unknown(draft.unknown, &role_names, sink);

    let around = host::Around {
        networks: &networks,
        roles: &roles,
        role_names: &role_names,
        references: &references,
        default_role,
    };
    let nobody = match &draft.hosts {
        Field::Absent => Some(top),
        Field::Faulty(_) => None,
        Field::Set(hosts) => hosts.value.pairs.is_empty().then_some(hosts.span),
    };
    // After another fault the hosts may have been lost with it.
    if let Some(place) = nobody.filter(|_| !matches!(unknown, Unknown::Install(_)) && sink.is_empty()) {
        let finding = faults::NO_HOSTS.at(place, "this fleet has no host, so nothing is installed");
        sink.report(
            finding.help("`hosts:` and a line for each machine: `node-1: { mac: 52:54:00:00:00:01, role: … }`"),
        );
    }
    let hosts = draft.hosts.optional().map(|hosts| hosts.value.pairs).unwrap_or_default();
    let one = |shared: &mut Shared, pair| host::host(pair, decoder, &around, shared, sink);
    let resolved: Vec<_> = hosts.into_par_iter().map_init(Shared::default, one).collect();
    let mut strays: Vec<Stray> = Vec::new();
    let whole =
        |host: Result<Host, Option<Box<Stray>>>| host.map_err(|stray| strays.extend(stray.map(|stray| *stray))).ok();
    // Of one size with what it is made from, the list is made in its place.
    let mut hosts: Vec<Host> = resolved.into_iter().filter_map(whole).collect();
    // The order of `hosts` in the file means nothing: whatever comes after sees them by name.
    hosts.sort_unstable_by(|a, b| (&a.name.value, a.name.span.start).cmp(&(&b.name.value, b.name.span.start)));
    Fleet {
        server,
        unknown,
        unknown_at,
        guards,
        defaults: place,
        networks: networks.all,
        releases: resolved_releases,
        layouts,
        roles,
        texts,
        hosts,
        strays,
    }
}

/// Where the key of a value stands, just before it.
fn key_before(value: Span, key: &str, sources: &Sources) -> Option<Span> {
    let before = &sources.get(value.file).text[..value.start as usize];
    let start = before.rfind(key)? as u32;
    Some(Span { start, end: start + key.len() as u32, ..value })
}

fn entries<'a, V>(field: Field<crate::yaml::Entries<'a, V>>) -> Vec<Entry<'a, V>> {
    field.optional().map(|entries| entries.value.0).unwrap_or_default()
}

fn server(field: Field<crate::draft::ServerDraft<'_>>, scope: &Scope<'_>) -> Server {
    let sink = scope.sink;
    // After a fault that was reported, any URL will do: nothing is emitted.
    let fallback = || ServerUrl::from_text("http://server.invalid").ok();
    let mut service = None;
    let mut url = None;
    if let Ok(server) = field.require("server", "the fleet file", scope.top, sink) {
        let span = server.span;
        service = server.value.service.read(sink).ok().flatten();
        url = server
            .value
            .url
            .require("url", "`server`", span, sink)
            .ok()
            .and_then(|written| sink.take(ServerUrl::from_text(written.text), written.span).ok());
    }
    let url = url.or_else(|| fallback().map(|url| Spanned::new(url, scope.top)));
    let service = service.map_or_else(|| ServiceFolder(Arc::from("icis")), |folder| folder.value);
    Server { url: url.unwrap_or_else(|| unreachable!("the fallback is a URL")), service }
}

fn unknown(field: Field<UnknownDraft<'_>>, roles: &Names<crate::model::RoleId>, sink: &Sink) -> Unknown {
    let Some(draft) = field.optional() else { return Unknown::Refuse };
    match draft.value {
        UnknownDraft::Text(written) => match sink.take(UnknownWord::from_text(written.text), draft.span) {
            Ok(word) if word.value == UnknownWord::Local => Unknown::Local,
            _ => Unknown::Refuse,
        },
        UnknownDraft::Mapping(parts) => {
            let role = parts.install.require("install", "`unknown`", draft.span, sink);
            let role = role.and_then(|written| roles.find(written.text, written.span, "role", sink));
            role.map_or(Unknown::Refuse, Unknown::Install)
        }
    }
}
