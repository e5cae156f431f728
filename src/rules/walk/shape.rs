//! Shapes of boots. Scripts of a fleet are alike but for names and addresses; of those that are equal otherwise, one is
//! followed, and the others go the same ways.
//!
//! That holds when names and addresses decide nothing: an address is only shown, looked up among the labels of the
//! entry, or put into the URL of the host's own script; a name stands in comments, texts and arguments alone. What is not
//! as plain as that is followed each time.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use memchr::memmem::Finder;

use super::served::Boot;
use crate::ipxe::{Content, Machine, Script};

/// Stands for the name of a host; no script has it.
const NAME: &str = "\u{3}";

/// A boot, without the names and addresses in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shape {
    /// Where each card leads in the entry, in the order of the cards.
    cards: Vec<Option<u32>>,
    booted: usize,
    /// The script of the card that booted.
    script: Option<String>,
    /// What the machine is to start: a release, and the command line.
    wanted: Option<(usize, String)>,
}

/// The shapes that are known to be right.
pub(super) struct Shapes {
    /// The entry, when addresses decide nothing in it but where a label leads.
    entry: Option<Arc<Script>>,
    /// Whether a card is asked for by its number. They are few, and long to hash.
    known: RwLock<BTreeMap<Shape, bool>>,
}

impl Shapes {
    pub(super) fn new(entry: Option<&Content>) -> Shapes {
        let entry = match entry {
            Some(Content::Script(script)) if script.commands().all(is_plain) => Some(Arc::clone(script)),
            _ => None,
        };
        Shapes { entry, known: RwLock::default() }
    }

    /// The shape of a boot of the host called `name`; none for one that is not plain. `script` is that of the card that
    /// booted; `wanted` is the release that it is to start, what that boots, and the command line.
    pub(super) fn of(
        &self,
        machine: &Machine,
        name: &str,
        script: Option<&[u8]>,
        wanted: Option<(usize, &Boot, &str)>,
    ) -> Option<Shape> {
        let entry = self.entry.as_ref()?;
        let name = Finder::new(name);
        let script = match script {
            None => None,
            Some(bytes) => {
                let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains(NAME))?;
                Some(nameless(text, &name))
            }
        };
        let cards = machine.cards.iter().map(|card| entry.find(&card.replace(':', "-"))).collect();
        // The release stands for its URLs, and those for themselves: a name in them is not one.
        let has_name = |boot: &Boot| [&boot.kernel, &boot.initrd].iter().any(|url| name.find(url.as_bytes()).is_some());
        if wanted.is_some_and(|(_, boot, _)| has_name(boot)) {
            return None;
        }
        let wanted = wanted.map(|(release, _, line)| (release, nameless(line, &name)));
        Some(Shape { cards, booted: machine.booted, script, wanted })
    }

    /// Whether a shape is known to be right; and then, whether a card is asked for by its number.
    pub(super) fn known(&self, shape: &Shape) -> Option<bool> {
        self.known.read().unwrap_or_else(|poisoned| poisoned.into_inner()).get(shape).copied()
    }

    /// Keeps a shape that is right, if names and addresses decide nothing in it.
    pub(super) fn keep(&self, shape: Shape, numbered: bool) {
        if shape.script.as_deref().is_none_or(|script| script.lines().all(is_nameless_or_plain)) {
            self.known.write().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(shape, numbered);
        }
    }
}

/// A text with [`NAME`] in the place of a name.
fn nameless(text: &str, name: &Finder<'_>) -> String {
    let mut nameless = String::with_capacity(text.len());
    let mut rest = 0;
    for at in name.find_iter(text.as_bytes()) {
        nameless.push_str(&text[rest..at]);
        nameless.push_str(NAME);
        rest = at + name.needle().len();
    }
    nameless.push_str(&text[rest..]);
    nameless
}

