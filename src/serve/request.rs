//! The head of a request: its line as nginx reads it, its headers by `httparse`.

use super::path::Target;

/// What is done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The file.
    Get,
    /// Its headers.
    Head,
    /// Refused, but only for what is there.
    Post,
    /// Refused.
    Other,
    /// `TRACE`, `CONNECT`: refused before anything else is looked at.
    Never,
}

/// The version of the protocol that a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `GET /path`, without headers; so is the answer.
    V09,
    /// One request a connection, unless it asks for more.
    V10,
    /// Any number of requests a connection. What is newer within version 1 counts as this.
    V11,
}

/// A request, as far as it matters for the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is done.
    pub method: Method,
    /// What is asked for.
    pub target: Target,
    /// What the client speaks.
    pub version: Version,
    /// The rest of the head.
    pub head: Head,
}

/// The headers that matter; without the space around them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The host that was asked, without a port.
    pub host: Option<String>,
    /// Whether more requests may follow.
    pub keep_alive: bool,
    /// Whether a body follows, which nobody reads.
    pub body: bool,
    /// `Range`.
    pub range: Option<Vec<u8>>,
    /// `If-Range`.
    pub if_range: Option<Vec<u8>>,
    /// `If-Match`.
    pub if_match: Option<Vec<u8>>,
    /// `If-None-Match`.
    pub if_none_match: Option<Vec<u8>>,
    /// Whether there is an `If-Modified-Since`.
    pub if_modified_since: bool,
}

/// What the bytes that came so far are.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// The begin of a request.
    More,
    /// A request, and how many bytes it takes.
    Request(Box<Request>, usize),
    /// None that can be answered, but with this; the connection ends.
    Refused(Refusal),
}

/// What is no request, but is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// What was to be done, as far as that was read.
    pub method: Method,
    /// Whether it is a line of version 0.9, whose answers have no headers.
    pub bare: bool,
}

/// The longest line, and the most bytes of all lines together: what nginx takes.
const MAX_LINE: usize = 8 * 1024;
const MAX_HEAD: usize = 4 * MAX_LINE;

/// Reads a request from the bytes that came so far.
pub fn read(bytes: &[u8]) -> Step {
    // A client may end its last body with one line break too many.
    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let rest = &bytes[blank..];
    let method = match method(rest) {
        Some(method) if blank <= MAX_LINE => method,
        _ => return Step::Refused(Refusal { status: 400, method: Method::Other, bare: false }),
    };
    let refused = |status| Step::Refused(Refusal { status, method, bare: false });
    let Some(length) = line_length(rest) else {
        return if rest.len() > MAX_LINE { refused(414) } else { Step::More };
    };
    if length > MAX_LINE {
        return refused(414);
    }
    let (target, version) = match request_line(trimmed(&rest[..length])) {
        Ok(line) => line,
        Err(status) => return refused(status),
    };
    let Some(target) = Target::read(target) else { return refused(400) };
    if version == Version::V09 {
        // Such a client sends no headers.
        let request = Request { method, target, version, head: Head::default() };
        return match method {
            Method::Get => Step::Request(Box::new(request), blank + length),
            _ => Step::Refused(Refusal { status: 400, method, bare: true }),
        };
    }
    let headers = &rest[length..];
    let Some(size) = head_length(headers) else {
        return if too_large(headers) { refused(400) } else { Step::More };
    };
    if too_large(&headers[..size]) {
        return refused(400);
    }
    match head(&headers[..size], version) {
        Ok(head) => Step::Request(Box::new(Request { method, target, version, head }), blank + length + size),
        Err(status) => refused(status),
    }
}

/// The method that a line begins with, as far as it came; none when it is none.
fn method(line: &[u8]) -> Option<Method> {
    let end = line.iter().position(|byte| matches!(byte, b' ' | b'\r' | b'\n'));
    let name = &line[..end.unwrap_or(line.len())];
    let is_name = name.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-'));
    if !is_name || end == Some(0) {
        return None;
    }
    Some(match name {
        b"GET" => Method::Get,
        b"HEAD" => Method::Head,
        b"POST" => Method::Post,
        b"TRACE" | b"CONNECT" => Method::Never,
        _ => Method::Other,
    })
}

