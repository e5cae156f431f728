//! Faults in the server, in releases and in boot files.

use crate::kind::{Change, Kind, Lines, fleet};

const NO_SCRIPT: &str = "machines cannot fetch their script, and boot their old disk (X-2)";
const NO_KERNEL: &str = "the script fails, and machines boot their old disk (X-2)";
const WIPED: &str = "an installer without a usable `isterconf=` wipes sda with its own template (I-3)";
const NO_VERSION: &str = "the installer rejects the template (I-30, I-40)";

fn server(lines: &Lines, index: usize, new: impl Fn(&str, &str) -> String) -> Option<Change> {
    if !lines.is_in(index, &["server"]) {
        return None;
    }
    lines.set(index, "url", |url| {
        let (scheme, rest) = url.split_once("://")?;
        Some(new(scheme, rest))
    })
}

fn release(lines: &Lines, index: usize, key: &str, new: impl Fn(&str) -> Option<String>) -> Option<Change> {
    lines.is_in(index, &["releases", "*"]).then(|| lines.set(index, key, |value| new(value))).flatten()
}

fn version(lines: &Lines, index: usize, new: &str) -> Option<Change> {
    if lines.line(index).contains("kind: ") {
        return None;
    }
    release(lines, index, "version", |_| Some(new.to_string()))
}

fn installer(lines: &Lines, index: usize, key: &str, new: &str) -> Option<Change> {
    let inside = lines.path(index).last() == Some(&"installer") || lines.line(index).contains("kind: ");
    inside.then(|| release(lines, index, key, |_| Some(new.to_string()))).flatten()
}

fn kernel(lines: &Lines, index: usize, new: impl Fn(&str) -> Option<String>) -> Option<Change> {
    release(lines, index, "kernel", |kernel| if kernel.starts_with('{') { None } else { new(kernel) })
}

fn argument(lines: &Lines, index: usize, argument: &str) -> Option<Change> {
    release(lines, index, "boot_args", |list| Some(format!("{}, {argument}]", list.strip_suffix(']')?)))
}

/// The value of a key that stands in the same block.
fn sibling<'l>(lines: &'l Lines, index: usize, key: &str) -> Option<&'l str> {
    let (first, last) = lines.block(index);
    (first..=last).find_map(|at| lines.value(at, key)).map(|(_, value)| value)
}

