//! `fleetc verify`: a server, asked as the machines will ask it.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{ArgMatches, Args, ValueEnum};

use super::input::{self, LevelFlags, Opened, reason};
use super::progress::Progress;
use super::{Failure, Outcome, output};
use crate::compile::Compiled;
use crate::diag::Fault;
use crate::emit::Emission;
use crate::model::{ArtifactSource, Fleet, FromText, Mac, ServerUrl};
use crate::publish::Manifest;
use crate::publish::manifest::Checksum;
use crate::report::{Format, Style, render};
use crate::tree::{Body, MANIFEST};
use crate::verify::fetch::Fetcher;
use crate::verify::{
    Choice, Expected, Limits, Order, Report, Served, Source, Texts, Trouble, base_at, files_of, human, is_loopback,
    json, junit, served, verify,
};

/// Ask a server for what machines will ask it for, and compare every answer with what should come
///
/// The pre-flight check of a real server: every file is asked for as its client does it, iPXE or the installer, and
/// compared by size and SHA-256; so are kernels and initrds, a machine that is not listed, and files that must be gone.
/// Exit status: 0 when all is well, 1 when something differs, 2 when the check could not be made or not be finished.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The server's root, which stands in for `server.url`: `http://192.168.1.1`.
    #[arg(value_parser = url)]
    url: ServerUrl,
    /// Compare with this tree, as `build` wrote it. Without `--tree` and `--fleet`: with the manifest that the server
    /// has itself.
    #[arg(long, value_name = "DIR", conflicts_with = "fleet")]
    tree: Option<PathBuf>,
    /// Compare with this fleet file, compiled.
    #[arg(long, value_name = "FILE")]
    fleet: Option<PathBuf>,
    #[command(flatten)]
    levels: LevelFlags,
    /// Ask for what this host asks for; may be given more than once.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Ask for what the machine with this MAC address asks for; may be given more than once.
    #[arg(long = "mac", value_name = "MAC", value_parser = mac)]
    macs: Vec<Mac>,
    /// Ask for what so many network cards ask for, spread evenly over the fleet.
    #[arg(long, value_name = "NUMBER")]
    sample: Option<NonZeroUsize>,
    /// The files may send machines to another server than the one that is asked. A loopback address is always such a
    /// trial.
    #[arg(long)]
    trial: bool,
    /// Connections at once.
    #[arg(long, value_name = "NUMBER", default_value = "16", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: u16,
    /// Seconds to wait for a connection, and for an answer.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// Seconds for all of it.
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = clap::value_parser!(u64).range(1..=604_800))]
    max_time: u64,
    /// How the result is shown.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Shape,
}

/// How the result is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// What is wrong, alike together, and a table by kind of URL.
    Human,
    /// One JSON object; `fleetc schema verify` is its JSON Schema.
    Json,
    /// JUnit XML, for CI servers that show tests.
    Junit,
}

/// What a fault of typed text says.
fn said(fault: Fault) -> String {
    fault.help.map_or(fault.message.clone(), |help| format!("{}: {help}", fault.message))
}

fn url(text: &str) -> Result<ServerUrl, String> {
    let url = ServerUrl::from_text(text).map_err(said)?;
    // contract X-12
    let why = "fleetc asks over http alone, as iPXE does in most builds: give the http URL that machines boot from";
    if url.is_https() { Err(why.to_string()) } else { Ok(url) }
}

