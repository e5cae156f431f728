//! A network of a test's own: a Linux network namespace with a loopback, cables for virtual machines, and the servers of
//! a provisioning network. No port and no address in it is in anybody's way, so a fleet's `server.url` holds as it is.
//!
//! A namespace and all that runs in it end with the value, and also when the test itself is killed: the namespace is held
//! by a shell that waits for the end of its input, and each program is told to die with the test that started it.
#![allow(dead_code)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// The address of the server, in the network of the examples.
pub const SERVER: &str = "192.168.1.1";

/// UDP ports of the cable of a machine with a plain ROM: the cable's end, and the machine's.
pub const ROM_PORTS: [u16; 2] = [7001, 7002];

/// A network namespace, and the programs that run in it.
pub struct Namespace {
    holder: Child,
    programs: Vec<(String, Child)>,
    /// Configuration and logs.
    folder: tempfile::TempDir,
}

impl Drop for Namespace {
    fn drop(&mut self) {
        for child in self.programs.iter_mut().map(|(_, child)| child).chain([&mut self.holder]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Where a program is, as root's shell would find it.
///
/// # Panics
/// When it is not installed: a test that is not run proves nothing.
pub fn program(name: &str, package: &str) -> PathBuf {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut places = path.split(':').chain(["/usr/sbin", "/sbin"]).map(|folder| Path::new(folder).join(name));
    places.find(|place| place.is_file()).unwrap_or_else(|| {
        panic!("these tests need `{name}`; on Debian: apt-get install {package}");
    })
}

/// Whether the test runs as root. Others get a namespace of users, in which they are root, where the system allows it.
fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.split_whitespace().take(3).eq(["Uid:", "0", "0"]))
}

impl Namespace {
    /// A namespace with nothing but its loopback.
    ///
    /// # Panics
    /// When the system does not allow it.
    pub fn new() -> Namespace {
        let mut command = Command::new(program("unshare", "util-linux"));
        if !is_root() {
            command.args(["--user", "--map-root-user"]);
        }
        command.args(["--net", "sh", "-c", "echo up; read end"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut holder = command.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut said).unwrap();
        if said != "up\n" {
            let output = holder.wait_with_output().unwrap();
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            panic!(
                "these tests make network namespaces of their own, and may not here: {error}run them as root, or allow \
                 it: sysctl kernel.unprivileged_userns_clone=1"
            );
        }
        let namespace = Namespace { holder, programs: Vec::new(), folder: tempfile::tempdir().unwrap() };
        namespace.ip("link set lo up");
        namespace
    }

    /// A provisioning network: cables `tap0`, `tap1` … for the cards of a machine, all of one switch, on which the server
    /// has its address, 192.168.1.1/24.
    ///
    /// # Panics
    /// When the system has no tap devices, or forbids them.
    pub fn with_cables(count: usize) -> Namespace {
        if let Err(error) = fs::File::options().read(true).write(true).open("/dev/net/tun") {
            panic!("these tests need /dev/net/tun ({error}): run them as root, with the kernel's module `tun`");
        }
        let namespace = Namespace::new();
        namespace.ip("link add lan type bridge");
        // Else it forwards nothing for the first seconds.
        namespace.ip("link set lan type bridge stp_state 0 forward_delay 0");
        for cable in 0..count {
            namespace.ip(&format!("tuntap add tap{cable} mode tap"));
            namespace.ip(&format!("link set tap{cable} master lan up"));
        }
        namespace.ip(&format!("address add {SERVER}/24 dev lan"));
        namespace.ip("address add fd00::1/64 dev lan nodad");
        namespace.ip("link set lan up");
        namespace
    }

    /// Its folder, for configuration and logs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A command that runs a program in here. It dies with the thread that starts it.
    pub fn command(&self, name: &str, package: &str) -> Command {
        let mut command = Command::new(program("nsenter", "util-linux"));
        command.args(["--target", &self.holder.id().to_string(), "--net"]);
        if !is_root() {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg(program("setpriv", "util-linux")).args(["--pdeathsig", "KILL"]).arg(program(name, package));
        command
    }

    /// Runs `ip` with words that are separated by blanks.
    pub fn ip(&self, words: &str) {
        let output = self.command("ip", "iproute2").args(words.split(' ')).output().unwrap();
        assert!(output.status.success(), "ip {words}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Starts a server, and waits until it has written its process id, which it does when it listens.
    fn start(&mut self, command: Command, name: &str) {
        let pid = self.folder().join(format!("{name}.pid"));
        self.start_until(command, name, || fs::read(&pid).is_ok_and(|pid| !pid.is_empty()));
    }

    /// Starts a server, and waits until it listens.
    fn start_until(&mut self, mut command: Command, name: &str, listens: impl Fn() -> bool) {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let errors = self.folder().join(format!("{name}.stderr"));
        let mut child = command.stderr(fs::File::create(&errors).unwrap()).spawn().unwrap();
        let start = Instant::now();
        while !listens() {
            if child.try_wait().unwrap().is_some() || start.elapsed() > PATIENCE {
                let _ = child.kill();
                panic!(
                    "{name} does not start:\n{}{}",
                    self.text(&format!("{name}.stderr")),
                    self.text(&format!("{name}.log"))
                );
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.programs.push((name.to_string(), child));
    }

    /// Serves over HTTP with nginx. `servers` are its `server { … }` blocks; nothing else is set that matters to clients.
    pub fn nginx(&mut self, servers: &str) {
        let place = self.folder().to_str().unwrap().to_string();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {place}/{name};\n"))
            .concat();
        let text = format!(
            "user root;\ndaemon off;\nmaster_process off;\npid {place}/nginx.pid;\nerror_log {place}/nginx.log;\nevents {{}}\n\
             http {{\n{temporary}log_format request '$status $request_uri';\naccess_log {place}/requests.log request;\n\
             default_type application/octet-stream;\n{servers}\n}}\n"
        );
        fs::write(self.folder().join("nginx.conf"), text).unwrap();
        let mut command = self.command("nginx", "nginx-light");
        let log = self.folder().join("nginx.log");
        command.args(["-p", &place, "-e", log.to_str().unwrap(), "-c", &format!("{place}/nginx.conf")]);
        self.start(command, "nginx");
    }

    /// What nginx was asked for, in order: status and path of each request.
    pub fn requests(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder().join("requests.log")).unwrap_or_default();
        log.lines().map(str::to_string).collect()
    }

    /// Runs dnsmasq with these lines of configuration.
    pub fn dnsmasq(&mut self, name: &str, lines: &str) {
        let place = self.folder().to_str().unwrap().to_string();
        let conf = format!("{place}/{name}.conf");
        fs::write(&conf, format!("{lines}\nlog-facility={place}/{name}.log\n")).unwrap();
        let mut command = self.command("dnsmasq", "dnsmasq-base");
        // It stays the user that it is, who may be root in this namespace alone; then it writes no process id.
        command.args(["--no-daemon", &format!("--conf-file={conf}")]);
        command.arg(format!("--dhcp-leasefile={place}/{name}.leases"));
        let log = self.folder().join(format!("{name}.log"));
        self.start_until(command, name, || fs::read_to_string(&log).is_ok_and(|log| log.contains(": started, ")));
    }

    /// Serves IPv6 addresses. iPXE asks for IPv4 and IPv6 at once, and waits 15 seconds for the one that nobody answers;
    /// UEFI, which tries HTTP boot before a disk, waits more than a minute, and gets a file that is not there.
    pub fn serve_ipv6(&mut self) {
        // Boot file URL, and vendor class: of maker 343, 10 bytes, `HTTPClient`.
        self.dnsmasq(
            "ipv6",
            "port=0\ninterface=lan\nbind-interfaces\nenable-ra\ndhcp-range=fd00::100,fd00::1ff,64\n\
             dhcp-match=set:http,option6:61,16\ndhcp-option=tag:http,option6:59,http://[fd00::1]/none.efi\n\
             dhcp-option-force=tag:http,option6:16,00:00:01:57:00:0a:48:54:54:50:43:6c:69:65:6e:74\nlog-dhcp",
        );
    }

    /// Makes cable `tap0` one on which a ROM with iPXE looks like a PXE ROM of another maker, until it has loaded a boot
    /// program.
    pub fn plain_rom(&mut self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/plain_rom.py");
        let mut command = self.command("python3", "python3");
        command.arg(script).arg("tap0").args(ROM_PORTS.map(|port| port.to_string()));
        command.arg(self.folder().join("plain_rom.pid"));
        self.start(command, "plain_rom");
    }

    /// Answers every request on a port with these bytes, header and all, and closes the connection.
    pub fn answer_with(&mut self, port: u16, bytes: &[u8]) {
        let name = format!("answer-{port}");
        let place = self.folder().join(&name);
        fs::write(&place, bytes).unwrap();
        let program = "import os, socket, sys\nanswer = open(sys.argv[1], 'rb').read()\n\
                       server = socket.create_server(('', int(sys.argv[3])))\nopen(sys.argv[2], 'w').write(str(os.getpid()))\n\
                       while True:\n    client, _ = server.accept()\n    client.recv(65536)\n\
                       \x20   client.sendall(answer)\n    client.close()\n";
        let mut command = self.command("python3", "python3");
        command.args(["-c", program]).arg(place).arg(self.folder().join(format!("{name}.pid")));
        command.arg(port.to_string());
        self.start(command, &name);
    }

    /// A log or a configuration in its folder, for a failure's message; empty when it is not there.
    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder().join(name)).unwrap_or_default()
    }
}
