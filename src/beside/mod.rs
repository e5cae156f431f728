//! What stands beside the tree: the configuration of the servers that lead machines to it, from the same fleet, so that
//! DHCP, the boot files and the tree cannot disagree. An artifact a file.

mod dhcp;
mod dhcpd;
mod dnsmasq;
mod domain;
mod firmware;
mod hosts;
mod json;
mod kea;
mod nginx;
mod trouble;

use std::net::Ipv4Addr;

use crate::model::Fleet;

pub use firmware::Files;
pub use trouble::Trouble;

/// One function for each language that writes a text so that its reader reads that text; a fuzz target asks the readers.
pub mod quote {
    pub use super::dhcpd::quoted as dhcpd;
    pub use super::dnsmasq::quoted as dnsmasq;
    pub use super::json::string as json;
    pub use super::nginx::quoted as nginx;
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
}

/// The configuration of a server for a fleet, as text.
///
/// # Errors
/// What the fleet or the options lack for it, or what the server could not be told.
pub fn emit(fleet: &Fleet, kind: Kind, options: &Options) -> Result<String, Trouble> {
    match kind {
        Kind::Nginx => nginx::emit(fleet, options),
        Kind::Dnsmasq => dnsmasq::emit(fleet, options),
        Kind::Kea => kea::emit(fleet, options),
        Kind::Dhcpd => dhcpd::emit(fleet, options),
        Kind::Hosts => hosts::emit(fleet),
    }
}
