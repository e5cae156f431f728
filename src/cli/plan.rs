//! `fleetc plan`: what a change of the fleet file does to each machine.

use std::path::PathBuf;

use clap::{ArgMatches, Args, ValueEnum};

use super::base::{self, Base, Past, Served};
use super::input::{self, LevelFlags, Opened};
use super::progress::Progress;
use super::{Failure, Outcome, output};
use crate::compile::Compiled;
use crate::diag::Fault;
use crate::model::{FromText, LabelChoice, Limit};
use crate::plan::{
    Judgement, Override, Overrides, Plan as Changes, Reads, Side, diff, human, json, judge, markdown,
    markdown_without_plan, plan, plan_from_tree,
};
use crate::report::{Format, Style, render};
use crate::source::Disk;

/// Say what a change of the fleet file does to each machine, above all which disks it wipes
///
/// Compares the fleet file with an older revision of itself, read from git's objects: offline, without a checkout; or
/// with a tree that was built. A machine is listed if and only if a byte that it reads on its way through the tree
/// differs. Exit status: 0 when the plan is made, 1 when the fleet has errors or a guard forbids the change, 2 when the
/// plan could not be made; with `--exit-code`, 2 also when a machine changes.
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// The fleet file. Without one: `fleet.yaml` in the current folder.
    file: Option<PathBuf>,
    #[command(flatten)]
    levels: LevelFlags,
    /// What to compare with: a revision, `REV...` for where the branch left it, or `REV:PATH` for a fleet file that had
    /// another path; or the folder of a built tree, or its `manifest.json` alone. Without it: where this branch left the
    /// one that it follows.
    #[arg(long, value_name = "REV|DIR|MANIFEST")]
    base: Option<String>,
    /// How the plan is shown.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Shape,
    /// Show the bytes that machines read, before and after, as diffs: of all that change, or of one host. Secrets are
    /// starred out.
    #[arg(long, value_name = "HOST", num_args = 0..=1, require_equals = true)]
    diff: Option<Option<String>>,
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
    /// For the comment of a pull request: at most 60,000 bytes, the details folded, and a hidden first line by which a
    /// later run finds the comment.
    Markdown,
    /// One JSON object, for programs; `fleetc schema plan` describes it.
    Json,
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

