//! What must become of a machine, case by case, on the trees of the examples.

use crate::disk;
use crate::initrd::MARK;
use crate::qemu::{Firmware, Machine};
use crate::seen::Outcome;
use crate::site::Site;

/// An address that no example lists.
const UNLISTED: &str = "52:54:00:ff:ff:01";

/// A machine with a disk, and iPXE on its card. It is stopped when the system on its disk runs.
pub fn machine(site: &Site, firmware: Firmware, mac: &str) -> Machine {
    let disk = disk::write(firmware, site.folder());
    Machine::new(firmware, mac).disk(&disk).until(disk::SYSTEM)
}

/// A machine that is to go on as the installer does, until that has all it needs.
pub fn installing(site: &Site, firmware: Firmware, mac: &str) -> Machine {
    let machine = machine(site, firmware, mac).until(&format!("{MARK} done")).until(&format!("{MARK} failed"));
    let arguments = site.document["releases"]["stable"]["boot_args"].as_array().unwrap();
    if arguments.iter().any(|argument| argument == "no_timer_check") { machine } else { machine.own_time() }
}

/// A machine that is to start a kernel.
pub fn starting(site: &Site, firmware: Firmware, mac: &str) -> Machine {
    machine(site, firmware, mac).until(&format!("{MARK} line "))
}

fn installs(example: &str, firmware: Firmware, host: &str, mac: &str) -> Outcome {
    let site = Site::new(example, 1);
    let seen = site.boot(&installing(&site, firmware, mac));
    seen.answered(200, "ipxe_boot_script.txt");
    seen.answered(200, &format!("boot/{}.ipxe", mac.replace(':', "-")));
    let done = seen.installed_as(host, "stable", mac);
    let (role, text) = done.role.unwrap();
    seen.outcome(format!(
        "kernel of {host}; {} files as in the tree, role {role} ({} bytes)",
        done.fetched.len(),
        text.len()
    ))
}

pub fn minimal_listed(firmware: Firmware) -> Outcome {
    installs("minimal", firmware, "node-1", "52:54:00:00:00:01")
}

pub fn pilot_listed(firmware: Firmware) -> Outcome {
    installs("pilot", firmware, "node-001", "52:54:00:00:01:01")
}

pub fn bulk_listed(firmware: Firmware) -> Outcome {
    installs("bulk", firmware, "node-010", "52:54:00:01:00:0a")
}

pub fn mixed_listed(firmware: Firmware) -> Outcome {
    installs("mixed", firmware, "web-01", "52:54:00:0a:01:01")
}

/// Both cards of a host hang on the network, and the second boots (contract X-1).
pub fn pilot_second_card(firmware: Firmware) -> Outcome {
    let site = Site::new("pilot", 2);
    let (first, second) = ("52:54:00:00:02:01", "52:54:00:00:02:02");
    let seen = site.boot(&starting(&site, firmware, second).cards(&[first, second], 1));
    seen.answered(200, "boot/52-54-00-00-02-02.ipxe");
    seen.check(
        !seen.requests.iter().any(|request| request.contains("02-01.ipxe")),
        "the other card's script is asked for",
    );
    seen.started_kernel_of(Some("store-001"), "stable");
    seen.outcome("kernel of store-001")
}

pub fn pilot_installed(firmware: Firmware) -> Outcome {
    let site = Site::new("pilot", 1);
    let seen = site.boot(&machine(&site, firmware, "52:54:00:00:01:04"));
    seen.reached_its_disk();
    seen.asked_for_no_installer();
    seen.answered(200, "boot/52-54-00-00-01-04.ipxe");
    seen.shows("fleetc: node-004 has its system; booting the local disk");
    seen.outcome("its disk")
}

/// `unknown: refuse`. The machine shows what it is for a minute, or until a key is pressed.
fn refused(site: &Site, firmware: Firmware, mac: &str) -> Outcome {
    let machine = machine(site, firmware, mac).answer("Press a key to go on", " ");
    let seen = site.boot(&machine);
    seen.reached_its_disk();
    seen.asked_for_no_installer();
    seen.answered(404, &format!("boot/{}.ipxe", mac.replace(':', "-")));
    seen.shows("this machine has no boot script here. Nothing is installed, its disk is left alone.");
    seen.shows(&format!("MAC address: {mac}"));
    seen.shows(&format!("NAME: {{ mac: \"{mac}\", role: ROLE }}"));
    seen.outcome("refused, told its address; its disk")
}

