//! Where an import ends: the new fleet file or the one that is added to, shown as a diff or written, and checked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args};
use similar::TextDiff;

use super::super::input::{self, LevelFlags, Opened};
use super::super::{Failure, Outcome, check, fix, init, output};
use crate::compile::{Compiled, compile};
use crate::diag::{Levels, Report, Sink};
use crate::fix::Overlay;
use crate::import::{self, Known, List};
use crate::model::{Fleet, FromText, Host, State};
use crate::report::{Format, mask_text};
use crate::source::{FileId, Loader, Memory, Sources};

/// The name of a new fleet file.
const FLEET_FILE: &str = "fleet.yaml";

/// Where the machines go.
#[derive(Debug, Args)]
pub(super) struct Target {
    /// Folder for a new fleet file and its role texts.
    #[arg(short, long, value_name = "DIR", required_unless_present = "into", conflicts_with = "into")]
    output: Option<PathBuf>,
    /// Fleet file to add the machines to; its comments and its layout stay.
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
    /// Show what would be written, as a unified diff, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Names for machines without one: a number takes the place of the `#` signs, as in `node-###`.
    #[arg(long, value_name = "PATTERN")]
    pub(super) names: Option<String>,
    /// Whether the machines are to be installed; as `defaults` or their roles say unless given.
    #[arg(long, value_name = "STATE", value_parser = clap::builder::PossibleValuesParser::new(State::WORDS))]
    state: Option<String>,
    #[command(flatten)]
    levels: LevelFlags,
}

/// A target that was looked at, and what was found so far.
pub(super) struct Desk<'t> {
    target: &'t Target,
    matches: &'t ArgMatches,
    levels: Levels,
    /// The fleet file that is added to, as it is.
    there: Option<(Opened, Compiled)>,
    pub(super) sources: Sources,
    pub(super) sink: Sink,
    pub(super) known: Known,
}

/// A file before and after.
struct Change {
    before: Option<String>,
    after: String,
}

impl Target {
    /// Whether there is a fleet file that is added to.
    pub(super) fn is_there(&self) -> bool {
        self.into.is_some()
    }
}

