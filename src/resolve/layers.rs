//! Inheritance: one layer of settings on top of another.

use std::sync::Arc;

use super::faults::{CLEARED_STATE, DUPLICATE_IN_LIST, EMPTY_LIST, REMOVED_BUNDLE_NOT_THERE};
use super::names::Names;
use super::shared::Shared;
use crate::diag::{Reported, Sink};
use crate::draft::{BundlesDraft, HooksDraft, Items, SettingsDraft, UserDraft, Written};
use crate::model::{
    Bundle, FromText, Hooks, Labels, LayoutId, List, Map, Pairs, ReleaseId, Settings, SshKey, State, User, Value, Vars,
};
use crate::nearest;
use crate::source::Spanned;
use crate::yaml::{Entries, Field, Setting};

/// What settings refer to.
pub(super) struct References<'n> {
    pub(super) releases: &'n Names<ReleaseId>,
    pub(super) layouts: &'n Names<LayoutId>,
}

/// Settings, labels and variables as far as the layers go.
#[derive(Clone, Debug, Default)]
pub(super) struct Layers {
    pub(super) settings: Arc<Settings>,
    pub(super) labels: Arc<Labels>,
    pub(super) vars: Arc<Vars>,
    /// The report on labels or variables that could not be read: templates that use them cannot be judged.
    pub(super) lost: Option<Reported>,
}

/// Absent inherits, `null` clears, a value replaces.
fn set<T>(value: &mut Value<T>, layer: Setting<T>) {
    match layer {
        Setting::Absent => {}
        Setting::Clear(_) => *value = Value::Unset,
        Setting::Faulty(reported) => *value = Value::Faulty(reported),
        Setting::Set(new) => *value = Value::Is(new),
    }
}

/// A setting whose value is read from what was written.
fn read_with<D, T>(layer: &Setting<D>, read: impl FnOnce(&Spanned<D>) -> Result<T, Reported>) -> Setting<T> {
    match layer {
        Setting::Absent => Setting::Absent,
        Setting::Clear(span) => Setting::Clear(*span),
        Setting::Faulty(reported) => Setting::Faulty(*reported),
        Setting::Set(draft) => match read(draft) {
            Ok(value) => Setting::Set(Spanned::new(value, draft.span)),
            Err(reported) => Setting::Faulty(reported),
        },
    }
}

impl Layers {
    /// Puts a layer on top. What the layer leaves alone stays shared with the layer below.
    pub(super) fn apply(
        &mut self,
        draft: &SettingsDraft<'_>,
        references: &References<'_>,
        shared: &mut Shared,
        sink: &Sink,
    ) {
        if sets_any(draft) {
            apply_settings(Arc::make_mut(&mut self.settings), draft, references, sink);
        }
        let labels = merge(&mut self.labels, &draft.labels, shared, |shared, key, label| shared.label(key, label.text));
        let vars = merge(&mut self.vars, &draft.vars, shared, |_, key, value| (key.into(), Arc::new(value.0.clone())));
        self.lost = self.lost.or(labels).or(vars);
    }
}

/// Whether a layer sets anything but labels and variables.
fn sets_any(draft: &SettingsDraft<'_>) -> bool {
    fn there<T>(setting: &Setting<T>) -> bool {
        !matches!(setting, Setting::Absent)
    }
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
        labels: _,
        vars: _,
    } = draft;
    there(state)
        || there(release)
        || there(layout)
        || there(bundles)
        || there(users)
        || there(interface)
        || there(cmdline)
        || there(legacy_bios)
        || there(keep_partition_table)
        || there(https_proxy)
        || there(http_proxy)
        || there(mirror_url)
        || there(version_url)
        || there(hooks)
        || there(software_manager)
        || there(locked)
}

