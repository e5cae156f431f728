//! What a machine will see, request by request: computed from the tree in memory, by following its scripts as iPXE does
//! and its configuration as the installer does.
//!
//! The types below are the format of `fleetc trace --format json`; its JSON Schema is made from them.

mod boot;
mod human;
mod installer;

pub use human::human;

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::emit::Emission;
use crate::ipxe::{End, Machine};
use crate::model::{Fleet, Host, InstallerKind, Mac, Unknown};
use crate::report::mask_text;
use crate::source::Sources;
use crate::tree::{Body, Tree};

/// The walk of a machine through the tree.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Trace {
    /// The version of this format; a reader should refuse one that it does not know.
    #[schemars(extend("const" = VERSION))]
    pub version: u32,
    /// The address of the network card that boots.
    pub mac: String,
    /// The host that lists it; null for a machine that is not listed.
    pub host: Option<String>,
    /// Who the machine is, in words.
    pub summary: String,
    /// What it asks for, in order.
    pub requests: Vec<Request>,
    /// How the walk ends.
    pub outcome: Outcome,
    /// The same in words.
    pub end: String,
}

/// How a walk ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The machine is installed; its disks are written.
    Installed,
    /// It goes on to its next boot device, and nothing is written.
    LocalDisk,
    /// A script has a line that fleetc does not understand.
    Unknown,
}

/// A request of the machine.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Request {
    /// The program that asks.
    pub by: By,
    /// What it asks for.
    pub url: String,
    /// Whether there is an answer. What is outside the tree is taken to be there.
    pub found: bool,
    /// The file of the tree that answers; null when it is outside the tree.
    pub path: Option<String>,
    /// How many bytes the answer has; null when that is not known.
    pub size: Option<usize>,
    /// The file that the answer comes from, as a path from the current folder.
    pub file: Option<String>,
    /// The line that it comes from.
    pub line: Option<u32>,
    /// What is done with the answer: the lines of a script that run, what a configuration says. Secrets are starred out.
    pub then: Vec<String>,
    /// The whole text of the answer, when `--full` asks for it. Secrets are starred out.
    pub body: Option<String>,
}

/// A program that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The boot program.
    Ipxe,
    /// The installer.
    Installer,
    /// A hook of the installer.
    Hook,
}

const VERSION: u32 = 1;

/// The JSON Schema of what `fleetc trace --format json` writes.
pub fn schema() -> Schema {
    let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Trace>();
    schema.insert("title".to_string(), "fleetc trace".into());
    schema
}

/// What answers requests: the tree, and what the server has besides.
struct Answers<'a> {
    fleet: &'a Fleet,
    sources: &'a Sources,
    tree: &'a Emission<'a>,
    full: bool,
}

impl<'a> Answers<'a> {
    /// The path in the tree that a URL leads to.
    fn path<'u>(&self, url: &'u str) -> Option<&'u str> {
        url.strip_prefix(self.fleet.server.url.as_str())?.strip_prefix('/')
    }

    fn in_tree(&self, url: &str) -> bool {
        self.path(url).is_some_and(|path| self.tree.find(path).is_some())
    }

    /// The bytes at a URL; empty for what is copied.
    fn get(&self, url: &str) -> Option<Cow<'a, [u8]>> {
        match self.path(url).and_then(|path| self.tree.find(path))?.body {
            Body::Bytes(bytes) => Some(bytes),
            Body::Copy(_) => Some(Cow::Borrowed(b"")),
        }
    }

    fn request(&self, by: By, url: &str, found: bool) -> Request {
        let mut request = Request {
            by,
            url: url.to_string(),
            found,
            path: None,
            size: None,
            file: None,
            line: None,
            then: Vec::new(),
            body: None,
        };
        if let Some(index) = self.path(url).and_then(|path| self.tree.index(path)) {
            let (file, origin) = (self.tree.file(index), self.tree.origin(index));
            request.path = Some(file.path.as_str().to_string());
            let source = self.sources.find(origin.file).map(|id| self.sources.get(id).shown.clone());
            request.file = source.or_else(|| Some(origin.file.to_string()));
            request.line = Some(origin.line);
            if let Body::Bytes(bytes) = &file.body {
                request.size = Some(bytes.len());
                request.body = self.full.then(|| mask_text(&String::from_utf8_lossy(bytes)));
            }
        } else {
            let boot_files = self.fleet.releases.iter().flat_map(|release| [&release.kernel, &release.initrd]);
            let named = boot_files.into_iter().find(|file| file.source_url(&self.fleet.server) == url);
            if let Some(span) = named.map(|file| file.source.span) {
                let source = self.sources.get(span.file);
                (request.file, request.line) = (Some(source.shown.clone()), Some(source.line_of(span.start)));
            }
        }
        request
    }
}

