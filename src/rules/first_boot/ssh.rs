//! SSH keys: whether they are keys, and in whose file they land.

use super::case::Case;
use super::files::File;
use super::read::{Place, Text};
use super::text;
use super::users::User;
use crate::diag::rule;
use crate::model::authorized_key;
use crate::yaml::Kind;

rule! {
    /// ## What it does
    /// A list `ssh_authorized_keys` at the margin, before any user is made.
    ///
    /// ## Why it matters
    /// ucd writes these keys for the first user. As long as it has made none it takes the user `clear`, whom no machine of
    /// the fleet has (contract U-25, U-1): the keys are dropped, and nobody can log in.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// ssh_authorized_keys:   # <-
    ///   - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     no-create-home: false
    ///     no-user-group: false
    ///     ssh-authorized-keys:
    ///       - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk
    /// ```
    KEYS_FOR_NOBODY, keys_for_nobody: "keys-for-nobody", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A list `ssh_authorized_keys` at the margin, behind the users.
    ///
    /// ## Why it matters
    /// Whose file the keys land in depends on the order in which ucd happens to make the users: from the last to the first,
    /// so it is the first of the list (contract U-25). Who adds a user above moves the keys.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     no-create-home: false
    ///     no-user-group: false
    /// ssh_authorized_keys:   # <-
    ///   - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     no-create-home: false
    ///     no-user-group: false
    ///     ssh-authorized-keys:
    ///       - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk
    /// ```
    KEYS_FOR_FIRST_USER, keys_for_first_user: "keys-for-first-user", FirstBoot, Warn;
}

rule! {
    /// ## What it does
    /// An item of `ssh-authorized-keys` that is no public SSH key.
    ///
    /// ## Why it matters
    /// ucd writes it down as it is (contract U-24), and the SSH server ignores it: the machine comes up, and the login
    /// fails.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     no-create-home: false
    ///     no-user-group: false
    ///     ssh-authorized-keys:
    ///       - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbb ada@desk   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     no-create-home: false
    ///     no-user-group: false
    ///     ssh-authorized-keys:
    ///       - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk
    /// ```
    MALFORMED_AUTHORIZED_KEY, malformed_authorized_key: "malformed-authorized-key", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A file `authorized_keys` that `write_files` writes, for a user whose keys ucd or the installer writes into it too.
    ///
    /// ## Why it matters
    /// `write_files` writes over the beginning of the file and leaves the rest as it is (contract U-27), and does so at
    /// every boot; the keys of the list are appended (U-24). What is left are pieces of keys.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     no-create-home: false
    ///     no-user-group: false
    ///     ssh-authorized-keys:
    ///       - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk
    /// write_files:
    ///   - path: /home/ada/.ssh/authorized_keys   # <-
    ///     owner: ada:ada
    ///     content: |
    ///       ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@phone
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     no-create-home: false
    ///     no-user-group: false
    ///     ssh-authorized-keys:
    ///       - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk
    ///       - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@phone
    /// ```
    KEYS_WRITTEN_TWICE, keys_written_twice: "keys-written-twice", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A file `authorized_keys` whose content does not end in a line break.
    ///
    /// ## Why it matters
    /// Programs that add a key append it, and do not look at what stands before (contract U-24, I-80): the next key is
    /// glued to the last one, and both are lost.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /root/.ssh/authorized_keys
    ///     content: |-   # <-
    ///       ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk
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
    ///   - path: /root/.ssh/authorized_keys
    ///     content: |
    ///       ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk
    /// ```
    KEY_FILE_WITHOUT_NEWLINE, key_file_without_newline: "key-file-without-newline", FirstBoot, Warn;
}

/// Judges keys one by one.
pub(super) fn keys(case: &Case<'_>, keys: &[Text<'_>]) {
    for key in keys {
        // A private key is reported as what everybody can read.
        if key.text.contains("PRIVATE KEY-----") {
            continue;
        }
        let lines = key.text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        if let Some(what) = lines.filter_map(|line| authorized_key(line).err()).next() {
            let help = "the whole line of the `.pub` file, which begins like `ssh-ed25519 AAAA`";
            case.at(&MALFORMED_AUTHORIZED_KEY, key.place, format!("{what}; it lets nobody in"), help);
        }
    }
}

/// Judges a list at the margin; `users` are those that were made before it.
pub(super) fn at_the_margin(case: &Case<'_>, key: &Text<'_>, users: &[&User<'_>]) {
    // Plain names come first and entries last, from the last to the first.
    let first = users.iter().find(|user| user.name_key.is_some()).or(users.first());
    match first.and_then(|user| user.name) {
        None => {
            let message = "ucd writes these keys for the user `clear`, whom this machine does not have, and drops them";
            let help = "put them behind `ssh-authorized-keys` of a user's entry";
            case.at(&KEYS_FOR_NOBODY, key.place, message, help);
        }
        Some(name) => {
            let message = format!("these keys land in the file of {}, the first user of the list", case.quote(&name));
            let finding =
                case.finding(&KEYS_FOR_FIRST_USER, key.place, message).and(case.span(name.place), "whose file");
            case.report(finding.help("put them behind `ssh-authorized-keys` of the user's entry"));
        }
    }
}

/// Judges files of keys.
pub(super) fn key_files(case: &Case<'_>, files: &[&File<'_>], users: &[&User<'_>]) {
    for file in files {
        let (Some(path), Some(content)) = (file.path, file.content) else { continue };
        let Some(home) = path.text.strip_suffix("/.ssh/authorized_keys") else { continue };
        let user = users.iter().find(|user| !user.keys.is_empty() && user.key_file() == path.text);
        let installer = case.around.users.get(home.strip_prefix("/home/").unwrap_or_default()).is_some_and(|key| *key);
        if user.is_some() || installer {
            let message = "these keys are written over others in the same file, and pieces of both are left";
            let finding = case.finding(&KEYS_WRITTEN_TWICE, path.place, message);
            case.report(match user.and_then(|user| user.keys.first()) {
                Some(key) => {
                    let finding = finding.and(case.span(key.place), "ucd appends these");
                    finding.help("put all keys behind `ssh-authorized-keys` of the user's entry")
                }
                None => finding.help("the installer writes the user's key there; put this one into the fleet file"),
            });
        } else if !content.text.is_empty() && !content.text.ends_with('\n') {
            unfinished(case, &content);
        }
    }
}

fn unfinished(case: &Case<'_>, content: &Text<'_>) {
    let message = "the last key has no line break behind it, and the next one is glued to it";
    let finding = case.finding(&KEY_FILE_WITHOUT_NEWLINE, text::first_line(case, content), message);
    let sign = text::sign(case, content).filter(|sign| sign.end == sign.start + 2);
    let double = content.kind == Kind::Quoted && text::starts_with(case, content.place, '"');
    case.report(match sign {
        Some(sign) => {
            let finding = finding.help("write `|`, which keeps the last line break");
            case.edited(finding, sign, if text::starts_with(case, sign, '|') { "|" } else { ">" })
        }
        None if double => {
            let end = content.place.end;
            let closing = Place { start: end - 1, end };
            case.edited(finding.help("put `\\n` before the closing quote"), closing, "\\n\"")
        }
        None => finding.help("write the content as a block, with `|`"),
    });
}
