//! URLs and paths: those of the server, of boot files, and of what the installed system will use.

use std::fmt;
use std::sync::Arc;

use super::text::{FromText, first_bad, made_of, text_schema};
use crate::diag::{Fault, rule};

rule! {
    /// ## What it does
    /// A URL that iPXE, the installer or the installed system would not read as it is meant.
    ///
    /// ## Why it matters
    /// The URLs of the fleet file travel over kernel command lines, boot scripts and shell commands that have no
    /// quotes. The installer cuts a URL at `=` (contract I-1, I-6), iPXE expands `${…}` and drops what follows a `#`
    /// (X-7), a query makes all requests one (S-13), a URL without scheme or host fails after the disk is written (I-14), and an IPv6 address is not
    /// understood (I-15). An installer without a usable `isterconf=` falls back to its own template and wipes `sda`
    /// (I-3).
    ///
    /// ## Example
    /// ```yaml
    /// server:
    ///   url: http://192.168.1.1/?rack=1   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// server:
    ///   url: http://192.168.1.1/rack1
    /// ```
    pub MALFORMED_URL, malformed_url: "malformed-url", Ipxe, Error, fixed;
}

rule! {
    /// ## What it does
    /// A path that is absolute, leads out of the folder of the fleet file, or has characters that a URL cannot hold.
    ///
    /// ## Why it matters
    /// Everything a fleet needs lies beside the fleet file, so that every clone of the repository builds the same
    /// tree; what is copied into the tree keeps its path as its URL.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: ../secrets/role.yaml }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    pub MALFORMED_PATH, malformed_path: "malformed-path", Language, Error, fixed;
}

/// Splits `scheme://authority/rest` into scheme, authority and the rest with its slash.
fn parts(text: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some((scheme, &rest[..end], &rest[end..]))
}

fn fault(text: &str, what: &str, help: &str) -> Fault {
    MALFORMED_URL.fault(format!("the URL `{text}` {what}")).help(help)
}

/// Host and port of an authority: an IPv4 address or a name, no user, no IPv6.
fn host(text: &str, authority: &str) -> Result<Arc<str>, Fault> {
    if authority.contains('@') {
        return Err(fault(text, "holds a user or password", "everyone who boots from the server could read it"));
    }
    if authority.starts_with('[') {
        return Err(fault(text, "has an IPv6 address", "the installer takes IPv4 addresses, and names that have one"));
    }
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    if host.is_empty() {
        return Err(fault(text, "has no host", "write `http://192.168.1.1`"));
    }
    let numbers = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if numbers && host.parse::<std::net::Ipv4Addr>().is_err() {
        return Err(fault(text, "has no valid IPv4 address", "four numbers from 0 to 255, like `192.168.1.1`"));
    }
    if !made_of(host, ".-") || host.split('.').any(|label| label.is_empty() || label.len() > 63) || host.len() > 253 {
        return Err(fault(text, "has no valid host name", "letters, digits, hyphens and dots"));
    }
    if let Some(port) = port {
        let number = port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse::<u16>().ok()).flatten();
        if number.is_none_or(|number| number == 0) {
            return Err(fault(text, "has no valid port", "a number from 1 to 65535"));
        }
    }
    Ok(host.into())
}

/// How booting machines reach the tree: `http(s)://host[:port][/path]`, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServerUrl {
    text: Arc<str>,
    host: Arc<str>,
}

impl ServerUrl {
    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host: an IPv4 address or a name.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port: the one of its scheme when it names none.
    pub fn port(&self) -> u16 {
        let authority = parts(&self.text).map_or("", |(_, authority, _)| authority);
        let port = authority.split_once(':').and_then(|(_, port)| port.parse().ok());
        port.unwrap_or(if self.is_https() { 443 } else { 80 })
    }

    /// Its path, without a slash at its end: empty, or `/fleet`.
    pub fn path(&self) -> &str {
        parts(&self.text).map_or("", |(_, _, path)| path)
    }

