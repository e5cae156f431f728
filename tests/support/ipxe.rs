//! iPXE, as far as boot scripts need it: a script is executed as contract N-7, N-10 and ch. 10 say it is.
//!
//! Nothing here knows how fleetc writes scripts. Each command that can fail on a network asks whether it does, so that a
//! test can walk every way through a script.
#![allow(dead_code)]

use std::collections::BTreeMap;

/// The machine that boots.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Index of the card that booted, which `netX` stands for.
    pub booted: usize,
    /// Every card, as lower-case hexadecimal digits with colons.
    pub cards: Vec<String>,
}

/// How a boot ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// A kernel starts.
    Boot(Boot),
    /// The firmware goes on to the next boot device: the local disk.
    NextDevice,
}

/// A kernel that starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    pub kernel: String,
    /// The command line, as the kernel gets it.
    pub line: String,
    /// Name and URL of each image besides the kernel.
    pub images: Vec<(String, String)>,
}

/// A walk through scripts.
#[derive(Clone, Debug)]
pub struct Walk {
    pub end: End,
    /// Every URL that was fetched, in order.
    pub fetched: Vec<String>,
    /// Everything that was shown.
    pub screen: Vec<String>,
    /// Every line that was executed, with the URL of its script; labels are none.
    pub executed: Vec<(String, String)>,
}

/// What a command may reach: a file by its URL, or nothing.
pub type Fetch<'f> = &'f mut dyn FnMut(&str) -> Option<Vec<u8>>;

/// What a script's command does to the flow.
enum Step {
    Done,
    Failed,
    Goto(usize),
    End(End),
}

struct Shell<'s> {
    machine: &'s Machine,
    fetch: Fetch<'s>,
    /// Whether the command that is about to use the network fails; asked once for each.
    fails: &'s mut dyn FnMut() -> bool,
    settings: BTreeMap<String, String>,
    kernel: Option<(String, String)>,
    images: Vec<(String, String)>,
    fetched: Vec<String>,
    screen: Vec<String>,
    executed: Vec<(String, String)>,
}

/// Boots a machine with the script at `entry`.
pub fn boot(machine: &Machine, entry: &str, fetch: Fetch<'_>, fails: &mut dyn FnMut() -> bool) -> Walk {
    let mut shell = Shell {
        machine,
        fetch,
        fails,
        settings: BTreeMap::new(),
        kernel: None,
        images: Vec::new(),
        fetched: Vec::new(),
        screen: Vec::new(),
        executed: Vec::new(),
    };
    let script = shell.get(entry).unwrap_or_else(|| panic!("{entry} cannot be fetched"));
    let end = shell.run(entry, &script);
    Walk { end, fetched: shell.fetched, screen: shell.screen, executed: shell.executed }
}

/// Every way in which a boot can end, when any of its commands may fail: all walks, one for each set of failures.
pub fn every_walk(machine: &Machine, entry: &str, fetch: Fetch<'_>) -> Vec<Walk> {
    let mut walks = Vec::new();
    let mut fixed: Vec<bool> = Vec::new();
    loop {
        let mut taken: Vec<bool> = Vec::new();
        let walk = boot(machine, entry, fetch, &mut || {
            let fails = fixed.get(taken.len()).copied().unwrap_or(false);
            taken.push(fails);
            fails
        });
        walks.push(walk);
        assert!(walks.len() < 200, "a script with too many ways: {entry}");
        // The next set of failures: the last that did not happen happens.
        while taken.pop_if(|failed| *failed).is_some() {}
        if taken.pop().is_none() {
            return walks;
        }
        taken.push(true);
        fixed = taken;
    }
}

