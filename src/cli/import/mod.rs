//! `fleetc import`: a fleet file from what is there today, or machines added to one.

mod desk;
mod source;

use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Subcommand};

use super::{Failure, Outcome, input};
use crate::diag::Sink;
use crate::import::{self, List, Pattern, Repairs, Setup, Wish};
use crate::model::{FromText, Mac, Name, ServerUrl};
use crate::source::FileId;
use desk::{Desk, Target};

/// Make a fleet file from what is there today, or add machines to one
///
/// What is wrong with the source is reported, all of it in one run, with its place; nothing is written when there is
/// an error. What was written is checked at the end. Exit status: 0 when that finds no error, 1 when there are errors
/// in the source or in what was written, 2 when the import could not run.
#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    Icis(Icis),
    Ister(Ister),
    Csv(Csv),
    Dnsmasq(Dnsmasq),
}

/// The Ister Cloud Init Service: its `config.txt`, and the folder of its roles
///
/// A machine gets the role that the service gave it, by the service's own way of matching, and its text byte for byte.
/// What the service did wrong is reported with its row, and made right only where `--repair` says so.
#[derive(Debug, Args)]
struct Icis {
    /// The service's `config.txt`.
    config: PathBuf,
    /// The folder with a file for each role.
    roles: PathBuf,
    /// The boot script that machines of the service get: kernel, initrd, kernel arguments and server are taken from
    /// it.
    #[arg(long, value_name = "FILE", conflicts_with = "into")]
    boot_script: Option<PathBuf>,
    /// The installer's template that machines of the service get: layout, bundles, users and hooks are taken from it.
    #[arg(long, value_name = "JSON", conflicts_with = "into")]
    template: Option<PathBuf>,
    /// Make right what this rule reports; `all` for all of them.
    #[arg(long, value_name = "RULE", value_parser = clap::builder::PossibleValuesParser::new(Repairs::NAMES.into_iter().chain(["all"])))]
    repair: Vec<String>,
    #[command(flatten)]
    target: Target,
}

/// The installer's template: its layout, its bundles, its users, its hooks
///
/// Layout and role get the name of the file; in a new fleet file, `defaults` say what the template says. Added to one
/// that exists, the role says it, as far as `defaults` do not. What the installer would refuse or mis-do is an error;
/// what a fleet file has no place for is reported, and left out.
#[derive(Debug, Args)]
struct Ister {
    /// The template; `-` reads standard input.
    template: PathBuf,
    /// Name of the layout and the role; that of the file unless given.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Disk of the machines, in the place of the one disk of the template: one for an image has the name of a file
    /// there.
    #[arg(long, value_name = "DISK")]
    disk: Option<String>,
    /// MAC address of the one machine that the template is for: with its `Hostname` and `Static_IP` it becomes a host.
    /// Once for each network card.
    #[arg(long, value_name = "MAC")]
    mac: Vec<String>,
    /// The boot script that starts the installer: kernel, initrd, kernel arguments and server are taken from it.
    #[arg(long, value_name = "FILE", conflicts_with = "into")]
    boot_script: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

/// A vendor's list: CSV with a heading
///
/// Commas, semicolons, tabs or bars part the values. The columns are known by their names: `name` or `hostname`;
/// `mac`, `MAC address`, `mac1`, `mac2` …; `role`; `ip`. Every other column becomes a label; so do the addresses of
/// management controllers, which never boot.
#[derive(Debug, Args)]
struct Csv {
    /// The list; `-` reads standard input.
    file: PathBuf,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    more: More,
}

/// What dnsmasq knows: its configuration with `dhcp-host` lines, or its lease file
///
/// The two are told apart by what is in them. A lease gives name and MAC address alone: its address belongs to the
/// server.
#[derive(Debug, Args)]
struct Dnsmasq {
    /// The file; `-` reads standard input.
    file: PathBuf,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    more: More,
}

/// What a list of machines does not say.
#[derive(Debug, Args)]
struct More {
    /// Role of machines for which the list names none.
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Where booting machines will find the tree, for a new fleet file.
    #[arg(long, value_name = "URL", conflicts_with = "into")]
    url: Option<String>,
}

impl More {
    fn role(&self) -> Result<Option<Name>, Failure> {
        self.role.as_deref().map(|role| typed(role, "--role")).transpose()
    }

