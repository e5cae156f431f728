//! What a source says of machines, whatever it is: the one type between those that read and those that write.

use super::value::{Entry, Value};
use crate::diag::Reported;
use crate::model::{Address, Cidr, HostAddress, Hostname, Mac, Name, Range, ServerUrl, ServiceFolder, State};
use crate::source::{Span, Spanned};

/// What a source says, as far as a fleet file can hold it. What it cannot hold was reported.
#[derive(Debug, Default)]
pub struct List {
    /// The machines, in the order in which they are to be written.
    pub hosts: Vec<Listed>,
    /// The roles that the source defines, each with its text.
    pub roles: Vec<Role>,
    /// The role of machines that are not listed.
    pub unlisted: Option<Spanned<Name>>,
    /// The networks that addresses lie in.
    pub networks: Vec<Network>,
    /// How machines are installed, as far as the source says.
    pub setup: Setup,
}

/// A machine.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Where it is listed, to blame for what is missing.
    pub place: Span,
    /// Its host name.
    pub name: Option<Spanned<Hostname>>,
    /// The addresses of its network cards.
    pub macs: Vec<Spanned<Mac>>,
    /// Its role.
    pub role: Option<Spanned<Name>>,
    /// Its static address.
    pub address: Option<Spanned<HostAddress>>,
    /// Whether it is to be installed, where that is said of it alone.
    pub state: Option<State>,
    /// Its labels, in the order of the source.
    pub labels: Vec<(String, String)>,
    /// Something of it could not be read, which was reported: nothing is to be made up for it.
    pub faulty: Option<Reported>,
}

impl Listed {
    /// A machine of which only its place is known.
    pub fn at(place: Span) -> Listed {
        let (macs, labels) = (Vec::new(), Vec::new());
        Listed { place, name: None, macs, role: None, address: None, state: None, labels, faulty: None }
    }
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: Name,
    /// What the first boot gets, byte for byte; none for a role without text.
    pub text: Option<String>,
    /// What is to be said of it behind its name.
    pub comment: Option<String>,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub name: Name,
    /// Its addresses.
    pub cidr: Cidr,
    /// The way out of it.
    pub gateway: Option<Address>,
    /// Its name server.
    pub dns: Option<Address>,
    /// The addresses that DHCP gives out.
    pub range: Option<Range>,
    /// What is to be said of it.
    pub comment: Option<String>,
}

/// How machines are installed. What is not set gets a stand-in, marked as one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// Where machines find the tree.
    pub url: Option<ServerUrl>,
    /// The folder of the service's answers.
    pub service: Option<ServiceFolder>,
    /// The installer's kernel: a URL, or a path on the server.
    pub kernel: Option<String>,
    /// The installer's initrd.
    pub initrd: Option<String>,
    /// The installer's kernel arguments.
    pub boot_args: Option<Vec<String>>,
    /// What the installer's template says: without it, nothing is known of disks and software, and the fleet file that
    /// is written installs nothing until somebody says so.
    pub template: Option<Template>,
}

/// What an installer's template says, as parts of a fleet file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    /// The name of its layout and its role, and the place that asks for it; none where it is for all of a service.
    pub name: Option<Spanned<Name>>,
    /// The release's `version`.
    pub version: Option<Value>,
    /// The disks of the layout.
    pub layout: Option<Value>,
    /// Settings for `defaults`: bundles, users, hooks …
    pub settings: Vec<Entry>,
    /// The static address of the one machine that it is for.
    pub address: Option<Spanned<HostAddress>>,
    /// The URL of the service that machines ask for their role, which ends in a slash.
    pub service: Option<Spanned<String>>,
}

impl Role {
    /// Where its text is kept beside the fleet file.
    pub fn file(&self) -> String {
        let script = self.text.as_ref().is_some_and(|text| text.starts_with("#!"));
        format!("roles/{}.{}", self.name.as_str(), if script { "sh" } else { "yaml" })
    }
}

impl List {
    /// The names of the roles that are spoken of, in order of name, each once.
    pub(super) fn role_names(&self) -> Vec<Name> {
        let spoken = self.hosts.iter().filter_map(|host| host.role.as_ref()).chain(&self.unlisted);
        let mut names: Vec<Name> = spoken.map(|role| role.value.clone()).collect();
        names.extend(self.roles.iter().map(|role| role.name.clone()));
        names.sort();
        names.dedup();
        names
    }
}
