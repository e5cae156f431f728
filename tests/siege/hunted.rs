//! Builds are killed at random moments, hundreds of times, while a machine walks the tree over HTTP without pause: each
//! answer is whole, and a walk that no exchange fell into is of one generation.
//!
//! The two fleets differ in every file of every machine. A walk is the entry, the machine's script, kernel and initrd,
//! `ister.conf`, the template, the service's answer and the role text.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use fleetc::publish::Manifest;

use crate::files::names;
use crate::ipxe::{self, End, Machine};
use crate::server::{Kind, Server};
use crate::{installer, program};

/// The variable that says for how many seconds to go on; 20 without it.
const SECONDS: &str = "FLEETC_KILL_SECONDS";
/// Machines that walk.
const HOSTS: usize = 40;
/// What the admin put beside the tree; a build only carries it along.
const BESIDE: [&str; 2] = ["linux", "initrd"];

type Files = BTreeMap<String, Vec<u8>>;

fn mac(host: usize) -> String {
    format!("52:54:00:00:01:{host:02x}")
}

/// The fleet of a generation, `a` or `b`. Each build has a host of its own, so that no two manifests are equal.
fn fleet(generation: char, build: usize) -> String {
    let g = generation;
    let hosts: String =
        (0..HOSTS).map(|host| format!("  node-{host}: {{ mac: {}, role: web-{g} }}\n", mac(host))).collect();
    let extra =
        format!("  build-{build}: {{ mac: 52:54:01:00:{:02x}:{:02x}, role: web-{g} }}\n", build >> 8, build & 255);
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c you@desk";
    format!(
        "version: 1
server: {{ url: http://boot.example/{g} }}
releases:
  stable: {{ version: 29880, kernel: linux, initrd: initrd, installer: {{ kind: ister, version: 69 }} }}
layouts:
  one-disk:
    - disk: sda
      partitions:
        - {{ size: 512M, type: EFI, filesystem: vfat, mount: /boot }}
        - {{ size: rest, filesystem: ext4, mount: / }}
defaults:
  release: stable
  layout: one-disk
  bundles: [kernel-native, os-core, os-core-update, os-cloudguest, openssh-server, systemd-networkd-autostart]
  users: [{{ name: ada, full_name: generation {g}, sudo: true, ssh_key: {key} }}]
roles:
  web-{g}:
    cloud_config: |
      #cloud-config
      # generation {g}
      service:
        - mask: ucd.service
hosts:
{hosts}{extra}"
    )
}

/// The folder of the fleet files, and the output folder in one of its own.
struct Place {
    folder: tempfile::TempDir,
    /// What `--spare` is given.
    spare: &'static str,
}

impl Place {
    fn fleet(&self) -> PathBuf {
        self.folder.path().join("fleet.yaml")
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("srv/out")
    }

    /// Builds to the end.
    fn build(&self, generation: char, number: usize, out: &Path) -> Files {
        fs::write(self.fleet(), fleet(generation, number)).unwrap();
        let run =
            program::fleetc(self.folder.path(), &["build", "--spare", self.spare, "--output", out.to_str().unwrap()]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
        program::read(out)
    }

    /// Begins a build and kills it at a moment of `moments`; says whether it was killed before its end.
    fn kill(&self, generation: char, number: usize, moments: &mut Moments) -> bool {
        fs::write(self.fleet(), fleet(generation, number)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_fleetc"));
        command.args(["build", "--spare", self.spare, "--output"]).arg(self.out()).current_dir(self.folder.path());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        // One in four anywhere; the others once it writes.
        if moments.below(4) > 0 {
            let new = self.out().with_file_name(".out.fleetc-new");
            while !new.exists() && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_micros(100));
            }
            std::thread::sleep(moments.window.mul_f64(moments.part()));
        } else {
            std::thread::sleep((moments.typical + moments.window).mul_f64(moments.part()));
        }
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() || output.status.signal() == Some(9), "{output:?}");
        let killed = !output.status.success();
        // On any machine some builds are to come to their ends, and most are not.
        moments.window = moments.window.mul_f64(if killed { 1.1 } else { 0.85 }).max(Duration::from_millis(1));
        killed
    }
}

/// Random moments, from a seed that is printed.
struct Moments {
    state: u64,
    /// How long a build takes when it is left alone.
    typical: Duration,
    /// How long after its first write a build is killed, at most.
    window: Duration,
}

impl Moments {
    /// A number below `end` (xorshift64).
    fn below(&mut self, end: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % end
    }

    fn part(&mut self) -> f64 {
        self.below(1 << 20) as f64 / f64::from(1 << 20)
    }
}

/// What the reader saw.
#[derive(Debug, Default)]
struct Seen {
    requests: usize,
    /// Answers that are no generation's.
    torn: Vec<String>,
    /// Walks that no exchange fell into, by generation.
    whole: [usize; 2],
    /// Walks that an exchange fell into.
    crossed: usize,
    /// Walks that no exchange fell into, and yet of two generations, or with something missing.
    mixed: Vec<String>,
}

/// Asks a server on behalf of a machine.
struct Reader<'r> {
    server: &'r Server,
    trees: &'r [Files; 2],
    seen: Seen,
}

