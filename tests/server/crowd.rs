//! Many clients, slow ones and ones that send rubbish: the others are served.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use fleetc::serve::{Limits, Query, Seen, Service, Site, Watch};
use fleetc::source::Disk;

use crate::example;
use crate::raw::{answers, get};
use crate::serving::{PATIENCE, Serving};

#[test]
fn two_hundred_clients_at_once_get_their_files() {
    let pilot = example::named("pilot");
    let tree = pilot.tree();
    let serving = Serving::start(&pilot.folder, &[]);
    let address = serving.address;
    let served = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for client in 0..200 {
            let (tree, served) = (&tree, &served);
            scope.spawn(move || {
                // One connection, all requests at once, as no machine would.
                let files: Vec<_> = tree.iter().cycle().skip(client % tree.len()).take(10).collect();
                let ask = |(path, _): &(&String, _)| format!("GET /{path} HTTP/1.1\r\nHost: boot\r\n\r\n");
                let text: String = files.iter().map(ask).collect();
                let got = answers(&crate::raw::exchange(address, text.as_bytes()), false);
                assert_eq!(got.len(), files.len());
                for (answer, (path, bytes)) in got.iter().zip(files) {
                    assert!((answer.status, &answer.body) == (200, bytes), "{path}");
                    served.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(served.load(Ordering::Relaxed), 2000);
}

#[test]
fn clients_that_say_half_or_rubbish_stop_nobody() {
    let serving = Serving::start(&example::named("pilot").folder, &[]);
    let connect = || {
        let stream = TcpStream::connect(serving.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    };
    let mut held = Vec::new();
    for client in 0..150 {
        let mut stream = connect();
        match client % 3 {
            // Nothing, half a head, a request whose answer is not read.
            0 => {}
            1 => stream.write_all(b"GET /ipxe_boot_script.txt HTTP/1.1\r\nHost: b").unwrap(),
            _ => stream.write_all(b"GET /manifest.json HTTP/1.1\r\nHost: boot\r\n\r\n").unwrap(),
        }
        held.push(stream);
    }
    for rubbish in [&b"\0\0\0\0"[..], b"\r\n\r\n\r\n", b"GET", b"\xff\xff\xff\xff\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]
    {
        let mut stream = connect();
        stream.write_all(rubbish).unwrap();
        held.push(stream);
    }
    let start = Instant::now();
    for _ in 0..20 {
        assert_eq!(get(serving.address, "/ipxe_boot_script.txt").status, 200);
    }
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    // Those that say the rest are answered.
    let mut half = held.swap_remove(1);
    half.write_all(b"oot\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    half.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    // And Ctrl-C waits for nobody.
    let start = Instant::now();
    assert_eq!(serving.stop().0, Some(0));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

/// Tells nobody.
struct Quiet;

impl Watch for Quiet {
    fn saw(&self, _: &Seen) {}
    fn broke(&self, _: &Seen, _: u64, _: u64) {}
}

/// Serves the example *pilot* with other limits than the program has.
fn with_limits(limits: Limits, test: impl FnOnce(SocketAddr) + Send) {
    let pilot = example::named("pilot");
    let compiled = pilot.compile(&pilot.text());
    let loader = Disk::new(&pilot.folder);
    let site = Site::new(compiled.fleet().unwrap(), &compiled.sources, &loader, &[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (queries, answers) = channel::<Query>();
    let (answers, stop) = (Mutex::new(answers), AtomicBool::new(false));
    let service = Service { listener: &listener, queries, limits, watch: &Quiet, stop: &stop };
    std::thread::scope(|scope| {
        scope.spawn(|| site.answer(&answers, &stop));
        scope.spawn(move || service.run().unwrap());
        let done = scope.spawn(move || test(address)).join();
        stop.store(true, Ordering::Relaxed);
        done.unwrap();
    });
}

/// How long the server keeps a connection on which nothing more is said.
fn kept(address: SocketAddr, said: &[u8]) -> (Duration, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(said).unwrap();
    let (start, mut answer) = (Instant::now(), Vec::new());
    stream.read_to_end(&mut answer).unwrap();
    (start.elapsed(), answer)
}

#[test]
fn slow_clients_are_let_go() {
    let (head, idle) = (Duration::from_millis(300), Duration::from_millis(900));
    with_limits(Limits { head, idle, ..Limits::default() }, |address| {
        for said in [&b""[..], b"GET / HT"] {
            let (time, answer) = kept(address, said);
            assert!(time >= head && time < Duration::from_secs(20), "{time:?}");
            assert_eq!(answer, b"");
        }
        let (time, answer) = kept(address, b"GET /ipxe_boot_script.txt HTTP/1.1\r\nHost: boot\r\n\r\n");
        assert!(time >= idle && time < Duration::from_secs(20), "{time:?}");
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
        // A byte now and then does not buy more time.
        let mut stream = TcpStream::connect(address).unwrap();
        let start = Instant::now();
        while stream.write_all(b"A").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
            assert!(start.elapsed() < Duration::from_secs(20));
        }
    });
}

#[test]
fn beyond_the_limit_clients_wait_for_their_turn() {
    let idle = Duration::from_secs(60);
    let limits = Limits { connections: 4, head: Duration::from_millis(500), idle, ..Limits::default() };
    with_limits(limits, |address| {
        let silent: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(address).unwrap()).collect();
        assert_eq!(get(address, "/ipxe_boot_script.txt").status, 200);
        drop(silent);
    });
}
