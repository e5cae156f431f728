//! Virtual machines that boot from a network of the test's own (`namespace.rs`), by software emulation: no KVM is needed.
//!
//! ```text
//! let mut lan = Namespace::with_cables(1);
//! lan.nginx(&qemu::folder_served(root));
//! let boot = Machine::with_script("#!ipxe\n…").until("some text").boot(&lan);
//! ```
//!
//! Console and QEMU's own errors are read to the end; whatever happens, QEMU is killed.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::console::plain;
use crate::namespace::{self, Namespace};

/// Lines that open the network without DHCP, for scripts that are given to iPXE directly: 0.1 seconds in place of 3.
pub const OPEN_NETWORK: &str = "set net0/ip 192.168.1.2\nset net0/netmask 255.255.255.0\nset net0/gateway 192.168.1.1\n\
                                set net0/dns 192.168.1.1\nifopen net0\n";

/// A machine's firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Firmware {
    Bios,
    Uefi,
}

/// What a machine starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Start {
    /// The network card's boot program: iPXE, as Debian's `ipxe-qemu` has it.
    CardWithIpxe,
    /// A PXE ROM like any other. UEFI has one of its own; under BIOS it is that of the card, disguised by
    /// `Namespace::plain_rom`.
    PlainRom,
    /// iPXE at once, with this script; BIOS only.
    Script(String),
}

/// A machine that is to boot.
#[derive(Clone, Debug)]
pub struct Machine {
    firmware: Firmware,
    start: Start,
    cards: Vec<String>,
    booted: usize,
    disk: Option<PathBuf>,
    until: Vec<String>,
    answers: Vec<(String, String)>,
    own_time: bool,
    limit: Duration,
}

/// How a boot ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The console showed one of the texts that were waited for.
    Shown(String),
    /// The machine was switched off, or had nothing to boot.
    Off,
    /// The time was up.
    TimeUp,
}

/// A boot.
#[derive(Clone, Debug)]
pub struct Boot {
    pub end: End,
    /// The console as text: without control sequences, lines whole that the screen's width had broken.
    pub console: String,
    pub seconds: f64,
}

/// The text of a `server` block for nginx as the book has it: a folder, on port 80.
pub fn folder_served(root: &Path) -> String {
    format!("server {{\n    listen 80 default_server;\n    root {};\n}}\n", root.display())
}

impl Machine {
    /// A machine of one card, whose card has iPXE on board.
    pub fn new(firmware: Firmware, mac: &str) -> Machine {
        Machine {
            firmware,
            start: Start::CardWithIpxe,
            cards: vec![mac.to_string()],
            booted: 0,
            disk: None,
            until: Vec::new(),
            answers: Vec::new(),
            own_time: false,
            limit: Duration::from_secs(300),
        }
    }

    /// A machine that starts iPXE with this script; its card is `52:54:00:aa:bb:01`. The fastest way to see what iPXE
    /// does with a script: two seconds. When the script is at its end the machine finds nothing to boot, and goes off.
    pub fn with_script(script: &str) -> Machine {
        let machine = Machine::new(Firmware::Bios, "52:54:00:aa:bb:01");
        Machine { start: Start::Script(script.to_string()), ..machine }
    }

    /// Its cards, and which of them boots. Card N hangs on cable `tapN`.
    pub fn cards(mut self, macs: &[&str], booted: usize) -> Machine {
        self.cards = macs.iter().map(|mac| mac.to_string()).collect();
        self.booted = booted;
        self
    }

    /// Boots with a PXE ROM that is not iPXE. Under BIOS the network must have `Namespace::plain_rom`.
    pub fn plain_rom(mut self) -> Machine {
        self.start = Start::PlainRom;
        self
    }

    /// A disk, the next boot device: a raw image, or a folder, which it sees as a disk with FAT. Nothing is written to it.
    pub fn disk(mut self, image: &Path) -> Machine {
        self.disk = Some(image.to_path_buf());
        self
    }

