//! What a fleet file means, worked out a second time: inheritance and the installer's template, over plain JSON.
//!
//! From the description of the language alone: built-in → `defaults` → the role's `extends` chain → role → host; absent
//! inherits, null clears, a value replaces, maps merge by key, `bundles` may be edited.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::ister::Around;

/// Settings that maps merge in.
const MERGED: [&str; 3] = ["hooks", "labels", "vars"];

/// A fleet file as other programs read it.
pub struct Meaning<'d>(pub &'d Value);

/// What a machine is made from.
pub struct Machine {
    pub settings: Map<String, Value>,
    /// Whether its role has a text.
    pub has_text: bool,
    pub name: Option<String>,
    pub address: Option<String>,
    pub macs: Vec<String>,
    pub role: String,
}

impl Machine {
    pub fn installs(&self) -> bool {
        self.settings.get("state").is_none_or(|state| state == "install")
    }
}

impl Meaning<'_> {
    /// A host of the file.
    pub fn host(&self, name: &str) -> Machine {
        let host = &self.0["hosts"][name];
        let role = host.get("role").or(self.0["defaults"].get("role")).and_then(Value::as_str).unwrap();
        let mut machine = self.role(role);
        apply(&mut machine.settings, host);
        let macs = host["mac"].as_array().cloned().unwrap_or_else(|| vec![host["mac"].clone()]);
        let text = |value: &Value| value.as_str().unwrap().to_string();
        machine.macs = macs.iter().map(|mac| colons(&text(mac))).collect();
        machine.name = Some(name.to_string());
        machine.address = host.get("address").map(text);
        machine
    }

    /// A machine of a role that is no host of the file.
    pub fn role(&self, name: &str) -> Machine {
        let mut chain = vec![name];
        while let Some(parent) = self.0["roles"][chain[chain.len() - 1]]["extends"].as_str() {
            chain.push(parent);
        }
        let mut settings = Map::new();
        apply(&mut settings, &self.0["defaults"]);
        let mut has_text = false;
        for role in chain.iter().rev() {
            let layer = &self.0["roles"][*role];
            apply(&mut settings, layer);
            if let Some(text) = layer.get("cloud_config") {
                has_text = !text.is_null();
            }
        }
        Machine { settings, has_text, name: None, address: None, macs: Vec::new(), role: name.to_string() }
    }

    /// Every host that installs, and the machines that are not listed, if they are: path of the template, and machine.
    pub fn installations(&self) -> BTreeMap<String, Machine> {
        let hosts = self.0["hosts"].as_object().into_iter().flat_map(|hosts| hosts.keys());
        let hosts = hosts.map(|name| (format!("/{name}"), self.host(name)));
        let unlisted = self.0["unknown"]["install"].as_str().map(|role| (String::new(), self.role(role)));
        let all = hosts.filter(|(_, host)| host.installs()).chain(unlisted);
        all.map(|(folder, machine)| (format!("{}/static/ister{folder}/ister_config.json", self.service()), machine))
            .collect()
    }

    pub fn url(&self) -> &str {
        self.0["server"]["url"].as_str().unwrap().trim_end_matches('/')
    }

    pub fn service(&self) -> &str {
        self.0["server"]["service"].as_str().unwrap_or("icis")
    }

    /// The boot files that the admin is to put on the server, as paths in the tree.
    pub fn boot_files(&self) -> BTreeSet<&str> {
        let releases = self.0["releases"].as_object().unwrap().values();
        let files = releases.flat_map(|release| ["kernel", "initrd"].map(|key| &release[key]));
        let paths =
            files.filter_map(|file| file.as_str().or(file["url"].as_str())).filter(|path| !path.contains("://"));
        paths.map(|path| path.trim_start_matches('/')).collect()
    }

    fn release(&self, machine: &Machine) -> &Value {
        &self.0["releases"][machine.settings["release"].as_str().unwrap()]
    }

    fn layout(&self, machine: &Machine) -> &[Value] {
        self.0["layouts"][machine.settings["layout"].as_str().unwrap()].as_array().unwrap()
    }

    /// What the template of a machine does not say.
    pub fn around(&self, machine: &Machine) -> Around {
        let disks = self.layout(machine).iter().filter_map(|disk| {
            let size = disk["size"].as_str()?;
            let unit = ["M", "G", "T"].iter().position(|unit| size.ends_with(unit))?;
            let count: u64 = size[..size.len() - 1].parse().ok()?;
            Some((disk["disk"].as_str()?.to_string(), count << (10 * unit)))
        });
        Around { installer: self.release(machine)["installer"]["version"].as_u64().unwrap(), disks: disks.collect() }
    }

    /// The template of a machine. The hook by which a machine that is not listed gets its role is left out: it is
    /// judged by what it does.
    pub fn template(&self, machine: &Machine) -> Value {
        let mut template = Map::new();
        let mut put = |key: &str, value: Value| template.insert(key.to_string(), value);
        put("DestinationType", "physical".into());
        let (mut layout, mut filesystems, mut mounts) = (Vec::new(), Vec::new(), Vec::new());
        for disk in self.layout(machine) {
            for (index, part) in disk["partitions"].as_array().unwrap().iter().enumerate() {
                let at = json!({ "disk": disk["disk"], "partition": index + 1 });
                let kind = part.get("type").cloned().unwrap_or("linux".into());
                layout.push(with(&at, [("size", part["size"].clone()), ("type", kind.clone())]));
                let own = part.get("filesystem").cloned();
                let Some(made) = own.or((kind == "swap").then(|| "swap".into())) else { continue };
                filesystems.push(filesystem(&at, part, made));
                if let Some(place) = part.get("mount") {
                    mounts.push(mount(&at, part, place));
                }
            }
        }
        put("PartitionLayout", layout.into());
        put("FilesystemTypes", filesystems.into());
        put("PartitionMountPoints", mounts.into());
        put("Version", self.release(machine)["version"].clone());
        for (key, name) in [
            ("bundles", "Bundles"),
            ("software_manager", "SoftwareManager"),
            ("cmdline", "cmdline"),
            ("https_proxy", "HTTPSProxy"),
            ("http_proxy", "HTTPProxy"),
            ("mirror_url", "MirrorURL"),
            ("version_url", "VersionURL"),
        ] {
            if let Some(value) = machine.settings.get(key) {
                put(name, value.clone());
            }
        }
        for (key, name) in [("legacy_bios", "LegacyBios"), ("keep_partition_table", "DisabledNewPartitions")] {
            if machine.settings.get(key) == Some(&Value::Bool(true)) {
                put(name, true.into());
            }
        }
        let users: Vec<Value> =
            machine.settings.get("users").and_then(Value::as_array).into_iter().flatten().map(user).collect();
        if !users.is_empty() {
            put("Users", users.into());
        }
        for (key, name) in [
            ("pre_install_shell", "PreInstallShell"),
            ("post_nonchroot", "PostNonChroot"),
            ("post_nonchroot_shell", "PostNonChrootShell"),
            ("post_chroot", "PostChroot"),
            ("post_chroot_shell", "PostChrootShell"),
        ] {
            let hooks = machine.settings.get("hooks").and_then(|hooks| hooks.get(key)).and_then(Value::as_array);
            if let Some(hooks) = hooks.filter(|hooks| !hooks.is_empty()) {
                put(name, hooks.clone().into());
            }
        }
        if let Some(name) = &machine.name {
            put("Hostname", name.as_str().into());
            if machine.has_text {
                put("IsterCloudInitSvc", format!("{}/{}/", self.url(), self.service()).into());
            }
        }
        if let Some(address) = &machine.address {
            put("Static_IP", self.static_ip(address, machine));
        }
        template.into()
    }

    /// The smallest network that holds an address gives the rest.
    fn static_ip(&self, address: &str, machine: &Machine) -> Value {
        let number = |text: &str| u32::from(text.parse::<std::net::Ipv4Addr>().unwrap());
        let ip = address.split('/').next().unwrap();
        let networks = self.0["networks"].as_object().unwrap().values();
        let (length, network) = networks
            .filter_map(|network| {
                let (start, length) = network["cidr"].as_str()?.split_once('/')?;
                let length: u32 = length.parse().ok()?;
                let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
                (number(ip) & mask == number(start)).then_some((length, network))
            })
            .max_by_key(|(length, _)| *length)
            .unwrap();
        let mut settings = json!({
            "iface": machine.settings["interface"],
            "address": format!("{ip}/{length}"),
            "gateway": network["gateway"],
        });
        if let Some(dns) = network.get("dns") {
            settings["dns"] = dns.clone();
        }
        settings
    }
}

