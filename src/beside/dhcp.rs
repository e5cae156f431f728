//! What a DHCP server has to know, whichever it is: the four that can be written say the same, because they say this.

use std::net::Ipv4Addr;

use super::Options;
use super::domain::{MAX_LABEL, domain};
use super::trouble::Trouble;
use crate::emit::ENTRY;
use crate::model::{Cidr, Fleet, Host, Mac, Network, Range};

/// Seconds for which an address is lent.
pub(super) const LEASE: u32 = 3600;

/// A file name in DHCP is shorter than this (contract X-8).
const FILE_LIMIT: usize = 128;

/// The user class that iPXE gives itself (contract N-3).
pub(super) const USER_CLASS: &str = "iPXE";

/// The option that iPXE sends, and nobody else (contract N-3).
pub(super) const IPXE_OPTION: u8 = 175;

/// The vendor class without which UEFI HTTP boot ignores an answer (contract N-10).
pub(super) const HTTP_CLASS: &str = "HTTPClient";

/// What a DHCP server has to know.
pub(super) struct Dhcp<'f> {
    /// What iPXE gets, and nobody else: the URL of the entry.
    pub(super) script: String,
    /// The server that has iPXE's files.
    pub(super) tftp: Ipv4Addr,
    /// What firmware gets.
    pub(super) boots: Vec<Boot<'f>>,
    /// The networks, by address.
    pub(super) subnets: Vec<Subnet<'f>>,
    /// Machines without an address: the server tells them their names. By name.
    pub(super) named: Vec<&'f Host>,
    /// What will not work, in lines for people.
    pub(super) notes: Vec<String>,
}

/// What a firmware gets that asks with one of some codes.
pub(super) struct Boot<'f> {
    /// A name for the case.
    pub(super) tag: String,
    /// What is said of it to people.
    pub(super) title: String,
    /// The codes of option 93.
    pub(super) codes: &'static [u16],
    /// The file: a name for TFTP, or a URL.
    pub(super) file: String,
    /// The name of the file that this is about.
    pub(super) name: &'f str,
    /// Whether it is UEFI HTTP boot, which wants a vendor class in the answer.
    pub(super) http: bool,
}

/// A network, with the machines that have an address in it.
pub(super) struct Subnet<'f> {
    pub(super) name: &'f str,
    pub(super) cidr: Cidr,
    pub(super) range: Option<Range>,
    pub(super) gateway: Option<Ipv4Addr>,
    pub(super) dns: Option<Ipv4Addr>,
    pub(super) domain: Option<&'f str>,
    /// Addresses and machines, by address.
    pub(super) reserved: Vec<(Ipv4Addr, &'f Host)>,
}

/// The addresses of a host's cards, as it lists them.
pub(super) fn macs(host: &Host) -> impl Iterator<Item = Mac> {
    host.macs.iter().map(|mac| mac.value)
}

/// Reads the fleet for a DHCP server.
pub(super) fn read<'f>(fleet: &'f Fleet, options: &'f Options) -> Result<Dhcp<'f>, Trouble> {
    let mut subnets = fleet.networks.iter().map(subnet).collect::<Result<Vec<_>, _>>()?;
    if subnets.is_empty() {
        let help = "add one under `networks`, with `cidr`, `gateway` and `dhcp_range`";
        return Err(Trouble::new("the fleet has no network, and a DHCP server needs one", help));
    }
    let mut named = Vec::new();
    for host in &fleet.hosts {
        if host.name.as_str().len() > MAX_LABEL {
            let message = format!("the name `{}` is too long for DHCP", host.name.as_str());
            return Err(Trouble::new(message, format!("{MAX_LABEL} characters at most")));
        }
        match &host.address {
            Some(address) => subnets[address.network.0 as usize].reserved.push((address.ip, host)),
            None => named.push(host),
        }
    }
    subnets.sort_by_key(|subnet| (subnet.cidr.network(), subnet.cidr.prefix()));
    apart(&subnets)?;
    for subnet in &mut subnets {
        subnet.reserved.sort_by_key(|(ip, _)| *ip);
    }
    let script = fleet.server.url.join(ENTRY);
    let boots = boots(fleet, options);
    for file in boots.iter().map(|boot| &boot.file).chain([&script]) {
        if file.len() >= FILE_LIMIT {
            let message = format!("`{file}` is too long for DHCP, which takes {} characters", FILE_LIMIT - 1);
            return Err(Trouble::new(message, "choose a shorter name, or a shorter `server.url`"));
        }
    }
    let notes = notes(fleet, &subnets, &named);
    Ok(Dhcp { script, tftp: tftp(fleet, options)?, boots, subnets, named, notes })
}

