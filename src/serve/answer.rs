//! The answer to a request, as nginx gives it.

use std::ops::Range;

use super::kind::kind;
use super::range::{Ranges, ranges};
use super::request::{Method, Refusal, Request, Version};

/// What there is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file.
    File(Identity),
    /// A folder: no answer, but a sign that a slash is missing.
    Folder,
    /// A file that must not be read.
    Denied,
    /// Nothing.
    Nothing,
    /// A file that cannot be made or read.
    Broken,
}

/// A file, as far as an answer tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its size in bytes.
    pub length: u64,
    /// Its entity tag, in quotes: another one for other bytes.
    pub tag: String,
}

/// An answer, without the headers that need a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers, in order.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<Piece>,
    /// Whether the connection may go on.
    pub keep_alive: bool,
    /// Whether only the headers are sent, as `HEAD` wants it.
    pub headless: bool,
    /// Whether only the body is sent, as a client of version 0.9 wants it.
    pub bare: bool,
}

/// A part of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Own(Vec<u8>),
    /// A part of the file.
    Part(Range<u64>),
}

impl Piece {
    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        match self {
            Piece::Own(bytes) => bytes.len() as u64,
            Piece::Part(part) => part.end - part.start,
        }
    }
}

/// What is said of a status.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        301 => "Moved Permanently",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Not Allowed",
        412 => "Precondition Failed",
        414 => "Request-URI Too Large",
        416 => "Requested Range Not Satisfiable",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        _ => "Internal Server Error",
    }
}

/// The answer to what is no request: a page, and the end of the connection.
pub fn refuse(refusal: Refusal) -> Answer {
    let answer = page(refusal.status, None);
    // A client of version 0.9 has no other way to see that it was refused.
    let headless = refusal.method == Method::Head && !refusal.bare;
    Answer { headless, bare: refusal.bare, ..answer }
}

/// A page that says what is wrong.
fn page(status: u16, request: Option<&Request>) -> Answer {
    let title = format!("{status} {}", reason(status));
    let text = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>fleetc serve</center>\r\n</body>\r\n</html>\r\n"
    );
    finish(status, vec![("Content-Type", "text/html".to_string())], vec![Piece::Own(text.into_bytes())], request)
}

fn finish(
    status: u16,
    mut headers: Vec<(&'static str, String)>,
    body: Vec<Piece>,
    request: Option<&Request>,
) -> Answer {
    if status != 304 {
        let length: u64 = body.iter().map(Piece::length).sum();
        headers.insert(1.min(headers.len()), ("Content-Length", length.to_string()));
    }
    Answer {
        status,
        headers,
        body,
        // What is left of a body would be read as the next request.
        keep_alive: request.is_some_and(|request| request.head.keep_alive && !request.head.body),
        headless: request.is_some_and(|request| request.method == Method::Head) || status == 304,
        bare: request.is_some_and(|request| request.version == Version::V09),
    }
}

/// The answer to a request, by what there is at its path. `local` is the address that was asked, for clients that do
/// not say which host they mean; `port` is put into redirections.
pub fn answer(request: &Request, found: &Found, local: &str, port: u16) -> Answer {
    let method = request.method;
    if method == Method::Never {
        return Answer { keep_alive: false, ..page(405, Some(request)) };
    }
    if method == Method::Other {
        return page(405, Some(request));
    }
    let ends_in_slash = request.target.bytes().last() == Some(&b'/');
    match found {
        Found::Nothing => page(404, Some(request)),
        Found::Denied => page(403, Some(request)),
        Found::Broken => page(500, Some(request)),
        Found::Folder if ends_in_slash => page(403, Some(request)),
        Found::Folder => {
            let host = request.head.host.as_deref().unwrap_or(local);
            let port = if port == 80 { String::new() } else { format!(":{port}") };
            let mut answer = page(301, Some(request));
            answer.headers.push((
                "Location",
                format!("http://{host}{port}{}/{}", request.target.encoded(), request.target.query()),
            ));
            answer
        }
        Found::File(_) if method == Method::Post => page(405, Some(request)),
        Found::File(file) => give(request, file),
    }
}

/// A file, or a part of it, or the word that the client has it.
fn give(request: &Request, file: &Identity) -> Answer {
    let head = &request.head;
    let tag = ("ETag", file.tag.clone());
    if head.if_match.as_ref().is_some_and(|tags| !matches(tags, &file.tag, false)) {
        return page(412, Some(request));
    }
    // No file has a date, so with `If-Modified-Since` every file is newer.
    if !head.if_modified_since && head.if_none_match.as_ref().is_some_and(|tags| matches(tags, &file.tag, true)) {
        return finish(304, vec![tag], Vec::new(), Some(request));
    }
    let path = request.target.bytes();
    // A folder is answered with its `index.html`.
    let kind = if path.ends_with(b"/") { kind(b"index.html") } else { kind(path) };
    let whole = || {
        let headers = vec![("Content-Type", kind.to_string()), tag.clone(), ("Accept-Ranges", "bytes".to_string())];
        let part = Piece::Part(0..file.length);
        finish(200, headers, vec![part], Some(request))
    };
    let fits = head.if_range.as_ref().is_none_or(|wanted| *wanted == file.tag.as_bytes());
    let Some(range) = head.range.as_ref().filter(|_| fits && request.version > Version::V09) else { return whole() };
    match ranges(range, file.length) {
        Ranges::Whole => whole(),
        Ranges::Unsatisfiable => {
            let mut answer = page(416, Some(request));
            answer.headers.push(("Content-Range", format!("bytes */{}", file.length)));
            answer
        }
        Ranges::Parts(parts) => match &parts[..] {
            [part] => {
                let headers =
                    vec![("Content-Type", kind.to_string()), tag, ("Content-Range", content_range(part, file.length))];
                finish(206, headers, vec![Piece::Part(part.clone())], Some(request))
            }
            parts => several(request, file, kind, parts),
        },
    }
}

fn content_range(part: &Range<u64>, length: u64) -> String {
    format!("bytes {}-{}/{length}", part.start, part.end - 1)
}

/// Several parts, each with a head of its own.
fn several(request: &Request, file: &Identity, kind: &str, parts: &[Range<u64>]) -> Answer {
    // The tag changes with the file, so no file has its own tag in it.
    let digits: String = file.tag.bytes().filter(u8::is_ascii_hexdigit).map(char::from).collect();
    let boundary = format!("{digits:0>20.20}");
    let mut body = Vec::with_capacity(parts.len() * 2 + 1);
    for part in parts {
        let range = content_range(part, file.length);
        let head = format!("\r\n--{boundary}\r\nContent-Type: {kind}\r\nContent-Range: {range}\r\n\r\n");
        body.push(Piece::Own(head.into_bytes()));
        body.push(Piece::Part(part.clone()));
    }
    body.push(Piece::Own(format!("\r\n--{boundary}--\r\n").into_bytes()));
    let kind = format!("multipart/byteranges; boundary={boundary}");
    finish(206, vec![("Content-Type", kind), ("ETag", file.tag.clone())], body, Some(request))
}

/// Whether a list of tags has this one. A weak tag is the same as a strong one only where `weak` says so.
fn matches(list: &[u8], tag: &str, weak: bool) -> bool {
    if list == b"*" {
        return true;
    }
    list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).any(|one| {
        let one = if weak { one.strip_prefix(b"W/").unwrap_or(one) } else { one };
        one == tag.as_bytes()
    })
}