/// A MAC address as the installer writes it.
fn colons(mac: &str) -> String {
    let digits = mac.replace([':', '-', '.'], "").to_lowercase();
    (0..6).map(|index| &digits[index * 2..index * 2 + 2]).collect::<Vec<_>>().join(":")
}

/// Puts a layer of settings on top of others.
fn apply(settings: &mut Map<String, Value>, layer: &Value) {
    for (key, value) in layer.as_object().into_iter().flatten() {
        match value {
            Value::Null => {
                settings.remove(key);
            }
            Value::Object(edit) if key == "bundles" => {
                let names = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
                let (base, remove) = (names(settings.get(key)), names(edit.get("remove")));
                let mut kept: Vec<Value> = base.into_iter().filter(|name| !remove.contains(name)).collect();
                for name in names(edit.get("add")) {
                    if !kept.contains(&name) {
                        kept.push(name);
                    }
                }
                settings.insert(key.clone(), kept.into());
            }
            Value::Object(map) if MERGED.contains(&key.as_str()) => {
                let into = settings.entry(key).or_insert_with(|| json!({}));
                for (name, value) in map {
                    match value {
                        Value::Null => into.as_object_mut().unwrap().remove(name),
                        value => into.as_object_mut().unwrap().insert(name.clone(), value.clone()),
                    };
                }
            }
            value => {
                settings.insert(key.clone(), value.clone());
            }
        }
    }
}

