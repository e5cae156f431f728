//! The command line: a command a file.
// Files named by the user, the terminal, the environment: here, and in the seams, nowhere else.
#![allow(clippy::disallowed_methods)]

mod base;
mod build;
mod check;
mod completions;
mod emit;
mod explain;
mod fix;
mod image;
mod import;
mod init;
mod input;
mod live;
mod man;
mod output;
mod plan;
mod progress;
mod root;
mod schema;
mod seen;
mod serve;
mod show;
mod trace;
mod verify;

use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

/// What a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is well: exit 0.
    Fine,
    /// The fleet has faults: exit 1.
    Faults,
    /// A plan has changes, and was asked to say so: exit 2.
    Changes,
}

/// Why a command could not run: exit 2.
#[derive(Debug)]
pub struct Failure {
    message: String,
    help: Option<String>,
}

impl Failure {
    fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Failure {
        self.help = Some(help.into());
        self
    }
}

/// A compiler for fleets of machines: one YAML file in, a static tree for network installs out.
#[derive(Debug, Parser)]
#[command(name = "fleetc", version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Check(check::Check),
    Build(build::Build),
    Plan(plan::Plan),
    Show(show::Show),
    Trace(trace::Trace),
    Verify(verify::Verify),
    Emit(emit::Emit),
    Import(import::Import),
    Serve(serve::Serve),
    Image(image::Image),
    Explain(explain::Explain),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Runs the command that the arguments ask for.
pub fn run() -> ExitCode {
    let matches = Arguments::command().get_matches();
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let own = matches.subcommand().map_or(&matches, |(_, own): (&str, &ArgMatches)| own);
    let result = match arguments.command {
        Command::Init(command) => command.run(),
        Command::Check(command) => command.run(own),
        Command::Build(command) => command.run(own),
        Command::Plan(command) => command.run(own),
        Command::Show(command) => command.run(own),
        Command::Trace(command) => command.run(own),
        Command::Verify(command) => command.run(own),
        Command::Emit(command) => command.run(own),
        Command::Import(command) => command.run(own),
        Command::Serve(command) => command.run(own),
        Command::Image(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
    };
    match result {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Faults) => ExitCode::from(1),
        Ok(Outcome::Changes) => ExitCode::from(2),
        Err(failure) => {
            output::complain(&format!("error: {}", failure.message));
            if let Some(help) = failure.help {
                output::complain(&format!(" help: {help}"));
            }
            ExitCode::from(2)
        }
    }
}
