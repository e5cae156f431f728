//! Boot scripts, run as iPXE runs them (contract ch. 10). Only what the scripts of a tree use is known here; anything else
//! ends the run, and is named.

use std::collections::BTreeMap;

/// Lines that are run before a script counts as one that goes round for ever.
const MAX_LINES: usize = 10_000;

/// Bytes of a line with its values put in before that counts as one that grows for ever; iPXE has less memory than many
/// of them.
const MAX_LENGTH: usize = 8 << 10;

/// The machine that boots.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The addresses of its network cards, lower case with colons, in the order in which iPXE counts them.
    pub cards: Vec<String>,
    /// The card that booted.
    pub booted: usize,
}

/// What is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A script to go on with.
    Script,
    /// A kernel or an initrd.
    Image,
}

/// Something that happens during a boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A file is asked for; there is one, or not.
    Asked(String, bool),
    /// A line of a script is run, as it stands after `${…}` is replaced.
    Ran(String),
}

/// How a boot ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// A kernel starts, with this command line.
    Kernel(String),
    /// The firmware goes on to the next boot device.
    NextDevice,
    /// A line that is not understood.
    Unknown(String),
}

/// A boot: what happened, and how it ended.
#[derive(Debug)]
pub struct Boot {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// How it ended.
    pub end: End,
}

/// Boots a machine from the script at `entry`. `get` gives a file by its URL.
pub fn boot(machine: &Machine, entry: &str, get: &dyn Fn(&str, What) -> Option<Vec<u8>>) -> Boot {
    let mut run = Run { machine, get, settings: BTreeMap::new(), kernel: None, events: Vec::new(), left: MAX_LINES };
    let mut end = None;
    let mut next = run.ask(entry, What::Script);
    while let (None, Some(script)) = (&end, next.take()) {
        match run.script(&String::from_utf8_lossy(&script)) {
            Flow::Chain(script) => next = Some(script),
            Flow::End(how) => end = Some(how),
            Flow::On | Flow::Failed | Flow::To(_) => end = Some(End::NextDevice),
        }
    }
    Boot { events: run.events, end: end.unwrap_or(End::NextDevice) }
}

/// Where a command leads.
enum Flow {
    On,
    Failed,
    To(usize),
    Chain(Vec<u8>),
    End(End),
}

struct Run<'r> {
    machine: &'r Machine,
    get: &'r dyn Fn(&str, What) -> Option<Vec<u8>>,
    settings: BTreeMap<String, String>,
    /// The command line of the kernel that was loaded.
    kernel: Option<String>,
    events: Vec<Event>,
    left: usize,
}

