//! Ansible logs in, over a real SSH server, as the user whom the inventory names, with what the role text of the tree gives;
//! and becomes root by real `sudo`. In namespaces of its own: as root.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use fleetc::beside::{Kind, emit};
use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::source::{Disk, Memory};
use serde_json::Value;

use crate::control::{command, find, options, said, written};
use crate::example;

const ROOM: &str = include_str!("room.sh");

/// Numbers of a user and of the group `wheel` that the system is unlikely to have.
const UID: u32 = 60_123;
const WHEEL: u32 = 60_010;

/// Runs commands in a room: a machine with these users, addresses and names. All of it ends with the commands.
fn in_a_room(folder: &Path, commands: &str) -> Output {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let root = status.lines().any(|line| line.split_whitespace().take(3).eq(["Uid:", "0", "0"]));
    assert!(root, "these tests make users of their own, in namespaces: run them as root");
    for program in ["unshare", "ip", "sshd", "ssh", "ansible", "sudo"] {
        find(program);
    }
    fs::write(folder.join("room.sh"), format!("{ROOM}\n{commands}")).unwrap();
    let mut command = command("unshare", folder);
    command.args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh"]);
    command.arg(folder.join("room.sh")).arg(folder).stdin(Stdio::null());
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin:/sbin")).output().unwrap()
}

/// A user as ucd makes one of the first entry of a role text: the account, its key, its rules for sudo (contract ch. 3).
fn make_user(folder: &Path, entry: &Value) -> String {
    let name = entry["name"].as_str().unwrap();
    let home = entry["homedir"].as_str().map_or(format!("/home/{name}"), str::to_string);
    let write = |file: &str, text: String| fs::write(folder.join(file), text).unwrap();
    write("passwd", format!("{name}:x:{UID}:{UID}::{home}:/bin/sh\n"));
    write("shadow", format!("{name}:!:19000:0:99999:7:::\n"));
    let wheel = if entry["groups"] == "wheel" { name } else { "" };
    write("group", format!("{name}:x:{UID}:\nwheel:x:{WHEEL}:{wheel}\n"));
    let list = |key: &str| entry[key].as_array().into_iter().flatten().map(|item| item.as_str().unwrap().to_string());
    write("keys", list("ssh-authorized-keys").map(|key| key + "\n").collect());
    fs::create_dir(folder.join("sudoers.d")).unwrap();
    write("sudoers.d/users-cloud-init", list("sudo").map(|rule| format!("{name} {rule}\n")).collect());
    fs::set_permissions(folder.join("sudoers.d/users-cloud-init"), fs::Permissions::from_mode(0o440)).unwrap();
    format!(
        "install -d -m 700 -o {UID} -g {UID} {home} {home}/.ssh\n\
         install -m 600 -o {UID} -g {UID} \"$room/keys\" {home}/.ssh/authorized_keys\n"
    )
}

/// A key pair; the line of the public one.
fn key(place: &Path) -> String {
    let mut command = Command::new(find("ssh-keygen"));
    let done = command.args(["-q", "-t", "ed25519", "-N", "", "-C", "control@test", "-f"]).arg(place).output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
    fs::read_to_string(place.with_extension("pub")).unwrap().trim_end().to_string()
}

const SERVE: &str = r#"
cat > "$room/sshd_config" <<END
Port 22
HostKey $room/host_key
PidFile none
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication no
END
"$(command -v sshd)" -D -e -f "$room/sshd_config" 2> "$room/sshd.log" &
# As the book says: the keys of machines are collected when they are up.
tries=0
until ssh-keyscan -t ed25519 $(cat "$room/addresses") > "$room/known_hosts" 2> /dev/null && [ -s "$room/known_hosts" ]; do
    tries=$((tries + 1)); [ "$tries" -lt 20 ]; sleep 0.2
done
"#;

const MANAGE: &str = r#"
trap 'cat "$room/sshd.log"' EXIT
common="-o UserKnownHostsFile=$room/known_hosts -o StrictHostKeyChecking=yes"
set -- -i "$room/fleet.yaml" --private-key "$room/key" "--ssh-common-args=$common"
ansible "$@" all -m ping > "$room/ping"
ansible "$@" all -b -m command -a 'id -un' > "$room/become"
ssh -F "$room/ssh_config" -i "$room/key" $common node-002 'echo "$(hostname -I 2> /dev/null | wc -l) $(id -un)"' > "$room/ssh"
trap - EXIT
"#;

#[test]
fn ansible_pings_every_machine_of_the_pilot_and_becomes_root() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let public = key(&place("key"));
    key(&place("host_key"));
    // The pilot with this key; the machine without an address gets one, as from DHCP.
    let pilot = example::named("pilot");
    let old = pilot.document()["roles"]["base"]["vars"]["ansible_key"].as_str().unwrap().to_string();
    let compiled = pilot.compile(&pilot.text().replace(&old, &public));
    let fleet = compiled.fleet().unwrap();
    let tree = example::tree(&compiled, &Disk::new(&pilot.folder)).unwrap();
    let text = String::from_utf8(tree["icis/get_role/compute"].clone()).unwrap();
    let role: Value = serde_yaml::from_str(&text).unwrap();
    let home = make_user(folder.path(), &role["users"][0]);
    let addresses: Vec<String> =
        fleet.hosts.iter().filter_map(|host| Some(host.address.as_ref()?.ip.to_string())).collect();
    fs::write(place("addresses"), addresses.join("\n") + "\n192.168.1.14\n").unwrap();
    fs::write(place("hosts"), written(&compiled, Kind::Hosts, &[]) + "192.168.1.14 node-004\n").unwrap();
    fs::write(place("fleet.yaml"), written(&compiled, Kind::Ansible, &[])).unwrap();
    fs::write(place("ssh_config"), written(&compiled, Kind::SshConfig, &[])).unwrap();
    // `node-004` is asked for by its name.
    let scan = SERVE.replace("$(cat \"$room/addresses\")", "$(cat \"$room/addresses\") node-004");
    let output = in_a_room(folder.path(), &format!("{home}{scan}{MANAGE}"));
    let read = |name: &str| fs::read_to_string(place(name)).unwrap_or_default();
    let (ping, become_root) = (read("ping"), read("become"));
    assert!(output.status.success(), "{}{ping}{become_root}", said(&output));
    assert_eq!(fleet.hosts.len(), 5);
    for host in &fleet.hosts {
        let name = host.name.as_str();
        assert!(ping.contains(&format!("{name} | SUCCESS => {{")), "{ping}");
        assert!(become_root.contains(&format!("{name} | CHANGED | rc=0 >>\nroot\n")), "{become_root}");
    }
    assert_eq!((ping.matches("\"ping\": \"pong\"").count(), become_root.matches("root\n").count()), (5, 5));
    assert!(read("ssh").ends_with(" ansible\n"), "{}", read("ssh"));
}

