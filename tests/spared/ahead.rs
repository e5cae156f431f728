//! The look that is had ahead of a build, while the fleet file is read.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use fleetc::publish::{Output, Spare};

use crate::turn::{ledger, spared, tree};
use crate::{Files, Site, expected, identity, names};

fn looked(out: &Path, stop: bool) -> Output<'_> {
    Output::new(out, crate::SPARE).look(&AtomicBool::new(stop))
}

#[test]
fn a_look_ahead_is_the_look_of_the_build() {
    let site = spared();
    let out = site.out();
    let ahead = looked(&out, false);
    // Nobody looks twice: the next build sees what was touched in between.
    fs::write(site.path("d/b"), "X").unwrap();
    assert_eq!(site.publish_in(&tree("1"), &ahead).unwrap().written, 0);
    assert_eq!(site.publish_in(&tree("1"), &looked(&out, false)).unwrap().written, 2);
    assert_eq!(site.content(&tree("1")), expected(&tree("1"), &[]));
}

/// Edits a file between the look and the build, which links it; says what the build after that makes of it.
fn edited_behind_the_look(site: &Site, path: &str, next: &Files) {
    let out = site.out();
    let ahead = looked(&out, false);
    fs::write(site.path(path), "X").unwrap();
    // The clock of the file system goes on before the build begins.
    std::thread::sleep(std::time::Duration::from_millis(20));
    site.publish_in(next, &ahead).unwrap();
    site.publish_in(next, &looked(&out, false)).unwrap();
    assert_eq!(site.content(next), expected(next, &[]), "{path}");
}

#[test]
fn what_is_edited_behind_the_look_is_healed_by_the_build_after() {
    for path in ["a", "d/b", "d/e/f", "g/h"] {
        // Every file is linked, and its stamp is new.
        let site = Site::new();
        site.publish(&tree("1")).unwrap();
        edited_behind_the_look(&site, path, &tree("2"));
        edited_behind_the_look(&spared(), path, &tree("2"));
    }
    // What the last build changed is linked into the spare.
    let mut next = tree("1").files;
    next[0].1 = "changed".to_string();
    edited_behind_the_look(&spared(), "d/c", &Files::new(next));
}

#[test]
fn a_look_ahead_that_was_stopped_is_none() {
    let site = spared();
    let out = site.out();
    let ahead = looked(&out, true);
    fs::write(site.path("d/b"), "X").unwrap();
    assert_eq!(site.publish_in(&tree("1"), &ahead).unwrap().written, 2);
    assert_eq!(site.content(&tree("1")), expected(&tree("1"), &[]));
}

#[test]
fn a_look_ahead_of_another_build_is_none() {
    let site = spared();
    let out = site.out();
    let ahead = looked(&out, false);
    site.publish(&tree("2")).unwrap();
    fs::write(site.path("d/b"), "X").unwrap();
    site.publish_in(&tree("3"), &ahead).unwrap();
    assert_eq!(site.content(&tree("3")), expected(&tree("3"), &[]));
}

#[test]
fn looking_makes_nothing() {
    let site = Site::new();
    let beside = site.folder.path().join("a/b/out");
    let _ = looked(&beside, false);
    assert_eq!(names(site.folder.path()), [""; 0]);
    fs::write(site.folder.path().join("file"), "").unwrap();
    let _ = looked(&site.folder.path().join("file"), false);
    let site = spared();
    let before = (identity(site.out()), fs::read(ledger(&site)).unwrap(), names(site.out().parent().unwrap()));
    let _ = looked(&site.out(), false);
    let _ = Output::new(&site.out(), Spare::Never).look(&AtomicBool::new(false));
    let now = (identity(site.out()), fs::read(ledger(&site)).unwrap(), names(site.out().parent().unwrap()));
    assert_eq!(now, before);
}