/// The requests so far.
#[derive(Default)]
struct Walk {
    requests: Vec<Request>,
}

impl Walk {
    fn ask<'a>(&mut self, by: By, url: &str, answers: &Answers<'a>) -> Option<Cow<'a, [u8]>> {
        let answer = answers.get(url);
        self.requests.push(answers.request(by, url, answer.is_some()));
        answer
    }

    /// Says what is done with the last answer.
    fn then<'l>(&mut self, lines: impl Iterator<Item = &'l str>) {
        if let Some(request) = self.requests.last_mut() {
            request.then.extend(lines.map(mask_text));
        }
    }
}

/// Follows a machine. `host` is the one that lists the address, `full` asks for every byte.
pub fn trace(fleet: &Fleet, sources: &Sources, mac: Mac, host: Option<&Host>, full: bool) -> Trace {
    let tree = Emission::new(fleet, sources);
    let answers = Answers { fleet, sources, tree: &tree, full };
    let cards: Vec<Mac> = host.map_or_else(|| vec![mac], |host| host.macs.iter().map(|mac| mac.value).collect());
    let booted = cards.iter().position(|card| *card == mac).unwrap_or_default();
    let machine = Machine { cards: cards.into_iter().map(Mac::colons).collect(), booted };
    let mut walk = Walk::default();
    let end = boot::follow(&machine, &answers, &mut walk);
    let outcome = match &end {
        End::Kernel(start) => {
            match installer_of(fleet, host) {
                Some(InstallerKind::Ister) | None => installer::ister(&start.line, &mac.colons(), &answers, &mut walk),
            }
            Outcome::Installed
        }
        End::NextDevice => Outcome::LocalDisk,
        End::Loop | End::Unknown(_) => Outcome::Unknown,
    };
    Trace {
        version: VERSION,
        mac: mac.colons(),
        host: host.map(|host| host.name.as_str().to_string()),
        summary: summary(fleet, mac, host),
        end: in_words(fleet, host, &end),
        requests: walk.requests,
        outcome,
    }
}

/// The installer that a machine gets.
fn installer_of(fleet: &Fleet, host: Option<&Host>) -> Option<InstallerKind> {
    let settings = match host {
        Some(host) => &host.settings,
        None => &fleet.role(fleet.unknown_role()?.value).settings,
    };
    Some(fleet.release(settings.release.get()?.value).installer.kind.value)
}

fn summary(fleet: &Fleet, mac: Mac, host: Option<&Host>) -> String {
    match (host, &fleet.unknown) {
        (Some(host), _) => {
            let state = if host.installs() { "to install" } else { "installed" };
            let role = fleet.role(host.role.value).name.as_str();
            format!("{mac} is {}: role {role}, {state}", host.name.as_str())
        }
        (None, Unknown::Refuse) => format!("{mac} is not in the fleet: `unknown: refuse`"),
        (None, Unknown::Local) => format!("{mac} is not in the fleet: `unknown: local`"),
        (None, Unknown::Install(role)) => {
            let role = fleet.role(role.value).name.as_str();
            format!("{mac} is not in the fleet: `unknown: {{ install: {role} }}`")
        }
    }
}

fn in_words(fleet: &Fleet, host: Option<&Host>, end: &End) -> String {
    let name = host.map_or("the machine", |host| host.name.as_str());
    match end {
        End::Loop => "the scripts go round for ever".to_string(),
        End::Unknown(line) => format!("this line is not understood: {line}"),
        End::NextDevice => format!("{name} goes on to its next boot device, the local disk; nothing is installed"),
        End::Kernel(_) => {
            let role = match host {
                Some(host) => Some(host.role.value),
                None => fleet.unknown_role().map(|role| role.value),
            };
            let has_text = role.is_some_and(|role| fleet.role(role).text.is_some());
            let first = if has_text { ", and its first boot applies the role text" } else { "" };
            // contract I-88: nothing else remembers that a machine is installed
            let again = match host {
                Some(_) => "until `state: installed`",
                None => "until the fleet file lists it as `state: installed`",
            };
            format!("{name} is wiped and installed{first}; each further network boot does it again, {again}")
        }
    }
}

impl Trace {
    /// As one line of JSON.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| unreachable!("plain values: {error}"))
    }
}
