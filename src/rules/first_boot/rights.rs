//! Who may read, run and own the files of `write_files`.

use super::case::Case;
use super::files::File;
use super::read::{Place, Text};
use crate::diag::rule;
use crate::yaml::Kind;

rule! {
    /// ## What it does
    /// Permissions of a file that are no octal number like `0644`.
    ///
    /// ## Why it matters
    /// ucd reads the text as octal digits and nothing else (contract U-27). `0o644` and `u=rw` it rejects, and the file
    /// stays as it was made: for root alone.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/motd
    ///     permissions: 0o644   # <-
    ///     content: managed
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/motd
    ///     permissions: "0644"
    ///     content: managed
    /// ```
    MALFORMED_PERMISSIONS, malformed_permissions: "malformed-permissions", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// Permissions that give others more than the owner, as a decimal number taken for an octal one does.
    ///
    /// ## Why it matters
    /// To ucd every number is octal (contract X-18): `420`, which is `0644` in decimal, becomes `r---w----`.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/motd
    ///     permissions: 420   # <-
    ///     content: managed
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/motd
    ///     permissions: "0644"
    ///     content: managed
    /// ```
    DOUBTFUL_PERMISSIONS, doubtful_permissions: "doubtful-permissions", FirstBoot, Warn;
}

rule! {
    /// ## What it does
    /// A file without `permissions` in a place where others than root read or run it.
    ///
    /// ## Why it matters
    /// ucd makes files with mode 0600, for root alone; cloud-init's are 0644 (contract U-27). Users get no message of the
    /// day, no environment, and no program to run.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/motd   # <-
    ///     content: managed by the fleet file
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/motd
    ///     permissions: "0644"
    ///     content: managed by the fleet file
    /// ```
    FILE_FOR_ROOT_ALONE, file_for_root_alone: "file-for-root-alone", FirstBoot, Warn;
}

rule! {
    /// ## What it does
    /// An owner of a file that is not `USER:GROUP`.
    ///
    /// ## Why it matters
    /// ucd splits the text at the first `:` or `.`, and needs both parts (contract U-27). With `root` alone, or with a dot
    /// in a name, it finds no such group, and the file stays root's.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/app.conf
    ///     owner: root   # <-
    ///     content: threads = 4
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/app.conf
    ///     owner: root:root
    ///     content: threads = 4
    /// ```
    MALFORMED_OWNER, malformed_owner: "malformed-owner", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A command that runs a file which may not be run.
    ///
    /// ## Why it matters
    /// Without an `x` in its permissions the file is no program; without `permissions` ucd makes it 0600 (contract U-27).
    /// The command fails with *permission denied*.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /root/prepare.sh   # <-
    ///     content: |
    ///       #!/bin/sh
    ///       mkdir -p /srv/data
    /// fbootcmd:
    ///   - /root/prepare.sh
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /root/prepare.sh
    ///     permissions: "0700"
    ///     content: |
    ///       #!/bin/sh
    ///       mkdir -p /srv/data
    /// fbootcmd:
    ///   - /root/prepare.sh
    /// ```
    SCRIPT_NOT_EXECUTABLE, script_not_executable: "script-not-executable", FirstBoot, Error, fixed;
}

/// The mode that ucd gives a file; none where the text is no mode.
fn mode(permissions: &Text<'_>) -> Option<u32> {
    let digits = permissions.text;
    let octal = !digits.is_empty() && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    octal.then(|| u32::from_str_radix(digits, 8).ok()).flatten().filter(|mode| *mode <= 0o7777)
}

