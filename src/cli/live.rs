//! Who fetches what, as it happens: a line a machine that is rewritten in place on a terminal, a line an event elsewhere.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Failure, output};
use crate::report::Style;
use crate::serve::{Board, Line, Seen, Watch, clock};

/// How often a terminal is drawn anew, at most.
const FRAME: Duration = Duration::from_millis(100);

/// What is shown of a service.
pub(super) struct Live {
    state: Mutex<State>,
    /// Whether lines can be rewritten.
    terminal: bool,
    colour: bool,
}

struct State {
    board: Board,
    /// Lines on the terminal that the next frame replaces.
    drawn: usize,
    /// Whether something happened since.
    changed: bool,
}

impl Live {
    /// Nothing happened yet.
    pub(super) fn new() -> Live {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        Live {
            state: Mutex::new(State { board: Board::default(), drawn: 0, changed: false }),
            terminal: io::stdout().is_terminal() && !dumb,
            colour: output::style("", None).colour,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, state: &mut State, event: Option<String>) {
        if self.terminal {
            state.changed = true;
        } else if let Some(event) = event {
            // Whoever reads this may have seen enough; machines are served all the same.
            let _ = output::say(&event);
        }
    }

    /// Rewrites the lines on a terminal until `stop` is set.
    pub(super) fn draw(&self, stop: &AtomicBool) {
        while self.terminal && !stop.load(Ordering::Relaxed) {
            let mut state = self.state();
            if std::mem::take(&mut state.changed) {
                self.frame(&mut state);
            }
            drop(state);
            std::thread::sleep(FRAME);
        }
    }

    fn frame(&self, state: &mut State) {
        let (width, height) = terminal_size::terminal_size()
            .map_or((80, 24), |(width, height)| (usize::from(width.0), usize::from(height.0)));
        let style = Style { colour: self.colour, width, ..Style::PLAIN };
        let lines = frame(&state.board.lines(), height.saturating_sub(2).max(1), &style);
        let mut text = erased(state.drawn);
        lines.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        state.drawn = lines.len();
        let mut stdout = io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }

    /// Says something else in between.
    pub(super) fn interrupt<T>(&self, say: impl FnOnce() -> T) -> T {
        let mut state = self.state();
        if state.drawn > 0 {
            let _ = output::print(&erased(std::mem::take(&mut state.drawn)));
        }
        state.changed = true;
        say()
    }

    /// Says who was there, at the end.
    pub(super) fn summary(&self, hosts: &[String]) -> Result<(), Failure> {
        let mut state = self.state();
        let drawn = std::mem::take(&mut state.drawn);
        let lines = state.board.lines();
        let mut text = erased(drawn);
        for Line { name, what, requests, .. } in &lines {
            let requests = if *requests == 1 { "1 request".to_string() } else { format!("{requests} requests") };
            text.push_str(&format!("{name}: {requests}, the last: {what}\n"));
        }
        let present = state.board.present(hosts);
        text.push_str(&format!("{present} of {} hosts asked for something\n", hosts.len()));
        output::print(&text)
    }
}

impl Watch for Live {
    fn saw(&self, seen: &Seen) {
        let mut state = self.state();
        let event = state.board.see(seen, &clock());
        self.tell(&mut state, event);
    }

    fn broke(&self, seen: &Seen, sent: u64, of: u64) {
        let mut state = self.state();
        let event = state.board.broke(seen, sent, of, &clock());
        self.tell(&mut state, event);
    }
}

/// What takes the cursor back over lines, and clears them.
fn erased(lines: usize) -> String {
    if lines == 0 { String::new() } else { format!("\u{1b}[{lines}A\u{1b}[J") }
}

/// The lines that fit on a terminal: the machines that asked last, in the order in which they asked first.
fn frame(lines: &[Line], height: usize, style: &Style<'_>) -> Vec<String> {
    let hidden = lines.len().saturating_sub(height);
    let mut shown: Vec<(usize, &Line)> = lines.iter().enumerate().collect();
    if hidden > 0 {
        shown.sort_by_key(|(_, line)| std::cmp::Reverse(line.turn));
        shown.truncate(height.saturating_sub(1));
        shown.sort_by_key(|(index, _)| *index);
    }
    let width = |of: fn(&Line) -> usize| shown.iter().map(|(_, line)| of(line)).max().unwrap_or_default();
    let names = width(|line| line.name.chars().count());
    let addresses = width(|line| line.address.chars().count());
    let drawn = |line: &Line| {
        let head = format!("{:names$}  ", line.name);
        let rest = format!("{:addresses$}  {}  {}", line.address, line.at, line.what);
        let room = style.width.saturating_sub(head.chars().count() + 1);
        let rest: String = rest.chars().take(room).collect();
        format!("{}{rest}", style.bold(&head))
    };
    let mut drawn: Vec<String> = shown.iter().map(|(_, line)| drawn(line)).collect();
    if hidden > 0 {
        drawn.push(style.dim(&format!("and {} more", lines.len() - shown.len())));
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_fits_the_terminal() {
        let line = |name: &str, at: &str, turn: u64| Line {
            name: name.to_string(),
            address: "10.0.0.1".to_string(),
            what: "kernel".to_string(),
            requests: 3,
            at: at.to_string(),
            turn,
        };
        // Midnight is between them.
        let times = [("a", "00:00:03", 9), ("bb", "23:59:58", 4), ("c", "00:00:02", 8), ("d", "23:59:59", 5)];
        let lines = times.map(|(name, at, turn)| line(name, at, turn));
        let shown = frame(&lines, 3, &Style { width: 30, ..Style::PLAIN });
        assert_eq!(shown, ["a  10.0.0.1  00:00:03  kernel", "c  10.0.0.1  00:00:02  kernel", "and 2 more"]);
        let shown = frame(&lines, 9, &Style { width: 14, ..Style::PLAIN });
        assert_eq!(shown, ["a   10.0.0.1 ", "bb  10.0.0.1 ", "c   10.0.0.1 ", "d   10.0.0.1 "]);
        assert_eq!(erased(2), "\u{1b}[2A\u{1b}[J");
    }
}
