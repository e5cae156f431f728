//! `fleetc trace`: what a machine will see, request by request.

use std::path::PathBuf;

use clap::{ArgMatches, Args, ValueEnum};

use super::input::{self, LevelFlags};
use super::show::no_host;
use super::{Failure, Outcome, output};
use crate::report::Format;
use crate::show::{Found, find, mac};
use crate::trace::{human, trace};

/// Show what a machine will see when it boots, request by request
///
/// Nothing is asked of a server: the walk is computed from the tree that `build` would write. A MAC address that no host
/// lists gets what `unknown` gives it. Exit status: 0 when the walk is shown, 1 when the fleet has errors, 2 when there is
/// no such machine.
#[derive(Debug, Args)]
pub(super) struct Trace {
    /// A MAC address in any spelling, or a host name.
    machine: String,
    /// The fleet file; `-` reads standard input. Without one: `fleet.yaml` in the current folder.
    file: Option<PathBuf>,
    /// The card that the host boots from; the first that it lists unless given.
    #[arg(long, value_name = "MAC")]
    mac: Option<String>,
    /// Show every byte of every text that is fetched, secrets starred out.
    #[arg(long)]
    full: bool,
    /// How the walk is shown.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: TraceFormat,
    #[command(flatten)]
    levels: LevelFlags,
}

/// How a walk is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TraceFormat {
    /// A transcript.
    Human,
    /// One JSON object; `fleetc schema trace` is its JSON Schema.
    Json,
}

impl Trace {
    pub(super) fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let loaded = input::open(self.file.as_deref(), &self.levels, Format::Human, matches)?.load();
        let Some(fleet) = loaded.compiled.fleet() else {
            let outcome = loaded.show()?;
            output::complain("there is no tree to walk through while the fleet has errors");
            return Ok(outcome);
        };
        let (card, host) = match find(fleet, &self.machine) {
            Found::Unlisted(mac) => (mac, None),
            Found::Host(host, asked) => match asked.or(host.macs.first().map(|mac| mac.value)) {
                Some(first) => (first, Some(host)),
                None => return Err(Failure::new(format!("`{}` has no MAC address", host.name.as_str()))),
            },
            other => return no_host(&loaded, fleet, &self.machine, other),
        };
        let card = match (&self.mac, host) {
            (None, _) => card,
            (Some(text), None) => {
                let failure = Failure::new(format!("`{card}` is no host that could boot from another card"));
                return Err(failure.help(format!("`fleetc trace {text}` follows that card")));
            }
            (Some(text), Some(host)) => {
                let wanted = mac(text).filter(|mac| host.macs.iter().any(|known| known.value == *mac));
                wanted.ok_or_else(|| {
                    let known: Vec<String> = host.macs.iter().map(|mac| mac.colons()).collect();
                    let failure = Failure::new(format!("`{}` has no card `{text}`", host.name.as_str()));
                    failure.help(format!("its cards: `{}`", known.join("`, `")))
                })?
            }
        };
        let walk = trace(fleet, &loaded.compiled.sources, card, host, self.full);
        match self.format {
            TraceFormat::Json => output::say(&walk.json())?,
            TraceFormat::Human => output::print(&human(&walk, &output::style("", None)))?,
        }
        Ok(Outcome::Fine)
    }
}
