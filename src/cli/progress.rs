//! A progress bar on standard error, for work that takes a while: on a terminal alone, and not before half a second.

use std::io::IsTerminal;
use std::sync::Once;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that takes no longer shows no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the bar is drawn, at most.
const PER_SECOND: u8 = 10;

/// The progress of something; the bar is gone when this is.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    begun: Instant,
    shown: Once,
}

impl Progress {
    /// Begins something whose parts are called `what`, like `requests`.
    pub(super) fn new(what: &str) -> Progress {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let bar = (std::io::stderr().is_terminal() && !dumb).then(|| {
            let template = format!("[{{bar:30}}] {{human_pos}} of {{human_len}} {what}, {{eta}} left");
            let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden()).with_style(style.progress_chars("=> "))
        });
        Progress { bar, begun: Instant::now(), shown: Once::new() }
    }

    /// So many more parts are done, and so many more are known of.
    pub(super) fn add(&self, done: usize, more: usize) {
        let Some(bar) = &self.bar else { return };
        bar.inc_length(more as u64);
        bar.inc(done as u64);
        if self.begun.elapsed() >= PATIENCE {
            self.shown.call_once(|| bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(PER_SECOND)));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
