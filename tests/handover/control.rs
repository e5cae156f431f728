//! The programs of the control host, each with a limit of time and a home of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fleetc::beside::{Files, Form, Kind, Options, emit};
use fleetc::compile::Compiled;
use serde_json::Value;

/// Programs, and Debian's packages for them.
const PACKAGES: [(&str, &str); 9] = [
    ("ansible", "ansible-core"),
    ("ansible-inventory", "ansible-core"),
    ("getent", "libc-bin"),
    ("ip", "iproute2"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    ("sshd", "openssh-server"),
    ("sudo", "sudo"),
    ("unshare", "util-linux"),
];

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

/// A command that ends after a while in any case, with nothing of the user's own configuration.
pub fn command(program: &str, home: &Path) -> Command {
    let mut command = Command::new(find("timeout"));
    let config = home.join("ansible.cfg");
    fs::write(&config, "[defaults]\n").unwrap();
    command.args(["--kill-after=5", "120"]).arg(find(program)).stdin(Stdio::null());
    command.env("HOME", home).env("LC_ALL", "C.UTF-8").env("ANSIBLE_CONFIG", config).env("ANSIBLE_NOCOLOR", "1");
    command.env("ANSIBLE_LOCAL_TEMP", home.join("ansible")).env("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "1");
    command
}

/// What a run said, on both streams.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What `ansible-inventory --list` reads in a file, or in the answers of a script; its objections are the error.
pub fn read(inventory: &Path) -> Result<Value, String> {
    let home = tempfile::tempdir().unwrap();
    let mut command = command("ansible-inventory", home.path());
    let output = command.arg("-i").arg(inventory).arg("--list").output().unwrap();
    if !output.status.success() || !output.stderr.is_empty() {
        return Err(said(&output));
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap())
}

/// The same of a text.
pub fn read_text(text: &str) -> Result<Value, String> {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("fleet.yaml");
    fs::write(&place, text).unwrap();
    read(&place)
}

/// Options with these variables, and nothing else.
pub fn options(vars: &[&str]) -> Options {
    Options {
        root: "/srv".to_string(),
        certificate: None,
        tftp_server: None,
        tftp_root: None,
        interfaces: Vec::new(),
        files: Files::default(),
        form: Form::File,
        vars: vars.iter().map(|name| name.to_string()).collect(),
    }
}

/// What is written for a fleet.
///
/// # Panics
/// When the fleet has errors, or lacks something.
pub fn written(compiled: &Compiled, kind: Kind, vars: &[&str]) -> String {
    let Some(fleet) = compiled.fleet() else { panic!("{:#?}", crate::example::findings(compiled)) };
    emit(fleet, kind, &options(vars)).unwrap_or_else(|trouble| panic!("{}: {}", trouble.message, trouble.help))
}