/// Judges a file by itself; `programs` are the commands of the text, each as its program.
pub(super) fn judge(case: &Case<'_>, file: &File<'_>, programs: &[(&str, Place)]) {
    if let Some(permissions) = &file.permissions {
        permissions_are_good(case, permissions);
    }
    if let Some(owner) = &file.owner {
        owner_is_good(case, owner);
    }
    let Some(path) = &file.path else { return };
    let mode = match &file.permissions {
        Some(permissions) => mode(permissions),
        None if file.has_permissions => None,
        None => Some(0o600),
    };
    let run = programs.iter().find(|(program, _)| *program == path.text);
    if let Some((_, place)) = run.filter(|_| mode.is_some_and(|mode| mode & 0o100 == 0)) {
        let message =
            format!("{} is run, and may not be: its mode is {:04o}", case.quote(path), mode.unwrap_or_default());
        let finding = case.finding(&SCRIPT_NOT_EXECUTABLE, path.place, message).and(case.span(*place), "run here");
        return case.report(finding.help("add `permissions: \"0755\"`, or run it as `sh FILE`"));
    }
    let owned = file.owner.is_some_and(|owner| !owner.text.starts_with("root"));
    if !file.has_permissions && !owned && is_for_all(path.text) {
        let message = format!("{} is written for root alone, and others have a use for it", case.quote(path));
        case.at(&FILE_FOR_ROOT_ALONE, path.place, message, "add `permissions: \"0644\"`, or `\"0755\"` for a program");
    }
}

fn permissions_are_good(case: &Case<'_>, text: &Text<'_>) {
    let Some(mode) = mode(text) else {
        let message = format!("{} is no octal number; ucd leaves the file to root alone", case.quote(text));
        let finding = case.finding(&MALFORMED_PERMISSIONS, text.place, message);
        let better = text.text.strip_prefix("0o").filter(|digits| (3..=4).contains(&digits.len()));
        return case.report(match better {
            Some(digits) => {
                let finding = finding.help(format!("write `\"0{digits}\"`"));
                case.edited(finding, text.place, &format!("\"0{digits}\""))
            }
            None => finding.help("write four octal digits, like `\"0644\"`"),
        });
    };
    let (owner, others) = (mode >> 6 & 7, mode >> 3 & 7 | mode & 7);
    if others & !owner != 0 {
        let message =
            format!("{} gives others what the owner has not, read as the octal number it is to ucd", case.quote(text));
        // What the digits mean as a decimal number is often what is meant.
        let meant = text.text.parse::<u32>().ok().filter(|number| *number <= 0o777 && !text.text.starts_with('0'));
        let sane = meant.filter(|mode| mode >> 6 & 6 == 6);
        let help = match sane {
            Some(meant) => format!("in decimal it is `\"{meant:04o}\"`; write that, if it is meant"),
            None => "write four octal digits, like `\"0644\"`".to_string(),
        };
        case.at(&DOUBTFUL_PERMISSIONS, text.place, message, help);
    }
}

fn owner_is_good(case: &Case<'_>, owner: &Text<'_>) {
    let mut parts = owner.text.splitn(2, [':', '.']);
    let (user, group) = (parts.next().unwrap_or_default(), parts.next());
    let finding = |what: &str| {
        let effect = if user == "root" { "ucd needs both parts" } else { "the file stays root's" };
        let message = format!("{} {what}, and {effect}", case.quote(owner));
        case.finding(&MALFORMED_OWNER, owner.place, message)
    };
    let help = "write `USER:GROUP`, both of them, without dots in the names";
    match group {
        Some(group) if user.is_empty() || group.is_empty() => case.report(finding("lacks a part").help(help)),
        Some(group) if group.contains([':', '.']) => {
            case.report(finding("is split at its first dot or colon").help(help));
        }
        _ if owner.text.contains(char::is_whitespace) => case.report(finding("has a blank in it").help(help)),
        Some(_) => {}
        None => {
            let finding = finding("names no group").help(format!("write `{user}:GROUP`, like `root:root`"));
            case.report(match (user, owner.kind) {
                ("root", Kind::Plain | Kind::Quoted) => case.edited(finding, owner.place, "\"root:root\""),
                _ => finding,
            });
        }
    }
}

/// Files that every user's programs read or run.
fn is_for_all(path: &str) -> bool {
    const FILES: &[&str] = &[
        "/etc/bash.bashrc",
        "/etc/environment",
        "/etc/hosts",
        "/etc/issue",
        "/etc/ld.so.conf",
        "/etc/locale.conf",
        "/etc/motd",
        "/etc/nsswitch.conf",
        "/etc/profile",
        "/etc/resolv.conf",
        "/etc/ssh/ssh_config",
    ];
    const FOLDERS: &[&str] =
        &["/etc/profile.d/", "/usr/bin/", "/usr/local/bin/", "/opt/bin/", "/usr/share/", "/srv/www/"];
    FILES.contains(&path) || FOLDERS.iter().any(|folder| path.starts_with(folder))
}
