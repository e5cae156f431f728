//! HTTP servers that know nothing of fleetc, and a client that asks them as plainly as boot programs do.
#![allow(dead_code)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to start or to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server of the machine that the tests run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// nginx with nothing set but the folder that it serves.
    Nginx,
    /// Python's `http.server`.
    Python,
}

/// A running server; it ends with this value.
pub struct Server {
    child: Child,
    address: SocketAddr,
    /// Configuration, logs, temporary files.
    _folder: tempfile::TempDir,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub kind: String,
    pub body: Vec<u8>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Serves a folder.
    ///
    /// # Panics
    /// When the server is not installed: a test that is not run proves nothing.
    pub fn start(kind: Kind, root: &Path) -> Server {
        match kind {
            Kind::Nginx => {
                let root = root.to_str().unwrap().to_string();
                let kind = "default_type application/octet-stream;";
                Server::nginx(&|address| format!("server {{ listen {address}; root {root}; {kind} }}\n"))
            }
            Kind::Python => python(root),
        }
    }

    /// Serves what a server block says that is made for an address.
    pub fn nginx(block: &dyn Fn(SocketAddr) -> String) -> Server {
        nginx(block)
    }

    /// Where it answers: `http://ADDRESS:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Asks for a path, which begins with `/`. A redirection is an answer like any other.
    pub fn get(&self, path: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let header = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(':'));
            lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_string())
        };
        let body = answer[end + 4..].to_vec();
        assert_eq!(header("transfer-encoding"), None, "{head}");
        assert_eq!(header("content-length").map(|length| length.parse().unwrap()), Some(body.len()), "{head}");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, kind: header("content-type").unwrap_or_default(), body }
    }
}

/// Starts a program.
fn spawn(command: &mut Command, package: &str) -> Child {
    let program = command.get_program().to_string_lossy().into_owned();
    // Debian keeps nginx where only root looks.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin"));
    command.stdin(Stdio::null()).spawn().unwrap_or_else(|error| {
        panic!("these tests need `{program}` ({error}); on Debian: apt-get install {package}");
    })
}

/// A whole configuration of nginx around server blocks, with all its files in a folder.
pub fn around(block: &str, place: &str) -> String {
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("    {name}_temp_path {place}/{name};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process off;\npid {place}/pid;\nerror_log {place}/error.log;\nevents {{}}\nhttp {{\n\
         {temporary}    access_log off;\n{block}}}\n"
    )
}

fn nginx(block: &dyn Fn(SocketAddr) -> String) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap().to_string();
    for _ in 0..20 {
        // Another program may take the port before nginx does; then it is tried again with the next.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        fs::write(folder.path().join("nginx.conf"), around(&block(address), &place)).unwrap();
        let mut command = Command::new("nginx");
        command.args(["-p", &place, "-e", &format!("{place}/error.log"), "-c", &format!("{place}/nginx.conf")]);
        let mut child = spawn(command.stdout(Stdio::null()).stderr(Stdio::null()), "nginx-light");
        if is_up(&mut child, address) {
            return Server { child, address, _folder: folder };
        }
    }
    let log = fs::read_to_string(folder.path().join("error.log")).unwrap_or_default();
    panic!("nginx does not start:\n{log}");
}

/// Waits until the server answers; not when it ends.
fn is_up(child: &mut Child, address: SocketAddr) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if TcpStream::connect(address).is_ok() {
            // It may be another program's port, and this server about to say so.
            std::thread::sleep(Duration::from_millis(20));
            return child.try_wait().unwrap().is_none();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

fn python(root: &Path) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("python3");
    command.args(["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", root.to_str().unwrap(), "0"]);
    let mut child = spawn(command.stdout(Stdio::piped()).stderr(Stdio::null()), "python3");
    // It chooses a port, and says which: `Serving HTTP on 127.0.0.1 port 40001 (http://127.0.0.1:40001/) ...`.
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.split(' ').skip_while(|word| *word != "port").nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.unwrap_or_else(|| panic!("`python3 -m http.server` says {line:?}"));
    Server { child, address: SocketAddr::from(([127, 0, 0, 1], port)), _folder: folder }
}
