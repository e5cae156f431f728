//! Fleet to tree: every file that is served, an artifact a file of the source.
//!
//! Files are made one at a time, when asked for; what is kept is a list of what there is, in the order of its paths.

mod backend;
mod ipxe;
pub mod ister;
mod job;
mod order;
mod part;
pub mod read;
mod service;
mod walk;

use std::borrow::Cow;

use crate::diag::Sink;
use crate::model::{ArtifactSource, Fleet, Host, Mac, RoleId};
use crate::source::{Sources, Span};
use crate::template::{Audience, Templates};
use crate::tree::{Body, File, Origin, Tree, TreePath};
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
        Emission { fleet, sources, templates, items }
    }

    /// The file at a path.
    pub fn find(&self, path: &str) -> Option<File<'_>> {
        let path_of = |item: &Item| order::path(self.fleet, &self.templates, *item);
        let index = self.items.binary_search_by(|item| path_of(item).as_str().cmp(path)).ok()?;
        Some(self.file(index))
    }

    /// Whether files of the tree lie in the folder `path`, written without a slash at its end.
    pub fn has_folder(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        let path_of = |item: &Item| order::path(self.fleet, &self.templates, *item);
        let first = self.items.partition_point(|item| path_of(item).as_str() < folder.as_str());
        self.items.get(first).is_some_and(|item| path_of(item).starts_with(&folder))
    }

    fn origin(&self, span: Span) -> Origin<'_> {
        let source = self.sources.get(span.file);
        Origin { file: &source.name, line: source.line_of(span.start) }
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
    fn delivery(&self, host: &Host) -> Delivery {
        match self.fleet.text_of(host) {
            Some(_) => Delivery::Service(self.fleet.server.service_url()),
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
        let folder = order::config_folder(self.fleet, Some(host));
        Job { fleet: self.fleet, settings: &host.settings, host: Some(host), folder, delivery: self.delivery(host) }
    }

    fn unknown_job(&self, role: RoleId) -> Job<'f> {
        let folder = order::config_folder(self.fleet, None);
        let role = self.fleet.role(role);
        let delivery = match role.text {
            Some(_) => Delivery::Fetch(format!("{}get_role/{}", self.fleet.server.service_url(), role.name.as_str())),
            None => Delivery::None,
        };
        Job { fleet: self.fleet, settings: &role.settings, host: None, folder, delivery }
    }

    /// The bytes of a file, and the place it comes from.
    fn make(&self, item: Item) -> (Cow<'f, [u8]>, Span) {
        let fleet = self.fleet;
        match item {
            Item::Entry => {
                let job = fleet.unknown_role().map(|role| self.unknown_job(role.value));
                (ipxe::entry(fleet, &self.macs(), job.as_ref()).into_bytes().into(), fleet.server.url.span)
            }
            Item::Boot { host, card } => {
                let host = self.host(host);
                let script = if host.installs() { ipxe::install(&self.host_job(host)) } else { ipxe::local(host) };
                (script.into_bytes().into(), host.macs[card as usize].span)
            }
            Item::Config { host, card } => {
                let host = self.host(host);
                let mac = host.macs[card as usize];
                (service::config(&mac.colons(), &self.role_name(host)).into(), mac.span)
            }
            Item::DefaultConfig { role } => {
                let role = fleet.role(role);
                (service::default_answer(role.name.as_str()).into(), role.name.span)
            }
            Item::Role { role } => {
                let span = fleet.role(role).text.map_or(Span::default(), |id| fleet.text(id.value).span_of(0, 0));
                (self.text(Audience::Role(role)).into(), span)
            }
            Item::OwnRole { host } => {
                let host = self.host(host);
                let span = fleet.text_of(host).map_or(Span::default(), |text| text.span_of(0, 0));
                (self.text(Audience::Host(host)).into(), span)
            }
            Item::Installer { host, file } => {
                let host = self.host(host);
                (backend::file(&self.host_job(host), file).into(), host.name.span)
            }
            Item::UnknownInstaller { role, file } => {
                (backend::file(&self.unknown_job(role), file).into(), fleet.role(role).name.span)
            }
            Item::Artifact { .. } => unreachable!("copies have no bytes here"),
        }
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
        if let Item::Artifact { release, kernel } = item {
            let artifact = order::artifact(self.fleet, release, kernel);
            if let ArtifactSource::File(name) = &artifact.source.value {
                return File { path, body: Body::Copy(name), origin: self.origin(artifact.source.span) };
            }
        }
        let (bytes, span) = self.make(item);
        File { path, body: Body::Bytes(bytes), origin: self.origin(span) }
    }

    fn path(&self, index: usize) -> TreePath {
        TreePath::new(order::path(self.fleet, &self.templates, self.items[index]))
    }

    fn find(&self, path: &str) -> Option<File<'_>> {
        // Without making any of the others.
        Emission::find(self, path)
    }
}