pub fn pilot_unlisted_refused(firmware: Firmware) -> Outcome {
    refused(&Site::new("pilot", 1), firmware, UNLISTED)
}

/// A host that is to be installed, but has no script on the server, is not.
pub fn pilot_script_missing(firmware: Firmware) -> Outcome {
    let site = Site::new("pilot", 1);
    site.remove("boot/52-54-00-00-01-01.ipxe");
    refused(&site, firmware, "52:54:00:00:01:01")
}

pub fn mixed_unlisted_local(firmware: Firmware) -> Outcome {
    let site = Site::new("mixed", 1);
    let seen = site.boot(&machine(&site, firmware, UNLISTED));
    seen.reached_its_disk();
    seen.asked_for_no_installer();
    seen.shows(&format!("fleetc: {UNLISTED} is not in the fleet; booting the local disk"));
    seen.outcome("its disk")
}

pub fn mixed_script_missing(firmware: Firmware) -> Outcome {
    let site = Site::new("mixed", 1);
    site.remove("boot/52-54-00-0b-01-01.ipxe");
    let seen = site.boot(&machine(&site, firmware, "52:54:00:0b:01:01"));
    seen.answered(404, "boot/52-54-00-0b-01-01.ipxe");
    seen.reached_its_disk();
    seen.asked_for_no_installer();
    seen.outcome("its disk")
}

pub fn bulk_unlisted_installed(firmware: Firmware) -> Outcome {
    let site = Site::new("bulk", 1);
    let seen = site.boot(&installing(&site, firmware, UNLISTED));
    seen.shows(&format!("fleetc: {UNLISTED} is not in the fleet; installing release stable (29880)"));
    let done = seen.installed_unlisted("stable", UNLISTED);
    seen.outcome(format!("kernel of unlisted; {} files and the hook's role as in the tree", done.fetched.len()))
}

/// A listed machine is not taken for one that is not listed when its script is missing.
pub fn bulk_script_missing(firmware: Firmware) -> Outcome {
    let site = Site::new("bulk", 1);
    site.remove("boot/52-54-00-01-00-0a.ipxe");
    let seen = site.boot(&machine(&site, firmware, "52:54:00:01:00:0a"));
    seen.answered(404, "boot/52-54-00-01-00-0a.ipxe");
    seen.reached_its_disk();
    seen.asked_for_no_installer();
    seen.shows("52:54:00:01:00:0a is in the fleet, but its boot script could not be fetched");
    seen.outcome("told; its disk")
}

/// Nor when it boots from a card that the fleet file does not name, as long as iPXE knows the one that it names.
///
/// iPXE in the ROM of a UEFI machine's card, and `snponly.efi`, know the card that booted and no other: there such a
/// machine is one that is not listed. `ipxe.efi` knows all cards; but it does not come back from `exit`, so what is seen
/// of it ends there.
pub fn bulk_other_card(firmware: Firmware) -> Outcome {
    let site = Site::new("bulk", 2);
    let told = format!("another card of this machine is in the fleet; list {UNLISTED} with it");
    let machine = machine(&site, firmware, UNLISTED).cards(&["52:54:00:01:00:0a", UNLISTED], 1);
    let machine = machine.until(&format!("{MARK} done"));
    let seen = match firmware {
        Firmware::Bios => {
            let seen = site.boot(&machine);
            seen.reached_its_disk();
            seen
        }
        Firmware::Uefi => site.boot(&machine.plain_rom().until("No more network devices")),
    };
    seen.shows(&told);
    seen.asked_for_no_installer();
    seen.outcome(if firmware == Firmware::Bios { "told; its disk" } else { "ipxe.efi by TFTP; told" })
}

/// One of the installer's boot files is not on the server: nothing is left over that could start (contract X-3).
fn boot_file_missing(firmware: Firmware, file: &str) -> Outcome {
    let site = Site::new("pilot", 1);
    site.remove(file);
    let seen = site.boot(&machine(&site, firmware, "52:54:00:00:01:02"));
    seen.answered(200, "boot/52-54-00-00-01-02.ipxe");
    seen.answered(404, file);
    seen.reached_its_disk();
    seen.shows("fleetc: the installer of node-002 could not be loaded; going on to the next boot device in 10 seconds");
    seen.outcome("told; its disk")
}

pub fn pilot_kernel_missing(firmware: Firmware) -> Outcome {
    boot_file_missing(firmware, "linux")
}

pub fn pilot_initrd_missing(firmware: Firmware) -> Outcome {
    boot_file_missing(firmware, "initrd")
}
