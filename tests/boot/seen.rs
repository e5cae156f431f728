//! What was seen of a boot: the console, and the server's log. A failure shows both.

use data_encoding::BASE64;

use crate::disk;
use crate::initrd::MARK;
use crate::installer::{self, Installation};
use crate::ipxe;
use crate::qemu::{Boot, End};
use crate::site::Site;

/// A boot in the network of a site.
pub struct Seen<'s> {
    pub site: &'s Site,
    pub boot: Boot,
    /// Status and path of every request that the server got.
    pub requests: Vec<String>,
}

/// What is written into the table of boots.
pub struct Outcome {
    pub text: String,
    pub seconds: f64,
}

impl Seen<'_> {
    /// # Panics
    /// With the console, when something is not as it must be.
    pub fn check(&self, holds: bool, what: &str) {
        assert!(
            holds,
            "{what}\n---- the console, which ended with {:?} after {:.1} s:\n{}\n---- requests:\n{}\n----",
            self.boot.end,
            self.boot.seconds,
            self.boot.console,
            self.requests.join("\n")
        );
    }

    /// The console shows a text.
    pub fn shows(&self, text: &str) {
        self.check(self.boot.console.contains(text), &format!("{text:?} is not on the console"));
    }

    /// The server answered a request for a path below `server.url` in this way, and in no other.
    pub fn answered(&self, status: u16, path: &str) {
        let path = format!("{}/{path}", self.site.url.path);
        let of_path = |request: &&String| request.split_once(' ').is_some_and(|(_, asked)| asked == path);
        let answers: Vec<&String> = self.requests.iter().filter(of_path).collect();
        let right = !answers.is_empty() && answers.iter().all(|answer| answer.starts_with(&status.to_string()));
        self.check(right, &format!("{path} was not answered with {status}: {answers:?}"));
    }

    /// No machine asked for anything of an installer: neither its files nor a kernel.
    pub fn asked_for_no_installer(&self) {
        for word in ["/static/ister/", "/get_config/", "/get_role/", "linux", "initrd"] {
            let asked = self.requests.iter().any(|request| request.contains(word));
            self.check(!asked, &format!("a machine that must not be installed asked for {word}"));
        }
    }

    /// The machine reached the system on its disk, and no kernel started before.
    pub fn reached_its_disk(&self) {
        self.check(self.boot.end == End::Shown(disk::SYSTEM.to_string()), "the machine does not reach its disk");
        self.check(!self.boot.console.contains(MARK), "a kernel started");
    }

    /// The outcome, for the table.
    pub fn outcome(&self, text: impl Into<String>) -> Outcome {
        Outcome { text: text.into(), seconds: self.boot.seconds }
    }

    /// What the kernel's system said under a word; lines that the console joined or broke do no harm.
    fn said(&self, word: &str) -> Vec<&str> {
        let mark = format!("{MARK} {word} ");
        let parts = self.boot.console.split(&mark).skip(1);
        parts.map(|part| part.split_once(" .\n").map_or(part, |(said, _)| said)).collect()
    }

    /// The command line of the kernel that started is that of a host, or of machines that are not listed: exactly.
    pub fn started_kernel_of(&self, host: Option<&str>, release: &str) -> String {
        let lines = self.said("line");
        self.check(lines.len() == 1, "no kernel started, or more than one");
        let site = self.site;
        let folder = host.map_or(String::new(), |host| format!("{host}/"));
        let conf = format!("isterconf={}/{}/static/ister/{folder}ister.conf", site.url.text, site.service);
        let arguments = site.document["releases"][release]["boot_args"].as_array().unwrap();
        let mut expected = vec!["initrd=initrd", &conf];
        expected.extend(arguments.iter().map(|argument| argument.as_str().unwrap()));
        // The kernel of a UEFI machine gets the name of its image before its arguments.
        let kernel = &site.document["releases"][release]["kernel"];
        let path = kernel["file"].as_str().or(kernel.as_str()).unwrap();
        let name = path.rsplit('/').next().unwrap();
        let line = lines[0].strip_prefix(&format!("{name} ")).unwrap_or(lines[0]);
        self.check(line == expected.join(" "), &format!("the kernel's line is not that of {host:?}: {expected:?}"));
        line.to_string()
    }

    /// The installer got what the tree has: `ister.conf`, template, config and role, of the host, by the card's address.
    /// What it should have asked for is computed from the kernel's line by the rules of contract 1.1.
    pub fn installed_as(&self, host: &str, release: &str, mac: &str) -> Installation {
        let line = self.started_kernel_of(Some(host), release);
        let done = self.expected(&line, mac);
        self.check(done.template["Hostname"] == host, "the template is of another host");
        self.check(done.role.is_some() && done.fetched.len() == 4, "the installer has no role to fetch");
        self.got(&done.fetched);
        done
    }

    /// The same for a machine that is not listed: its role is fetched by a hook.
    pub fn installed_unlisted(&self, release: &str, mac: &str) -> Installation {
        let line = self.started_kernel_of(None, release);
        let done = self.expected(&line, mac);
        let role = self.site.document["unknown"]["install"].as_str().unwrap();
        let url = format!("{}/{}/get_role/{role}", self.site.url.text, self.site.service);
        let hooks = done.template["PostNonChrootShell"].as_array().unwrap();
        let named = hooks.len() == 1 && hooks[0].as_str().unwrap().contains(&format!("\"{url}\""));
        self.check(named && done.role.is_none(), "the hook does not fetch the role");
        self.got(&[&done.fetched[..], &[url]].concat());
        done
    }

    fn expected(&self, line: &str, mac: &str) -> Installation {
        // Whether the kernel found its initrd is seen: its system runs.
        let images = vec![("initrd".to_string(), String::new())];
        let boot = ipxe::Boot { kernel: String::new(), line: line.to_string(), images };
        installer::install(&boot, mac, &mut |url| self.file(url).cloned()).unwrap_or_else(|fault| {
            self.check(false, &fault);
            unreachable!()
        })
    }

    /// The tree's file for a URL.
    fn file(&self, url: &str) -> Option<&Vec<u8>> {
        let path = url.strip_prefix(&self.site.url.text)?.strip_prefix('/')?;
        self.site.files.get(path)
    }

    /// The machine got these URLs, in this order, each with the bytes of the tree.
    fn got(&self, urls: &[String]) {
        self.check(self.boot.end == End::Shown(format!("{MARK} done")), "the installer did not get to its end");
        let mut got = Vec::new();
        for said in self.said("got") {
            let (url, text) = said.split_once(' ').unwrap_or((said, ""));
            let bytes = BASE64.decode(text.as_bytes()).unwrap_or_default();
            self.check(
                !bytes.is_empty() && self.file(url) == Some(&bytes),
                &format!("{url}: not the bytes of the tree"),
            );
            got.push(url.to_string());
        }
        self.check(got == urls, &format!("the installer should ask for {urls:#?}"));
    }
}