fn apply_settings(settings: &mut Settings, draft: &SettingsDraft<'_>, references: &References<'_>, sink: &Sink) {
    if let (Setting::Clear(span), Value::Is(state)) = (&draft.state, &settings.state)
        && state.value == State::Installed
    {
        let fault = CLEARED_STATE.at(*span, "without a state the machine would be installed anew");
        let help = "`state: install` to install it anew; otherwise remove the empty `state`";
        sink.report(fault.and(state.span, "it has its system, as is said here").help(help));
    }
    set(&mut settings.state, draft.state.read(sink));
    set(
        &mut settings.release,
        read_with(&draft.release, |name| {
            references.releases.find(name.text, name.span, "release", sink).map(|id| id.value)
        }),
    );
    set(
        &mut settings.layout,
        read_with(&draft.layout, |name| {
            references.layouts.find(name.text, name.span, "layout", sink).map(|id| id.value)
        }),
    );
    let bundles = read_with(&draft.bundles, |bundles| read_bundles(bundles, &settings.bundles, sink));
    set(&mut settings.bundles, bundles);
    set(&mut settings.users, read_with(&draft.users, |list| users(&list.value, sink)));
    set(&mut settings.interface, draft.interface.read(sink));
    set(&mut settings.cmdline, draft.cmdline.read(sink));
    set(&mut settings.legacy_bios, draft.legacy_bios.read(sink));
    set(&mut settings.keep_partition_table, draft.keep_partition_table.read(sink));
    set(&mut settings.https_proxy, draft.https_proxy.read(sink));
    set(&mut settings.http_proxy, draft.http_proxy.read(sink));
    set(&mut settings.mirror_url, draft.mirror_url.read(sink));
    set(&mut settings.version_url, draft.version_url.read(sink));
    set(&mut settings.software_manager, draft.software_manager.read(sink));
    set(&mut settings.locked, draft.locked.read(sink));
    match &draft.hooks {
        Setting::Absent => {}
        Setting::Clear(_) => settings.hooks = Arc::default(),
        Setting::Faulty(reported) => {
            Arc::make_mut(&mut settings.hooks).pre_install_shell = Value::Faulty(*reported);
        }
        Setting::Set(hooks) => apply_hooks(Arc::make_mut(&mut settings.hooks), hooks, sink),
    }
}

fn apply_hooks(hooks: &mut Hooks, draft: &HooksDraft<'_>, sink: &Sink) {
    set(&mut hooks.pre_install_shell, read_with(&draft.pre_install_shell, |items| list(items, sink)));
    set(&mut hooks.post_nonchroot, read_with(&draft.post_nonchroot, |items| list(items, sink)));
    set(&mut hooks.post_nonchroot_shell, read_with(&draft.post_nonchroot_shell, |items| list(items, sink)));
    set(&mut hooks.post_chroot, read_with(&draft.post_chroot, |items| list(items, sink)));
    set(&mut hooks.post_chroot_shell, read_with(&draft.post_chroot_shell, |items| list(items, sink)));
}

/// Maps merge by key; `null` removes a key, or the whole map. Gives the report on what could not be read.
fn merge<D, T: Clone>(
    map: &mut Arc<Map<T>>,
    layer: &Setting<Entries<'_, Setting<D>>>,
    shared: &mut Shared,
    read: impl Fn(&mut Shared, &str, &Spanned<D>) -> (Arc<str>, T),
) -> Option<Reported> {
    let mut lost = None;
    match layer {
        Setting::Absent => {}
        Setting::Faulty(reported) => lost = Some(*reported),
        Setting::Clear(_) => *map = Arc::default(),
        Setting::Set(entries) => {
            let mut pairs = Pairs::of(map, entries.value.0.len());
            for entry in &entries.value.0 {
                match &entry.value {
                    Setting::Absent => {}
                    Setting::Faulty(reported) => lost = Some(*reported),
                    Setting::Clear(_) => pairs.remove(entry.key.value),
                    Setting::Set(value) => {
                        // The key is the place to show: the value may be a long block.
                        let (key, value) = read(shared, entry.key.value, value);
                        pairs.insert(key, Spanned::new(value, entry.key.span));
                    }
                }
            }
            *map = Arc::new(pairs.map(&mut shared.keys));
        }
    }
    lost
}

/// The elements of a list that can be read; all must be, or the list is faulty.
pub(super) fn list<T: FromText>(items: &Items<Written<'_, T>>, sink: &Sink) -> Result<List<T>, Reported> {
    let mut read = Vec::with_capacity(items.len());
    let mut fault = None;
    for item in items {
        match item.read(sink) {
            Ok(value) => read.extend(value),
            Err(reported) => fault = Some(reported),
        }
    }
    fault.map_or_else(|| Ok(read.into()), Err)
}

