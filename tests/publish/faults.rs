//! An error in the middle leaves the tree as it was.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fleetc::publish::{Output, PublishError, publish};
use fleetc::source::Loader;
use fleetc::tree::{File, Origin, Tree};

use crate::{Files, Site, expected, files, names};

/// Fails to open `bad`, and gives other bytes for `fickle` each time.
struct Faulty(AtomicUsize);

impl Loader for Faulty {
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        struct Breaks(bool);
        impl Read for Breaks {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::Error::other("the cable fell out"));
                }
                buffer[..5].copy_from_slice(b"some ");
                Ok(5)
            }
        }
        match name {
            "bad" => Err(io::Error::from(io::ErrorKind::NotFound)),
            "breaks" => Ok(Box::new(Breaks(false))),
            _ => Ok(Box::new(io::Cursor::new(self.0.fetch_add(1, Ordering::Relaxed).to_string()))),
        }
    }

    fn siblings(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

#[test]
fn an_error_in_the_middle_leaves_the_tree_as_it_was() {
    for (bad, why) in [
        ("copy:bad", "cannot read `bad`"),
        ("copy:breaks", "the cable fell out"),
        ("copy:fickle", "`fickle` changed while it was copied"),
    ] {
        let site = Site::new();
        let loader = Faulty(AtomicUsize::new(0));
        let again = |tree: &Files| {
            publish(tree, &loader, &Output::new(&site.out(), crate::SPARE), &|note| panic!("{note}"), &|_| ())
        };
        let tree = files([("a", "9"), ("b", bad), ("c", "9")]);
        if bad != "copy:fickle" {
            assert!(again(&tree).unwrap_err().to_string().contains(why));
            assert_eq!(names(site.folder.path()), [""; 0], "what was created for it is removed");
        }
        let first = files([("a", "1"), ("b", "2"), ("c", "3")]);
        again(&first).unwrap();
        site.put("mine", "mine");
        let error = again(&tree).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert_eq!(site.content(&first), expected(&first, &[("mine", "mine")]));
        assert_eq!(fs::metadata(site.path("mine")).unwrap().nlink(), 1);
    }
}

#[test]
fn a_tree_that_contradicts_itself_is_refused() {
    for (tree, why) in [
        (files([("b", "1"), ("a", "1")]), "out of order"),
        (files([("a", "1"), ("a", "1")]), "twice"),
        (files([("manifest.json", "1")]), "of its own"),
        (files([("a", "1"), ("a/b", "1")]), "both as a file and as a folder"),
    ] {
        let site = Site::new();
        assert!(site.publish(&tree).unwrap_err().to_string().contains(why));
        let first = files([("c", "1")]);
        site.publish(&first).unwrap();
        assert!(site.publish(&tree).unwrap_err().to_string().contains(why));
        assert_eq!(site.content(&first), expected(&first, &[]));
    }
    // Also where the fault lies between what two threads work on.
    let mut many: Vec<_> = (0..1000).map(|n| (format!("f{n:04}"), String::new())).collect();
    many.swap(255, 256);
    assert!(Site::new().publish(&Files::new(many)).unwrap_err().to_string().contains("out of order"));
}

/// A tree that says at the end whether it is right, and which files were made in batches until then.
struct Doubtful {
    tree: Files,
    right: bool,
    made: Mutex<Vec<u32>>,
}

impl Tree for Doubtful {
    fn len(&self) -> usize {
        self.tree.len()
    }

    fn file(&self, index: usize) -> File<'_> {
        self.tree.file(index)
    }

    fn origin(&self, index: usize) -> Origin<'_> {
        self.tree.origin(index)
    }

    fn reader(&self, index: usize) -> Option<u32> {
        Some(index as u32 % 3)
    }

    fn batch(&self, indices: &[u32]) -> Vec<File<'_>> {
        self.made.lock().unwrap().extend(indices);
        indices.iter().map(|index| self.file(*index as usize)).collect()
    }

    fn is_right(&self) -> bool {
        let mut made = self.made.lock().unwrap();
        made.sort_unstable();
        assert!((0..self.len() as u32).eq(made.drain(..)), "each file is looked at once, before the tree is judged");
        self.right
    }
}

#[test]
fn a_tree_that_says_it_is_not_right_is_not_published() {
    let site = Site::new();
    let tree = |turn: u32, right| {
        let files = (0..1000).map(|n| (format!("f/{n:04}"), format!("{turn} {n}"))).collect();
        Doubtful { tree: Files::new(files), right, made: Mutex::default() }
    };
    let publish = |tree: &Doubtful| {
        publish(tree, &site.loader, &Output::new(&site.out(), crate::SPARE), &|note| panic!("{note}"), &|_| ())
    };
    assert!(matches!(publish(&tree(1, false)).unwrap_err(), PublishError::Refused));
    assert_eq!(names(site.folder.path()), [""; 0], "what was created for it is removed");
    let first = tree(1, true);
    assert_eq!(publish(&first).unwrap().written, 1001);
    site.put("mine", "mine");
    assert!(matches!(publish(&tree(2, false)).unwrap_err(), PublishError::Refused));
    assert_eq!(site.content(&first.tree), expected(&first.tree, &[("mine", "mine")]));
    assert_eq!(site.beside(), [""; 0]);
    assert_eq!(publish(&tree(2, true)).unwrap().written, 1001);
}
