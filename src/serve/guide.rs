//! What a request says of the machine that makes it: which one it is, and how far it is on its walk.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::emit::{ENTRY, boot_script, installer_files};
use crate::model::{ArtifactSource, Fleet, FromText, Host, Location, Mac, Unknown, artifact_path, own_role_name};
use crate::report::one_line;

/// A stage of the walk: what a machine asks for, in the order in which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The script that DHCP names.
    Entry,
    /// The script of a network card.
    Script,
    /// The installer's kernel.
    Kernel,
    /// Its initrd.
    Initrd,
    /// The file that names the template.
    Conf,
    /// The installer's template.
    Template,
    /// The service's answer to a network card.
    Config,
    /// The role text.
    Role,
}

impl Stage {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Entry => "entry script",
            Stage::Script => "own script",
            Stage::Kernel => "kernel",
            Stage::Initrd => "initrd",
            Stage::Conf => "ister.conf",
            Stage::Template => "template",
            Stage::Config => "config",
            Stage::Role => "role",
        }
    }
}

/// A machine, by the best name that is known for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A host of the fleet.
    Host(String),
    /// A network card that no host lists.
    Card(String),
    /// Whoever asks from an address.
    Address(IpAddr),
}

impl Who {
    /// The name.
    pub fn name(&self) -> String {
        match self {
            Who::Host(name) | Who::Card(name) => name.clone(),
            Who::Address(address) => address.to_string(),
        }
    }
}

/// What a path says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The path, relative to the tree.
    pub path: String,
    /// The stage of the walk that it belongs to.
    pub stage: Option<Stage>,
    /// The machine, where the path alone tells.
    pub who: Option<Who>,
    /// What becomes of the machine.
    pub note: Option<String>,
    /// Whether a machine that got this asks for nothing more.
    pub last: bool,
    /// Whether a host that gets this is installed, whatever is on its disk.
    pub installs: bool,
}

/// What the paths of a tree say.
pub struct Guide<'f> {
    fleet: &'f Fleet,
    cards: BTreeMap<Mac, &'f Host>,
}

impl<'f> Guide<'f> {
    /// The guide to the tree of a fleet.
    pub fn new(fleet: &'f Fleet) -> Guide<'f> {
        let cards = fleet.hosts.iter().flat_map(|host| host.macs.iter().map(move |mac| (mac.value, host)));
        Guide { fleet, cards: cards.collect() }
    }

    /// The names of all hosts.
    pub fn hosts(&self) -> Vec<String> {
        self.fleet.hosts.iter().map(|host| host.name.as_str().to_string()).collect()
    }

    /// What a request for a path, relative to the tree, says of the machine that makes it.
    pub fn read(&self, path: &str) -> Asked {
        let asked = match path {
            ENTRY => Asked { stage: Some(Stage::Entry), ..Asked::default() },
            _ => self.script(path).or_else(|| self.service(path)).or_else(|| self.boot_file(path)).unwrap_or_default(),
        };
        Asked { path: shown(path), ..asked }
    }

    fn script(&self, path: &str) -> Option<Asked> {
        let card = Mac::from_text(path.strip_prefix("boot/")?.strip_suffix(".ipxe")?).ok()?;
        if boot_script(card) != path {
            return None;
        }
        let Some(host) = self.cards.get(&card) else {
            let note = match self.fleet.unknown {
                Unknown::Refuse => "is not in the fleet: refused",
                Unknown::Local => "is not in the fleet: goes on to its local disk",
                Unknown::Install(_) => "is not in the fleet: has no script of its own",
            };
            let who = Some(Who::Card(card.colons()));
            return Some(Asked { who, note: Some(note.to_string()), last: true, ..stage(Stage::Script) });
        };
        let release = host.settings.release.get().filter(|_| host.installs());
        let note = match release.map(|release| self.fleet.release(release.value)) {
            Some(release) => format!("installs release {} ({})", release.name.as_str(), release.version.value),
            None => "has its system, goes on to its local disk".to_string(),
        };
        let installs = host.installs();
        Some(Asked { note: Some(note), last: !installs, installs, ..of(host, Stage::Script) })
    }

    /// The files of installer and service.
    fn service(&self, path: &str) -> Option<Asked> {
        let rest = path.strip_prefix(&*self.fleet.server.service.0)?.strip_prefix('/')?;
        if let Some(card) = rest.strip_prefix("get_config/") {
            let card = Mac::from_text(card).ok().filter(|mac| mac.colons() == card);
            let host = card.and_then(|card| self.cards.get(&card));
            return Some(host.map_or_else(
                || Asked { who: card.map(|card| Who::Card(card.colons())), ..stage(Stage::Config) },
                |host| of(host, Stage::Config),
            ));
        }
        if let Some(role) = rest.strip_prefix("get_role/") {
            let own = role.rsplit_once('.').and_then(|(_, host)| self.fleet.host(host));
            let own = own.filter(|host| own_role_name(&self.fleet.role(host.role.value).name, &host.name) == role);
            let asked = own.map_or_else(|| stage(Stage::Role), |host| of(host, Stage::Role));
            return Some(Asked { note: Some(format!("`{role}`")), last: true, ..asked });
        }
        let parts: Vec<&str> = rest.split('/').collect();
        let host = parts.get(parts.len().checked_sub(2)?).and_then(|name| self.fleet.host(name));
        let found = |host: Option<&Host>| installer_files(self.fleet, host).iter().position(|file| file == path);
        let stages = [Stage::Conf, Stage::Template];
        if let Some((host, at)) = host.and_then(|host| Some((host, found(Some(host))?))) {
            let stage = *stages.get(at)?;
            let last = stage == Stage::Template && self.fleet.text_of(host).is_none();
            return Some(Asked { last, ..of(host, stage) });
        }
        let stage = self::stage(*stages.get(found(None)?)?);
        let role = self.fleet.unknown_role().map(|role| self.fleet.role(role.value));
        let note = role.map(|role| format!("not in the fleet, installed with role `{}`", role.name.as_str()));
        let last = stage.stage == Some(Stage::Template) && role.is_some_and(|role| role.text.is_none());
        Some(Asked { note, last, ..stage })
    }

    fn boot_file(&self, path: &str) -> Option<Asked> {
        let is = |source: &ArtifactSource| match source {
            ArtifactSource::File(name) => artifact_path(name) == path,
            ArtifactSource::Served(Location::Path(served)) => **served == *path,
            ArtifactSource::Served(Location::Url(url)) => {
                url.strip_prefix(self.fleet.server.url.as_str()).and_then(|rest| rest.strip_prefix('/')) == Some(path)
            }
        };
        let mut releases = self.fleet.releases.iter();
        releases.find_map(|release| match path {
            _ if is(&release.kernel.source.value) => Some(stage(Stage::Kernel)),
            _ if is(&release.initrd.source.value) => Some(stage(Stage::Initrd)),
            _ => None,
        })
    }
}

/// A path as it is shown: nothing that a client sends may act on a terminal, or fill it.
pub fn shown(path: &str) -> String {
    one_line(path).chars().take(200).collect()
}

fn stage(stage: Stage) -> Asked {
    Asked { stage: Some(stage), ..Asked::default() }
}

fn of(host: &Host, stage: Stage) -> Asked {
    Asked { who: Some(Who::Host(host.name.as_str().to_string())), ..self::stage(stage) }
}