fn read_bundles(
    draft: &Spanned<BundlesDraft<'_>>,
    inherited: &Value<List<Bundle>>,
    sink: &Sink,
) -> Result<List<Bundle>, Reported> {
    let edit = match &draft.value {
        BundlesDraft::List(items) if items.is_empty() => {
            let fault = EMPTY_LIST.at(draft.span, "no bundle to install; the installer stops at that");
            return Err(sink.report(fault.help("`[kernel-native, os-core, os-core-update]` at least; `null` clears")));
        }
        BundlesDraft::List(items) => return list(items, sink).map(|bundles| once(&bundles, sink)),
        BundlesDraft::Mapping(edit) => edit,
    };
    let part = |field: &Field<Items<Written<'_, Bundle>>>| match field {
        Field::Absent => Ok(List::<Bundle>::default()),
        Field::Faulty(reported) => Err(*reported),
        Field::Set(items) => list(&items.value, sink),
    };
    let (add, remove) = (part(&edit.add), part(&edit.remove));
    let (add, remove) = (once(&add?, sink), remove?);
    let base: &[Spanned<Bundle>] = match inherited {
        Value::Unset => &[],
        Value::Faulty(reported) => return Err(*reported),
        Value::Is(list) => &list.value,
    };
    for bundle in remove.iter() {
        if !base.iter().any(|inherited| inherited.value == bundle.value) {
            let fault = REMOVED_BUNDLE_NOT_THERE
                .at(bundle.span, format!("`{}` is not among the inherited bundles", bundle.as_str()));
            let names = base.iter().map(|bundle| bundle.as_str());
            sink.report(fault.help_if(nearest::did_you_mean(bundle.as_str(), "inherited bundles", names)));
        }
    }
    let kept = base.iter().filter(|bundle| !remove.iter().any(|gone| gone.value == bundle.value));
    let new = add.iter().filter(|bundle| !base.iter().any(|inherited| inherited.value == bundle.value));
    Ok(kept.chain(new).cloned().collect())
}

/// Each bundle once; a second mention is reported.
fn once(bundles: &List<Bundle>, sink: &Sink) -> List<Bundle> {
    let mut kept: Vec<Spanned<Bundle>> = Vec::with_capacity(bundles.len());
    for bundle in bundles.iter() {
        match kept.iter().find(|first| first.value == bundle.value) {
            Some(first) => {
                let fault =
                    DUPLICATE_IN_LIST.at(bundle.span, format!("`{}` stands twice in this list", bundle.as_str()));
                sink.report(fault.label("again here").and(first.span, "first here").help("remove one"));
            }
            None => kept.push(bundle.clone()),
        }
    }
    kept.into()
}

fn users(items: &Items<UserDraft<'_>>, sink: &Sink) -> Result<Arc<[User]>, Reported> {
    let mut read = Vec::with_capacity(items.len());
    let mut fault = None;
    for item in items {
        match item {
            Field::Absent => {}
            Field::Faulty(reported) => fault = Some(*reported),
            Field::Set(draft) => match user(draft, sink) {
                Ok(user) => read.push(user),
                Err(reported) => fault = Some(reported),
            },
        }
    }
    fault.map_or_else(|| Ok(read.into()), Err)
}

fn user(draft: &Spanned<UserDraft<'_>>, sink: &Sink) -> Result<User, Reported> {
    let name = draft.name.clone().require("name", "this user", draft.span, sink);
    let name = name.and_then(|written| sink.take(crate::model::UserName::from_text(written.text), written.span));
    // Every field is read before any is asked for, so that all faults show.
    let (full_name, uid, sudo) = (draft.full_name.read(sink), draft.uid.read(sink), draft.sudo.read(sink));
    let password_hash = draft.password_hash.read(sink);
    let ssh_key: Result<Option<Spanned<SshKey>>, Reported> = draft.ssh_key.read(sink);
    Ok(User {
        name: name?,
        full_name: full_name?,
        uid: uid?,
        sudo: sudo?,
        password_hash: password_hash?,
        ssh_key: ssh_key?,
        span: draft.span,
    })
}
