//! Where Ansible does not get in.

use std::sync::Arc;

use super::access::{Access, Lack, access};
use super::text::Made;
use crate::diag::{Diagnostic, Sink, rule};
use crate::model::{Fleet, Host, RoleId, Settings};
use crate::rules::setup::Setup;

rule! {
    /// ## What it does
    /// A role that gives Ansible nothing to log in with: no user logs in with a key and becomes root without a password.
    ///
    /// ## Why it matters
    /// Ansible takes over where the first boot ends, and needs a user who logs in by key, and `sudo` that does not ask
    /// (contract A-1). `sudo: true` in the fleet file is not enough: it puts the user into the group `wheel` (I-81), which
    /// Clear Linux asks for a password. The machine comes up, looks well, and every playbook fails.
    ///
    /// Not every fleet is for Ansible. `check` asks only where one is: when some machine of the fleet lets Ansible in, when
    /// a user is called `ansible`, or when a variable has a name that begins with `ansible_`. A machine with a variable
    /// `ansible_user` is left alone, and so is one whose role is a script, or has commands that make users: what they do
    /// is not known.
    ///
    /// [`fleetc emit ansible`](../ansible.md) asks of every machine, and also whether it has an SSH server, `sudo` and
    /// Python (A-2), which `os-cloudguest` brings since July 2019 alone (B-3).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }   # <-
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ansible
    ///     no-create-home: false
    ///     no-user-group: false
    ///     groups: wheel
    ///     ssh-authorized-keys:
    ///       - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c control@desk
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ansible
    ///     no-create-home: false
    ///     no-user-group: false
    ///     groups: wheel
    ///     ssh-authorized-keys:
    ///       - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c control@desk
    ///     sudo:
    ///       - ALL=(ALL) NOPASSWD:ALL
    /// service:
    ///   - mask: ucd.service
    /// ```
    pub ROLE_CLOSED_TO_ANSIBLE, role_closed_to_ansible: "role-closed-to-ansible", FirstBoot, Warn;
}

/// The variable that says who Ansible logs in as.
const ANSIBLE_USER: &str = "ansible_user";

/// What the role text of each host makes, in the order of the fleet's hosts. Those that are alike are mostly one.
pub(in crate::rules) type Texts = [Arc<Made>];

/// Who gets in with some settings and what a text makes.
type Known<'f> = (&'f Arc<Settings>, &'f Arc<Made>, Arc<Access>);

/// Who gets into each machine, in the order of the fleet's hosts. Those that are alike are mostly one.
pub(in crate::rules) fn all(fleet: &Fleet, texts: &Texts) -> Vec<Arc<Access>> {
    // The machines of a role mostly share their settings and their text.
    let mut last: Vec<Option<Known<'_>>> = vec![None; fleet.roles.len()];
    let mut of = |(host, made)| {
        let (host, made): (&Host, &Arc<Made>) = (host, made);
        let last = &mut last[host.role.value.0 as usize];
        if let Some((settings, of, access)) = last
            && Arc::ptr_eq(settings, &host.settings)
            && Arc::ptr_eq(of, made)
        {
            return access.clone();
        }
        let (settings, role) = (&host.settings, fleet.role(host.role.value));
        let setup = Setup { fleet, settings, role, host: Some(host), machine: host.name.span };
        let access = Arc::new(access(&setup, made));
        *last = Some((settings, made, access.clone()));
        access
    };
    fleet.hosts.iter().zip(texts).map(&mut of).collect()
}

/// Reports machines into which Ansible does not get, in a fleet that is for Ansible.
pub(in crate::rules) fn check(fleet: &Fleet, texts: &Texts, sink: &Sink) {
    let all = all(fleet, texts);
    if is_for_ansible(fleet, texts, &all) {
        let known = |access: &Access| !matches!(access.lack, Some(Lack::Knowledge | Lack::Software(..)));
        report(
            fleet,
            &all,
            |host, access| host.installs() && known(access) && host.vars.get(ANSIBLE_USER).is_none(),
            sink,
        );
    }
}

