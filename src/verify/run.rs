//! Requests made by several threads at once, and judged as they come.
#![allow(clippy::disallowed_methods)]

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::answer::{Answer, End};
use super::expected::Expected;
use super::fault::Fault;
use super::fetch::{Appetite, Fetcher};
use super::judge::{Known, judge};
use super::kind::Kind;
use super::probe::{Probe, Target, Want, Why};
use super::read::Card;
use super::report::{Finding, Report};
use crate::publish::manifest::Checksum;

/// How long things may take, and how many at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once.
    pub jobs: usize,
    /// For one answer.
    pub timeout: Duration,
    /// For all of them.
    pub total: Duration,
}

/// Faults of a round that are looked into with further requests: the first ones.
const CURIOSITY: usize = 100;

/// Requests in a row without any answer, beside one for each connection, after which the server counts as gone.
const SILENCE: usize = 20;

/// Is told how many more requests are done, and how many more are to be made.
pub type Progress<'p> = &'p (dyn Fn(usize, usize) + Sync);

/// A run against one server.
pub struct Run<'r> {
    /// What the server should have.
    pub expected: &'r Expected<'r>,
    /// The URL that was given, without a slash at its end.
    pub asked: &'r str,
    /// `server.url` as the files should have it.
    pub base: Option<String>,
    /// `server.url` as the server's boot script has it.
    pub served_base: Option<String>,
    limits: Limits,
    deadline: Instant,
    progress: Progress<'r>,
    by_sum: OnceLock<HashMap<[u8; 32], u32>>,
    silent: AtomicUsize,
    stopped: AtomicBool,
    why: Mutex<Option<String>>,
}

/// What a round taught.
#[derive(Debug, Default)]
pub struct Lesson {
    /// The scripts of cards.
    pub cards: Vec<Card>,
    /// Roles that answers named.
    pub roles: Vec<String>,
    /// The text of the boot script as it is served.
    pub entry: Option<String>,
    /// Answers that came by way of a redirect, and where one of them led.
    pub redirected: (usize, Option<String>),
    outcomes: Vec<(usize, Option<Finding>)>,
}

