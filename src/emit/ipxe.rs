//! The boot scripts, by the measured facts of contract ch. 10.
//!
//! Three laws hold for every script. Each command that may fail says where it goes then. What was loaded is freed
//! before another path is taken. A path that must not install ends in `exit 1`, which makes BIOS and UEFI alike go
//! on to the next boot device, the local disk.

use super::backend::kernel_argument;
use super::job::{Delivery, Job};
use crate::model::{Fleet, Host, Mac, Unknown};

/// iPXE cuts a longer command line in silence (contract X-8).
pub const KERNEL_LINE_LIMIT: usize = 2047;

/// The name by which the kernel line and the initrd find each other (contract X-10).
const INITRD: &str = "initrd";

/// Seconds that a message stays before the machine goes on.
const PAUSE: &str = "10";

/// Network cards, besides the one that booted, by which a listed machine is recognised.
const CARDS: u32 = 8;

/// A word for a script. iPXE has no quotes, so what goes into a script must need none (contract X-7); the types of the
/// model see to that.
///
/// # Panics
/// When a word would need quotes: a fault of fleetc.
fn word(text: &str) -> &str {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    assert!(plain && !text.is_empty() && !text.starts_with('#') && !text.contains("${"), "no word for iPXE: {text:?}");
    assert!(!matches!(text, "||" | "&&" | ";") && !text.ends_with('\\'), "no word for iPXE: {text:?}");
    text
}

/// A script in the making: its lines.
struct Script(String);

impl Script {
    /// The first line is what makes a file a script; BIOS iPXE hangs without it (contract X-4).
    fn new() -> Script {
        // Most have room in that; a text that grows is copied each time.
        let mut text = String::with_capacity(1024);
        text.push_str("#!ipxe\n");
        Script(text)
    }

    fn line(self, text: &str) -> Script {
        self.parts(&[text])
    }

    /// Adds a line that is put together.
    fn parts(mut self, parts: &[&str]) -> Script {
        parts.iter().for_each(|part| self.0.push_str(part));
        self.0.push('\n');
        self
    }

    /// Frees what was loaded, says why, and goes on to the next boot device.
    fn leave(self, why: &[&str]) -> Script {
        self.line("imgfree").parts(&[&["echo fleetc: "], why].concat()).line("exit 1")
    }

    /// The same, with time to read it.
    fn give_up(self, why: &[&str]) -> Script {
        let until = ["; going on to the next boot device in ", PAUSE, " seconds"];
        let text = [&["echo fleetc: "], why, &until].concat();
        self.line("imgfree").parts(&text).parts(&["sleep ", PAUSE]).line("exit 1")
    }

    /// Loads and starts the installer; what fails goes on at `failed`.
    fn install(self, job: &Job<'_>) -> Script {
        let release = job.release();
        let initrd = release.initrd.source_url(&job.fleet.server);
        self.line("imgfree")
            .parts(&[&kernel_line(job), " || goto failed"])
            .parts(&["initrd --name ", INITRD, " ", word(&initrd), " || goto failed"])
            .line("boot || goto failed")
    }
}

/// The command that loads the installer's kernel.
fn kernel_line(job: &Job<'_>) -> String {
    let release = job.release();
    let kernel = release.kernel.source_url(&job.fleet.server);
    let mut line = String::with_capacity(256);
    let configuration = kernel_argument(job);
    let parts = ["kernel ", word(&kernel), " initrd=", INITRD, " ", word(&configuration)];
    parts.iter().for_each(|part| line.push_str(part));
    for argument in &release.boot_args {
        line.push(' ');
        line.push_str(word(argument.as_str()));
    }
    line
}

/// The length of the kernel command line that a host's script passes on, in bytes; none for a host that does not install
/// or lacks something that is reported elsewhere.
pub fn kernel_line_length(fleet: &Fleet, host: &Host) -> Option<usize> {
    host.settings.install().filter(|_| host.installs())?;
    let job = Job { fleet, settings: &host.settings, host: Some(host), delivery: Delivery::None };
    let line = kernel_line(&job);
    line.splitn(3, ' ').nth(2).map(str::len)
}

/// The script of a host that installs.
pub(super) fn install(job: &Job<'_>) -> String {
    let release = job.release();
    let name = job.host.map_or("unlisted", |host| host.name.as_str());
    let what = format!("release {} ({})", release.name.as_str(), release.version.value);
    Script::new()
        .parts(&["# ", name, ": installs ", &what])
        .parts(&["echo fleetc: installing ", name, ", ", &what])
        .install(job)
        .line(":failed")
        .give_up(&["the installer of ", name, " could not be loaded"])
        .0
}