/// The length of the first line, with its line break.
fn line_length(bytes: &[u8]) -> Option<usize> {
    memchr::memchr(b'\n', bytes).map(|end| end + 1)
}

/// A line without its line break.
fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The length of the headers, with the empty line behind them.
fn head_length(headers: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let length = line_length(&headers[at..])?;
        let is_last = trimmed(&headers[at..at + length]).is_empty();
        at += length;
        if is_last {
            return Some(at);
        }
    }
}

fn too_large(headers: &[u8]) -> bool {
    headers.len() > MAX_HEAD || headers.split(|byte| *byte == b'\n').any(|line| line.len() > MAX_LINE)
}

/// Reads what follows the method: target, from its first slash on, and version; or the status that refuses it.
fn request_line(line: &[u8]) -> Result<(&[u8], Version), u16> {
    let end = line.iter().position(|byte| *byte == b' ').ok_or(400u16)?;
    let rest = blanks(&line[end..]);
    let (target, rest) = rest.split_at(rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len()));
    if target.iter().any(u8::is_ascii_control) {
        return Err(400);
    }
    let target = target_path(target).ok_or(400u16)?;
    Ok((target, version(blanks(rest))?))
}

fn blanks(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|byte| **byte == b' ').count()..]
}

/// The part of a target that begins with the first slash of its path: behind `http://host`, where that is written.
fn target_path(target: &[u8]) -> Option<&[u8]> {
    if target.first() == Some(&b'/') {
        return Some(target);
    }
    let colon = target.iter().position(|byte| *byte == b':')?;
    let (scheme, rest) = target.split_at(colon);
    let named = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    if !scheme.first()?.is_ascii_alphabetic() || !scheme.iter().all(named) {
        return None;
    }
    let rest = rest.strip_prefix(b"://")?;
    let host = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(byte)).count();
    match rest[host..].first() {
        _ if host == 0 => None,
        None => Some(b"/"),
        Some(b'/') => Some(&rest[host..]),
        Some(b'?') => Some(b"/"),
        Some(_) => None,
    }
}

/// Reads what follows the target: nothing, or `HTTP/1.1`.
fn version(text: &[u8]) -> Result<Version, u16> {
    if text.is_empty() {
        return Ok(Version::V09);
    }
    let number = text.strip_prefix(b"HTTP/").ok_or(400u16)?;
    let number = &number[..number.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1)];
    let dot = number.iter().position(|byte| *byte == b'.').unwrap_or(number.len());
    let (major, minor) = (&number[..dot], number.get(dot + 1..).unwrap_or_default());
    if major.is_empty() || !major.iter().all(u8::is_ascii_digit) || major[0] == b'0' {
        return Err(400);
    }
    if major != b"1" {
        return Err(505);
    }
    if minor.is_empty() || minor.len() > 3 || !minor.iter().all(u8::is_ascii_digit) {
        return Err(400);
    }
    Ok(if minor.iter().all(|digit| *digit == b'0') { Version::V10 } else { Version::V11 })
}

/// Reads the headers.
fn head(bytes: &[u8], version: Version) -> Result<Head, u16> {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let mut headers = vec![httparse::EMPTY_HEADER; lines];
    let Ok(httparse::Status::Complete((_, headers))) = httparse::parse_headers(bytes, &mut headers) else {
        return Err(400);
    };
    let first = |name: &str| {
        let found = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value.trim_ascii())
    };
    let count = |name: &str| headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name)).count();
    let owned = |name: &str| first(name).map(<[u8]>::to_vec);
    let host = match first("host") {
        Some(host) => Some(host_name(host).ok_or(400u16)?),
        None if version == Version::V11 => return Err(400),
        None => None,
    };
    if ["host", "content-length", "transfer-encoding"].iter().any(|name| count(name) > 1) {
        return Err(400);
    }
    let asked = |word: &[u8]| {
        let mut values = headers.iter().filter(|header| header.name.eq_ignore_ascii_case("connection"));
        values.any(|header| header.value.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word)))
    };
    let keep_alive = match version {
        Version::V11 => !asked(b"close"),
        _ => asked(b"keep-alive"),
    };
    Ok(Head {
        host,
        keep_alive,
        body: body(first("content-length"), first("transfer-encoding"), version)?,
        range: owned("range"),
        if_range: owned("if-range"),
        if_match: owned("if-match"),
        if_none_match: owned("if-none-match"),
        if_modified_since: first("if-modified-since").is_some(),
    })
}

