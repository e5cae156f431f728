//! The spare takes the place of what was published, is as it is said to be, and is not relied on when it is not.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use fleetc::publish::{Output, Spare, publish};

use crate::{Files, Site, content, expected, files, names, state};

const KEPT: &str = ".fleetc-kept";

pub fn spare(site: &Site) -> PathBuf {
    site.out().with_file_name(".out.fleetc-spare")
}

pub fn ledger(site: &Site) -> PathBuf {
    site.out().with_file_name(".out.fleetc-ledger")
}

/// What makes a folder that folder: an inode is used again.
fn identity(path: &Path) -> (u64, Option<std::time::SystemTime>) {
    let seen = fs::symlink_metadata(path).unwrap();
    (seen.ino(), seen.created().ok())
}

/// A tree in which one file says which turn it is.
pub fn tree(turn: &str) -> Files {
    files([("a", "1"), ("d/b", "2"), ("d/c", turn), ("d/e/f", "3"), ("g/h", "4")])
}

/// Two builds, the second of which leaves a spare.
pub fn spared() -> Site {
    let site = Site::new();
    site.publish(&tree("0")).unwrap();
    // A file that is as new as the build that links it is not relied on: it may be younger than the look at it.
    std::thread::sleep(std::time::Duration::from_millis(20));
    site.publish(&tree("1")).unwrap();
    assert_eq!(names(site.out().parent().unwrap()), [".out.fleetc-ledger", ".out.fleetc-spare", "out"]);
    site
}

/// Publishes a turn; says whether the spare was turned into it.
pub fn turned(site: &Site, tree: &Files) -> bool {
    let before = spare(site).exists().then(|| identity(&spare(site)));
    site.publish(tree).unwrap();
    before == Some(identity(&site.out()))
}

#[test]
fn only_what_two_builds_changed_is_touched() {
    let site = spared();
    for turn in 2..6 {
        let (folders, kept) = (state(&site.out()), state(&spare(&site).join(KEPT)));
        let done = site.publish(&tree(&turn.to_string())).unwrap();
        assert_eq!((done.files, done.written, done.unchanged, done.removed), (6, 2, 4, 0));
        assert_eq!(site.content(&tree(&turn.to_string())), expected(&tree(&turn.to_string()), &[]));
        let now = state(&site.out());
        // The folder that was not touched is the spare's, and was not even looked into.
        assert_eq!(now[&site.path("d/e")], kept[&spare(&site).join(KEPT).join("d/e")]);
        assert_eq!(now[&site.path("d/e/f")], folders[&site.path("d/e/f")], "one inode in both");
        assert_ne!(now[&site.path("d/c")], folders[&site.path("d/c")]);
    }
    let before = (state(&site.out()), state(&spare(&site)), state(&ledger(&site).with_file_name(".")));
    assert_eq!(site.publish(&tree("5")).unwrap().written, 0);
    assert_eq!((state(&site.out()), state(&spare(&site)), state(&ledger(&site).with_file_name("."))), before);
}

#[test]
fn files_and_folders_come_and_go() {
    let site = spared();
    let trees = [
        files([("a", "1"), ("d/c", "1"), ("g/h", "4")]),
        files([("a/b", "1"), ("d", "1"), ("g/h/i", "4")]),
        files([]),
        files([("a/b/c", "1"), ("d", "2"), ("g", "4"), ("z/z", "5")]),
        files([("g", "4")]),
        tree("7"),
        files([("d/e", "5"), ("g/h/i/j", "6")]),
    ];
    let (mut turns, mut changes) = (0, 0);
    let mut before = usize::MAX;
    for round in 0..42 {
        // Each after each other.
        let next = (round * (1 + round / 7)) % trees.len();
        let tree = &trees[next];
        turns += usize::from(turned(&site, tree));
        changes += usize::from(std::mem::replace(&mut before, next) != next);
        assert_eq!(site.content(tree), expected(tree, &[]), "round {round}");
    }
    assert_eq!((turns, changes > 30), (changes, true));
}

