//! The settings, labels and variables of a machine, with what each layer says of them.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{Field, Scope, Set};
use crate::model::{Bundle, Fleet, List, Settings, State, User, Value};
use crate::resolve::{Layer, LayerOf, Said};
use crate::source::Spanned;

/// Gives the value of a setting; null when it is unset, none when it could not be read.
type Get = fn(&Settings, &Fleet) -> Option<Json>;

/// Gives the value that holds when nobody says anything; null for none.
type BuiltIn = fn() -> Json;

/// Every setting, in the order in which it is shown: the way to its key, its value, and what is built in.
const SETTINGS: &[(&str, Get, BuiltIn)] = &[
    ("state", |s, _| of(&s.state, |state| json!(state.word())), || json!(State::Install.word())),
    ("release", |s, fleet| of(&s.release, |id| json!(fleet.release(*id).name.as_str())), none),
    ("layout", |s, fleet| of(&s.layout, |id| json!(fleet.layout(*id).name.as_str())), none),
    ("bundles", |s, _| of(&s.bundles, |list| texts(list, Bundle::as_str)), none),
    ("users", |s, _| of(&s.users, |users| users.iter().map(user).collect()), none),
    ("interface", |s, _| of(&s.interface, |interface| json!(*interface.0)), none),
    ("cmdline", |s, _| of(&s.cmdline, |line| json!(*line.0)), none),
    ("legacy_bios", |s, _| of(&s.legacy_bios, |value| json!(value)), || json!(false)),
    ("keep_partition_table", |s, _| of(&s.keep_partition_table, |value| json!(value)), || json!(false)),
    ("https_proxy", |s, _| of(&s.https_proxy, |url| json!(*url.0)), none),
    ("http_proxy", |s, _| of(&s.http_proxy, |url| json!(*url.0)), none),
    ("mirror_url", |s, _| of(&s.mirror_url, |url| json!(*url.0)), none),
    ("version_url", |s, _| of(&s.version_url, |url| json!(*url.0)), none),
    ("software_manager", |s, _| of(&s.software_manager, |manager| json!(manager.word())), || json!("swupd")),
    ("locked", |s, _| of(&s.locked, |value| json!(value)), none),
    ("hooks.pre_install_shell", |s, _| of(&s.hooks.pre_install_shell, |list| texts(list, |line| &line.0)), none),
    ("hooks.post_nonchroot", |s, _| of(&s.hooks.post_nonchroot, |list| texts(list, |line| &line.0)), none),
    ("hooks.post_nonchroot_shell", |s, _| of(&s.hooks.post_nonchroot_shell, |list| texts(list, |line| &line.0)), none),
    ("hooks.post_chroot", |s, _| of(&s.hooks.post_chroot, |list| texts(list, |line| &line.0)), none),
    ("hooks.post_chroot_shell", |s, _| of(&s.hooks.post_chroot_shell, |list| texts(list, |line| &line.0)), none),
];

fn none() -> Json {
    Json::Null
}

fn of<T>(value: &Value<T>, json: impl Fn(&T) -> Json) -> Option<Json> {
    match value {
        Value::Unset => Some(Json::Null),
        Value::Faulty(_) => None,
        Value::Is(value) => Some(json(&value.value)),
    }
}

fn texts<T>(list: &List<T>, text: impl Fn(&T) -> &str) -> Json {
    list.iter().map(|item: &Spanned<T>| text(&item.value)).collect()
}

fn user(user: &User) -> Json {
    let mut map = serde_json::Map::new();
    map.insert("name".to_string(), json!(user.name.as_str()));
    let mut add = |key: &str, value: Option<Json>| map.extend(value.map(|value| (key.to_string(), value)));
    add("full_name", user.full_name.as_ref().map(|name| json!(*name.value.0)));
    add("uid", user.uid.map(|uid| json!(uid.value.0)));
    add("sudo", user.sudo.map(|sudo| json!(sudo.value)));
    add("password_hash", user.password_hash.as_ref().map(|hash| json!(*hash.value.0)));
    add("ssh_key", user.ssh_key.as_ref().map(|key| json!(key.as_str())));
    Json::Object(map)
}

