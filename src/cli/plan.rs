//! `fleetc plan`: what a change of the fleet file does to each machine.

use std::path::PathBuf;

use clap::{ArgMatches, Args, ValueEnum};

use super::input::{self, LevelFlags, Opened};
use super::{Failure, Outcome, output};
use crate::compile::Compiled;
use crate::diag::Fault;
use crate::git::{GitError, Repository, Revision};
use crate::model::{FromText, LabelChoice, Limit};
use crate::plan::{Judgement, Override, Overrides, Plan as Changes, Side, human, json, judge, plan};
use crate::report::{Format, Style, render};
use crate::source::Loader;

/// Say what a change of the fleet file does to each machine, above all which disks it wipes
///
/// Compares the fleet file with an older revision of itself, read from git's objects: offline, without a checkout. A
/// machine is listed if and only if a byte that it reads on its way through the tree differs. Exit status: 0 when the
/// plan is made, 1 when the fleet has errors or a guard forbids the change, 2 when the plan could not be made; with
/// `--exit-code`, 2 also when a machine changes.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// The fleet file. Without one: `fleet.yaml` in the current folder.
    file: Option<PathBuf>,
    #[command(flatten)]
    levels: LevelFlags,
    /// What to compare with: a revision, `REV...` for where the branch left it, or `REV:PATH` for a fleet file that had
    /// another path. Without it: where this branch left the one that it follows.
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// How the plan is shown.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Shape,
    /// How many machines that had their system may be wiped: a number or a share like `10%`; for some machines
    /// `LABEL=VALUE:LIMIT`, for each value of a label `LABEL:LIMIT`. Takes the place of the same guard in the fleet file.
    #[arg(long, value_name = "[LABEL[=VALUE]:]LIMIT", value_parser = limit)]
    max_reinstall: Vec<Override>,
    /// How many machines may be touched at all; written like `--max-reinstall`.
    #[arg(long, value_name = "[LABEL[=VALUE]:]LIMIT", value_parser = limit)]
    max_change: Vec<Override>,
    /// Exit with 2 when a machine changes.
    #[arg(long)]
    exit_code: bool,
}

/// How a plan is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// A table, the most severe change first, for people.
    Human,
    /// One JSON object, for programs; `fleetc schema plan` describes it.
    Json,
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Failure {
        let failure = Failure::new(error.message);
        match error.help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

/// Reads a limit, for all machines or for those with a label.
fn limit(text: &str) -> Result<Override, String> {
    let (choice, limit) = match text.rsplit_once(':') {
        Some((choice, limit)) => (Some(choice), limit),
        None => (None, text),
    };
    let say = |fault: Fault| fault.help.map_or(fault.message.clone(), |help| format!("{}: {help}", fault.message));
    let choice = choice.map(LabelChoice::from_text).transpose().map_err(say)?;
    Limit::from_text(limit).map(|limit| Override { choice, limit }).map_err(say)
}

/// The base: its files, the name of the fleet file among them, and what to call it.
struct Base {
    files: Revision,
    name: String,
    called: String,
}

impl Plan {
    pub(super) fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let mut opened = input::open(self.file.as_deref(), &self.levels, Format::Human, matches)?;
        if opened.is_stdin() {
            return Err(Failure::new("standard input has no past to compare it with").help("name the fleet file"));
        }
        let base = base(&opened, self.base.as_deref())?;
        let text = std::mem::take(&mut opened.text);
        let loader = opened.loader();
        let (before, head) = rayon::join(|| old(&opened, &base), || opened.compile(text, &loader));
        let Some(fleet) = head.fleet() else {
            let format = if self.format == Shape::Json { Format::Json } else { Format::Human };
            output::report(format, &head.report, &head.sources)?;
            return Ok(Outcome::Faults);
        };
        let before = before?;
        let head = Side::new(fleet, &head.sources, &loader);
        let (changes, judgement) = match &before {
            None => {
                let called = &base.called;
                let file = &base.name;
                output::complain(&format!("note: {called} has no `{file}`, so every machine is new"));
                output::complain(&format!("help: if it had another path there: `--base {called}:PATH`"));
                (plan(None, &head), None)
            }
            Some(before) => {
                let before = side(before, &base)?;
                let changes = plan(Some(&before), &head);
                let overrides =
                    Overrides { max_reinstall: self.max_reinstall.clone(), max_change: self.max_change.clone() };
                let judgement = judge(&changes, &before, &head, &overrides);
                (changes, Some(judgement))
            }
        };
        self.show(&changes)?;
        if let Some(judgement) = judgement.filter(|judgement| judgement.report.has_errors()) {
            self.forbid(&judgement)?;
            return Ok(Outcome::Faults);
        }
        let outcome = if self.exit_code && !changes.is_empty() { Outcome::Changes } else { Outcome::Fine };
        // The process ends here; the system takes the memory back faster than the fleets would give it.
        std::mem::forget((before, head));
        Ok(outcome)
    }

    /// Shows what guards forbid: behind the plan, or beside it where that is for programs.
    fn forbid(&self, judgement: &Judgement) -> Result<(), Failure> {
        if self.format == Shape::Human {
            output::say("")?;
            return output::report(Format::Human, &judgement.report, &judgement.sources);
        }
        let mut text = Vec::new();
        let _ = render(Format::Human, &judgement.report, &judgement.sources, &Style::PLAIN, &mut text);
        output::complain(String::from_utf8_lossy(&text).trim_end());
        Ok(())
    }

    fn show(&self, changes: &Changes) -> Result<(), Failure> {
        match self.format {
            Shape::Human => output::print(&human(changes, &output::style("", None))),
            Shape::Json => output::print(&json(changes)),
        }
    }
}

