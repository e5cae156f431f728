//! Fleet to tree: every file that is served, an artifact a file of the source.
//!
//! Files are made one at a time, when asked for; what is kept is a list of what there is, in the order of its paths.

mod backend;
mod ipxe;
pub mod ister;
mod job;
mod mark;
mod order;
mod part;
pub mod read;
mod service;
mod walk;

use std::sync::Arc;

use crate::diag::Sink;
use crate::model::{ArtifactSource, Fleet, Host, Mac, RoleId, RoleText};
use crate::source::{Sources, Span};
use crate::template::{Audience, Templates};
use crate::tree::{Body, File, Mark, Origin, Tree, TreePath};
use backend::Mould;
use job::{Delivery, Job};
use order::Item;

pub use backend::FILES;
pub use ipxe::{KERNEL_LINE_LIMIT, kernel_line_length};
pub use order::{ENTRY, FOLDERS, boot_script, installer_files, installer_folder, role_text};
pub use part::Part;
pub use service::default_answer;
pub use walk::Fetched;

/// The tree of a fleet.
pub struct Emission<'f> {
    fleet: &'f Fleet,
    sources: &'f Sources,
    templates: Templates<'f>,
    items: Vec<Item>,
    /// By role: the mould of its settings.
    moulds: Vec<Mould>,
}

impl<'f> Emission<'f> {
    /// The tree of a fleet without errors.
    ///
    /// # Panics
    /// When the fleet has errors after all: a fault of fleetc, since [`crate::compile::Compiled::fleet`] hands out none
    /// with errors.
    pub fn new(fleet: &'f Fleet, sources: &'f Sources) -> Emission<'f> {
        let sink = Sink::default();
        let templates = Templates::new(fleet, &sink);
        assert!(sink.is_empty(), "a fleet with errors is not emitted");
        let items = order::items(fleet, &templates);
        let moulds = fleet.roles.iter().map(|_| Mould::default()).collect();
        Emission { fleet, sources, templates, items, moulds }
    }

    /// The file at a path.
    pub fn find(&self, path: &str) -> Option<File<'_>> {
        Tree::find(self, path)
    }

    fn host(&self, index: u32) -> &'f Host {
        &self.fleet.hosts[index as usize]
    }

    fn text(&self, audience: Audience<'_>) -> Vec<u8> {
        match self.templates.render(audience) {
            Some(Ok(rendered)) => rendered.into_bytes(),
            Some(Err(fault)) => unreachable!("a text that was judged does not render: {}", fault.message),
            None => unreachable!("a text that was judged is gone"),
        }
    }

    /// How a host's role text reaches it.
    fn delivery(&self, host: &Host) -> Delivery<'f> {
        match self.fleet.text_of(host) {
            Some(_) => Delivery::Service,
            None => Delivery::None,
        }
    }

    /// The addresses of all listed network cards, in their order.
    fn macs(&self) -> Vec<Mac> {
        let mut macs: Vec<Mac> =
            self.fleet.hosts.iter().flat_map(|host| host.macs.iter().map(|mac| mac.value)).collect();
        macs.sort_unstable();
        macs
    }

    fn host_job<'h>(&self, host: &'h Host) -> Job<'h>
    where
        'f: 'h,
    {
        Job { fleet: self.fleet, settings: &host.settings, host: Some(host), delivery: self.delivery(host) }
    }

    fn unknown_job(&self, role: RoleId) -> Job<'f> {
        let role = self.fleet.role(role);
        let delivery = if role.text.is_some() { Delivery::Fetch(role.name.as_str()) } else { Delivery::None };
        Job { fleet: self.fleet, settings: &role.settings, host: None, delivery }
    }

    /// The place that a file comes from.
    fn place(&self, item: Item) -> Span {
        let fleet = self.fleet;
        let text = |text: Option<&RoleText>| text.map_or(Span::default(), |text| text.span_of(0, 0));
        match item {
            Item::Entry => fleet.server.url.span,
            Item::Boot { host, card } | Item::Config { host, card } => self.host(host).macs[card as usize].span,
            Item::DefaultConfig { role } | Item::UnknownInstaller { role, .. } => fleet.role(role).name.span,
            Item::Role { role } => text(fleet.role(role).text.map(|id| fleet.text(id.value))),
            Item::OwnRole { host } => text(fleet.text_of(self.host(host))),
            Item::Installer { host, .. } => self.host(host).name.span,
            Item::Artifact { release, kernel } => order::artifact(fleet, release, kernel).source.span,
        }
    }

    /// The bytes of a file.
    fn make(&self, item: Item) -> Vec<u8> {
        let fleet = self.fleet;
        match item {
            Item::Entry => {
                let job = fleet.unknown_role().map(|role| self.unknown_job(role.value));
                // Only where others are installed, it has them.
                let macs = if job.is_some() { self.macs() } else { Vec::new() };
                ipxe::entry(fleet, &macs, job.as_ref()).into_bytes()
            }
            Item::Boot { host, .. } => {
                let host = self.host(host);
                let script = if host.installs() { ipxe::install(&self.host_job(host)) } else { ipxe::local(host) };
                script.into_bytes()
            }
            Item::Config { host, card } => {
                let host = self.host(host);
                service::config(&host.macs[card as usize].colons(), &self.role_name(host))
            }
            Item::DefaultConfig { role } => service::default_answer(fleet.role(role).name.as_str()),
            Item::Role { role } => self.text(Audience::Role(role)),
            Item::OwnRole { host } => self.text(Audience::Host(self.host(host))),
            Item::Installer { host, file } => {
                let host = self.host(host);
                backend::file(&self.host_job(host), file, self.mould(host))
            }
            Item::UnknownInstaller { role, file } => backend::file(&self.unknown_job(role), file, None),
            Item::Artifact { .. } => unreachable!("copies have no bytes here"),
        }
    }

    /// The mould of a host's settings, if they are those of its role.
    fn mould(&self, host: &Host) -> Option<&Mould> {
        let role = host.role.value;
        Arc::ptr_eq(&host.settings, &self.fleet.role(role).settings).then(|| &self.moulds[role.0 as usize])
    }

    /// The name under which the service has a host's role text.
    fn role_name(&self, host: &Host) -> String {
        order::role_name(self.fleet, &self.templates, host)
    }
}

