//! The seam to the network: asks for one URL as one client would, and says what came.
//!
//! Nothing is decompressed, no redirect is followed that the client would not follow, no proxy is used, and no body is
//! held: it is summed as it streams, and its first bytes are kept for a look at them.
#![allow(clippy::disallowed_methods)]

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Error, Timeout};

use super::answer::{Answer, Body, BodyEnd, End, Hop, Reply};
use super::client::{Client, MAX_HOPS, resolve};
use crate::publish::manifest::Checksum;

/// Bytes that are read at a time.
const BUFFER: usize = 64 << 10;

/// What a body that should be there may take for each MiB, besides the time for the answer itself.
const PER_MIB: Duration = Duration::from_secs(1);

/// What is said of a connection that ends too early.
const CLOSED: &str = "the connection is closed without an answer";

/// How much of a body is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appetite {
    /// Bytes after which reading stops.
    pub most: u64,
    /// Bytes that are kept.
    pub keep: usize,
    /// Bytes that are expected, which gives the time that is allowed for them.
    pub size: u64,
}

impl Appetite {
    /// For a text that is read as a whole, whatever its size.
    pub const TEXT: Appetite = Appetite { most: 256 << 20, keep: 256 << 20, size: 0 };
}

/// Asks a server. Each thread has one of its own, with its own connections.
#[derive(Debug)]
pub struct Fetcher {
    agent: Agent,
    timeout: Duration,
    deadline: Instant,
    /// Whether there may be a connection from an earlier request.
    used: bool,
    buffer: Vec<u8>,
}

impl Fetcher {
    /// Waits `timeout` for a connection, for an answer and for a small body, and for nothing beyond `deadline`.
    pub fn new(timeout: Duration, deadline: Instant) -> Fetcher {
        Fetcher { agent: agent(timeout), timeout, deadline, used: false, buffer: vec![0; BUFFER] }
    }

    /// Asks for a URL as `client` does. `fresh` asks caches on the way to step aside, which no machine does.
    pub fn get(&mut self, client: Client, url: &str, want: Appetite, fresh: bool) -> Answer {
        let mut hops: Vec<Hop> = Vec::new();
        let mut at = url.to_string();
        loop {
            let mut response = match self.ask_anew(client, &at, want, fresh) {
                Ok(response) => response,
                Err(why) => return Answer { hops, end: End::Nothing(why) },
            };
            let status = response.status().as_u16();
            let location = header(response.headers(), "location").filter(|_| (300..400).contains(&status));
            let Some(location) = location else {
                let encoding = header(response.headers(), "content-encoding").filter(|name| name != "identity");
                let age = header(response.headers(), "age");
                let announced = header(response.headers(), "content-length").and_then(|length| length.parse().ok());
                let body = self.body(response.body_mut().as_reader(), announced, want);
                return Answer { hops, end: End::Status(Reply { status, encoding, age, body }) };
            };
            let hop = Hop { status, to: resolve(&at, &location) };
            if let Err(why) = client.follows(&hop) {
                return Answer { hops, end: End::Stopped(hop, why) };
            }
            if hops.len() == MAX_HOPS {
                return Answer { hops, end: End::Stopped(hop, "it goes round and round") };
            }
            at = hop.to.clone();
            hops.push(hop);
        }
    }

    /// Asks; once more with a new connection when an old one turns out to be closed, as servers may do at any time with
    /// one that waits. Machines come with a new connection.
    fn ask_anew(
        &mut self,
        client: Client,
        url: &str,
        want: Appetite,
        fresh: bool,
    ) -> Result<Response<ureq::Body>, String> {
        let answer = self.ask(client, url, want, fresh);
        let again = self.used && matches!(&answer, Err(why) if why == CLOSED);
        self.used = true;
        if !again {
            return answer;
        }
        self.agent = agent(self.timeout);
        self.ask(client, url, want, fresh)
    }

    fn ask(&self, client: Client, url: &str, want: Appetite, fresh: bool) -> Result<Response<ureq::Body>, String> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err("the time for the whole run is up".to_string());
        }
        let size = u32::try_from(want.size >> 20).unwrap_or(u32::MAX);
        let body = self.timeout.saturating_add(PER_MIB.saturating_mul(size)).min(left);
        let mut request = self.agent.get(client.spelled(url)).config();
        request = request.user_agent(client.agent()).timeout_recv_body(Some(body)).timeout_global(Some(left));
        let mut request = request.build();
        for (name, value) in client.headers() {
            request = request.header(*name, *value);
        }
        if fresh {
            request = request.header("Cache-Control", "no-cache").header("Pragma", "no-cache");
        }
        request.call().map_err(|error| self.why(&error))
    }

    fn body(&mut self, mut reader: impl Read, announced: Option<u64>, want: Appetite) -> Body {
        let mut sum = Sha256::new();
        let mut size = 0u64;
        let mut start = Vec::new();
        let end = loop {
            match reader.read(&mut self.buffer) {
                Ok(0) => break BodyEnd::Whole,
                Ok(count) => {
                    let bytes = &self.buffer[..count];
                    size += count as u64;
                    sum.update(bytes);
                    let room = want.keep.saturating_sub(start.len()).min(count);
                    start.extend_from_slice(&bytes[..room]);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_timeout(&error) => break BodyEnd::Slow,
                Err(_) => break BodyEnd::Cut(announced),
            }
            if size > want.most {
                break BodyEnd::Endless;
            }
        };
        Body { size, sha256: Checksum(sum.finalize().into()), start, end }
    }

    /// Why nothing came, as the end of a sentence.
    fn why(&self, error: &Error) -> String {
        let seconds = self.timeout.as_secs();
        match error {
            Error::Timeout(Timeout::Global) => "the time for the whole run is up".to_string(),
            Error::Timeout(Timeout::Connect | Timeout::Resolve) => format!("no connection within {seconds} s"),
            Error::Timeout(_) => format!("no answer within {seconds} s"),
            Error::Io(error) => match error.kind() {
                ErrorKind::ConnectionRefused => "the connection is refused".to_string(),
                ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => CLOSED.to_string(),
                ErrorKind::TimedOut => format!("no connection within {seconds} s"),
                _ => plain(&error.to_string()),
            },
            Error::ConnectionFailed => "there is no way to the server".to_string(),
            Error::HostNotFound => "the name of the server is not known".to_string(),
            Error::Protocol(_) => "what answers does not speak HTTP".to_string(),
            other => plain(&other.to_string()),
        }
    }
}

/// What speaks HTTP, without connections yet.
fn agent(timeout: Duration) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .accept("")
        .accept_encoding("")
        .max_idle_connections_per_host(2)
        .timeout_resolve(Some(timeout))
        .timeout_connect(Some(timeout))
        .timeout_send_request(Some(timeout))
        .timeout_recv_response(Some(timeout));
    config.build().into()
}

/// An error's text without the system's number.
fn plain(text: &str) -> String {
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

fn is_timeout(error: &std::io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    error.kind() == ErrorKind::TimedOut || matches!(inner, Some(Error::Timeout(_)))
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_string())
}
