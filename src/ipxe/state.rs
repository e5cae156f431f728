//! What iPXE knows at a time, and what may go one way or another.

use std::collections::BTreeMap;

/// A file that was fetched and not freed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Image {
    /// The name that it goes by.
    pub name: String,
    /// Where it comes from.
    pub url: String,
    /// Its command line.
    pub(super) line: String,
    /// Whether `boot` starts it.
    pub(super) selected: bool,
    /// Whether it is a script or a text, and no kernel.
    pub(super) text: bool,
}

/// A script that is being run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Frame {
    /// Which script.
    pub(super) script: usize,
    /// Which of its lines is being run.
    pub(super) line: u32,
    /// Which command of the line.
    pub(super) command: u32,
    /// Whether it is forgotten when it ends.
    pub(super) autofree: bool,
}

impl Frame {
    /// The beginning of a script.
    pub(super) fn of(script: usize, autofree: bool) -> Frame {
        Frame { script, line: 0, command: 0, autofree }
    }
}

/// What iPXE knows at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct State {
    pub(super) frames: Vec<Frame>,
    pub(super) settings: BTreeMap<String, String>,
    /// The files that were fetched and not freed, besides scripts that are being run.
    pub images: Vec<Image>,
}

/// A thing that may go one way or another. The first way is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question<'q> {
    /// A file is there: it is fetched, or not.
    Fetch(&'q str),
    /// A kernel is there: it is fetched, or not; or what is fetched is no kernel.
    Kernel(&'q str),
    /// A kernel is started: it runs, or not.
    Start(&'q str),
    /// Nobody presses a key, or somebody does.
    Key,
    /// What only the machine knows is not as the script asks, or is.
    Test,
}

impl Question<'_> {
    /// How many ways it may go.
    pub fn ways(self) -> usize {
        if matches!(self, Question::Kernel(_)) { 3 } else { 2 }
    }
}

/// What watches a run, and decides what may go one way or another.
pub trait Watch {
    /// Says which way it goes: less than `question.ways()`. `state` is what it was before the command.
    fn choose(&mut self, question: Question<'_>, state: &State) -> usize;
    /// A line begins; `shown` gives it with its values put in.
    fn line(&mut self, _shown: &dyn Fn() -> String) {}
    /// A file is asked for, and there or not.
    fn asked(&mut self, _url: &str, _found: bool) {}
    /// A text is shown.
    fn said(&mut self, _text: &str, _breaks: bool) {}
    /// A file was fetched that is no script to run.
    fn loaded(&mut self, _url: &str) {}
    /// The images are listed.
    fn listed(&mut self, _images: &[Image]) {}
    /// A label is gone to.
    fn jumped(&mut self) {}
    /// A line of a script is left: all its commands are run, or one led elsewhere. Whether the last one succeeded.
    fn ran(&mut self, _script: usize, _number: u32, _ok: bool) {}
}
