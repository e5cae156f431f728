//! A small HTTP server that serves a folder rightly, but for what a test makes it do wrong.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request: its path as it was sent, and its headers in small letters.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    pub headers: Vec<(String, String)>,
}

/// What the server does instead of giving a file.
pub enum Act {
    /// This status with these headers and this body; the length is counted.
    Reply(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes, as they are; then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes, then nothing, with the connection open.
    Hang(Vec<u8>),
    /// These bytes, then others without end.
    Endless(Vec<u8>),
}

/// What a test makes of a request: none for what a good server does.
pub type Twist = dyn Fn(&Request) -> Option<Act> + Send + Sync;

/// A running server; it ends with this value.
pub struct Shop {
    address: SocketAddr,
    closed: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

/// A reply with a page for people.
pub fn page(status: u16, text: &str) -> Act {
    Act::Reply(status, vec![("Content-Type", "text/html".to_string())], text.as_bytes().to_vec())
}

/// A redirect.
pub fn redirect(status: u16, to: &str) -> Act {
    Act::Reply(status, vec![("Location", to.to_string())], Vec::new())
}

/// A reply with some bytes.
pub fn bytes(bytes: impl Into<Vec<u8>>) -> Act {
    Act::Reply(200, Vec::new(), bytes.into())
}

/// "Not there".
pub fn missing() -> Act {
    page(404, "<html><title>404 Not Found</title>")
}

impl Shop {
    /// Serves a folder, but for the twist.
    pub fn open(root: &Path, twist: impl Fn(&Request) -> Option<Act> + Send + Sync + 'static) -> Shop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (closed, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (root, twist): (PathBuf, Arc<Twist>) = (root.to_path_buf(), Arc::new(twist));
        let shop = Shop { address, closed: closed.clone(), asked: asked.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if closed.load(Ordering::SeqCst) {
                    break;
                }
                let (root, twist, asked, closed) = (root.clone(), twist.clone(), asked.clone(), closed.clone());
                std::thread::spawn(move || {
                    // A client that goes away is none of the server's business.
                    let _ = serve(&stream, &root, &*twist, &asked, &closed);
                });
            }
        });
        shop
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    stream: &TcpStream,
    root: &Path,
    twist: &Twist,
    asked: &Mutex<Vec<Request>>,
    closed: &AtomicBool,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.set_nodelay(true)?;
    let (mut reader, mut writer) = (BufReader::new(stream), stream);
    while let Some(request) = read(&mut reader)? {
        asked.lock().unwrap().push(request.clone());
        match twist(&request).unwrap_or_else(|| file(root, &request.path)) {
            Act::Reply(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} Status\r\nContent-Length: {}\r\n", body.len());
                headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
                writer.write_all(&[head.as_bytes(), b"\r\n", &body].concat())?;
            }
            Act::Raw(bytes) => return writer.write_all(&bytes),
            Act::Hang(bytes) => {
                writer.write_all(&bytes)?;
                while !closed.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(20));
                }
                return Ok(());
            }
            Act::Endless(bytes) => {
                writer.write_all(&bytes)?;
                while !closed.load(Ordering::SeqCst) {
                    writer.write_all(&[b'x'; 4096])?;
                }
            }
        }
    }
    Ok(())
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_string();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_string()));
    }
    Ok(Some(Request { path, headers }))
}

/// What a good server does: the file, or "not there".
pub fn file(root: &Path, path: &str) -> Act {
    let path = path.trim_start_matches('/').replace("%3A", ":");
    match fs::read(root.join(path)) {
        Ok(found) => bytes(found),
        Err(_) => missing(),
    }
}
