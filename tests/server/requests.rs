//! Requests, byte for byte: those of machines, and those of clients that know HTTP well, by half, or not at all.

use std::sync::LazyLock;

use serde_json::Value;

/// Their parts: paths, methods, ranges, headers, versions, hosts, whole heads, and what paths are put together from.
static PARTS: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(include_str!("requests.json")).unwrap());

fn parts(of: &str) -> Vec<&'static str> {
    PARTS[of].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect()
}

fn request(method: &str, path: &str, headers: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nHost: boot\r\n{headers}\r\n").into_bytes()
}

/// All requests, each with the file that it asks for, where its tag matters. `beside` lies beside the tree.
pub fn requests(beside: &[(String, Vec<u8>)]) -> Vec<(Vec<u8>, String)> {
    let mut all: Vec<(Vec<u8>, String)> = Vec::new();
    let mut add = |bytes: Vec<u8>, of: &str| all.push((bytes, of.to_string()));
    for path in parts("paths") {
        for method in ["GET", "HEAD", "POST", "PUT"] {
            add(request(method, path, ""), path);
        }
    }
    for (path, _) in beside.iter().filter(|(path, _)| path.starts_with("kinds/")) {
        add(request("GET", &format!("/{path}"), ""), "");
        add(request("GET", &format!("/{}", path.to_uppercase()), ""), "");
    }
    let files = ["/linux", "/ipxe_boot_script.txt", "/icis/get_role/compute", "/empty"];
    for method in parts("methods") {
        for path in ["/", "/boot", "/boot/", "/nothing", "/nothing/", "/linux", "/ipxe_boot_script.txt"] {
            add(request(method, path, ""), "");
        }
    }
    let ranges = parts("ranges").into_iter().map(str::to_string).chain((0..300).map(random_range));
    let ranges: Vec<String> = ranges.map(|range| format!("Range: {range}\r\n")).collect();
    for headers in parts("headers").into_iter().chain(ranges.iter().map(String::as_str)) {
        for (file, method) in files.iter().flat_map(|file| [(file, "GET"), (file, "HEAD")]) {
            add(request(method, file, headers), file);
        }
        add(request("GET", "/boot", headers), files[0]);
    }
    heads().into_iter().for_each(|bytes| add(bytes, ""));
    (0..1000).for_each(|seed| add(request("GET", &random_path(seed), ""), ""));
    all
}

/// First lines, versions, hosts, ends of lines, lengths, several requests at once.
fn heads() -> Vec<Vec<u8>> {
    let mut all: Vec<String> = parts("heads").into_iter().map(str::to_string).collect();
    for version in parts("versions") {
        for path in ["/linux", "/nothing", "/ipxe_boot_script.txt"] {
            for method in ["GET", "HEAD", "POST"] {
                all.push(format!("{method} {path} {version}\r\nHost: boot\r\n\r\n"));
            }
        }
    }
    for version in ["1.0", "1.1"] {
        for host in parts("hosts") {
            all.push(format!("GET /initrd HTTP/{version}\r\n{host}\r\n"));
            all.push(format!("GET /boot HTTP/{version}\r\n{host}\r\n"));
        }
        for connection in parts("connections") {
            all.push(format!("GET /initrd HTTP/{version}\r\nHost: h\r\n{connection}\r\n").repeat(3));
            all.push(format!("GET /nothing HTTP/{version}\r\nHost: h\r\n{connection}\r\n").repeat(2));
            all.push(format!("PUT /initrd HTTP/{version}\r\nHost: h\r\n{connection}\r\n").repeat(2));
        }
    }
    for length in [6_000, 12_000, 40_000] {
        all.push(format!("GET /initrd?{} HTTP/1.0\r\n\r\n", "a".repeat(length)));
        all.push(format!("GET /{} HTTP/1.0\r\n\r\n", "a".repeat(length)));
        all.push(format!("GET /initrd HTTP/1.0\r\nX: {}\r\n\r\n", "a".repeat(length)));
        all.push(format!("GET /initrd HTTP/1.0\r\n{}\r\n", "X: 0123456789\r\n".repeat(length / 15)));
    }
    let mut bytes: Vec<Vec<u8>> = all.into_iter().map(String::into_bytes).collect();
    // Bytes that are no text.
    bytes.push(b"GET /\xff\xfe HTTP/1.0\r\n\r\n".to_vec());
    bytes.push(b"GET /initrd HTTP/1.0\r\nX: \xff\r\n\r\n".to_vec());
    bytes.push(vec![0xff; 100]);
    bytes
}

/// Numbers below what they are called with, always the same for a seed.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % below
    }
}

/// Paths put together at random, of what matters in a path.
fn random_path(seed: u64) -> String {
    let (mut next, parts) = (numbers(seed), parts("parts"));
    let count = 1 + next(9);
    let path: String = (0..count).map(|_| parts[next(parts.len())]).collect();
    format!("/{path}")
}

/// Ranges, some of them beyond the files, some malformed.
fn random_range(seed: u64) -> String {
    let mut next = numbers(seed);
    let number = |next: &mut dyn FnMut(usize) -> usize| match next(4) {
        0 => String::new(),
        1 => next(12).to_string(),
        2 => next(400).to_string(),
        _ => next(400_000).to_string(),
    };
    let mut part = || {
        let (start, end) = (number(&mut next), number(&mut next));
        let between = ["-", "-", "-", "-", "-", " - ", "", "--"][next(8)];
        format!("{start}{between}{end}")
    };
    let parts: Vec<String> = (0..1 + seed % 3).map(|_| part()).collect();
    format!("bytes={}", parts.join(","))
}
