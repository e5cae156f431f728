//! What a built tree and a fleet do with machines that are not listed.

use super::compare::Trees;
use super::lines::lines;
use super::sum;
use crate::emit::default_answer;
use crate::emit::read::{Unlisted as Policy, loads, role as role_in};
use crate::model::{RoleId, Unknown};
use crate::plan::base::Found;
use crate::plan::change::{Field, Kind, Unlisted};
use crate::template::Audience;

impl Trees<'_> {
    /// What changes for them.
    pub(super) fn of_strangers(&self) -> Option<Unlisted> {
        let mut found = Found::default();
        let installed = self.unknown == Some(Policy::Installed);
        match (installed, self.head.fleet.unknown_role().map(|role| role.value)) {
            (false, Some(_)) => found.add(Kind::Reinstall, Field::Unknown),
            (true, None) => found.add(Kind::Boot, Field::Unknown),
            (false, None) if self.strangers => {
                let same = self.unknown == Some(policy(&self.head.fleet.unknown));
                found.add(Kind::Boot, if same { Field::Server } else { Field::Unknown });
            }
            (false, None) => {}
            (true, Some(role)) => self.strangers_installed(role, &mut found),
        }
        if found.kinds.is_empty() {
            return None;
        }
        let head = self.head;
        let because = match head.fleet.unknown_role() {
            Some(role) if installed => {
                let role = head.fleet.role(role.value);
                lines(head, None, role, &role.settings, &found)
            }
            _ if found.fields.contains(&Field::Unknown) => {
                head.fleet.unknown_at.map(|at| head.place(at, false)).into_iter().collect()
            }
            _ => vec![head.place(head.fleet.server.url.span, false)],
        };
        let was = match self.unknown {
            Some(Policy::Refused) => Some("refuse".to_string()),
            Some(Policy::Local) => Some("local".to_string()),
            Some(Policy::Installed) => Some(match self.role_of_strangers() {
                Some(role) => format!("install {role}"),
                None => "install".to_string(),
            }),
            None => None,
        };
        let kinds = found.kinds.iter().copied().collect();
        Some(Unlisted { was, now: head.unknown(), kinds, fields: found.words(), because })
    }

    /// The role that the tree gives to machines that are not listed, when a file names it.
    fn role_of_strangers(&self) -> Option<String> {
        let head =
            self.head.fleet.unknown_role().map(|role| self.head.fleet.role(role.value).name.as_str().to_string());
        let answer = self.base.below("get_config/default");
        let guess = head.filter(|role| {
            let bytes = default_answer(role);
            self.base.sum(&answer) == Some(sum(&bytes))
        });
        guess.or_else(|| role_in(&self.bytes(&answer)?))
    }

    /// Two installations of machines that are not listed, compared.
    fn strangers_installed(&self, role: RoleId, found: &mut Found) {
        let role_text = self.head.tree.text_of(Audience::Role(role));
        let release = self.head.fleet.role(role).settings.release.get().map(|release| release.value);
        if let Some(release) = release {
            self.files("static/ister", release, self.head.tree.unlisted_configuration(role), found);
        }
        if let (Some(text), Some(named)) = (role_text, self.role_of_strangers()) {
            let old = self.base.sum(&self.base.below(&format!("get_role/{named}")));
            if old.is_some_and(|old| old != sum(&text)) {
                found.add(Kind::Install, Field::Text);
            }
        }
        self.boot_files(release, found);
        if self.strangers {
            let new = self.head.tree.entry_of_unlisted();
            match &self.read {
                Some(read) => {
                    let loads = loads(&read.unlisted).zip(loads(&new));
                    for field in loads.map(|(old, new)| self.boots(&old, &new)).unwrap_or_default() {
                        found.add(Kind::Boot, field);
                    }
                    if found.kinds.is_empty() {
                        found.add(Kind::Cosmetic, Field::ReleaseName);
                    }
                }
                None => found.add(Kind::Boot, Field::Script),
            }
        }
    }
}

fn policy(unknown: &Unknown) -> Policy {
    match unknown {
        Unknown::Refuse => Policy::Refused,
        Unknown::Local => Policy::Local,
        Unknown::Install(_) => Policy::Installed,
    }
}
