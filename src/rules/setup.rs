//! The ways in which machines are installed. Settings are shared by all machines of a role that set none of their own, so
//! what can be judged by settings alone is judged once for all of them.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::facts::{Brings, Releases, When, brings};
use crate::model::{
    Bundle, Command, Fleet, Host, InstallerKind, InstallerVersion, Layout, List, Release, ReleaseId, Role, Settings,
    SoftwareManager, Value, Version,
};
use crate::source::{Span, Spanned};

/// Settings that at least one machine is installed with.
#[derive(Clone, Copy)]
pub(super) struct Setup<'f> {
    pub(super) fleet: &'f Fleet,
    pub(super) settings: &'f Settings,
    pub(super) role: &'f Role,
    /// The machine, when the settings are its own.
    pub(super) host: Option<&'f Host>,
    /// One machine that has them: its name, or where `unknown` names its role.
    pub(super) machine: Span,
}

impl<'f> Setup<'f> {
    /// Every setup of a fleet, those of roles first used first.
    pub(super) fn all(fleet: &'f Fleet) -> Vec<Setup<'f>> {
        let mut seen = vec![false; fleet.roles.len()];
        let mut setups = Vec::new();
        let of = |role: &'f Role, machine| Setup { fleet, settings: &role.settings, role, host: None, machine };
        if let Some(role) = fleet.unknown_role() {
            seen[role.value.0 as usize] = true;
            setups.push(of(fleet.role(role.value), role.span));
        }
        for host in fleet.hosts.iter().filter(|host| host.installs()) {
            let role = fleet.role(host.role.value);
            if !Arc::ptr_eq(&host.settings, &role.settings) {
                let settings = &host.settings;
                setups.push(Setup { fleet, settings, role, host: Some(host), machine: host.name.span });
            } else if !std::mem::replace(&mut seen[host.role.value.0 as usize], true) {
                setups.push(of(role, host.name.span));
            }
        }
        setups
    }

    /// The first setup of each key; those without one are left out.
    pub(super) fn distinct<'s, K: Hash + Eq + Copy>(
        setups: &'s [Setup<'f>],
        key: impl Fn(&Setup<'f>) -> Option<K> + 's,
    ) -> impl Iterator<Item = &'s Setup<'f>> {
        let mut seen = HashSet::new();
        // Neighbours are mostly alike, and comparing is cheaper than hashing.
        let mut last = None;
        setups.iter().filter(move |setup| {
            let key = key(setup);
            let new = key.filter(|_| key != last).is_some_and(|key| seen.insert(key));
            last = key;
            new
        })
    }

