//! `fleetc emit` as a user runs it.

use std::fs;

use crate::example;
use crate::program::{Run, copy, fleetc};

fn run(arguments: &[&str]) -> Run {
    fleetc(&example::named("pilot").folder, &[&["emit"], arguments].concat())
}

#[test]
fn the_result_is_on_standard_output_or_in_a_file() {
    let printed = run(&["dnsmasq"]);
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
    assert!(printed.stdout.starts_with("# Written by `fleetc emit dnsmasq`; change the fleet file, not this.\n"));
    assert_eq!(run(&["dnsmasq"]), printed, "same input, same bytes");
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("fleet.conf");
    fs::write(&place, "old").unwrap();
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&place, fs::Permissions::from_mode(0o640)).unwrap();
    let written = run(&["dnsmasq", "--output", place.to_str().unwrap()]);
    assert_eq!(written, Run { code: Some(0), stdout: String::new(), stderr: String::new() });
    assert_eq!(fs::read_to_string(&place).unwrap(), printed.stdout);
    assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    // What a link leads to is written, and the link stays.
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&place, &link).unwrap();
    assert_eq!(run(&["hosts", "-o", link.to_str().unwrap()]).code, Some(0));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&place).unwrap().contains("192.168.1.11    node-001\n"));
    let nowhere = run(&["hosts", "-o", "/nowhere/at/all"]);
    assert_eq!(nowhere.code, Some(2));
    assert_eq!(nowhere.stderr, "error: `/nowhere/at/all` cannot be written: no such file or directory\n");
}

#[test]
fn a_fleet_with_errors_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    copy(&example::named("pilot").folder, folder.path());
    let place = folder.path().join("fleet.yaml");
    fs::write(&place, fs::read_to_string(&place).unwrap().replace("52:54:00:00:01:02", "52:54:00:00:01:01")).unwrap();
    let run = fleetc(folder.path(), &["emit", "kea", "-o", "kea.conf"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), "nothing is written while the fleet has errors\n"));
    assert!(run.stdout.contains("duplicate-mac"), "{}", run.stdout);
    assert!(!folder.path().join("kea.conf").exists());
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let refused = |arguments: &[&str], said: &str| {
        let run = run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.stderr.starts_with(&format!("error: {said}")), "{arguments:?}: {}", run.stderr);
    };
    refused(&["hosts", "--root", "/srv"], "`--root` means nothing to `hosts`\n help: ");
    refused(&["nginx", "--tftp-server", "10.0.0.1"], "`--tftp-server` means nothing to `nginx`\n");
    refused(&["dhcpd", "--interface", "eno1"], "`--interface` means nothing to `dhcpd`\n");
    refused(&["kea", "--tftp-root", "/srv/tftp"], "`--tftp-root` means nothing to `kea`\n");
    refused(&["nginx", "--root", "public"], "`public` is no absolute path\n help: write `--root /public`");
    refused(&["nginx", "--root", "/srv\n}"], "\"/srv\\n}\" has a control character\n");
    refused(&["nginx", "--root", "/srv/$host"], "nginx would take `$` for the beginning of a variable: ");
    refused(&["dnsmasq", "--tftp-root", "tftp"], "`tftp` is no absolute path\n");
    refused(&["dnsmasq", "--interface", "eno1,eno2"], "`eno1,eno2` is no name of a network card\n");
    refused(
        &["dnsmasq", "--ipxe", "amd64=ipxe.efi"],
        "`amd64` is no firmware\n help: `bios`, `x64`, `ia32`, `arm64`\n",
    );
    refused(&["dnsmasq", "--ipxe", "x64=a\"b"], "`a\"b` is no name for a file of iPXE\n");
    refused(&["dnsmasq", "--tftp-server", "boot.example"], "invalid value 'boot.example' for '--tftp-server");
    refused(&["apache"], "invalid value 'apache' for '<KIND>'");
}

#[test]
fn options_say_what_the_fleet_file_cannot_know() {
    let ipxe = ["--ipxe", "x64=ipxe-x86_64.efi", "--ipxe", "ia32=32/ipxe.efi"];
    for kind in ["dnsmasq", "kea", "dhcpd"] {
        let text = run(&[&[kind, "--tftp-server", "192.168.1.7"], &ipxe[..]].concat()).stdout;
        for part in ["ipxe-x86_64.efi", "32/ipxe.efi", "http://192.168.1.1/32/ipxe.efi", "192.168.1.7", "undionly.kpxe"]
        {
            assert!(text.contains(part), "{kind}: {part} in {text}");
        }
        // Another machine has the files, so dnsmasq serves none.
        assert!(!text.contains("tftp-root") && !text.contains("ipxe-i386.efi"), "{text}");
    }
    let cards = ["--interface", "eno1", "--interface", "br-lan.7"];
    assert!(run(&[&["dnsmasq"], &cards[..]].concat()).stdout.contains("\ninterface=eno1\ninterface=br-lan.7\n"));
    assert!(run(&[&["kea"], &cards[..]].concat()).stdout.contains("\"interfaces\": [\"eno1\", \"br-lan.7\"]"));
    let quoted = run(&["dnsmasq", "--tftp-root", "/srv/the files, all \"of\" them/"]).stdout;
    assert!(quoted.contains("\ntftp-root=\"/srv/the files, all \\\"of\\\" them\"\n"), "{quoted}");
    // The pilot's name server is the server itself; where it is another, dnsmasq leaves port 53 alone (contract N-12).
    assert!(!quoted.contains("port=0"), "{quoted}");
    assert!(run(&["dnsmasq", "--tftp-server", "192.168.1.7"]).stdout.contains("\nport=0\n"));
}