impl Answer {
    /// Status line and headers; `date` and `server` go with them.
    pub fn head(&self, date: &str) -> Vec<u8> {
        if self.bare {
            return Vec::new();
        }
        let mut text =
            format!("HTTP/1.1 {} {}\r\nServer: fleetc\r\nDate: {date}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(if self.keep_alive { "Connection: keep-alive\r\n\r\n" } else { "Connection: close\r\n\r\n" });
        text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::{Step, read};
    use super::*;

    fn ask(text: &str) -> Answer {
        let Step::Request(request, _) = read(text.as_bytes()) else { panic!("{text:?}") };
        let file = Identity { length: 100, tag: "\"5f\"".to_string() };
        answer(&request, &Found::File(file), "127.0.0.1", 8080)
    }

    #[test]
    fn what_the_client_has_is_not_sent_again() {
        let with = |header: &str| ask(&format!("GET /a HTTP/1.1\r\nHost: h\r\n{header}\r\n\r\n")).status;
        assert_eq!(with("If-None-Match: \"5f\""), 304);
        assert_eq!(with("If-None-Match: \"1\", W/\"5f\""), 304);
        assert_eq!(with("If-None-Match: *"), 304);
        assert_eq!(with("If-None-Match: \"1\""), 200);
        assert_eq!(with("If-Match: \"1\""), 412);
        assert_eq!(with("If-Match: W/\"5f\""), 412);
        assert_eq!(with("If-Match: \"5f\""), 200);
        assert_eq!(with("Range: bytes=0-1\r\nIf-Range: \"5f\""), 206);
        assert_eq!(with("Range: bytes=0-1\r\nIf-Range: \"1\""), 200);
    }

    #[test]
    fn a_part_has_its_place() {
        let answer = ask("GET /a HTTP/1.1\r\nHost: h\r\nRange: bytes=90-\r\n\r\n");
        let head = String::from_utf8(answer.head("D")).unwrap();
        let expected = "HTTP/1.1 206 Partial Content\r\nServer: fleetc\r\nDate: D\r\n\
            Content-Type: application/octet-stream\r\nContent-Length: 10\r\nETag: \"5f\"\r\n\
            Content-Range: bytes 90-99/100\r\nConnection: keep-alive\r\n\r\n";
        assert_eq!(head, expected);
        assert_eq!(answer.body, [Piece::Part(90..100)]);
    }

    #[test]
    fn a_head_has_no_body_and_the_first_version_no_head() {
        let answer = ask("HEAD /a HTTP/1.0\r\n\r\n");
        assert!(answer.headless && !answer.keep_alive);
        assert!(ask("GET /a\r\n").head("D").is_empty());
    }
}
