//! `fleetc show`: one machine as it is meant.

use std::path::PathBuf;

use clap::{ArgMatches, Args, ValueEnum};

use super::input::{self, LevelFlags, Loaded};
use super::{Failure, Outcome, output};
use crate::diag::Level;
use crate::model::{Fleet, Unknown};
use crate::report::Format;
use crate::show::{Found, find, human, plain, show};

/// Show a machine as it is meant: each value, its line, what that overrode
///
/// A fleet with errors is shown as far as it could be resolved. Exit status: 0 when the machine is shown, 1 when a fault
/// in the fleet leaves nothing to show, 2 when there is no such machine or field.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// A host name, or a MAC address in any spelling.
    machine: String,
    /// The fleet file; `-` reads standard input. Without one: `fleet.yaml` in the current folder.
    file: Option<PathBuf>,
    /// Print the value of this field and nothing else, a line for each element of a list; may be given more than once.
    #[arg(short = 'F', long = "field", value_name = "NAME")]
    fields: Vec<String>,
    /// How the machine is shown.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: ShowFormat,
    #[command(flatten)]
    levels: LevelFlags,
}

/// How a machine is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ShowFormat {
    /// A table.
    Human,
    /// One JSON object; `fleetc schema show` is its JSON Schema.
    Json,
}

impl Show {
    pub(super) fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let loaded = input::open(self.file.as_deref(), &self.levels, Format::Human, matches)?.load();
        let compiled = &loaded.compiled;
        let Some(fleet) = compiled.resolved() else { return loaded.show() };
        let host = match find(fleet, &self.machine) {
            Found::Host(host, _) => host,
            other => return no_host(&loaded, fleet, &self.machine, other),
        };
        let mut shown = show(compiled, fleet, host);
        let asked = !self.fields.is_empty();
        if asked {
            shown = shown.only(&self.fields).map_err(|none| {
                let failure = Failure::new(format!("`{}` has no field `{}`", host.name.as_str(), none.name));
                match none.near {
                    Some(near) => failure.help(format!("did you mean `{near}`?")),
                    None => failure.help(format!("`fleetc show {}` lists the fields", host.name.as_str())),
                }
            })?;
        }
        match self.format {
            ShowFormat::Json => output::say(&shown.json())?,
            ShowFormat::Human if asked => output::print(&plain(&shown))?,
            ShowFormat::Human => output::print(&human(&shown, &output::style("", None)))?,
        }
        let errors = compiled.report.count(Level::Error);
        if errors > 0 {
            let them = if errors == 1 { "1 error".to_string() } else { format!("{errors} errors") };
            output::complain(&format!(
                "the fleet has {them}: nothing is built before that is mended; see `fleetc check`"
            ));
        }
        Ok(Outcome::Fine)
    }
}

/// Says why there is no host to show.
pub(super) fn no_host(loaded: &Loaded, fleet: &Fleet, asked: &str, found: Found<'_>) -> Result<Outcome, Failure> {
    match found {
        Found::Stray(name) => {
            loaded.show()?;
            output::complain(&format!("host `{name}` could not be resolved"));
            Ok(Outcome::Faults)
        }
        Found::Unlisted(mac) => {
            let gets = match &fleet.unknown {
                Unknown::Refuse => "is told so and keeps its disk (`unknown: refuse`)".to_string(),
                Unknown::Local => "boots its local disk (`unknown: local`)".to_string(),
                Unknown::Install(role) => {
                    let role = fleet.role(role.value).name.as_str();
                    format!("is installed with role `{role}` (`unknown: {{ install: {role} }}`)")
                }
            };
            let failure = Failure::new(format!("no host has the MAC address `{mac}`: such a machine {gets}"));
            Err(failure.help(format!("`fleetc trace {mac}` shows what it would see")))
        }
        Found::Nothing(near) => {
            let failure = Failure::new(format!("no host is called `{asked}`"));
            Err(match near {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure.help("a host name, or a MAC address: six pairs of hexadecimal digits"),
            })
        }
        Found::Host(..) => Ok(Outcome::Fine),
    }
}
