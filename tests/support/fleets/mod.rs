//! Fleets made at random: mostly sound ones that use every part of the language, with a fault here and there.
//!
//! A fleet is made from a tape of numbers; on an empty tape every choice is the first, and the fleet is the plainest.
#![allow(dead_code)]

mod layouts;

use fleetc::source::Memory;
use serde_json::{Map, Value, json};

use layouts::{Plan, layout};

/// A kernel, and its SHA-256 digest.
const KERNEL: &str = "a kernel\n";
const KERNEL_DIGEST: &str = "0ea0e4d98d963a16e4ae69a302423f7648056205ea740c9559c92725d9544e4d";

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk";
const HASH: &str = "$6$saltsalt$0123456789012345678901234567890123456789012345678901234567890123456789012345";

/// The numbers that a fleet is made from.
pub struct Tape<'t> {
    numbers: &'t [u16],
}

impl Tape<'_> {
    pub fn new(numbers: &[u16]) -> Tape<'_> {
        Tape { numbers }
    }

    /// A number below `count`.
    fn below(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.numbers.split_first() else { return 0 };
        self.numbers = rest;
        (usize::from(*first) * count) >> 16
    }

    /// Whether something happens that does so once in `times`.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1 && times > 1
    }

    /// A fault, or whatever else is rare.
    fn rarely(&mut self) -> bool {
        self.once_in(60)
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// The files beside every fleet.
pub fn files() -> Memory {
    Memory::new([("boot/linux", KERNEL), ("roles/plain.yaml", PLAIN)])
}

const PLAIN: &str = "#cloud-config\nusers:\n  - name: ansible\n    no-create-home: false\n    no-user-group: false\n";

/// Texts of roles: one for all, one that speaks of the host, a script.
const TEXTS: [&str; 4] = [
    "roles/plain.yaml",
    "#cloud-config\nwrite_files:\n  - path: /etc/motd\n    permissions: \"0644\"\n    content: |\n      {{ host.name }} of {{ role.name }}\n",
    "#!/bin/sh\ntest -e /var/lib/done && exit 0\ntouch /var/lib/done\n",
    "#cloud-config\nservice:\n  - mask: ucd.service\n",
];

/// A fleet file, as JSON.
pub fn fleet(tape: &mut Tape<'_>) -> Value {
    let networks = networks(tape);
    let releases = some_of(tape, &["stable", "canary"], release);
    let plan = Plan { keeps: tape.once_in(4) };
    let mut layouts = some_of(tape, &["one", "two", "three"], |tape| layout(tape, plan, false));
    if tape.once_in(3) {
        layouts["bios"] = layout(tape, plan, true);
    }
    let mut fleet = json!({
        "version": 1,
        "server": server(tape),
        "networks": networks,
        "releases": releases,
        "layouts": layouts,
    });
    let names = Names { releases: keys(&fleet["releases"]), layouts: keys(&fleet["layouts"]) };
    let mut defaults = json!({
        "release": "stable",
        "layout": "one",
        "interface": "eno1",
        "bundles": ["kernel-native", "os-core", "os-core-update", "os-cloudguest", "systemd-networkd-autostart"],
    });
    if plan.keeps {
        defaults["keep_partition_table"] = true.into();
    }
    settings(tape, &names, &mut defaults, 8);
    let roles = roles(tape, &names);
    let role_names = keys(&roles);
    if tape.once_in(3) {
        defaults["role"] = tape.pick(&role_names).into();
    }
    fleet["unknown"] = match tape.below(4) {
        0 | 1 => "refuse".into(),
        2 => "local".into(),
        _ => json!({ "install": tape.pick(&role_names) }),
    };
    let has_default = defaults.get("role").is_some();
    fleet["hosts"] = hosts(tape, &names, &role_names, has_default).into();
    fleet["defaults"] = defaults;
    fleet["roles"] = roles;
    fleet
}

struct Names {
    releases: Vec<String>,
    layouts: Vec<String>,
}

fn keys(map: &Value) -> Vec<String> {
    map.as_object().unwrap().keys().cloned().collect()
}

/// The first of some names, and perhaps more of them, each with what is made for it.
fn some_of(tape: &mut Tape<'_>, names: &[&str], mut make: impl FnMut(&mut Tape<'_>) -> Value) -> Value {
    let count = 1 + tape.below(names.len());
    names[..count].iter().map(|name| (name.to_string(), make(tape))).collect::<Map<_, _>>().into()
}

fn server(tape: &mut Tape<'_>) -> Value {
    let urls = ["http://192.168.1.1", "http://boot.example:8080", "http://10.0.0.1/fleet", "http://boot/a/b/"];
    let mut server = json!({ "url": tape.pick(&urls) });
    if tape.once_in(3) {
        server["service"] = tape.pick(&["ccis", "boot-2", "a"]).into();
    }
    server
}