    /// Another text that ends the boot when the console shows it.
    pub fn until(mut self, text: &str) -> Machine {
        self.until.push(text.to_string());
        self
    }

    /// Presses keys when the console shows a text for the first time.
    pub fn answer(mut self, text: &str, keys: &str) -> Machine {
        self.answers.push((text.to_string(), keys.to_string()));
        self
    }

    /// Its clocks go by what it executes. Else, where the host is busy, Linux may find that its timer does not work, and
    /// panic, unless it was started with `no_timer_check`. It costs a quarter more.
    pub fn own_time(mut self) -> Machine {
        self.own_time = true;
        self
    }

    /// How long it may take: 300 seconds unless said; a machine alone needs 25, but cores may be shared.
    pub fn limit(mut self, limit: Duration) -> Machine {
        self.limit = limit;
        self
    }

    /// Boots in a network, when fewer than two other machines run.
    ///
    /// # Panics
    /// When QEMU or a file that it needs is not there, or QEMU reports an error.
    pub fn boot(&self, lan: &Namespace) -> Boot {
        let _turn = Turn::take();
        let folder = tempfile::tempdir().unwrap();
        let start = Instant::now();
        let mut command = self.command(lan, folder.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let console = Arc::new(Mutex::new(Vec::new()));
        let readers = [
            collect(child.stdout.take().unwrap(), Arc::clone(&console)),
            collect(child.stderr.take().unwrap(), Arc::default()),
        ];
        let mut keyboard = child.stdin.take().unwrap();
        let mut answers = self.answers.clone();
        let shown =
            |text: &str| self.until.iter().find(|wanted| text.contains(wanted.as_str())).cloned().map(End::Shown);
        let mut end = loop {
            let off = child.try_wait().unwrap().is_some();
            let text = plain(&console.lock().unwrap());
            if let Some(end) = shown(&text) {
                break end;
            }
            answers.retain(|(asked, keys)| {
                let now = text.contains(asked.as_str());
                if now {
                    // It may have gone off in the meantime.
                    let _ = keyboard.write_all(keys.as_bytes()).and_then(|()| keyboard.flush());
                }
                !now
            });
            if off {
                break End::Off;
            }
            if start.elapsed() > self.limit {
                break End::TimeUp;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let _ = child.kill();
        let status = child.wait().unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let [_, errors] = readers.map(|reader| reader.join().unwrap());
        let console = plain(&console.lock().unwrap());
        if end == End::Off {
            // Its last words may have been read later than its end was seen.
            end = shown(&console).unwrap_or(end);
        }
        assert!(
            end != End::Off || status.success(),
            "QEMU: {}\n{console}",
            String::from_utf8_lossy(&errors.lock().unwrap())
        );
        Boot { end, console, seconds }
    }

    fn command(&self, lan: &Namespace, folder: &Path) -> Command {
        let mut command = lan.command("qemu-system-x86_64", "qemu-system-x86");
        // SeaBIOS writes to the serial line what it would show on a screen. A machine without anything to boot resets,
        // and a machine that resets ends.
        command.args(["-accel", "tcg", "-machine", "pc,graphics=off", "-m", "512"]);
        command.args(["-nodefaults", "-display", "none", "-no-reboot", "-boot", "reboot-timeout=1"]);
        command.args(["-chardev", "stdio,id=console", "-serial", "chardev:console"]);
        if self.own_time {
            command.args(["-icount", "shift=auto"]);
        }
        if self.firmware == Firmware::Uefi {
            let code = needed("/usr/share/OVMF/OVMF_CODE_4M.fd", "ovmf");
            let variables = folder.join("variables.fd");
            std::fs::copy(needed("/usr/share/OVMF/OVMF_VARS_4M.fd", "ovmf"), &variables).unwrap();
            command.args(["-drive", &format!("if=pflash,format=raw,readonly=on,file={}", code.display())]);
            command.args(["-drive", &format!("if=pflash,format=raw,file={}", variables.display())]);
            // Else the firmware tries a card that has failed once more by its own means for each of these, and a minute
            // passes until it goes on to the disk.
            let unwanted: &[&str] = if self.start == Start::PlainRom { &["IPv6"] } else { &["IPv4", "IPv6"] };
            for protocol in unwanted {
                command.args(["-fw_cfg", &format!("name=opt/org.tianocore/{protocol}PXESupport,string=n")]);
            }
        }
        if let Start::Script(script) = &self.start {
            let place = folder.join("script.ipxe");
            std::fs::write(&place, script).unwrap();
            command.arg("-kernel").arg(needed("/usr/lib/ipxe/ipxe.lkrn", "ipxe")).arg("-initrd").arg(place);
        }
        for (index, mac) in self.cards.iter().enumerate() {
            let mut card = format!("virtio-net-pci,netdev=net{index},mac={mac}");
            if index == self.booted {
                card.push_str(",bootindex=1");
            }
            let with_rom = match self.start {
                Start::CardWithIpxe => true,
                Start::PlainRom => self.firmware == Firmware::Bios,
                Start::Script(_) => false,
            };
            if with_rom {
                needed("/usr/lib/ipxe/qemu/efi-virtio.rom", "ipxe-qemu");
            } else {
                card.push_str(",romfile=");
            }
            let cable = match (&self.start, self.firmware) {
                (Start::PlainRom, Firmware::Bios) => {
                    let [other, own] = namespace::ROM_PORTS;
                    format!("socket,id=net{index},udp=127.0.0.1:{other},localaddr=127.0.0.1:{own}")
                }
                _ => format!("tap,id=net{index},ifname=tap{index},script=no,downscript=no"),
            };
            command.args(["-netdev", &cable]);
            command.args(["-device", &card]);
        }
        if let Some(image) = &self.disk {
            let kind = if image.is_dir() { "readonly=on,file=fat:" } else { "snapshot=on,file=" };
            let drive = format!("if=none,id=disk,format=raw,{kind}{}", image.display());
            command.args(["-drive", &drive, "-device", "virtio-blk-pci,drive=disk,bootindex=2"]);
        }
        command
    }
}

/// Runs a script in iPXE, which finds files below `http://192.168.1.1/`, until the script is at its end. The lines of
/// `OPEN_NETWORK` go before it; it must not have its own `#!ipxe`.
pub fn run_script(lines: &str, root: &Path) -> Boot {
    let mut lan = Namespace::with_cables(1);
    lan.nginx(&folder_served(root));
    Machine::with_script(&format!("#!ipxe\n{OPEN_NETWORK}{lines}")).boot(&lan)
}

/// A file of a package.
fn needed(path: &str, package: &str) -> PathBuf {
    assert!(Path::new(path).is_file(), "these tests need {path}; on Debian: apt-get install {package}");
    PathBuf::from(path)
}

/// Reads to the end, beside the test.
fn collect<R: Read + Send + 'static>(
    mut from: R,
    into: Arc<Mutex<Vec<u8>>>,
) -> std::thread::JoinHandle<Arc<Mutex<Vec<u8>>>> {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            into.lock().unwrap().extend_from_slice(&buffer[..count]);
        }
        into
    })
}

/// How many machines run at once: as many as there are cores on the smallest machine that this is for.
const AT_ONCE: usize = 2;

static RUNNING: Mutex<usize> = Mutex::new(0);
static FREE: Condvar = Condvar::new();

/// The right to run a machine.
struct Turn;

impl Turn {
    fn take() -> Turn {
        let mut running = FREE.wait_while(RUNNING.lock().unwrap(), |running| *running >= AT_ONCE).unwrap();
        *running += 1;
        Turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap() -= 1;
        FREE.notify_one();
    }
}
