//! One machine.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::{Few, Hostname, Labels, Mac, NetworkId, RoleId, Settings, State, Vars};
use crate::source::Spanned;

/// A machine of the fleet.
#[derive(Clone, Debug, Hash)]
pub struct Host {
    /// Its host name.
    pub name: Spanned<Hostname>,
    /// The address of every network card that it may ask with.
    pub macs: Few<Spanned<Mac>>,
    /// What it is for.
    pub role: Spanned<RoleId>,
    /// Its static address; without one it uses DHCP.
    pub address: Option<Spanned<StaticAddress>>,
    /// Its settings; shared with its role when it sets none of its own.
    pub settings: Arc<Settings>,
    /// Its labels; shared with its role when it sets none of its own.
    pub labels: Arc<Labels>,
    /// Its variables; shared with its role when it sets none of its own.
    pub vars: Arc<Vars>,
}

impl Host {
    /// Whether its boot script installs.
    pub fn installs(&self) -> bool {
        self.settings.state() == State::Install
    }
}

/// An address with the network that contains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StaticAddress {
    /// The address.
    pub ip: Ipv4Addr,
    /// The length of its network's prefix.
    pub prefix: u8,
    /// The network.
    pub network: NetworkId,
}

/// A machine with a fault that leaves no whole host: what is known of it.
#[derive(Clone, Debug)]
pub struct Stray {
    /// Its host name.
    pub name: Spanned<Hostname>,
    /// The addresses of its network cards, as far as they could be read.
    pub macs: Few<Spanned<Mac>>,
    /// Its static address.
    pub address: Option<Spanned<StaticAddress>>,
}

/// By what a machine is known.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'f> {
    /// Its host name.
    pub name: &'f Spanned<Hostname>,
    /// The addresses of its network cards.
    pub macs: &'f [Spanned<Mac>],
    /// Its static address.
    pub address: Option<&'f Spanned<StaticAddress>>,
}
