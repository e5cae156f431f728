//! What fleetc did not write is carried along, or refuses the build; it is never changed.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use fleetc::publish::{PublishError, Published};

use crate::{Files, Site, content, expected, files, identity, names, state};

#[test]
fn foreign_files_are_carried_as_they_are() {
    let site = Site::new();
    site.publish(&files([("a/b", "1"), ("c", "2")])).unwrap();
    site.put("a/mine", "mine");
    site.put("own/deep/er", "mine too");
    fs::create_dir_all(site.path("own/empty")).unwrap();
    symlink("/nowhere", site.path("a/dangling")).unwrap();
    symlink("a", site.path("folder")).unwrap();
    let odd = OsStr::from_bytes(b"own/\xff \n");
    fs::write(site.path(odd), "odd").unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, site.path("pipe"), rustix::fs::Mode::RWXU).unwrap();
    fs::set_permissions(site.path("own/deep"), fs::Permissions::from_mode(0o550)).unwrap();
    fs::set_permissions(site.path("a"), fs::Permissions::from_mode(0o750)).unwrap();
    let kept = ["a/mine", "own/deep/er", "a/dangling", "folder", "pipe"];
    let before = kept.map(|name| identity(site.path(name)));
    let folder = fs::metadata(site.path("own/deep")).unwrap().modified().unwrap();
    for tree in [files([("a/b", "1"), ("c", "3")]), files([("c", "4")]), files([("own/x", "5")])] {
        site.publish(&tree).unwrap();
        let mut content = site.content(&tree);
        assert_eq!(content.remove(Path::new(odd)).unwrap(), "odd");
        let foreign = [
            ("a/mine", "mine"),
            ("own/deep/er", "mine too"),
            ("own/empty", "/"),
            ("a/dangling", "-> /nowhere"),
            ("folder", "-> a"),
            ("pipe", "special"),
        ];
        assert_eq!(content, expected(&tree, &foreign));
        assert_eq!(kept.map(|name| identity(site.path(name))), before);
        let deep = fs::metadata(site.path("own/deep")).unwrap();
        assert_eq!((deep.mode() & 0o7777, deep.modified().unwrap()), (0o550, folder));
        assert_eq!(fs::metadata(site.path("a/mine")).unwrap().nlink(), 1);
    }
    assert_eq!(fs::metadata(site.path("a")).unwrap().mode() & 0o777, 0o750);
}

