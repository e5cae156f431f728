//! Roles, and the chains in which they extend one another.

use std::sync::Arc;

use super::Scope;
use super::faults::EXTENDS_CYCLE;
use super::layers::{Layers, References};
use super::names::Names;
use super::shared::Shared;
use crate::diag::Reported;
use crate::draft::{RoleDraft, Written};
use crate::model::{FromText, Name, Role, RoleId, RoleText, Settings, Text, TextId};
use crate::source::{Sources, Spanned};
use crate::yaml::{Both, Entry, Field, Setting};

/// A role on its way: what it wrote, and what it became.
struct Pending<'a> {
    name: Result<Spanned<Name>, Reported>,
    key: Spanned<&'a str>,
    draft: RoleDraft<'a>,
    /// The index of the role it extends.
    parent: Option<usize>,
    /// It extends a role that is not there: what it has besides its own keys is not known.
    orphan: Option<Reported>,
    done: Option<Done>,
}

#[derive(Clone)]
struct Done {
    layers: Layers,
    text: Option<Spanned<TextId>>,
    text_is_faulty: bool,
    orphan: Option<Reported>,
}

/// What every role starts from.
pub(super) struct Base {
    pub(super) layers: Layers,
    /// The report on `defaults` that could not be read: what roles have besides their own keys is not known.
    pub(super) lost: Option<Reported>,
}

/// Resolves all roles on top of `base`. A role with a fault that leaves none gets a name without an id.
pub(super) fn roles<'a>(
    entries: Vec<Entry<'a, Field<RoleDraft<'a>>>>,
    base: &Base,
    references: &References<'_>,
    names: &mut Names<RoleId>,
    sources: &mut Sources,
    texts: &mut Vec<RoleText>,
    scope: &Scope<'_>,
) -> Vec<Role> {
    let sink = scope.sink;
    let mut pending: Vec<Pending<'a>> = Vec::new();
    let mut indices: Names<usize> = Names::new("roles", None);
    for entry in entries {
        let key = entry.key;
        let name = sink.take(Name::from_text(key.value), key.span);
        match entry.value.require(key.value, "`roles`", key.span, sink) {
            Ok(draft) => {
                indices.add(key.value, Some(pending.len()));
                pending.push(Pending { name, key, draft: draft.value, parent: None, orphan: None, done: None });
            }
            Err(_) => {
                indices.add(key.value, None);
                names.add(key.value, None);
            }
        }
    }
    for role in &mut pending {
        match &role.draft.0.extends {
            Field::Absent => {}
            Field::Faulty(reported) => role.orphan = Some(*reported),
            Field::Set(parent) => match indices.find(parent.text, parent.span, "role", sink) {
                Ok(id) => role.parent = Some(id.value),
                Err(reported) => role.orphan = Some(reported),
            },
        }
    }
    break_cycles(&mut pending, scope);

    for index in 0..pending.len() {
        // From the first ancestor that is done, or has none, down to this role.
        let mut chain = vec![index];
        while let Some(parent) = pending[chain[chain.len() - 1]].parent {
            if pending[parent].done.is_some() {
                break;
            }
            chain.push(parent);
        }
        for &role in chain.iter().rev() {
            if pending[role].done.is_some() {
                continue;
            }
            let below = pending[role].parent.and_then(|parent| pending[parent].done.clone());
            let mut done = below.unwrap_or_else(|| Done {
                layers: base.layers.clone(),
                text: None,
                text_is_faulty: false,
                orphan: base.lost,
            });
            done.orphan = done.orphan.or(pending[role].orphan);
            if let Some(reported) = pending[role].orphan {
                done.layers.settings = Arc::new(Settings::faulty(reported));
            }
            let Both(keys, settings) = &pending[role].draft;
            done.layers.apply(settings, references, &mut Shared::default(), sink);
            cloud_config(&keys.cloud_config, &mut done, sources, texts, scope);
            done.orphan = done.orphan.or(done.layers.lost);
            if done.orphan.is_some() {
                // Its variables are not known either.
                (done.text, done.text_is_faulty) = (None, true);
            }
            pending[role].done = Some(done);
        }
    }

    let mut extended = vec![false; pending.len()];
    for parent in pending.iter().filter_map(|role| role.parent) {
        extended[parent] = true;
    }
    let parents: Vec<Option<Spanned<Arc<str>>>> = pending
        .iter()
        .map(|role| match (&role.draft.0.extends, role.parent) {
            (Field::Set(written), Some(parent)) => Some(Spanned::new(pending[parent].key.value.into(), written.span)),
            _ => None,
        })
        .collect();
    let mut roles = Vec::new();
    for ((role, extends), extended) in pending.into_iter().zip(parents).zip(extended) {
        let id = match (role.name, role.done) {
            (Ok(name), Some(done)) => {
                let Done { layers: Layers { settings, labels, vars, lost: _ }, text, text_is_faulty, orphan: _ } = done;
                roles.push(Role { name, settings, labels, vars, text, extends, extended, text_is_faulty });
                Some(RoleId(roles.len() as u32 - 1))
            }
            _ => None,
        };
        names.add(role.key.value, id);
    }
    roles
}

fn cloud_config(
    setting: &Setting<Written<'_, Text>>,
    done: &mut Done,
    sources: &mut Sources,
    texts: &mut Vec<RoleText>,
    scope: &Scope<'_>,
) {
    (done.text, done.text_is_faulty) = match setting {
        Setting::Absent => (done.text, done.text_is_faulty),
        Setting::Clear(_) => (None, false),
        Setting::Faulty(_) => (None, true),
        Setting::Set(written) => match super::text::text(written, sources, texts, scope) {
            Ok(id) => (Some(id), false),
            Err(_) => (None, true),
        },
    };
}

/// Reports each circle of `extends` once, and cuts it.
fn break_cycles(pending: &mut [Pending<'_>], scope: &Scope<'_>) {
    // 0: not seen; otherwise the number of the walk that saw it first.
    let mut seen = vec![0; pending.len()];
    for start in 0..pending.len() {
        let walk = start + 1;
        let mut at = start;
        loop {
            if seen[at] != 0 {
                break;
            }
            seen[at] = walk;
            match pending[at].parent {
                Some(parent) => at = parent,
                None => break,
            }
        }
        if seen[at] != walk || pending[at].parent.is_none() {
            continue;
        }
        // The walk met itself at `at`: follow the circle once.
        let mut circle = vec![at];
        let mut next = pending[at].parent;
        while let Some(role) = next.filter(|role| *role != at) {
            circle.push(role);
            next = pending[role].parent;
        }
        if next != Some(at) {
            continue;
        }
        let path: Vec<&str> = circle.iter().chain([&at]).map(|role| pending[*role].key.value).collect();
        let place = |role: usize| match &pending[role].draft.0.extends {
            Field::Set(parent) => parent.span,
            _ => pending[role].key.span,
        };
        let message = format!("roles extend each other in a circle: `{}`", path.join("` → `"));
        let mut fault = EXTENDS_CYCLE.at(place(at), message).help("take one `extends` out");
        for role in circle.iter().skip(1).take(8) {
            fault = fault.and(place(*role), format!("`{}` goes on here", pending[*role].key.value));
        }
        let reported = scope.sink.report(fault);
        for role in circle {
            (pending[role].parent, pending[role].orphan) = (None, Some(reported));
        }
    }
}
