//! The keys of a template that are settings of machines, each under the name that it has in a fleet file.

use super::super::value::{Entry, Value};
use super::json::{Kind, Node};
use super::object::Object;
use super::users::users;
use crate::model::{Bundle, Command, FromText, Line, Program, SoftwareManager, Version, WebUrl};

/// The keys that are read here.
pub(super) const KEYS: [&str; 16] = [
    "Version",
    "Bundles",
    "SoftwareManager",
    "Users",
    "cmdline",
    "LegacyBios",
    "HTTPSProxy",
    "HTTPProxy",
    "MirrorURL",
    "VersionURL",
    "DisabledNewPartitions",
    "PreInstallShell",
    "PostNonChroot",
    "PostNonChrootShell",
    "PostChroot",
    "PostChrootShell",
];

/// The settings, in the order of the language. `interface` is the one that gets the static address.
pub(super) fn settings(template: &Object<'_>, interface: Option<Entry>) -> Vec<Entry> {
    template.need("Bundles");
    let bundles: Vec<Value> =
        template.texts::<Bundle>("Bundles").iter().map(|bundle| Value::text(bundle.as_str())).collect();
    let line: Option<Entry> =
        template.typed::<Line>("cmdline").map(|line| Entry::new("cmdline", Value::text(&*line.value.0)));
    let url =
        |key: &str, name: &str| template.typed::<WebUrl>(key).map(|url| Entry::new(name, Value::text(&*url.value.0)));
    let manager = template.typed::<SoftwareManager>("SoftwareManager");
    let yes = |is: bool, name: &str| is.then(|| Entry::new(name, Value::word(true)));
    let settings = [
        (!bundles.is_empty()).then(|| Entry::new("bundles", Value::List(bundles))),
        users(template),
        interface,
        line,
        yes(legacy_bios(template), "legacy_bios"),
        yes(keeps_table(template), "keep_partition_table"),
        url("HTTPSProxy", "https_proxy"),
        url("HTTPProxy", "http_proxy"),
        url("MirrorURL", "mirror_url"),
        url("VersionURL", "version_url"),
        hooks(template),
        manager.map(|manager| Entry::new("software_manager", Value::word(manager.value.word()))),
    ];
    settings.into_iter().flatten().collect()
}

/// Whether machines boot by BIOS: `true` alone says so, and nothing else that stands for it is taken (contract 1.3).
pub(super) fn legacy_bios(template: &Object<'_>) -> bool {
    template.get("LegacyBios").is_some_and(|node| matches!(node.kind, Kind::Truth(true)))
}

/// Whether the partition table stays: whatever Python takes for true.
pub(super) fn keeps_table(template: &Object<'_>) -> bool {
    template.get("DisabledNewPartitions").is_some_and(Node::is_truthy)
}

/// The release's version: a number, or `latest` (contract I-40).
pub(super) fn version(template: &Object<'_>) -> Option<Value> {
    let node = template.need("Version")?;
    let text = match &node.kind {
        Kind::Number(digits) => *digits,
        Kind::Text(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            let message = format!("the version `{text}` is a text, and the installer takes a number or `latest`");
            template.fault(node.place, message, "take the quotes away");
            return None;
        }
        Kind::Text(text) => text,
        _ => {
            template.wrong("Version", node, "a number or `latest`");
            return None;
        }
    };
    template.sink.take(Version::from_text(text), node.place).ok().map(|_| Value::word(text))
}

/// Reports what is wrong with keys that are read more than once.
pub(super) fn judge(template: &Object<'_>) {
    if let Some(node) = template.get("LegacyBios").filter(|node| node.is_truthy())
        && !legacy_bios(template)
    {
        template.wrong("LegacyBios", node, "`true` or `false`");
    }
}

fn hooks(template: &Object<'_>) -> Option<Entry> {
    let commands = |key: &str, name: &str| {
        let commands = template.texts::<Command>(key);
        let commands: Vec<Value> = commands.iter().map(|command| Value::text(&*command.value.0)).collect();
        (!commands.is_empty()).then(|| Entry::new(name, Value::List(commands)))
    };
    let hooks = [
        commands("PreInstallShell", "pre_install_shell"),
        programs(template),
        commands("PostNonChrootShell", "post_nonchroot_shell"),
        commands("PostChroot", "post_chroot"),
        commands("PostChrootShell", "post_chroot_shell"),
    ];
    let hooks: Vec<Entry> = hooks.into_iter().flatten().collect();
    (!hooks.is_empty()).then(|| Entry::new("hooks", Value::Map(hooks)))
}

/// Programs of the installer's system. The path of one may be relative to wherever the installer was started, which
/// nobody can tell of a machine that boots over the network.
fn programs(template: &Object<'_>) -> Option<Entry> {
    let mut programs = Vec::new();
    for item in template.list("PostNonChroot") {
        match &item.kind {
            Kind::Text(text) if !text.is_empty() && !text.starts_with('/') => {
                let message = format!("the path `{text}` leads from wherever the installer was started");
                template.leave(item.place, message, "write the path from `/` on; as it is, the program is left out");
            }
            Kind::Text(text) => {
                let program = template.sink.take(Program::from_text(text), item.place);
                programs.extend(program.ok().map(|program| Value::text(&*program.value.0)));
            }
            _ => drop(template.wrong("PostNonChroot", item, "texts in it")),
        }
    }
    (!programs.is_empty()).then(|| Entry::new("post_nonchroot", Value::List(programs)))
}