impl Run<'_> {
    fn ask(&mut self, url: &str, what: What) -> Option<Vec<u8>> {
        let answer = (self.get)(url, what);
        self.events.push(Event::Asked(url.to_string(), answer.is_some()));
        answer
    }

    /// Runs a script to where it leads.
    fn script(&mut self, text: &str) -> Flow {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            at += 1;
            // Labels and comments do nothing; `#!ipxe` is one.
            if line.is_empty() || line.starts_with([':', '#']) {
                continue;
            }
            if self.left == 0 {
                return Flow::End(End::Unknown("the script goes round for ever".to_string()));
            }
            self.left -= 1;
            match self.line(line, &lines) {
                Flow::On => {}
                Flow::To(line) => at = line,
                // contract X-2: what nothing catches ends the script.
                other => return other,
            }
        }
        Flow::On
    }

    /// Runs a line: commands with `||`, `&&` and `;` between them.
    fn line(&mut self, line: &str, script: &[&str]) -> Flow {
        let Some(line) = self.expanded(line) else {
            return Flow::End(End::Unknown("a line grows without end".to_string()));
        };
        let words = line.split_ascii_whitespace().take_while(|word| !word.starts_with('#'));
        let words: Vec<&str> = words.collect();
        self.events.push(Event::Ran(words.join(" ")));
        let mut ok = true;
        let mut runs = true;
        let mut rest = words.as_slice();
        loop {
            let end = rest.iter().position(|word| matches!(*word, "||" | "&&" | ";"));
            let (command, behind) = rest.split_at(end.unwrap_or(rest.len()));
            if runs {
                match self.command(command, script) {
                    Flow::On => ok = true,
                    Flow::Failed => ok = false,
                    elsewhere => return elsewhere,
                }
            }
            let Some((operator, after)) = behind.split_first() else { break };
            runs = match *operator {
                "||" => !ok,
                "&&" => ok,
                _ => true,
            };
            rest = after;
        }
        if ok { Flow::On } else { Flow::Failed }
    }

    fn command(&mut self, words: &[&str], script: &[&str]) -> Flow {
        let check = |ok: bool| if ok { Flow::On } else { Flow::Failed };
        match words {
            [] | ["echo" | "sleep", ..] => Flow::On,
            // Nobody presses a key.
            ["prompt", ..] => Flow::Failed,
            ["exit", ..] => Flow::End(End::NextDevice),
            ["isset", name @ ..] => check(!name.is_empty()),
            ["set", name, value @ ..] => {
                self.settings.insert(name.to_string(), value.join(" "));
                Flow::On
            }
            ["goto", label] => {
                let is_it = |line: &&str| line.strip_prefix(':') == Some(label);
                script.iter().position(is_it).map_or(Flow::Failed, Flow::To)
            }
            // A label that expands to nothing.
            ["goto"] => Flow::Failed,
            ["imgfree"] => {
                self.kernel = None;
                Flow::On
            }
            ["chain", "--replace", url] => self.ask(url, What::Script).map_or(Flow::Failed, Flow::Chain),
            ["kernel", url, line @ ..] => {
                let there = self.ask(url, What::Image).is_some();
                if there {
                    self.kernel = Some(line.join(" "));
                }
                check(there)
            }
            ["initrd", "--name", _, url] => check(self.ask(url, What::Image).is_some()),
            // contract X-5: with nothing loaded, it does nothing, successfully.
            ["boot"] => self.kernel.take().map_or(Flow::On, |line| Flow::End(End::Kernel(line))),
            other => Flow::End(End::Unknown(other.join(" "))),
        }
    }

    /// A line with `${…}` replaced; what is not set is empty (contract X-7). None when it grows too long.
    fn expanded(&self, line: &str) -> Option<String> {
        let mut text = String::with_capacity(line.len());
        let mut rest = line;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else { break };
            text.push_str(&rest[..start]);
            text.push_str(&self.value(&rest[start + 2..start + length]));
            rest = &rest[start + length + 1..];
            if text.len() > MAX_LENGTH {
                return None;
            }
        }
        text.push_str(rest);
        (text.len() <= MAX_LENGTH).then_some(text)
    }

    fn value(&self, name: &str) -> String {
        let (name, form) = name.split_once(':').unwrap_or((name, ""));
        // Only the machine knows it.
        if name == "serial" {
            return "${serial}".to_string();
        }
        let card = name.strip_prefix("net").and_then(|name| name.strip_suffix("/mac"));
        let value = match card {
            Some("X") => self.machine.cards.get(self.machine.booted),
            Some(number) => number.parse::<usize>().ok().and_then(|number| self.machine.cards.get(number)),
            None => self.settings.get(name),
        };
        let value = value.map_or("", String::as_str);
        if form == "hexhyp" { value.replace(':', "-") } else { value.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str) -> (Vec<String>, End) {
        let machine =
            Machine { cards: vec!["52:54:00:aa:bb:01".to_string(), "52:54:00:aa:bb:02".to_string()], booted: 1 };
        let script = format!("#!ipxe\n{script}\n");
        let get = |url: &str, _: What| match url {
            "entry" => Some(script.clone().into_bytes()),
            "next" => Some(b"#!ipxe\necho next\n".to_vec()),
            "k" | "i" => Some(Vec::new()),
            _ => None,
        };
        let Boot { events, end } = boot(&machine, "entry", &get);
        let ran = |event: Event| match event {
            Event::Ran(line) => line.strip_prefix("echo ").map(str::to_string),
            Event::Asked(..) => None,
        };
        (events.into_iter().filter_map(ran).collect(), end)
    }

    #[test]
    fn scripts_run_as_was_measured() {
        let said = |script: &str| run(script).0.join("|");
        // contract
        assert_eq!(
            said("echo ${netX/mac} ${net0/mac:hexhyp} ${net7/mac}  . #x"),
            "52:54:00:aa:bb:02 52-54-00-aa-bb-01 ."
        );
        // contract X-2
        assert_eq!(said("chain --replace gone\necho on"), "");
        assert_eq!(said("chain --replace gone ||\necho on"), "on");
        assert_eq!(said("chain --replace gone || goto a\necho on\n:a\necho a"), "a");
        assert_eq!(said("chain --replace next || goto a\necho on\n:a\necho a"), "next");
        assert_eq!(said("isset ${other} && goto a ||\necho on\n:a"), "on");
        assert_eq!(said("set other yes\nisset ${other} && goto a ||\necho on\n:a\necho a"), "a");
        assert_eq!(said("isset ${other} && goto a\necho on\n:a"), "");
        // contract X-9
        assert_eq!(said("goto ${netX/mac:hexhyp} ||\necho no\nexit 1\n:52-54-00-aa-bb-02\necho me"), "me");
        assert_eq!(said("exit 1\necho on"), "");
        // contract
        assert_eq!(run("kernel k a  b\ninitrd --name i i\nboot").1, End::Kernel("a b".to_string()));
        assert_eq!(run("kernel k a\nimgfree\nboot || goto x\necho on").1, End::NextDevice);
        assert_eq!(run("kernel gone a || goto x\nboot\n:x").1, End::NextDevice);
    }

    #[test]
    fn what_is_not_understood_ends_the_run() {
        assert_eq!(run("sanboot --drive 0x80").1, End::Unknown("sanboot --drive 0x80".to_string()));
        assert_eq!(run(":a\ngoto a").1, End::Unknown("the script goes round for ever".to_string()));
        assert_eq!(run("echo ${open").1, End::NextDevice);
        let doubled = "set a x\n:more\nset a ${a}${a}\ngoto more";
        assert_eq!(run(doubled).1, End::Unknown("a line grows without end".to_string()));
    }
}