pub const KINDS: &[Kind] = &[
    // The format and the server.
    fleet("no version of the format", "nobody knows how to read the file", |l, i| l.drop(i, "version: 1")),
    fleet("another version of the format", "nobody knows how to read the file", |l, i| {
        if l.path(i).is_empty() { l.set(i, "version", |_| Some("2".to_string())) } else { None }
    }),
    fleet("no URL of the server", NO_SCRIPT, |l, i| if l.is_in(i, &["server"]) { l.drop_key(i, "url") } else { None }),
    fleet("a server without a scheme", NO_SCRIPT, |l, i| server(l, i, |_, rest| rest.to_string())),
    fleet("a scheme with one slash", NO_SCRIPT, |l, i| server(l, i, |scheme, rest| format!("{scheme}:/{rest}"))),
    fleet("a misspelt scheme", NO_SCRIPT, |l, i| server(l, i, |_, rest| format!("htp://{rest}"))),
    fleet("a server over ftp", NO_SCRIPT, |l, i| server(l, i, |_, rest| format!("ftp://{rest}"))),
    fleet("a server over https", "common builds of iPXE have no TLS (X-12)", |l, i| {
        server(l, i, |_, rest| format!("https://{rest}"))
    }),
    fleet("a server with a query", "the installer cuts it at `=` (I-1)", |l, i| {
        server(l, i, |scheme, rest| format!("{scheme}://{rest}/?rack=1"))
    }),
    fleet("a server with a fragment", "iPXE drops what follows `#` (X-7)", |l, i| {
        server(l, i, |scheme, rest| format!("{scheme}://{rest}/#tree"))
    }),
    fleet("a server with an equals sign", "the installer cuts it there (I-1, I-6)", |l, i| {
        server(l, i, |scheme, rest| format!("{scheme}://{rest}/a=b"))
    }),
    fleet("a server with a variable of iPXE", WIPED, |l, i| {
        server(l, i, |scheme, _| format!("{scheme}://${{next-server}}"))
    }),
    fleet("a server with a password", "anybody can read it", |l, i| {
        server(l, i, |scheme, rest| format!("{scheme}://admin:secret@{rest}"))
    }),
    fleet("a server by IPv6", "the installer knows IPv4 alone (I-15)", |l, i| {
        server(l, i, |scheme, _| format!("{scheme}://[fd00::1]"))
    }),
    fleet("a server called localhost", "each machine is that to itself", |l, i| {
        server(l, i, |scheme, _| format!("{scheme}://localhost"))
    }),
    fleet("a server at 127.0.0.1", "each machine is that to itself", |l, i| {
        server(l, i, |scheme, _| format!("{scheme}://127.0.0.1"))
    }),
    fleet("a server at 0.0.0.0", NO_SCRIPT, |l, i| server(l, i, |scheme, _| format!("{scheme}://0.0.0.0"))),
    fleet("a server with a number too few", NO_SCRIPT, |l, i| {
        server(l, i, |scheme, _| format!("{scheme}://192.168.1"))
    }),
    fleet("a server with an underscore in its name", NO_SCRIPT, |l, i| {
        server(l, i, |scheme, _| format!("{scheme}://boot_server.example"))
    }),
    fleet("a server with port 99999", NO_SCRIPT, |l, i| {
        server(l, i, |scheme, _| format!("{scheme}://192.168.1.1:99999"))
    }),
    fleet("a server with a blank in its path", "the kernel command line ends there (I-1)", |l, i| {
        server(l, i, |scheme, rest| format!("\"{scheme}://{rest}/my tree\""))
    }),
    fleet("a server without a host", NO_SCRIPT, |l, i| server(l, i, |scheme, _| format!("{scheme}:///tree"))),
    fleet("a server at the address of a host", "two machines fight over one address", |l, i| {
        let ip = (0..l.all.len()).find_map(|at| l.value(at, "address"))?.1.split('/').next()?.to_string();
        server(l, i, |scheme, _| format!("{scheme}://{ip}"))
    }),
    fleet(
        "a folder of the service with a slash",
        "the service's answers are not where they are asked for (I-13)",
        |l, i| {
            if l.is_in(i, &["server"]) { l.set(i, "service", |name| Some(format!("{name}/"))) } else { None }
        },
    ),
    fleet("a folder of the service that is taken", "two kinds of files fight over one folder", |l, i| {
        if l.is_in(i, &["server"]) { l.set(i, "service", |_| Some("boot".to_string())) } else { None }
    }),
    // Releases.
    fleet("version 0 of a release", NO_VERSION, |l, i| version(l, i, "0")),
    fleet("a negative version of a release", NO_VERSION, |l, i| version(l, i, "-29880")),
    fleet("a version of a release with a fraction", "it passes, and no such release is found (I-40)", |l, i| {
        version(l, i, "29880.5")
    }),
    fleet("a version of a release in words", NO_VERSION, |l, i| version(l, i, "newest")),
    fleet("a version of a release with a v", NO_VERSION, |l, i| version(l, i, "v29880")),
    fleet("`Latest` in capitals", NO_VERSION, |l, i| version(l, i, "Latest")),
    fleet("a list of versions", NO_VERSION, |l, i| version(l, i, "[29880]")),
    fleet("a version of a release with thousands", NO_VERSION, |l, i| version(l, i, "29_880")),
    fleet("no version of a release", NO_VERSION, |l, i| {
        if l.is_in(i, &["releases", "*"]) { l.drop_key(i, "version") } else { None }
    }),
    fleet("no kernel of a release", NO_KERNEL, |l, i| {
        if l.is_in(i, &["releases", "*"]) { l.drop_key(i, "kernel") } else { None }
    }),
    fleet("no initrd of a release", NO_KERNEL, |l, i| {
        if l.is_in(i, &["releases", "*"]) { l.drop_key(i, "initrd") } else { None }
    }),
    fleet("no installer of a release", "its version decides what may be written (I-45)", |l, i| {
        if l.is_in(i, &["releases", "*"]) { l.drop_key(i, "installer") } else { None }
    }),
    fleet("no kind of installer", "its kind decides what may be written (P-7)", |l, i| {
        if l.is_in(i, &["releases", "*"]) && l.line(i).contains("kind: ") { l.unset(i, "kind") } else { None }
    }),
    fleet("no version of the installer", "it decides what may be written (I-45)", |l, i| {
        if l.is_in(i, &["releases", "*"]) && l.line(i).contains("kind: ") { l.unset(i, "version") } else { None }
    }),
    fleet("a misspelt installer", "images of another installer read another file (P-7)", |l, i| {
        installer(l, i, "kind", "isterr")
    }),
    fleet("another installer", "it reads another file (P-7)", |l, i| installer(l, i, "kind", "clr-installer")),
    fleet("version 0 of the installer", "there is none", |l, i| installer(l, i, "version", "0")),
    fleet("a version of the installer with a v", "there is none", |l, i| installer(l, i, "version", "v69")),
    fleet("a version of the installer that never was", "there is none", |l, i| installer(l, i, "version", "699")),
    fleet("an installer before roles", "it knows no service, so roles are not stored (0)", |l, i| {
        installer(l, i, "version", "37")
    }),
    fleet("an installer that edits the wrong unit", "it fails once the disk is written (I-23, B-2)", |l, i| {
        installer(l, i, "version", "63")
    }),
    // Boot files.
    fleet("a kernel URL with one slash", NO_KERNEL, |l, i| {
        kernel(l, i, |_| Some("http:/mirror.example/linux".to_string()))
    }),
    fleet("a kernel URL with a misspelt scheme", NO_KERNEL, |l, i| {
        kernel(l, i, |_| Some("htp://mirror.example/linux".to_string()))
    }),
    fleet("a kernel URL without a host", NO_KERNEL, |l, i| kernel(l, i, |_| Some("http:///linux".to_string()))),
    fleet("a kernel URL with a variable of iPXE", NO_KERNEL, |l, i| {
        kernel(l, i, |_| Some("http://${next-server}/linux".to_string()))
    }),
    fleet("a kernel name with a blank", "iPXE takes what follows for an argument (X-7)", |l, i| {
        kernel(l, i, |name| Some(format!("{name} 29880")))
    }),
    fleet(
        "a kernel name with a fragment",
        "iPXE drops the rest of the line, `isterconf=` with it (X-7, I-3)",
        |l, i| kernel(l, i, |name| Some(format!("\"{name} #1\""))),
    ),
    fleet("a kernel name with a colon", "iPXE reads a scheme (X-6)", |l, i| {
        kernel(l, i, |_| Some("\"linux:29880\"".to_string()))
    }),
    fleet("a kernel outside of the tree", NO_KERNEL, |l, i| kernel(l, i, |_| Some("../linux".to_string()))),
    fleet("a kernel that is the initrd", "iPXE boots it, and it is no program (X-4)", |l, i| {
        let initrd = sibling(l, i, "initrd")?.to_string();
        kernel(l, i, |_| Some(initrd.clone()))
    }),
    fleet("an initrd that is the kernel", "the kernel panics (X-10)", |l, i| {
        let kernel = sibling(l, i, "kernel")?.to_string();
        release(l, i, "initrd", |_| (!kernel.starts_with('{')).then(|| kernel.clone()))
    }),
    fleet("a kernel as a list", NO_KERNEL, |l, i| kernel(l, i, |kernel| Some(format!("[{kernel}]")))),
    fleet("a boot file that is not there", NO_KERNEL, |l, i| l.swap(i, "file: boot/", "file: boots/")),
    fleet("a boot file above the fleet file", NO_KERNEL, |l, i| l.swap(i, "file: boot/", "file: ../boot/")),
    fleet("a digest with a digit too few", "a boot file cannot be compared", |l, i| {
        let line = l.line(i);
        let at = line.find("sha256: ")? + 8;
        l.says(i).then(|| Change::Line(format!("{}{}", &line[..at], &line[at + 1..])))
    }),
    fleet("another digest", "the boot file is not the one that was meant", |l, i| {
        let line = l.line(i);
        let at = line.find("sha256: ")? + 8;
        let digit = if line[at..].starts_with('0') { "1" } else { "0" };
        // What lies on a server is not compared.
        let copied = line.contains("file: ") || (i > 0 && l.line(i - 1).contains("file: "));
        (l.says(i) && copied).then(|| Change::Line(format!("{}{digit}{}", &line[..at], &line[at + 1..])))
    }),
    fleet("a boot file without its place", NO_KERNEL, |l, i| {
        l.swap(i, "file: boot/", "sha255: boot/").and_then(|_| l.unset(i, "file"))
    }),
    // Boot arguments.
    fleet("boot arguments as text", "it would be one argument", |l, i| {
        release(l, i, "boot_args", |list| {
            Some(list.trim_matches(['[', ']']).replace([',', '"'], "")).filter(|text| !text.is_empty())
        })
    }),
    fleet("a boot argument with a blank", "iPXE takes it for two (X-7)", |l, i| argument(l, i, "\"tsc reliable\"")),
    fleet(
        "a boot argument that begins with `#`",
        "iPXE drops the rest of the line, `isterconf=` with it (X-7, I-3)",
        |l, i| argument(l, i, "\"#debug\""),
    ),
    fleet("a boot argument with a variable of iPXE", "it is empty where it is not set (X-7)", |l, i| {
        argument(l, i, "\"ip=${net0/ip}\"")
    }),
    fleet("a second `isterconf=`", "the installer takes an arbitrary one (I-2)", |l, i| {
        argument(l, i, "\"isterconf=http://192.168.1.1/x\"")
    }),
    fleet("an `initrd=` of one's own", "the kernel panics (X-10)", |l, i| argument(l, i, "initrd=initrd2")),
    fleet("an `init=` for the installer", "in an initrd only `rdinit=` counts (N-8)", |l, i| {
        argument(l, i, "init=/usr/lib/systemd/systemd-bootchart")
    }),
    fleet("an installer that exits", "nothing is installed (I-10)", |l, i| argument(l, i, "ister.exit")),
    fleet("an installer with an open door", "anybody is root in it without a password (I-10)", |l, i| {
        argument(l, i, "ister.root_ssh")
    }),
    fleet("a boot argument that stands twice", "one of the two was meant to be another", |l, i| argument(l, i, "rw")),
    fleet(
        "boot arguments longer than the line",
        "the kernel cuts them without a word, `isterconf=` with them (X-8)",
        |l, i| argument(l, i, &format!("debug={}", "x".repeat(2000))),
    ),
];
