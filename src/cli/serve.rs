//! `fleetc serve`: the tree on a port, for a trial, and who fetches what.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use clap::{ArgMatches, Args};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::input::{self, LevelFlags, Loaded};
use super::live::Live;
use super::seen::Print;
use super::{Failure, Outcome, check, output};
use crate::emit::{ENTRY, Emission};
use crate::model::{ArtifactSource, Fleet, FromText, Location, Release, ServerUrl};
use crate::report::Format;
use crate::serve::{Limits, Query, Service, Site};

/// Serve the tree on a port, for a trial, and show who fetches what
///
/// Not for production: it has no limits against clients that mean harm but the basic ones. The answers are those of a
/// plain nginx. Files are made when they are asked for, nothing is written, and a fleet file that changes is compiled
/// anew; as long as it has errors, the old tree is served. Exit status: 0 when Ctrl-C ends it, 1 when the fleet has
/// errors at the start, 2 when it could not run.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The fleet file; `-` reads standard input. Without one: `fleet.yaml` in the current folder.
    file: Option<PathBuf>,
    /// Where to listen: this machine alone hears it unless told otherwise. Port 0 is any that is free.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Compile as if this were the `server.url` of the fleet file, so that machines stay here.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// A folder with what you put beside the tree, such as kernels; the first that has a file gives it.
    #[arg(long = "root", value_name = "DIR")]
    roots: Vec<PathBuf>,
    #[command(flatten)]
    levels: LevelFlags,
}

/// How often the sources are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long a wait lasts before the end of the service is looked for.
const TICK: Duration = Duration::from_millis(100);