#[test]
fn a_long_list_is_right_wherever_it_changes() {
    let mut all: Vec<(String, String)> = (0..3000).map(|n| (format!("f/{n:04}"), "1".to_string())).collect();
    let site = Site::new();
    site.publish(&Files::new(all.clone())).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(20));
    // Beyond what is read, and recorded, at once; and at its very end.
    for (turn, at) in [2, 2999, 1024, 2047, 0, 1500].into_iter().enumerate() {
        all[at].1 = format!("turn {turn}");
        let tree = Files::new(all.clone());
        assert_eq!(turned(&site, &tree), turn > 0, "{at}");
        assert_eq!(site.content(&tree), expected(&tree, &[]), "{at}");
    }
    for at in [2500, 0, 1023] {
        let gone = all.remove(at);
        let tree = Files::new(all.clone());
        assert!(turned(&site, &tree), "{at}");
        all.push((format!("g/{at}"), gone.1));
        all.sort();
        let tree = Files::new(all.clone());
        assert!(turned(&site, &tree), "{at}");
        assert_eq!(site.content(&tree), expected(&tree, &[]), "{at}");
    }
    let short = Files::new(all[..10].to_vec());
    assert!(turned(&site, &short) && turned(&site, &Files::new(all.clone())));
    assert_eq!(site.content(&Files::new(all.clone())), expected(&Files::new(all), &[]));
}

/// What somebody may do to a site.
pub type Touch = fn(&Site);

/// What leaves nothing of a file that is not fleetc's.
pub const TOUCHES: [(&str, Touch); 14] = [
    ("edited in place", |site| fs::write(site.path("d/b"), "X").unwrap()),
    ("edited and dated back", |site| {
        let dated = fs::metadata(site.path("d/b")).unwrap().modified().unwrap();
        fs::write(site.path("d/b"), "X").unwrap();
        fs::File::options().write(true).open(site.path("d/b")).unwrap().set_modified(dated).unwrap();
    }),
    ("edited at the root", |site| fs::write(site.path("a"), "X").unwrap()),
    ("cut short", |site| fs::write(site.path("d/e/f"), "").unwrap()),
    ("removed", |site| fs::remove_file(site.path("d/e/f")).unwrap()),
    ("renamed over", |site| fs::rename(site.path("d/b"), site.path("d/e/f")).unwrap()),
    ("a folder removed", |site| fs::remove_dir_all(site.path("g")).unwrap()),
    ("the manifest written anew", |site| {
        let text = fs::read(site.path("manifest.json")).unwrap();
        fs::write(site.path("manifest.json"), text).unwrap();
    }),
    ("edited in the spare", |site| fs::write(spare(site).join(KEPT).join("d/e/f"), "X").unwrap()),
    ("removed from the spare", |site| fs::remove_file(spare(site).join(KEPT).join("g/h")).unwrap()),
    ("replaced in the spare", |site| {
        let path = spare(site).join(KEPT).join("g/h");
        fs::remove_file(&path).unwrap();
        fs::write(path, "X").unwrap();
    }),
    ("the spare removed", |site| fs::remove_dir_all(spare(site)).unwrap()),
    ("the ledger removed", |site| fs::remove_file(ledger(site)).unwrap()),
    ("the ledger a link", |site| {
        fs::remove_file(ledger(site)).unwrap();
        symlink("out/a", ledger(site)).unwrap();
    }),
];

#[test]
fn what_was_touched_is_seen_and_healed() {
    for (what, touch) in TOUCHES {
        for turn in ["2", "1"] {
            let site = spared();
            touch(&site);
            let turned = turned(&site, &tree(turn));
            assert!(!turned, "{what}");
            assert_eq!(site.content(&tree(turn)), expected(&tree(turn), &[]), "{what}");
            // And all is well again, after a build that changes something.
            site.publish(&tree("8")).unwrap();
            assert!(self::turned(&site, &tree("9")), "{what}");
            assert_eq!(site.content(&tree("9")), expected(&tree("9"), &[]), "{what}");
        }
    }
}