    fn url(&self) -> Result<Option<ServerUrl>, Failure> {
        self.url.as_deref().map(|url| typed(url, "--url")).transpose()
    }
}

/// The value of an option.
fn typed<T: FromText>(text: &str, option: &str) -> Result<T, Failure> {
    T::from_text(text).map_err(|fault| {
        let failure = Failure::new(format!("`{option}`: {}", fault.message));
        fault.help.into_iter().fold(failure, Failure::help)
    })
}

/// The pattern of `--names`.
fn pattern(text: Option<&str>) -> Result<Option<Pattern>, Failure> {
    let read = text.map(Pattern::read).transpose();
    read.map_err(|why| Failure::new(format!("`--names`: {why}")).help("write it like `node-###`"))
}

impl Import {
    pub(super) fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let own = matches.subcommand().map_or(matches, |(_, own)| own);
        match self.source {
            Source::Icis(icis) => icis.run(own),
            Source::Ister(ister) => ister.run(own),
            Source::Csv(Csv { file, target, more }) => {
                list(&file, &target, &more, own, import::csv, "give it one in its row")
            }
            Source::Dnsmasq(Dnsmasq { file, target, more }) => {
                list(&file, &target, &more, own, import::dnsmasq, "give it one behind its MAC address")
            }
        }
    }
}

impl Icis {
    fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let mut repairs = Repairs::default();
        for name in &self.repair {
            repairs.add(name);
        }
        let mut desk = Desk::open(&self.target, matches)?;
        let (shown, text) = source::text(&self.config)?;
        let file = desk.sources.add_foreign(shown.as_str(), text.as_str());
        let roles = source::roles(&self.roles, &mut desk.sources)?;
        let mut list = import::icis(&text, file, &roles, repairs, &desk.sink);
        boot_script(self.boot_script.as_deref(), &mut list.setup, &mut desk)?;
        if let Some(path) = &self.template {
            let (shown, text) = source::text(path)?;
            let file = desk.sources.add_foreign(shown, text.as_str());
            import::add_template(&text, file, &Wish::default(), &mut list.setup, &desk.sink);
        }
        desk.known.names = pattern(self.target.names.as_deref().or(Some("node-###")))?;
        desk.finish(list, &shown)
    }
}

/// Reads the setup out of a boot script, if there is one.
fn boot_script(path: Option<&Path>, setup: &mut Setup, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let (shown, text) = source::text(path)?;
    let file = desk.sources.add_foreign(shown, text.as_str());
    import::boot_script(&text, file, setup, &desk.sink);
    Ok(())
}

impl Ister {
    fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let wish = Wish {
            name: Some(self.name()?),
            disk: self.disk.as_deref().map(|disk| typed(disk, "--disk")).transpose()?,
            macs: self.mac.iter().map(|mac| typed::<Mac>(mac, "--mac")).collect::<Result<_, _>>()?,
            added: self.target.is_there(),
        };
        let mut desk = Desk::open(&self.target, matches)?;
        let (shown, text) = source::text(&self.template)?;
        let file = desk.sources.add_foreign(shown.as_str(), text.as_str());
        let mut setup = Setup::default();
        boot_script(self.boot_script.as_deref(), &mut setup, &mut desk)?;
        let list = import::ister(&text, file, &wish, setup, &desk.sink);
        desk.known.names = pattern(self.target.names.as_deref())?;
        desk.known.name_place = "the template has no `Hostname`";
        desk.finish(list, &shown)
    }

    /// The name of layout and role: as it was given, or that of the file with all that no name has as hyphens.
    fn name(&self) -> Result<Name, Failure> {
        if let Some(name) = &self.name {
            return typed(name, "--name");
        }
        let stem = self.template.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let safe: String =
            stem.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect();
        let name = safe.trim_matches(['.', '_', '-']);
        Name::from_text(name)
            .map_err(|_| Failure::new("layout and role have no name").help("`--name NAME` gives them one"))
    }
}

/// Imports a list of machines that is one file. `name` says where a name would stand in it.
fn list(
    file: &Path,
    target: &Target,
    more: &More,
    matches: &ArgMatches,
    read: fn(&str, FileId, &Sink) -> List,
    name: &'static str,
) -> Result<Outcome, Failure> {
    let (role, url) = (more.role()?, more.url()?);
    let mut desk = Desk::open(target, matches)?;
    let (shown, text) = source::text(file)?;
    let file = desk.sources.add_foreign(shown.as_str(), text.as_str());
    let mut list = read(&text, file, &desk.sink);
    list.setup.url = url;
    desk.known.role = role;
    desk.known.names = pattern(target.names.as_deref())?;
    desk.known.name_place = name;
    desk.finish(list, &shown)
}
