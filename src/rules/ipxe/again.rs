//! Machines that are sent back to the network, where their boot script installs them again.

use crate::diag::{Diagnostic, Sink, rule};
use crate::model::Fleet;
use crate::rules::setup::Setup;
use crate::source::Span;

rule! {
    /// ## What it does
    /// A hook or role text that makes the firmware boot from the network next, on a machine whose boot script installs.
    ///
    /// ## Why it matters
    /// Nothing on the machine or the server remembers that it is installed (contract I-88). Its boot script installs each
    /// time the machine asks, so it is wiped and installed again and again, until the fleet file says `state: installed`.
    /// The firmware must try the disk first.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute:
    ///     hooks:
    ///       post_nonchroot_shell: ["ipmitool chassis bootdev pxe options=efiboot"]   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute:
    ///     hooks:
    ///       post_nonchroot_shell: ["ipmitool chassis bootdev disk options=efiboot"]
    /// ```
    REINSTALLS_FOR_EVER, reinstalls_for_ever: "reinstalls-for-ever", Ipxe, Error, fixed;
}

/// Where a command makes the machine boot from the network: as ipmitool, Redfish and iDRAC say it.
fn to_the_network(command: &str) -> Option<(usize, usize)> {
    let small = command.to_ascii_lowercase();
    let at = |word: &str| small.find(word).map(|start| (start, start + word.len()));
    let both = |first: &str, second: &str| {
        let start = small.find(first)?;
        let length = small[start..].find(second)?;
        Some((start, start + length + second.len()))
    };
    if small.contains("ipmitool") {
        let direct = ["bootdev pxe", "bootflag force_pxe"].into_iter().find_map(at);
        return direct.or_else(|| at("bootparam set bootflag pxe"));
    }
    let redfish = both("bootsourceoverridetarget", "pxe").filter(|(start, end)| end - start < 40);
    redfish.or_else(|| both("serverboot.firstbootdevice", "pxe").filter(|(start, end)| end - start < 40))
}

/// The hooks of machines that are to be installed.
pub(in crate::rules) fn hooks(fleet: &Fleet, sink: &Sink) {
    let setups = Setup::all(fleet);
    for setup in Setup::distinct(&setups, |setup| Some(setup.hooks())) {
        for command in setup.commands() {
            if to_the_network(&command.0).is_some() {
                sink.report(setup.blame(finding(command.span)));
            }
        }
    }
}

/// The text of a role whose machines are to be installed; `place` gives the place of a byte range of it.
pub(in crate::rules) fn text(text: &str, place: impl Fn(usize, usize) -> Span, report: &dyn Fn(Diagnostic)) {
    // All that is looked for ends in this; most texts have none of it, and there may be a text for each host.
    let mut letters = memchr::memchr2_iter(b'p', b'P', text.as_bytes());
    if !letters.any(|at| text.as_bytes()[at..].get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"pxe"))) {
        return;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some((from, to)) = to_the_network(line).filter(|_| !line.trim_start().starts_with('#')) {
            report(finding(place(start + from, start + to)));
        }
        start += line.len();
    }
}

fn finding(span: Span) -> Diagnostic {
    let message = "this sends the machine back to the network, where its boot script wipes it and installs it again";
    REINSTALLS_FOR_EVER.at(span, message).help("boot the disk next; the network is asked when the admin says so")
}

#[cfg(test)]
mod tests {
    use super::to_the_network;

    #[test]
    fn commands_that_boot_the_network_are_known() {
        for command in [
            "ipmitool chassis bootdev pxe",
            "ipmitool -I lanplus chassis bootdev PXE options=persistent",
            "ipmitool chassis bootparam set bootflag force_pxe",
            "curl -d '{\"Boot\": {\"BootSourceOverrideTarget\": \"Pxe\"}}' https://bmc/",
            "racadm set iDRAC.ServerBoot.FirstBootDevice PXE",
        ] {
            assert!(to_the_network(command).is_some(), "{command}");
        }
        for command in
            ["ipmitool chassis bootdev disk", "efibootmgr -n 0003", "echo pxe", "BootSourceOverrideTarget: Hdd"]
        {
            assert_eq!(to_the_network(command), None, "{command}");
        }
    }
}
