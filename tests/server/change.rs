//! A fleet file that changes while its tree is served.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::raw::get;
use crate::serving::{PATIENCE, Serving};
use crate::{example, program};

/// Asks until the answer has `text` in it.
fn until(serving: &Serving, path: &str, text: &str) {
    let start = Instant::now();
    while !String::from_utf8_lossy(&get(serving.address, path).body).contains(text) {
        assert!(start.elapsed() < PATIENCE, "{path} never has `{text}`");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn replace(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from}");
    fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn a_tree_follows_its_sources_and_stays_while_they_have_errors() {
    let folder = tempfile::tempdir().unwrap();
    let pilot = folder.path().join("pilot");
    program::copy(&example::named("pilot").folder, &pilot);
    let mut serving = Serving::start(&pilot, &[]);
    serving.complaints("--root");
    let (file, role) = (pilot.join("fleet.yaml"), pilot.join("roles/managed.yaml"));
    let (script, installs) = ("/boot/52-54-00-00-01-04.ipxe", "installs release stable");
    assert!(!String::from_utf8_lossy(&get(serving.address, script).body).contains(installs));

    replace(&file, "role: compute, state: installed", "role: compute, state: install");
    until(&serving, script, installs);
    assert_eq!(serving.complaints("tree"), ["the new tree is served"]);

    replace(&file, "role: compute, state: install ", "role: compote, state: install ");
    assert_eq!(serving.complaints("tree"), ["the tree from before is served on"]);
    until(&serving, script, installs);

    replace(&file, "role: compote, state: install ", "role: compute, state: installed ");
    assert_eq!(serving.complaints("tree"), ["the new tree is served"]);
    assert!(!String::from_utf8_lossy(&get(serving.address, script).body).contains(installs));

    // A role text is a source as well.
    let text = fs::read_to_string(&role).unwrap();
    fs::write(&role, format!("{text}# changed\n")).unwrap();
    until(&serving, "/icis/get_role/compute", "# changed");

    fs::rename(&file, pilot.join("gone")).unwrap();
    let said = serving.complaints("served on");
    assert!(said.last().unwrap().starts_with("`fleet.yaml` cannot be read"), "{said:?}");
    assert_eq!(get(serving.address, script).status, 200);
    assert_eq!(serving.stop().0, Some(0));
}
