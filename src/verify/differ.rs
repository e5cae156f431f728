//! How the bytes of an answer differ from those that should have come, as far as a sum can tell.

use sha2::{Digest, Sha256};

use super::answer::Body;
use crate::publish::manifest::Checksum;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The sum of some bytes.
pub fn sum(bytes: &[u8]) -> Checksum {
    Checksum(Sha256::digest(bytes).into())
}

/// The text of a body without what may stand before it.
fn text(start: &[u8]) -> &[u8] {
    start.strip_prefix(BOM).unwrap_or(start).trim_ascii_start()
}

/// Whether some text begins with a word, in any case.
fn begins(text: &[u8], word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether bytes are an HTML page. No file of a tree is one.
pub fn is_html(start: &[u8]) -> bool {
    let text = text(start);
    ["<!doctype", "<html", "<head", "<body", "<title", "<?xml", "<!--"].iter().any(|word| begins(text, word))
}

/// Whether bytes are the list of a folder's files, as common servers write it.
pub fn is_listing(start: &[u8]) -> bool {
    let text = text(start);
    if !text.starts_with(b"<") {
        return false;
    }
    let head = String::from_utf8_lossy(&text[..text.len().min(2048)]).to_lowercase();
    // nginx, Apache, lighttpd, busybox, caddy: "Index of"; Python: "Directory listing for".
    ["<title>index of", "<h1>index of", "<title>directory listing", "<title>directory:"]
        .iter()
        .any(|words| head.contains(words))
}

/// The packing of bytes that say so themselves.
pub fn packed(start: &[u8]) -> Option<&'static str> {
    match start {
        [0x1f, 0x8b, 8, ..] => Some("gzip"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        _ => None,
    }
}

/// How bytes differ from those with this size and sum.
pub fn how(got: &Body, size: u64, wanted: Checksum) -> String {
    let Some(bytes) = got.whole() else { return sizes(got.size, size) };
    let is = |bytes: &[u8]| sum(bytes) == wanted;
    if let Some(rest) = bytes.strip_prefix(BOM) {
        let also = if is(rest) { "" } else { ", and more differs" };
        return format!("it begins with a byte-order mark{also}");
    }
    if bytes.is_empty() {
        return "it is empty".to_string();
    }
    let text = String::from_utf8_lossy(bytes);
    if text.contains("\r\n") && is(text.replace("\r\n", "\n").as_bytes()) {
        return "its lines end in CR LF".to_string();
    }
    if is(&[bytes, b"\n"].concat()) {
        return "its last line break is missing".to_string();
    }
    let (longer, more) = (bytes.len() as u64 > size, bytes.len().abs_diff(size as usize));
    let kept = usize::try_from(size).ok().filter(|_| longer);
    if kept.is_some_and(|size| is(&bytes[..size])) {
        return format!("{more} more bytes stand behind its end");
    }
    if kept.is_some_and(|_| is(&bytes[more..])) {
        return format!("{more} more bytes stand before its beginning");
    }
    sizes(got.size, size)
}

fn sizes(got: u64, size: u64) -> String {
    match got == size {
        true => format!("other bytes, {size} of them as there should be"),
        false => format!("{got} bytes, and other ones, where {size} should be"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::BodyEnd;
    use super::*;

    fn told(got: &[u8], wanted: &[u8]) -> String {
        let body = Body { size: got.len() as u64, sha256: sum(got), start: got.to_vec(), end: BodyEnd::Whole };
        how(&body, wanted.len() as u64, sum(wanted))
    }

    #[test]
    fn differences_are_named() {
        let wanted = b"#!ipxe\nexit 1\n";
        for (got, said) in [
            (&b"\xef\xbb\xbf#!ipxe\nexit 1\n"[..], "it begins with a byte-order mark"),
            (b"\xef\xbb\xbf#!ipxe\r\n", "it begins with a byte-order mark, and more differs"),
            (b"#!ipxe\r\nexit 1\r\n", "its lines end in CR LF"),
            (b"#!ipxe\nexit 1", "its last line break is missing"),
            (b"#!ipxe\nexit 1\n<!-- x -->", "10 more bytes stand behind its end"),
            (b"..#!ipxe\nexit 1\n", "2 more bytes stand before its beginning"),
            (b"#!ipxe\nexit 0\n", "other bytes, 14 of them as there should be"),
            (b"#!ipxe\n", "7 bytes, and other ones, where 14 should be"),
            (b"", "it is empty"),
        ] {
            assert_eq!(told(got, wanted), said);
        }
    }

    #[test]
    fn pages_are_seen() {
        for page in ["<!DOCTYPE html><p>", "\u{feff}  <HTML>", "\n<html lang=en>", "<?xml version='1.0'?><html>"] {
            assert!(is_html(page.as_bytes()), "{page}");
        }
        for other in ["#!ipxe\n", "{\"a\": \"<html>\"}", "#cloud-config\n", "<", "", "MZ"] {
            assert!(!is_html(other.as_bytes()), "{other}");
        }
        assert!(is_listing(b"<html>\r\n<head><title>Index of /icis/</title></head>"));
        assert!(is_listing(b"<!DOCTYPE HTML>\n<head>\n<title>Directory listing for /icis/</title>"));
        assert!(!is_listing(b"<html><title>404 Not Found</title>") && !is_listing(b"Index of /"));
    }
}
