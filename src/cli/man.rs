//! `fleetc man`: manual pages, one for each command.

use std::path::PathBuf;

use clap::{Args, CommandFactory};

use super::input::reason;
use super::{Arguments, Failure, Outcome, output};
use crate::nearest;

/// Print a manual page, or write all of them into a folder
#[derive(Debug, Args)]
pub(super) struct Man {
    /// The command whose page is printed; that of `fleetc` itself unless given.
    #[arg(conflicts_with = "output")]
    command: Option<String>,
    /// Folder to write `fleetc.1`, `fleetc-check.1` and so on into; it is made if it is not there.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(self) -> Result<Outcome, Failure> {
        let pages = pages()?;
        let Some(folder) = self.output else {
            let name = self.command.map_or("fleetc".to_string(), |command| format!("fleetc-{command}"));
            let Some((_, page)) = pages.iter().find(|(known, _)| *known == name) else {
                let asked = name.trim_start_matches("fleetc-");
                let failure = Failure::new(format!("no command is called `{asked}`"));
                let names = pages.iter().filter_map(|(known, _)| known.strip_prefix("fleetc-"));
                return Err(match nearest::nearest(asked, names) {
                    Some(near) => failure.help(format!("did you mean `{near}`?")),
                    None => failure.help("`fleetc --help` lists the commands"),
                });
            };
            output::print(page)?;
            return Ok(Outcome::Fine);
        };
        let fault =
            |what: &str, error: &std::io::Error| Failure::new(format!("`{what}` cannot be written: {}", reason(error)));
        std::fs::create_dir_all(&folder).map_err(|error| fault(&folder.display().to_string(), &error))?;
        for (name, page) in &pages {
            let path = folder.join(format!("{name}.1"));
            std::fs::write(&path, page).map_err(|error| fault(&path.display().to_string(), &error))?;
        }
        output::say(&format!("{}: {} pages", folder.display(), pages.len()))?;
        Ok(Outcome::Fine)
    }
}

/// Every page, by its name: that of the program, then one for each command.
fn pages() -> Result<Vec<(String, String)>, Failure> {
    let mut program = Arguments::command().disable_help_subcommand(true);
    program.build();
    let page = |name: String, command: &clap::Command| {
        // The page says how the command is called, and of which version it tells.
        let version = env!("CARGO_PKG_VERSION");
        (name.clone(), command.clone().display_name(name).version(version))
    };
    let commands = program.get_subcommands().flat_map(|command| {
        let name = format!("fleetc-{}", command.get_name());
        let below = command.get_subcommands().map(|inner| page(format!("{name}-{}", inner.get_name()), inner));
        std::iter::once(page(name.clone(), command)).chain(below.collect::<Vec<_>>())
    });
    let all = std::iter::once(("fleetc".to_string(), program.clone())).chain(commands);
    all.map(|(name, command)| {
        let mut page = Vec::new();
        let rendered = clap_mangen::Man::new(command)
            .manual("fleetc")
            .source(concat!("fleetc ", env!("CARGO_PKG_VERSION")))
            .render(&mut page);
        rendered.map_err(|error| Failure::new(format!("no page for {name}: {error}")))?;
        Ok((name, String::from_utf8_lossy(&page).into_owned()))
    })
    .collect()
}