/// Whether a body follows.
fn body(length: Option<&[u8]>, encoding: Option<&[u8]>, version: Version) -> Result<bool, u16> {
    match (length, encoding) {
        (None, None) => Ok(false),
        (Some(length), None) => {
            let digits = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
            let number = std::str::from_utf8(length).ok().filter(|_| digits).and_then(|text| text.parse::<i64>().ok());
            number.map(|number| number > 0).ok_or(400)
        }
        (None, Some(encoding)) if version == Version::V11 => {
            if encoding.eq_ignore_ascii_case(b"chunked") {
                Ok(true)
            } else {
                Err(501)
            }
        }
        // Two lengths are how one request is smuggled inside another.
        _ => Err(400),
    }
}

/// The name in a `Host` header, without port; none for what is no name.
fn host_name(value: &[u8]) -> Option<String> {
    let bad = |byte: &u8| *byte <= b' ' || *byte == 0x7f || *byte == b'/';
    if value.iter().any(bad) || value.windows(2).any(|pair| pair == b"..") {
        return None;
    }
    let end = match value.first()? {
        b'[' => value.iter().position(|byte| *byte == b']')? + 1,
        _ => value.iter().position(|byte| *byte == b':').unwrap_or(value.len()),
    };
    let name = String::from_utf8_lossy(&value[..end]).to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    (!name.is_empty()).then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(text: &str) -> u16 {
        match read(text.as_bytes()) {
            Step::Request(..) => 0,
            Step::Refused(refusal) => refusal.status,
            Step::More => 1,
        }
    }

    #[test]
    fn requests_are_read() {
        let text = "\r\nGET /a%3Ab?c HTTP/1.1\r\nHost: Boot:80\r\nRange:  bytes=0-1 \r\nConnection: Close\r\n\r\nGET";
        let Step::Request(request, length) = read(text.as_bytes()) else { panic!("{text}") };
        assert_eq!(length, text.len() - 3);
        assert_eq!((request.method, request.target.bytes()), (Method::Get, &b"/a:b"[..]));
        assert_eq!((request.head.host.as_deref(), request.head.keep_alive), (Some("boot"), false));
        assert_eq!(request.head.range.as_deref(), Some(&b"bytes=0-1"[..]));
        for end in 0..length {
            assert_eq!(read(&text.as_bytes()[..end]), Step::More, "{end}");
        }
        let Step::Request(request, _) = read(b"GET http://h:1/x HTTP/1.0\n\n") else { panic!() };
        assert_eq!((request.target.bytes(), request.version), (&b"/x"[..], Version::V10));
        assert!(!request.head.keep_alive);
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for (text, expected) in [
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("get / HTTP/1.0\r\n\r\n", 400),
            ("GET / HTTP/2.0\r\n\r\n", 505),
            ("GET /\r\n", 0),
            ("POST /\r\n", 400),
            ("GET a HTTP/1.0\r\n\r\n", 400),
            ("GET /../ HTTP/1.0\r\n\r\n", 400),
            ("GET / HTTP/1.0\r\nContent-Length: x\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
            ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("\u{16}\u{3}\u{1}\n", 400),
        ] {
            assert_eq!(status(text), expected, "{text:?}");
        }
        assert_eq!(status(&format!("GET /{} HTTP/1.0\r\n\r\n", "a".repeat(9000))), 414);
        assert_eq!(status(&format!("GET / HTTP/1.0\r\nA: {}\r\n\r\n", "a".repeat(9000))), 400);
        assert_eq!(status(&format!("GET / HTTP/1.0\r\n{}", "A: b\r\n".repeat(9000))), 400);
    }
}
