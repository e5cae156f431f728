//! The programs that ask, each as it was seen to ask.
//!
//! What iPXE does was measured with iPXE 1.0.0+git-20190125 (Debian 12): it follows any redirect that has a `Location`,
//! 301 to 308, absolute or relative, as often as it is told to; it writes `:` and `@` of a path as `%3A` and `%40`, and
//! leaves `+ , ; ! * = ~` alone; a body that ends early is an error.

use schemars::JsonSchema;
use serde::Serialize;

use super::answer::Hop;

/// Redirects in a row after which a client is taken to go round for ever; the installer gives up then.
pub const MAX_HOPS: usize = 10;

/// A program that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// The boot program.
    Ipxe,
    /// The installer, by Python's urllib (contract I-26).
    Installer,
    /// fleetc itself, for the manifest: no machine asks for it.
    Fleetc,
}

impl Client {
    /// `User-Agent`.
    pub fn agent(self) -> &'static str {
        match self {
            Client::Ipxe => "iPXE/1.0.0+git-20190125",
            Client::Installer => "Python-urllib/3.7",
            Client::Fleetc => concat!("fleetc/", env!("CARGO_PKG_VERSION")),
        }
    }

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Client::Ipxe => "iPXE",
            Client::Installer => "the installer",
            Client::Fleetc => "fleetc",
        }
    }

    /// Further headers, as it sends them. iPXE keeps its connection, urllib does not; fleetc keeps them all, since the
    /// answers are the same and a fleet has many files.
    pub fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Client::Ipxe => &[("Connection", "keep-alive")],
            Client::Installer | Client::Fleetc => &[("Accept-Encoding", "identity")],
        }
    }

    /// A URL as the client writes it into its request (contract X-6).
    pub fn spelled(self, url: &str) -> String {
        let start = url.find("://").map_or(0, |at| at + 3);
        let path = url[start..].find('/').map_or(url.len(), |at| start + at);
        match self {
            Client::Ipxe => format!("{}{}", &url[..path], url[path..].replace(':', "%3A").replace('@', "%40")),
            Client::Installer | Client::Fleetc => url.to_string(),
        }
    }

    /// Whether the client follows a redirect.
    ///
    /// # Errors
    /// Why not, as the end of a sentence.
    pub fn follows(self, hop: &Hop) -> Result<(), &'static str> {
        let scheme = hop.to.split_once("://").map_or("", |(scheme, _)| scheme).to_ascii_lowercase();
        match (self, scheme.as_str()) {
            // contract X-12
            (Client::Ipxe, "https") => return Err("most builds of iPXE have no https"),
            // contract I-26
            (Client::Installer, "https") => {
                return Err("the installer takes https only with certificates in its image and a clock that is right");
            }
            (Client::Fleetc, "https") => return Err("fleetc asks over http, as machines do"),
            (_, "http") => {}
            _ => return Err("it leads to no http URL"),
        }
        match (self, hop.status) {
            // urllib raises an error for it before Python 3.11; the installer is older.
            (Client::Installer, 308) => Err("Python before 3.11 does not follow a 308"),
            (Client::Installer, 301 | 302 | 303 | 307) | (Client::Ipxe | Client::Fleetc, 300..400) => Ok(()),
            _ => Err("it is no redirect that Python follows"),
        }
    }
}

/// Where a `Location` leads from `base`, an absolute URL. What stands behind `#` is not sent.
pub fn resolve(base: &str, location: &str) -> String {
    let location = location.trim().split('#').next().unwrap_or_default();
    let has_scheme = location.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    if has_scheme {
        return location.to_string();
    }
    let scheme = base.find("://").map_or(0, |at| at + 3);
    let root = base[scheme..].find('/').map_or(base.len(), |at| scheme + at);
    if let Some(rest) = location.strip_prefix("//") {
        return format!("{}{rest}", &base[..scheme]);
    }
    let path = base[root..].split('?').next().unwrap_or_default();
    let full = if location.starts_with('/') {
        location.to_string()
    } else if location.is_empty() || location.starts_with('?') {
        format!("{path}{location}")
    } else {
        format!("{}/{location}", path.rsplit_once('/').map_or("", |(folder, _)| folder))
    };
    format!("{}{}", &base[..root], without_dots(&full))
}

/// A path without `.` and `..`.
fn without_dots(path: &str) -> String {
    let (path, query) = path.find('?').map_or((path, ""), |at| path.split_at(at));
    let mut parts: Vec<&str> = Vec::new();
    let mut rest = path.split('/').skip(1).peekable();
    while let Some(part) = rest.next() {
        let last = rest.peek().is_none();
        match part {
            "." | ".." => {
                if part == ".." {
                    parts.pop();
                }
                if last {
                    parts.push("");
                }
            }
            part => parts.push(part),
        }
    }
    format!("/{}{query}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(status: u16, to: &str) -> Hop {
        Hop { status, to: to.to_string() }
    }

    #[test]
    fn paths_are_spelled_as_the_client_does() {
        let url = "http://h:8000/icis/get_config/52:54:00:00:00:01";
        assert_eq!(Client::Ipxe.spelled(url), "http://h:8000/icis/get_config/52%3A54%3A00%3A00%3A00%3A01");
        assert_eq!(Client::Ipxe.spelled("http://h:8000"), "http://h:8000");
        assert_eq!(Client::Ipxe.spelled("http://h/a+b,c@d=e~f"), "http://h/a+b,c%40d=e~f");
        assert_eq!(Client::Installer.spelled(url), url);
    }

    #[test]
    fn redirects_are_followed_as_the_client_does() {
        for status in [301, 302, 303, 307] {
            assert_eq!(Client::Ipxe.follows(&hop(status, "http://h/x")), Ok(()));
            assert_eq!(Client::Installer.follows(&hop(status, "http://h/x")), Ok(()));
        }
        assert_eq!(Client::Ipxe.follows(&hop(308, "http://h/x")), Ok(()));
        assert!(Client::Installer.follows(&hop(308, "http://h/x")).is_err());
        for client in [Client::Ipxe, Client::Installer, Client::Fleetc] {
            assert!(client.follows(&hop(302, "https://h/x")).is_err());
            assert!(client.follows(&hop(302, "file:///etc/passwd")).is_err());
        }
    }

    #[test]
    fn locations_are_resolved() {
        let base = "http://h:80/a/b/c?q=1";
        for (location, to) in [
            ("http://other/x", "http://other/x"),
            ("HTTPS://other", "HTTPS://other"),
            ("//other/x", "http://other/x"),
            ("/x/y", "http://h:80/x/y"),
            ("x", "http://h:80/a/b/x"),
            ("../x", "http://h:80/a/x"),
            ("../../../x/./y/..", "http://h:80/x/"),
            ("?z", "http://h:80/a/b/c?z"),
            ("c/#there", "http://h:80/a/b/c/"),
            ("", "http://h:80/a/b/c"),
        ] {
            assert_eq!(resolve(base, location), to, "{location}");
        }
        assert_eq!(resolve("http://h", "x"), "http://h/x");
    }
}