    /// Whether it is an `https` URL.
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// The URL of a path on the server.
    pub fn join(&self, path: &str) -> String {
        [&self.text, "/", path].concat()
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromText for ServerUrl {
    fn from_text(text: &str) -> Result<ServerUrl, Fault> {
        let Some((scheme, authority, path)) = parts(text) else {
            return Err(fault(text, "has no scheme", &format!("write `http://{}`", text.trim_start_matches('/'))));
        };
        if scheme != "http" && scheme != "https" {
            return Err(fault(text, &format!("has the scheme `{scheme}`"), "`http` or `https`"));
        }
        let host = host(text, authority)?;
        let path = path.trim_end_matches('/');
        if path.contains(['?', '#']) {
            return Err(fault(text, "has a query or a fragment", "scheme, host, port and path alone"));
        }
        if let Some(bad) = first_bad(path, |c| c.is_ascii_alphanumeric() || "/._~-".contains(c)) {
            // contract I-1, I-6, X-6, X-7
            let what = format!("has {} in its path", shown(bad));
            return Err(fault(
                text,
                &what,
                "letters, digits, `.`, `_`, `~` and `-`: the installer and iPXE misread the rest",
            ));
        }
        if path.split('/').skip(1).any(|part| part.is_empty() || part == "." || part == "..") {
            return Err(fault(text, "has an empty, `.` or `..` part in its path", "write the path as it is served"));
        }
        Ok(ServerUrl { text: format!("{scheme}://{authority}{path}").into(), host })
    }
}

text_schema!(ServerUrl, "server URL", "how booting machines reach the tree: http(s)://host[:port][/path]",
    "type": "string", "pattern": "^https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/*$");

/// The folder of the tree that holds the service's answers: one name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceFolder(pub Arc<str>);

impl FromText for ServiceFolder {
    fn from_text(text: &str) -> Result<ServiceFolder, Fault> {
        if !made_of(text, "._-") || text.starts_with('.') || text.len() > 64 {
            let fault = MALFORMED_PATH.fault(format!("`{text}` is no name for a folder of the tree"));
            return Err(fault.help("one name of letters, digits, `.`, `_` and `-`, like `icis`"));
        }
        if matches!(text, "boot" | "artifacts" | "manifest.json" | "ipxe_boot_script.txt") {
            let fault = MALFORMED_PATH.fault(format!("the tree already has a `{text}`"));
            return Err(fault.help("choose another folder for the service"));
        }
        Ok(ServiceFolder(text.into()))
    }
}

text_schema!(ServiceFolder, "service folder", "one name for a folder of the tree",
    "type": "string", "pattern": "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$");

/// Where iPXE gets a boot file: a URL, or a path on the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// An absolute URL.
    Url(Arc<str>),
    /// A path below the server's URL.
    Path(Arc<str>),
}

impl Location {
    /// The absolute URL, for a path below `server`.
    pub fn url(&self, server: &ServerUrl) -> String {
        match self {
            Location::Url(url) => url.to_string(),
            Location::Path(path) => server.join(path),
        }
    }
}

impl FromText for Location {
    fn from_text(text: &str) -> Result<Location, Fault> {
        // What iPXE would expand, cut or split: contract X-6, X-7.
        let risky = |c: char| !c.is_ascii_graphic() || "#$\"'\\`<>{}|^".contains(c);
        if let Some(bad) = text.chars().find(|c| risky(*c)) {
            return Err(fault(text, &format!("has {}", shown(bad)), "iPXE would misread it; rename the file"));
        }
        let Some((scheme, authority, rest)) = parts(text) else {
            let path = text.trim_start_matches('/');
            if !made_of(path, "/._~+@,-") || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
                let help = "a path like `images/linux`, or a whole URL";
                return Err(fault(text, "is no path on the server", help));
            }
            return Ok(Location::Path(path.into()));
        };
        if !matches!(scheme, "http" | "https" | "tftp") {
            return Err(fault(text, &format!("has the scheme `{scheme}`"), "`http`, `https` or `tftp`"));
        }
        host(text, authority)?;
        if rest.len() < 2 {
            return Err(fault(text, "names no file", "a kernel or initrd has a path"));
        }
        Ok(Location::Url(text.into()))
    }
}

text_schema!(Location, "location", "a URL, or a path on the server",
    "type": "string", "pattern": "^[^ #$\"'\\\\`<>{}|^]+$");

/// A URL for the installed system: a proxy or a mirror. It has a scheme and a host (contract 1.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WebUrl(pub Arc<str>);

impl FromText for WebUrl {
    fn from_text(text: &str) -> Result<WebUrl, Fault> {
        let Some((scheme, authority, _)) = parts(text) else {
            return Err(fault(text, "has no scheme", &format!("write `http://{text}`")));
        };
        if scheme != "http" && scheme != "https" {
            return Err(fault(text, &format!("has the scheme `{scheme}`"), "`http` or `https`"));
        }
        host(text, authority)?;
        if let Some(bad) = text.chars().find(|c| !c.is_ascii_graphic() || "\"'\\`<>{}|^".contains(*c)) {
            return Err(fault(text, &format!("has {}", shown(bad)), "percent-encode it"));
        }
        Ok(WebUrl(text.into()))
    }
}

