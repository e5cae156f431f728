//! What a request asks for: the path as nginx reads it, with `%XX` decoded, `.` and `..` followed, and `//` taken for
//! one slash.

/// A path that was asked for: it begins with `/`, has no empty, `.` or `..` parts, and leads nowhere above `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    path: Vec<u8>,
    /// What stands behind a `?`.
    query: Vec<u8>,
}

/// What was read last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Usual,
    Slash,
    Dot,
    DotDot,
}

impl Target {
    /// Reads what stands between method and version, from its first slash on; none for what nginx refuses: a path that
    /// leads above the root, a `%` without two hexadecimal digits, a zero byte.
    ///
    /// What follows `?` or `#` is not part of the path. A decoded slash or dot is one; a decoded `?`, `#` or `%` is part of
    /// the path.
    pub fn read(raw: &[u8]) -> Option<Target> {
        let mut path = Vec::with_capacity(raw.len());
        let mut state = State::Usual;
        let mut query: &[u8] = b"";
        let mut at = 0;
        while let Some(&byte) = raw.get(at) {
            at += 1;
            if matches!(byte, b'?' | b'#') {
                let rest = if byte == b'?' { &raw[at..] } else { b"" };
                query = &rest[..rest.iter().position(|byte| *byte == b'#').unwrap_or(rest.len())];
                break;
            }
            let (byte, literal) = match byte {
                b'%' => {
                    let decoded = hexadecimal(*raw.get(at)?)? << 4 | hexadecimal(*raw.get(at + 1)?)?;
                    at += 2;
                    (decoded, matches!(decoded, b'%' | b'#' | b'?'))
                }
                byte => (byte, false),
            };
            if byte == 0 {
                return None;
            }
            state = if literal {
                path.push(byte);
                State::Usual
            } else {
                step(&mut path, state, byte)?
            };
        }
        finish(&mut path, state)?;
        Some(Target { path, query: query.to_vec() })
    }

    /// The path, decoded.
    pub fn bytes(&self) -> &[u8] {
        &self.path
    }

    /// The path below a folder like `/fleet`; the empty folder is the root. None when it lies elsewhere.
    pub fn below(&self, folder: &str) -> Option<&[u8]> {
        self.path.strip_prefix(folder.as_bytes()).filter(|rest| rest.first() == Some(&b'/'))
    }

    /// As it stands in a URL.
    pub fn encoded(&self) -> String {
        encoded(&self.path, "/.-_~:+,@=")
    }

    /// What stands behind a `?`, with that; nothing when nothing does.
    pub fn query(&self) -> String {
        let query = encoded(&self.query, "!$%&'()*+,-./:;=?@_~");
        if query.is_empty() { query } else { format!("?{query}") }
    }
}

/// Text for a URL: letters, digits and what `plain` has stay as they are.
fn encoded(bytes: &[u8], plain: &str) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || plain.as_bytes().contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// Goes on by a byte.
fn step(path: &mut Vec<u8>, state: State, byte: u8) -> Option<State> {
    match (state, byte) {
        (State::Slash, b'/') => return Some(State::Slash),
        (State::Dot | State::DotDot, b'/') => {
            finish(path, state)?;
            return Some(State::Slash);
        }
        _ => path.push(byte),
    }
    Some(match (state, byte) {
        (_, b'/') => State::Slash,
        (State::Slash, b'.') => State::Dot,
        (State::Dot, b'.') => State::DotDot,
        _ => State::Usual,
    })
}

/// Follows a `.` or `..` at the end of what was read.
fn finish(path: &mut Vec<u8>, state: State) -> Option<()> {
    match state {
        State::Usual | State::Slash => {}
        State::Dot => {
            path.pop();
        }
        State::DotDot => {
            // `/a/..` without its last four bytes is `/`; above the root there is nothing.
            path.truncate(path.len().checked_sub(4)? + 1);
            let slash = path.iter().rposition(|byte| *byte == b'/')?;
            path.truncate(slash + 1);
        }
    }
    Some(())
}

fn hexadecimal(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Target;

    fn read(raw: &str) -> Option<String> {
        Target::read(raw.as_bytes()).map(|target| String::from_utf8_lossy(target.bytes()).into_owned())
    }

    #[test]
    fn paths_are_read_as_nginx_reads_them() {
        for (raw, path) in [
            ("/", "/"),
            ("/icis/get_config/52%3A54%3a00:00:00:01", "/icis/get_config/52:54:00:00:00:01"),
            ("/a//b///c", "/a/b/c"),
            ("/a/./b/../c", "/a/c"),
            ("/a/..", "/"),
            ("/a/b/..", "/a/"),
            ("/a/.", "/a/"),
            ("/a%2fb%2F..%2fc", "/a/c"),
            ("/a/%2e%2E/b", "/b"),
            ("/.a/..b/...", "/.a/..b/..."),
            ("/a?b/../..", "/a"),
            ("/a#b", "/a"),
            ("/a%3fb%23c%25d", "/a?b#c%d"),
            ("/a%2e%2f", "/a./"),
        ] {
            assert_eq!(read(raw).as_deref(), Some(path), "{raw}");
        }
        for raw in ["/..", "/../a", "/a/../..", "/a/../../b", "/%2e%2e/a", "/%", "/%4", "/%zz", "/%00", "/a%0"] {
            assert_eq!(read(raw), None, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn no_path_leads_out(raw in "/([a.]|/|%2e|%2f|%5c|%3f|\\\\|[?#%]){0,24}") {
            if let Some(target) = Target::read(raw.as_bytes()) {
                let path = String::from_utf8_lossy(target.bytes()).into_owned();
                prop_assert!(path.starts_with('/'));
                let inner: Vec<&str> = path[1..].split('/').collect();
                let (last, folders) = inner.split_last().unwrap();
                prop_assert!(folders.iter().all(|part| !part.is_empty()), "{raw} {path}");
                prop_assert!(folders.iter().chain([last]).all(|part| *part != "." && *part != ".."), "{raw} {path}");
                // What it is encoded as is read as the same.
                let encoded = Target::read(target.encoded().as_bytes());
                prop_assert_eq!(encoded.map(|read| read.path), Some(target.path));
            }
        }
    }
}