fn mac(text: &str) -> Result<Mac, String> {
    crate::show::mac(text).ok_or_else(|| "a MAC address is six pairs of hexadecimal digits".to_string())
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        let failure = Failure::new(trouble.message);
        match trouble.help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

impl Verify {
    pub(super) fn run(self, matches: &ArgMatches) -> Result<Outcome, Failure> {
        let seconds = Duration::from_secs;
        let mut fetcher = Fetcher::new(seconds(self.timeout), Instant::now() + seconds(self.max_time));
        let report = if let Some(file) = &self.fleet {
            let opened = input::open(Some(file), &self.levels, Format::Human, matches)?;
            let served = served(&mut fetcher, &self.url)?;
            self.against_fleet(&opened, served, &mut fetcher)?
        } else if let Some(folder) = &self.tree {
            let manifest = local(folder)?;
            let served = served(&mut fetcher, &self.url)?;
            let text = |path: &str| std::fs::read(folder.join(path)).ok();
            let expected = expected(manifest, Source::Tree, Some(&text), Some(&served));
            self.check(&expected, Some(&served))?
        } else {
            match served(&mut fetcher, &self.url)? {
                Served::Manifest(manifest) => self.check(&expected(manifest, Source::Server, None, None), None)?,
                Served::None(why) => {
                    let failure = Failure::new(format!("`{}` gives no manifest to compare with: {why}", self.url));
                    return Err(failure.help("say what it should serve: `--tree DIR` or `--fleet FILE`"));
                }
            }
        };
        self.show(&report)
    }

    /// Checks a server against a fleet file. The files may have the URL that was given in the place of `server.url`.
    fn against_fleet(&self, opened: &Opened, served: Served, fetcher: &mut Fetcher) -> Result<Report, Failure> {
        let loader = opened.loader();
        let mut compiled = opened.compile(opened.text.clone(), &loader);
        let own = sound(&compiled)?.server.url.clone();
        let mut note = None;
        let other = own.value != self.url && !is_loopback(&self.url);
        if other && base_at(fetcher, &self.url).as_deref() != Some(own.value.as_str()) {
            let mut text = opened.text.clone();
            let place = own.span.start as usize..own.span.end as usize;
            text.replace_range(place, &format!("\"{}\"", self.url));
            compiled = opened.compile(text, &loader);
            note = Some(format!(
                "compiled with {} in the place of {}, the `server.url` of the fleet file",
                self.url, own.value
            ));
        }
        let fleet = sound(&compiled)?;
        let emission = Emission::new(fleet, &compiled.sources);
        let text = |path: &str| match emission.find(path)?.body {
            Body::Bytes(bytes) => Some(bytes.into_owned()),
            Body::Copy(_) => None,
        };
        let files = files_of(&emission, &loader)
            .map_err(|error| Failure::new(format!("a boot file cannot be read: {}", reason(&error))))?;
        let manifest = Manifest { version: crate::publish::manifest::VERSION, files };
        let mut expected = expected(manifest, Source::Fleet, Some(&text), Some(&served));
        expected.sums = sums(fleet);
        let mut report = self.check(&expected, Some(&served))?;
        report.notes.extend(note);
        Ok(report)
    }

    fn check(&self, expected: &Expected<'_>, served: Option<&Served>) -> Result<Report, Failure> {
        if let Some(mac) = self.macs.iter().find(|mac| expected.script(**mac).is_none()) {
            let failure = Failure::new(format!("no host has the MAC address `{mac}`"));
            return Err(failure.help("a machine that is not listed is part of every check"));
        }
        let choice =
            Choice { macs: self.macs.clone(), hosts: self.hosts.clone(), sample: self.sample.map(NonZeroUsize::get) };
        let limits = Limits {
            jobs: usize::from(self.jobs),
            timeout: Duration::from_secs(self.timeout),
            total: Duration::from_secs(self.max_time),
        };
        let bar = Progress::new("asking the server", "requests");
        let progress = |done, more| bar.add(done, more);
        let order =
            Order { url: &self.url, expected, served, choice: &choice, limits, trial: self.trial, progress: &progress };
        Ok(verify(&order)?)
    }

    fn show(&self, report: &Report) -> Result<Outcome, Failure> {
        match self.format {
            Shape::Human => output::print(&human(report, &output::style("", None)))?,
            Shape::Json => output::print(&json(report))?,
            Shape::Junit => output::print(&junit(report))?,
        }
        if let Some(why) = &report.unfinished {
            let failure = Failure::new(format!("the check is not finished: {why}"));
            return Err(failure.help("`--sample`, `--timeout`, `--max-time` and `--jobs` say how much, and how long"));
        }
        Ok(if report.is_good() { Outcome::Fine } else { Outcome::Faults })
    }
}

/// What a server should have, by a manifest.
fn expected<'e>(manifest: Manifest, source: Source, text: Option<Texts<'e>>, served: Option<&Served>) -> Expected<'e> {
    let mut expected = Expected::new(manifest.files, source, text);
    if let Some(Served::Manifest(theirs)) = served
        && theirs.files != expected.files
    {
        expected.theirs.clone_from(&theirs.files);
    }
    expected
}

/// The manifest of a tree on disk.
fn local(folder: &Path) -> Result<Manifest, Failure> {
    let path = folder.join(MANIFEST);
    let bytes = std::fs::read(&path).map_err(|error| {
        let failure = Failure::new(format!("`{}` cannot be read: {}", path.display(), reason(&error)));
        failure.help("`--tree` takes a folder that `fleetc build` wrote")
    })?;
    Manifest::parse(&bytes).map_err(|error| Failure::new(format!("`{}`: {error}", folder.display())))
}

/// The fleet, when it has no errors.
fn sound(compiled: &Compiled) -> Result<&Fleet, Failure> {
    compiled.fleet().ok_or_else(|| {
        let mut text = Vec::new();
        let _ = render(Format::Human, &compiled.report, &compiled.sources, &Style::PLAIN, &mut text);
        output::complain(String::from_utf8_lossy(&text).trim_end());
        Failure::new("the fleet has errors, so there is nothing to compare the server with")
    })
}

/// The sums of boot files that are on a server already, as the fleet file gives them.
fn sums(fleet: &Fleet) -> BTreeMap<String, Checksum> {
    let files = fleet.releases.iter().flat_map(|release| [&release.kernel, &release.initrd]);
    let served = files.filter(|file| matches!(file.source.value, ArtifactSource::Served(_)));
    served.filter_map(|file| Some((file.source_url(&fleet.server), Checksum(file.sha256.as_ref()?.value.0)))).collect()
}