impl Serve {
    pub(super) fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let url = self.url.as_deref().map(url).transpose()?;
        for root in &self.roots {
            if !root.is_dir() {
                return Err(Failure::new(format!("`{}` is no folder", root.display())));
            }
        }
        let compiled = self.compile(matches, url.as_ref())?;
        let loaded = &compiled.loaded;
        let outcome = loaded.show()?;
        let Some(fleet) = loaded.compiled.fleet() else {
            output::complain("nothing is served while the fleet has errors");
            return Ok(outcome);
        };
        let listener = TcpListener::bind(self.listen).map_err(|error| self.deaf(&error))?;
        let listen = listener.local_addr().map_err(|error| self.deaf(&error))?;
        output::complain(&format!("{}, {}", check::summary(fleet), at(listen, fleet)));
        output::complain("this is for a trial, not for production; Ctrl-C ends it");
        self.notes(loaded, fleet, listen).iter().for_each(|note| output::complain(note));
        self.serve(compiled, url.as_ref(), &listener, matches)?;
        Ok(Outcome::Fine)
    }

    fn compile(&self, matches: &ArgMatches, url: Option<&ServerUrl>) -> Result<Compiled, Failure> {
        let opened = input::open(self.file.as_deref(), &self.levels, Format::Human, matches)?;
        let (folder, is_stdin) = (opened.folder.clone(), opened.is_stdin());
        let loaded = opened.load_at(url);
        let files = if is_stdin { Vec::new() } else { files(&loaded, &folder) };
        Ok(Compiled { loaded, files })
    }

    fn deaf(&self, error: &std::io::Error) -> Failure {
        let failure = Failure::new(format!("cannot listen on `{}`: {}", self.listen, input::reason(error)));
        match error.kind() {
            ErrorKind::AddrInUse => {
                failure.help("another program listens there; `--listen 127.0.0.1:0` takes any port")
            }
            ErrorKind::AddrNotAvailable => failure.help("no network card of this machine has that address"),
            ErrorKind::PermissionDenied => failure.help("ports below 1024 are for root"),
            _ => failure,
        }
    }

    /// What may surprise whoever tries a fleet.
    fn notes(&self, loaded: &Loaded, fleet: &Fleet, listen: SocketAddr) -> Vec<String> {
        let mut notes = Vec::new();
        let url = &fleet.server.url.value;
        // Whoever says `--url` knows by which address machines reach this one.
        if self.url.is_none() && !leads_to(url, listen) {
            notes.push(format!("note: machines that start here are led to `{url}`, as the fleet file says"));
            let ip = if listen.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listen.ip() };
            let own = SocketAddr::new(ip, listen.port());
            notes.push(format!(" help: `--url http://{own}`, or the address that they know this machine by"));
        }
        if !listen.ip().is_loopback() {
            notes.push("note: whoever reaches this port can read the tree, and the secrets that are in it".to_string());
        }
        let site = Site::new(fleet, &loaded.compiled.sources, &loaded.loader, &self.roots);
        let missing: Vec<&str> = beside(fleet).into_iter().filter(|path| !site.has(path)).collect();
        if !missing.is_empty() {
            notes.push(format!("note: not here: `{}`", missing.join("`, `")));
            notes.push(" help: `--root DIR` serves the files of a folder besides".to_string());
        }
        notes
    }

    /// Serves until Ctrl-C; a tree after the other, as the fleet file changes.
    fn serve(
        &self,
        first: Compiled,
        url: Option<&ServerUrl>,
        listener: &TcpListener,
        matches: &ArgMatches,
    ) -> Result<(), Failure> {
        let no_signals = |error: std::io::Error| Failure::new(format!("cannot wait for Ctrl-C: {error}"));
        let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(no_signals)?;
        let (sender, queries) = mpsc::channel();
        let queries = Mutex::new(queries);
        let (live, stop) = (Live::new(), AtomicBool::new(false));
        let service = Service { listener, queries: sender, limits: Limits::default(), watch: &live, stop: &stop };
        let (hosts, result) = thread::scope(|scope| {
            let handle = signals.handle();
            let (live, stop) = (&live, &stop);
            scope.spawn(move || {
                if signals.forever().next().is_some() {
                    stop.store(true, Ordering::Relaxed);
                }
            });
            scope.spawn(|| live.draw(stop));
            let service = scope.spawn(move || {
                let result = service.run();
                stop.store(true, Ordering::Relaxed);
                result
            });
            let trial = Trial { command: self, url, matches, live, stop };
            let mut current = first;
            let mut is_first = true;
            let hosts = loop {
                match trial.generation(&current, &queries, is_first) {
                    (_, Some(next)) => (current, is_first) = (next, false),
                    (hosts, None) => break hosts,
                }
            };
            handle.close();
            (hosts, service.join())
        });
        live.summary(&hosts)?;
        match result {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::new(format!("the service ended: {}", input::reason(&error)))),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// A fleet that was compiled, and the files that it was compiled from.
struct Compiled {
    loaded: Loaded,
    /// Fleet file, role texts, copied boot files; none of standard input.
    files: Vec<PathBuf>,
}

/// What goes on while trees come and go.
struct Trial<'t> {
    command: &'t Serve,
    url: Option<&'t ServerUrl>,
    matches: &'t ArgMatches,
    live: &'t Live,
    stop: &'t AtomicBool,
}

