//! How a host's settings came about: its layers, one on top of the other, each with what it says. Nothing of this is
//! kept while a fleet is resolved; for the one host that somebody asks for, its layers are put together again.

use std::sync::Arc;

use super::layers::{Layers, References};
use super::names::Names;
use super::shared::Shared;
use crate::diag::{Reported, Sink};
use crate::draft::{BundlesDraft, DefaultKeys, FleetDraft, HostDraft, HostKeys, RoleKeys, SettingsDraft, Written};
use crate::model::{Fleet, Host, Labels, LayoutId, ReleaseId, Settings, Text, Vars};
use crate::source::Span;
use crate::yaml::{Both, Decoder, Entries, Entry, Field, Setting};

/// Which layer it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayerOf {
    /// `defaults`.
    Defaults,
    /// A role of this name.
    Role(Arc<str>),
    /// The host itself.
    Host,
}

/// What a layer says of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// `null`: nothing, from here on.
    Cleared(Span),
    /// A value.
    Set(Span),
    /// A change of what is inherited.
    Edited(Span),
    /// Something that could not be read.
    Faulty,
}

impl Said {
    /// Where it is said.
    pub fn span(self) -> Option<Span> {
        match self {
            Said::Cleared(span) | Said::Set(span) | Said::Edited(span) => Some(span),
            Said::Faulty => None,
        }
    }
}

/// A layer, and what the host would have without those above it.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Which one.
    pub of: LayerOf,
    /// What it says, by the way to the key: `bundles`, `hooks.post_chroot`, `labels.rack`.
    pub said: Vec<(String, Said)>,
    /// The role that it names.
    pub role: Option<Arc<str>>,
    /// The role text that it names or holds.
    pub cloud_config: Option<Arc<str>>,
    /// The settings up to here.
    pub settings: Arc<Settings>,
    /// The labels up to here.
    pub labels: Arc<Labels>,
    /// The variables up to here.
    pub vars: Arc<Vars>,
}

/// The layers of a host, from the lowest up. Faults are those of resolving the fleet, and go to a sink of their own.
pub fn history(draft: FleetDraft<'_>, decoder: &Decoder<'_>, fleet: &Fleet, host: &Host, sink: &Sink) -> Vec<Layer> {
    let mut releases: Names<ReleaseId> = Names::new("releases", None);
    for (index, release) in fleet.releases.iter().enumerate() {
        releases.add(release.name.as_str(), Some(ReleaseId(index as u32)));
    }
    let mut layouts: Names<LayoutId> = Names::new("layouts", None);
    for (index, layout) in fleet.layouts.iter().enumerate() {
        layouts.add(layout.name.as_str(), Some(LayoutId(index as u32)));
    }
    let references = References { releases: &releases, layouts: &layouts };
    let mut stack = Stack { layers: Layers::default(), done: Vec::new(), references: &references, sink };

    if let Field::Faulty(reported) = &draft.defaults {
        stack.lose(*reported);
    }
    if let Some(Both(DefaultKeys { role }, settings)) = draft.defaults.optional().map(|defaults| defaults.value) {
        let role = role.optional().map(|role| (role.text.into(), role.span));
        stack.push(LayerOf::Defaults, &settings, role, None);
    }
    let mut chain = chain(super::entries(draft.roles), fleet.role(host.role.value).name.as_str());
    if let Some(lost) = chain.lost {
        // As in resolving: of what a missing role would have given, nothing is known.
        stack.lose(lost.unwrap_or_else(|| sink.report(super::faults::DANGLING_REFERENCE.at(host.name.span, ""))));
    }
    while let Some((name, Both(keys, settings))) = chain.roles.pop() {
        stack.push(LayerOf::Role(name.into()), &settings, None, Some(&keys));
    }
    let hosts = draft.hosts.optional().map(|hosts| hosts.value.pairs).unwrap_or_default();
    let own = hosts.into_iter().find(|(key, _)| decoder.span(*key) == host.name.span);
    let own = own.and_then(|pair| decoder.entry::<Field<HostDraft<'_>>>(pair).ok()?.value.optional());
    let own = own.map(|draft| draft.value);
    if let Some(Both(HostKeys { role, .. }, settings)) = own {
        let role = role.optional().map(|role| (role.text.into(), role.span));
        stack.push(LayerOf::Host, &settings, role, None);
    }
    stack.done
}

/// A role and those that it extends.
struct Chain<'a> {
    /// From the role up its chain.
    roles: Vec<(&'a str, Both<RoleKeys<'a>, SettingsDraft<'a>>)>,
    /// The chain ends in a role that could not be read, or is not there.
    lost: Option<Option<Reported>>,
}

fn chain<'a>(entries: Vec<Entry<'a, Field<Both<RoleKeys<'a>, SettingsDraft<'a>>>>>, role: &str) -> Chain<'a> {
    let mut open: Vec<_> = entries.into_iter().map(Some).collect();
    let mut chain = Chain { roles: Vec::new(), lost: None };
    let mut wanted = role.to_string();
    loop {
        let found = open.iter_mut().find(|entry| entry.as_ref().is_some_and(|entry| entry.key.value == wanted));
        let Some(Entry { key, value }) = found.and_then(Option::take) else {
            // A circle is cut where it is entered.
            let entered = chain.roles.iter().position(|(name, _)| *name == wanted);
            chain.roles.truncate(entered.map_or(chain.roles.len(), |at| at + 1));
            chain.lost = Some(None);
            return chain;
        };
        let Field::Set(draft) = value else {
            chain.lost = Some(value.fault());
            return chain;
        };
        let extends = draft.value.0.extends.clone();
        chain.roles.push((key.value, draft.value));
        match extends {
            Field::Absent => return chain,
            Field::Faulty(reported) => {
                chain.lost = Some(Some(reported));
                return chain;
            }
            Field::Set(parent) => wanted = parent.text.to_string(),
        }
    }
}

