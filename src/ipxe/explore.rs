//! Every path: what may go one way or another goes each way in turn.

use std::collections::HashMap;

use super::run::Runner;
use super::state::{Question, State, Watch};
use super::{End, Machine, World};

/// Commands that are run, over all paths, before there are too many to follow.
const MAX_COMMANDS: usize = 5_000;

/// Questions on one path before it is too long to follow.
const MAX_DEPTH: usize = 200;

/// Something that happens on a path.
#[derive(Debug, PartialEq, Eq)]
pub enum Sight<'s> {
    /// A file is fetched that is no script to run.
    Loaded(&'s str),
    /// The path ends, with these images there.
    Ended(&'s End, &'s State),
}

/// A line that was run on a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The URL of its script.
    pub script: String,
    /// Its number, from 1.
    pub number: u32,
    /// The line as it stands.
    pub line: String,
    /// What did not go well in it; none when all did.
    pub failed: Option<String>,
}

/// The path on which something is seen.
pub struct Path<'p> {
    marks: &'p [Mark],
    runner: &'p Runner<'p>,
}

impl Path<'_> {
    /// Whether nothing has failed on it.
    pub fn is_smooth(&self) -> bool {
        !self.marks.iter().any(|mark| matches!(mark, Mark::Failed(_)))
    }

    /// The lines that were run, in order, with what failed.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut failed: Vec<String> = Vec::new();
        for mark in self.marks {
            match mark {
                Mark::Failed(what) => failed.push(what.clone()),
                Mark::Ran { script, number } => {
                    let (url, text) = self.runner.script(*script);
                    let (script, line) = (url.to_string(), text.shown(*number).to_string());
                    let failed = std::mem::take(&mut failed).join(", ");
                    steps.push(Step {
                        script,
                        number: *number,
                        line,
                        failed: Some(failed).filter(|what| !what.is_empty()),
                    });
                }
            }
        }
        steps
    }
}

/// Follows a machine from the script at `entry` along every path, the one on which all goes well first. `see` gets what
/// happens, and says whether to go on. Nothing is gone on from twice, so each thing that can happen is seen along one
/// path at least, not along each.
///
/// Returns whether a script asked for a card by its number: if none did, the order of the cards means nothing, nor do
/// the cards that did not boot.
pub fn explore(machine: &Machine, entry: &str, world: &dyn World, see: See<'_>) -> bool {
    let mut runner = Runner::new(machine, world);
    match runner.start(entry) {
        Ok(state) => {
            let (path, met) = (Vec::new(), HashMap::new());
            let mut explorer = Explorer { runner, path, met, left: MAX_COMMANDS, stopped: false, see };
            explorer.follow(state, 0);
            explorer.runner.numbered
        }
        Err(end) => {
            see(Sight::Ended(&end, &State::default()), &Path { marks: &[], runner: &runner });
            false
        }
    }
}

/// Gets what happens on a path, and says whether to go on.
pub type See<'s> = &'s mut dyn FnMut(Sight<'_>, &Path<'_>) -> bool;

/// What happened on a path, in few bytes.
enum Mark {
    Ran { script: usize, number: u32 },
    Failed(String),
}

struct Explorer<'e> {
    runner: Runner<'e>,
    path: Vec<Mark>,
    /// The states at which something was asked, or a label was reached: whether the paths from there are still followed.
    met: HashMap<State, bool>,
    left: usize,
    stopped: bool,
    see: See<'e>,
}

/// Takes one way at the question that is asked, and keeps what was before.
#[derive(Default)]
struct Fork {
    way: usize,
    before: Option<(State, usize)>,
    failed: Option<String>,
    loaded: Option<String>,
    ran: Vec<Mark>,
    jumped: bool,
}

impl Watch for Fork {
    fn choose(&mut self, question: Question<'_>, state: &State) -> usize {
        self.before = Some((state.clone(), question.ways()));
        self.failed = match (question, self.way) {
            (_, 0) => None,
            (Question::Kernel(url), 2) => Some(format!("{url} is no kernel")),
            (Question::Fetch(url) | Question::Kernel(url), _) => Some(format!("{url} is not fetched")),
            (Question::Start(url), _) => Some(format!("{url} does not start")),
            (Question::Key, _) => Some("a key is pressed".to_string()),
            (Question::Test, _) => Some("the machine has what is asked for".to_string()),
        };
        self.way
    }

    fn loaded(&mut self, url: &str) {
        self.loaded = Some(url.to_string());
    }

    fn ran(&mut self, script: usize, number: u32, _ok: bool) {
        self.ran.push(Mark::Ran { script, number });
    }

    fn jumped(&mut self) {
        self.jumped = true;
    }
}

