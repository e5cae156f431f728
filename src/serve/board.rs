//! Who is where on its walk: requests, put together to machines.
//!
//! A machine is known by what it asks for: its own script, its own configuration, the service's answer to its card.
//! Between those, it is known by the address from which it asks. A request for the entry script is the begin of a boot,
//! of whichever machine has the address now.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::guide::{Asked, Stage, Who};

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Who asked.
    pub address: IpAddr,
    /// What for; none for what was no request.
    pub asked: Option<Asked>,
    /// The status of the answer.
    pub status: u16,
}

/// A machine, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// The address from which it asked last.
    pub address: String,
    /// What it asked for last, and what becomes of it.
    pub what: String,
    /// How many requests it made.
    pub requests: u64,
    /// When it asked last.
    pub at: String,
    /// The same as a number that grows with each request of any machine.
    pub turn: u64,
}

/// All machines that asked so far.
#[derive(Debug, Default)]
pub struct Board {
    /// In the order in which they asked first.
    machines: Vec<Machine>,
    /// Where each of them stands.
    index: BTreeMap<Who, usize>,
    /// Which machine asks from an address.
    at: BTreeMap<IpAddr, Who>,
    /// How many requests there were.
    turn: u64,
}

#[derive(Debug)]
struct Machine {
    who: Who,
    address: IpAddr,
    /// What was asked last, as it is told.
    what: String,
    /// Path and status of the last request.
    last: Option<(String, u16)>,
    /// How often that was asked in a row.
    times: u64,
    requests: u64,
    at: String,
    turn: u64,
    /// Whether it has got all that a walk has.
    done: bool,
    /// Boots into the installer after a walk that it went to its end.
    again: u64,
    /// Requests that belong to another machine, which was not known yet.
    handed_over: bool,
}

impl Board {
    /// Takes in a request; gives what is to be told of it, if anything is. `at` is the time of day.
    ///
    /// What a machine asks for again and again is told when it is the 1st, 10th, 100th … time.
    pub fn see(&mut self, seen: &Seen, at: &str) -> Option<String> {
        let index = self.machine(seen);
        self.turn += 1;
        let machine = &mut self.machines[index];
        machine.turn = self.turn;
        machine.address = seen.address;
        machine.at = at.to_string();
        machine.requests += 1;
        let this = seen.asked.as_ref().map(|asked| (asked.path.clone(), seen.status));
        if machine.last.is_some() && machine.last == this {
            machine.times += 1;
            let tells = 10u64.checked_pow(machine.times.ilog10()) == Some(machine.times);
            return tells.then(|| machine.told(at));
        }
        machine.last = this;
        machine.times = 1;
        machine.what = machine.went(seen);
        Some(machine.told(at))
    }

    /// Takes in that an answer could not be sent whole; gives what is to be told of it.
    pub fn broke(&mut self, seen: &Seen, sent: u64, of: u64, at: &str) -> Option<String> {
        let who = self.at.get(&seen.address).cloned().unwrap_or(Who::Address(seen.address));
        let who = seen.asked.as_ref().and_then(|asked| asked.who.clone()).unwrap_or(who);
        let machine = &mut self.machines[*self.index.get(&who)?];
        let asked = seen.asked.as_ref()?;
        let what = asked.stage.map_or_else(|| format!("`{}`", asked.path), |stage| stage.name().to_string());
        machine.what = format!("{what} broke off after {sent} of {of} bytes");
        machine.last = None;
        machine.done = false;
        machine.at = at.to_string();
        Some(machine.told(at))
    }

    /// Every machine, in the order in which they asked first.
    pub fn lines(&self) -> Vec<Line> {
        let shown = self.machines.iter().filter(|machine| !machine.handed_over);
        shown.map(Machine::line).collect()
    }

    /// How many of these hosts asked for something.
    pub fn present(&self, hosts: &[String]) -> usize {
        hosts.iter().filter(|host| self.index.contains_key(&Who::Host((*host).clone()))).count()
    }

    /// The machine that makes a request.
    fn machine(&mut self, seen: &Seen) -> usize {
        let address = seen.address;
        let stage = seen.asked.as_ref().and_then(|asked| asked.stage);
        if stage == Some(Stage::Entry) {
            self.at.remove(&address);
        }
        let named = seen.asked.as_ref().and_then(|asked| asked.who.clone());
        let before = self.at.get(&address).cloned();
        let who = named.clone().or_else(|| before.clone()).unwrap_or(Who::Address(address));
        let mut requests = 0;
        if let Some(named) = named {
            // The entry script was asked for by the address alone.
            if before.is_none() {
                let alone = self.index.get(&Who::Address(address)).map(|index| &mut self.machines[*index]);
                if let Some(alone) = alone.filter(|alone| alone.is_entry()) {
                    requests = std::mem::take(&mut alone.requests);
                    alone.handed_over = true;
                    alone.last = None;
                }
            }
            self.at.insert(address, named);
        }
        let index = *self.index.entry(who).or_insert_with_key(|who| {
            self.machines.push(Machine::new(who.clone(), address));
            self.machines.len() - 1
        });
        self.machines[index].requests += requests;
        self.machines[index].handed_over = false;
        index
    }
}

impl Machine {
    fn new(who: Who, address: IpAddr) -> Machine {
        Machine {
            who,
            address,
            what: String::new(),
            last: None,
            times: 0,
            requests: 0,
            at: String::new(),
            turn: 0,
            done: false,
            again: 0,
            handed_over: false,
        }
    }

    /// Whether the last that was asked for is the entry script.
    fn is_entry(&self) -> bool {
        self.what == Stage::Entry.name()
    }

    /// Goes on by a request; says where that leads.
    fn went(&mut self, seen: &Seen) -> String {
        let Some(asked) = &seen.asked else { return format!("{}: this is no HTTP", seen.status) };
        if let (Who::Card(_), Some(Stage::Script), 404, Some(note)) = (&self.who, asked.stage, seen.status, &asked.note)
        {
            return note.clone();
        }
        if !matches!(seen.status, 200 | 206) {
            let help = match asked.stage {
                Some(Stage::Kernel | Stage::Initrd) if seen.status == 404 => "; `--root` names its folder",
                _ => "",
            };
            return format!("{} {}{help}", seen.status, asked.path);
        }
        let mut text = asked.stage.map_or_else(|| format!("`{}`", asked.path), |stage| stage.name().to_string());
        let again = asked.installs && std::mem::take(&mut self.done);
        self.done |= asked.last;
        if let Some(note) = &asked.note {
            text.push_str(if note.starts_with('`') { " " } else { ": " });
            text.push_str(note);
        }
        if again {
            // contract I-88: nothing else remembers that a machine is installed
            self.again += 1;
            text.push_str(" once more; `state: installed` ends that");
        } else if asked.last && asked.stage != Some(Stage::Script) {
            text.push_str(", the last that it asks for");
        }
        text
    }

    /// What it does, and how often.
    fn doing(&self) -> String {
        match self.times {
            0 | 1 => self.what.clone(),
            times => format!("{} ({times} times)", self.what),
        }
    }

    fn told(&self, at: &str) -> String {
        let joint = if self.what.starts_with("is ") { " " } else { ": " };
        format!("{at} {}{joint}{}", self.who.name(), self.doing())
    }

    fn line(&self) -> Line {
        let (name, address) = (self.who.name(), self.address.to_string());
        Line { name, address, what: self.doing(), requests: self.requests, at: self.at.clone(), turn: self.turn }
    }
}
