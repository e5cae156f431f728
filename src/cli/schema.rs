//! `fleetc schema`: JSON Schemas, for editors and for those who read what fleetc writes.

use clap::{Args, ValueEnum};

use super::{Failure, Outcome, output};
use crate::schemas::{self, SCHEMAS};

/// Print a JSON Schema
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Of what.
    #[arg(default_value = "fleet")]
    of: Of,
}

/// What there are schemas of.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// The fleet file.
    Fleet,
    /// The installer's template.
    Template,
    /// `manifest.json`.
    Manifest,
    /// The findings that `--format json` writes.
    Findings,
    /// What `fleetc plan --format json` writes.
    Plan,
    /// What `show --format json` writes.
    Show,
    /// What `trace --format json` writes.
    Trace,
    /// What `verify --format json` writes.
    Verify,
}

impl Schema {
    pub(super) fn run(self) -> Result<Outcome, Failure> {
        let name = match self.of {
            Of::Fleet => "fleet",
            Of::Template => "ister-template",
            Of::Manifest => "manifest",
            Of::Findings => "findings",
            Of::Plan => "plan",
            Of::Show => "show",
            Of::Trace => "trace",
            Of::Verify => "verify",
        };
        let schema = SCHEMAS.iter().find(|(known, _)| *known == name);
        let (_, make) = schema.ok_or_else(|| Failure::new("no such schema"))?;
        output::say(schemas::text(&make()).trim_end())?;
        Ok(Outcome::Fine)
    }
}
