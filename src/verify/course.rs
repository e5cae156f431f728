//! The course of a check: the manifest, the rounds of requests, a machine that is not listed, and what is to be noted.

use std::cell::RefCell;
use std::io::{self, Read};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::answer::{BodyEnd, End};
use super::client::Client;
use super::differ;
use super::expected::{Expected, Source, compare};
use super::fault::Fault;
use super::fetch::{Appetite, Fetcher};
use super::judge::{Known, judge};
use super::kind::Kind;
use super::probe::{Probe, Target, Want};
use super::read::{self, Well};
use super::report::{Finding, Report};
use super::run::{Lesson, Limits, Progress, Run};
use super::survey::{Choice, Survey};
use crate::emit::ENTRY;
use crate::ipxe::{Content, End as Outcome, Machine, What, World, boot};
use crate::model::ServerUrl;
use crate::publish::Manifest;
use crate::publish::manifest::{Checksum, Entry};
use crate::source::Loader;
use crate::tree::{Body, MANIFEST, Tree};

/// No manifest is larger: it would be that of five million files.
const LARGEST_MANIFEST: u64 = 1 << 30;

/// Why a check cannot be made, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Trouble {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Trouble {
        Trouble { message: message.into(), help: Some(help.into()) }
    }
}

/// The server's own manifest.
#[derive(Debug)]
pub enum Served {
    /// There is one.
    Manifest(Manifest),
    /// There is none, or something else in its place: what is wrong.
    None(String),
}

/// What is to be checked.
pub struct Order<'o> {
    /// The URL that stands in for `server.url`.
    pub url: &'o ServerUrl,
    /// What the server should have.
    pub expected: &'o Expected<'o>,
    /// The server's own manifest, where what should be there is known from elsewhere.
    pub served: Option<&'o Served>,
    /// Which machines.
    pub choice: &'o Choice,
    /// How long it may take.
    pub limits: Limits,
    /// Whether files may send machines to another server than the one that is asked.
    pub trial: bool,
    /// Is told how far it is.
    pub progress: Progress<'o>,
}

/// Asks for the server's manifest.
///
/// # Errors
/// When the server cannot be reached.
pub fn served(fetcher: &mut Fetcher, url: &ServerUrl) -> Result<Served, Trouble> {
    let appetite = Appetite { most: LARGEST_MANIFEST, keep: LARGEST_MANIFEST as usize, size: LARGEST_MANIFEST / 16 };
    let answer = fetcher.get(Client::Fleetc, &url.join(MANIFEST), appetite, false);
    if let End::Nothing(why) = &answer.end {
        let help = "is the server up, and is this machine in the network of the machines?";
        return Err(Trouble::new(format!("`{url}` cannot be asked: {why}"), help));
    }
    // Any bytes will do here: what they say is read below.
    if let Err(fault) = judge(Want::Image(None), &answer, Known::default()) {
        return Ok(Served::None(format!("`{MANIFEST}`: {}", fault.message())));
    }
    let bytes = answer.success().and_then(|reply| reply.body.whole()).unwrap_or_default();
    Ok(match Manifest::parse(bytes) {
        Ok(manifest) => Served::Manifest(manifest),
        Err(error) => Served::None(error.to_string()),
    })
}

/// `server.url` as the boot script of a server has it; none when there is no such script.
pub fn base_at(fetcher: &mut Fetcher, url: &ServerUrl) -> Option<String> {
    let answer = fetcher.get(Client::Ipxe, &url.join(ENTRY), Appetite::TEXT, false);
    let text = String::from_utf8_lossy(answer.success()?.body.whole()?).into_owned();
    crate::emit::read::server(&text).map(str::to_string)
}

/// The files of a tree that is not on disk.
///
/// # Errors
/// When a file to copy cannot be read.
pub fn files_of(tree: &dyn Tree, loader: &dyn Loader) -> io::Result<Vec<Entry>> {
    let entry = |index: usize| -> io::Result<Entry> {
        let file = tree.file(index);
        let (size, sha256) = match &file.body {
            Body::Bytes(bytes) => (bytes.len() as u64, differ::sum(bytes)),
            Body::Copy(name) => sum_of(&mut loader.open(name)?)?,
        };
        Ok(Entry { path: file.path, size, sha256, origin: tree.origin(index).into() })
    };
    (0..tree.len()).into_par_iter().map(entry).collect()
}