impl Tree for Emission<'_> {
    fn len(&self) -> usize {
        self.items.len()
    }

    fn file(&self, index: usize) -> File<'_> {
        let item = self.items[index];
        let path = self.path(index);
        if let Item::Artifact { release, kernel } = item
            && let ArtifactSource::File(name) = &order::artifact(self.fleet, release, kernel).source.value
        {
            return File { path, body: Body::Copy(name) };
        }
        File { path, body: Body::Bytes(self.make(item).into()) }
    }

    fn origin(&self, index: usize) -> Origin<'_> {
        let place = self.place(self.items[index]);
        let source = self.sources.get(place.file);
        Origin { file: &source.name, line: source.line_of(place.start) }
    }

    fn path(&self, index: usize) -> TreePath {
        let mut path = String::with_capacity(96);
        self.put_path(index, &mut path);
        TreePath::new(path)
    }

    fn put_path(&self, index: usize, path: &mut String) {
        order::path_into(path, self.fleet, &self.templates, self.items[index]);
    }

    fn reader(&self, index: usize) -> Option<u32> {
        order::reader(self.items[index])
    }

    fn machines(&self) -> u32 {
        self.fleet.hosts.len() as u32
    }

    fn mark(&self, machine: u32) -> Option<Mark> {
        let host = self.host(machine);
        Some(mark::host(self.fleet, host, self.templates.is_own(host)))
    }

    fn ground(&self) -> Option<Mark> {
        Some(mark::ground(self.fleet, &self.make(Item::Entry)))
    }
}