impl<'t> Desk<'t> {
    /// Looks at the target.
    pub(super) fn open(target: &'t Target, matches: &'t ArgMatches) -> Result<Desk<'t>, Failure> {
        let levels = target.levels.read(matches)?;
        let there = match &target.into {
            None => None,
            Some(path) => {
                let opened = input::open(Some(path), &target.levels, Format::Human, matches)?;
                if opened.is_stdin() {
                    return Err(Failure::new("standard input cannot be added to").help("name a fleet file"));
                }
                let compiled = opened.compile(opened.text.clone(), &opened.loader());
                Some((opened, compiled))
            }
        };
        let mut desk = Desk {
            target,
            matches,
            levels,
            there,
            sources: Sources::default(),
            sink: Sink::default(),
            known: Known {
                state: target.state.as_deref().and_then(|word| State::from_text(word).ok()),
                ..Known::default()
            },
        };
        if let Some((opened, compiled)) = &mut desk.there {
            if compiled.resolved().is_none() {
                output::report(Format::Human, &compiled.report, &compiled.sources)?;
                return Err(Failure::new("machines can be added only to a file that can be read").help("mend it first"));
            }
            desk.sources = std::mem::take(&mut compiled.sources);
            desk.known.default_role = import::default_role(&opened.text).is_some();
        }
        Ok(desk)
    }

    fn fleet(&self) -> Option<&Fleet> {
        self.there.as_ref().and_then(|(_, compiled)| compiled.resolved())
    }

    /// Judges the list, and writes it.
    pub(super) fn finish(mut self, mut list: List, source: &str) -> Result<Outcome, Failure> {
        import::judge(&mut list, &self.known, self.fleet(), &self.sink);
        if let Some(fleet) = self.fleet() {
            import::against(&list, fleet, &self.sink);
        }
        let report = Report::plain(std::mem::take(&mut self.sink), &self.levels);
        if report.has_errors() {
            output::report(Format::Human, &report, &self.sources)?;
            output::complain("nothing was written");
            return Ok(Outcome::Faults);
        }
        let folder = self.folder();
        let changes = self.changes(&list, &folder, source)?;
        let compiled = self.read_back(&list, &changes)?;
        let trial = self.trial(&mut list, source)?;
        let compiled = trial.unwrap_or(compiled);
        if self.target.dry_run {
            output::report_aside(&report, &self.sources)?;
            if compiled.report.has_errors() {
                output::report_aside(&compiled.report, &compiled.sources)?;
            }
            output::print(&diff(&folder, &changes))?;
            return Ok(if compiled.report.has_errors() { Outcome::Faults } else { Outcome::Fine });
        }
        output::report(Format::Human, &report, &self.sources)?;
        write(&folder, &changes)?;
        self.check(&list, &folder, &changes, compiled)
    }

    /// The folder of the fleet file.
    fn folder(&self) -> PathBuf {
        match (&self.there, &self.target.output) {
            (Some((opened, _)), _) => opened.folder.clone(),
            (None, Some(folder)) => folder.clone(),
            (None, None) => PathBuf::new(),
        }
    }

    /// The files that come out, by name in the folder.
    fn texts(&self, list: &List, source: &str) -> Result<BTreeMap<String, Change>, Failure> {
        let new = |after: String| Change { before: None, after };
        Ok(match &self.there {
            None => {
                import::new_fleet(list, base_name(source)).into_iter().map(|(name, text)| (name, new(text))).collect()
            }
            Some((opened, _)) => {
                let texts = list.roles.iter().filter_map(|role| Some((role.file(), role.text.as_ref()?)));
                let mut changes: BTreeMap<String, Change> =
                    texts.map(|(name, text)| (name, new(import::as_template(text)))).collect();
                let after = import::add(&opened.text, FileId(0), list).map_err(|refusal| {
                    let at = self.sources.get(FileId(0)).position(refusal.place.start);
                    let place = format!("{}:{}:{}", self.sources.get(FileId(0)).shown, at.line, at.column);
                    Failure::new(format!("{place}: {}", refusal.message)).help(refusal.help)
                })?;
                changes.insert(opened.name.clone(), Change { before: Some(opened.text.clone()), after });
                changes
            }
        })
    }

    /// The files that are written, by name in the folder.
    fn changes(&self, list: &List, folder: &Path, source: &str) -> Result<BTreeMap<String, Change>, Failure> {
        let mut changes = self.texts(list, source)?;
        // A role text that is there as it is need not be written.
        changes.retain(|name, change| {
            let same = |text: Vec<u8>| text == change.after.as_bytes();
            !(name.contains('/') && std::fs::read(folder.join(name)).is_ok_and(same))
        });
        for (name, _) in changes.iter().filter(|(_, change)| change.before.is_none()) {
            let path = folder.join(name);
            if path.symlink_metadata().is_ok() {
                let failure = Failure::new(format!("`{}` is there already", path.display()));
                return Err(failure.help(match self.there {
                    None => "choose another folder, or add to the fleet file with `--into FILE`",
                    Some(_) => "it has another text; make the two one, or give the role another name",
                }));
            }
        }
        Ok(changes)
    }

    /// Compiles what would be written.
    fn compile(&self, changes: &BTreeMap<String, Change>) -> Compiled {
        let texts = changes.iter().map(|(name, change)| (name.as_str(), change.after.as_str())).collect();
        let text = |name: &str| changes.get(name).map(|change| change.after.clone());
        match &self.there {
            Some((opened, _)) => {
                let (below, text) = (opened.loader(), text(&opened.name).unwrap_or_else(|| opened.text.clone()));
                opened.compile(text, &Overlay { below: &below as &dyn Loader, texts })
            }
            None => {
                let (below, text) = (Memory::default(), text(FLEET_FILE).unwrap_or_default());
                let folder = self.folder().display().to_string();
                compile(FLEET_FILE, text, &folder, &Overlay { below: &below, texts }, &self.levels)
            }
        }
    }

    /// A template by itself installs nobody, and so nobody is judged: this is what would be said of a first machine.
    fn trial(&self, list: &mut List, source: &str) -> Result<Option<Compiled>, Failure> {
        let Some(machine) = import::first_machine(list, self.fleet()) else { return Ok(None) };
        let name = machine.name.as_ref().map_or(String::new(), |name| name.as_str().to_string());
        list.hosts.push(machine);
        let texts = self.texts(list, source);
        list.hosts.pop();
        let mut compiled = self.compile(&texts?);
        // Its line is in no file.
        if let Some(own) = compiled.resolved().and_then(|fleet| fleet.host(&name)).map(|host| host.name.span) {
            for finding in &mut compiled.report.findings {
                finding.diagnostic.related.retain(|label| label.span != own);
            }
        }
        Ok(Some(compiled))
    }

    /// Compiles what would be written, and holds it against the list.
    fn read_back(&self, list: &List, changes: &BTreeMap<String, Change>) -> Result<Compiled, Failure> {
        let compiled = self.compile(changes);
        let held = match compiled.resolved() {
            Some(fleet) => import::verify(list, fleet),
            None => Err("it is no fleet file".to_string()),
        };
        held.map_err(|why| {
            let failure = Failure::new(format!("what would be written is not what the list says: {why}"));
            failure.help("nothing was written; this is a fault of fleetc")
        })?;
        Ok(compiled)
    }

    /// Says what was written, and checks it as `fleetc check` does. `trial` is how it was compiled before.
    fn check(
        &self,
        list: &List,
        folder: &Path,
        changes: &BTreeMap<String, Change>,
        trial: Compiled,
    ) -> Result<Outcome, Failure> {
        for (name, change) in changes {
            let path = folder.join(name);
            match change.before {
                None => output::say(&format!("wrote {}", path.display()))?,
                Some(_) => match added(list) {
                    what if what.is_empty() => output::say(&format!("nothing to add to {}", path.display()))?,
                    what => output::say(&format!("added to {}: {what}", path.display()))?,
                },
            }
        }
        if let Some(name) = import::first_role(list) {
            output::report(Format::Human, &trial.report, &trial.sources)?;
            let faults = trial.report.has_errors();
            let judged = if trial.report.findings.is_empty() { "no faults" } else { "this is said of a first machine" };
            output::say(&format!("{judged}; no host has the role `{name}` yet"))?;
            return Ok(if faults { Outcome::Faults } else { Outcome::Fine });
        }
        let name = self.there.as_ref().map_or(FLEET_FILE, |(opened, _)| opened.name.as_str());
        let path = folder.join(name);
        let loaded = input::open(Some(&path), &self.target.levels, Format::Human, self.matches)?.load();
        let outcome = loaded.show()?;
        let Some(fleet) = loaded.compiled.fleet() else { return Ok(outcome) };
        if loaded.compiled.report.findings.is_empty() {
            output::say(&format!("no faults: {}", check::summary(fleet)))?;
        }
        let names = list.hosts.iter().filter_map(|host| host.name.as_ref());
        let wiped = names.filter(|name| fleet.host(name.as_str()).is_some_and(Host::installs)).count();
        if wiped > 0 {
            let them = if wiped == 1 { "1 of them is".to_string() } else { format!("{wiped} of them are") };
            output::say(&format!("{them} wiped and installed at each network boot, until `state: installed`"))?;
        }
        if self.there.is_none() && fleet.unknown_role().is_some() {
            output::say("machines that are not listed are wiped and installed too, as long as `unknown` says so")?;
        }
        Ok(outcome)
    }
}

