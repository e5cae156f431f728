//! What goes into the fleet file for boot files that were made.

use super::name::shown;
use super::{Installer, Made};
use crate::model::{FilePath, FromText};
use crate::report::thousands;

/// The part `releases` of a fleet file for boot files in `folder`, which the fleet file lies beside; above it, as comments,
/// what is known of them. `image` is what the image is called. Without a version of ister there are the comments alone.
pub fn stanza(made: &Made, image: &str, folder: &str) -> String {
    let (facts, kernel, initrd) = (&made.facts, &made.kernel, &made.initrd);
    let bytes = |length: u64| format!("{} bytes", count(length));
    let release = facts.known.release.map_or("no release number".to_string(), |release| format!("release {release}"));
    let format = facts.known.format.map_or(String::new(), |format| format!(", swupd format {format}"));
    let installer = match facts.known.installer {
        Some(Installer::Ister(Some(version))) => format!("ister {version} or later"),
        Some(Installer::Ister(None)) => "ister before 38".to_string(),
        Some(Installer::ClrInstaller) => "clr-installer".to_string(),
        None => "no known installer".to_string(),
    };
    let unpacked = facts.files.map_or(String::new(), |(files, length)| {
        format!(" of {} files, {} unpacked", count(files as u64), bytes(length))
    });
    let mut text = format!(
        "# `{}`, {}: {release}{format}, {installer}\n# {}: `{}`, {}\n# {}: the initrd{unpacked}, {}\n",
        shown(image.as_bytes()),
        facts.from,
        kernel.name,
        facts.kernel,
        bytes(kernel.length),
        initrd.name,
        bytes(initrd.length),
    );
    let Some(Installer::Ister(Some(ister))) = facts.known.installer else {
        text.push_str(&format!("# sha256 of {}: {}\n", kernel.name, kernel.sha256));
        text.push_str(&format!("# sha256 of {}: {}\n", initrd.name, initrd.sha256));
        return text;
    };
    let (name, version) = match facts.known.release {
        Some(release) => (format!("clear-{release}"), release.to_string()),
        // The newest release of the format that swupd in the image reads (contract I-71).
        None => ("clear".to_string(), "latest".to_string()),
    };
    let artifact =
        |file: &super::Written| format!("{{ file: {}, sha256: {} }}", quoted(&path(folder, &file.name)), file.sha256);
    text.push_str(&format!(
        "releases:\n  {name}:\n    version: {version}\n    kernel: {}\n    initrd: {}\n    boot_args: [quiet, rw]\n    \
         installer: {{ kind: ister, version: {ister} }}\n",
        artifact(kernel),
        artifact(initrd),
    ));
    text
}

fn count(number: u64) -> String {
    thousands(usize::try_from(number).unwrap_or(usize::MAX))
}

/// Whether a fleet file may name files in a folder.
pub fn is_beside(folder: &str) -> bool {
    let path = format!("{folder}/linux");
    folder.is_empty() || folder == "." || FilePath::from_text(&path).is_ok_and(|path| path.outside().is_none())
}

/// The path of a file in a folder; without the folder when no fleet file may name it.
fn path(folder: &str, name: &str) -> String {
    let folder = folder.strip_prefix("./").unwrap_or(folder).trim_end_matches('/');
    if folder.is_empty() || folder == "." || !is_beside(folder) { name.to_string() } else { format!("{folder}/{name}") }
}

/// A path as a YAML scalar inside a flow mapping. A path in a fleet file has neither quotes nor backslashes.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "./_-".contains(c);
    let first = path.starts_with(|c: char| c.is_ascii_alphanumeric());
    if first && path.chars().all(plain) { path.to_string() } else { format!("\"{path}\"") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_yaml::Value;

    use super::*;
    use crate::image::{Facts, Known, Written};
    use crate::model::Sha256;

    proptest! {
        #[test]
        fn paths_are_read_back(folder in "[A-Za-z0-9._~+@,-]{1,8}(/[A-Za-z0-9._~+@,-]{1,8}){0,2}") {
            let path = format!("{folder}/linux");
            let text = format!("{{ file: {}, more: 1 }}", quoted(&path));
            let value: Value = serde_yaml::from_str(&text).unwrap();
            prop_assert_eq!(value["file"].as_str(), Some(path.as_str()));
            prop_assert_eq!(value["more"].as_u64(), Some(1));
        }

        #[test]
        fn names_from_an_image_stay_in_comments(name in "\\PC{0,20}|[a:{}\n\r\t\u{85}\u{2028}\u{2029}\u{0}#-]{0,12}") {
            let file = |name: &str| Written { name: name.to_string(), length: 1, sha256: Sha256([7; 32]) };
            let shown = shown(name.as_bytes());
            let installer = Some(Installer::Ister(Some(67)));
            let known = Known { release: Some(29880), format: None, installer };
            let facts = Facts { from: format!("partition 2 (`{shown}`)"), known, kernel: shown, files: None, own_init: false };
            let made = Made { facts, kernel: file("linux-29880"), initrd: file("initrd-29880") };
            let text = stanza(&made, &name, "boot");
            prop_assert_eq!(text.lines().filter(|line| line.starts_with("# ")).count(), 3);
            let value: Value = serde_yaml::from_str(&text).unwrap();
            prop_assert_eq!(value.as_mapping().unwrap().len(), 1);
            let release = &value["releases"]["clear-29880"];
            prop_assert_eq!(release["kernel"]["file"].as_str(), Some("boot/linux-29880"));
            let sum = "07".repeat(32);
            prop_assert_eq!(release["initrd"]["sha256"].as_str(), Some(sum.as_str()));
        }
    }
}
