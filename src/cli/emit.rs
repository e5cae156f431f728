//! `fleetc emit`: what stands beside the tree.

use std::io::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, ValueEnum};

use super::input::{self, LevelFlags, Loaded, reason};
use super::{Failure, Outcome, output};
use crate::beside::{self, Files, Form, Kind, Options, Trouble};
use crate::diag::Sink;
use crate::report::Format;

/// Write the configuration of a server that leads machines to the tree, or of a program that takes over
///
/// It comes from the same fleet file as the tree, so that DHCP, boot files, inventory and tree cannot disagree. Exit status:
/// 0 when it is written, 1 when the fleet has errors, 2 when the fleet or an option lacks something for it.
#[derive(Debug, Args)]
pub(super) struct Emit {
    /// For which program.
    kind: Program,
    /// The fleet file; `-` reads standard input. Without one: `fleet.yaml` in the current folder.
    file: Option<PathBuf>,
    /// File to write it to; standard output unless given.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// nginx: the folder of the tree, on the server.
    #[arg(long, value_name = "DIR", default_value = "/srv/fleet/public")]
    root: String,
    /// nginx, for an `https` URL: the certificate, on the server.
    #[arg(long, value_name = "FILE", requires = "certificate_key")]
    certificate: Option<String>,
    /// nginx, for an `https` URL: the key of the certificate, on the server.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    certificate_key: Option<String>,
    /// dnsmasq, kea, dhcpd: the machine that has iPXE's files, by TFTP; that of `server.url` unless given.
    #[arg(long, value_name = "ADDRESS")]
    tftp_server: Option<Ipv4Addr>,
    /// dnsmasq: the folder that it serves by TFTP itself; `/srv/tftp`, or none when `--tftp-server` is given.
    #[arg(long, value_name = "DIR")]
    tftp_root: Option<String>,
    /// dnsmasq, kea: a network card to listen on; may be repeated. All of them unless given.
    #[arg(long, value_name = "NAME")]
    interface: Vec<String>,
    /// dnsmasq, kea, dhcpd: another name for iPXE's file for `bios`, `x64`, `ia32` or `arm64`; may be repeated.
    #[arg(long, value_name = "FIRMWARE=FILE")]
    ipxe: Vec<String>,
    /// ansible: a variable of the fleet that Ansible is told; may be repeated, or be a list with commas. No other is.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    vars: Vec<String>,
    /// ansible: answer as an inventory script, with everything.
    #[arg(long, conflicts_with_all = ["host", "output"])]
    list: bool,
    /// ansible: answer as an inventory script, with the variables of one machine.
    #[arg(long, value_name = "NAME", conflicts_with = "output")]
    host: Option<String>,
    #[command(flatten)]
    levels: LevelFlags,
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Program {
    /// A server block that serves the tree.
    Nginx,
    /// DHCP and TFTP.
    Dnsmasq,
    /// DHCP.
    Kea,
    /// DHCP, by ISC's server.
    Dhcpd,
    /// Lines for `/etc/hosts`.
    Hosts,
    /// An inventory.
    Ansible,
    /// A part of `~/.ssh/config`.
    SshConfig,
}

impl Program {
    /// The program, and the options that mean something to it.
    fn known(self) -> (Kind, &'static [&'static str]) {
        match self {
            Program::Nginx => (Kind::Nginx, &["root", "certificate", "certificate_key"]),
            Program::Dnsmasq => (Kind::Dnsmasq, &["tftp_server", "tftp_root", "interface", "ipxe"]),
            Program::Kea => (Kind::Kea, &["tftp_server", "interface", "ipxe"]),
            Program::Dhcpd => (Kind::Dhcpd, &["tftp_server", "ipxe"]),
            Program::Hosts => (Kind::Hosts, &[]),
            Program::Ansible => (Kind::Ansible, &["vars", "list", "host"]),
            Program::SshConfig => (Kind::SshConfig, &[]),
        }
    }
}

/// Every option that means something to some program alone.
const OPTIONS: [&str; 10] =
    ["root", "certificate", "certificate_key", "tftp_server", "tftp_root", "interface", "ipxe", "vars", "list", "host"];

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        Failure::new(trouble.message).help(trouble.help)
    }
}

