//! The verdict on a path: whether it ends where it should.

use std::cell::RefCell;
use std::fmt;

use super::ASTRAY_BOOT_PATH;
use super::served::{Boot, Served};
use super::shape::{Shape, Shapes};
use super::template::Beginnings;
use crate::diag::Sink;
use crate::ipxe::{Content, End, Machine, Path, Sight, Start, State, What, World, explore};
use crate::model::{Fleet, Host, RoleId};
use crate::source::Span;

/// Where a machine is to end.
pub(super) enum Aim<'f> {
    /// At its next boot device; no installer is loaded.
    Disk,
    /// In its installer; at its next boot device when something fails.
    Host(&'f Host),
    /// In the installer of machines that are not listed; at its next boot device when something fails.
    Unlisted(RoleId),
}

/// Whom a verdict is about.
pub(super) struct Who<'w> {
    /// The host's name; none for a machine that is not listed.
    pub(super) name: Option<&'w str>,
    /// The card that booted it, where a finding is to say it.
    pub(super) card: Option<&'w str>,
    /// The place to blame.
    pub(super) place: Span,
}

impl fmt::Display for Who<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name, self.card) {
            (None, _) => write!(f, "a machine that is not listed"),
            (Some(name), None) => write!(f, "`{name}`"),
            (Some(name), Some(card)) => write!(f, "`{name}`, booted by {card},"),
        }
    }
}

/// Judges machines, and reports what is astray.
pub(super) struct Judge<'j> {
    pub(super) fleet: &'j Fleet,
    pub(super) served: Served<'j>,
    pub(super) shapes: &'j Shapes,
    pub(super) beginnings: &'j Beginnings,
    pub(super) sink: &'j Sink,
}

/// What a machine is to start.
struct Wanted<'j> {
    /// The index of a release, and what that boots.
    release: usize,
    boot: &'j Boot,
    /// The command line behind the name of the initrd.
    line: String,
}

impl<'j> Judge<'j> {
    /// Follows a machine along every path, and reports the first that is astray. Whether a script asked for a card by its
    /// number.
    pub(super) fn paths(&self, machine: &Machine, aim: &Aim<'_>, who: &Who<'_>) -> bool {
        let wanted = self.wanted(aim);
        let own = self.own(&machine.cards[machine.booted]);
        let shape = who.name.and_then(|name| {
            let wanted = wanted.as_ref().map(|wanted| (wanted.release, wanted.boot, &*wanted.line));
            self.shapes.of(machine, name, self.served.bytes(&own).as_deref(), wanted)
        });
        if let Some(numbered) = shape.as_ref().and_then(|shape| self.shapes.known(shape)) {
            return numbered;
        }
        let noted = Noted { served: self.served, asked: RefCell::default() };
        let mut found = None;
        let numbered = explore(machine, self.served.entry(), &noted, &mut |sight, path| {
            if let Some(fault) = fault(&sight, path, wanted.as_ref()) {
                found = Some((fault, self.shown(path)));
            }
            found.is_none()
        });
        match (found, shape) {
            (Some((fault, path)), _) => {
                let finding = ASTRAY_BOOT_PATH.at(who.place, format!("{who} {fault}"));
                self.sink.report(finding.help(format!("this is a fault of fleetc: report it, with the path: {path}")));
            }
            (None, Some(shape)) => self.keep(shape, numbered, &noted.asked.take(), &own),
            (None, None) => {}
        }
        numbered
    }

    /// Reports what is wrong behind the kernel.
    pub(super) fn report(&self, fault: Option<String>, who: &Who<'_>) {
        if let Some(fault) = fault {
            let message = format!("{who} is led to an installer that fails: {fault}");
            let finding = ASTRAY_BOOT_PATH.at(who.place, message);
            self.sink.report(finding.help("this is a fault of fleetc: report it"));
        }
    }

    /// Keeps a shape that is right, if all that was `asked` for besides the entry is the machine's `own` script, or what
    /// is the same for all.
    fn keep(&self, shape: Shape, numbered: bool, asked: &[String], own: &str) {
        let boots = &self.served.ground.boots;
        let shared = |url: &String| boots.iter().any(|boot| [&boot.kernel, &boot.initrd].contains(&url));
        if asked.iter().all(|url| url == own || shared(url)) {
            self.shapes.keep(shape, numbered);
        }
    }