/// The layers on their way.
struct Stack<'s> {
    layers: Layers,
    done: Vec<Layer>,
    references: &'s References<'s>,
    sink: &'s Sink,
}

impl Stack<'_> {
    fn lose(&mut self, reported: Reported) {
        self.layers.settings = Arc::new(Settings::faulty(reported));
    }

    fn push(
        &mut self,
        of: LayerOf,
        draft: &SettingsDraft<'_>,
        role: Option<(Arc<str>, Span)>,
        keys: Option<&RoleKeys<'_>>,
    ) {
        let mut said: Vec<(String, Said)> = Vec::new();
        said.extend(role.as_ref().map(|(_, span)| ("role".to_string(), Said::Set(*span))));
        let text = keys.map(|keys| &keys.cloud_config);
        said.extend(text.and_then(|text| Some(("cloud_config".to_string(), of_setting(text)?))));
        settings(draft, &self.layers, &mut said);
        self.layers.apply(draft, self.references, &mut Shared::default(), self.sink);
        let Layers { settings, labels, vars, lost: _ } = self.layers.clone();
        let cloud_config = text.and_then(|text: &Setting<Written<'_, Text>>| match text {
            Setting::Set(written) => Some(Arc::from(written.text)),
            _ => None,
        });
        let role = role.map(|(role, _)| role);
        self.done.push(Layer { of, said, role, cloud_config, settings, labels, vars });
    }
}

fn of_setting<T>(setting: &Setting<T>) -> Option<Said> {
    match setting {
        Setting::Absent => None,
        Setting::Faulty(_) => Some(Said::Faulty),
        Setting::Clear(span) => Some(Said::Cleared(*span)),
        Setting::Set(value) => Some(Said::Set(value.span)),
    }
}

