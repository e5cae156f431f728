//! What the reader of manifests takes is sorted, safe, and the same when it is written and read again.
#![no_main]

use fleetc::publish::Manifest;
use fleetc::tree::TreePath;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(manifest) = Manifest::parse(bytes) else { return };
    assert!(manifest.files.is_sorted_by(|a, b| a.path.as_str() < b.path.as_str()));
    assert!(manifest.files.iter().all(|entry| TreePath::is_safe(entry.path.as_str())));
    let again = serde_json::to_vec(&manifest).unwrap();
    assert_eq!(Manifest::parse(&again).unwrap(), manifest);
});
