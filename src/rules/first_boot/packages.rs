//! Bundles that ucd adds at boot: `packages`, `package_upgrade` and what they wait for.

use super::case::Case;
use super::kinds;
use super::read::{Text, Value};
use super::text;
use crate::diag::rule;
use crate::facts::{BundleId, Bundles};
use crate::nearest;

rule! {
    /// ## What it does
    /// A name in `packages` that is no bundle's: it has signs that the shell reads, or is too long.
    ///
    /// ## Why it matters
    /// ucd runs `swupd bundle-add NAME` in a shell, without quotes around the name (contract X-18), and cuts the command at
    /// 255 bytes (U-29).
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable: { version: latest, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// wait_for_network: true
    /// packages:
    ///   - nginx>=1.20   # <-
    /// service:
    ///   - mask: ucd.service
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable: { version: latest, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// wait_for_network: true
    /// packages:
    ///   - nginx
    /// service:
    ///   - mask: ucd.service
    /// ```
    MALFORMED_PACKAGE, malformed_package: "malformed-package", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// Several names in one item of `packages`: text with blanks, or a list in the list.
    ///
    /// ## Why it matters
    /// In cloud-init an inner list is a package and its version. ucd takes each word for a bundle (contract U-29).
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable: { version: latest, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// wait_for_network: true
    /// packages:
    ///   - [nginx, 1.20.1]   # <-
    /// service:
    ///   - mask: ucd.service
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable: { version: latest, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// wait_for_network: true
    /// packages:
    ///   - nginx
    /// service:
    ///   - mask: ucd.service
    /// ```
    PACKAGES_IN_ONE_ITEM, packages_in_one_item: "packages-in-one-item", FirstBoot, Warn;
}

rule! {
    /// ## What it does
    /// `packages` or `package_upgrade` without a `wait_for_network` before it.
    ///
    /// ## Why it matters
    /// Before it runs `swupd` ucd waits until the name `0.clearlinux.pool.ntp.org` has an address, up to five minutes
    /// (contract U-29): machines without a way to the public name service stand still for that long, at every boot.
    /// Bundles of the fleet file are there before the first boot.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable: { version: latest, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// packages:   # <-
    ///   - nginx
    /// service:
    ///   - mask: ucd.service
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute:
    ///     cloud_config: role.yaml
    ///     bundles: { add: [nginx] }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    PACKAGES_WAIT_FOR_DNS, packages_wait_for_dns: "packages-wait-for-dns", FirstBoot, Warn;
}

rule! {
    /// ## What it does
    /// A name in `packages` that no release of Clear Linux has as a bundle.
    ///
    /// ## Why it matters
    /// ucd hands the names to `swupd bundle-add`, which knows bundles, and not the packages that other systems have
    /// (contract U-29). It fails, and nobody is told (U-5).
    ///
    /// Machines with `mirror_url`, `version_url` or a hook before the installation may have bundles of a mix: their names
    /// are not judged here.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable: { version: latest, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// wait_for_network: true
    /// packages:
    ///   - python3-pip   # <-
    /// service:
    ///   - mask: ucd.service
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable: { version: latest, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// wait_for_network: true
    /// packages:
    ///   - python3-basic
    /// service:
    ///   - mask: ucd.service
    /// ```
    PACKAGE_WITHOUT_BUNDLE, package_without_bundle: "package-without-bundle", FirstBoot, Error, fixed;
}

/// What a command may be long (contract U-29), and what stands before the name in it.
const MOST: usize = 255;
const COMMAND: &str = "/usr/bin/swupd bundle-add ";

/// Reads the value of `packages`.
pub(super) fn read<'d>(case: &Case<'_>, key: &Text<'d>, value: &Value<'d>) -> Vec<Text<'d>> {
    let nothing = "ucd adds nothing";
    let Value::List(list) = value else {
        let names = kinds::texts(case, key, value, true, nothing);
        return names.into_iter().filter(|name| is_good(case, key, name)).collect();
    };
    let mut names = Vec::new();
    for item in list.items() {
        match item {
            Value::Text(text) => {
                names.extend(kinds::filled(case, key, text).filter(|name| is_good(case, key, name)));
            }
            Value::List(inner) => {
                let message = "ucd adds each name of this inner list as a bundle of its own";
                case.at(&PACKAGES_IN_ONE_ITEM, inner.place(), message, "write one bundle an item, without a version");
                names.extend(kinds::texts(case, key, &item, true, nothing));
            }
            item => kinds::wrong(case, key, &item, kinds::NAMES, nothing),
        }
    }
    names
}

fn is_good(case: &Case<'_>, key: &Text<'_>, name: &Text<'_>) -> bool {
    if !text::whole(case, key.text, name) {
        return false;
    }
    let letters = |c: char| c.is_ascii_alphanumeric() || " ._+-".contains(c);
    let message = if !name.text.chars().all(letters) || name.text.starts_with(['-', '.']) {
        format!("{} is no bundle's name, and goes through a shell", case.quote(name))
    } else if COMMAND.len() + name.text.len() > MOST {
        format!("ucd cuts the command at {MOST} bytes, and with it this name")
    } else {
        known(case, name);
        if name.text.trim().contains(' ') {
            let message = format!("ucd adds each word of {} as a bundle", case.quote(name));
            case.at(&PACKAGES_IN_ONE_ITEM, name.place, message, "write one bundle an item");
        }
        return true;
    };
    case.at(&MALFORMED_PACKAGE, name.place, message, "one bundle an item: letters, digits, `.`, `_`, `+` and `-`");
    false
}

/// Reports names that no release has.
fn known(case: &Case<'_>, text: &Text<'_>) {
    let bundles = Bundles::get();
    for name in text.text.split_whitespace().filter(|name| !case.around.mix && bundles.find(name).is_none()) {
        let message = format!("no release has a bundle {}; ucd adds nothing, and says nothing", case.part(name, text));
        let near = nearest::nearest(name, bundles.all().map(BundleId::name));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name the bundle that has the package: `swupd search` finds it".to_string(),
        };
        case.at(&PACKAGE_WITHOUT_BUNDLE, text.place, message, help);
    }
}

/// Judges what waits for the network; `wait` is a `wait_for_network` that comes too late.
pub(super) fn waits(case: &Case<'_>, key: &Text<'_>, names: &[Text<'_>], wait: Option<&Text<'_>>) {
    let message = format!("before `{}` ucd waits for a public name to have an address, up to five minutes", key.text);
    let mut finding = case.finding(&PACKAGES_WAIT_FOR_DNS, key.place, message);
    if let Some(wait) = wait {
        finding = finding.and(case.span(wait.place), "this comes too late for it");
    }
    let names: Vec<&str> = names.iter().flat_map(|name| name.text.split_whitespace()).collect();
    let help = match names.is_empty() {
        true => "write `wait_for_network: false` before it if there is no such name service; the installer brings the release's newest".to_string(),
        false => format!("let the installer bring them, with `bundles: {{ add: [{}] }}` in the role; or write `wait_for_network` before", names.join(", ")),
    };
    case.report(finding.help(help));
}