impl Explorer<'_> {
    /// Follows every path from a state that is `depth` questions from the start.
    fn follow(&mut self, mut state: State, depth: usize) {
        let mut opened: Vec<State> = Vec::new();
        let begun = self.path.len();
        while !self.stopped {
            let here = self.path.len();
            let mut fork = Fork::default();
            let end = self.step(&mut state, &mut fork, depth);
            let met = match &fork.before {
                Some((before, _)) => self.meet(before, &mut opened),
                None if fork.jumped => self.meet(&state, &mut opened),
                None => None,
            };
            if let Some(open) = met {
                if open {
                    self.see(Sight::Ended(&End::Loop, &state));
                }
                break;
            }
            let Some((before, ways)) = fork.before else {
                match end {
                    Some(end) => self.see(Sight::Ended(&end, &state)),
                    None => continue,
                }
                break;
            };
            self.go_on(end, state, depth);
            for way in 1..ways {
                self.path.truncate(here);
                let mut state = before.clone();
                let end = self.step(&mut state, &mut Fork { way, ..Fork::default() }, depth);
                self.go_on(end, state, depth);
            }
            break;
        }
        self.path.truncate(begun);
        for state in opened {
            self.met.insert(state, false);
        }
    }

    fn go_on(&mut self, end: Option<End>, state: State, depth: usize) {
        match end {
            Some(end) => self.see(Sight::Ended(&end, &state)),
            None => self.follow(state, depth + 1),
        }
    }

    /// Notes that a state is reached. Whether it was before; and then, whether that is on this very path.
    fn meet(&mut self, state: &State, opened: &mut Vec<State>) -> Option<bool> {
        let known = self.met.get(state).copied();
        if known.is_none() {
            self.met.insert(state.clone(), true);
            opened.push(state.clone());
        }
        known
    }

    fn step(&mut self, state: &mut State, fork: &mut Fork, depth: usize) -> Option<End> {
        if self.left == 0 || depth > MAX_DEPTH {
            self.left = 0;
            return Some(End::Unknown("more paths than can be followed".to_string()));
        }
        self.left -= 1;
        let end = self.runner.advance(state, fork);
        self.path.extend(fork.failed.take().map(Mark::Failed));
        if let Some(url) = fork.loaded.take() {
            self.see(Sight::Loaded(&url));
        }
        self.path.append(&mut fork.ran);
        end
    }

    fn see(&mut self, sight: Sight<'_>) {
        if !self.stopped {
            self.stopped = !(self.see)(sight, &Path { marks: &self.path, runner: &self.runner });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipxe::{Content, What};

    struct Files(&'static str);

    impl World for Files {
        fn get(&self, url: &str, what: What) -> Option<Content> {
            match url.strip_prefix("http://h/")? {
                "entry" => Some(Content::of(format!("#!ipxe\n{}\n", self.0).as_bytes())),
                "next" => Some(Content::of(b"#!ipxe\necho next\n")),
                "k" | "i" if what == What::Image => Some(Content::Image),
                _ => None,
            }
        }
    }

    /// Every end, and what failed on the way to it.
    fn ends(script: &'static str) -> Vec<String> {
        let machine = Machine { cards: vec!["52:54:00:00:00:01".to_string()], booted: 0 };
        let mut ends = Vec::new();
        explore(&machine, "http://h/entry", &Files(script), &mut |sight, path| {
            let Sight::Ended(end, state) = sight else { return true };
            let failed: Vec<String> = path.steps().into_iter().filter_map(|step| step.failed).collect();
            let end = match end {
                End::Kernel(start) => format!("kernel {}+{}", start.line, start.images.len()),
                End::NextDevice => format!("next+{}", state.images.len()),
                End::Loop => "loop".to_string(),
                End::Unknown(what) => format!("unknown {what}"),
            };
            assert_eq!(path.is_smooth(), failed.is_empty());
            ends.push([end, failed.join("; ").replace("http://h/", "")].join(": ").trim_end_matches(": ").to_string());
            true
        });
        ends
    }

    #[test]
    fn what_may_fail_goes_both_ways() {
        let failing = ["k does not start", "i is not fetched", "k is not fetched", "k is no kernel"];
        let after = |counts: [usize; 4]| -> Vec<String> {
            let ends = counts.iter().zip(failing).map(|(count, what)| format!("next+{count}: {what}"));
            [vec!["kernel a+1".to_string()], ends.collect()].concat()
        };
        let load = "kernel k a || goto f\ninitrd i || goto f\nboot || goto f\n:f\nimgfree\nexit 1";
        assert_eq!(ends(load), after([0, 0, 0, 0]));
        let load = "kernel k a || goto f\ninitrd i || goto f\nboot || goto f\n:f";
        assert_eq!(ends(load), after([2, 1, 0, 1]));
        assert_eq!(ends("chain next ||\nchain gone"), ["next+1", "next+0: next is not fetched"]);
        assert_eq!(
            ends("isset ${serial} && goto a ||\nkernel k\n:a"),
            [
                "next+1",
                "next+0: k is not fetched",
                "next+1: k is no kernel",
                "next+0: the machine has what is asked for"
            ]
        );
    }

    #[test]
    fn what_does_not_end_is_found() {
        assert_eq!(ends(":a\ngoto a"), ["loop"]);
        assert_eq!(
            ends(":a\nimgfree\nkernel k || goto a"),
            ["next+1", "loop: k is not fetched", "loop: k is no kernel"]
        );
        assert_eq!(ends(":a\nprompt && goto a ||"), ["next+0", "loop: a key is pressed"]);
        assert_eq!(ends(":a\nset x ${x}y\ngoto a"), ["unknown more paths than can be followed"]);
        assert_eq!(ends("sanboot --drive 0x80"), ["unknown sanboot --drive 0x80"]);
    }
}
