//! Addresses: IPv4 addresses, networks, ranges.

use std::fmt;
use std::net::Ipv4Addr;

use ipnetwork::Ipv4Network;

use super::text::{FromText, text_schema};
use crate::diag::{Fault, rule};

rule! {
    /// ## What it does
    /// Text that is no IPv4 address, network or range where one belongs.
    ///
    /// ## Why it matters
    /// The installer takes IPv4 alone (contract I-15, I-43), and what it does not understand stops it; a prefix length
    /// like `/99` it does not even notice.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.256 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24, gateway: 192.168.1.1 }
    /// ```
    pub MALFORMED_ADDRESS, malformed_address: "malformed-address", Network, Error, fixed;
}

rule! {
    /// ## What it does
    /// A network written with the address of a host in it.
    ///
    /// ## Why it matters
    /// `192.168.1.7/24` may be a slip for `192.168.1.0/24` or for a smaller network; the hosts' gateways and prefix
    /// lengths follow from it.
    ///
    /// ## Example
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.7/24 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// networks:
    ///   rack1: { cidr: 192.168.1.0/24 }
    /// ```
    pub HOST_BITS_IN_CIDR, host_bits_in_cidr: "host-bits-in-cidr", Network, Error, fixed;
}

fn ipv4(text: &str) -> Result<Ipv4Addr, Fault> {
    text.parse().map_err(|_| {
        let help = if text.contains(':') {
            "the installer takes IPv4 alone"
        } else if text.split('.').any(|part| part.len() > 1 && part.starts_with('0')) {
            "write the numbers without leading zeros"
        } else {
            "four numbers from 0 to 255, like `192.168.1.11`"
        };
        MALFORMED_ADDRESS.fault(format!("`{text}` is no IPv4 address")).help(help)
    })
}

fn prefix(text: &str) -> Result<u8, Fault> {
    let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u8>().ok()).flatten();
    number.filter(|prefix| *prefix <= 32).ok_or_else(|| {
        let fault = MALFORMED_ADDRESS.fault(format!("`/{text}` is no prefix length"));
        fault.help("a number from 0 to 32; `255.255.255.0` is `/24`")
    })
}

/// A network in CIDR form, `192.168.1.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr(Ipv4Network);

impl Cidr {
    /// The network of this prefix length that an address lies in; none for a length past 32.
    pub fn of(address: Ipv4Addr, length: u8) -> Option<Cidr> {
        let within = Ipv4Network::new(address, length).ok()?;
        Ipv4Network::new(within.network(), length).ok().map(Cidr)
    }

    /// The network's own address.
    pub fn network(self) -> Ipv4Addr {
        self.0.network()
    }

    /// The address that reaches every host of the network.
    pub fn broadcast(self) -> Ipv4Addr {
        self.0.broadcast()
    }

    /// Prefix length, 0 to 32.
    pub fn prefix(self) -> u8 {
        self.0.prefix()
    }

    /// Netmask, like 255.255.255.0.
    pub fn mask(self) -> Ipv4Addr {
        self.0.mask()
    }

    /// Whether `address` lies in the network.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        self.0.contains(address)
    }

    /// Whether the two have an address in common.
    pub fn overlaps(self, other: Cidr) -> bool {
        self.0.overlaps(other.0)
    }

    /// What kind of addresses it has that no machine can have; the whole space is none of them.
    pub fn unusable(self) -> Option<&'static str> {
        match self.network().octets()[0] {
            _ if self.prefix() < 4 => None,
            0 => Some("addresses without a meaning outside one machine"),
            127 => Some("loopback addresses"),
            224..=239 => Some("multicast addresses"),
            240.. => Some("reserved addresses"),
            _ => None,
        }
    }

    /// The network of this size that contains `address`.
    pub fn around(self, address: Ipv4Addr) -> Cidr {
        Cidr(
            Ipv4Network::new(address, self.prefix())
                .map_or(self.0, |network| Ipv4Network::new(network.network(), self.prefix()).unwrap_or(self.0)),
        )
    }

    /// Whether the first and last address are no hosts: so in all networks but /31 and /32 (RFC 3021).
    pub fn has_reserved_ends(self) -> bool {
        self.prefix() < 31
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromText for Cidr {
    fn from_text(text: &str) -> Result<Cidr, Fault> {
        let Some((address, length)) = text.split_once('/') else {
            ipv4(text)?;
            let fault = MALFORMED_ADDRESS.fault(format!("`{text}` has no prefix length"));
            return Err(fault.help(format!("a network is written like `{text}/24`")));
        };
        let (address, length) = (ipv4(address)?, prefix(length)?);
        let malformed = || MALFORMED_ADDRESS.fault(format!("`{text}` is no network"));
        let network = Ipv4Network::new(address, length).map_err(|_| malformed())?;
        if network.network() != address {
            let fault = HOST_BITS_IN_CIDR.fault(format!("`{text}` is a host's address, not a network"));
            return Err(fault.help(format!("the network is `{}/{length}`", network.network())));
        }
        Ok(Cidr(network))
    }
}

text_schema!(Cidr, "network in CIDR form", "IPv4 network in CIDR form, like 192.168.1.0/24",
    "type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,3}){3}/[0-9]{1,2}$");

/// An IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub Ipv4Addr);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromText for Address {
    fn from_text(text: &str) -> Result<Address, Fault> {
        ipv4(text).map(Address)
    }
}