impl Reader<'_> {
    /// The manifest, which is different after each exchange.
    fn manifest(&mut self) -> Vec<u8> {
        let answer = self.server.get("/manifest.json");
        self.seen.requests += 1;
        if answer.status != 200 || Manifest::parse(&answer.body).is_err() {
            self.seen.torn.push(format!("manifest.json: {}", answer.status));
        }
        answer.body
    }

    /// A file by its URL; `of` counts the answers of each generation, and those that neither has alone.
    fn get(&mut self, url: &str, of: &mut [usize; 2]) -> Option<Vec<u8>> {
        let path = url.strip_prefix("http://boot.example/a/").or_else(|| url.strip_prefix("http://boot.example/b/"));
        let path = path.unwrap_or_else(|| panic!("{url} leads away"));
        let answer = self.server.get(&format!("/{path}"));
        self.seen.requests += 1;
        let known = [0, 1].map(|index| self.trees[index].get(path));
        let right = if answer.status == 200 { Some(&answer.body) } else { None };
        if answer.status != 200 && answer.status != 404 || !known.contains(&right) {
            let sizes = known.map(|known| known.map(Vec::len));
            self.seen.torn.push(format!("{path}: {}, {} bytes, not {sizes:?}", answer.status, answer.body.len()));
        }
        // The entry and what stands beside may be the same in both.
        if known[0] != known[1] {
            for index in [0, 1] {
                of[index] += usize::from(known[index] == right);
            }
        }
        right.cloned()
    }

    /// Walks one machine from the entry to its role.
    fn walk(&mut self, host: usize) {
        let before = self.manifest();
        let machine = Machine { booted: 0, cards: vec![mac(host)] };
        let mut of = [0, 0];
        // A machine has the URL of the entry from its DHCP server; only the path matters here.
        let entry = "http://boot.example/a/ipxe_boot_script.txt";
        let end = ipxe::boot(&machine, entry, &mut |url| self.get(url, &mut of), &mut || false).end;
        let arrives = match end {
            End::NextDevice => Err("goes on to its disk".to_string()),
            End::Boot(boot) => installer::install(&boot, &mac(host), &mut |url| self.get(url, &mut of)).map(|_| ()),
        };
        if self.manifest() != before {
            self.seen.crossed += 1;
            return;
        }
        match (arrives, of) {
            (Ok(()), [6, 0]) => self.seen.whole[0] += 1,
            (Ok(()), [0, 6]) => self.seen.whole[1] += 1,
            (arrives, of) => self.seen.mixed.push(format!("node-{host}: {arrives:?}, {of:?}")),
        }
    }
}

/// Reads without pause until told to stop.
fn read(server: &Server, trees: &[Files; 2], stop: &AtomicBool) -> Seen {
    let mut reader = Reader { server, trees, seen: Seen::default() };
    let mut host = 0;
    while !stop.load(Ordering::Relaxed) {
        reader.walk(host % HOSTS);
        host += 1;
    }
    reader.seen
}

#[test]
fn no_kill_tears_a_file_or_mixes_a_machine() {
    println!("{}", hunt("never"));
}

#[test]
fn no_kill_does_with_a_spare() {
    println!("{}", hunt("always"));
}

/// Kills builds; gives what there was.
fn hunt(spare: &'static str) -> String {
    let place = Place { folder: tempfile::tempdir().unwrap(), spare };
    let mut trees =
        ['a', 'b'].map(|generation| place.build(generation, 0, &place.folder.path().join(generation.to_string())));
    let begun = Instant::now();
    place.build('a', 0, &place.out());
    let typical = begun.elapsed();
    for name in BESIDE {
        fs::write(place.out().join(name), format!("{name} of the admin\n")).unwrap();
        trees
            .iter_mut()
            .for_each(|tree| drop(tree.insert(name.to_string(), format!("{name} of the admin\n").into_bytes())));
    }
    let seed = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64 | 1;
    let mut moments = Moments { state: seed, typical, window: typical };
    let seconds = std::env::var(SECONDS).map_or(20, |seconds| seconds.parse().unwrap());
    let server = Server::start(Kind::Nginx, &place.out());
    let (stop, begun) = (AtomicBool::new(false), Instant::now());
    let (mut builds, mut killed) = (0, 0);
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| read(&server, &trees, &stop));
        while begun.elapsed() < Duration::from_secs(seconds) && !reader.is_finished() {
            builds += 1;
            killed += usize::from(place.kill(['a', 'b'][builds % 2], builds, &mut moments));
        }
        stop.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    let summary = format!(
        "spare {spare}, seed {seed}: {builds} builds, {killed} killed; {} requests, {} torn; {} + {} whole walks, {} crossed, {} mixed",
        seen.requests,
        seen.torn.len(),
        seen.whole[0],
        seen.whole[1],
        seen.crossed,
        seen.mixed.len()
    );
    assert_eq!((&seen.torn, &seen.mixed), (&Vec::new(), &Vec::new()), "{summary}");
    // A slow machine kills fewer; none would prove nothing.
    assert!(killed >= 10 && seen.whole[0] > 0 && seen.whole[1] > 0, "{seen:?}");

    let healed = place.build('b', builds + 1, &place.out());
    let beside = if spare == "never" { &[][..] } else { &[".out.fleetc-ledger", ".out.fleetc-spare"] };
    assert_eq!(names(&place.folder.path().join("srv")), [beside, &["out"]].concat(), "nothing else is left beside");
    let mut fresh = place.build('b', builds + 1, &place.folder.path().join("fresh"));
    fresh.extend(BESIDE.map(|name| (name.to_string(), format!("{name} of the admin\n").into_bytes())));
    assert!(healed == fresh, "the next build makes what a first one makes");
    summary
}
