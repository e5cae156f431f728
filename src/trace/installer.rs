//! What the installer asks for once its kernel runs (contract ch. 1): its configuration, the template, the role.

use serde_json::Value;

use super::{Answers, By, Walk};
use crate::report::one_line;

/// Follows ister from its kernel command line. `mac` is the card that it asks the service with (contract I-17).
pub(super) fn ister(line: &str, mac: &str, answers: &Answers<'_>, walk: &mut Walk) {
    let Some(conf) = line.split(' ').find_map(|word| word.strip_prefix("isterconf=")) else { return };
    let Some(conf) = walk.ask(By::Installer, conf, answers) else { return };
    let conf = String::from_utf8_lossy(&conf).into_owned();
    walk.then(conf.lines());
    // contract I-6
    let Some(template) = conf.lines().find_map(|line| line.strip_prefix("template=")) else { return };
    let Some(template) = walk.ask(By::Installer, template.trim(), answers) else { return };
    let Ok(template) = serde_json::from_slice::<Value>(&template) else { return };
    walk.then(highlights(&template).iter().map(String::as_str));
    if let Some(service) = template["IsterCloudInitSvc"].as_str() {
        role(service, mac, answers, walk);
    }
    let hooks = template["PostNonChrootShell"].as_array().into_iter().flatten().filter_map(Value::as_str);
    // A hook may fetch what it likes; what it fetches from the tree is part of the walk (contract X-15).
    for url in hooks.flat_map(urls).filter(|url| answers.in_tree(url)) {
        if let Some(text) = walk.ask(By::Hook, url, answers) {
            walk.then(beginning(&text).iter().map(String::as_str));
        }
    }
}

/// The service's answers (contract I-18 to I-21).
fn role(service: &str, mac: &str, answers: &Answers<'_>, walk: &mut Walk) {
    let Some(config) = walk.ask(By::Installer, &format!("{service}get_config/{mac}"), answers) else { return };
    let text = String::from_utf8_lossy(&config).into_owned();
    walk.then(text.lines());
    let config: Value = serde_json::from_slice(&config).unwrap_or_default();
    let Some(role) = config["role"].as_str().filter(|role| !role.is_empty()) else { return };
    if let Some(text) = walk.ask(By::Installer, &format!("{service}get_role/{role}"), answers) {
        walk.then(beginning(&text).iter().map(String::as_str));
    }
}

/// What matters most in a template.
fn highlights(template: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), one_line);
    let words = |list: &Value, word: &dyn Fn(&Value) -> String| -> Vec<String> {
        list.as_array().into_iter().flatten().map(word).collect()
    };
    let mut lines: Vec<String> = Vec::new();
    for key in
        ["Hostname", "Version", "IsterCloudInitSvc", "HTTPSProxy", "LegacyBios", "DisabledNewPartitions", "cmdline"]
    {
        lines.extend(template.get(key).map(|value| format!("{key}: {}", word(value))));
    }
    if let Some(address) = template.get("Static_IP") {
        let parts: Vec<String> =
            ["iface", "address", "gateway", "dns"].iter().filter_map(|key| address.get(key)).map(word).collect();
        lines.push(format!("Static_IP: {}", parts.join(" ")));
    }
    let partition = |part: &Value| {
        format!("{}{} {} {}", word(&part["disk"]), part["partition"], word(&part["size"]), word(&part["type"]))
    };
    lines.push(format!("PartitionLayout: {}", words(&template["PartitionLayout"], &partition).join(", ")));
    lines.push(format!("Bundles: {}", words(&template["Bundles"], &word).join(", ")));
    let users = words(&template["Users"], &|user| word(&user["username"]));
    if !users.is_empty() {
        lines.push(format!("Users: {}", users.join(", ")));
    }
    for key in ["PreInstallShell", "PostNonChroot", "PostNonChrootShell", "PostChroot", "PostChrootShell"] {
        lines.extend(words(&template[key], &word).iter().map(|command| format!("{key}: {command}")));
    }
    lines
}

/// The first line of a text, and how many follow.
fn beginning(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines();
    let first = lines.next().map(str::to_string);
    let more = match lines.count() {
        0 => None,
        1 => Some("(1 more line)".to_string()),
        more => Some(format!("({more} more lines)")),
    };
    first.into_iter().chain(more).collect()
}

/// The addresses in a command.
fn urls(command: &str) -> impl Iterator<Item = &str> {
    command
        .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '(' | ')' | '<' | '>' | '`'))
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
}