/// Whether a line is plain, and a name in it decides nothing.
fn is_nameless_or_plain(line: &str) -> bool {
    let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    let harmless = matches!(words.next(), Some("echo" | "kernel" | "initrd")) || line.starts_with('#');
    let options = words.any(|word| word.starts_with('-') && word.contains(NAME));
    let named = line.contains(NAME);
    // A backslash would join it with the next line.
    !line.ends_with('\\') && (!named || (harmless && !options && !line.contains('$'))) && is_plain(line)
}

/// Whether addresses of cards decide nothing in a line but where a label leads, and what is fetched.
fn is_plain(line: &str) -> bool {
    let words: Vec<&str> = line.split([' ', '\t', '\r']).filter(|word| !word.is_empty()).collect();
    words.split(|word| matches!(*word, "||" | "&&" | ";")).all(|command| {
        let Some((name, words)) = command.split_first() else { return true };
        let values = || {
            words.iter().flat_map(|word| word.split("${").skip(1).map(|rest| rest.split('}').next().unwrap_or(rest)))
        };
        match *name {
            "echo" | "#" => true,
            // A look-up, by the whole address.
            "goto" => words.iter().all(|word| !word.contains('$') || is_look_up(word)),
            "chain" => values().all(|value| value == "netX/mac:hexhyp"),
            "isset" => values().all(is_variable),
            // No address, and no name of one, gets into a variable.
            "set" => words.iter().all(|word| !word.contains('$') && !word.contains("net")),
            name => !name.contains('$') && values().next().is_none(),
        }
    })
}

/// Whether a word is the address of a card in the form of labels.
fn is_look_up(word: &str) -> bool {
    let card = word.strip_prefix("${net").and_then(|word| word.strip_suffix("/mac:hexhyp}"));
    card.is_some_and(|card| card == "X" || (card.len() == 1 && card.as_bytes()[0].is_ascii_digit()))
}

fn is_variable(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_by_name_or_address_is_not_plain() {
        for line in [
            "goto ${netX/mac:hexhyp} ||",
            "chain --replace http://h/boot/${netX/mac:hexhyp}.ipxe || goto missing",
            "isset ${other} && goto other ||",
            "echo ${netX/mac}",
            "echo fleetc: installing \u{3}",
            "kernel http://h/linux initrd=initrd isterconf=http://h/\u{3}/ister.conf || goto failed",
            "# \u{3}: installs",
            "set other yes",
        ] {
            assert!(is_nameless_or_plain(line), "{line}");
        }
        for line in [
            "iseq ${netX/mac} 52:54:00:00:00:01 && boot ||",
            "isset ${netX/mac}",
            "set a ${netX/mac}",
            "set a netX/mac",
            "chain http://h/${serial}.ipxe",
            "goto a${netX/mac:hexhyp}",
            "goto ${a}",
            "goto \u{3}",
            "echo ${netX/mac} is \u{3}",
            "\u{3}",
            ":\u{3}",
            "exit \u{3}",
            "echo -\u{3}",
            "kernel ${\u{3}}",
            "kernel http://h/${a}",
            "${a} b",
            "echo \u{3} \\",
        ] {
            assert!(!is_nameless_or_plain(line), "{line}");
        }
    }

    #[test]
    fn a_name_in_what_a_release_boots_is_not_taken_out() {
        let shapes = Shapes::new(Some(&Content::of(b"#!ipxe\nexit 1\n")));
        let machine = Machine { cards: vec!["52:54:00:00:00:01".to_string()], booted: 0 };
        let [kernel, initrd, arguments] = ["http://h/linux", "http://h/initrd", ""].map(str::to_string);
        let boot = Boot { kernel, initrd, arguments };
        let shape = |name: &str, line: &str| shapes.of(&machine, name, None, Some((0, &boot, line)));
        assert!(shape("node-1", "a=node-1").is_some() && shape("node-1", "a=node-1") == shape("node-2", "a=node-2"));
        assert_ne!(shape("node-1", "a=node-1"), shape("node-2", "a=node-1"));
        assert!(shape("linux", "").is_none() && shape("initrd", "").is_none() && shape("h", "").is_none());
    }
}
