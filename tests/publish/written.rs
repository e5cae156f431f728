//! What is written, linked, and left alone.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use fleetc::publish::{Manifest, Output, PublishError, Published, publish};
use fleetc::source::{Loader, Memory};

use crate::{Files, Site, expected, files, identity, names, state};

#[test]
fn a_missing_folder_is_created_with_those_above_it() {
    let site = Site::new();
    let tree = files([("boot/a.ipxe", "#!ipxe\n"), ("icis/get_config/x", "y\n"), ("top", "")]);
    let done = AtomicUsize::new(0);
    let count = |more| {
        done.fetch_add(more, Ordering::Relaxed);
    };
    let published =
        publish(&tree, &site.loader, &Output::new(&site.out(), crate::SPARE), &|note| panic!("{note}"), &count)
            .unwrap();
    assert_eq!(site.content(&tree), expected(&tree, &[]));
    let size = fs::metadata(site.path("manifest.json")).unwrap().len();
    assert_eq!(published, Published { files: 4, written: 4, unchanged: 0, removed: 0, bytes: 9 + size });
    assert_eq!(done.into_inner(), 3);
    let text = site.text("manifest.json");
    assert!(text.starts_with("{\"version\": 1, \"files\": [\n{\"path\":\"boot/a.ipxe\",\"size\":7,\"sha256\":\""));
    assert!(text.ends_with("\"origin\":{\"file\":\"fleet.yaml\",\"line\":3}}\n]}\n"));
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Manifest::parse(text.as_bytes()).unwrap().files[2].sha256.to_string(), empty);
}

#[test]
fn an_empty_folder_is_used_and_keeps_its_mode() {
    let site = Site::new();
    fs::create_dir_all(site.out()).unwrap();
    fs::set_permissions(site.out(), fs::Permissions::from_mode(0o2750)).unwrap();
    for tree in [files([("a", "1"), ("b/c", "2")]), files([("a", "2")]), files([])] {
        site.publish(&tree).unwrap();
        assert_eq!(site.content(&tree), expected(&tree, &[]));
        assert_eq!(fs::metadata(site.out()).unwrap().mode() & 0o7777, 0o2750);
    }
}

#[test]
fn a_symlink_to_the_folder_is_followed() {
    let site = Site::new();
    fs::create_dir_all(site.out()).unwrap();
    let link = site.folder.path().join("link");
    symlink("srv/out", &link).unwrap();
    for tree in [files([("a", "1")]), files([("a", "2")])] {
        publish(&tree, &site.loader, &Output::new(&link, crate::SPARE), &|_| (), &|_| ()).unwrap();
        assert_eq!(site.content(&tree), expected(&tree, &[]));
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("srv/out"));
    }
}

#[test]
fn what_is_no_folder_of_fleetc_is_refused_and_kept() {
    let manifest = "{\"version\": 1, \"files\": [\n]}\n";
    for (name, text, why) in [
        ("index.html", "mine", "it has no `manifest.json`"),
        ("manifest.json", "{\"name\": \"a web app\"}", "unknown field `name`"),
        ("manifest.json", "", "is none"),
        ("manifest.json", &manifest.replace('1', "2"), "version 2"),
    ] {
        let site = Site::new();
        site.put(name, text);
        let before = state(&site.out());
        let error = site.publish(&files([("a", "1")])).unwrap_err();
        assert!(matches!(error, PublishError::NotOurs { .. }));
        let text = error.to_string();
        assert!(text.contains(why) && text.contains("choose an empty or a new folder"), "{text}");
        assert_eq!(state(&site.out()), before);
        assert_eq!(names(&site.folder.path().join("srv")), ["out"]);
    }
    let site = Site::new();
    fs::create_dir(site.folder.path().join("srv")).unwrap();
    fs::write(site.out(), "a file").unwrap();
    assert!(site.publish(&files([])).unwrap_err().to_string().contains("is a file"));
    assert_eq!(fs::read_to_string(site.out()).unwrap(), "a file");
    fs::remove_file(site.out()).unwrap();
    symlink("nowhere", site.out()).unwrap();
    assert!(site.publish(&files([])).unwrap_err().to_string().contains("is a symlink to nothing"));
}

#[test]
fn a_mount_point_is_refused_with_advice() {
    for mount in ["/", "/proc"] {
        let error =
            publish(&files([]), &Memory::default(), &Output::new(Path::new(mount), crate::SPARE), &|_| (), &|_| ())
                .unwrap_err();
        assert!(error.to_string().contains("build into a folder inside it"), "{error}");
    }
}

#[test]
fn when_nothing_differs_nothing_is_touched() {
    let site = Site::new();
    let tree = files([("a", "1"), ("b/c", "copy:a.tar"), ("b/d", "copy:empty")]);
    site.publish(&tree).unwrap();
    site.put("b/mine", "mine");
    let before = state(&site.folder.path().join("srv"));
    let published = site.publish(&tree).unwrap();
    assert_eq!(state(&site.folder.path().join("srv")), before);
    assert_eq!((published.written, published.removed), (0, 0));
    assert_eq!((published.files, published.unchanged), (4, 4));
}

