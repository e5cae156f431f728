//! Which part of an installation each key of the template tells of.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::emit::part::Part;

/// The part that a key tells of; none for one that all templates have alike.
fn part(key: &str) -> Option<Part> {
    Some(match key {
        "PartitionLayout" | "FilesystemTypes" | "PartitionMountPoints" => Part::Layout,
        "Version" => Part::Release,
        "Bundles" => Part::Bundles,
        "SoftwareManager" => Part::SoftwareManager,
        "Users" => Part::Users,
        "Hostname" => Part::Name,
        "Static_IP" => Part::Address,
        "cmdline" => Part::Cmdline,
        "LegacyBios" => Part::LegacyBios,
        "HTTPSProxy" => Part::HttpsProxy,
        "HTTPProxy" => Part::HttpProxy,
        "MirrorURL" => Part::MirrorUrl,
        "VersionURL" => Part::VersionUrl,
        "IsterCloudInitSvc" => Part::Service,
        "DisabledNewPartitions" => Part::KeepPartitionTable,
        "PreInstallShell" => Part::PreInstallShell,
        "PostNonChroot" => Part::PostNonchroot,
        "PostNonChrootShell" => Part::PostNonchrootShell,
        "PostChroot" => Part::PostChroot,
        "PostChrootShell" => Part::PostChrootShell,
        _ => return None,
    })
}

/// The parts in which two templates differ. A key that is not known counts for the layout, the gravest of them.
pub(super) fn differ(a: &Map<String, Value>, b: &Map<String, Value>) -> Vec<Part> {
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let differing = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
    let parts: BTreeSet<Part> = differing.map(|key| part(key).unwrap_or(Part::Layout)).collect();
    parts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn every_key_of_the_template_tells_of_a_part() {
        let schema = serde_json::to_value(crate::emit::ister::schema()).unwrap();
        let keys = schema["properties"].as_object().unwrap();
        assert!(keys.len() > 20);
        for key in keys.keys().filter(|key| *key != "DestinationType") {
            assert!(part(key).is_some(), "{key}");
        }
    }
}