/// The size and the sum of what a reader gives.
fn sum_of(reader: &mut dyn Read) -> io::Result<(u64, Checksum)> {
    let (mut sum, mut size, mut buffer) = (Sha256::new(), 0, vec![0; 64 << 10]);
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok((size, Checksum(sum.finalize().into()))),
            Ok(count) => {
                size += count as u64;
                sum.update(&buffer[..count]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Checks a server.
///
/// # Errors
/// When a host that was asked for is not there, or the list of files is no tree's.
pub fn verify(order: &Order<'_>) -> Result<Report, Trouble> {
    let expected = order.expected;
    if expected.find(ENTRY).is_none() {
        let help = "a manifest that `fleetc build` wrote lists one";
        return Err(Trouble::new(format!("the manifest lists no `{ENTRY}`, so there is nothing to check"), help));
    }
    let mut survey = Survey::new(expected, order.choice);
    let mut run = Run::new(expected, order.url.as_str(), order.limits, order.progress);
    let mut report = Report::new(order.url.as_str(), expected.source);
    let mut redirects = Lesson::default();
    let mut note = |lesson: &Lesson| redirects.redirect(lesson.redirected.0, lesson.redirected.1.as_ref());

    run.base = survey.base().map(str::to_string);
    let lesson = run.round(&survey.entry(), &mut report);
    note(&lesson);
    let text = lesson.entry.unwrap_or_default();
    if expected.text.is_none() {
        survey.learn_entry(&text);
    }
    run.base = survey.base().map(str::to_string);
    run.served_base = crate::emit::read::server(&text).map(str::to_string);

    let lesson = run.round(&survey.scripts(), &mut report);
    note(&lesson);
    survey.learn(lesson.cards, lesson.roles);
    if let (Some(host), None) = (survey.unknown_hosts().first(), &report.unfinished) {
        let help = "the name as the fleet file has it; `--mac` chooses a machine by its address";
        return Err(Trouble::new(format!("no boot script is that of a host `{host}`"), help));
    }
    let lesson = run.round(&survey.files(), &mut report);
    note(&lesson);
    survey.learn(Vec::new(), lesson.roles);
    let rest = survey.rest();
    let lesson = run.round(&rest, &mut report);
    note(&lesson);
    report.machines = (survey.machines(), expected.macs().count());
    if report.unfinished.is_none() {
        unlisted(&run, &mut report);
        manifest(order, &mut report);
        elsewhere(order, &run, &mut report);
        notes(order, &run, &survey, &rest, &mut report);
    }
    if let (count @ 1.., Some(to)) = redirects.redirected {
        let answers = if count == 1 { "1 answer came".to_string() } else { format!("{count} answers came") };
        report.notes.push(format!("{answers} by way of a redirect that its client follows, such as to {to}"));
    }
    Ok(report)
}

/// The server, as iPXE sees it.
struct Network<'r> {
    run: &'r Run<'r>,
    fetcher: RefCell<Fetcher>,
}

impl World for Network<'_> {
    fn get(&self, url: &str, what: What) -> Option<Content> {
        // Boot files were asked for before.
        if what == What::Image {
            return Some(Content::Image);
        }
        let url = self.run.on_server(url);
        let answer = self.fetcher.borrow_mut().get(Client::Ipxe, &url, Appetite::TEXT, false);
        let body = &answer.success()?.body;
        (body.end == BodyEnd::Whole).then(|| Content::of(&body.start))
    }
}

/// Follows a machine that is not listed.
fn unlisted(run: &Run<'_>, report: &mut Report) {
    let mac = run.expected.unlisted().replace('-', ":");
    let server = Network { run, fetcher: RefCell::new(run.fetcher()) };
    let entry = format!("{}/{ENTRY}", run.asked);
    let machine = Machine { cards: vec![mac.clone()], booted: 0 };
    let end = boot(&machine, &entry, &server, &mut Well::default());
    let conf = format!("/{}/static/ister/ister.conf", run.expected.service());
    let how = match end {
        Outcome::Kernel(start) if !run.expected.installs_unlisted() => {
            Some(format!("{mac}, which no host lists, is installed: {}", start.line))
        }
        Outcome::Kernel(start) if !read::configuration(&start.line).is_some_and(|url| url.ends_with(&conf)) => {
            Some(format!("{mac}, which no host lists, is installed with another configuration: {}", start.line))
        }
        Outcome::NextDevice if run.expected.installs_unlisted() => {
            Some(format!("{mac}, which no host lists, goes on to its next boot device, and `unknown` installs it"))
        }
        Outcome::Loop => Some(format!("{mac}, which no host lists, goes round in the scripts for ever")),
        Outcome::Unknown(what) => Some(format!("{mac}, which no host lists, cannot be followed: {what}")),
        Outcome::Kernel(_) | Outcome::NextDevice => None,
    };
    let finding = how.map(|how| finding(Fault::Treated(how), Kind::Unlisted, entry.clone(), ENTRY));
    report.count(Kind::Unlisted, finding);
}

fn finding(fault: Fault, kind: Kind, url: String, path: &str) -> Finding {
    Finding { fault, kind, client: kind.client(), url, path: path.to_string(), origin: None }
}

/// The server's manifest, against the one that counts.
fn manifest(order: &Order<'_>, report: &mut Report) {
    let theirs = match order.served {
        None => return report.count(Kind::Manifest, None),
        Some(Served::Manifest(theirs)) => theirs,
        Some(Served::None(why)) => {
            let so = "machines do not ask for it, and files were compared without it";
            return report.notes.push(format!("the server gives no manifest: {why}; {so}"));
        }
    };
    let [ours, alone, other] = compare(&order.expected.files, &theirs.files);
    let finding = (ours + alone + other > 0).then(|| {
        let how = "it is that of another generation";
        let how = format!("{how} (other bytes: {other}; not in it: {ours}; in it alone: {alone})");
        finding(Fault::Stale(how), Kind::Manifest, order.url.join(MANIFEST), MANIFEST)
    });
    report.count(Kind::Manifest, finding);
}

/// Where the files send machines, against where they were asked for.
fn elsewhere(order: &Order<'_>, run: &Run<'_>, report: &mut Report) {
    let Some(base) = run.served_base.as_deref().filter(|base| !same_server(base, run.asked)) else { return };
    if report.findings.iter().any(|finding| matches!(finding.fault, Fault::Elsewhere(_))) {
        return;
    }
    if order.trial || is_loopback(order.url) {
        let asked = run.asked;
        return report.notes.push(format!("the files send machines to {base}; {asked} stood in for it"));
    }
    let finding =
        finding(Fault::Elsewhere(base.to_string()), Kind::BootScript, format!("{}/{ENTRY}", run.asked), ENTRY);
    // It was counted as good, if its bytes are those of the tree.
    if report.findings.iter().all(|finding| finding.kind != Kind::BootScript) {
        report.tally.entry(Kind::BootScript).or_default().bad += 1;
    }
    report.findings.push(finding);
}

/// Whether no machine can boot from a URL, since it is that of the machine itself: it stands in for the real one.
pub fn is_loopback(url: &ServerUrl) -> bool {
    url.host() == "localhost" || url.host().starts_with("127.")
}

/// Whether two URLs name the same server and folder, as far as their spelling tells.
fn same_server(a: &str, b: &str) -> bool {
    let plain = |url: &str| {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let host = host.to_ascii_lowercase();
        let host = if scheme == "http" { host.strip_suffix(":80").unwrap_or(&host).to_string() } else { host };
        (scheme.to_string(), host, path.to_string())
    };
    plain(a) == plain(b)
}

/// What is not wrong and worth to know.
fn notes(order: &Order<'_>, run: &Run<'_>, survey: &Survey<'_>, rest: &[Probe], report: &mut Report) {
    let mut fetcher = run.fetcher();
    let expected = order.expected;
    let mut get = |path: &str| fetcher.get(Client::Ipxe, &order.url.join(path), Appetite::TEXT, false);
    let letters = |mac: &&str| mac.bytes().any(|byte| byte.is_ascii_lowercase());
    let script = expected
        .macs()
        .find(letters)
        .and_then(|mac| expected.find(&format!("boot/{mac}.ipxe")).map(|entry| (mac, entry)));
    if let Some((mac, entry)) = script {
        let answer = get(&format!("boot/{}.ipxe", mac.to_ascii_uppercase()));
        if answer.success().is_some_and(|reply| reply.body.sha256 == entry.sha256) {
            // contract X-1, I-17
            let harmless = "that is harmless, since machines ask in small letters alone";
            report.notes.push(format!("capitals make no difference to the server: {harmless}"));
        }
    }
    if get("boot/").success().is_some_and(|reply| differ::is_listing(&reply.body.start)) {
        let so = "whoever reaches it can find every file";
        report.notes.push(format!("the server lists folders (no machine asks for one): {so}"));
    }
    let unsummed = rest.iter().filter(|probe| matches!(probe.target, Target::Boot(_, None))).count();
    if unsummed > 0 {
        let (files, they) = if unsummed == 1 {
            ("1 boot file has", "it is there")
        } else {
            (&*format!("{unsummed} boot files have"), "they are there")
        };
        let how = match expected.source {
            Source::Fleet => "give it `sha256` in the fleet file",
            Source::Server | Source::Tree => "`--fleet FILE` compares `sha256` of the fleet file",
        };
        report.notes.push(format!("{files} no sum to compare: only that {they} was checked; {how}"));
    }
    for url in survey.other_boot_files() {
        report.notes.push(format!("{url} was not asked for: fleetc asks over http alone"));
    }
}

#[cfg(test)]
mod tests {
    use super::same_server;

    #[test]
    fn servers_are_told_apart() {
        assert!(same_server("http://Boot.example", "http://boot.example:80"));
        assert!(!same_server("http://boot.example", "http://boot.example/a"));
        assert!(!same_server("http://192.168.1.1", "http://192.168.1.1:8080"));
        assert!(!same_server("https://h", "http://h"));
    }
}
