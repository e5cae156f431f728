//! `fleetc check`: every fault in one run.

use clap::{ArgMatches, Args};

use super::input::Input;
use super::{Failure, Outcome, output};
use crate::model::Fleet;
use crate::report::Format;

/// Judge a fleet file: every fault in one run
///
/// Exit status: 0 when there are no errors, 1 when there are, 2 when the check could not run.
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    input: Input,
}

impl Check {
    pub(super) fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let loaded = self.input.load(matches)?;
        let outcome = loaded.show()?;
        let report = &loaded.compiled.report;
        if let (Format::Human, Some(fleet), true) = (loaded.format, loaded.compiled.fleet(), report.findings.is_empty())
        {
            output::say(&format!("no faults: {}", summary(fleet)))?;
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