impl Plan {
    pub(super) fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        if self.diff.is_some() && self.format != Shape::Human {
            return Err(Failure::new("diffs are for people").help("leave out `--format`, or leave out `--diff`"));
        }
        let opened = input::open(self.file.as_deref(), &self.levels, Format::Human, matches)?;
        if opened.is_stdin() {
            return Err(Failure::new("standard input has no past to compare it with").help("name the fleet file"));
        }
        match base::find(&opened, self.base.as_deref())? {
            Base::Revision(past) => self.against_revision(opened, &past),
            Base::Tree(tree) => self.against_tree(opened, &tree),
        }
    }

    fn against_revision(&self, mut opened: Opened, past: &Past) -> Result<Outcome, Failure> {
        let text = std::mem::take(&mut opened.text);
        let loader = opened.loader();
        let progress = Progress::new("reading both sides", "files");
        let (before, head) = rayon::join(|| past.compile(&opened), || opened.compile(text, &loader));
        drop(progress);
        let Some(side) = self.head(&head, &loader)? else { return Ok(Outcome::Faults) };
        let before = before?;
        let outcome = match &before {
            None => {
                let (called, file) = (&past.called, &past.name);
                output::complain(&format!("note: {called} has no `{file}`, so every machine is new"));
                output::complain(&format!("help: if it had another path there: `--base {called}:PATH`"));
                self.end(&plan(None, &side), None, None, &side)
            }
            Some(before) => {
                let before = past.side(before)?;
                let changes = plan(Some(&before), &side);
                let judgement = judge(&changes, Some(&before), &side, &self.overrides());
                self.end(&changes, Some(&judgement), Some(&before), &side)
            }
        };
        // The process ends here; the system takes the memory back faster than the fleets would give it.
        drop(side);
        std::mem::forget((before, head));
        outcome
    }

    fn against_tree(&self, mut opened: Opened, tree: &Served) -> Result<Outcome, Failure> {
        let text = std::mem::take(&mut opened.text);
        let loader = opened.loader();
        let progress = Progress::new("reading both sides", "files");
        let (before, head) = rayon::join(|| tree.tree(), || opened.compile(text, &loader));
        drop(progress);
        let Some(side) = self.head(&head, &loader)? else { return Ok(Outcome::Faults) };
        let before = before?;
        if self.diff.is_some() && !tree.has_files() {
            let failure = Failure::new("a manifest alone has no bytes to show");
            return Err(failure.help("compare with the folder of the tree, or leave out `--diff`"));
        }
        let changes = plan_from_tree(&before, &side).map_err(|error| Failure::new(error.to_string()))?;
        let judgement = judge(&changes, None, &side, &self.overrides());
        self.end(&changes, Some(&judgement), Some(&before), &side)
    }

    /// The fleet as it is; none when it has errors, which are shown then.
    fn head<'s>(&self, head: &'s Compiled, loader: &'s Disk) -> Result<Option<Side<'s>>, Failure> {
        let Some(fleet) = head.fleet() else {
            match self.format {
                Shape::Human => output::report(Format::Human, &head.report, &head.sources)?,
                Shape::Markdown => output::print(&markdown_without_plan(&head.report, &head.sources))?,
                Shape::Json => output::report(Format::Json, &head.report, &head.sources)?,
            }
            return Ok(None);
        };
        Ok(Some(Side::new(fleet, &head.sources, loader)))
    }

    fn overrides(&self) -> Overrides {
        Overrides { max_reinstall: self.max_reinstall.clone(), max_change: self.max_change.clone() }
    }

    /// Shows the plan, and what guards say of it.
    fn end(
        &self,
        changes: &Changes,
        judgement: Option<&Judgement>,
        before: Option<&dyn Reads>,
        head: &Side<'_>,
    ) -> Result<Outcome, Failure> {
        match (&self.diff, self.format) {
            (Some(only), _) => self.diffs(changes, before, head, only.as_deref())?,
            (None, Shape::Human) => output::print(&human(changes, &output::style("", None)))?,
            (None, Shape::Markdown) => output::print(&markdown(changes, judgement))?,
            (None, Shape::Json) => output::print(&json(changes))?,
        }
        if let Some(judgement) = judgement.filter(|judgement| judgement.report.has_errors()) {
            self.forbid(judgement)?;
            return Ok(Outcome::Faults);
        }
        Ok(if self.exit_code && !changes.is_empty() { Outcome::Changes } else { Outcome::Fine })
    }

    fn diffs(
        &self,
        changes: &Changes,
        before: Option<&dyn Reads>,
        head: &Side<'_>,
        only: Option<&str>,
    ) -> Result<(), Failure> {
        let known = |name: &str| -> Result<bool, Failure> {
            let there = |reads: &dyn Reads| reads.host(name).map(|files| files.is_some());
            let there = before.map_or(Ok(false), there).and_then(|was| Ok(was || there(head)?));
            there.map_err(|error| Failure::new(error.to_string()))
        };
        if let Some(name) = only
            && !known(name)?
        {
            return Err(Failure::new(format!("there is no host `{name}`, and there was none")));
        }
        let text = diff(changes, before, head, only).map_err(|error| Failure::new(error.to_string()))?;
        match (text.is_empty(), only) {
            (false, _) => output::print(&text),
            (true, Some(name)) => output::say(&format!("no text that {name} reads differs")),
            (true, None) => output::say("no text that a machine reads differs"),
        }
    }

    /// Shows what guards forbid: behind the plan, or beside it where that is not for people.
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
}
