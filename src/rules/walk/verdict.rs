//! The verdict on a path: whether it ends where it should.

use std::cell::RefCell;

use super::ASTRAY_BOOT_PATH;
use super::served::Served;
use super::shape::Shapes;
use crate::diag::Sink;
use crate::ipxe::{Content, End, Machine, Path, Sight, Start, State, What, World, explore};
use crate::model::{Fleet, Host, Release, RoleId};
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
    /// The host's name.
    pub(super) name: Option<&'w str>,
    /// What it is called in a finding.
    pub(super) words: &'w str,
    /// The place to blame.
    pub(super) place: Span,
}

/// Judges machines, and reports what is astray.
pub(super) struct Judge<'j> {
    pub(super) fleet: &'j Fleet,
    pub(super) served: Served<'j>,
    pub(super) shapes: &'j Shapes,
    pub(super) sink: &'j Sink,
}

/// What a machine is to start.
struct Wanted {
    kernel: String,
    initrd: String,
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
            let wanted = wanted.as_ref().map(|wanted| [&*wanted.kernel, &*wanted.initrd, &*wanted.line].join(" "));
            self.shapes.of(machine, name, self.served.bytes(&own).as_deref(), wanted.as_deref())
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
                let finding = ASTRAY_BOOT_PATH.at(who.place, format!("{} {fault}", who.words));
                self.sink.report(finding.help(format!("this is a fault of fleetc: report it, with the path: {path}")));
            }
            (None, Some(shape)) => self.shapes.keep(shape, numbered, &noted.asked.take(), &own, self.fleet),
            (None, None) => {}
        }
        numbered
    }

    /// Reports what is wrong behind the kernel.
    pub(super) fn report(&self, fault: Option<String>, who: &Who<'_>) {
        if let Some(fault) = fault {
            let message = format!("{} is led to an installer that fails: {fault}", who.words);
            let finding = ASTRAY_BOOT_PATH.at(who.place, message);
            self.sink.report(finding.help("this is a fault of fleetc: report it"));
        }
    }

    /// The release that a machine is installed with, the URL of its configuration.
    fn installation(&self, aim: &Aim<'_>) -> Option<(&'j Release, String)> {
        let (settings, conf) = match aim {
            Aim::Disk => return None,
            Aim::Host(host) => (&host.settings, self.conf(Some(host))),
            Aim::Unlisted(role) => (&self.fleet.role(*role).settings, self.conf(None)),
        };
        Some((self.fleet.release(settings.release.get()?.value), conf))
    }

    /// The URL of the script of a card.
    fn own(&self, card: &str) -> String {
        [self.fleet.server.url.as_str(), "/boot/", &card.replace(':', "-"), ".ipxe"].concat()
    }

    /// The URL of an installer's configuration.
    pub(super) fn conf(&self, host: Option<&Host>) -> String {
        let folder = host.map_or(String::new(), |host| format!("{}/", host.name.as_str()));
        [&self.fleet.server.service_url(), "static/ister/", &folder, "ister.conf"].concat()
    }

    fn wanted(&self, aim: &Aim<'_>) -> Option<Wanted> {
        let (release, conf) = self.installation(aim)?;
        // contract I-1 to I-3: the token that names the configuration, once.
        let mut line = format!("isterconf={conf}");
        for argument in &release.boot_args {
            line.push(' ');
            line.push_str(argument.as_str());
        }
        let [kernel, initrd] = [&release.kernel, &release.initrd].map(|file| file.source_url(&self.fleet.server));
        Some(Wanted { kernel, initrd, line })
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
fn fault(sight: &Sight<'_>, path: &Path<'_>, wanted: Option<&Wanted>) -> Option<String> {
    match (sight, wanted) {
        (Sight::Loaded(url), None) => Some(format!("loads `{url}`, and is not to be installed")),
        (Sight::Loaded(url), Some(wanted)) => {
            let own = *url == wanted.kernel || *url == wanted.initrd;
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
fn is_right(start: &Start, wanted: &Wanted) -> bool {
    let [(name, url)] = &start.images[..] else { return false };
    let line = start.line.strip_prefix("initrd=").and_then(|line| line.strip_prefix(name.as_str()));
    let line = line.and_then(|line| line.strip_prefix(' '));
    start.kernel == wanted.kernel && *url == wanted.initrd && line == Some(&wanted.line)
}