/// The script of a host that has its system.
pub(super) fn local(host: &Host) -> String {
    let name = host.name.as_str();
    Script::new()
        .parts(&["# ", name, ": has its system; no path from here reaches an installer"])
        .leave(&[name, " has its system; booting the local disk"])
        .0
}

/// Jumps to the label of the card that booted, where the entry has one.
pub(super) const LOOK_UP: &str = "goto ${netX/mac:hexhyp} ||";

/// Behind the labels: a machine that was recognised by another card goes to `other`.
pub(super) const BY_ANOTHER_CARD: &str = "isset ${other} && goto other ||";

/// What a machine that is not listed is told before it boots its disk.
pub(super) const LOCAL: &str = "${netX/mac} is not in the fleet; booting the local disk";

/// Sends a machine to the script of the card that booted.
fn chain(fleet: &Fleet) -> String {
    format!("chain --replace {}", fleet.server.url.join("boot/${netX/mac:hexhyp}.ipxe"))
}

/// The lines of the entry that a listed machine executes before its own script takes over.
pub(super) fn entry_of_listed(fleet: &Fleet) -> String {
    match fleet.unknown {
        Unknown::Install(_) => format!("{LOOK_UP}\n{BY_ANOTHER_CARD}\n{} || goto missing\n", chain(fleet)),
        Unknown::Refuse | Unknown::Local => format!("{} || goto unknown\n", chain(fleet)),
    }
}

/// The entry: each listed machine goes to its own script, all others to `unknown`. `macs` are those of the listed ones.
///
/// `unlisted` is the installation of machines that are not listed, where there is one.
pub(super) fn entry(fleet: &Fleet, macs: &[Mac], unlisted: Option<&Job<'_>>) -> String {
    entry_by(fleet, &fleet.unknown, macs, unlisted)
}

/// The entry of a fleet that does with machines that are not listed as `unknown` says.
pub(super) fn entry_by(fleet: &Fleet, unknown: &Unknown, macs: &[Mac], unlisted: Option<&Job<'_>>) -> String {
    let chain = chain(fleet);
    let script = Script::new().line("# Each listed machine goes to its own script, by the card that booted it.");
    match unlisted {
        Some(job) => install_unlisted(script, macs, &chain, job),
        None => {
            let script = script.parts(&[&chain, " || goto unknown"]).line(":unknown");
            match unknown {
                Unknown::Local => script.leave(&[LOCAL]).0,
                Unknown::Refuse | Unknown::Install(_) => refuse(script).0,
            }
        }
    }
}

fn refuse(script: Script) -> Script {
    script
        .line("imgfree")
        .line("echo")
        .line("echo fleetc: this machine has no boot script here. Nothing is installed, its disk is left alone.")
        .line("echo")
        .line("echo MAC address: ${netX/mac}")
        .line("echo Serial number: ${serial}")
        .line("echo")
        .line("echo To install it, add this line to hosts in the fleet file:")
        .line("echo NAME: { mac: \"${netX/mac}\", role: ROLE }")
        .line("echo")
        .line("prompt --timeout 60000 Press a key to go on to the next boot device. ||")
        .line("exit 1")
}

/// Machines that are not listed are installed, so a listed one must never be taken for one of them: not when its script
/// cannot be fetched, and not when it boots from a card that the fleet file does not name. So the list is in the script
/// itself, as labels (contract X-9), and every card is looked up in it.
fn install_unlisted(script: Script, macs: &[Mac], chain: &str, job: &Job<'_>) -> String {
    let mut script = script.line(LOOK_UP).line("set other yes");
    for card in 0..CARDS {
        script = script.parts(&["goto ${net", &card.to_string(), "/mac:hexhyp} ||"]);
    }
    script = script.line("goto unknown");
    for mac in macs {
        script = script.parts(&[":", &mac.hyphens()]);
    }
    let what = format!("release {} ({})", job.release().name.as_str(), job.release().version.value);
    script
        .line(BY_ANOTHER_CARD)
        .parts(&[chain, " || goto missing"])
        .line(":missing")
        .give_up(&["${netX/mac} is in the fleet, but its boot script could not be fetched"])
        .line(":other")
        .give_up(&["another card of this machine is in the fleet; list ${netX/mac} with it"])
        .line(":unknown")
        .parts(&["echo fleetc: ${netX/mac} is not in the fleet; installing ", &what])
        .install(job)
        .line(":failed")
        .give_up(&["the installer could not be loaded"])
        .0
}