/// What a layer says of each setting, label and variable; `below` is what it stands on.
fn settings(draft: &SettingsDraft<'_>, below: &Layers, said: &mut Vec<(String, Said)>) {
    // Every field by name, so that a new setting cannot be forgotten here.
    let SettingsDraft {
        state,
        release,
        layout,
        bundles,
        users,
        interface,
        cmdline,
        legacy_bios,
        keep_partition_table,
        https_proxy,
        http_proxy,
        mirror_url,
        version_url,
        hooks,
        software_manager,
        locked,
        labels,
        vars,
    } = draft;
    let edits = matches!(bundles, Setting::Set(draft) if matches!(draft.value, BundlesDraft::Mapping(_)));
    let bundles = of_setting(bundles).map(|bundles| match bundles {
        Said::Set(span) if edits => Said::Edited(span),
        other => other,
    });
    let plain = [
        ("state", of_setting(state)),
        ("release", of_setting(release)),
        ("layout", of_setting(layout)),
        ("bundles", bundles),
        ("users", of_setting(users)),
        ("interface", of_setting(interface)),
        ("cmdline", of_setting(cmdline)),
        ("legacy_bios", of_setting(legacy_bios)),
        ("keep_partition_table", of_setting(keep_partition_table)),
        ("https_proxy", of_setting(https_proxy)),
        ("http_proxy", of_setting(http_proxy)),
        ("mirror_url", of_setting(mirror_url)),
        ("version_url", of_setting(version_url)),
        ("software_manager", of_setting(software_manager)),
        ("locked", of_setting(locked)),
    ];
    said.extend(plain.into_iter().filter_map(|(key, said)| Some((key.to_string(), said?))));
    self::hooks(hooks, below, said);
    entries("labels", labels, below.labels.iter().map(|(key, _)| key), said);
    entries("vars", vars, below.vars.iter().map(|(key, _)| key), said);
}

fn hooks(hooks: &Setting<crate::draft::HooksDraft<'_>>, below: &Layers, said: &mut Vec<(String, Said)>) {
    let before = &below.settings.hooks;
    let each = |draft: Option<&crate::draft::HooksDraft<'_>>| {
        [
            (
                "pre_install_shell",
                draft.and_then(|d| of_setting(&d.pre_install_shell)),
                before.pre_install_shell.get().is_some(),
            ),
            (
                "post_nonchroot",
                draft.and_then(|d| of_setting(&d.post_nonchroot)),
                before.post_nonchroot.get().is_some(),
            ),
            (
                "post_nonchroot_shell",
                draft.and_then(|d| of_setting(&d.post_nonchroot_shell)),
                before.post_nonchroot_shell.get().is_some(),
            ),
            ("post_chroot", draft.and_then(|d| of_setting(&d.post_chroot)), before.post_chroot.get().is_some()),
            (
                "post_chroot_shell",
                draft.and_then(|d| of_setting(&d.post_chroot_shell)),
                before.post_chroot_shell.get().is_some(),
            ),
        ]
    };
    let name = |key: &str| format!("hooks.{key}");
    match hooks {
        Setting::Absent => {}
        // Layers::apply loses the first of them.
        Setting::Faulty(_) => said.push((name("pre_install_shell"), Said::Faulty)),
        Setting::Clear(span) => {
            let there = each(None).into_iter().filter(|(_, _, there)| *there);
            said.extend(there.map(|(key, ..)| (name(key), Said::Cleared(*span))));
        }
        Setting::Set(draft) => {
            let each = each(Some(&draft.value)).into_iter();
            said.extend(each.filter_map(|(key, said, _)| Some((name(key), said?))));
        }
    }
}

/// What a layer says of the keys of a map.
fn entries<'k, T>(
    map: &str,
    draft: &Setting<Entries<'_, Setting<T>>>,
    before: impl Iterator<Item = &'k Arc<str>>,
    said: &mut Vec<(String, Said)>,
) {
    match draft {
        Setting::Absent | Setting::Faulty(_) => {}
        Setting::Clear(span) => said.extend(before.map(|key| (format!("{map}.{key}"), Said::Cleared(*span)))),
        Setting::Set(entries) => {
            for entry in &entries.value.0 {
                let name = format!("{map}.{}", entry.key.value);
                // The key is the place to show, as in resolving.
                said.extend(of_setting(&entry.value).map(|value| match value {
                    Said::Set(_) => (name, Said::Set(entry.key.span)),
                    other => (name, other),
                }));
            }
        }
    }
}