#[test]
fn what_differs_is_written_and_the_rest_is_linked() {
    let site = Site::new();
    site.publish(&files([("a", "1"), ("b/c", "2"), ("d", "3"), ("e", "copy:a.tar"), ("f", "x")])).unwrap();
    fs::hard_link(site.path("f"), site.folder.path().join("f")).unwrap();
    let (a, e) = (identity(site.path("a")), identity(site.path("e")));
    // By hand: edited at the same length, truncated, removed.
    fs::write(site.path("b/c"), "9").unwrap();
    fs::write(site.path("d"), "").unwrap();
    let tree = files([("a", "1"), ("b/c", "2"), ("d", "3"), ("e", "copy:a.tar"), ("f", "y")]);
    let published = site.publish(&tree).unwrap();
    let with_artifact = |tree: &Files| {
        let mut expected = expected(tree, &[]);
        expected.insert("e".into(), "an artifact".into());
        expected
    };
    assert_eq!(site.content(&tree), with_artifact(&tree));
    assert_eq!((published.files, published.written, published.unchanged, published.removed), (6, 4, 2, 0));
    let (out, lost) = (site.out(), || std::mem::take(&mut *site.lost.lock().unwrap()));
    let and_another = "and another file were not as the last build left them; they are written anew";
    assert_eq!(lost(), [format!("`{}` {and_another}", out.join("b/c").display())]);
    assert_eq!((identity(site.path("a")), identity(site.path("e"))), (a, e));
    assert_eq!(fs::read_to_string(site.folder.path().join("f")).unwrap(), "x", "no file is rewritten in place");
    fs::remove_file(site.path("a")).unwrap();
    assert_eq!(site.publish(&tree).unwrap().written, 2);
    assert_eq!(site.content(&tree), with_artifact(&tree));
    let anew = "was not as the last build left it; it is written anew";
    assert_eq!(lost(), [format!("`{}` {anew}", out.join("a").display())]);
    for path in ["a", "b/c", "d"] {
        fs::write(site.path(path), "edited").unwrap();
    }
    site.publish(&tree).unwrap();
    let others = "and 2 other files were not as the last build left them; they are written anew";
    assert_eq!(lost(), [format!("`{}` {others}", out.join("a").display())]);
    // What a build changes anyway, and a touch that changes no byte, is not worth a word.
    fs::write(site.path("a"), "edited").unwrap();
    fs::write(site.path("b/c"), "2").unwrap();
    site.publish(&files([("a", "2"), ("b/c", "2")])).unwrap();
    assert_eq!(lost(), [""; 0]);
}

#[test]
fn an_origin_that_moves_is_a_new_manifest() {
    let site = Site::new();
    site.publish(&files([("a", "1"), ("b", "2")])).unwrap();
    let tree = files([("b", "2")]);
    let published = site.publish(&tree).unwrap();
    assert_eq!((published.written, published.unchanged, published.removed), (1, 1, 1));
    assert_eq!(site.content(&tree), expected(&tree, &[]));
}

#[test]
fn stale_files_go_with_the_folders_that_they_leave_empty() {
    let site = Site::new();
    site.publish(&files([("a/b/c", "1"), ("a/b/d", "2"), ("e/f", "3"), ("g", "4"), ("h/i", "5")])).unwrap();
    fs::create_dir_all(site.path("a/empty")).unwrap();
    fs::create_dir_all(site.path("h/i.d/empty")).unwrap();
    site.put("e/mine", "mine");
    fs::remove_file(site.path("g")).unwrap();
    let tree = files([("z", "1")]);
    let published = site.publish(&tree).unwrap();
    assert_eq!(published.removed, 4, "what was missing was not removed");
    assert_eq!(site.content(&tree), expected(&tree, &[("a/empty", "/"), ("e/mine", "mine"), ("h/i.d/empty", "/")]));
}

#[test]
fn a_file_may_become_a_folder_and_back() {
    let site = Site::new();
    for tree in [files([("a", "1")]), files([("a/b", "1")]), files([("a", "1"), ("a.b", "2")])] {
        site.publish(&tree).unwrap();
        assert_eq!(site.content(&tree), expected(&tree, &[]));
    }
}

#[test]
fn a_large_copy_is_streamed() {
    struct Slow;
    impl Loader for Slow {
        fn open(&self, _: &str) -> io::Result<Box<dyn Read + '_>> {
            Ok(Box::new(Dribble(0)))
        }
        fn siblings(&self, _: &str) -> Vec<String> {
            Vec::new()
        }
    }
    struct Dribble(usize);
    impl Read for Dribble {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            assert!(buffer.len() <= 64 << 10);
            let length = buffer.len().min(7919).min(300_000 - self.0);
            buffer[..length].iter_mut().enumerate().for_each(|(at, byte)| *byte = b'a' + ((self.0 + at) % 23) as u8);
            self.0 += length;
            Ok(length)
        }
    }
    let site = Site::new();
    let tree = files([("big", "copy:x")]);
    let again = || publish(&tree, &Slow, &Output::new(&site.out(), crate::SPARE), &|_| (), &|_| ()).unwrap();
    again();
    let text = site.text("big");
    assert!(text.len() == 300_000 && text.bytes().enumerate().all(|(at, byte)| byte == b'a' + (at % 23) as u8));
    assert_eq!(again().written, 0);
    fs::write(site.path("big"), &text[..299_999]).unwrap();
    assert_eq!(again().written, 2);
    fs::write(site.path("big"), text.clone() + "x").unwrap();
    assert_eq!(again().written, 2);
    assert_eq!(site.text("big"), text);
}
