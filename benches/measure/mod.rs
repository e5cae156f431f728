//! Commands, timed side by side: each round runs each command once, so that what else the machine does weighs on all.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A command to measure.
pub struct Row<'r> {
    /// What to call it.
    pub name: &'static str,
    /// Program and arguments.
    pub command: Vec<&'r str>,
    /// What to do before each run, untimed.
    pub prepare: Option<&'r dyn Fn()>,
    /// The rows of the same table that it is compared with.
    pub against: &'static [&'static str],
}

/// A run's figures.
#[derive(Clone, Copy)]
struct Figures {
    seconds: f64,
    peak_mb: f64,
}

/// Prints the head of all tables.
pub fn head() {
    println!(
        "{:>9} {:>7}  {:44} {:>9} {:>7} {:>8} {:>8}",
        "hosts", "MB", "command", "seconds", "ratio", "peak MB", "x source"
    );
}

/// Runs all rows in turn, `rounds` times, and prints medians, and the medians of the ratios within a round.
pub fn table(hosts: u32, megabytes: f64, rounds: usize, rows: &[Row<'_>]) {
    let mut figures: Vec<Vec<Figures>> = vec![Vec::new(); rows.len()];
    for _ in 0..rounds {
        for (row, figures) in rows.iter().zip(&mut figures) {
            if let Some(prepare) = row.prepare {
                prepare();
            }
            figures.push(run(&row.command));
        }
    }
    for (row, runs) in rows.iter().zip(&figures) {
        let seconds = median(runs.iter().map(|run| run.seconds));
        let peak = runs.iter().map(|run| run.peak_mb).fold(0.0, f64::max);
        let line = |name: &str, ratio: &str| {
            let times = peak / megabytes;
            println!("{hosts:>9} {megabytes:>7.1}  {name:44} {seconds:>9.3} {ratio:>7} {peak:>8.1} {times:>8.1}");
        };
        if row.against.is_empty() {
            line(row.name, "");
        }
        for other in row.against {
            let base = rows.iter().position(|row| row.name == *other).unwrap();
            let ratio = median(runs.iter().zip(&figures[base]).map(|(run, base)| run.seconds / base.seconds));
            line(&format!("{} (to {other})", row.name), &format!("{ratio:.2}"));
        }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Runs a command to its end and asks the system for its peak memory while it runs.
fn run(command: &[&str]) -> Figures {
    let start = Instant::now();
    let mut child = Command::new(command[0]).args(&command[1..]).stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak: f64 = 0.0;
    loop {
        if let Ok(text) = std::fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
            peak = peak.max(kilobytes.unwrap_or(0.0) * 1024.0 / 1e6);
        }
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{command:?}: {status}");
            return Figures { seconds: start.elapsed().as_secs_f64(), peak_mb: peak };
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
