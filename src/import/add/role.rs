//! The role that a template gives: what `defaults` do not say already, and `null` for what they say and it does not.

use super::super::list::Template;
use super::super::value::{Entry, Value};
use crate::model::Name;
use crate::yaml::{Document, Kind, NodeId, parse};

/// The settings that a template may have.
const SETTINGS: [&str; 11] = [
    "bundles",
    "users",
    "cmdline",
    "legacy_bios",
    "keep_partition_table",
    "https_proxy",
    "http_proxy",
    "mirror_url",
    "version_url",
    "hooks",
    "software_manager",
];

/// A fleet file, as far as a role needs it.
pub(super) struct Base<'d> {
    document: &'d Document<'d>,
    /// The mapping of `defaults`.
    defaults: Option<NodeId>,
}

impl<'d> Base<'d> {
    /// Looks at a document.
    pub(super) fn new(document: &'d Document<'d>) -> Base<'d> {
        let base = Base { document, defaults: None };
        Base { defaults: document.root().and_then(|root| base.child(root, "defaults")), ..base }
    }

    fn child(&self, node: NodeId, key: &str) -> Option<NodeId> {
        let node = self.document.follow(node);
        let mut pairs = self.document.pairs(node);
        pairs.find(|(known, _)| self.document.scalar(*known) == key).map(|(_, value)| self.document.follow(value))
    }

    fn default(&self, key: &str) -> Option<NodeId> {
        self.child(self.defaults?, key)
    }

    fn releases(&self) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        let releases = self.document.root().and_then(|root| self.child(root, "releases"));
        releases.into_iter().flat_map(|releases| self.document.pairs(releases))
    }

    /// The release of `defaults`, or else the first.
    fn usual(&self) -> Option<(NodeId, NodeId)> {
        let name = self.default("release").map(|name| self.document.scalar(name));
        let named = |(key, _): &(NodeId, NodeId)| Some(self.document.scalar(*key)) == name;
        self.releases().find(named).or_else(|| self.releases().next())
    }

    /// The name of the release that installs what the template does, and its entry where there is none yet: with the
    /// kernel and the initrd of the usual one.
    ///
    /// # Errors
    /// There is no release to take them from.
    pub(super) fn release(&self, template: &Template) -> Result<(String, Option<Entry>), String> {
        let Some(Value::Word(version)) = &template.version else { return Err("it has no version".to_string()) };
        let is = |(_, release): &(NodeId, NodeId)| {
            self.child(*release, "version").is_some_and(|known| self.document.scalar(known) == version)
        };
        let name = |key: NodeId| self.document.scalar(key).to_string();
        if let Some((key, _)) = self.usual().filter(is).or_else(|| self.releases().find(is)) {
            return Ok((name(key), None));
        }
        let (like, release) = self.usual().ok_or("`releases` is empty, so nobody knows kernel and initrd")?;
        let taken = |name: &str| self.releases().any(|(key, _)| self.document.scalar(key) == name);
        let mut own = format!("release-{version}");
        while taken(&own) {
            own.push_str("-2");
        }
        let keys = self.document.pairs(self.document.follow(release)).map(|(key, value)| {
            let key = self.document.scalar(key);
            let version = (key == "version").then(|| Value::word(version));
            Entry::new(key, version.unwrap_or_else(|| self.value(value)))
        });
        let entry = Entry::new(own.as_str(), Value::Map(keys.collect()));
        let comment = format!("kernel and initrd are those of `{}`: see that its installer fits", name(like));
        Ok((own, Some(entry.above(comment))))
    }

    /// A part of the document, to be written once more.
    fn value(&self, node: NodeId) -> Value {
        let node = self.document.follow(node);
        let document = self.document;
        match document.node(node).kind {
            Kind::Mapping => {
                let entries =
                    document.pairs(node).map(|(key, value)| Entry::new(document.scalar(key), self.value(value)));
                Value::Braces(entries.collect())
            }
            Kind::Sequence => Value::Row(document.children(node).map(|item| self.value(item)).collect()),
            Kind::Plain if document.scalar(node).bytes().all(|byte| byte.is_ascii_digit()) => {
                Value::word(document.scalar(node))
            }
            _ => Value::text(document.scalar(node)),
        }
    }

    /// The keys of the role.
    pub(super) fn keys(&self, template: &Template, release: &str, layout: &Name) -> Vec<Entry> {
        let mut keys = Vec::new();
        let named = self.default("release").map(|name| self.document.scalar(name));
        if named != Some(release) {
            keys.push(Entry::new("release", Value::text(release)));
        }
        keys.push(Entry::new("layout", Value::text(layout.as_str())));
        for name in SETTINGS {
            let said = template.settings.iter().find(|setting| setting.key == name);
            match (said, self.default(name)) {
                (Some(setting), Some(default)) if name == "hooks" => {
                    keys.extend(self.hooks(setting, default));
                }
                (Some(setting), default) if !default.is_some_and(|default| self.alike(setting, default)) => {
                    keys.push(setting.clone());
                }
                (None, Some(default)) if !self.is_nothing(default) => keys.push(Entry::new(name, Value::word("null"))),
                _ => {}
            }
        }
        let interface = template.settings.iter().find(|setting| setting.key == "interface");
        let there = |setting: &&Entry| self.default("interface").is_some_and(|there| self.alike(setting, there));
        keys.extend(interface.filter(|setting| !there(setting)).cloned());
        keys
    }

    /// Hooks are merged by key, so each is held against its own.
    fn hooks(&self, setting: &Entry, default: NodeId) -> Option<Entry> {
        let Value::Map(hooks) = &setting.value else { return Some(setting.clone()) };
        let there: Vec<&str> = self.document.pairs(default).map(|(key, _)| self.document.scalar(key)).collect();
        let known = |hook: &&Entry| self.child(default, &hook.key).is_some_and(|there| self.alike(hook, there));
        let mut own: Vec<Entry> = hooks.iter().filter(|hook| !known(hook)).cloned().collect();
        for key in there.into_iter().filter(|key| hooks.iter().all(|hook| hook.key != *key)) {
            own.push(Entry::new(key, Value::word("null")));
        }
        (!own.is_empty()).then(|| Entry::new("hooks", Value::Map(own)))
    }

    /// Whether a default says nothing.
    fn is_nothing(&self, node: NodeId) -> bool {
        self.document.is_null(node) || self.document.scalar(node) == "false"
    }

    /// Whether an entry says the same as a part of the document.
    fn alike(&self, entry: &Entry, there: NodeId) -> bool {
        let text = format!("{{ {} }}", entry.flow(false));
        let Ok(own) = parse(&text) else { return false };
        let Some(value) = own.root().and_then(|root| own.children(root).nth(1)) else { return false };
        let (first, second) = (own.after(value) - value, self.document.after(there) - there);
        first == second
            && (0..first).all(|step| {
                let (a, b) = (value + step, there + step);
                let (one, other) = (own.node(a).kind, self.document.node(b).kind);
                let collection = |kind: Kind| matches!(kind, Kind::Mapping | Kind::Sequence).then_some(kind);
                other != Kind::Alias
                    && collection(one) == collection(other)
                    && own.is_null(a) == self.document.is_null(b)
                    && own.scalar(a) == self.document.scalar(b)
                    && own.after(a) - a == self.document.after(b) - b
            })
    }
}
