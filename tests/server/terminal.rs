//! On a terminal, which `script` makes: a line a machine, rewritten in place.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::example;
use crate::raw::get;
use crate::serving::PATIENCE;

/// A program that ends with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a terminal shows after it got a text: only what fleetc sends is understood.
fn shown(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\n' => lines.push(String::new()),
            '\r' => {}
            '\u{1b}' => {
                let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap();
                match (&rest[1..end], &rest[end..=end]) {
                    (count, "A") => {
                        let count: usize = count.parse().unwrap();
                        lines.truncate(lines.len() - count);
                        *lines.last_mut().unwrap() = String::new();
                    }
                    ("", "J") => {}
                    other => panic!("not understood: {other:?}"),
                }
                rest = &rest[end + 1..];
            }
            c => lines.last_mut().unwrap().push(c),
        }
    }
    lines
}

#[test]
fn a_machine_has_one_line() {
    let line = format!("exec {} serve --listen 127.0.0.1:0", env!("CARGO_BIN_EXE_fleetc"));
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(example::named("pilot").folder);
    command.env("TERM", "xterm").env("NO_COLOR", "1").stdin(Stdio::null()).stdout(Stdio::piped());
    let child = command.spawn().unwrap_or_else(|error| panic!("no `script` ({error}); on Debian: bsdutils"));
    let mut running = Running(child);
    let mut screen = BufReader::new(running.0.stdout.take().unwrap());
    let mut first = String::new();
    screen.read_line(&mut first).unwrap();
    let address = first.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap().parse().unwrap();
    for path in ["/ipxe_boot_script.txt", "/boot/52-54-00-00-01-01.ipxe", "/icis/get_role/compute"] {
        get(address, path);
        // Each is drawn before the next comes.
        std::thread::sleep(Duration::from_millis(400));
    }
    get(address, "/boot/52-54-00-ff-ff-01.ipxe");
    let (start, mut text) = (Instant::now(), String::new());
    while !text.contains("refused") {
        assert!(start.elapsed() < PATIENCE, "{text}");
        let mut some = [0; 4096];
        let length = screen.read(&mut some).unwrap();
        text.push_str(std::str::from_utf8(&some[..length]).unwrap());
    }
    assert!(text.contains("own script") && text.contains("\u{1b}[1A\u{1b}[J"), "{text:?}");
    let lines = shown(&text);
    let machines: Vec<&String> = lines.iter().filter(|line| line.contains("127.0.0.1  ")).collect();
    assert_eq!(machines.len(), 2, "{lines:#?}");
    assert!(machines[0].starts_with("node-001           127.0.0.1  "), "{lines:#?}");
    // Cut so that it fits the 80 columns of a terminal that does not say how wide it is.
    assert!(machines[0].ends_with("role `compute`, the last that it asks f"), "{lines:#?}");
    assert!(machines[1].starts_with("52:54:00:ff:ff:01  127.0.0.1  "), "{lines:#?}");
}
