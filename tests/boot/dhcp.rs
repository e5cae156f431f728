//! A boot from the very beginning (contract N-1): the firmware's PXE ROM asks for DHCP and gets iPXE by TFTP, iPXE asks
//! again and gets the entry script, from dnsmasq with what `fleetc emit dnsmasq` wrote.

use std::path::Path;

use crate::cases::installing;
use crate::program::fleetc;
use crate::qemu::Firmware;
use crate::seen::Outcome;
use crate::site::{BOOT_PROGRAMS, Site};

/// The configuration for the site's fleet: DHCP, and iPXE by TFTP from a folder.
fn configuration(site: &Site, tftp: &Path) -> String {
    let fleet = site.source();
    let options = ["emit", "dnsmasq", "--interface", "lan", "--tftp-root", tftp.to_str().unwrap()];
    let run = fleetc(&fleet, &options);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    run.stdout
}

pub fn pilot_from_dhcp(firmware: Firmware) -> Outcome {
    let (mac, address) = ("52:54:00:00:01:01", "192.168.1.11");
    let mut site = Site::without_dhcp("pilot", 1);
    let tftp = site.boot_programs();
    let text = configuration(&site, &tftp);
    site.lan.dnsmasq("dnsmasq", &format!("{text}\nlog-dhcp\n"));
    if firmware == Firmware::Bios {
        site.lan.plain_rom();
    }

    let seen = site.boot(&installing(&site, firmware, mac).plain_rom());
    let log = site.lan.text("dnsmasq.log");
    let check = |holds: bool, what: &str| seen.check(holds, &format!("{what}\n---- the log of dnsmasq:\n{log}"));
    let program = BOOT_PROGRAMS[usize::from(firmware == Firmware::Uefi)];
    // Whatever asks, it is one machine with one address: that of the fleet file.
    let answers: Vec<&str> = log.lines().filter(|line| line.contains("DHCPACK(lan)")).collect();
    check(answers.len() >= 3, "ROM, iPXE and installer should each get an address");
    check(
        answers.iter().all(|line| line.contains(&format!("DHCPACK(lan) {address} {mac} node-001"))),
        "another address",
    );
    check(log.contains(&format!("sent {}/{program} to {address}", tftp.display())), "iPXE was not loaded by TFTP");
    seen.shows("Filename: http://192.168.1.1/ipxe_boot_script.txt");
    seen.answered(200, "ipxe_boot_script.txt");
    seen.installed_as("node-001", "stable", mac);
    seen.outcome(format!("{program} by TFTP, script by HTTP, kernel of node-001, which has {address}"))
}
