//! `fleetc build`: the tree, published whole or not at all.

use std::path::PathBuf;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{ArgMatches, Args, ValueEnum};

use super::input::{Input, Loaded};
use super::progress::Progress;
use super::{Failure, Outcome, check, output};
use crate::diag::Sink;
use crate::emit::Emission;
use crate::model::Fleet;
use crate::publish::{Output, PublishError, Published, Spare, publish};
use crate::report::Format;
use crate::rules::walk;
use crate::tree::Tree;

/// Compile a fleet file into a tree that any HTTP server can host
///
/// Nothing is published when the fleet has an error, nor when a boot script would lead a machine astray: `build` follows
/// every machine along every path through the files as it makes them. A reader of the folder sees the old tree or the new one, whole; files
/// that fleetc did not write are left alone. Exit status: 0 when the tree is published, 1 when the fleet has errors, 2
/// when the build could not run.
#[derive(Debug, Args)]
pub(super) struct Build {
    #[command(flatten)]
    input: Input,
    /// Folder for the tree: a new one, an empty one, or one that fleetc wrote.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Keep the tree before this one beside DIR, so that the next build writes only what changed: with `auto` from 20,000
    /// files on.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = When::Auto)]
    spare: When,
}

/// When the tree before the published one is kept.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

impl From<When> for Spare {
    fn from(when: When) -> Spare {
        match when {
            When::Auto => Spare::Auto,
            When::Always => Spare::Always,
            When::Never => Spare::Never,
        }
    }
}

impl Build {
    pub(super) fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        // What is published, and what the tree is made from, have nothing to do with each other yet.
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| Output::new(&self.output, self.spare.into()).look(&stop));
            let look = || looking.join().unwrap_or_else(|_| Output::new(&self.output, self.spare.into()));
            let outcome = self.build(matches, look);
            stop.store(true, Ordering::Relaxed);
            outcome
        })
    }

    /// Builds, and asks for what was looked at when the tree is there.
    fn build<'o>(&self, matches: &ArgMatches, look: impl FnOnce() -> Output<'o>) -> Result<Outcome, Failure> {
        let progress = Progress::new("reading the fleet", "files");
        let mut loaded = self.input.load(matches)?;
        drop(progress);
        let Some(fleet) = loaded.compiled.fleet() else {
            return refuse(&loaded);
        };
        let (sink, progress) = (Sink::default(), Progress::new("comparing with what is published", "files"));
        let published = {
            let emission = Emission::new(fleet, &loaded.compiled.sources);
            let tree = walk::Followed::new(fleet, &emission, &sink);
            let all = Once::new();
            let done = |files| {
                let mut more = 0;
                all.call_once(|| more = tree.len());
                progress.add(files, more);
            };
            publish(&tree, &loaded.loader, &look(), &|notice| output::complain(notice), &done)
        };
        drop(progress);
        if let Err(PublishError::Refused) = published {
            loaded.compiled.add(sink);
            return refuse(&loaded);
        }
        loaded.show()?;
        let published = published.map_err(|error| Failure::new(error.to_string()))?;
        if loaded.format == Format::Human {
            self.say(fleet, &published)?;
        }
        // The process ends here; the system takes the memory back faster than the fleet would give it.
        std::mem::forget(loaded);
        Ok(Outcome::Fine)
    }

    /// Says what was published.
    fn say(&self, fleet: &Fleet, published: &Published) -> Result<(), Failure> {
        let place = self.output.display();
        output::say(&format!("{place}: {}", outcome_of(published)))?;
        output::say(&check::summary(fleet))?;
        let installing = fleet.hosts.iter().filter(|host| host.installs()).count();
        if installing == 0 {
            return Ok(());
        }
        // contract I-88: nothing else remembers that a machine is installed
        let are = if installing == 1 { "is" } else { "are" };
        let who = format!("the {installing} to install {are} wiped and installed at each network boot");
        output::say(&format!("{who}, until `state: installed`"))
    }
}

/// Shows what is wrong with the fleet.
fn refuse(loaded: &Loaded) -> Result<Outcome, Failure> {
    let outcome = loaded.show()?;
    if loaded.format == Format::Human {
        output::complain("nothing was written");
    }
    Ok(outcome)
}

fn outcome_of(published: &Published) -> String {
    if published.written == 0 && published.removed == 0 {
        return format!("{} files, nothing to change", published.files);
    }
    let mut parts = vec![format!("{} files: {} written", published.files, published.written)];
    if published.unchanged > 0 {
        parts.push(format!("{} unchanged", published.unchanged));
    }
    if published.removed > 0 {
        parts.push(format!("{} removed", published.removed));
    }
    parts.join(", ")
}
