//! A boot from the very beginning (contract N-1): the firmware's PXE ROM asks for DHCP and gets iPXE by TFTP, iPXE asks
//! again and gets the entry script, from dnsmasq with what `fleetc emit dnsmasq` wrote.

use crate::cases::{installing, machine};
use crate::program::fleetc;
use crate::qemu::Firmware;
use crate::seen::{Outcome, Seen};
use crate::site::Site;

/// The site's network with the configuration for its fleet: DHCP, and iPXE by TFTP. UEFI machines get this boot program.
fn with_dhcp(firmware: Firmware, uefi: &str) -> Site {
    let mut site = Site::without_dhcp("pilot", 1);
    let (tftp, uefi) = (site.boot_programs(), format!("x64={uefi}"));
    let options = ["emit", "dnsmasq", "--interface", "lan", "--tftp-root", tftp.to_str().unwrap(), "--ipxe", &uefi];
    let run = fleetc(&site.source(), &options);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    site.lan.dnsmasq("dnsmasq", &format!("{}\nlog-dhcp\n", run.stdout));
    if firmware == Firmware::Bios {
        site.lan.plain_rom();
    }
    site
}

/// The machine got iPXE by TFTP, and iPXE the entry script; whatever asked, it had one name and the address, if the fleet
/// file gives it one.
fn check_log(seen: &Seen, program: &str, clients: usize, machine: [&str; 3]) {
    let [address, mac, name] = machine;
    let log = seen.site.lan.text("dnsmasq.log");
    let check = |holds: bool, what: &str| seen.check(holds, &format!("{what}\n---- the log of dnsmasq:\n{log}"));
    let answers: Vec<&str> = log.lines().filter(|line| line.contains("DHCPACK(lan)")).collect();
    check(answers.len() >= clients, "ROM, iPXE and installer should each get an address");
    let right =
        |line: &&str| line.contains(&format!("DHCPACK(lan) {address}")) && line.ends_with(&format!(" {mac} {name}"));
    check(answers.iter().all(right), "an answer is for another machine");
    check(log.contains(&format!("/{program} to {address}")), "iPXE was not loaded by TFTP");
    seen.shows("Filename: http://192.168.1.1/ipxe_boot_script.txt");
    seen.answered(200, "ipxe_boot_script.txt");
}

pub fn pilot_from_dhcp(firmware: Firmware) -> Outcome {
    let mac = "52:54:00:00:01:01";
    let site = with_dhcp(firmware, "ipxe.efi");
    let seen = site.boot(&installing(&site, firmware, mac).plain_rom());
    let program = if firmware == Firmware::Bios { "undionly.kpxe" } else { "ipxe.efi" };
    check_log(&seen, program, 3, ["192.168.1.11", mac, "node-001"]);
    seen.installed_as("node-001", "stable", mac);
    seen.outcome(format!("{program} by TFTP, script by HTTP, kernel of node-001, which has 192.168.1.11"))
}

/// A machine that has its system gets back from iPXE to its firmware, which goes on. UEFI has more to try before the disk.
pub fn pilot_from_dhcp_installed(firmware: Firmware) -> Outcome {
    let mac = "52:54:00:00:01:04";
    let site = with_dhcp(firmware, "snponly.efi");
    let machine = machine(&site, firmware, mac).plain_rom();
    let (program, seen, end) = match firmware {
        Firmware::Bios => {
            let seen = site.boot(&machine);
            seen.reached_its_disk();
            ("undionly.kpxe", seen, "its disk")
        }
        Firmware::Uefi => {
            let seen = site.boot(&machine.until("Start HTTP Boot"));
            seen.shows("Start HTTP Boot");
            ("snponly.efi", seen, "the next boot device")
        }
    };
    seen.shows("fleetc: node-004 has its system; booting the local disk");
    seen.asked_for_no_installer();
    check_log(&seen, program, 2, ["192.168.1.", mac, "node-004"]);
    seen.outcome(format!("{program} by TFTP, script by HTTP, {end}"))
}
