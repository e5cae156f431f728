//! `fleetc import`: a fleet file from what is there today, or machines added to one.

mod desk;
mod source;

use std::path::PathBuf;

use clap::{ArgMatches, Args, Subcommand};

use super::{Failure, Outcome, input};
use crate::import::{self, Pattern};
use crate::model::{FromText, Name, ServerUrl};
use desk::{Desk, Target};

/// Make a fleet file from what is there today, or add machines to one
///
/// What is wrong with the source is reported, all of it in one run, with its place; nothing is written when there is an
/// error. What was written is checked at the end. Exit status: 0 when that finds no error, 1 when there are errors in the
/// source or in what was written, 2 when the import could not run.
#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    Csv(Csv),
}

/// A vendor's list: CSV with a heading
///
/// Commas, semicolons, tabs or bars part the values. The columns are known by their names: `name` or `hostname`; `mac`,
/// `MAC address`, `mac1`, `mac2` …; `role`; `ip`. Every other column becomes a label; so do the addresses of management
/// controllers, which never boot.
#[derive(Debug, Args)]
struct Csv {
    /// The list; `-` reads standard input.
    file: PathBuf,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    more: More,
}

/// What a list of machines does not say.
#[derive(Debug, Args)]
struct More {
    /// Role of machines for which the list names none.
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Where booting machines will find the tree, for a new fleet file.
    #[arg(long, value_name = "URL", conflicts_with = "into")]
    url: Option<String>,
}

impl More {
    fn role(&self) -> Result<Option<Name>, Failure> {
        self.role.as_deref().map(|role| typed(role, "--role")).transpose()
    }

    fn url(&self) -> Result<Option<ServerUrl>, Failure> {
        self.url.as_deref().map(|url| typed(url, "--url")).transpose()
    }
}

/// The value of an option.
fn typed<T: FromText>(text: &str, option: &str) -> Result<T, Failure> {
    T::from_text(text).map_err(|fault| {
        let failure = Failure::new(format!("`{option}`: {}", fault.message));
        fault.help.into_iter().fold(failure, Failure::help)
    })
}

/// The pattern of `--names`.
fn pattern(text: Option<&str>) -> Result<Option<Pattern>, Failure> {
    let read = text.map(Pattern::read).transpose();
    read.map_err(|why| Failure::new(format!("`--names`: {why}")).help("write it like `node-###`"))
}

impl Import {
    pub(super) fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let own = matches.subcommand().map_or(matches, |(_, own)| own);
        match self.source {
            Source::Csv(csv) => csv.run(own),
        }
    }
}

impl Csv {
    fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let (role, url) = (self.more.role()?, self.more.url()?);
        let mut desk = Desk::open(&self.target, matches)?;
        let (shown, text) = source::text(&self.file)?;
        let file = desk.sources.add_foreign(shown.as_str(), text.as_str());
        let mut list = import::csv(&text, file, &desk.sink);
        list.setup.url = url;
        desk.known.role = role;
        desk.known.names = pattern(self.target.names.as_deref())?;
        desk.known.name_place = "write one into the column `name`";
        desk.finish(list, &shown)
    }
}
