//! What killed builds leave behind is cleared, and nothing foreign is lost.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use fleetc::publish::{Output, publish};

use crate::{Site, expected, files, identity};

/// A site with `a` and `old/b` published, `mine` and `own/file` foreign, and a folder as a killed build leaves it,
/// filled by `leave`.
fn killed(leave: impl Fn(&Site, &Path)) -> Site {
    let site = Site::new();
    site.publish(&files([("a", "1"), ("old/b", "2")])).unwrap();
    site.put("mine", "mine");
    site.put("own/file", "mine");
    let beside = site.folder.path().join("srv/.out.fleetc-new");
    fs::create_dir_all(&beside).unwrap();
    fs::write(site.folder.path().join("srv/.out.fleetc-manifest"), "{\"version\"").unwrap();
    leave(&site, &beside);
    site
}

const FOREIGN: [(&str, &str); 2] = [("mine", "mine"), ("own/file", "mine")];

#[test]
fn a_half_built_generation_is_removed() {
    let site = killed(|site, beside| {
        fs::create_dir_all(beside.join("own")).unwrap();
        fs::hard_link(site.path("own/file"), beside.join("own/file")).unwrap();
        fs::hard_link(site.path("a"), beside.join("a")).unwrap();
        fs::write(beside.join("torn"), "to").unwrap();
        fs::create_dir(beside.join("locked")).unwrap();
        fs::write(beside.join("locked/in"), "").unwrap();
        fs::set_permissions(beside.join("locked"), fs::Permissions::from_mode(0o500)).unwrap();
    });
    let before = identity(site.path("own/file"));
    for tree in [files([("a", "1"), ("old/b", "2")]), files([("a", "2")])] {
        site.publish(&tree).unwrap();
        assert_eq!(site.content(&tree), expected(&tree, &FOREIGN));
        assert_eq!(identity(site.path("own/file")), before);
    }
}

#[test]
fn a_complete_generation_gives_back_what_is_not_fleetc_s() {
    // The old tree, killed after the exchange and before its foreign files were moved over.
    let site = killed(|site, beside| {
        fs::hard_link(site.path("mine"), beside.join("mine")).unwrap();
        fs::copy(site.path("manifest.json"), beside.join("manifest.json")).unwrap();
        fs::write(beside.join("a"), "an older one").unwrap();
        fs::create_dir_all(beside.join("old/inner")).unwrap();
        fs::write(beside.join("old/late"), "late").unwrap();
        fs::create_dir_all(beside.join("own")).unwrap();
        fs::rename(site.path("own/file"), beside.join("own/file")).unwrap();
        symlink("late", beside.join("link")).unwrap();
    });
    let tree = files([("a", "2")]);
    site.publish(&tree).unwrap();
    let foreign = [FOREIGN[0], FOREIGN[1], ("old/late", "late"), ("old/inner", "/"), ("link", "-> late")];
    assert_eq!(site.content(&tree), expected(&tree, &foreign));
}

#[test]
fn two_versions_of_a_foreign_file_are_both_kept() {
    let site = killed(|site, beside| {
        fs::copy(site.path("manifest.json"), beside.join("manifest.json")).unwrap();
        fs::write(beside.join("mine"), "another").unwrap();
        fs::create_dir(beside.join("own")).unwrap();
        fs::write(beside.join("own/file"), "mine").unwrap();
    });
    let tree = files([("a", "2")]);
    let notes = RefCell::new(Vec::new());
    let notice = |note: &str| notes.borrow_mut().push(note.to_string());
    publish(&tree, &site.loader, &Output::new(&site.out(), crate::SPARE), &notice, &|_| ()).unwrap();
    // The one that was modified last keeps its name.
    let foreign = [("mine", "another"), ("mine.fleetc-kept-1", "mine"), FOREIGN[1]];
    assert_eq!(site.content(&tree), expected(&tree, &foreign), "the same bytes are no other version");
    let [note] = &notes.into_inner()[..] else { panic!("one note") };
    assert!(note.contains("out/mine` changed during a build; its other version is kept as `"), "{note}");
}

#[test]
fn a_retirement_that_was_killed_goes_on() {
    let site = killed(|site, beside| {
        fs::hard_link(site.path("mine"), beside.join("mine.fleetc-gone")).unwrap();
        fs::write(beside.join("late"), "late").unwrap();
        let aside = beside.with_file_name(".out.fleetc-gone");
        fs::write(aside, "{\"version\": 1, \"files\": [\n]}\n").unwrap();
    });
    let tree = files([("a", "2")]);
    site.publish(&tree).unwrap();
    assert_eq!(site.content(&tree), expected(&tree, &[FOREIGN[0], FOREIGN[1], ("late", "late")]));
    // Killed after the folder was removed.
    fs::write(site.folder.path().join("srv/.out.fleetc-gone"), "{}").unwrap();
    site.publish(&tree).unwrap();
    assert_eq!(site.content(&tree), expected(&tree, &[FOREIGN[0], FOREIGN[1], ("late", "late")]));
}

#[test]
fn a_generation_with_a_broken_manifest_is_left_to_people() {
    let site = killed(|_, beside| fs::write(beside.join("manifest.json"), "{").unwrap());
    let error = site.publish(&files([("a", "2")])).unwrap_err().to_string();
    assert!(error.contains("look for files of yours in it"), "{error}");
    assert_eq!(site.text("a"), "1");
}

#[test]
fn a_first_build_that_was_killed_is_recovered() {
    let site = Site::new();
    let tree = files([("a", "1")]);
    site.publish(&tree).unwrap();
    fs::rename(site.out(), site.folder.path().join("srv/.out.fleetc-new")).unwrap();
    let tree = files([("a", "2")]);
    assert_eq!(site.publish(&tree).unwrap().written, 2);
    assert_eq!(site.content(&tree), expected(&tree, &[]));
}

#[test]
fn what_was_recovered_into_a_folder_that_was_emptied_is_kept() {
    let site = killed(|site, beside| {
        fs::remove_dir(beside).unwrap();
        fs::rename(site.out(), beside).unwrap();
    });
    let tree = files([("a", "2")]);
    site.publish(&tree).unwrap();
    assert_eq!(site.content(&tree), expected(&tree, &FOREIGN));
}

#[test]
fn the_old_tree_is_put_back_when_a_build_was_killed_between_two_renames() {
    for emptied in [false, true] {
        let site = killed(|site, beside| {
            fs::write(beside.join("manifest.json"), "{\"version\": 1, \"files\": [\n]}\n").unwrap();
            fs::hard_link(site.path("mine"), beside.join("mine")).unwrap();
        });
        fs::rename(site.out(), site.folder.path().join("srv/.out.fleetc-old")).unwrap();
        if emptied {
            fs::create_dir(site.out()).unwrap();
        }
        let tree = files([("a", "2")]);
        site.publish(&tree).unwrap();
        assert_eq!(site.content(&tree), expected(&tree, &FOREIGN));
    }
}
