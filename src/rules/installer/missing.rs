//! What an installation cannot do without.

use crate::diag::{Diagnostic, Sink, rule};
use crate::model::{Name, Settings, Value};
use crate::resolve;
use crate::rules::setup::Setup;
use crate::source::Spanned;

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
    /// defaults:
    ///   release: stable
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    /// roles:
    ///   compute: {}   # <-
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

/// Settings that are not there. A role is blamed once for all its machines; a host only where its role has the setting.
pub(super) fn settings(setup: &Setup<'_>, sink: &Sink) {
    let (own, role) = (setup.settings, &setup.role.settings);
    let fleet = setup.fleet;
    let tell = |key: &str, what: &str, in_role: bool, names: &mut dyn Iterator<Item = &Spanned<Name>>| {
        let names: Vec<&str> = names.map(|name| name.as_str()).take(6).collect();
        let help = match names.as_slice() {
            [] => format!("set `{key}` there or in `defaults`"),
            [one] => format!("add `{key}: {one}` there or to `defaults`"),
            some => format!("set `{key}` there or in `defaults`: `{}`", some.join("`, `")),
        };
        sink.report(finding(setup, key, what, in_role).help(help));
    };
    if own.release.is_unset() {
        tell(
            "release",
            "nothing to install",
            role.release.is_unset(),
            &mut fleet.releases.iter().map(|release| &release.name),
        );
    }
    if own.layout.is_unset() {
        tell(
            "layout",
            "no disk to install on",
            role.layout.is_unset(),
            &mut fleet.layouts.iter().map(|layout| &layout.name),
        );
    }
    if own.bundles.is_unset() {
        tell("bundles", "no software to install", role.bundles.is_unset(), &mut std::iter::empty());
    }
}

fn finding(setup: &Setup<'_>, key: &str, what: &str, in_role: bool) -> Diagnostic {
    if in_role {
        let name = &setup.role.name;
        setup.blame(MISSING_SETTING.at(name.span, format!("role `{}` has no `{key}`: {what}", name.as_str())))
    } else {
        MISSING_SETTING.at(setup.owner_span(), format!("{} has no `{key}`: {what}", setup.owner()))
    }
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