#[test]
fn modes_of_folders_are_kept() {
    let site = spared();
    fs::set_permissions(site.path("d"), fs::Permissions::from_mode(0o750)).unwrap();
    fs::set_permissions(site.out(), fs::Permissions::from_mode(0o711)).unwrap();
    for turn in 2..6 {
        assert_eq!(turned(&site, &tree(&turn.to_string())), turn > 2);
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
        // The spare before has the mode that the folder had then.
        assert_eq!(
            (mode(&site.out()), mode(&site.path("d")), mode(&site.path("g"))),
            (0o711, 0o750, mode(&site.path("d/e")))
        );
    }
}

#[test]
fn what_is_not_fleetcs_stays_wherever_it_was_put() {
    let put = |site: &Site, path: &str, text: &str| {
        let path = site.out().parent().unwrap().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let site = spared();
    let mut mine: Vec<(String, String)> = Vec::new();
    let places = ["linux", "d/mine", "d/e/mine", "new/deep/mine"];
    for (turn, place) in places.iter().cycle().take(8).enumerate() {
        let (path, text) = (format!("{place}-{turn}"), format!("mine {turn}"));
        // What stands in the spare, because somebody was in a folder that was exchanged, comes along, too.
        let inside = if turn < 4 { "out".to_string() } else { format!(".out.fleetc-spare/{KEPT}") };
        put(&site, &format!("{inside}/{path}"), &text);
        mine.push((path, text));
        let mut turns = 0;
        for again in 0..3 {
            let tree = tree(&format!("{turn} {again}"));
            turns += usize::from(turned(&site, &tree));
            let foreign: Vec<(&str, &str)> = mine.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            assert_eq!(site.content(&tree), expected(&tree, &foreign), "{turn} {again}");
        }
        assert!(turns >= 1, "{turn}");
        // One that is edited in place is one file in both.
        fs::write(site.path(&mine[0].0), "edited").unwrap();
        mine[0].1 = "edited".to_string();
    }
    fs::remove_file(site.path(&mine[0].0)).unwrap();
    for again in 0..3 {
        site.publish(&tree(&format!("gone {again}"))).unwrap();
        assert!(!site.path(&mine[0].0).exists(), "what somebody removed does not come back");
    }
    let error = site.publish(&files([("d/mine-1", "x")])).unwrap_err().to_string();
    assert!(error.contains("d/mine-1"), "{error}");
}

#[test]
fn a_damaged_ledger_is_none() {
    let site = spared();
    let whole = fs::read(ledger(&site)).unwrap();
    let out = content(&site.out());
    let mut turn = 2;
    for at in (0..whole.len()).step_by(7) {
        for cut in [false, true] {
            let file = fs::File::options().write(true).open(ledger(&site)).unwrap();
            if cut {
                file.set_len(at as u64).unwrap();
            } else {
                file.write_all_at(&[whole[at] ^ 0x55], at as u64).unwrap();
            }
            // The same tree: nothing is rewritten, and the ledger can be damaged again.
            assert_eq!(site.publish(&tree("1")).unwrap().written, 0, "{at}");
            let mut file = fs::File::options().write(true).open(ledger(&site)).unwrap();
            file.seek(SeekFrom::Start(0)).unwrap();
            file.write_all(&whole).unwrap();
        }
        assert_eq!(content(&site.out()), out);
        turn += 1;
    }
    assert!(turned(&site, &tree(&turn.to_string())), "and the whole one was right all the time");
    fs::write(ledger(&site), &whole).unwrap();
    assert!(!turned(&site, &tree("x")), "that of an earlier turn is not");
    assert_eq!(site.content(&tree("x")), expected(&tree("x"), &[]));
}

#[test]
fn a_server_that_is_bound_to_the_folder_finds_nothing_after_a_build() {
    let site = spared();
    for turn in 2..5 {
        // As a container does that binds the folder itself.
        let bound = fs::File::open(site.out()).unwrap();
        let has = |path: &str| {
            rustix::fs::accessat(&bound, path, rustix::fs::Access::EXISTS, rustix::fs::AtFlags::empty()).is_ok()
        };
        assert!(has("a") && has("d/b"));
        assert!(turned(&site, &tree(&turn.to_string())));
        assert!(!has("a") && !has("d/b") && !has("g"));
        let mode = fs::metadata(spare(&site)).unwrap().mode() & 0o7777;
        assert_eq!(mode, 0o700, "and nobody else can look into it");
    }
}

#[test]
fn a_build_without_a_spare_removes_it() {
    let site = spared();
    fs::write(spare(&site).join(KEPT).join("late"), "mine").unwrap();
    let never = |tree: &Files| {
        publish(tree, &site.loader, &Output::new(&site.out(), Spare::Never), &|note| panic!("{note}"), &|_| ()).unwrap()
    };
    // The same tree, and another.
    for turn in ["1", "2"] {
        never(&tree(turn));
        assert_eq!(names(site.out().parent().unwrap()), ["out"]);
        assert_eq!(site.content(&tree(turn)), expected(&tree(turn), &[("late", "mine")]));
    }
}

/// What a build leaves that is killed while it turns the spare: how far it came.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Killed {
    NoLedger,
    HalfShown,
    Shown,
    NoManifest,
    Named,
    Begun,
    Exchanged,
    Hiding,
    Hidden,
}

