//! Python in the new system, for hooks and role texts that run it.

use crate::diag::{Sink, rule};
use crate::facts::{Brings, When};
use crate::rules::login::CLOUDGUEST_HAS_PYTHON;
use crate::rules::setup::{Setup, head};
use crate::source::Span;

rule! {
    /// ## What it does
    /// A hook in the new system, or a role text, that runs Python on machines that are installed without it.
    ///
    /// ## Why it matters
    /// `os-cloudguest` brings Python since 4 July 2019; before, `python3-basic` does (contract B-3). A hook that does not
    /// find it fails, and the installer with it, once the disk is written (I-85); a role text does nothing, in silence
    /// (U-7).
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   hooks:
    ///     post_chroot_shell: [python3 -m compileall /opt/tools]   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, python3-basic, systemd-networkd-autostart]
    ///   hooks:
    ///     post_chroot_shell: [python3 -m compileall /opt/tools]
    /// ```
    NO_PYTHON, no_python: "no-python", Software, Warn;
}

/// Whether a command's first word is Python.
fn runs_python(command: &str) -> bool {
    let program = command.split_whitespace().next().unwrap_or_default();
    matches!(program.rsplit('/').next(), Some("python" | "python3"))
}

/// The place of what runs Python in the new system.
fn wanted(setup: &Setup<'_>) -> Option<Span> {
    let hooks = &setup.settings.hooks;
    let mut commands = [&hooks.post_chroot, &hooks.post_chroot_shell].into_iter().filter_map(|hook| hook.get());
    let hook = commands.find_map(|commands| commands.value.iter().find(|command| runs_python(&command.value.0)));
    let text = || {
        let text = setup.role.text.map(|text| setup.fleet.text(text.value))?;
        let mut words = text.body.strip_prefix("#!")?.lines().next()?.split_whitespace();
        words.find(|word| runs_python(word)).and_then(|_| setup.text_place())
    };
    hook.map(|command| command.span).or_else(text)
}

/// Python for hooks and role texts.
pub(super) fn hooks(setup: &Setup<'_>, brings: Brings, sink: &Sink) {
    let hooks = &setup.settings.hooks;
    let nothing = hooks.post_chroot.is_unset() && hooks.post_chroot_shell.is_unset() && setup.role.text.is_none();
    if nothing || brings.any(Brings::PYTHON) {
        return;
    }
    let Some(place) = wanted(setup) else { return };
    if brings.any(Brings::LATE_PYTHON) && setup.when(CLOUDGUEST_HAS_PYTHON) != Some(When::Before) {
        return;
    }
    let Some(bundles) = setup.lacks(Brings::PYTHON) else { return };
    let finding = NO_PYTHON.at(place, "this needs Python, and no bundle brings it");
    let finding = finding.and(head(bundles), "these bundles");
    sink.report(setup.blame(finding).help("add the bundle `python3-basic`"));
}