impl Trial<'_> {
    /// Serves one tree until there is another, or the service ends. Gives the names of its hosts.
    fn generation(
        &self,
        compiled: &Compiled,
        queries: &Mutex<Receiver<Query>>,
        is_first: bool,
    ) -> (Vec<String>, Option<Compiled>) {
        let loaded = &compiled.loaded;
        let Some(fleet) = loaded.compiled.fleet() else { return (Vec::new(), None) };
        let site = Site::new(fleet, &loaded.compiled.sources, &loaded.loader, &self.command.roots);
        let done = AtomicBool::new(false);
        let next = thread::scope(|scope| {
            let workers = thread::available_parallelism().map_or(2, usize::from);
            for _ in 0..workers {
                scope.spawn(|| site.answer(queries, &done));
            }
            // Those who answered from the tree before have ended.
            if !is_first {
                self.live.interrupt(|| output::complain("the new tree is served"));
            }
            let next = self.next(&compiled.files);
            done.store(true, Ordering::Relaxed);
            next
        });
        (site.hosts(), next)
    }

    /// Waits until these files have changed into a fleet without errors; none when the service ends first.
    fn next(&self, files: &[PathBuf]) -> Option<Compiled> {
        let mut files = files.to_vec();
        let mut print = Print::of(&files);
        loop {
            let wait = Instant::now() + LOOK;
            while Instant::now() < wait {
                if self.stop.load(Ordering::Relaxed) {
                    return None;
                }
                thread::sleep(TICK);
            }
            let changed = Print::of(&files);
            if changed == print {
                continue;
            }
            // An editor may be at it; what is written by half is not compiled.
            thread::sleep(TICK);
            if Print::of(&files) != changed {
                continue;
            }
            print = changed;
            let next = self.command.compile(self.matches, self.url);
            if self.tell(&next) {
                return next.ok();
            }
            if let Ok(next) = next {
                files.extend(next.files);
                files.sort();
                files.dedup();
                print = Print::of(&files);
            }
        }
    }

    /// Tells what became of a change; says whether there is a new tree.
    fn tell(&self, next: &Result<Compiled, Failure>) -> bool {
        self.live.interrupt(|| match next {
            Ok(next) => {
                // Whoever reads the findings may be gone; machines are served all the same.
                let _ = next.loaded.show();
                let is_new = next.loaded.compiled.fleet().is_some();
                if !is_new {
                    output::complain("the tree from before is served on");
                }
                is_new
            }
            Err(failure) => {
                output::complain(&format!("{}; the tree from before is served on", failure.message));
                false
            }
        })
    }
}

/// The files that a fleet was compiled from.
fn files(loaded: &Loaded, folder: &Path) -> Vec<PathBuf> {
    let sources = &loaded.compiled.sources;
    let mut names: Vec<&str> = sources.ids().map(|id| sources.get(id).name.as_str()).collect();
    let fleet = loaded.compiled.resolved();
    names.extend(fleet.iter().flat_map(|fleet| &fleet.releases).flat_map(copied));
    let mut files: Vec<PathBuf> = names.into_iter().map(|name| folder.join(name)).collect();
    files.sort();
    files.dedup();
    files
}

/// Reads a URL of the command line as one of the fleet file is read.
fn url(text: &str) -> Result<ServerUrl, Failure> {
    ServerUrl::from_text(text).map_err(|fault| Failure { message: fault.message, help: fault.help })
}

/// Where the entry script is.
fn at(listen: SocketAddr, fleet: &Fleet) -> String {
    format!("from http://{listen}{}/{ENTRY}", fleet.server.url.path())
}

/// Whether a URL leads to where a service listens, as far as can be seen from here.
fn leads_to(url: &ServerUrl, listen: SocketAddr) -> bool {
    let named = match url.host().parse::<Ipv4Addr>() {
        Ok(ip) => listen.ip().is_unspecified() || IpAddr::V4(ip) == listen.ip(),
        Err(_) => url.host() == "localhost" || !listen.ip().is_loopback(),
    };
    named && !url.is_https() && url.port() == listen.port()
}

/// The boot files that the fleet expects beside the tree, each once.
fn beside(fleet: &Fleet) -> Vec<&str> {
    let sources = fleet.releases.iter().flat_map(|release| [&release.kernel.source, &release.initrd.source]);
    let mut paths: Vec<&str> = sources
        .filter_map(|source| match &source.value {
            ArtifactSource::Served(Location::Path(path)) => Some(&**path),
            _ => None,
        })
        .collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// The boot files of a release that are copied into the tree, by their names beside the fleet file.
fn copied(release: &Release) -> impl Iterator<Item = &str> {
    Emission::copies(release).into_iter().flatten().map(|(_, name)| name)
}
