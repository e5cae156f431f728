//! A running `fleetc serve`.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The program, and what it says; it ends with this value.
pub struct Serving {
    child: Child,
    pub address: SocketAddr,
    /// What it said on standard error before it listened, and the lines that follow.
    said: Vec<String>,
    errors: Receiver<String>,
    events: Receiver<String>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a stream, as they come.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            if sender.send(line.unwrap()).is_err() {
                break;
            }
        }
    });
    receiver
}

impl Serving {
    /// Serves the fleet of a folder on a free port.
    pub fn start(folder: &Path, arguments: &[&str]) -> Serving {
        Serving::listen(folder, "127.0.0.1:0", arguments)
    }

    /// The same at an address.
    pub fn listen(folder: &Path, listen: &str, arguments: &[&str]) -> Serving {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fleetc"));
        command.args(["serve", "--listen", listen]).args(arguments).current_dir(folder).env("TZ", "UTC");
        command.env_remove("RUST_BACKTRACE").env_remove("FLEETC_BOOK").stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let events = lines(child.stdout.take().unwrap());
        let errors = lines(child.stderr.take().unwrap());
        let first = errors.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("fleetc serve does not start"));
        let address = first.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = address.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no address: {first}"));
        Serving { child, address, said: vec![first], errors, events }
    }

    /// What it said on standard error, up to a line that has `until` in it.
    pub fn complaints(&mut self, until: &str) -> Vec<String> {
        while !self.said.last().is_some_and(|line| line.contains(until)) {
            let line = self.errors.recv_timeout(PATIENCE);
            self.said.push(line.unwrap_or_else(|_| panic!("`{until}` is not said: {:#?}", self.said)));
        }
        std::mem::take(&mut self.said)
    }

    /// The next lines on standard output, with `TIME` for the time of day.
    pub fn events(&self, count: usize) -> Vec<String> {
        let next = || self.events.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("nothing more is said"));
        (0..count).map(|_| masked(&next())).collect()
    }

    /// Ends it as Ctrl-C does; gives its exit status, and what it said meanwhile.
    pub fn stop(mut self) -> (Option<i32>, Vec<String>) {
        let kill = format!("kill -INT {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let start = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if start.elapsed() > PATIENCE => panic!("Ctrl-C does not end it"),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        let mut rest = Vec::new();
        while let Ok(line) = self.events.recv_timeout(PATIENCE) {
            rest.push(masked(&line));
        }
        (status.code(), rest)
    }
}

/// A line without its time of day.
fn masked(line: &str) -> String {
    let is_time = |text: &str| {
        text.len() == 8
            && text.bytes().enumerate().all(|(at, byte)| if at % 3 == 2 { byte == b':' } else { byte.is_ascii_digit() })
    };
    match line.split_once(' ') {
        Some((time, rest)) if is_time(time) => format!("TIME {rest}"),
        _ => line.to_string(),
    }
}