impl Shell<'_> {
    /// Fetches a file; a relative URL is none that fleetc needs.
    fn get(&mut self, url: &str) -> Option<Vec<u8>> {
        assert!(url.contains("://"), "no URL: {url}");
        self.fetched.push(url.to_string());
        (self.fetch)(url)
    }

    fn run(&mut self, name: &str, script: &[u8]) -> End {
        let script = std::str::from_utf8(script).unwrap_or_else(|_| panic!("{name} is not text"));
        assert!(script.is_ascii(), "{name} is not ASCII");
        let lines: Vec<&str> = script.split('\n').collect();
        assert_eq!(lines[0], "#!ipxe", "{name} is no script: BIOS machines hang");
        assert!(lines.len() > 1, "{name} has no line break: BIOS machines hang");
        let mut at = 1;
        // A script that goes round for ever would leave the machine at its console.
        for _ in 0..100_000 {
            let Some(line) = lines.get(at) else { return End::NextDevice };
            at += 1;
            assert!(!line.ends_with('\\'), "{name}: a line that goes on: {line}");
            if !line.starts_with(':') {
                self.executed.push((name.to_string(), line.to_string()));
            }
            match self.line(line, &lines) {
                Step::Done => {}
                Step::Failed => return End::NextDevice,
                Step::Goto(line) => at = line,
                Step::End(end) => return end,
            }
        }
        panic!("{name} goes round for ever");
    }

    fn line(&mut self, line: &str, script: &[&str]) -> Step {
        if line.trim_start().starts_with(':') {
            return Step::Done;
        }
        let expanded = self.expand(line);
        let words = expanded.split(' ').filter(|word| !word.is_empty());
        // A word that begins with `#` hides the rest of the line (contract X-7).
        let words: Vec<&str> = words.take_while(|word| !word.starts_with('#')).collect();
        let mut failed = false;
        let mut wanted = true;
        for command in words.split_inclusive(|word| matches!(*word, "||" | "&&" | ";")) {
            let (command, behind) = match command.split_last() {
                Some((word @ (&"||" | &"&&" | &";"), command)) => (command, *word),
                _ => (command, ""),
            };
            if wanted {
                match self.command(command, script) {
                    Step::Done => failed = false,
                    Step::Failed => failed = true,
                    step => return step,
                }
            }
            wanted = match behind {
                "||" => failed,
                "&&" => !failed,
                _ => true,
            };
        }
        // An empty command, as behind a last `||`, does nothing, successfully.
        let ends_empty = words.last().is_some_and(|word| matches!(*word, "||" | "&&" | ";"));
        if failed && !(ends_empty && wanted) { Step::Failed } else { Step::Done }
    }

    fn command(&mut self, command: &[&str], script: &[&str]) -> Step {
        let Some((name, arguments)) = command.split_first() else { return Step::Done };
        match *name {
            "echo" => self.screen.push(arguments.join(" ")),
            "sleep" => assert!(arguments.len() == 1 && arguments[0].parse::<u32>().is_ok(), "sleep {arguments:?}"),
            "imgfree" => (self.kernel, self.images) = (None, Vec::new()),
            "set" => {
                let (name, value) = arguments.split_first().unwrap();
                self.settings.insert(name.to_string(), value.join(" "));
            }
            "isset" if arguments.is_empty() => return Step::Failed,
            "isset" => {}
            // Nobody presses a key.
            "prompt" => return Step::Failed,
            "goto" => return self.goto(arguments, script),
            "exit" => return Step::End(End::NextDevice),
            "chain" => return self.chain(arguments),
            "kernel" => {
                let [url, rest @ ..] = arguments else { panic!("kernel without URL") };
                if (self.fails)() || self.get(url).is_none() {
                    return Step::Failed;
                }
                let line = rest.join(" ");
                assert!(line.len() <= 2047, "a command line of {} bytes is cut (contract X-8)", line.len());
                self.kernel = Some((url.to_string(), line));
            }
            "initrd" => {
                let ["--name", name, url] = arguments else { panic!("initrd {arguments:?}") };
                if (self.fails)() || self.get(url).is_none() {
                    return Step::Failed;
                }
                self.images.push((name.to_string(), url.to_string()));
            }
            "boot" => return self.start(arguments),
            other => panic!("no command that this test knows: {other}"),
        }
        Step::Done
    }

    fn goto(&mut self, arguments: &[&str], script: &[&str]) -> Step {
        let [label] = arguments else { return Step::Failed };
        let found = script.iter().position(|line| line.strip_prefix(':').map(str::trim_end) == Some(label));
        found.map_or(Step::Failed, Step::Goto)
    }

    fn chain(&mut self, arguments: &[&str]) -> Step {
        let ["--replace", url] = arguments else { panic!("chain {arguments:?}") };
        if (self.fails)() {
            return Step::Failed;
        }
        match self.get(url) {
            Some(script) => Step::End(self.run(url, &script)),
            None => Step::Failed,
        }
    }

    fn start(&mut self, arguments: &[&str]) -> Step {
        assert!(arguments.is_empty(), "boot {arguments:?}");
        // Without an image, `boot` succeeds and does nothing (contract X-5).
        let Some((kernel, line)) = self.kernel.clone() else { return Step::Done };
        if (self.fails)() {
            return Step::Failed;
        }
        Step::End(End::Boot(Boot { kernel, line, images: self.images.clone() }))
    }

    /// Puts values in the place of `${…}`; what is not set is empty (contract X-7).
    fn expand(&self, line: &str) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').unwrap_or_else(|| panic!("no end: {line}"));
            out.push_str(before);
            out.push_str(&self.setting(name));
            rest = after;
        }
        out + rest
    }

    fn setting(&self, name: &str) -> String {
        let (name, form) = name.split_once(':').unwrap_or((name, ""));
        let value = match name.strip_prefix("net").and_then(|name| name.strip_suffix("/mac")) {
            Some("X") => self.machine.cards[self.machine.booted].clone(),
            Some(number) => self.machine.cards.get(number.parse::<usize>().unwrap()).cloned().unwrap_or_default(),
            None if name == "serial" => "SERIAL-1".to_string(),
            None => self.settings.get(name).cloned().unwrap_or_default(),
        };
        match form {
            "" => value,
            "hexhyp" => value.replace(':', "-"),
            form => panic!("no form that this test knows: {form}"),
        }
    }
}