fn subnet(network: &Network) -> Result<Subnet<'_>, Trouble> {
    Ok(Subnet {
        name: network.name.as_str(),
        cidr: network.cidr.value,
        range: network.dhcp_range.map(|range| range.value),
        gateway: network.gateway.map(|gateway| gateway.value.0),
        dns: network.dns.map(|dns| dns.value.0),
        domain: domain(network)?,
        reserved: Vec::new(),
    })
}

/// A server tells by the address of its card, or of a relay, which network a machine is in.
fn apart(subnets: &[Subnet<'_>]) -> Result<(), Trouble> {
    for pair in subnets.windows(2) {
        if pair[0].cidr.overlaps(pair[1].cidr) {
            let [outer, inner] = [&pair[0], &pair[1]].map(|subnet| format!("`{}` ({})", subnet.name, subnet.cidr));
            let message = format!("network {inner} lies inside network {outer}");
            return Err(Trouble::new(message, "a DHCP server cannot tell which of them a machine is in; part them"));
        }
    }
    Ok(())
}

fn tftp(fleet: &Fleet, options: &Options) -> Result<Ipv4Addr, Trouble> {
    let host = fleet.server.url.host();
    options.tftp_server.map_or_else(|| host.parse(), Ok).map_err(|_| {
        let message = format!("DHCP needs the address of the TFTP server, and `{host}` is a name");
        Trouble::new(message, "give it with `--tftp-server ADDRESS`")
    })
}

fn boots<'f>(fleet: &Fleet, options: &'f Options) -> Vec<Boot<'f>> {
    let files = options.files.iter();
    let by_tftp = files.clone().map(|(firmware, file)| Boot {
        tag: firmware.name.to_string(),
        title: firmware.title.to_string(),
        codes: firmware.codes,
        file: file.to_string(),
        name: file,
        http: false,
    });
    let by_http = files.filter(|(firmware, _)| !firmware.http_codes.is_empty()).map(|(firmware, file)| Boot {
        tag: format!("{}-http", firmware.name),
        title: format!("{}, HTTP boot", firmware.title),
        codes: firmware.http_codes,
        file: fleet.server.url.join(file),
        name: file,
        http: true,
    });
    by_tftp.chain(by_http).collect()
}

fn notes(fleet: &Fleet, subnets: &[Subnet<'_>], named: &[&Host]) -> Vec<String> {
    let mut notes = Vec::new();
    if subnets.iter().all(|subnet| subnet.range.is_none()) {
        notes.push("No network has a `dhcp_range`: machines without an address of their own get none.".to_string());
        if let [first, ..] = named {
            notes.push(format!("These are {} of the fleet, the first is `{}`.", named.len(), first.name.as_str()));
        }
    }
    let host = fleet.server.url.host();
    if host.parse::<Ipv4Addr>().is_err() {
        for subnet in subnets.iter().filter(|subnet| subnet.dns.is_none()) {
            notes.push(format!("Network `{}` has no `dns`, so its machines will not find `{host}`.", subnet.name));
        }
    }
    notes
}

/// The first lines of a configuration, without the sign of a comment: what wrote it, how it is used, what it needs.
pub(super) fn header(kind: &str, usage: &[String], dhcp: &Dhcp<'_>) -> Vec<String> {
    let mut lines = vec![format!("Written by `fleetc emit {kind}`; change the fleet file, not this.")];
    lines.extend_from_slice(usage);
    let list = |http: bool| {
        let files = dhcp.boots.iter().filter(|boot| boot.http == http);
        files.map(|boot| boot.name.to_string()).collect::<Vec<_>>().join(", ")
    };
    lines.push(format!("iPXE by TFTP, from {}: {}", dhcp.tftp, list(false)));
    lines.push(format!("iPXE for HTTP boot, beside the tree: {}", list(true)));
    lines.extend(dhcp.notes.iter().cloned());
    lines
}
