//! `fleetc completions`: what a shell needs to complete commands and flags.

use clap::{Args, CommandFactory, ValueEnum};

use super::{Arguments, Failure, Outcome, output};

/// Print completions for a shell
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

/// The shells that there are completions for.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    /// For `~/.local/share/bash-completion/completions/fleetc`.
    Bash,
    /// For `_fleetc` in a folder of `$fpath`.
    Zsh,
    /// For `~/.config/fish/completions/fleetc.fish`.
    Fish,
}

impl Completions {
    pub(super) fn run(self) -> Result<Outcome, Failure> {
        let shell = match self.shell {
            Shell::Bash => clap_complete::Shell::Bash,
            Shell::Zsh => clap_complete::Shell::Zsh,
            Shell::Fish => clap_complete::Shell::Fish,
        };
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "fleetc", &mut script);
        output::print(&String::from_utf8_lossy(&script))?;
        Ok(Outcome::Fine)
    }
}
