//! What follows a build into an empty folder, before there is a spare: what is published is linked where it is as that build
//! left it, and read where it is not.

use std::fs;

use crate::turn::{TOUCHES, ledger, spare, tree, turned};
use crate::{Site, content, expected, names, state};

/// One build, into an empty folder.
fn young() -> Site {
    let site = Site::new();
    site.publish(&tree("1")).unwrap();
    assert_eq!(names(site.out().parent().unwrap()), [".out.fleetc-ledger", "out"]);
    site
}

#[test]
fn what_does_not_change_is_linked_and_the_old_tree_is_the_spare() {
    let site = young();
    let before = (state(&site.out()), content(&site.out()));
    let beside = state(&ledger(&site).with_file_name("."));
    assert_eq!(site.publish(&tree("1")).unwrap().written, 0);
    assert_eq!((state(&site.out()), state(&ledger(&site).with_file_name("."))), (before.0.clone(), beside));
    let done = site.publish(&tree("2")).unwrap();
    assert_eq!((done.files, done.written, done.unchanged, done.removed), (6, 2, 4, 0));
    assert_eq!(site.content(&tree("2")), expected(&tree("2"), &[]));
    let now = state(&site.out());
    for (name, linked) in [("a", true), ("d/b", true), ("d/e/f", true), ("g/h", true), ("d/c", false)] {
        assert_eq!(now[&site.path(name)].0 == before.0[&site.path(name)].0, linked, "{name}");
    }
    let mut old = content(&spare(&site).join(".fleetc-kept"));
    old.insert("manifest.json".into(), fs::read_to_string(spare(&site).join("manifest.json")).unwrap());
    assert_eq!(old, before.1);
    for turn in ["3", "4", "5"] {
        assert!(turned(&site, &tree(turn)));
        assert_eq!(site.content(&tree(turn)), expected(&tree(turn), &[]));
    }
}

#[test]
fn what_was_touched_before_there_is_a_spare_is_seen_and_healed() {
    let touches = TOUCHES.iter().filter(|(what, _)| !what.contains("spare"));
    for ((what, touch), turn) in touches.flat_map(|touch| [(touch, "1"), (touch, "2")]) {
        let site = young();
        touch(&site);
        site.publish(&tree(turn)).unwrap();
        assert_eq!(site.content(&tree(turn)), expected(&tree(turn), &[]), "{what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
        site.publish(&tree("8")).unwrap();
        assert!(turned(&site, &tree("9")), "{what}");
        assert_eq!(site.content(&tree("9")), expected(&tree("9"), &[]), "{what}");
    }
}

#[test]
fn what_is_not_fleetcs_is_carried_along_before_there_is_a_spare() {
    for place in ["mine", "d/mine", "d/e/mine", "new/deep/mine"] {
        let site = young();
        site.put(place, "mine");
        for turn in ["2", "3", "4"] {
            site.publish(&tree(turn)).unwrap();
            assert_eq!(site.content(&tree(turn)), expected(&tree(turn), &[(place, "mine")]), "{place}");
        }
    }
}

#[test]
fn a_damaged_first_ledger_is_none() {
    let site = young();
    let whole = fs::read(ledger(&site)).unwrap();
    for at in 0..whole.len() {
        let mut other = whole.clone();
        other[at] ^= 0x55;
        for bytes in [&whole[..at], &other] {
            fs::write(ledger(&site), bytes).unwrap();
            fs::write(site.path("d/b"), "X").unwrap();
            site.publish(&tree("1")).unwrap();
            assert_eq!(site.content(&tree("1")), expected(&tree("1"), &[]), "{at}");
        }
    }
}