#[test]
fn a_turn_that_was_killed_is_cleared() {
    use Killed::*;
    for how in [NoLedger, HalfShown, Shown, NoManifest, Named, Begun, Exchanged, Hiding, Hidden] {
        let site = spared();
        site.put("mine", "mine");
        for turn in ["2", "3"] {
            site.publish(&tree(turn)).unwrap();
        }
        let (root, kept, new) = (spare(&site), spare(&site).join(KEPT), site.out().with_file_name(".out.fleetc-new"));
        fs::remove_file(ledger(&site)).unwrap();
        let show = |name: &str| fs::rename(kept.join(name), root.join(name)).unwrap();
        if how >= HalfShown {
            show("a");
        }
        if how >= Shown {
            ["d", "g"].iter().for_each(|name| show(name));
            fs::remove_dir(&kept).unwrap();
        }
        if how >= NoManifest {
            fs::remove_file(root.join("manifest.json")).unwrap();
        }
        if how >= Named {
            fs::rename(&root, &new).unwrap();
        }
        if how >= Begun {
            fs::hard_link(site.path("mine"), new.join("mine")).unwrap();
            fs::write(new.join("d/c"), "half").unwrap();
            fs::write(new.with_file_name(".out.fleetc-manifest"), "{").unwrap();
        }
        let mut expected_mine = vec![("mine", "mine")];
        if how >= Exchanged {
            // What was published is under the name of a new generation, whole; somebody was inside.
            fs::copy(site.path("manifest.json"), new.join("manifest.json")).unwrap();
            fs::remove_file(new.with_file_name(".out.fleetc-manifest")).unwrap();
            fs::write(new.join("d/c"), "3").unwrap();
            fs::write(new.join("d/late"), "late").unwrap();
            expected_mine.push(("d/late", "late"));
        }
        if how >= Hiding {
            fs::rename(&new, &root).unwrap();
            fs::create_dir(&kept).unwrap();
            fs::rename(root.join("d"), kept.join("d")).unwrap();
        }
        if how >= Hidden {
            ["a", "g", "mine"].iter().for_each(|name| fs::rename(root.join(name), kept.join(name)).unwrap());
        }
        site.publish(&tree("4")).unwrap();
        assert_eq!(site.content(&tree("4")), expected(&tree("4"), &expected_mine), "{how:?}");
        assert!(turned(&site, &tree("5")), "{how:?}");
        assert_eq!(site.content(&tree("5")), expected(&tree("5"), &expected_mine), "{how:?}");
    }
}
