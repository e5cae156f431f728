//! What stands beside the tree: the configuration of the servers that lead machines to it, and of the programs that take
//! over when they are installed, from the same fleet, so that none of them and the tree can disagree. An artifact a file.

mod ansible;
mod dhcp;
mod dhcpd;
mod dnsmasq;
mod domain;
mod firmware;
mod groups;
mod hosts;
mod inventory;
mod json;
mod kea;
mod nginx;
mod ssh_config;
mod trouble;
mod yaml;

use std::net::Ipv4Addr;

use crate::diag::Sink;
use crate::model::{Fleet, Host};
use crate::rules;

pub use firmware::Files;
pub use trouble::Trouble;

/// One function for each language that writes a text so that its reader reads that text; a fuzz target asks the readers,
/// and for OpenSSH and YAML the tests ask the programs.
pub mod quote {
    pub use super::dhcpd::quoted as dhcpd;
    pub use super::dnsmasq::quoted as dnsmasq;
    pub use super::json::string as json;
    pub use super::nginx::quoted as nginx;
    pub use super::ssh_config::quoted as ssh_config;
    pub use super::yaml::quoted as yaml;
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A server block for nginx.
    Nginx,
    /// DHCP and TFTP, by dnsmasq.
    Dnsmasq,
    /// DHCP, by Kea.
    Kea,
    /// DHCP, by ISC's dhcpd.
    Dhcpd,
    /// Lines for `/etc/hosts`.
    Hosts,
    /// Ansible's inventory.
    Ansible,
    /// A part of OpenSSH's configuration.
    SshConfig,
}

/// How an inventory is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// As a file, in YAML.
    #[default]
    File,
    /// As the answer of an inventory script to `--list`.
    List,
    /// As its answer to `--host NAME`.
    Host(String),
}

/// What the fleet file cannot know.
#[derive(Clone, Debug)]
pub struct Options {
    /// nginx: the folder of the tree, as an absolute path.
    pub root: String,
    /// nginx, for an `https` URL: the files of the certificate and of its key.
    pub certificate: Option<(String, String)>,
    /// DHCP: the machine that has iPXE's files, by TFTP; the host of the server's URL unless given.
    pub tftp_server: Option<Ipv4Addr>,
    /// dnsmasq: the folder that it serves by TFTP itself, as an absolute path; none when another program does.
    pub tftp_root: Option<String>,
    /// dnsmasq, Kea: the network cards that they listen on; all of them when empty.
    pub interfaces: Vec<String>,
    /// DHCP: the names of iPXE's files.
    pub files: Files,
    /// Ansible: how the inventory is asked for.
    pub form: Form,
    /// Ansible: the variables of the fleet that it is told; no others.
    pub vars: Vec<String>,
}

/// The configuration of a program for a fleet without errors, as text.
///
/// # Errors
/// What the fleet or the options lack for it, or what the program could not be told.
pub fn emit(fleet: &Fleet, kind: Kind, options: &Options) -> Result<String, Trouble> {
    emit_and_report(fleet, kind, options, &Sink::default())
}

/// The same; what is to be said of the fleet besides goes to `sink`: machines into which Ansible does not get.
///
/// # Errors
/// Those of [`emit`].
pub fn emit_and_report(fleet: &Fleet, kind: Kind, options: &Options, sink: &Sink) -> Result<String, Trouble> {
    match kind {
        Kind::Nginx => nginx::emit(fleet, options),
        Kind::Dnsmasq => dnsmasq::emit(fleet, options),
        Kind::Kea => kea::emit(fleet, options),
        Kind::Dhcpd => dhcpd::emit(fleet, options),
        Kind::Hosts => hosts::emit(fleet),
        Kind::Ansible => {
            let access = rules::access(fleet);
            // A machine that says itself as whom Ansible comes is not asked.
            let says = options.vars.iter().any(|name| name == "ansible_user");
            let asked = |host: &Host| !says || host.vars.get("ansible_user").is_none();
            rules::closed_to_ansible(fleet, &access, asked, sink);
            ansible::emit(fleet, &access, options)
        }
        Kind::SshConfig => ssh_config::emit(fleet, &rules::access(fleet)),
    }
}