text_schema!(WebUrl, "URL", "http(s) URL", "type": "string", "pattern": "^https?://[^/ ]+(/.*)?$");

/// A file beside the fleet file: relative, inside its folder; or one outside of it, which the user has to allow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilePath(pub Arc<str>);

impl FilePath {
    /// What is to be said of a path that leads out of the folder of the fleet file, unless the user allows it.
    pub fn outside(&self) -> Option<Fault> {
        let (what, help) = if self.0.starts_with('/') {
            ("is absolute", "name a file beside the fleet file, or give `--allow-outside`")
        } else if self.0.split('/').any(|part| part == "..") {
            let help = "keep every file of the fleet in one folder, or give `--allow-outside`";
            ("leads out of the folder of the fleet file", help)
        } else {
            return None;
        };
        Some(MALFORMED_PATH.fault(format!("the path `{}` {what}", self.0)).help(help))
    }
}

impl FromText for FilePath {
    fn from_text(text: &str) -> Result<FilePath, Fault> {
        let fault = |what: &str, help: &str| Err(MALFORMED_PATH.fault(format!("the path `{text}` {what}")).help(help));
        let plain = text.strip_prefix("./").unwrap_or(text);
        let mut parts = plain.strip_prefix('/').unwrap_or(plain).split('/');
        if !made_of(plain, "/._~+@,-") || parts.any(|part| part.is_empty() || part == ".") {
            return fault(
                "has characters that are not safe in a URL",
                "letters, digits, `.`, `_`, `~`, `+`, `@`, `,` and `-`",
            );
        }
        Ok(FilePath(plain.into()))
    }
}

text_schema!(FilePath, "file", "a file beside the fleet file",
    "type": "string", "pattern": "^[A-Za-z0-9._~+@,-][A-Za-z0-9._~+@,/-]*$");

/// A character for a message.
pub(crate) fn shown(c: char) -> String {
    match c {
        ' ' => "a blank".to_string(),
        '\t' => "a tab".to_string(),
        '\n' | '\r' => "a line break".to_string(),
        c if c.is_control() => "a control character".to_string(),
        c => format!("`{c}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_urls() {
        for (text, clean) in [
            ("http://192.168.1.1", "http://192.168.1.1"),
            ("http://192.168.1.1/", "http://192.168.1.1"),
            ("https://boot.example:8080/a/b/", "https://boot.example:8080/a/b"),
        ] {
            assert_eq!(ServerUrl::from_text(text).map(|url| url.as_str().to_string()).ok().as_deref(), Some(clean));
        }
        // contract I-1, I-6, I-14, I-15, X-7
        for bad in [
            "192.168.1.1/icis/",
            "http://",
            "http:///x",
            "ftp://h",
            "http://h/a=b",
            "http://h/?x=1",
            "http://h/#x",
            "http://h/a b",
            "http://h/ä",
            "http://[::1]/",
            "http://u:p@h",
            "http://h:0",
            "http://h:99999",
            "http://1.2.3",
            "http://h/../x",
            "http://h/${x}",
            "http://h/a//b",
            "http://h'",
            "",
        ] {
            assert!(ServerUrl::from_text(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn files_stay_in_the_folder() {
        for bad in ["", "/", "//x", "a//b", "a b", "ä", "a/./b"] {
            assert!(FilePath::from_text(bad).is_err(), "{bad}");
        }
        for (text, outside) in
            [("/etc/passwd", true), ("../x", true), ("./../x", true), ("a/../b", true), ("a..b/x", false)]
        {
            assert_eq!(FilePath::from_text(text).ok().map(|path| path.outside().is_some()), Some(outside), "{text}");
        }
        assert_eq!(
            FilePath::from_text("./roles/a.yaml").map(|path| path.0.to_string()).ok().as_deref(),
            Some("roles/a.yaml")
        );
    }

    #[test]
    fn boot_files_are_urls_or_paths_on_the_server() {
        let server = ServerUrl::from_text("http://h/x").expect("a URL");
        let url = |text| Location::from_text(text).map(|place| place.url(&server)).ok();
        assert_eq!(url("linux").as_deref(), Some("http://h/x/linux"));
        assert_eq!(url("/linux").as_deref(), Some("http://h/x/linux"));
        assert_eq!(url("http://m/l?x=1").as_deref(), Some("http://m/l?x=1"));
        for bad in ["", "a:b", "../l", "http://m", "http://m/a#b", "http://m/${x}", "a b"] {
            assert_eq!(url(bad), None, "{bad}");
        }
    }
}
