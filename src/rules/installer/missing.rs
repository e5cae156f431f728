//! What an installation cannot do without.

use crate::diag::{Sink, rule};
use crate::model::{Fleet, Settings, Value};
use crate::resolve;
use crate::rules::setup::Setup;
use crate::source::Span;

rule! {
    /// ## What it does
    /// A machine that is to be installed and has no `release`, no `layout` or no `bundles`, neither itself nor from its
    /// role or `defaults`.
    ///
    /// ## Why it matters
    /// There is nothing to install, nowhere to put it, or no template that the installer takes (contract I-30). A machine
    /// that has its system and is only listed needs none of it, with `state: installed`.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:   # <-
    ///   release: stable
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    /// roles:
    ///   compute: {}
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    /// roles:
    ///   compute: { layout: one-disk }
    /// ```
    MISSING_SETTING, missing_setting: "missing-setting", Installer, Error, fixed;
}

/// How many others are named beside the first.
const SHOWN: usize = 4;

/// A setting that an installation needs.
struct Need {
    key: &'static str,
    /// What is not there without it.
    what: &'static str,
    is_unset: fn(&Settings) -> bool,
    names: fn(&Fleet) -> Vec<&str>,
}

const NEEDS: &[Need] = &[
    Need {
        key: "release",
        what: "nothing to install",
        is_unset: |settings| settings.release.is_unset(),
        names: |fleet| fleet.releases.iter().map(|release| release.name.as_str()).collect(),
    },
    Need {
        key: "layout",
        what: "no disk to install on",
        is_unset: |settings| settings.layout.is_unset(),
        names: |fleet| fleet.layouts.iter().map(|layout| layout.name.as_str()).collect(),
    },
    Need {
        key: "bundles",
        what: "no software to install",
        is_unset: |settings| settings.bundles.is_unset(),
        names: |_| Vec::new(),
    },
];

/// Settings that are not there: one finding for all that miss the same one. `defaults` are to blame when nobody sets it, or
/// when more than one role or host would have to.
pub(super) fn settings(fleet: &Fleet, setups: &[Setup<'_>], sink: &Sink) {
    for need in NEEDS {
        let without: Vec<&Setup<'_>> = setups.iter().filter(|setup| (need.is_unset)(setup.settings)).collect();
        let Some(first) = without.first() else { continue };
        let owners = owners(need, &without);
        let all = without.len() == setups.len();
        let finding = match fleet.defaults.filter(|_| all || owners.len() > 1) {
            Some(defaults) => {
                let message = format!("there is no `{}` here, nor in roles that need one: {}", need.key, need.what);
                MISSING_SETTING.at(defaults, message)
            }
            None => {
                let (place, name) = &owners[0];
                MISSING_SETTING.at(*place, format!("{name} has no `{}`: {}", need.key, need.what))
            }
        };
        let place = finding.place.span;
        let others = owners.iter().filter(|(owner, _)| *owner != place).take(SHOWN);
        let finding = others.fold(finding, |finding, (owner, name)| finding.and(*owner, format!("{name} has none")));
        let finding = first.blame(finding);
        let names = (need.names)(fleet);
        let key = need.key;
        let help = match names.as_slice() {
            [] => format!("set `{key}` there or in `defaults`"),
            [one] => format!("add `{key}: {one}` there or to `defaults`"),
            some => format!("set `{key}` there or in `defaults`: `{}`", some[..some.len().min(6)].join("`, `")),
        };
        sink.report(finding.help(help));
    }
}

/// Who misses a setting: a role once for all its machines, a host where its role has the setting.
fn owners(need: &Need, without: &[&Setup<'_>]) -> Vec<(Span, String)> {
    let mut owners: Vec<(Span, String)> = Vec::new();
    for setup in without {
        let name = &setup.role.name;
        let owner = if (need.is_unset)(&setup.role.settings) {
            (name.span, format!("role `{}`", name.as_str()))
        } else {
            (setup.owner_span(), setup.owner())
        };
        if owners.last() != Some(&owner) && owners.len() <= SHOWN {
            owners.push(owner);
        }
    }
    owners
}

/// Lists of bundles that are there, and empty.
pub(super) fn bundles(setup: &Setup<'_>, sink: &Sink) {
    let Settings { bundles: Value::Is(bundles), .. } = setup.settings else { return };
    if bundles.value.is_empty() {
        let finding =
            resolve::rules::empty_list().at(bundles.span, "no bundle is left to install; the installer stops at that");
        sink.report(setup.blame(finding).help("`[kernel-native, os-core, os-core-update]` at least"));
    }
}
