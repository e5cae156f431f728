//! Progress on standard error, for work that takes a while: on a terminal alone, and not before half a second.

use std::io::IsTerminal;
use std::sync::Once;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that takes no longer shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often it is drawn, at most.
const PER_SECOND: u8 = 10;

/// The progress of something: what is being done, and a bar once its parts are known. It is gone when this is.
pub(super) struct Progress {
    shown: Option<Shown>,
    what: &'static str,
    counted: Once,
}

struct Shown {
    bar: ProgressBar,
    /// Ends the thread that waits for the half second to pass.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins something, like `asking the server`, whose parts are called `what`, like `requests`.
    pub(super) fn new(doing: &'static str, what: &'static str) -> Progress {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let shown = (std::io::stderr().is_terminal() && !dumb).then(|| Shown::new(doing));
        Progress { shown, what, counted: Once::new() }
    }

    /// So many more parts are done, and so many more are known of.
    pub(super) fn add(&self, done: usize, more: usize) {
        let Some(Shown { bar, .. }) = &self.shown else { return };
        self.counted.call_once(|| {
            let template = format!("[{{bar:30}}] {{human_pos}} of {{human_len}} {}, {{eta}} left", self.what);
            bar.set_style(style(&template).progress_chars("=> "));
            bar.set_length(0);
        });
        bar.inc_length(more as u64);
        bar.inc(done as u64);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Shown {
    fn new(doing: &'static str) -> Shown {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_message(doing);
        bar.set_style(style("{spinner} {msg}").tick_strings(&["-", "\\", "|", "/", " "]));
        let (end, ended) = channel::<()>();
        let drawn = bar.clone();
        let thread = std::thread::spawn(move || {
            if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                drawn.set_draw_target(ProgressDrawTarget::stderr_with_hz(PER_SECOND));
                drawn.enable_steady_tick(Duration::from_millis(1000 / u64::from(PER_SECOND)));
            }
        });
        Shown { bar, end: Some(end), thread: Some(thread) }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            // It never panics; and if it did, there would be nothing to say about it.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}
