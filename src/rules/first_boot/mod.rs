//! What the first-boot client would do with a role text: judged as rendered, placed in the template.
//!
//! Each rendered text goes through three gates: its form, the shape of its YAML, and, read once into blocks of users,
//! files, commands and so on, what ucd makes of each and of all of them together.

pub(super) mod accounts;
pub(super) mod blocks;
pub(super) mod booleans;
pub(super) mod boots;
mod case;
pub(super) mod commands;
pub(super) mod files;
pub(super) mod form;
pub(super) mod groups;
pub(super) mod homes;
pub(super) mod hostname;
pub(super) mod kinds;
mod libyaml;
mod login;
pub(super) mod network;
pub(super) mod order;
pub(super) mod packages;
mod read;
pub(super) mod reversed;
pub(super) mod rights;
mod role;
pub(super) mod services;
pub(super) mod shape;
mod shell;
pub(super) mod ssh;
pub(super) mod sudo;
pub(super) mod text;
pub(super) mod useradd;
pub(super) mod users;
pub(super) mod variables;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::login::Made;
use super::setup::Setup;
use super::{ipxe, secrets};
use crate::diag::{Diagnostic, Level, Sink};
use crate::model::{Fleet, Host, RoleId, Settings};
use crate::source::Span;
use crate::template::{Audience, Templates};
use case::{Around, Case, Machines};
use role::{Body, Role};

/// The machines that share the text of their role.
#[derive(Clone, Default)]
struct Sharers<'f> {
    first: Option<&'f Host>,
    several: bool,
    early: Option<Span>,
    installs: bool,
    mix: bool,
}

/// Who gets which text, and what is known of them.
struct Survey<'f> {
    /// By role: the machines that share its text.
    sharers: Vec<Option<Sharers<'f>>>,
    /// The hosts with a text of their own, and where they stand among all.
    own: Vec<(usize, &'f Host)>,
    /// By release: its version, when its ucd runs before the network is up.
    releases: Vec<Option<Span>>,
    /// By text: whether a machine with such a release gets it.
    early: Vec<bool>,
    users: HashMap<&'f str, bool>,
}

impl<'f> Survey<'f> {
    fn new(fleet: &'f Fleet, templates: &Templates<'f>) -> Survey<'f> {
        let mut survey = Survey {
            sharers: vec![None; fleet.roles.len()],
            own: Vec::new(),
            releases: fleet.releases.iter().map(network::early).collect(),
            early: vec![false; fleet.texts.len()],
            users: users(fleet),
        };
        if let Some(id) = fleet.unknown_role() {
            let role = fleet.role(id.value);
            let setup = Setup { fleet, settings: &role.settings, role, host: None, machine: role.name.span };
            let (early, mix) = (survey.early_release(&role.settings), setup.may_be_a_mix());
            if let Some(text) = role.text.filter(|_| early.is_some()) {
                survey.early[text.value.0 as usize] = true;
            }
            survey.sharers[id.value.0 as usize] =
                Some(Sharers { first: None, several: true, early, installs: true, mix });
        }
        for (index, host) in fleet.hosts.iter().enumerate() {
            survey.add(fleet, index, host, templates.is_own(host));
        }
        survey
    }

    fn add(&mut self, fleet: &'f Fleet, index: usize, host: &'f Host, own: bool) {
        let early = self.early_release(&host.settings).filter(|_| host.installs());
        if let Some(text) = fleet.role(host.role.value).text.filter(|_| early.is_some()) {
            self.early[text.value.0 as usize] = true;
        }
        if own {
            return self.own.push((index, host));
        }
        let sharers = self.sharers[host.role.value.0 as usize].get_or_insert_default();
        sharers.several |= sharers.first.is_some();
        sharers.first = sharers.first.or(Some(host));
        sharers.mix |= may_be_a_mix(fleet, host);
        sharers.installs |= host.installs();
        sharers.early = sharers.early.or(early);
    }

    fn early_release(&self, settings: &Settings) -> Option<Span> {
        self.releases[settings.release.get()?.value.0 as usize]
    }

    /// Whether a machine with an early release gets the text of a role.
    fn early_text(&self, fleet: &Fleet, role: RoleId) -> bool {
        fleet.role(role).text.is_some_and(|text| self.early[text.value.0 as usize])
    }
}

/// Renders every text that a machine would get, and judges it; then whom the texts let in.
pub(super) fn check(fleet: &Fleet, sink: &Sink) {
    super::login::check(fleet, &texts(fleet, sink), sink);
}

/// Renders every text that a machine would get, judges it, and tells what it makes for each host.
pub(super) fn texts(fleet: &Fleet, sink: &Sink) -> Vec<Arc<Made>> {
    let templates = Templates::new(fleet, sink);
    let survey = Survey::new(fleet, &templates);
    let users = &survey.users;
    let nothing = Arc::new(Made::default());
    let mut of_role = vec![nothing; fleet.roles.len()];
    for (index, sharers) in survey.sharers.iter().enumerate() {
        let (Some(sharers), role) = (sharers, RoleId(index as u32)) else { continue };
        let machines = sharers.first.filter(|_| !sharers.several).map_or(Machines::Many, Machines::One);
        let early_elsewhere = survey.early_text(fleet, role);
        let Sharers { early, installs, mix, .. } = *sharers;
        let around = Around { machines, early, early_elsewhere, installs, mix, users };
        of_role[index] = Arc::new(judge_for(&templates, Audience::Role(role), &around, fleet, sink));
    }
    let mut of_host: Vec<Arc<Made>> =
        fleet.hosts.iter().map(|host| of_role[host.role.value.0 as usize].clone()).collect();
    let kinds = login::Kinds::default();
    let own = survey.own.par_iter().map(|(index, host)| {
        let installs = host.installs();
        let early = survey.early_release(&host.settings).filter(|_| installs);
        let early_elsewhere = survey.early_text(fleet, host.role.value);
        let (machines, mix) = (Machines::One(host), may_be_a_mix(fleet, host));
        let around = Around { machines, early, early_elsewhere, installs, mix, users };
        (*index, kinds.shared(judge_for(&templates, Audience::Host(host), &around, fleet, sink)))
    });
    for (index, made) in own.collect::<Vec<_>>() {
        of_host[index] = made;
    }
    of_host
}

