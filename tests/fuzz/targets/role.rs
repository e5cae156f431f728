//! Any role text, in a file of its own or inside the fleet file, gets findings, never a panic; every place lies in its file.
#![no_main]

#[path = "../../support/stands.rs"]
mod stands;

use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::source::Memory;
use libfuzzer_sys::fuzz_target;

/// A small fleet whose role has the text that is tried.
const FLEET: &str = include_str!("../../../examples/minimal/fleet.yaml");

fuzz_target!(|role: &str| {
    let file = "    cloud_config: roles/managed.yaml\n";
    assert!(FLEET.contains(file), "the example names another file");
    let loader = Memory::new([("roles/managed.yaml", role)]);
    let judge = |text: String| {
        let compiled = compile("fleet.yaml", text, "", &loader, &Levels::default());
        stands::stands(&compiled);
        stands::emits(&compiled);
    };
    judge(FLEET.to_string());
    let indented: String = role.lines().map(|line| format!("      {line}\n")).collect();
    judge(FLEET.replace(file, &format!("    cloud_config: |\n{indented}")));
});
