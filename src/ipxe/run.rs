//! A run: what iPXE knows at a time, and what a command makes of it.

use std::collections::HashMap;
use std::sync::Arc;

use super::command::{Command, Target};
use super::script::{Script, words};
use super::settings::{Word, expand};
use super::state::{Frame, Image, Question, State, Watch};
use super::{Content, End, Machine, Start, What, World};

/// Bytes of a command with its values put in, before they count as growing without end.
const MAX_LENGTH: usize = 64 << 10;

/// Commands that are run before a boot counts as one that goes round for ever.
const MAX_COMMANDS: usize = 10_000;

/// Where a command leads.
enum Flow {
    Done(bool),
    Goto(u32),
    /// Another script begins, in the place of this one or until it ends.
    Run {
        script: usize,
        replace: bool,
        autofree: bool,
    },
    Leave(bool),
    End(End),
}

/// Runs scripts on a machine.
pub(super) struct Runner<'w> {
    machine: &'w Machine,
    world: &'w dyn World,
    scripts: Vec<(String, Arc<Script>)>,
    known: HashMap<String, usize>,
    /// Whether a card was asked for by its number.
    pub(super) numbered: bool,
}

impl<'w> Runner<'w> {
    pub(super) fn new(machine: &'w Machine, world: &'w dyn World) -> Runner<'w> {
        Runner { machine, world, scripts: Vec::new(), known: HashMap::new(), numbered: false }
    }

    /// The state in which a machine starts with the script at `entry`, or how it ends without one.
    pub(super) fn start(&mut self, entry: &str) -> Result<State, End> {
        match self.world.get(entry, What::Program) {
            None => Err(End::NextDevice),
            Some(Content::Script(script)) => {
                let script = self.keep(entry, script);
                Ok(State { frames: vec![Frame::of(script, false)], ..State::default() })
            }
            Some(_) => Err(no_script(entry)),
        }
    }

    /// A script that was met, by its number: where it comes from, and itself.
    pub(super) fn script(&self, index: usize) -> (&str, &Script) {
        let (url, script) = &self.scripts[index];
        (url, script)
    }

    fn keep(&mut self, url: &str, script: Arc<Script>) -> usize {
        if let Some(index) = self.known.get(url) {
            return *index;
        }
        self.scripts.push((url.to_string(), script));
        self.known.insert(url.to_string(), self.scripts.len() - 1);
        self.scripts.len() - 1
    }

    /// Runs one command, and gives the end if it leads to one. `watch` is asked at most once, before anything changes.
    pub(super) fn advance(&mut self, state: &mut State, watch: &mut dyn Watch) -> Option<End> {
        let Some(frame) = state.frames.last().copied() else { return Some(End::NextDevice) };
        let script = self.scripts[frame.script].1.clone();
        let Some((line, number)) = script.command(frame.line) else {
            return self.leave(state, !script.is_cut(), watch);
        };
        if frame.command == 0 {
            watch.line(&|| self.shown(line, state));
        }
        let (command, _) = piece(line, frame.command);
        let mut room = MAX_LENGTH;
        let command: Option<Vec<Word<'_>>> = command
            .map(|word| expand(word, self.machine, &state.settings).filter(|word| take(&mut room, word.text.len())))
            .collect();
        let Some(words) = command else {
            return Some(End::Unknown(format!("values that grow without end: {}", line.trim())));
        };
        self.numbered |= words.iter().any(|word| word.numbered);
        match self.execute(&words, &script, state, watch) {
            Flow::Done(ok) => self.finish(state, ok, watch),
            Flow::Goto(to) => {
                watch.ran(frame.script, number, true);
                watch.jumped();
                let top = state.frames.len() - 1;
                state.frames[top] = Frame { line: to, command: 0, ..frame };
                None
            }
            Flow::Run { script, replace, autofree } => {
                watch.ran(frame.script, number, true);
                if replace {
                    state.frames.pop();
                }
                state.frames.push(Frame::of(script, autofree));
                None
            }
            Flow::Leave(ok) => {
                watch.ran(frame.script, number, ok);
                self.leave(state, ok, watch)
            }
            Flow::End(end) => {
                watch.ran(frame.script, number, true);
                Some(end)
            }
        }
    }

    /// A line with its values put in, without its comment.
    fn shown(&self, line: &str, state: &State) -> String {
        let words = words(line).take_while(|word| !word.starts_with('#'));
        let shown = words.map(|word| match expand(word, self.machine, &state.settings) {
            Some(word) => word.text.into_owned(),
            None => word.to_string(),
        });
        let mut room = MAX_LENGTH;
        let shown = shown.filter(|word| !word.is_empty()).take_while(|word| take(&mut room, word.len()));
        shown.collect::<Vec<_>>().join(" ")
    }

    /// Goes on behind a command that succeeded or failed.
    fn finish(&self, state: &mut State, ok: bool, watch: &mut dyn Watch) -> Option<End> {
        let top = state.frames.len() - 1;
        let frame = &mut state.frames[top];
        let script = &self.scripts[frame.script].1;
        let (line, number) = script.command(frame.line)?;
        loop {
            let (_, operator) = piece(line, frame.command);
            let runs = match operator {
                Some("||") => !ok,
                Some("&&") => ok,
                Some(_) => true,
                None => break,
            };
            frame.command += 1;
            if runs {
                return None;
            }
        }
        watch.ran(frame.script, number, ok);
        // contract X-2: what nothing catches ends the script.
        if !ok {
            return self.leave(state, false, watch);
        }
        (frame.line, frame.command) = (frame.line + 1, 0);
        None
    }

    /// Ends the script that is being run: the one that called it goes on.
    fn leave(&self, state: &mut State, ok: bool, watch: &mut dyn Watch) -> Option<End> {
        let Some(frame) = state.frames.pop() else { return Some(End::NextDevice) };
        if state.frames.is_empty() {
            return Some(End::NextDevice);
        }
        if !frame.autofree {
            let url = self.scripts[frame.script].0.clone();
            let (name, line) = (base_name(&url), String::new());
            state.images.push(Image { name, url, line, selected: false, text: true });
        }
        self.finish(state, ok, watch)
    }

    fn execute(&mut self, words: &[Word<'_>], script: &Script, state: &mut State, watch: &mut dyn Watch) -> Flow {
        let unknown = || {
            let shown: Vec<&str> = words.iter().map(|word| &*word.text).collect();
            Flow::End(End::Unknown(shown.join(" ")))
        };
        match Command::read(words) {
            Command::Nothing => Flow::Done(true),
            Command::List => {
                watch.listed(&state.images);
                Flow::Done(true)
            }
            Command::Fails => Flow::Done(false),
            Command::Say { text, breaks } => {
                watch.said(&text, breaks);
                Flow::Done(true)
            }
            Command::Set { name, value } => {
                if value.is_empty() {
                    state.settings.remove(&name);
                } else {
                    state.settings.insert(name, value);
                }
                Flow::Done(true)
            }
            Command::Test(Some(holds)) => Flow::Done(holds),
            Command::Test(None) => Flow::Done(watch.choose(Question::Test, state) == 1),
            Command::Prompt(text) => {
                let pressed = watch.choose(Question::Key, state) == 1;
                watch.said(&text, true);
                Flow::Done(pressed)
            }
            Command::Goto(label) => script.find(&label).map_or(Flow::Done(false), Flow::Goto),
            Command::Exit { fails } => Flow::Leave(!fails),
            Command::Free(names) if names.is_empty() => {
                state.images.clear();
                Flow::Done(true)
            }
            Command::Fetch(target) => self.fetch(&target, state, watch).unwrap_or_else(unknown),
            Command::Select(target) => self.select(&target, state, watch).unwrap_or_else(unknown),
            Command::Start { target: None, replace: false, .. } => self.boot(state, watch).unwrap_or_else(unknown),
            Command::Start { target: Some(target), replace, autofree } => {
                self.chain(&target, replace, autofree, state, watch).unwrap_or_else(unknown)
            }
            Command::Start { .. } | Command::Free(_) | Command::Unknown => unknown(),
        }
    }

    /// Where a target leads to, as seen from the script that is being run (contract X-6); none for what is not known.
    fn url(&self, target: &Target, state: &State) -> Option<String> {
        let here = &self.scripts[state.frames.last()?.script].0;
        let wanted = &target.url;
        if wanted.is_empty() {
            return None;
        }
        if wanted.starts_with("http://") {
            return Some(wanted.clone());
        }
        if wanted.contains([':', '?', '#'])
            || wanted.starts_with("//")
            || wanted.split('/').any(|part| part == ".." || part == ".")
        {
            return None;
        }
        let root = here.find("://").and_then(|at| Some(at + 3 + here[at + 3..].find('/')?))?;
        match wanted.strip_prefix('/') {
            Some(path) => Some(format!("{}/{path}", &here[..root])),
            None => Some(format!("{}/{wanted}", &here[..here.rfind('/')?])),
        }
    }

    /// Adds a file to what was fetched.
    fn add(url: String, target: &Target, content: &Content, selected: bool, state: &mut State) {
        if selected {
            state.images.iter_mut().for_each(|image| image.selected = false);
        }
        let name = target.name.clone().unwrap_or_else(|| base_name(&url));
        let line = target.line.clone().unwrap_or_default();
        let text = !matches!(content, Content::Image);
        state.images.push(Image { name, url, line, selected, text });
    }

    fn fetch(&self, target: &Target, state: &mut State, watch: &mut dyn Watch) -> Option<Flow> {
        let url = self.url(target, state)?;
        let content = self.world.get(&url, What::Image);
        let content = content.filter(|_| watch.choose(Question::Fetch(&url), state) == 0);
        watch.asked(&url, content.is_some());
        let Some(content) = content else { return Some(Flow::Done(false)) };
        watch.loaded(&url);
        Runner::add(url, target, &content, false, state);
        Some(Flow::Done(true))
    }

    fn select(&self, target: &Target, state: &mut State, watch: &mut dyn Watch) -> Option<Flow> {
        // An image that is there already: nobody writes that.
        if named(target, state).is_some() {
            return None;
        }
        let url = self.url(target, state)?;
        let content = self.world.get(&url, What::Image);
        let way = content.as_ref().map_or(1, |_| watch.choose(Question::Kernel(&url), state));
        watch.asked(&url, way != 1);
        let Some(content) = content.filter(|_| way != 1) else { return Some(Flow::Done(false)) };
        watch.loaded(&url);
        Runner::add(url, target, &content, true, state);
        // What cannot be started stays, and so does the loss of what was selected before.
        state.images.iter_mut().for_each(|image| image.selected &= way == 0);
        Some(Flow::Done(way == 0))
    }

    /// Starts the selected image.
    fn boot(&self, state: &mut State, watch: &mut dyn Watch) -> Option<Flow> {
        // contract X-5: with nothing selected, it does nothing, successfully.
        let Some(selected) = state.images.iter().position(|image| image.selected) else {
            return Some(Flow::Done(true));
        };
        let image = &state.images[selected];
        if image.text {
            return None;
        }
        if watch.choose(Question::Start(&image.url), state) == 1 {
            return Some(Flow::Done(false));
        }
        let others = state.images.iter().enumerate().filter(|(index, _)| *index != selected);
        let images = others.map(|(_, image)| (image.name.clone(), image.url.clone())).collect();
        Some(Flow::End(End::Kernel(Start { kernel: image.url.clone(), line: image.line.clone(), images })))
    }

    fn chain(
        &mut self,
        target: &Target,
        replace: bool,
        autofree: bool,
        state: &mut State,
        watch: &mut dyn Watch,
    ) -> Option<Flow> {
        // The name of an image that is there comes before the address of another.
        if let Some(index) = named(target, state) {
            let url = state.images[index].url.clone();
            let Some(Content::Script(script)) = self.world.get(&url, What::Program) else { return None };
            if target.line.is_some() || target.name.is_some() || base_name(&url) != target.url {
                return None;
            }
            state.images.remove(index);
            let script = self.keep(&url, script);
            return Some(Flow::Run { script, replace, autofree });
        }
        let url = self.url(target, state)?;
        let content = self.world.get(&url, What::Program);
        let content = content.filter(|_| watch.choose(Question::Fetch(&url), state) == 0);
        watch.asked(&url, content.is_some());
        match content {
            None => Some(Flow::Done(false)),
            // A script gets its words by other names than these.
            Some(Content::Script(script)) if target.line.is_none() && target.name.is_none() => {
                let script = self.keep(&url, script);
                Some(Flow::Run { script, replace, autofree })
            }
            Some(Content::Text) => Some(Flow::End(no_script(&url))),
            Some(_) => None,
        }
    }
}