text_schema!(Address, "IPv4 address", "IPv4 address, like 192.168.1.1",
    "type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,3}){3}$");

/// A host's address, with or without its prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HostAddress {
    /// The address.
    pub ip: Ipv4Addr,
    /// The prefix length, when it is written.
    pub prefix: Option<u8>,
}

impl FromText for HostAddress {
    fn from_text(text: &str) -> Result<HostAddress, Fault> {
        match text.split_once('/') {
            Some((ip, length)) => Ok(HostAddress { ip: ipv4(ip)?, prefix: Some(prefix(length)?) }),
            None => Ok(HostAddress { ip: ipv4(text)?, prefix: None }),
        }
    }
}

text_schema!(HostAddress, "host address", "IPv4 address, with or without its prefix length",
    "type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,2})?$");

/// A range of addresses, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    /// The lowest.
    pub first: Ipv4Addr,
    /// The highest.
    pub last: Ipv4Addr,
}

impl Range {
    /// Whether `address` lies in the range.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        (self.first..=self.last).contains(&address)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl FromText for Range {
    fn from_text(text: &str) -> Result<Range, Fault> {
        let Some((first, last)) = text.split_once('-') else {
            let fault = MALFORMED_ADDRESS.fault(format!("`{text}` is no range of addresses"));
            return Err(fault.help("write the first and the last: `192.168.1.128-192.168.1.253`"));
        };
        let range = Range { first: ipv4(first.trim())?, last: ipv4(last.trim())? };
        if range.first > range.last {
            let fault = MALFORMED_ADDRESS.fault(format!("the range `{text}` ends before it begins"));
            return Err(fault.help(format!("`{}-{}`", range.last, range.first)));
        }
        Ok(range)
    }
}

text_schema!(Range, "address range", "range of IPv4 addresses, first-last",
    "type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,3}){3} ?- ?[0-9]{1,3}(\\.[0-9]{1,3}){3}$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_exact() {
        let rule = |text| Cidr::from_text(text).map_err(|fault| fault.rule.id).err();
        assert_eq!(rule("192.168.1.0/24"), None);
        assert_eq!(rule("0.0.0.0/0"), None);
        assert_eq!(rule("192.168.1.1/24"), Some("host-bits-in-cidr"));
        for bad in
            ["192.168.1.0", "192.168.1.0/33", "192.168.1.0/+4", "192.168.1/24", "fe80::/64", "192.168.01.0/24", ""]
        {
            assert_eq!(rule(bad), Some("malformed-address"), "{bad}");
        }
    }

    #[test]
    fn host_addresses_take_no_nonsense_that_the_installer_would() {
        // contract I-43: `/99`, `/24/5` and a port pass the installer's own check
        for bad in ["192.168.1.1/99", "192.168.1.1/24/5", "192.168.1.1:80", "192.168.1.1/24:80", "192.168.1.1/"] {
            assert!(HostAddress::from_text(bad).is_err(), "{bad}");
        }
        assert_eq!(HostAddress::from_text("10.0.0.1/8").ok().and_then(|address| address.prefix), Some(8));
    }

    #[test]
    fn addresses_that_no_machine_can_have() {
        let bad = |text| Cidr::from_text(text).ok().and_then(Cidr::unusable).is_some();
        for text in ["127.0.0.0/8", "127.1.0.0/16", "224.0.0.0/4", "239.1.1.0/24", "240.0.0.0/4", "0.0.0.0/8"] {
            assert!(bad(text), "{text}");
        }
        for text in ["0.0.0.0/0", "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "223.255.255.0/24", "192.168.0.0/31"]
        {
            assert!(!bad(text), "{text}");
        }
    }
}
