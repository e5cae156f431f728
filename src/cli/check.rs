//! `fleetc check`: every fault in one run.

use clap::{ArgMatches, Args};

use super::input::{Input, Loaded};
use super::{Failure, Outcome, fix, output};
use crate::model::Fleet;
use crate::report::Format;

/// Judge a fleet file: every fault in one run
///
/// Exit status: 0 when there are no errors, 1 when there are, 2 when the check could not run.
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    input: Input,
    /// Repair what is safe and mechanical, in the fleet file and the role files; comments and layout stay.
    #[arg(long)]
    fix: bool,
    /// Show what `--fix` would change, as a unified diff, and change nothing.
    #[arg(long)]
    diff: bool,
}

impl Check {
    pub(super) fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let loaded = if self.fix || self.diff {
            let opened = self.input.open(matches)?;
            let loader = opened.loader();
            let mended = fix::mend(&opened, &loader);
            if self.diff {
                output::print(&mended.diff())?;
                return Ok(if mended.compiled.report.has_errors() { Outcome::Faults } else { Outcome::Fine });
            }
            if opened.is_stdin() {
                return Err(Failure::new("standard input cannot be repaired").help("`--diff` shows the repairs"));
            }
            mended.write(&opened.folder)?;
            Loaded { compiled: mended.compiled, loader, format: opened.format, levels: opened.levels }
        } else {
            self.input.load(matches)?
        };
        let outcome = loaded.show()?;
        let report = &loaded.compiled.report;
        if let (Format::Human, Some(fleet), true) = (loaded.format, loaded.compiled.fleet(), report.findings.is_empty())
        {
            let allowed = match report.suppressed.len() {
                0 => String::new(),
                1 => "; a comment allows 1 finding".to_string(),
                many => format!("; comments allow {many} findings"),
            };
            output::say(&format!("no faults: {}{allowed}", summary(fleet)))?;
        }
        // The process ends here; the system takes the memory back faster than the fleet would give it.
        std::mem::forget(loaded);
        Ok(outcome)
    }
}

/// What a fleet holds, in a few words.
pub(super) fn summary(fleet: &Fleet) -> String {
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let installing = fleet.hosts.iter().filter(|host| host.installs()).count();
    format!(
        "{} ({installing} to install, {} installed), {}, {}",
        count(fleet.hosts.len(), "host"),
        fleet.hosts.len() - installing,
        count(fleet.roles.len(), "role"),
        count(fleet.releases.len(), "release"),
    )
}
