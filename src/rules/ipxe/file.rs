//! The server, and the files that machines fetch from it.

use std::net::Ipv4Addr;

use crate::diag::{Sink, rule};
use crate::emit::ENTRY;
use crate::model::{Artifact, ArtifactSource, Fleet, Location};

rule! {
    /// ## What it does
    /// A server or a boot file with an `https` URL.
    ///
    /// ## Why it matters
    /// iPXE as distributions build it has no https (contract X-12). The machine gets an error in place of its boot script,
    /// and boots its local disk, if there is a system on it. An iPXE built with https needs no change
    /// here; the installer then needs certificates and the right time (I-26).
    ///
    /// ## Example
    /// ```yaml
    /// server:
    ///   url: https://boot.example   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// server:
    ///   url: http://boot.example
    /// ```
    BOOT_OVER_HTTPS, boot_over_https: "boot-over-https", Ipxe, Warn;
}

rule! {
    /// ## What it does
    /// A server or a boot file whose URL names the machine that reads it: `localhost`, `127.0.0.1`, `0.0.0.0`.
    ///
    /// ## Why it matters
    /// The booting machine reads the URL. It would look for its boot script on itself, find nothing, and boot its local
    /// disk.
    ///
    /// ## Example
    /// ```yaml
    /// server:
    ///   url: http://localhost:8000   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// server:
    ///   url: http://192.168.1.1:8000
    /// ```
    LOOPBACK_SERVER, loopback_server: "loopback-server", Ipxe, Error;
}

rule! {
    /// ## What it does
    /// A server whose URL is too long for DHCP.
    ///
    /// ## Why it matters
    /// DHCP names the entry script to iPXE, in a field that takes fewer than 128 characters (contract X-8). A longer URL is
    /// cut, in silence, and no machine boots.
    ///
    /// ## Example
    /// ```yaml
    /// server:
    ///   url: http://boot.example/a/folder/with/a/very/long/name/that/goes/on/and/on/until/nobody/remembers/where/it/began   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// server:
    ///   url: http://boot.example/fleet
    /// ```
    LONG_SERVER_URL, long_server_url: "long-server-url", Ipxe, Error, fixed;
}

rule! {
    /// ## What it does
    /// A release whose `kernel` and `initrd` are one file.
    ///
    /// ## Why it matters
    /// One of the two is not what it is said to be: the machine does not boot, or its kernel panics.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: linux   # <-
    ///     installer: { kind: ister, version: 69 }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 69 }
    /// ```
    KERNEL_IS_INITRD, kernel_is_initrd: "kernel-is-initrd", Ipxe, Error, fixed;
}

/// A file name in DHCP is shorter than this (contract X-8).
const DHCP_FILE_NAME: usize = 128;

/// Whether a host is the machine that reads it.
fn is_loopback(host: &str) -> bool {
    let name = host.to_ascii_lowercase();
    let address = host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified());
    address || name == "localhost" || name.ends_with(".localhost")
}

/// The host of an absolute URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or_default()
}

/// The server's URL.
pub(in crate::rules) fn server(fleet: &Fleet, sink: &Sink) {
    let url = &fleet.server.url;
    if url.is_https() {
        let finding = BOOT_OVER_HTTPS.at(url.span, "most builds of iPXE have no https, so machines would not boot");
        sink.report(finding.help("`http`, or an iPXE that was built with https"));
    }
    if is_loopback(url.host()) {
        let message = format!("`{}` is the booting machine itself", url.host());
        sink.report(
            LOOPBACK_SERVER.at(url.span, message).help("the address by which booting machines reach the server"),
        );
    }
    let length = url.join(ENTRY).len();
    if length >= DHCP_FILE_NAME {
        let message =
            format!("the entry script's URL has {length} characters, and DHCP passes on fewer than {DHCP_FILE_NAME}");
        sink.report(LONG_SERVER_URL.at(url.span, message).help("serve the tree under a shorter path"));
    }
}

/// Every release's boot files.
pub(in crate::rules) fn files(fleet: &Fleet, sink: &Sink) {
    for release in &fleet.releases {
        let (kernel, initrd) = (&release.kernel, &release.initrd);
        if kernel.source_url(&fleet.server) == initrd.source_url(&fleet.server) {
            let message = format!("kernel and initrd of release `{}` are one file", release.name.as_str());
            // Its name may tell what it is.
            let file = kernel.source_url(&fleet.server);
            let is_initrd = file.rsplit('/').next().is_some_and(|name| name.contains("initr"));
            let finding = if is_initrd {
                KERNEL_IS_INITRD.at(kernel.source.span, message).and(initrd.source.span, "the initrd")
            } else {
                KERNEL_IS_INITRD.at(initrd.source.span, message).and(kernel.source.span, "the kernel")
            };
            sink.report(finding.help("name the other file"));
        }
        for artifact in [kernel, initrd] {
            url(artifact, sink);
        }
    }
}

fn url(artifact: &Artifact, sink: &Sink) {
    let ArtifactSource::Served(Location::Url(url)) = &artifact.source.value else { return };
    let span = artifact.source.span;
    if url.starts_with("https://") {
        let finding = BOOT_OVER_HTTPS.at(span, "most builds of iPXE have no https, and would not load this file");
        sink.report(finding.help("`http`, or an iPXE that was built with https"));
    }
    if is_loopback(host(url)) {
        let message = format!("`{}` is the booting machine itself", host(url));
        sink.report(LOOPBACK_SERVER.at(span, message).help("the address by which booting machines reach the server"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_itself() {
        for url in ["http://localhost/x", "http://127.0.0.1:80/x", "http://0.0.0.0/x", "http://a.LOCALHOST/x"] {
            assert!(is_loopback(host(url)), "{url}");
        }
        for url in ["http://localhost.example/x", "http://128.0.0.1/127.0.0.1", "http://boot/localhost"] {
            assert!(!is_loopback(host(url)), "{url}");
        }
    }
}