    /// The URL of the script of a card.
    fn own(&self, card: &str) -> String {
        [self.fleet.server.url.as_str(), "/boot/", &card.replace(':', "-"), ".ipxe"].concat()
    }

    /// The URL of an installer's configuration.
    pub(super) fn conf(&self, host: Option<&Host>) -> String {
        let service = &*self.served.ground.service;
        match host {
            Some(host) => [service, "static/ister/", host.name.as_str(), "/ister.conf"].concat(),
            None => [service, "static/ister/ister.conf"].concat(),
        }
    }

    fn wanted(&self, aim: &Aim<'_>) -> Option<Wanted<'j>> {
        let (settings, host) = match aim {
            Aim::Disk => return None,
            Aim::Host(host) => (&host.settings, Some(*host)),
            Aim::Unlisted(role) => (&self.fleet.role(*role).settings, None),
        };
        let release = settings.release.get()?.value.0 as usize;
        let boot = &self.served.ground.boots[release];
        // contract I-1 to I-3: the token that names the configuration, once.
        let line = ["isterconf=", &self.conf(host), &boot.arguments].concat();
        Some(Wanted { release, boot, line })
    }

    /// A path in words: the lines that were run, with what failed.
    fn shown(&self, path: &Path<'_>) -> String {
        let step = |step: crate::ipxe::Step| {
            let script = self.served.path(&step.script).unwrap_or(&step.script);
            let failed = step.failed.map_or(String::new(), |what| format!(" ({what})"));
            format!("{script}:{} `{}`{failed}", step.number, step.line)
        };
        let steps: Vec<String> = path.steps().into_iter().map(step).collect();
        steps.join(", ")
    }
}

/// The tree, and what was asked for besides the entry.
struct Noted<'j> {
    served: Served<'j>,
    asked: RefCell<Vec<String>>,
}

impl World for Noted<'_> {
    fn get(&self, url: &str, what: What) -> Option<Content> {
        if url != self.served.entry() {
            self.asked.borrow_mut().push(url.to_string());
        }
        self.served.get(url, what)
    }
}

/// What is wrong with what is seen on a path; none when nothing is.
fn fault(sight: &Sight<'_>, path: &Path<'_>, wanted: Option<&Wanted<'_>>) -> Option<String> {
    match (sight, wanted) {
        (Sight::Loaded(url), None) => Some(format!("loads `{url}`, and is not to be installed")),
        (Sight::Loaded(url), Some(wanted)) => {
            let own = *url == wanted.boot.kernel || *url == wanted.boot.initrd;
            (!own).then(|| format!("loads `{url}`, which its installation does not have"))
        }
        (Sight::Ended(End::Kernel(start), _), Some(wanted)) if is_right(start, wanted) => None,
        (Sight::Ended(End::Kernel(start), _), _) => {
            let images: Vec<String> = start.images.iter().map(|(name, url)| format!("{name} from {url}")).collect();
            let images = if images.is_empty() { "no initrd".to_string() } else { images.join(" and ") };
            let Start { kernel, line, .. } = start;
            Some(format!("starts what is not its installation: `{kernel} {line}` with {images}"))
        }
        (Sight::Ended(End::NextDevice, State { images, .. }), wanted) => match images.first() {
            Some(image) => Some(format!("goes on to its next boot device with `{}` still loaded", image.url)),
            None if wanted.is_some() && path.is_smooth() => Some("is not installed, though nothing fails".to_string()),
            None => None,
        },
        (Sight::Ended(End::Loop, _), _) => Some("goes round for ever".to_string()),
        (Sight::Ended(End::Unknown(what), _), _) => Some(format!("comes to what is not understood: `{what}`")),
    }
}

/// Whether what starts is the wanted installation, to the letter. The kernel finds its initrd by name (contract X-10), and
/// has no other: what was left behind would be joined to it.
fn is_right(start: &Start, wanted: &Wanted<'_>) -> bool {
    let [(name, url)] = &start.images[..] else { return false };
    let line = start.line.strip_prefix("initrd=").and_then(|line| line.strip_prefix(name.as_str()));
    let line = line.and_then(|line| line.strip_prefix(' '));
    start.kernel == wanted.boot.kernel && *url == wanted.boot.initrd && line == Some(&wanted.line)
}
