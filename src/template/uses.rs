//! Which names a template uses, and whether a host has made any of them its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::Template;

use crate::model::{Host, Map, Role};

/// The keys of a map that a template uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Keys {
    #[default]
    None,
    These(BTreeSet<String>),
    All,
}

/// What a template uses that may differ from host to host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses {
    /// `host` or `network`: always the host's own.
    host: bool,
    release: bool,
    labels: Keys,
    vars: Keys,
}

/// The names that a template uses: `NAME.KEY`, or `NAME` where the key cannot be told.
pub(super) fn names(template: &Template<'_, '_>) -> BTreeSet<String> {
    let used = template.undeclared_variables(true).into_iter();
    let parts = used.map(|name| name.split('.').take(2).collect::<Vec<_>>().join("."));
    // A text that gives one of these names a meaning of its own hides later uses of it from the analysis.
    parts.chain(assigned(template.source()).into_iter().map(str::to_string)).collect()
}

impl Uses {
    pub(super) fn of(template: &Template<'_, '_>) -> Uses {
        let mut uses = Uses::default();
        let names: BTreeSet<String> = template.undeclared_variables(true).into_iter().collect();
        for name in names {
            let mut parts = name.split('.');
            uses.add(parts.next().unwrap_or_default(), parts.next());
        }
        // A text that gives one of these names a meaning of its own hides later uses of it from the analysis.
        for name in assigned(template.source()) {
            uses.add(name, None);
        }
        uses
    }

    fn add(&mut self, name: &str, key: Option<&str>) {
        let keys = match name {
            "host" | "network" => {
                self.host = true;
                return;
            }
            "release" => {
                self.release = true;
                return;
            }
            "labels" => &mut self.labels,
            "vars" => &mut self.vars,
            _ => return,
        };
        match (keys, key) {
            (Keys::All, _) => {}
            (keys, None) => *keys = Keys::All,
            (Keys::These(known), Some(key)) => {
                known.insert(key.to_string());
            }
            (keys @ Keys::None, Some(key)) => *keys = Keys::These(BTreeSet::from([key.to_string()])),
        }
    }

    /// Whether a host changed anything that the template uses. A host that says what its role says still has made it
    /// its own: who sets a value decides, not what it is.
    pub(super) fn touch(&self, host: &Host, role: &Role) -> bool {
        let release = |settings: &crate::model::Settings| settings.release.get().copied();
        self.host
            || self.release && release(&host.settings) != release(&role.settings)
            || own(&self.labels, &host.labels, &role.labels)
            || own(&self.vars, &host.vars, &role.vars)
    }
}

fn own<T: ?Sized>(keys: &Keys, host: &Arc<Map<Arc<T>>>, role: &Arc<Map<Arc<T>>>) -> bool {
    if Arc::ptr_eq(host, role) {
        return false;
    }
    match keys {
        Keys::None => false,
        Keys::All => true,
        Keys::These(keys) => keys.iter().any(|key| match (host.get(key.as_str()), role.get(key.as_str())) {
            (Some(a), Some(b)) => a.span != b.span || !Arc::ptr_eq(&a.value, &b.value),
            (None, None) => false,
            _ => true,
        }),
    }
}

/// The names of the context that a statement of the template binds anew.
fn assigned(source: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for statement in source.split("{%").skip(1).filter_map(|rest| rest.split("%}").next()) {
        let words: Vec<&str> =
            statement.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
        if !matches!(words.first(), Some(&("set" | "with" | "for" | "macro" | "call" | "import" | "from"))) {
            continue;
        }
        found.extend(["host", "network", "release", "labels", "vars"].into_iter().filter(|name| words.contains(name)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(source: &str) -> Uses {
        let mut environment = minijinja::Environment::new();
        environment.add_template_owned("t", source.to_string()).expect("a template");
        Uses::of(&environment.get_template("t").expect("the template"))
    }

    #[test]
    fn names_and_keys_are_found() {
        assert_eq!(uses("#cloud-config\n# host vars.x"), Uses::default());
        let these = |key: &str| Keys::These(BTreeSet::from([key.to_string()]));
        assert_eq!(
            uses("{{ vars.key }} {{ labels.rack }}"),
            Uses { vars: these("key"), labels: these("rack"), ..Uses::default() }
        );
        assert_eq!(uses("{{ vars.a.b }}"), Uses { vars: these("a"), ..Uses::default() });
        assert!(uses("{% if host.name %}x{% endif %}").host);
        assert!(uses("{{ network.cidr }}").host);
        assert!(uses("{{ release.version }}").release);
    }

    #[test]
    fn what_cannot_be_told_counts_as_everything() {
        for source in [
            "{% for key in vars %}{{ key }}{% endfor %}",
            "{{ vars[labels.x] }}",
            "{% set v = vars %}{{ v.x }}",
            "{% if false %}{% set vars = 1 %}{% endif %}{{ vars.x }}",
            "{% macro m(vars) %}{{ vars }}{% endmacro %}{{ m(1) }}{{ vars.x }}",
        ] {
            assert_eq!(uses(source).vars, Keys::All, "{source}");
        }
    }
}