#[test]
fn what_stands_in_the_way_is_named_and_nothing_changes() {
    let put = |site: &Site, name: &str| site.put(name, "1");
    type Put<'a> = &'a dyn Fn(&Site);
    let cases: [(Put<'_>, &str, &str); 8] = [
        (&|site| put(site, "x"), "x", "x"),
        (&|site| put(site, "x"), "x/y/z", "x"),
        (&|site| fs::create_dir(site.path("x")).unwrap(), "x", "x"),
        (&|site| put(site, "x/y"), "x", "x"),
        (&|site| put(site, "old/mine"), "old", "old/mine"),
        (&|site| symlink("old", site.path("x")).unwrap(), "x/y", "x"),
        (&|site| symlink("old", site.path("x")).unwrap(), "x", "x"),
        // A symlink in the place of a listed file is not fleetc's.
        (
            &|site| {
                fs::remove_file(site.path("a")).unwrap();
                symlink("old/b", site.path("a")).unwrap();
            },
            "a",
            "a",
        ),
    ];
    for (put, wanted, named) in cases {
        let site = Site::new();
        let first = files([("a", "1"), ("old/b", "2")]);
        site.publish(&first).unwrap();
        put(&site);
        let before = content(&site.out());
        let error = site.publish(&files([(wanted, "1")])).unwrap_err();
        assert!(matches!(&error, PublishError::Taken { path } if *path == site.path(named)), "{wanted}: {error}");
        assert_eq!(content(&site.out()), before);
        assert_eq!(names(&site.folder.path().join("srv")), ["out"]);
    }
}

#[test]
fn planted_symlinks_lead_nowhere() {
    let site = Site::new();
    let victim = site.folder.path().join("victim");
    fs::create_dir(&victim).unwrap();
    for name in ["a", "manifest.json", "keep"] {
        fs::write(victim.join(name), "victim").unwrap();
    }
    let before = state(&victim);
    let tree = files([("boot/a", "1"), ("c", "2")]);
    site.publish(&tree).unwrap();
    // In the place of a listed folder.
    fs::rename(site.path("boot"), site.folder.path().join("boot")).unwrap();
    symlink(&victim, site.path("boot")).unwrap();
    assert!(matches!(site.publish(&tree).unwrap_err(), PublishError::Taken { .. }));
    let small = files([("c", "3")]);
    assert_eq!(site.publish(&small).unwrap().removed, 0);
    let link = format!("-> {}", victim.display());
    assert_eq!(site.content(&small), expected(&small, &[("boot", link.as_str())]));
    // In the place of what is built beside the output folder.
    let beside = |name| site.folder.path().join("srv").join(name);
    symlink(victim.join("keep"), beside(".out.fleetc-manifest")).unwrap();
    site.publish(&files([("c", "4")])).unwrap();
    symlink(&victim, beside(".out.fleetc-new")).unwrap();
    let error = site.publish(&files([("c", "5")])).unwrap_err();
    assert!(matches!(&error, PublishError::Leftover { .. }), "{error}");
    fs::remove_file(beside(".out.fleetc-new")).unwrap();
    // In the place of the manifest.
    fs::remove_file(site.path("manifest.json")).unwrap();
    symlink(victim.join("manifest.json"), site.path("manifest.json")).unwrap();
    assert!(site.publish(&small).unwrap_err().to_string().contains("is a symlink"));
    assert_eq!(state(&victim), before);
}

/// Changes the output folder in the middle of a build, after it was scanned and before the exchange.
fn meanwhile(change: impl Fn(&Path) + Sync + Send + 'static) -> (Site, Files, Result<Published, PublishError>) {
    let site = Site::new();
    site.publish(&files([("a", "1"), ("gone/b", "2")])).unwrap();
    site.put("mine", "mine");
    site.put("own/file", "mine");
    let (out, calls) = (site.out(), AtomicUsize::new(0));
    let tree = files([("a", "2"), ("wanted", "3")]).when(move |index| {
        // The first call for the last file is the survey's, the second one the build's.
        if index == 1 && calls.fetch_add(1, Ordering::Relaxed) == 1 {
            change(&out);
        }
    });
    let done = site.publish(&tree);
    (site, tree, done)
}

#[test]
fn what_appears_during_a_build_is_kept() {
    let (site, tree, done) = meanwhile(|out| {
        fs::write(out.join("late"), "late").unwrap();
        fs::write(out.join("gone/late"), "late").unwrap();
        fs::create_dir_all(out.join("new/deep")).unwrap();
        fs::write(out.join("new/deep/er"), "late").unwrap();
        symlink("late", out.join("link")).unwrap();
        // As an editor saves: another file under the same name.
        fs::write(out.join("tmp"), "mine, edited").unwrap();
        fs::rename(out.join("tmp"), out.join("mine")).unwrap();
    });
    done.unwrap();
    let foreign = [
        ("late", "late"),
        ("gone/late", "late"),
        ("new/deep/er", "late"),
        ("link", "-> late"),
        ("mine", "mine, edited"),
        ("own/file", "mine"),
    ];
    assert_eq!(site.content(&tree), expected(&tree, &foreign));
}

#[test]
fn what_appears_in_the_way_during_a_build_takes_the_exchange_back() {
    let (site, _, done) = meanwhile(|out| {
        fs::write(out.join("late"), "late").unwrap();
        fs::write(out.join("wanted"), "mine").unwrap();
    });
    let error = done.unwrap_err();
    assert!(matches!(&error, PublishError::Taken { path } if *path == site.path("wanted")), "{error}");
    let first = files([("a", "1"), ("gone/b", "2")]);
    let foreign = [("late", "late"), ("wanted", "mine"), ("mine", "mine"), ("own/file", "mine")];
    assert_eq!(site.content(&first), expected(&first, &foreign));
}

#[test]
fn an_empty_folder_that_fills_during_the_first_build_is_kept() {
    let site = Site::new();
    fs::create_dir_all(site.out()).unwrap();
    let out = site.out();
    let tree = files([("a", "1")]).when(move |_| fs::write(out.join("mine"), "mine").unwrap());
    assert!(matches!(site.publish(&tree).unwrap_err(), PublishError::NotOurs { .. }));
    assert_eq!(content(&site.out()), BTreeMap::from([("mine".into(), "mine".to_string())]));
    assert_eq!(names(&site.folder.path().join("srv")), ["out"]);
}
