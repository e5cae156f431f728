//! What is served is the tree that `build` writes, byte for byte.

use std::fs;

use serde_json::Value;

use crate::raw::get;
use crate::serving::Serving;
use crate::{example, program};

#[test]
fn every_file_of_every_example_is_served() {
    for example in example::all() {
        let folder = tempfile::tempdir().unwrap();
        let built = program::build(&example.folder, &folder.path().join("out"));
        let url = example.document()["server"]["url"].as_str().unwrap().to_string();
        let path = url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default();
        let serving = Serving::start(&example.folder, &[]);
        assert!(built.len() > 5, "{}", example.name);
        for (file, bytes) in &built {
            for spelling in [file.clone(), file.replace(':', "%3A")] {
                let answer = get(serving.address, &format!("{}/{spelling}", path.trim_end_matches('/')));
                assert_eq!(answer.status, 200, "{}: {file}", example.name);
                assert!(answer.body == *bytes, "{}: {file} is served with other bytes", example.name);
            }
        }
        let manifest: Value =
            serde_json::from_slice(&get(serving.address, &format!("{path}/manifest.json")).body).unwrap();
        assert_eq!(manifest["files"].as_array().unwrap().len() + 1, built.len());
    }
}

#[test]
fn with_another_url_the_tree_is_that_of_a_fleet_file_that_says_so() {
    let pilot = example::named("pilot");
    let url = "http://10.0.2.2:8080/fleet/a";
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("pilot");
    program::copy(&pilot.folder, &copy);
    let text = pilot.text();
    let old = pilot.document()["server"]["url"].as_str().unwrap().to_string();
    assert_eq!(text.matches(&format!("url: {old}")).count(), 1);
    fs::write(copy.join("fleet.yaml"), text.replace(&format!("url: {old}"), &format!("url: {url}"))).unwrap();
    let built = program::build(&copy, &folder.path().join("out"));
    let serving = Serving::start(&pilot.folder, &["--url", url]);
    let mut changed = 0;
    for (file, bytes) in built.iter().filter(|(file, _)| *file != "manifest.json") {
        let answer = get(serving.address, &format!("/fleet/a/{file}"));
        assert!((answer.status, &answer.body) == (200, bytes), "{file}");
        changed += usize::from(String::from_utf8_lossy(bytes).contains(url));
    }
    assert!(changed > 5, "{changed}");
    // Nothing is served beside the path of the URL, but the way there.
    for (path, status) in [
        ("/ipxe_boot_script.txt", 404),
        ("/fleetipxe_boot_script.txt", 404),
        ("/fleet/ipxe_boot_script.txt", 404),
        ("/", 403),
        ("/fleet", 301),
        ("/fleet/", 403),
        ("/fleet/a", 301),
        ("/fleet/a/", 403),
        ("/fleet/ab", 404),
        ("/flee", 404),
    ] {
        assert_eq!(get(serving.address, path).status, status, "{path}");
    }
}

#[test]
fn a_link_in_a_folder_besides_is_followed_and_a_pipe_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("image-1"), "an image\n").unwrap();
    std::os::unix::fs::symlink("image-1", folder.path().join("linux")).unwrap();
    let pipe = folder.path().join("initrd");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let root = folder.path().to_str().unwrap();
    let serving = Serving::start(&example::named("pilot").folder, &["--root", root]);
    assert_eq!(get(serving.address, "/linux").body, b"an image\n");
    assert_eq!(get(serving.address, "/initrd").status, 404);
    // The tree comes first: nothing beside it stands in for one of its files.
    fs::create_dir_all(folder.path().join("boot")).unwrap();
    fs::write(folder.path().join("ipxe_boot_script.txt"), "other\n").unwrap();
    fs::write(folder.path().join("boot/52-54-00-ff-ff-01.ipxe"), "mine\n").unwrap();
    assert!(get(serving.address, "/ipxe_boot_script.txt").body.starts_with(b"#!ipxe\n"));
    assert_eq!(get(serving.address, "/boot/52-54-00-ff-ff-01.ipxe").body, b"mine\n");
}
