//! An example, built by `fleetc` and served as an admin would serve it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::namespace::{Namespace, SERVER};
use crate::qemu::Machine;
use crate::seen::Seen;
use crate::{example, initrd, program};

/// iPXE for BIOS, and two for UEFI: with drivers for cards of its own, and by the firmware's driver for the card that
/// booted.
const BOOT_PROGRAMS: [&str; 3] = ["undionly.kpxe", "ipxe.efi", "snponly.efi"];

/// A built example, in a network of its own.
pub struct Site {
    pub lan: Namespace,
    /// The fleet file, as any YAML reader sees it.
    pub document: Value,
    /// The files of the tree, by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// `server.url`, and what it is made of.
    pub url: Url,
    /// The folder of the service's answers.
    pub service: String,
    folder: tempfile::TempDir,
}

/// A URL of the form `http://HOST[:PORT][/PATH]`.
pub struct Url {
    pub text: String,
    pub host: String,
    pub port: u16,
    /// With a slash before it and none behind; empty at the root.
    pub path: String,
}

impl Url {
    fn new(text: &str) -> Url {
        let text = text.trim_end_matches('/');
        let rest = text.strip_prefix("http://").unwrap();
        let (place, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = place.split_once(':').unwrap_or((place, "80"));
        Url { text: text.to_string(), host: host.to_string(), port: port.parse().unwrap(), path: path.to_string() }
    }
}

impl Site {
    /// Builds an example, and puts it on the server, for machines with so many cards. DHCP gives every client an address,
    /// and every boot program the entry script.
    pub fn new(name: &str, cards: usize) -> Site {
        let mut site = Site::without_dhcp(name, cards);
        let lines = format!(
            "interface=lan\nbind-interfaces\nno-hosts\nno-resolv\nno-ping\naddress=/{}/{SERVER}\n\
             dhcp-range=192.168.1.128,192.168.1.253\ndhcp-option=option:router,{SERVER}\n\
             dhcp-boot={}/ipxe_boot_script.txt\n",
            site.url.host, site.url.text
        );
        // What saves time: iPXE is told not to wait for a second DHCP server (its option `no-pxedhcp`); and UEFI, which
        // tries HTTP boot before the disk, gets a file that is not there in place of a minute's silence.
        let fast = format!(
            "dhcp-option=encap:175,176,1b\ndhcp-match=set:http,option:client-arch,16\n\
             dhcp-boot=tag:http,http://{SERVER}:{}/none.efi\ndhcp-option-force=tag:http,60,HTTPClient\n",
            site.url.port
        );
        let tftp = format!(
            "enable-tftp\ntftp-root={}\ndhcp-match=set:ipxe,175\ndhcp-match=set:uefi,option:client-arch,7\n\
             dhcp-boot=tag:!ipxe,tag:uefi,ipxe.efi\n",
            site.boot_programs().display()
        );
        site.lan.dnsmasq("dnsmasq", &(lines + &fast + &tftp));
        site
    }

    /// The same, without DHCP and DNS.
    pub fn without_dhcp(name: &str, cards: usize) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("fleet");
        program::copy(&example::named(name).folder, &source);
        replace_boot_files(&source);
        let root = folder.path().join("public");
        let files = program::build(&source, &root);
        let document: Value = serde_yaml::from_str(&fs::read_to_string(source.join("fleet.yaml")).unwrap()).unwrap();
        let server = &document["server"];
        let url = Url::new(server["url"].as_str().unwrap());
        let service = server["service"].as_str().unwrap_or("icis").to_string();
        let mut lan = Namespace::with_cables(cards);
        // As in the book: at the root of the server, or beside other things.
        let place = match url.path.as_str() {
            "" => format!("root {};", root.display()),
            path => format!("root /var/empty;\n    location {path}/ {{ alias {}/; }}", root.display()),
        };
        lan.nginx(&format!("server {{\n    listen {} default_server;\n    {place}\n}}\n", url.port));
        lan.serve_ipv6();
        let site = Site { lan, document, files, url, service, folder };
        site.put_boot_files();
        site
    }

    /// The folder that is served.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("public")
    }

    /// The folder of the fleet file.
    pub fn source(&self) -> PathBuf {
        self.folder.path().join("fleet")
    }

    /// A folder for whatever else the test needs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Boot files that the fleet file expects on the server are put there by the admin.
    fn put_boot_files(&self) {
        for release in self.document["releases"].as_object().unwrap().values() {
            let path = |key: &str| {
                let path = release[key].as_str().filter(|path| !path.contains("://"))?;
                Some(self.root().join(path.trim_start_matches('/')))
            };
            if let Some(kernel) = path("kernel").filter(|path| !path.exists()) {
                symlink(initrd::kernel(), kernel).unwrap();
            }
            if let Some(place) = path("initrd") {
                fs::write(place, initrd::initrd()).unwrap();
            }
        }
    }

    /// A folder with the boot programs of Debian's package `ipxe`, for TFTP.
    pub fn boot_programs(&self) -> PathBuf {
        let tftp = self.folder().join("tftp");
        fs::create_dir_all(&tftp).unwrap();
        for name in BOOT_PROGRAMS {
            let place = Path::new("/usr/lib/ipxe").join(name);
            assert!(place.is_file(), "these tests need {}; on Debian: apt-get install ipxe", place.display());
            fs::copy(place, tftp.join(name)).unwrap();
        }
        tftp
    }

    /// A file is not on the server.
    ///
    /// # Panics
    /// When it was not there before.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.root().join(path)).unwrap();
    }

    /// Boots a machine, and gives what was seen.
    pub fn boot(&self, machine: &Machine) -> Seen<'_> {
        let boot = machine.boot(&self.lan);
        Seen { site: self, boot, requests: self.lan.requests() }
    }
}

/// Puts the real kernel and its initrd in the place of those that an example has for show.
fn replace_boot_files(source: &Path) {
    let place = source.join("fleet.yaml");
    let mut text = fs::read_to_string(&place).unwrap();
    let document: Value = serde_yaml::from_str(&text).unwrap();
    for release in document["releases"].as_object().unwrap().values() {
        for key in ["kernel", "initrd"] {
            let Some(file) = release[key]["file"].as_str() else { continue };
            let bytes = if key == "kernel" { fs::read(initrd::kernel()).unwrap() } else { initrd::initrd() };
            if let Some(digest) = release[key]["sha256"].as_str() {
                text = text.replace(digest, &HEXLOWER.encode(&Sha256::digest(&bytes)));
            }
            fs::write(source.join(file), bytes).unwrap();
        }
    }
    fs::write(place, text).unwrap();
}