impl<'r> Run<'r> {
    /// Begins a run; the time counts from here.
    pub fn new(expected: &'r Expected<'r>, asked: &'r str, limits: Limits, progress: Progress<'r>) -> Run<'r> {
        Run {
            expected,
            asked,
            base: None,
            served_base: None,
            limits,
            deadline: Instant::now() + limits.total,
            progress,
            by_sum: OnceLock::new(),
            silent: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            why: Mutex::new(None),
        }
    }

    /// One that asks.
    pub fn fetcher(&self) -> Fetcher {
        Fetcher::new(self.limits.timeout, self.deadline)
    }

    /// Makes the requests of a round, and counts them.
    pub fn round(&self, probes: &[Probe], report: &mut Report) -> Lesson {
        (self.progress)(0, probes.len());
        let next = AtomicUsize::new(0);
        let threads = self.limits.jobs.min(probes.len()).max(1);
        let work = || {
            let mut fetcher = self.fetcher();
            let mut lesson = Lesson::default();
            while !self.stopped.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(probe) = probes.get(index) else { break };
                let finding = self.one(&mut fetcher, probe, &mut lesson);
                lesson.outcomes.push((index, finding));
                (self.progress)(1, 0);
            }
            lesson
        };
        let mut all = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            // A thread that panics must not leave its requests out: the rest would look well.
            let join = |thread: std::thread::ScopedJoinHandle<'_, Lesson>| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            let lessons = threads.into_iter().map(join);
            lessons.fold(Lesson::default(), Lesson::and)
        });
        all.outcomes.sort_unstable_by_key(|(index, _)| *index);
        let mut fetcher = self.fetcher();
        let mut curiosity = if self.stopped.load(Ordering::Relaxed) { 0 } else { CURIOSITY };
        for (index, mut finding) in all.outcomes.drain(..) {
            if let Some(finding) = &mut finding {
                self.look_into(&mut fetcher, &probes[index], finding, &mut curiosity);
            }
            report.count(probes[index].kind, finding);
        }
        let why = self.why.lock().unwrap_or_else(PoisonError::into_inner).clone();
        report.unfinished = report.unfinished.take().or(why);
        all
    }

    fn stop(&self, why: String) {
        self.stopped.store(true, Ordering::Relaxed);
        self.why.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
    }

    /// Asks for one thing, and judges what comes.
    fn one(&self, fetcher: &mut Fetcher, probe: &Probe, lesson: &mut Lesson) -> Option<Finding> {
        let (client, want, url) = (probe.client(), self.want(probe), self.url(probe));
        let mut appetite = want.appetite();
        if probe.kind == Kind::BootScript {
            // It may list every card of a large fleet, and has to be read.
            appetite.keep = Appetite::TEXT.keep;
        }
        let answer = fetcher.get(client, &url, appetite, false);
        if Instant::now() >= self.deadline {
            self.stop(format!("the time for the whole run is up ({} s)", self.limits.total.as_secs()));
        }
        self.listen(&answer);
        if let (Some(hop), true) = (answer.hops.last(), answer.success().is_some()) {
            lesson.redirect(1, Some(&hop.to));
        }
        let text = || answer.success().and_then(|reply| reply.body.whole()).map(String::from_utf8_lossy);
        if probe.kind == Kind::BootScript {
            lesson.entry = text().map(|text| text.into_owned());
        }
        let path = self.path(probe);
        let by_sum = |sum: &Checksum| self.by_sum(sum);
        let mut known = Known { by_sum: Some(&by_sum), ..self.known(probe) };
        if probe.kind == Kind::BootScript {
            known.served_base = lesson.entry.as_deref().and_then(crate::emit::read::server);
        }
        match judge(want, &answer, known) {
            Ok(()) => {
                match probe.kind {
                    Kind::CardScript => {
                        let mac = path.strip_prefix("boot/").and_then(|name| name.strip_suffix(".ipxe"));
                        lesson.cards.extend(mac.zip(text()).map(|(mac, text)| Card::read(mac, &text)));
                    }
                    Kind::Config => {
                        lesson.roles.extend(text().and_then(|text| crate::emit::read::role(text.as_bytes())))
                    }
                    _ => {}
                }
                None
            }
            Err(fault) => {
                let origin = self.expected.find(&path).map(|entry| entry.origin.clone());
                Some(Finding { fault, kind: probe.kind, client, url: client.spelled(&url), path, origin })
            }
        }
    }

    /// Counts answers that never come: a server that is gone is not asked half a million times.
    fn listen(&self, answer: &Answer) {
        let End::Nothing(why) = &answer.end else {
            self.silent.store(0, Ordering::Relaxed);
            return;
        };
        let silent = self.silent.fetch_add(1, Ordering::Relaxed) + 1;
        if silent >= SILENCE + self.limits.jobs {
            self.stop(format!("the server no longer answers: {why}"));
        }
    }

    /// Asks once or twice more, to say of a fault what it is, as long as there is curiosity left.
    fn look_into(&self, fetcher: &mut Fetcher, probe: &Probe, finding: &mut Finding, curiosity: &mut usize) {
        let want = self.want(probe);
        let Want::Bytes(_, sum) = want else { return };
        if *curiosity == 0 || !matches!(finding.fault, Fault::Missing(_) | Fault::Different(_)) {
            return;
        }
        *curiosity -= 1;
        let mut has = |path: &str, fresh: bool| {
            let answer = fetcher.get(finding.client, &format!("{}/{path}", self.asked), want.appetite(), fresh);
            if matches!(answer.end, End::Nothing(_)) {
                *curiosity = 0;
            }
            answer.success().is_some_and(|reply| reply.body.sha256 == sum)
        };
        if matches!(finding.fault, Fault::Different(_)) {
            if has(&finding.path, true) {
                let why = "a cache gives old bytes; asked to step aside, it gives the right ones";
                finding.fault = Fault::Stale(why.to_string());
            }
        } else if let Some(found) = other_cases(&finding.path).into_iter().find(|other| has(other, false)) {
            finding.fault = Fault::WrongCase(found);
        }
    }

    fn want(&self, probe: &Probe) -> Want {
        match &probe.target {
            Target::File(index) => {
                let entry = &self.expected.files[*index as usize];
                Want::Bytes(entry.size, entry.sha256)
            }
            Target::Boot(_, sum) => Want::Image(*sum),
            Target::Absent(path, why) => {
                // contract S-12: a server may answer with the default role, where there is one.
                let default = self.expected.find(&format!("{}/get_config/default", self.expected.service()));
                let default = default.filter(|_| *why == Why::Unlisted && Kind::of(path) == Kind::Config);
                Want::Nothing(*why, default.map(|entry| entry.sha256))
            }
        }
    }

    /// The path in the tree; for what is not in it, its URL.
    fn path(&self, probe: &Probe) -> String {
        match &probe.target {
            Target::File(index) => self.expected.files[*index as usize].path.as_str().to_string(),
            Target::Boot(path, _) | Target::Absent(path, _) => path.clone(),
        }
    }

    fn url(&self, probe: &Probe) -> String {
        match &probe.target {
            Target::Boot(url, _) => self.on_server(url),
            _ if probe.kind == Kind::ConfigEncoded => {
                format!("{}/{}", self.asked, self.path(probe).replace(':', "%3A"))
            }
            _ => format!("{}/{}", self.asked, self.path(probe)),
        }
    }

    /// A URL of the files, with the URL that was given in the place of `server.url`.
    pub fn on_server(&self, url: &str) -> String {
        let inside = |base: &Option<String>| {
            let rest = url.strip_prefix(base.as_deref()?)?;
            rest.starts_with('/').then(|| format!("{}{rest}", self.asked))
        };
        inside(&self.base).or_else(|| inside(&self.served_base)).unwrap_or_else(|| url.to_string())
    }

    fn known<'k>(&'k self, probe: &Probe) -> Known<'k> {
        let Target::File(index) = probe.target else { return Known::default() };
        let path = self.expected.files[index as usize].path.as_str();
        Known {
            base: self.base.as_deref(),
            served_base: self.served_base.as_deref(),
            theirs: self.expected.theirs(path).map(|entry| entry.sha256),
            by_sum: None,
        }
    }

    /// The path of a file of the tree with these bytes.
    pub fn by_sum(&self, sum: &Checksum) -> Option<String> {
        let files = &self.expected.files;
        let sums = self
            .by_sum
            .get_or_init(|| files.iter().enumerate().map(|(index, entry)| (entry.sha256.0, index as u32)).collect());
        sums.get(&sum.0).map(|index| files[*index as usize].path.as_str().to_string())
    }
}

