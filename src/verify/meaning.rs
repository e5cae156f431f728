//! What a fault does to the machines that meet it, by contract 1.2 and ch. 10.

use super::fault::FaultKind;
use super::kind::Kind;

/// What happens to a machine that meets a fault; none where none does.
pub fn meaning(fault: FaultKind, kind: Kind) -> Option<&'static str> {
    use FaultKind as F;
    let gone = matches!(fault, F::Missing | F::WrongCase | F::Refused | F::NoAnswer | F::Redirect);
    Some(match (kind, fault) {
        (_, F::Elsewhere) => "what machines get there was not asked for",
        (Kind::BootScript, _) if gone => "no machine boots from here; each goes on to its next boot device",
        // contract X-4
        (Kind::BootScript | Kind::CardScript, F::Html | F::DirectoryListing | F::Encoded) => {
            "a machine with BIOS hangs; one with UEFI goes on to its next boot device"
        }
        (Kind::BootScript | Kind::CardScript, F::CutShort) => "iPXE takes it for an error",
        // contract X-2
        (Kind::CardScript, _) if gone => "the machine is not taken for a listed one",
        (Kind::BootScript | Kind::CardScript, _) => "machines run another script than the fleet has",
        // contract X-2
        (Kind::BootFile, _) if gone => "nothing is installed: machines go on to their next boot device",
        (Kind::BootFile, _) => "what machines boot is not what the fleet names",
        // contract I-5, X-14
        (Kind::Conf, _) if gone => "the installer asks again and again for 15 seconds, then stops; disks are untouched",
        // contract I-6
        (Kind::Conf, F::Html | F::DirectoryListing | F::Encoded) => "the installer stops; disks are untouched",
        (Kind::Conf, _) => "the installer may be sent to another template",
        // contract I-8
        (Kind::Template, _) if gone => "the installer stops; disks are untouched",
        // contract I-9
        (Kind::Template, F::Html | F::DirectoryListing | F::Encoded | F::CutShort) => {
            "the installer stops; disks are untouched"
        }
        (Kind::Template, _) => "machines are installed in another way than the fleet says",
        // contract I-18
        (Kind::Config, _) if gone => "the machine is installed without its role, and nobody is told",
        (Kind::Config, F::Html | F::DirectoryListing | F::Encoded | F::CutShort) => {
            "the installation fails after the disk is written"
        }
        (Kind::Config, _) => "the machine may get another role",
        (Kind::ConfigEncoded, _) => "clients that write `:` as `%3A` get another answer than the installer",
        // contract I-21
        (Kind::Role, _) if gone => "the installation fails after the disk is written",
        // contract I-22, X-16
        (Kind::Role, _) => "it is installed as it is, without complaint",
        (Kind::Absent, F::Stale) => "a machine that is sent there gets what the fleet no longer says",
        (Kind::Absent, F::Rewritten) => "a file that is missing looks as if it were there",
        (Kind::Unlisted, _) => "machines that nobody listed may be installed, or hang",
        (Kind::Manifest | Kind::Other | Kind::Absent, _) => return None,
    })
}