fn networks(tape: &mut Tape<'_>) -> Value {
    let mut networks = json!({ "front": { "cidr": "10.1.0.0/24", "gateway": "10.1.0.1" } });
    if tape.once_in(2) {
        networks["front"]["dns"] = "10.1.0.2".into();
    }
    if tape.once_in(2) {
        networks["front"]["dhcp_range"] = "10.1.0.200-10.1.0.250".into();
    }
    if tape.once_in(3) {
        networks["back"] = json!({ "cidr": "10.2.0.0/22", "gateway": "10.2.0.1", "domain": "back.example" });
    }
    if tape.rarely() {
        networks["front"].as_object_mut().unwrap().remove("gateway");
    }
    networks
}

fn release(tape: &mut Tape<'_>) -> Value {
    let kernel = match tape.below(5) {
        0 => json!("linux"),
        1 => json!("/images/linux"),
        2 => json!("http://mirror.example/linux"),
        3 => json!({ "file": "boot/linux" }),
        _ if tape.rarely() => json!({ "file": "boot/linux", "sha256": "0".repeat(64) }),
        _ => json!({ "file": "boot/linux", "sha256": KERNEL_DIGEST }),
    };
    let installer = if tape.once_in(4) {
        if tape.once_in(8) { tape.pick(&[66, 65, 64, 63, 55, 50]) } else { tape.pick(&[68, 67]) }
    } else {
        69
    };
    let version = match tape.below(6) {
        0..=3 => json!(29880),
        4 => "latest".into(),
        _ if tape.rarely() => tape.pick(&[14000, 9000]).into(),
        _ => tape.pick(&[20000, 31000, 35000]).into(),
    };
    let mut release = json!({
        "version": version,
        "kernel": kernel,
        "initrd": "initrd",
        "installer": { "kind": "ister", "version": installer },
    });
    if tape.once_in(2) {
        release["boot_args"] = tape.pick(&[json!(["quiet", "rw"]), json!(["console=ttyS0,115200n8"]), json!([])]);
    }
    if tape.rarely() {
        release["boot_args"] = vec!["x".repeat(500); 4].into();
    }
    release
}

/// Adds settings to a layer; the more `weight`, the fewer.
fn settings(tape: &mut Tape<'_>, names: &Names, layer: &mut Value, weight: usize) {
    let mut put = |tape: &mut Tape<'_>, key: &str, make: &dyn Fn(&mut Tape<'_>) -> Value| {
        if tape.once_in(weight) {
            let needed = matches!(key, "release" | "layout" | "bundles" | "state" | "keep_partition_table");
            let clears = if needed { tape.rarely() } else { tape.once_in(10) };
            layer[key] = if clears { Value::Null } else { make(tape) };
        }
    };
    put(tape, "state", &|tape| tape.pick(&["install", "installed"]).into());
    put(tape, "release", &|tape| tape.pick(&names.releases).into());
    put(tape, "layout", &|tape| tape.pick(&names.layouts).into());
    put(tape, "bundles", &bundles);
    put(tape, "users", &|tape| (0..1 + tape.below(2)).map(|index| user(tape, index)).collect::<Vec<_>>().into());
    put(tape, "interface", &|tape| tape.pick(&["eno1", "enp3s0", "eth0"]).into());
    put(tape, "cmdline", &|tape| tape.pick(&["quiet", "console=ttyS0,115200n8 rw"]).into());
    put(tape, "keep_partition_table", &|tape| tape.pick(&[true, true, false]).into());
    put(tape, "https_proxy", &|_| "http://proxy.example:3128".into());
    put(tape, "http_proxy", &|_| "http://proxy.example:3128/".into());
    put(tape, "mirror_url", &|_| "http://mirror.example/update".into());
    put(tape, "version_url", &|_| "http://mirror.example/update".into());
    put(tape, "hooks", &hooks);
    put(tape, "software_manager", &|tape| tape.pick(&["swupd", "swupd", "swupd", "dnf"]).into());
    put(
        tape,
        "labels",
        &|tape| json!({ "rack": tape.pick(&["a1", "a2"]), "owner": tape.pick(&[json!("ada"), Value::Null]) }),
    );
    put(tape, "vars", &|tape| json!({ "port": tape.pick(&[json!(80), json!([1, 2]), Value::Null]), "motd": "hello" }));
    // What needs BIOS and what boots by it go together.
    if let Some(layout) = layer["layout"].as_str().map(|layout| layout == "bios") {
        layer["legacy_bios"] = (layout || tape.once_in(20)).into();
    }
}