    /// Its release.
    pub(super) fn release(&self) -> Option<&'f Release> {
        self.settings.release.get().map(|id| self.fleet.release(id.value))
    }

    /// Where its release stands to a day; none for `latest`, and without a release.
    pub(super) fn when(&self, day: &str) -> Option<When> {
        match self.release()?.version.value {
            Version::Number(number) => Some(Releases::get().when(number, day)),
            Version::Latest => None,
        }
    }

    /// The version of its installer, if that is ister.
    pub(super) fn ister(&self) -> Option<Spanned<InstallerVersion>> {
        let installer = self.release()?.installer;
        match installer.kind.value {
            InstallerKind::Ister => Some(installer.version),
        }
    }

    /// Its layout, if all of it could be read.
    pub(super) fn layout(&self) -> Option<&'f Layout> {
        self.settings.layout.get().map(|id| self.fleet.layout(id.value)).filter(|layout| layout.whole)
    }

    /// Its list of bundles, if there is one and it does not hold packages.
    pub(super) fn bundles(&self) -> Option<&'f Spanned<List<Bundle>>> {
        let swupd = match &self.settings.software_manager {
            Value::Unset => true,
            Value::Faulty(_) => false,
            Value::Is(manager) => manager.value == SoftwareManager::Swupd,
        };
        self.settings.bundles.get().filter(|list| swupd && !list.value.is_empty())
    }

    /// What its bundles bring.
    pub(super) fn brings(&self) -> Brings {
        all(self.settings.bundles())
    }

    /// The list of bundles to blame for bringing nothing of this: its role's, when that does not bring it either. None
    /// when something brings it; a bundle that no release had may bring anything.
    pub(super) fn lacks(&self, what: Brings) -> Option<&'f Spanned<List<Bundle>>> {
        let lacks = |bundles: &[Spanned<Bundle>]| {
            !all(bundles).any(what) && bundles.iter().all(|bundle| bundle.value.id().is_some())
        };
        let bundles = self.bundles().filter(|bundles| lacks(&bundles.value))?;
        let of_role = self.role.settings.bundles.get().filter(|_| self.host.is_some());
        Some(of_role.filter(|bundles| !bundles.value.is_empty() && lacks(&bundles.value)).unwrap_or(bundles))
    }

    /// Whether its software may come from somewhere else than Clear Linux: it has a mirror, or a hook that may name one to
    /// the installer (contract I-72).
    pub(super) fn has_own_source(&self) -> bool {
        let settings = self.settings;
        !settings.mirror_url.is_unset()
            || !settings.version_url.is_unset()
            || !settings.hooks.pre_install_shell.is_unset()
    }

    /// Whether its release may be a mix: it has a source of its own, or a number from before all that are known.
    pub(super) fn may_be_a_mix(&self) -> bool {
        let first = *Releases::get().known().start();
        let below = |release: &Release| matches!(release.version.value, Version::Number(number) if number < first);
        self.has_own_source() || self.release().is_some_and(below)
    }

    /// Its list of bundles and its release, as far as they tell setups apart.
    pub(super) fn software(&self) -> Option<(usize, Option<ReleaseId>)> {
        Some((self.bundles()?.value.as_ptr() as usize, self.settings.release.get().map(|release| release.value)))
    }

    /// Its hooks behind the installation, as far as they tell setups apart.
    pub(super) fn post_hooks(&self) -> [(bool, usize); 4] {
        fn list<T>(hook: &Value<List<T>>) -> (bool, usize) {
            (hook.is_unset(), hook.get().map_or(0, |list| list.value.as_ptr() as usize))
        }
        let hooks = &self.settings.hooks;
        [
            list(&hooks.post_nonchroot),
            list(&hooks.post_nonchroot_shell),
            list(&hooks.post_chroot),
            list(&hooks.post_chroot_shell),
        ]
    }

    /// The place of its role text: a file where it is named, a text in the fleet file where it begins.
    pub(super) fn text_place(&self) -> Option<Span> {
        let text = self.role.text?;
        Some(match self.fleet.text(text.value).lines {
            None => text.span,
            Some(_) => Span { end: text.span.start, ..text.span },
        })
    }

    /// All its hooks, as far as they tell setups apart.
    pub(super) fn hooks(&self) -> ([(bool, usize); 4], Option<Span>) {
        (self.post_hooks(), self.settings.hooks.pre_install_shell.get().map(head))
    }

    /// Every command of its hooks.
    pub(super) fn commands(&self) -> impl Iterator<Item = &'f Spanned<Command>> {
        let hooks = &self.settings.hooks;
        let lists =
            [&hooks.pre_install_shell, &hooks.post_nonchroot_shell, &hooks.post_chroot, &hooks.post_chroot_shell];
        lists.into_iter().filter_map(|list| list.get()).flat_map(|list| list.value.iter())
    }

    /// Whose settings they are, for a message.
    pub(super) fn owner(&self) -> String {
        match self.host {
            Some(host) => format!("host `{}`", host.name.as_str()),
            None => format!("role `{}`", self.role.name.as_str()),
        }
    }

    /// The name of whose settings they are.
    pub(super) fn owner_span(&self) -> Span {
        self.host.map_or(self.role.name.span, |host| host.name.span)
    }

    /// Adds a machine that is concerned.
    pub(super) fn blame(&self, finding: Diagnostic) -> Diagnostic {
        let text = if self.fleet.unknown_role().is_some_and(|role| role.span == self.machine) {
            "machines that are not listed are installed like this"
        } else {
            "this machine is installed like this"
        };
        finding.and(self.machine, text)
    }
}

/// What all of these bundles bring.
fn all(bundles: &[Spanned<Bundle>]) -> Brings {
    let ids = bundles.iter().filter_map(|bundle| bundle.value.id());
    ids.fold(Brings::default(), |all, bundle| all | brings(bundle))
}

/// The place of a list: its first element, wherever that was written.
pub(super) fn head<T>(list: &Spanned<List<T>>) -> Span {
    list.value.first().map_or(list.span, |first| first.span)
}