fn with<const N: usize>(entry: &Value, more: [(&str, Value); N]) -> Value {
    let mut entry = entry.clone();
    for (key, value) in more {
        entry[key] = value;
    }
    entry
}

fn filesystem(at: &Value, part: &Value, made: Value) -> Value {
    let mut entry = with(at, [("type", made)]);
    for key in ["options", "label", "encryption"] {
        if let Some(value) = part.get(key) {
            entry[key] = value.clone();
        }
    }
    if part["keep"] == true {
        entry["disable_format"] = true.into();
    }
    entry
}

fn mount(at: &Value, part: &Value, place: &Value) -> Value {
    let mut entry = with(at, [("mount", place.clone())]);
    if part["force_unit"] == true {
        entry["forcemu"] = true.into();
    }
    if let Some(name) = part.get("encryption").map(|encryption| encryption["name"].clone()) {
        entry["encryption"] = json!({ "name": name });
    }
    entry
}

fn user(user: &Value) -> Value {
    let names = [
        ("name", "username"),
        ("password_hash", "password"),
        ("uid", "uid"),
        ("sudo", "sudo"),
        ("full_name", "fullname"),
    ];
    let mut entry = Map::new();
    for (key, name) in names {
        if let Some(value) = user.get(key) {
            entry.insert(name.to_string(), value.clone());
        }
    }
    if let Some(key) = user.get("ssh_key").and_then(Value::as_str) {
        entry.insert("key".to_string(), format!("{}\n", key.trim()).into());
    }
    entry.into()
}