/// What is said when a fleet with errors was to be written.
const NOTHING: &str = "nothing is written while the fleet has errors";

/// Shows the errors of a fleet, in place of what was asked for.
fn refuse(loaded: &Loaded, aside: bool) -> Result<Outcome, Failure> {
    let compiled = &loaded.compiled;
    let outcome = match aside {
        true => output::report_aside(&compiled.report, &compiled.sources).map(|()| Outcome::Faults)?,
        false => loaded.show()?,
    };
    output::complain(NOTHING);
    Ok(outcome)
}

impl Emit {
    pub(super) fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let (kind, known) = self.kind.known();
        let given = |option: &&str| matches.value_source(option) == Some(ValueSource::CommandLine);
        if let Some(foreign) = OPTIONS.iter().filter(|option| given(option)).find(|option| !known.contains(option)) {
            let name = self.kind.to_possible_value().map_or(String::new(), |value| value.get_name().to_string());
            let failure = Failure::new(format!("`--{}` means nothing to `{name}`", foreign.replace('_', "-")));
            return Err(failure.help("`fleetc emit --help` says which program each option is for"));
        }
        let options = self.options()?;
        // What a script answers is read by Ansible, which shows a script's standard error alone.
        let aside = options.form != Form::File;
        let loaded = input::open(self.file.as_deref(), &self.levels, Format::Human, matches)?.load();
        let sink = Sink::default();
        let text = match loaded.compiled.fleet() {
            None => return refuse(&loaded, aside),
            Some(fleet) => beside::emit_and_report(fleet, kind, &options, &sink)?,
        };
        let told = loaded.told(sink);
        // Whoever asks again with each command has been told by `check`, and when the file was written.
        if told.has_errors() || !aside {
            output::report_aside(&told, &loaded.compiled.sources)?;
        }
        if told.has_errors() {
            output::complain(NOTHING);
            return Ok(Outcome::Faults);
        }
        match &self.output {
            None => output::print(&text)?,
            Some(path) => write(path, &text)
                .map_err(|error| Failure::new(format!("`{}` cannot be written: {}", path.display(), reason(&error))))?,
        }
        Ok(Outcome::Fine)
    }

    fn options(&self) -> Result<Options, Failure> {
        let mut files = Files::default();
        for file in &self.ipxe {
            files.set(file)?;
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-:".contains(c);
        // As long as the kernel lets the name of a card be.
        if let Some(bad) =
            self.interface.iter().find(|name| !(1..=15).contains(&name.len()) || !name.chars().all(plain))
        {
            return Err(Failure::new(format!("`{bad}` is no name of a network card")).help("`ip link` lists them"));
        }
        let tftp_root = match (&self.tftp_root, self.tftp_server) {
            (None, Some(_)) => None,
            (None, None) => Some("/srv/tftp".to_string()),
            (root, _) => root.clone(),
        };
        let form = match (&self.host, self.list) {
            (Some(name), _) => Form::Host(name.clone()),
            (None, true) => Form::List,
            (None, false) => Form::File,
        };
        Ok(Options {
            root: self.root.clone(),
            certificate: self.certificate.clone().zip(self.certificate_key.clone()),
            tftp_server: self.tftp_server,
            tftp_root,
            interfaces: self.interface.clone(),
            files,
            form,
            vars: self.vars.clone(),
        })
    }
}

/// Writes a file whole: what reads it sees the old text or the new one. A link, a device or a pipe is written through.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let there = std::fs::symlink_metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return std::fs::write(path, text);
    }
    let name = path.file_name().ok_or(std::io::ErrorKind::IsADirectory)?;
    // Folders of configuration are read whole, but for names that begin with a dot.
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(".fleetc");
    let beside = path.with_file_name(hidden);
    let mut file = std::fs::File::create(&beside)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let kept = |(): ()| there.map_or(Ok(()), |there| std::fs::set_permissions(&beside, there.permissions()));
    let moved = written.and_then(kept).and_then(|()| std::fs::rename(&beside, path));
    moved.inspect_err(|_| drop(std::fs::remove_file(&beside)))
}