/// What a list adds to a fleet file, in words: empty for nothing that is worth a word.
fn added(list: &List) -> String {
    let template = list.setup.template.as_ref().and_then(|template| template.name.as_ref());
    let name = template.map(|name| format!("layout and role `{}`", name.as_str()));
    let hosts = match list.hosts.len() {
        0 => None,
        1 => Some("1 host".to_string()),
        count => Some(format!("{count} hosts")),
    };
    let parts: Vec<String> = name.into_iter().chain(hosts).collect();
    parts.join(", ")
}

/// The name of a file without its folder, which is a place on one machine alone.
fn base_name(path: &str) -> &str {
    match path {
        "<stdin>" => "a list",
        path => path.rsplit('/').next().unwrap_or(path),
    }
}

/// What would change, as a unified diff. Secrets are starred out.
fn diff(folder: &Path, changes: &BTreeMap<String, Change>) -> String {
    let mut text = String::new();
    for (name, change) in changes {
        let path = folder.join(name).display().to_string();
        let (before, after) = (mask_text(change.before.as_deref().unwrap_or_default()), mask_text(&change.after));
        let from = if change.before.is_some() { path.as_str() } else { "/dev/null" };
        let diff = TextDiff::from_lines(&before, &after);
        text.push_str(&diff.unified_diff().header(from, &path).to_string());
    }
    text
}

/// Writes the files, the fleet file last: it names the others.
fn write(folder: &Path, changes: &BTreeMap<String, Change>) -> Result<(), Failure> {
    let is_role = |name: &&String| name.contains('/');
    let order =
        changes.iter().filter(|(name, _)| is_role(name)).chain(changes.iter().filter(|(name, _)| !is_role(name)));
    for (name, change) in order {
        let path = folder.join(name);
        let written = match &change.before {
            None => init::write_new(&path, &change.after),
            Some(before) => fix::replace(&path, before, &change.after),
        };
        written.map_err(|error| {
            Failure::new(format!("`{}` cannot be written: {}", path.display(), input::reason(&error)))
        })?;
    }
    Ok(())
}