/// The settings of a machine, then its labels and variables by name.
pub(super) fn fields(scope: &Scope<'_>, layers: &[Layer]) -> Vec<Field> {
    let settings = SETTINGS.iter().map(|(name, get, built_in)| {
        let value = |layer: &Layer| get(&layer.settings, scope.fleet);
        field(scope, layers, name, built_in(), value)
    });
    let mut fields: Vec<Field> = settings.collect();
    for map in ["labels", "vars"] {
        let said = layers.iter().flat_map(|layer| layer.said.iter().map(|(name, _)| name.as_str()));
        let names: BTreeSet<&str> = said.filter(|name| name.split('.').next() == Some(map)).collect();
        fields.extend(names.into_iter().map(|name| {
            let key = &name[map.len() + 1..];
            let value = |layer: &Layer| match map {
                "labels" => Some(layer.labels.get(key).map_or(Json::Null, |label| json!(*label.value))),
                _ => Some(layer.vars.get(key).map_or(Json::Null, |value| (*value.value).clone())),
            };
            field(scope, layers, name, Json::Null, value)
        }));
    }
    fields
}

/// The role, and the text that it gives: keys that are no settings and are inherited too.
pub(super) fn role(scope: &Scope<'_>, layers: &[Layer]) -> [Field; 2] {
    let text = |text: &Option<std::sync::Arc<str>>| Some(text.as_deref().map_or(Json::Null, |text| json!(text)));
    [
        field(scope, layers, "role", Json::Null, |layer| text(&layer.role)),
        field(scope, layers, "cloud_config", Json::Null, |layer| text(&layer.cloud_config)),
    ]
}

/// A field with everything that the layers say of it; `value` is what it is as far as a layer.
fn field(
    scope: &Scope<'_>,
    layers: &[Layer],
    name: &str,
    built_in: Json,
    value: impl Fn(&Layer) -> Option<Json>,
) -> Field {
    let mut sets: Vec<Set> = Vec::new();
    let mut below: Option<Json> = Some(Json::Null);
    for layer in layers {
        let now = value(layer);
        if let Some((_, said)) = layer.said.iter().find(|(known, _)| known == name) {
            let mut set = Set::plain(now.clone().unwrap_or(Json::Null));
            set.faulty = now.is_none();
            (set.layer, set.role) = match &layer.of {
                LayerOf::Defaults => (super::LayerName::Defaults, None),
                LayerOf::Role(role) => (super::LayerName::Role, Some(role.to_string())),
                LayerOf::Host => (super::LayerName::Host, None),
            };
            (set.file, set.line) = scope.place(said.span());
            if let (Said::Edited(_), Some(before), Some(after)) = (said, &below, &now) {
                (set.added, set.removed) = (Some(missing(after, before)), Some(missing(before, after)));
            }
            sets.push(set);
        }
        below = now;
    }
    // What a missing role would have set is not known; layers above it may say more.
    if below.is_none() && !sets.last().is_some_and(|set| set.faulty) {
        sets.push(Set { faulty: true, layer: super::LayerName::Unknown, ..Set::plain(Json::Null) });
    }
    // Nothing is not overridden.
    if sets.is_empty() || !built_in.is_null() {
        sets.insert(0, Set::plain(built_in));
    }
    Field::of(name, sets)
}

/// The texts of a list that another lacks.
fn missing(of: &Json, from: &Json) -> Vec<String> {
    let texts = |list: &Json| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_string).collect()
    };
    let there = texts(from);
    texts(of).into_iter().filter(|text| !there.contains(text)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::SETTINGS;

    /// The language has the last word on what settings there are.
    #[test]
    fn every_setting_is_shown() {
        let schema = serde_json::to_value(schemars::schema_for!(crate::draft::SettingsDraft<'static>)).expect("JSON");
        let keys = |of: &serde_json::Value| -> Vec<String> {
            of["properties"].as_object().expect("properties").keys().cloned().collect()
        };
        let hooks = schemars::schema_for!(crate::draft::HooksDraft<'static>);
        let hooks = keys(&serde_json::to_value(hooks).expect("JSON"));
        let plain = keys(&schema).into_iter().filter(|key| !matches!(key.as_str(), "hooks" | "labels" | "vars"));
        let expected: BTreeSet<String> = plain.chain(hooks.iter().map(|hook| format!("hooks.{hook}"))).collect();
        let shown: BTreeSet<String> = SETTINGS.iter().map(|(name, ..)| name.to_string()).collect();
        assert_eq!(shown, expected);
    }
}