/// Whether a host may have bundles that Clear Linux does not have.
fn may_be_a_mix(fleet: &Fleet, host: &Host) -> bool {
    let (settings, role) = (&host.settings, fleet.role(host.role.value));
    Setup { fleet, settings, role, host: Some(host), machine: host.name.span }.may_be_a_mix()
}

/// The users that the installer makes on some machine, and whether it writes a key for them.
fn users(fleet: &Fleet) -> HashMap<&str, bool> {
    let mut users: HashMap<&str, bool> = HashMap::new();
    let mut last: Option<&Arc<Settings>> = None;
    let roles = fleet.roles.iter().map(|role| &role.settings);
    for settings in roles.chain(fleet.hosts.iter().map(|host| &host.settings)) {
        // Neighbours mostly share theirs.
        if last.is_some_and(|last| Arc::ptr_eq(last, settings)) {
            continue;
        }
        last = Some(settings);
        for user in settings.users() {
            *users.entry(user.name.as_str()).or_default() |= user.ssh_key.is_some();
        }
    }
    users
}

/// Judges what an audience gets, and tells what it makes.
fn judge_for(
    templates: &Templates<'_>,
    audience: Audience<'_>,
    around: &Around<'_>,
    fleet: &Fleet,
    sink: &Sink,
) -> Made {
    let role = match audience {
        Audience::Role(role) => role,
        Audience::Host(host) => host.role.value,
    };
    let rendered = match templates.render(audience) {
        None if fleet.role(role).text.is_none() && !fleet.role(role).text_is_faulty => return Made::default(),
        None => return Made::open(),
        Some(Err(fault)) => {
            sink.report(*fault);
            return Made::open();
        }
        Some(Ok(rendered)) => rendered,
    };
    let several = matches!(audience, Audience::Role(role) if is_text_of_several(fleet, role));
    let faulty = Cell::new(false);
    let report = |fault: Diagnostic| {
        faulty.set(faulty.get() || fault.rule.level == Level::Error);
        // A fault that the template's own text has is the same for every host; a host adds its name only where it adds
        // the fault.
        let fault = match audience {
            Audience::Host(host) => fault.and(host.name.span, "when it is rendered for this host"),
            Audience::Role(role) if several => fault.and(fleet.role(role).name.span, "the text of this role"),
            // Its file, or its place in the fleet file, says whose text it is.
            Audience::Role(_) => fault,
        };
        sink.report(fault);
    };
    let made = judge(&Case { rendered: &rendered, around, sink: &report });
    let place = |start, end| rendered.span_of(start, end);
    secrets::text(&rendered.text, place, &report);
    if around.installs {
        ipxe::again::text(&rendered.text, place, &report);
    }
    // Of a text with a fault, what it makes is not what is meant.
    made.filter(|_| !faulty.get()).unwrap_or_else(Made::open)
}

/// Whether other roles have the text of a role, too: one that extends it, or names the same file.
fn is_text_of_several(fleet: &Fleet, role: RoleId) -> bool {
    let text = |role: &crate::model::Role| role.text.map(|text| text.value);
    fleet.roles.iter().filter(|other| text(other) == text(fleet.role(role))).count() > 1
}

/// Judges a text; what it makes, unless it is a script, or nothing that ucd reads.
fn judge(case: &Case<'_>) -> Option<Made> {
    let document = form::judge(case, case.text())?;
    shape::judge(case, &document);
    let role = Role::read(case, &document);
    blocks_in_turn(case, &role);
    reversed::judge(case, &role);
    order::judge(case, &role);
    accounts::judge(case, &role);
    boots::judge(case, &role);
    network::judge(case, &role);
    Some(login::made(case, &role))
}

/// Judges each block with what stands before it.
fn blocks_in_turn(case: &Case<'_>, role: &Role<'_>) {
    let mut users = Vec::new();
    let mut groups = Vec::new();
    let mut files = Vec::new();
    let lines: Vec<_> = role.commands().map(|(_, command)| (command.line(), command.place)).collect();
    let programs: Vec<_> = lines
        .iter()
        .flat_map(|(line, place)| shell::commands(line).into_iter().filter_map(|words| Some((*words.first()?, *place))))
        .collect();
    for block in &role.blocks {
        match &block.body {
            Body::Users(list) => {
                homes::judge(case, list, &groups);
                sudo::judge(case, list);
                list.iter().for_each(|user| ssh::keys(case, &user.keys));
                users.extend(list);
            }
            Body::Groups(list) => groups.extend(list),
            Body::Files(list) => {
                list.iter().for_each(|file| rights::judge(case, file, &programs));
                files.extend(list);
            }
            Body::Keys(keys) => {
                ssh::at_the_margin(case, &block.key, &users);
                ssh::keys(case, keys);
            }
            Body::Hostname(Some(name)) => hostname::judge(case, name),
            _ => {}
        }
    }
    ssh::key_files(case, &files, &users);
}
