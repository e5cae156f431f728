//! The harness itself: a script runs in iPXE, and what it shows is read back.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::namespace::Namespace;
use crate::qemu::{self, End, Firmware, Machine};
use crate::site::Site;
use crate::{cases, disk};

#[test]
fn a_script_runs_and_its_console_is_read() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("next"), "#!ipxe\necho in ${net0/mac:hexhyp}\n").unwrap();
    // The screen is 80 columns wide.
    let (long, full) = ("x".repeat(200), "y".repeat(80));
    let lines = format!(
        "echo A${{unset}}B\nchain http://192.168.1.1/next || echo no\n\
         chain http://192.168.1.1/gone && echo there || echo gone\necho {long} end\necho {full}\necho {full}{full}\necho\necho {full}\nexit 1\n"
    );
    let boot = qemu::run_script(&lines, root.path());
    assert_eq!(boot.end, End::Off, "{}", boot.console);
    let shown: Vec<&str> = boot.console.lines().map(str::trim_end).collect();
    let tail = [&format!("{long} end"), &full, &full.repeat(2), "", &full];
    assert!(shown.windows(5).any(|lines| lines == tail), "{}", boot.console);
    for line in ["AB", "in 52-54-00-aa-bb-01", "gone"] {
        assert!(shown.contains(&line), "{line:?} is not shown:\n{}", boot.console);
    }
    assert!(!shown.contains(&"no") && !shown.contains(&"there"), "{}", boot.console);
}

#[test]
fn a_machine_without_network_boot_reaches_its_disk() {
    for firmware in [Firmware::Bios, Firmware::Uefi] {
        let folder = tempfile::tempdir().unwrap();
        let lan = Namespace::with_cables(1);
        let machine = Machine::new(firmware, "52:54:00:aa:bb:01").disk(&disk::write(firmware, folder.path()));
        let boot = machine.cards(&[], 0).until(disk::SYSTEM).boot(&lan);
        assert_eq!(boot.end, End::Shown(disk::SYSTEM.to_string()), "{}", boot.console);
    }
}

/// A machine that must keep its disk gets the script of one that is installed: the tests of the cases would see it.
#[test]
fn a_wrong_script_is_found_out_and_the_console_is_shown() {
    let site = Site::new("pilot", 1);
    let script = |mac: &str| site.root().join("boot").join(format!("{mac}.ipxe"));
    fs::copy(script("52-54-00-00-01-01"), script("52-54-00-00-01-04")).unwrap();
    let seen = site.boot(&cases::starting(&site, Firmware::Bios, "52:54:00:00:01:04"));
    let checks: [&dyn Fn(); 3] = [&|| seen.reached_its_disk(), &|| seen.asked_for_no_installer(), &|| {
        drop(seen.started_kernel_of(Some("node-004"), "stable"))
    }];
    for check in checks {
        let panic = catch_unwind(AssertUnwindSafe(check)).unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.contains("isterconf=http://192.168.1.1/icis/static/ister/node-001/ister.conf"), "{message}");
        assert!(message.contains("200 /linux"), "{message}");
    }
}
