//! Any fleet file with any role text gets findings, never a panic; every place lies in its file, and a fleet without
//! errors has a tree. The role text comes behind a line `%%%`.
#![no_main]

#[path = "../../support/stands.rs"]
mod stands;

use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::source::Memory;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (fleet, role) = text.split_once("\n%%%\n").unwrap_or((text, "#cloud-config\n"));
    let roles = ["managed", "compute", "web", "storage", "base"].map(|name| format!("roles/{name}.yaml"));
    let images = ["boot/linux-29880", "boot/initrd-29880", "linux", "initrd"].map(|name| (name, "x"));
    let loader = Memory::new(roles.iter().map(|name| (name.as_str(), role)).chain(images));
    let compiled = compile("fleet.yaml", fleet.to_string(), "", &loader, &Levels::default());
    stands::stands(&compiled);
    stands::every_format(&compiled);
    stands::emits(&compiled);
});