fn bundles(tape: &mut Tape<'_>) -> Value {
    match tape.below(12) {
        0..=3 => json!({ "add": ["nginx"] }),
        4 | 5 => json!({ "add": ["editors", "network-basic"], "remove": ["os-core-update"] }),
        6 | 7 => json!(["kernel-lts", "os-core", "os-core-update", "os-cloudguest", "systemd-networkd-autostart"]),
        8 => json!({ "remove": ["os-cloudguest"] }),
        9 => json!({ "add": ["kernel-lts"], "remove": ["kernel-native"] }),
        10 => json!({ "add": ["kernel-kvm"] }),
        _ => json!(["os-core", "os-cloudguest"]),
    }
}

fn user(tape: &mut Tape<'_>, index: usize) -> Value {
    let mut user = json!({ "name": if index == 0 { "ada" } else { "grace" } });
    if !tape.rarely() && tape.below(4) != 3 {
        user["ssh_key"] = KEY.into();
    }
    if tape.once_in(3) || (user.get("ssh_key").is_none() && !tape.rarely()) {
        user["password_hash"] = HASH.into();
    }
    if tape.once_in(3) {
        user["sudo"] = tape.pick(&[true, false]).into();
    }
    if tape.once_in(3) {
        user["uid"] = if tape.rarely() { json!(1500) } else { json!(1500 + index) };
    }
    if tape.once_in(4) {
        user["full_name"] = "Ada of Operations".into();
    }
    user
}

fn hooks(tape: &mut Tape<'_>) -> Value {
    let mut hooks = json!({});
    for (key, command) in [
        ("pre_install_shell", "modprobe dm-crypt"),
        ("post_nonchroot", "/usr/bin/finish"),
        ("post_nonchroot_shell", "cp /etc/hosts \"$ISTER_CHROOT/etc/hosts\""),
        ("post_chroot", "/usr/bin/true"),
        ("post_chroot_shell", "systemctl enable nginx.service && true"),
    ] {
        if tape.once_in(3) {
            hooks[key] = if tape.once_in(10) { Value::Null } else { json!([command, command]) };
            if key == "post_nonchroot" && !hooks[key].is_null() {
                hooks[key] = json!([command]);
            }
        }
    }
    hooks
}

fn roles(tape: &mut Tape<'_>, names: &Names) -> Value {
    let mut roles = Map::new();
    let all = ["base", "web", "web.node-1", "data"];
    let count = 1 + tape.below(all.len());
    for (index, name) in all[..count].iter().enumerate() {
        let mut role = json!({});
        if index > 0 && tape.once_in(2) {
            role["extends"] = all[tape.below(index)].into();
        }
        if !tape.once_in(4) {
            role["cloud_config"] = tape.pick(&TEXTS).into();
        } else if tape.once_in(4) {
            role["cloud_config"] = Value::Null;
        }
        settings(tape, names, &mut role, 8);
        roles.insert(name.to_string(), role);
    }
    roles.into()
}

fn hosts(tape: &mut Tape<'_>, names: &Names, roles: &[String], has_default: bool) -> Map<String, Value> {
    let mut hosts = Map::new();
    let count = 1 + tape.below(4);
    for index in 1..=count {
        let twin = if tape.rarely() { 1 } else { index };
        let mac = |card: usize| format!("52:54:00:00:{twin:02x}:{:02x}", 0xa0 + card);
        let mut host = json!({ "mac": mac(0) });
        if tape.once_in(3) {
            let dots = format!("5254.0000.{twin:02x}a1");
            host["mac"] = json!([mac(0).replace(':', "-").to_uppercase(), dots]);
        }
        if !(has_default && tape.once_in(2)) {
            host["role"] = tape.pick(roles).into();
        }
        if tape.once_in(2) {
            let last = if tape.rarely() { tape.pick(&[205, 1, 0, 255]) } else { 10 + twin };
            let network = if tape.rarely() { "10.2.0" } else { "10.1.0" };
            host["address"] = format!("{network}.{last}{}", tape.pick(&["", "/24"])).into();
        }
        settings(tape, names, &mut host, 12);
        let name = if tape.once_in(3) { format!("Node-{index}") } else { format!("node-{index}") };
        hosts.insert(name, host);
    }
    hosts
}

/// A fleet file as text: in blocks, or as JSON, which is YAML too.
pub fn text(tape: &mut Tape<'_>, fleet: &Value) -> String {
    if tape.once_in(4) { serde_json::to_string_pretty(fleet).unwrap() } else { serde_yaml::to_string(fleet).unwrap() }
}
