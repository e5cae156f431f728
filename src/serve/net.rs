//! Connections: requests are read, answers are sent, and nobody waits for a client that is slow. A seam: it speaks to the
//! network, and has the clock.
//!
//! A thread a connection. It ends when its client does, when its client is too slow, and when the service ends.
#![allow(clippy::disallowed_methods)]

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, sync_channel};
use std::time::{Duration, Instant};

use jiff::{Timestamp, ZonedDateTime};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::answer::{Answer, Piece, answer, refuse};
use super::board::Seen;
use super::request::{Refusal, Request, Step, read};
use super::site::{Content, Query, Reply};

/// How long clients may take, and how many there may be at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first byte of a request to the end of its head.
    pub head: Duration,
    /// From an answer to the next request.
    pub idle: Duration,
    /// Between two bytes of an answer that are taken.
    pub send: Duration,
    /// Connections at once; more wait until one of these ends.
    pub connections: usize,
}

impl Default for Limits {
    /// What nginx has.
    fn default() -> Limits {
        let minute = Duration::from_secs(60);
        Limits { head: minute, idle: Duration::from_secs(75), send: minute, connections: 512 }
    }
}

/// Who is told of requests as they are answered.
pub trait Watch: Sync {
    /// A request came, and its answer is about to be sent.
    fn saw(&self, seen: &Seen);

    /// Its client went away, or took nothing for too long, when `sent` of `of` bytes were sent.
    fn broke(&self, seen: &Seen, sent: u64, of: u64);
}

/// A service on a port.
pub struct Service<'s> {
    /// Where clients come in.
    pub listener: &'s TcpListener,
    /// What is asked of the site.
    pub queries: Sender<Query>,
    /// How much clients may take.
    pub limits: Limits,
    /// Who is told.
    pub watch: &'s dyn Watch,
    /// Ends the service when it is set, within about a second.
    pub stop: &'s AtomicBool,
}

/// How often a thread that waits looks whether the service has ended.
const TICK: Duration = Duration::from_millis(200);

/// Bytes that are read from a file, or from a client, at once.
const CHUNK: usize = 64 * 1024;

/// Bytes, and time, for what a client still sends when its connection is closed.
const LINGER: (usize, Duration) = (CHUNK, Duration::from_secs(1));

/// The time of day, as `12:01:07`.
pub fn clock() -> String {
    ZonedDateTime::now().strftime("%H:%M:%S").to_string()
}

/// The time, as headers have it.
fn date() -> String {
    Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

impl Service<'_> {
    /// Serves until it is stopped.
    ///
    /// # Errors
    /// When the system no longer says who comes in.
    pub fn run(&self) -> std::io::Result<()> {
        self.listener.set_nonblocking(true)?;
        let open = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            while !self.stop.load(Ordering::Relaxed) {
                let has_room = open.load(Ordering::Relaxed) < self.limits.connections;
                let stream = if has_room { self.accept()? } else { None };
                let Some(stream) = stream else {
                    if !has_room {
                        std::thread::sleep(TICK / 20);
                    }
                    continue;
                };
                open.fetch_add(1, Ordering::Relaxed);
                let open = &open;
                let thread = std::thread::Builder::new().name("connection".to_string());
                let spawned = thread.spawn_scoped(scope, move || {
                    Connection { service: self, stream, bytes: Vec::new(), open }.run();
                    open.fetch_sub(1, Ordering::Relaxed);
                });
                if spawned.is_err() {
                    // No thread to be had: the client is let go, the others are served.
                    open.fetch_sub(1, Ordering::Relaxed);
                }
            }
            Ok(())
        })
    }

    /// The next client, if one comes within a tick.
    fn accept(&self) -> std::io::Result<Option<TcpStream>> {
        let mut ready = [PollFd::new(self.listener, PollFlags::IN)];
        let tick = Timespec { tv_sec: 0, tv_nsec: i64::from(TICK.subsec_nanos()) };
        match poll(&mut ready, Some(&tick)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(None),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        match self.listener.accept() {
            Ok((stream, _)) => Ok(Some(stream)),
            Err(_) => {
                // It went away again, or there are no more files to be had; neither is the end.
                std::thread::sleep(TICK / 20);
                Ok(None)
            }
        }
    }
}

/// A client.
struct Connection<'c, 's> {
    service: &'c Service<'s>,
    stream: TcpStream,
    /// What came and is not read yet.
    bytes: Vec<u8>,
    /// How many connections there are.
    open: &'c AtomicUsize,
}

/// What a client did.
enum Next {
    Request(Box<Request>),
    Refused(Refusal),
    Gone,
}

impl Connection<'_, '_> {
    fn run(mut self) {
        let ready = self.stream.set_nonblocking(false).and_then(|()| self.stream.set_nodelay(true));
        let ready = ready.and_then(|()| self.stream.set_read_timeout(Some(TICK)));
        let ready = ready.and_then(|()| self.stream.set_write_timeout(Some(TICK)));
        if ready.is_err() {
            return;
        }
        let mut wait = self.service.limits.head;
        loop {
            match self.next(wait) {
                Next::Request(request) => {
                    if !self.serve(&request) {
                        return;
                    }
                }
                Next::Refused(refusal) => {
                    if let Ok(address) = self.stream.peer_addr() {
                        let status = refusal.status;
                        self.service.watch.saw(&Seen { address: address.ip(), asked: None, status });
                    }
                    let answer = refuse(refusal);
                    let _ = self.send(&answer, &Content::None);
                    self.linger();
                    return;
                }
                Next::Gone => return,
            }
            // With many clients, one that says nothing makes room for others.
            let crowded = self.open.load(Ordering::Relaxed) > self.service.limits.connections / 2;
            wait = if crowded { self.service.limits.idle.min(TICK * 5) } else { self.service.limits.idle };
        }
    }