/// Finds the base in the repository around the fleet file.
fn base(opened: &Opened, wanted: Option<&str>) -> Result<Base, Failure> {
    let repository = Repository::around(&opened.folder)?;
    let (revision, path) = match wanted.map(|wanted| (wanted, wanted.split_once(':'))) {
        None => (None, None),
        Some((_, Some((revision, path)))) => (Some(revision), Some(path)),
        Some((revision, None)) => (Some(revision), None),
    };
    let commit = match revision.map(|revision| (revision, revision.strip_suffix("..."))) {
        None => repository.merge_base(None)?,
        Some((_, Some(other))) => repository.merge_base(Some(other))?,
        Some((revision, None)) => repository.commit(revision)?,
    };
    let called = match revision {
        Some(revision) if !revision.ends_with("...") => revision.to_string(),
        _ => commit[..commit.len().min(10)].to_string(),
    };
    Ok(match path {
        None => Base { files: repository.files(&commit)?, name: opened.name.clone(), called },
        Some(path) => {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            Base { files: repository.files_below(&commit, folder)?, name: name.to_string(), called }
        }
    })
}

/// Compiles the base; none where it has no fleet file.
fn old(opened: &Opened, base: &Base) -> Result<Option<Compiled>, Failure> {
    let text = match base.files.read(&base.name) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Failure::new(format!("`{}` of {} cannot be read: {error}", base.name, base.called)));
        }
    };
    Ok(Some(opened.compile_as(&base.name, text, &base.files)))
}

/// The side of a base without errors.
fn side<'s>(before: &'s Compiled, base: &'s Base) -> Result<Side<'s>, Failure> {
    let Some(fleet) = before.fleet() else {
        let mut text = Vec::new();
        let _ = render(Format::Human, &before.report, &before.sources, &Style::PLAIN, &mut text);
        output::complain(String::from_utf8_lossy(&text).trim_end());
        let message =
            format!("the fleet file of {} has the errors above, so nothing can be compared with it", base.called);
        return Err(Failure::new(message).help("compare with another revision: `--base REV`"));
    };
    Ok(Side::new(fleet, &before.sources, &base.files as &dyn Loader))
}
