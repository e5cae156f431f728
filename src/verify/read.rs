//! What boot scripts and the service's answers say, as far as the next requests follow from them.

use crate::emit::read::{host_of, server};
use crate::ipxe::{Content, End, Machine, Question, State, Watch, What, World, boot};

/// What the boot script of a network card leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The address of the card, with hyphens.
    pub mac: String,
    /// The host; none when the script does not name it.
    pub host: Option<String>,
    /// The URL of the installer's configuration; none for a machine that boots its disk.
    pub conf: Option<String>,
    /// The URLs of kernel and initrd.
    pub boot_files: Vec<String>,
}

impl Card {
    /// Reads the script of a card.
    pub fn read(mac: &str, text: &str) -> Card {
        let machine = Machine { cards: vec![mac.replace('-', ":")], booted: 0 };
        let (boot_files, conf) = run(&machine, text);
        Card { mac: mac.to_string(), host: host_of(text).map(str::to_string), conf, boot_files }
    }
}

/// A script alone: what it loads is there, and no other script is.
struct Alone<'t>(&'t str);

impl World for Alone<'_> {
    fn get(&self, url: &str, what: What) -> Option<Content> {
        match what {
            What::Program => url.is_empty().then(|| Content::of(self.0.as_bytes())),
            What::Image => Some(Content::Image),
        }
    }
}

/// The path on which all goes well; keeps the URLs that were asked for and there.
#[derive(Default)]
pub struct Well(Vec<String>);

impl Watch for Well {
    fn choose(&mut self, _: Question<'_>, _: &State) -> usize {
        0
    }

    fn asked(&mut self, url: &str, found: bool) {
        if found && !url.is_empty() {
            self.0.push(url.to_string());
        }
    }
}

/// Runs a script on a machine; gives the boot files that it loads, and the installer's configuration that it names.
fn run(machine: &Machine, text: &str) -> (Vec<String>, Option<String>) {
    let mut well = Well::default();
    let conf = match boot(machine, "", &Alone(text), &mut well) {
        End::Kernel(start) => configuration(&start.line),
        End::NextDevice | End::Loop | End::Unknown(_) => None,
    };
    (well.0, conf)
}

/// The configuration that a kernel command line names.
pub fn configuration(line: &str) -> Option<String> {
    line.split(' ').find_map(|word| word.strip_prefix("isterconf=")).map(str::to_string)
}

/// What the boot script of the tree says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// `server.url` of the tree, as the script has it.
    pub base: Option<String>,
    /// The URLs of kernel and initrd for machines that are not listed, where they are installed.
    pub boot_files: Vec<String>,
}

impl Entry {
    /// Reads the boot script for a machine that is not listed.
    pub fn read(unlisted: &str, text: &str) -> Entry {
        let machine = Machine { cards: vec![unlisted.replace('-', ":")], booted: 0 };
        Entry { base: server(text).map(str::to_string), boot_files: run(&machine, text).0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::read::role;

    const INSTALL: &str = "#!ipxe\n# node-1: installs release stable (29880)\necho fleetc: installing\nimgfree\n\
        kernel http://h/linux initrd=initrd isterconf=http://h/icis/static/ister/node-1/ister.conf quiet || goto failed\n\
        initrd --name initrd http://h/initrd || goto failed\nboot || goto failed\n:failed\nimgfree\nexit 1\n";

    #[test]
    fn scripts_say_what_comes_next() {
        let card = Card::read("52-54-00-00-00-01", INSTALL);
        assert_eq!(card.host.as_deref(), Some("node-1"));
        assert_eq!(card.conf.as_deref(), Some("http://h/icis/static/ister/node-1/ister.conf"));
        assert_eq!(card.boot_files, ["http://h/linux", "http://h/initrd"]);
        let local = "#!ipxe\n# node-2: has its system; no path from here reaches an installer\nimgfree\nexit 1\n";
        let card = Card::read("52-54-00-00-00-02", local);
        assert_eq!((card.host.as_deref(), card.conf, card.boot_files.len()), (Some("node-2"), None, 0));
        assert_eq!(Card::read("x", "<html>").host, None);
    }

    #[test]
    fn the_boot_script_says_where_machines_go() {
        let script =
            "#!ipxe\n# a\nchain --replace http://h:80/f/boot/${netX/mac:hexhyp}.ipxe || goto unknown\n:unknown\n";
        assert_eq!(server(script), Some("http://h:80/f"));
        assert_eq!(server("#!ipxe\nchain --replace http://h/x\n"), None);
        assert_eq!(server(""), None);
    }

    #[test]
    fn answers_name_a_role() {
        assert_eq!(role(b"{\"mac_addr\":\"a\",\"role\":\"web\"}\n").as_deref(), Some("web"));
        assert_eq!(role(b"[]"), None);
        assert_eq!(role(b"<html>"), None);
    }
}