    /// Waits for a request.
    fn next(&mut self, wait: Duration) -> Next {
        let mut deadline = Instant::now() + wait;
        let mut begun = false;
        let mut chunk = [0; 4096];
        loop {
            if !self.bytes.is_empty() {
                match read(&self.bytes) {
                    Step::Request(request, length) => {
                        self.bytes.drain(..length);
                        return Next::Request(request);
                    }
                    Step::Refused(refusal) => return Next::Refused(refusal),
                    Step::More if !begun => (begun, deadline) = (true, Instant::now() + self.service.limits.head),
                    Step::More => {}
                }
            }
            loop {
                if self.service.stop.load(Ordering::Relaxed) || Instant::now() >= deadline {
                    return Next::Gone;
                }
                match self.stream.read(&mut chunk) {
                    Ok(0) => return Next::Gone,
                    Ok(length) => {
                        self.bytes.extend_from_slice(&chunk[..length]);
                        break;
                    }
                    Err(error) if waits(&error) => {}
                    Err(_) => return Next::Gone,
                }
            }
        }
    }

    /// Answers a request; says whether the connection may go on.
    fn serve(&mut self, request: &Request) -> bool {
        let (Ok(address), Ok(local)) = (self.stream.peer_addr(), self.stream.local_addr()) else { return false };
        let (reply, replied) = sync_channel(1);
        if self.service.queries.send(Query { target: request.target.clone(), reply }).is_err() {
            return false;
        }
        let Some(Reply { found, content, asked }) = self.wait(|tick| replied.recv_timeout(tick).ok()) else {
            return false;
        };
        let answer = answer(request, &found, &local.ip().to_string(), local.port());
        let seen = Seen { address: address.ip(), asked: Some(asked), status: answer.status };
        self.service.watch.saw(&seen);
        if let Err((sent, of)) = self.send(&answer, &content) {
            self.service.watch.broke(&seen, sent, of);
            return false;
        }
        if !answer.keep_alive {
            self.linger();
        }
        answer.keep_alive
    }

    /// Waits for what the site says; it says nothing more when the service ends.
    fn wait<T>(&self, mut take: impl FnMut(Duration) -> Option<T>) -> Option<T> {
        while !self.service.stop.load(Ordering::Relaxed) {
            if let Some(taken) = take(TICK) {
                return Some(taken);
            }
        }
        None
    }

    /// Sends an answer; says how many bytes of the body went out, and of how many, when not all did.
    fn send(&mut self, answer: &Answer, content: &Content) -> Result<(), (u64, u64)> {
        let pieces: &[Piece] = if answer.headless { &[] } else { &answer.body };
        let of = pieces.iter().map(Piece::length).sum();
        let mut out = answer.head(&date());
        let head = out.len() as u64;
        let mut gone: u64 = 0;
        let body = |gone: u64| gone.saturating_sub(head);
        for piece in pieces {
            match (piece, content) {
                (Piece::Own(bytes), _) => out.extend_from_slice(bytes),
                (Piece::Part(part), Content::Bytes(bytes)) => {
                    let range = part.start as usize..part.end as usize;
                    out.extend_from_slice(bytes.get(range).unwrap_or_default());
                }
                (Piece::Part(part), Content::File(file)) => {
                    let mut part: Range<u64> = part.clone();
                    while part.start < part.end {
                        let begin = out.len();
                        let want = (part.end - part.start).min(CHUNK as u64) as usize;
                        out.resize(begin + want, 0);
                        // A file that was cut short meanwhile cannot be sent as it was announced.
                        let got = file.read_at(&mut out[begin..], part.start).unwrap_or(0);
                        if got == 0 {
                            return Err((body(gone), of));
                        }
                        out.truncate(begin + got);
                        part.start += got as u64;
                        self.put(&mut out, &mut gone).map_err(|()| (body(gone), of))?;
                    }
                }
                (Piece::Part(_), Content::None) => {}
            }
        }
        self.put(&mut out, &mut gone).map_err(|()| (body(gone), of))
    }

    /// Writes all of `out`, and empties it.
    fn put(&mut self, out: &mut Vec<u8>, gone: &mut u64) -> Result<(), ()> {
        let mut at = 0;
        let mut deadline = Instant::now() + self.service.limits.send;
        while at < out.len() {
            match self.stream.write(&out[at..]) {
                Ok(0) => return Err(()),
                Ok(length) => {
                    at += length;
                    *gone += length as u64;
                    deadline = Instant::now() + self.service.limits.send;
                }
                Err(error) if waits(&error) => {}
                Err(_) => return Err(()),
            }
            if at < out.len() && (self.service.stop.load(Ordering::Relaxed) || Instant::now() >= deadline) {
                return Err(());
            }
        }
        out.clear();
        Ok(())
    }

    /// Ends the connection so that the client still reads the answer: what it sends meanwhile is read and dropped.
    fn linger(&mut self) {
        let (mut left, time) = LINGER;
        let deadline = Instant::now() + time;
        if self.stream.shutdown(Shutdown::Write).is_err() {
            return;
        }
        let mut chunk = [0; 4096];
        while left > 0 && Instant::now() < deadline && !self.service.stop.load(Ordering::Relaxed) {
            match self.stream.read(&mut chunk) {
                Ok(0) => return,
                Ok(length) => left = left.saturating_sub(length),
                Err(error) if waits(&error) => {}
                Err(_) => return,
            }
        }
    }
}

/// Whether an error says no more than that nothing happened for a tick.
fn waits(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
