//! A client that sends what it is told to, byte for byte.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::serving::PATIENCE;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status; 0 for an answer without a head, as version 0.9 has it.
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// Sends bytes, ends its side, and reads all that comes back.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    // A server that refuses what came so far may have closed already.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Err(error) if error.kind() != std::io::ErrorKind::ConnectionReset => {
            panic!("no end of the answer to {:?}: {error}", String::from_utf8_lossy(bytes))
        }
        _ => all,
    }
}

/// Reads answers one after the other; `headless` says which of them answer a `HEAD`.
pub fn answers(mut bytes: &[u8], headless: bool) -> Vec<Answer> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        if !bytes.starts_with(b"HTTP/1.1 ") {
            all.push(Answer { status: 0, head: String::new(), body: bytes.to_vec() });
            break;
        }
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        bytes = &bytes[end + 4..];
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: Vec::new() };
        if !headless && status != 304 && status != 100 {
            let length = answer.header("content-length").map(|length| length.parse().unwrap());
            let length: usize = length.unwrap_or_else(|| panic!("no length: {}", answer.head));
            assert!(length <= bytes.len(), "cut short: {}", answer.head);
            answer.body = bytes[..length].to_vec();
            bytes = &bytes[length..];
        }
        all.push(answer);
    }
    all
}

/// Asks for a path with `GET`.
pub fn get(address: SocketAddr, path: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nHost: boot\r\nConnection: close\r\n\r\n");
    let mut all = answers(&exchange(address, request.as_bytes()), false);
    assert_eq!(all.len(), 1, "{path}");
    all.remove(0)
}