impl Lesson {
    /// Counts redirects; of the places where they lead, the first by name is kept.
    pub fn redirect(&mut self, count: usize, to: Option<&String>) {
        self.redirected.0 += count;
        if let Some(to) = to.filter(|to| self.redirected.1.as_ref().is_none_or(|known| *to < known)) {
            self.redirected.1 = Some(to.clone());
        }
    }

    fn and(mut self, other: Lesson) -> Lesson {
        self.cards.extend(other.cards);
        self.roles.extend(other.roles);
        self.entry = self.entry.or(other.entry);
        self.redirect(other.redirected.0, other.redirected.1.as_ref());
        self.outcomes.extend(other.outcomes);
        self
    }
}

/// The same path with other capitals, as a copy through another file system may have it.
fn other_cases(path: &str) -> Vec<String> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let (stem, end) = name.rsplit_once('.').map_or((name, ""), |(stem, end)| (stem, end));
    let dot = if end.is_empty() { "" } else { "." };
    let slash = if folder.is_empty() { "" } else { "/" };
    let name = format!("{folder}{slash}{}{dot}{end}", stem.to_ascii_uppercase());
    let mut others = vec![name, path.to_ascii_lowercase(), path.to_ascii_uppercase()];
    others.dedup();
    others.retain(|other| other != path);
    others
}

#[cfg(test)]
mod tests {
    use super::other_cases;

    #[test]
    fn other_capitals() {
        assert_eq!(
            other_cases("boot/52-54-00-ab-00-01.ipxe"),
            ["boot/52-54-00-AB-00-01.ipxe", "BOOT/52-54-00-AB-00-01.IPXE"]
        );
        assert_eq!(other_cases("icis/get_role/Web"), ["icis/get_role/WEB", "icis/get_role/web", "ICIS/GET_ROLE/WEB"]);
        assert_eq!(other_cases("manifest.json"), ["MANIFEST.json", "MANIFEST.JSON"]);
    }
}
