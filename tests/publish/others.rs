//! What readers and other builds see meanwhile.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fleetc::publish::{Output, publish};

use crate::{Files, Site, expected, files};

#[test]
fn a_reader_sees_one_generation() {
    let site = Site::new();
    let trees = [files([("a", "0"), ("b/c", "0")]), files([("a", "1"), ("b/c", "1")])];
    site.publish(&trees[0]).unwrap();
    site.put("mine", "mine");
    let (stop, whole) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let read = |folder: &File, name: &str| {
                let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::CLOEXEC;
                let file = rustix::fs::openat(folder.as_fd(), name, flags, rustix::fs::Mode::empty()).ok()?;
                let mut text = String::new();
                File::from(file).read_to_string(&mut text).unwrap();
                Some(text)
            };
            while !stop.load(Ordering::Relaxed) {
                // By path there is always a whole file, and always the foreign one.
                assert!(["0", "1"].contains(&site.text("a").as_str()));
                assert_eq!(site.text("mine"), "mine");
                // By one open folder, both files are of one generation, or of one that is being removed.
                let folder = File::open(site.out()).unwrap();
                if let (Some(a), Some(c)) = (read(&folder, "a"), read(&folder, "b/c")) {
                    assert_eq!(a, c);
                    whole.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        for turn in 1..=50 {
            assert_eq!(site.publish(&trees[turn % 2]).unwrap().written, 3);
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(whole.into_inner() > 50);
}

#[test]
fn two_builds_do_not_mix() {
    let site = Site::new();
    let tree = |builder: usize, turn: usize| {
        let own = (0..40).map(|n| (format!("d{n:02}/{}", (n + builder) % 3), format!("{builder} {turn} {n}")));
        Files::new(own.chain([("who".to_string(), builder.to_string())]).collect())
    };
    let waited = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for builder in 0..3 {
            let (site, waited) = (&site, &waited);
            scope.spawn(move || {
                for turn in 0..15 {
                    let notice = |note: &str| {
                        assert!(note.starts_with("another build is writing to `") && note.ends_with("; waiting"));
                        waited.fetch_add(1, Ordering::Relaxed);
                    };
                    // The first build that is under way holds the others up until one of them has met it.
                    let begun = Instant::now();
                    let hold = |_| {
                        while waited.load(Ordering::Relaxed) == 0 && begun.elapsed() < Duration::from_secs(20) {
                            std::thread::sleep(Duration::from_millis(1));
                        }
                    };
                    publish(
                        &tree(builder, turn),
                        &site.loader,
                        &Output::new(&site.out(), crate::SPARE),
                        &notice,
                        &hold,
                    )
                    .unwrap();
                }
            });
        }
    });
    let last = tree(site.text("who").parse().unwrap(), 14);
    assert_eq!(site.content(&last), expected(&last, &[]));
    assert!(waited.into_inner() > 0);
}

#[test]
fn a_build_waits_for_the_lock_and_says_so_once() {
    let site = Site::new();
    site.publish(&files([("a", "1")])).unwrap();
    let held = RefCell::new(Some(File::open(site.out()).unwrap()));
    held.borrow().as_ref().unwrap().try_lock().unwrap();
    let notes = RefCell::new(Vec::new());
    let notice = |note: &str| {
        notes.borrow_mut().push(note.to_string());
        held.borrow_mut().take();
    };
    publish(&files([("a", "2")]), &site.loader, &Output::new(&site.out(), crate::SPARE), &notice, &|_| ()).unwrap();
    assert_eq!(*notes.borrow(), [format!("another build is writing to `{}`; waiting", site.out().display())]);
    assert_eq!(site.text("a"), "2");
}