/// The image that a target names.
fn named(target: &Target, state: &State) -> Option<usize> {
    state.images.iter().position(|image| image.name == target.url)
}

fn no_script(url: &str) -> End {
    End::Unknown(format!("what is at {url} is no script"))
}

fn base_name(url: &str) -> String {
    url.rsplit('/').next().unwrap_or_default().to_string()
}

/// The words of a command of a line, and the operator behind it; none at the end of the line, or at a comment.
fn piece(line: &str, index: u32) -> (impl Iterator<Item = &str>, Option<&str>) {
    let is_operator = |word: &str| matches!(word, "||" | "&&" | ";");
    let mut rest = words(line).take_while(|word| !word.starts_with('#'));
    for _ in 0..index {
        rest.find(|word| is_operator(word));
    }
    let operator = rest.clone().find(|word| is_operator(word));
    (rest.take_while(move |word| !is_operator(word)), operator)
}

/// Takes so much of a room, if it is there.
fn take(room: &mut usize, length: usize) -> bool {
    let left = room.checked_sub(length);
    *room = left.unwrap_or(0);
    left.is_some()
}

/// Boots a machine from the script at `entry`, along the path that `watch` chooses.
pub fn boot(machine: &Machine, entry: &str, world: &dyn World, watch: &mut dyn Watch) -> End {
    let mut runner = Runner::new(machine, world);
    let started = runner.start(entry);
    watch.asked(entry, started != Err(End::NextDevice));
    let mut state = match started {
        Ok(state) => state,
        Err(end) => return end,
    };
    for _ in 0..MAX_COMMANDS {
        if let Some(end) = runner.advance(&mut state, watch) {
            return end;
        }
    }
    End::Loop
}