/// Whether somebody means Ansible to manage machines of the fleet.
fn is_for_ansible(fleet: &Fleet, texts: &Texts, all: &[Arc<Access>]) -> bool {
    let named = |host: &Host| {
        host.vars.iter().any(|(name, _)| name.starts_with("ansible_"))
            || host.settings.users().iter().any(|user| user.name.as_str() == "ansible")
    };
    all.iter().any(|access| access.user.is_some())
        || fleet.hosts.iter().any(named)
        || texts.iter().flat_map(|made| &made.users).any(|user| user.name == "ansible")
}

/// Machines of one role that lack one thing.
struct Group<'f> {
    lack: &'f Lack,
    first: &'f Host,
    count: usize,
}

/// Reports every machine that is asked about and lacks something: of a role once, where all of its machines lack it.
pub(super) fn report(fleet: &Fleet, all: &[Arc<Access>], asked: impl Fn(&Host, &Access) -> bool, sink: &Sink) {
    let mut roles: Vec<(usize, Vec<Group<'_>>)> = (0..fleet.roles.len()).map(|_| (0, Vec::new())).collect();
    for (host, access) in fleet.hosts.iter().zip(all).filter(|(host, access)| asked(host, access)) {
        let (hosts, groups) = &mut roles[host.role.value.0 as usize];
        *hosts += 1;
        let Some(lack) = &access.lack else { continue };
        match groups.iter_mut().find(|group| group.lack == lack) {
            Some(group) => group.count += 1,
            None => groups.push(Group { lack, first: host, count: 1 }),
        }
    }
    for (index, (hosts, groups)) in roles.iter().enumerate() {
        for group in groups {
            sink.report(group.finding(fleet, RoleId(index as u32), group.count == *hosts));
        }
    }
}

impl Group<'_> {
    fn finding(&self, fleet: &Fleet, role: RoleId, all: bool) -> Diagnostic {
        let role = fleet.role(role);
        let (place, owner) = match (all, self.count) {
            (true, _) => (role.name.span, format!("role `{}`", role.name.as_str())),
            (false, 1) => (self.first.name.span, format!("host `{}`", self.first.name.as_str())),
            (false, 2) => (self.first.name.span, format!("host `{}` and 1 other", self.first.name.as_str())),
            (false, count) => {
                (self.first.name.span, format!("host `{}` and {} others", self.first.name.as_str(), count - 1))
            }
        };
        let give = if all || self.count == 1 { "gives" } else { "give" };
        let nobody = format!("{owner} {give} Ansible nobody to log in as");
        let finding = |message: String| ROLE_CLOSED_TO_ANSIBLE.at(place, message);
        let free = "`sudo: [\"ALL=(ALL) NOPASSWD:ALL\"]`";
        let finding = match self.lack {
            Lack::Key => finding(format!("{nobody}: no user has an SSH key"))
                .help(format!("in the role text, give a user `ssh-authorized-keys` and {free}")),
            Lack::Root(name, span) => finding(format!("{nobody}: user `{name}` has a key, and may not become root"))
                .and(*span, "this user")
                .help(format!("in the role text, give the user {free}")),
            Lack::Password(name, span) => {
                finding(format!("{nobody}: user `{name}` has a key, and `sudo` asks for a password"))
                    .and(*span, "this user")
                    .help(format!("in the role text, give the user {free}; the group `wheel` is asked"))
            }
            Lack::Software(software, user, bundles) => {
                let message = format!("Ansible is to come in as `{user}`, and no bundle brings {}", software.what);
                ROLE_CLOSED_TO_ANSIBLE
                    .at(*bundles, message)
                    .and(self.first.name.span, "this machine is installed like this")
                    .help(format!("add the bundle `{}`", software.bundle))
            }
            Lack::Knowledge => finding(format!("{nobody} that is known: what makes its users is beyond reading"))
                .help("say who it is: `vars: { ansible_user: NAME }`, and `--vars ansible_user`"),
        };
        match self.lack {
            Lack::Software(..) => finding,
            _ if all => finding.and(self.first.name.span, "this machine is like this"),
            _ => finding,
        }
    }
}

/// Reports machines into which Ansible does not get, in a fleet of which somebody asks for Ansible's inventory. `asked` says
/// of which machines.
pub(in crate::rules) fn report_asked(fleet: &Fleet, all: &[Arc<Access>], asked: impl Fn(&Host) -> bool, sink: &Sink) {
    report(fleet, all, |host, _| asked(host), sink);
}
