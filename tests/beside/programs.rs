//! The programs that read what `fleetc emit` writes, run where they disturb nobody.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fleetc::beside::{Files, Form, Kind, Options, Trouble, emit};
use fleetc::model::Fleet;

use crate::server::around;

/// What the programs look like from outside: name, Debian's package.
const PACKAGES: [(&str, &str); 7] = [
    ("nginx", "nginx-light"),
    ("dnsmasq", "dnsmasq-base"),
    ("kea-dhcp4", "kea-dhcp4-server"),
    ("dhcpd", "isc-dhcp-server"),
    ("ip", "iproute2"),
    ("openssl", "openssl"),
    ("python3", "python3"),
];

/// Options as they are when none is given.
pub fn options() -> Options {
    Options {
        root: "/srv/fleet/public".to_string(),
        certificate: None,
        tftp_server: None,
        tftp_root: Some("/srv/tftp".to_string()),
        interfaces: Vec::new(),
        files: Files::default(),
        form: Form::File,
        vars: Vec::new(),
    }
}

/// The same, for a fleet whose server has a name alone.
pub fn options_for(fleet: &Fleet) -> Options {
    let named = fleet.server.url.host().parse::<std::net::Ipv4Addr>().is_err();
    Options { tftp_server: named.then_some([10, 1, 0, 1].into()), ..options() }
}

/// Where a program is; Debian keeps servers where only root looks.
///
/// # Panics
/// When it is not there: a test that is not run proves nothing.
pub fn find(program: &str) -> PathBuf {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut folders = path.split(':').chain(["/usr/sbin", "/sbin"]);
    let package = PACKAGES.iter().find(|(known, _)| *known == program).map_or(program, |(_, package)| package);
    let found = folders.find_map(|folder| Some(Path::new(folder).join(program)).filter(|path| path.is_file()));
    found.unwrap_or_else(|| panic!("these tests need `{program}`; on Debian: apt-get install {package}"))
}

/// A copy of a program in a folder. Debian confines Kea and dhcpd to the folders of their packages, by their paths.
fn copied(program: &str, folder: &Path) -> PathBuf {
    let copy = folder.join(program);
    // By another program: one that this writes may be open in what another test starts meanwhile, and is busy then.
    let done = Command::new("cp").arg(find(program)).arg(&copy).status().unwrap();
    assert!(done.success(), "{program} cannot be copied");
    copy
}

/// Runs a program with a network and users of its own, in which it is root.
pub fn apart(program: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "--kill-child", "--"]).arg(program);
    command.stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs the program's own test of its configuration; what it finds wrong is the error.
pub fn judge(kind: Kind, text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let conf = place("conf");
    // nginx is to give its folders to no other user, of whom there is none there.
    let nginx = || format!("user root;\n{}", around(text, folder.path().to_str().unwrap()));
    let text = if kind == Kind::Nginx { nginx() } else { text.to_string() };
    fs::write(&conf, text).unwrap();
    let mut command = match kind {
        Kind::Nginx => {
            // It binds its ports in a test, too.
            let mut command = apart(&find("nginx"));
            command.arg("-t").arg("-e").arg(place("error.log")).arg("-c").arg(&conf);
            command
        }
        Kind::Dnsmasq => {
            let mut command = Command::new(find("dnsmasq"));
            command.arg("--test").arg("-C").arg(&conf);
            command
        }
        Kind::Kea => {
            let mut command = Command::new(copied("kea-dhcp4", folder.path()));
            command.arg("-t").arg(&conf).env("KEA_LOCKFILE_DIR", folder.path()).env("KEA_PIDFILE_DIR", folder.path());
            command
        }
        Kind::Dhcpd => {
            fs::write(place("leases"), "").unwrap();
            let mut command = Command::new(copied("dhcpd", folder.path()));
            command.arg("-t").arg("-cf").arg(&conf).arg("-lf").arg(place("leases"));
            command
        }
        Kind::Hosts | Kind::Ansible | Kind::SshConfig => panic!("no program tests {kind:?}"),
    };
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = said(&output);
    // dhcpd accepts some of what it warns of; so does nginx.
    let doubtful = ["warn", "error", "unknown"].iter().any(|word| said.to_lowercase().contains(word));
    let clean = output.status.success() && !doubtful;
    if clean { Ok(()) } else { Err(format!("{kind:?} {}:\n{said}", output.status)) }
}

/// Holds a fleet's configurations against the programs; which of them there are.
pub fn accepted(fleet: &Fleet, options: &Options) -> Result<(), Trouble> {
    for kind in [Kind::Nginx, Kind::Dnsmasq, Kind::Kea, Kind::Dhcpd] {
        let text = emit(fleet, kind, options)?;
        if let Err(fault) = judge(kind, &text) {
            panic!("{fault}\n{text}");
        }
    }
    emit(fleet, Kind::Hosts, options).map(drop)
}

/// Starts a DHCP server with a configuration, asks it, and gives its answers. `wires` are the server's addresses with the
/// lengths of their prefixes.
pub fn converse(kind: Kind, text: &str, wires: &[&str], requests: &[serde_json::Value]) -> Vec<serde_json::Value> {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let cards: Vec<String> = (0..wires.len()).map(|index| format!("srv{index}")).collect();
    // Servers try whether an address is free, for seconds; and each has a file of leases. Nothing else is changed.
    let (text, server) = match kind {
        Kind::Dnsmasq => {
            let server = vec![
                find("dnsmasq").to_str().unwrap().to_string(),
                // It stays in the foreground, and changes to no other user, of whom there is none here.
                "--no-daemon".to_string(),
                "--no-ping".to_string(),
                "--pid-file=".to_string(),
                format!("--dhcp-leasefile={}", place("leases")),
                format!("--conf-file={}", place("conf")),
            ];
            (text.to_string(), server)
        }
        Kind::Kea => {
            let kept = text.replace("\"type\": \"memfile\"", "\"type\": \"memfile\", \"persist\": false");
            assert_ne!(kept, text);
            let program = copied("kea-dhcp4", folder.path()).to_str().unwrap().to_string();
            (kept, vec![program, "-c".to_string(), place("conf")])
        }
        Kind::Dhcpd => {
            fs::write(place("leases"), "").unwrap();
            let program = copied("dhcpd", folder.path()).to_str().unwrap().to_string();
            let mut server = vec![program];
            server.extend(["-4", "-f", "-d", "-cf"].map(str::to_string));
            server.extend([place("conf"), "-lf".to_string(), place("leases"), "-pf".to_string(), place("pid")]);
            server.extend(cards);
            (format!("ping-check false;\n{text}"), server)
        }
        _ => panic!("no DHCP server"),
    };
    fs::write(place("conf"), text).unwrap();
    find("ip");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/beside/wire.py");
    let task = serde_json::json!({ "wires": wires, "server": server, "log": place("log"), "requests": requests });
    let mut command = apart(&find("python3"));
    command.arg(script).env("KEA_LOCKFILE_DIR", folder.path()).env("KEA_PIDFILE_DIR", folder.path());
    command.env("PATH", format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default()));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("these tests need `unshare`: {error}"));
    child.stdin.take().unwrap().write_all(task.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let log = fs::read(place("log")).unwrap_or_default();
    assert!(output.status.success(), "{kind:?}: {}\n{}", said(&output), String::from_utf8_lossy(&log));
    let answers: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers.len(), requests.len());
    answers
}