/// Rules of a user for sudo, as a role text has them.
const RULES: [&[&str]; 24] = [
    &["ALL=(ALL) NOPASSWD:ALL"],
    &["ALL=(ALL:ALL) NOPASSWD: ALL"],
    &["ALL=NOPASSWD:ALL"],
    &["ALL = (root) NOPASSWD: SETENV: ALL"],
    &["web1, ALL=(daemon, root) CWD=* NOPASSWD: ALL"],
    &["ALL=(ALL) ALL", "ALL=(ALL) NOPASSWD:ALL"],
    &["ALL=(ALL) NOPASSWD: /bin/ls, ALL"],
    &["ALL=(ALL) NOPASSWD: ALL, !/bin/su"],
    &["ALL=(ALL) NOPASSWD: ALL", "ALL=(daemon) ALL"],
    &["ALL=(ALL) NOPASSWD: ALL", "web1=(ALL) ALL"],
    &["ALL=(#0) NOPASSWD: ALL"],
    &["ALL=(ALL) NOPASSWD: ALL : web1=(ALL) ALL"],
    &["ALL=(ALL) ALL"],
    &["ALL=(ALL) PASSWD: ALL"],
    &["ALL=(ALL) NOPASSWD:ALL", "ALL=(ALL) ALL"],
    &["ALL=(ALL) NOPASSWD: /bin/ls, PASSWD: ALL"],
    &["ALL=(ALL) NOPASSWD: ALL, PASSWD: /bin/sh"],
    &["ALL=(ALL) NOPASSWD: /usr/bin/systemctl restart x"],
    &["web1=(ALL) NOPASSWD: ALL"],
    &["ALL=(daemon) NOPASSWD: ALL"],
    &["ALL=(:wheel) NOPASSWD: ALL"],
    &["ALL=(ALL) NOPASSWD: ALL, !ALL"],
    &["ALL=(ALL) NOPASSWD: ALL, !/bin/sh"],
    &["ALL=(ALL, !root) NOPASSWD: ALL"],
];

/// Whether the inventory names a user with these rules.
fn is_named(rules: &[&str]) -> bool {
    let items: String = rules.iter().map(|rule| format!("      - \"{rule}\"\n")).collect();
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c x";
    let role = format!(
        "#cloud-config\nusers:\n  - name: ops\n    no-create-home: false\n    no-user-group: false\n    groups: wheel\n    \
         ssh-authorized-keys: [{key}]\n    sudo:\n{items}service:\n  - mask: ucd.service\n"
    );
    let fleet = example::named("minimal").text();
    let compiled =
        compile("fleet.yaml", fleet, "", &Memory::new([("roles/managed.yaml", role.as_str())]), &Levels::default());
    let fleet = compiled.fleet().unwrap_or_else(|| panic!("{rules:?}: {:#?}", example::findings(&compiled)));
    emit(fleet, Kind::Ansible, &options(&[])).unwrap().contains("ansible_user: ops\n")
}

/// Ansible's `become` runs `sudo -H -S -n -u root /bin/sh -c …`; whether it can, real sudo says.
#[test]
fn the_inventory_names_whom_sudo_does_not_ask() {
    let folder = tempfile::tempdir().unwrap();
    let entry = serde_json::json!({ "name": "ops", "groups": "wheel" });
    let home = make_user(folder.path(), &entry);
    for file in ["addresses", "hosts"] {
        fs::write(folder.path().join(file), "").unwrap();
    }
    let mut commands = home;
    for rules in RULES {
        let lines: String = rules.iter().map(|rule| format!("ops {rule}\n")).collect();
        commands.push_str(&format!(
            "cat > /etc/sudoers.d/users-cloud-init <<'END'\n{lines}END\n\
             visudo -cq\n\
             if setpriv --reuid {UID} --regid {UID} --init-groups sudo -H -n -u root /bin/sh -c true 2> /dev/null\n\
             then echo free; else echo asked; fi\n"
        ));
    }
    let output = in_a_room(folder.path(), &commands);
    assert!(output.status.success(), "{}", said(&output));
    let truth: Vec<bool> = String::from_utf8(output.stdout).unwrap().lines().map(|line| line == "free").collect();
    assert_eq!(truth.len(), RULES.len());
    assert!(truth.iter().filter(|free| **free).count() >= 10, "{truth:?}");
    for (rules, free) in RULES.iter().zip(truth) {
        assert_eq!(is_named(rules), free, "{rules:?}");
    }
}
