//! A full disk, and one that cannot be written: what is served stays as it was.
//!
//! A small file system needs a mount, so these tests start themselves anew in a mount namespace: as root, or in a user
//! namespace where one may be made.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use fleetc::publish::{Output, Spare, publish};
use fleetc::source::Memory;

use crate::files::{Files, content, names};

/// Set in the namespace.
const INSIDE: &str = "FLEETC_TEST_INSIDE";

/// Runs a command that must succeed.
fn run(command: &mut Command) {
    let program = command.get_program().to_string_lossy().into_owned();
    let output =
        command.output().unwrap_or_else(|error| panic!("`{program}`: {error}; it is in Debian's util-linux or mount"));
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Runs `test`, whose name is `name`, in a mount namespace of its own.
pub(crate) fn in_namespace(name: &str, test: impl Fn()) {
    if std::env::var_os(INSIDE).is_some_and(|inside| inside == name) {
        return test();
    }
    let mut command = Command::new("unshare");
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "--"]).arg(std::env::current_exe().unwrap());
    run(command.args(["--exact", name, "--nocapture"]).env(INSIDE, name));
}

/// A file system of its own in memory.
struct Small {
    folder: tempfile::TempDir,
    spare: Spare,
}

impl Small {
    fn new(options: &str, spare: Spare) -> Small {
        let folder = tempfile::tempdir().unwrap();
        run(Command::new("mount").args(["-t", "tmpfs", "-o", options, "fleetc-test"]).arg(folder.path()));
        Small { folder, spare }
    }

    fn srv(&self) -> PathBuf {
        self.folder.path().join("srv")
    }

    fn publish(&self, tree: &Files) -> Result<(), String> {
        let notice = |note: &str| panic!("{note}");
        let done =
            publish(tree, &Memory::default(), &Output::new(&self.srv().join("out"), self.spare), &notice, &|_| ());
        done.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Publishes `a`, in two builds of which the second changes one file; gives what is served.
    fn settled(&self) -> BTreeMap<PathBuf, String> {
        let mut first = tree("a");
        first.files[7].1 = "first".to_string();
        for tree in [first, tree("a")] {
            self.publish(&tree).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let spare = [".out.fleetc-ledger", ".out.fleetc-spare", "out"];
        let beside = if self.spare == Spare::Always { &spare[..] } else { &spare[2..] };
        assert_eq!(names(&self.srv()), beside);
        content(&self.srv().join("out"))
    }

    /// Fills it up but for `left` bytes.
    fn fill(&self, left: u64) {
        let free = rustix::fs::statvfs(self.folder.path()).unwrap();
        let size = (free.f_bavail * free.f_frsize).saturating_sub(left);
        fs::write(self.folder.path().join("filler"), vec![b'x'; usize::try_from(size).unwrap()]).unwrap();
    }

    fn empty(&self) {
        fs::remove_file(self.folder.path().join("filler")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.folder.path()).status();
    }
}

/// Sixty files of ten pages, in six folders.
fn tree(text: &str) -> Files {
    Files::new((0..60).map(|n| (format!("d{}/f{n:02}", n / 10), format!("{text} {n}").repeat(5000))).collect())
}

#[test]
fn a_full_disk_leaves_what_was_served() {
    in_namespace("full::a_full_disk_leaves_what_was_served", || {
        for spare in [Spare::Never, Spare::Always] {
            let small = Small::new("size=16m", spare);
            let (mut failed, mut published) = (0, 0);
            for left in [0, 1, 4 << 10, 20 << 10, 40 << 10, 100 << 10, 300 << 10, 1 << 20, 2 << 20, 3 << 20, 6 << 20] {
                let served = small.settled();
                small.fill(left);
                match small.publish(&tree("b")) {
                    Err(error) => {
                        failed += 1;
                        assert!(error.contains("free space for a second copy of what changes"), "{error}");
                        assert_eq!(content(&small.srv().join("out")), served, "{left} bytes left");
                        assert_eq!(names(&small.srv()), ["out"], "{left} bytes left");
                        // With the disk as full as it is: when nothing differs, nothing is written.
                        small.publish(&tree("a")).unwrap();
                    }
                    Ok(()) => published += 1,
                }
                small.empty();
            }
            assert!(failed >= 6 && published >= 2, "{spare:?}: {failed} failed, {published} published");
        }
    });
}

#[test]
fn a_disk_without_names_for_more_files_leaves_what_was_served() {
    in_namespace("full::a_disk_without_names_for_more_files_leaves_what_was_served", || {
        // A tree takes 60 files, 6 folders, a manifest and its own folder.
        for (inodes, fits) in [(75, false), (100, false), (135, false), (200, true)] {
            let small = Small::new(&format!("size=64m,nr_inodes={inodes}"), Spare::Never);
            small.publish(&tree("a")).unwrap();
            let served = content(&small.srv().join("out"));
            match small.publish(&tree("b")) {
                Ok(()) => assert!(fits, "{inodes}"),
                Err(error) => {
                    assert!(!fits && error.contains("free space"), "{inodes}: {error}");
                    assert_eq!(
                        (content(&small.srv().join("out")), names(&small.srv())),
                        (served, vec!["out".to_string()])
                    );
                }
            }
        }
    });
}

#[test]
fn a_disk_that_cannot_be_written_is_refused() {
    in_namespace("full::a_disk_that_cannot_be_written_is_refused", || {
        let small = Small::new("size=16m", Spare::Never);
        small.publish(&tree("a")).unwrap();
        let served = content(&small.srv().join("out"));
        run(Command::new("mount").args(["-o", "remount,ro"]).arg(small.folder.path()));
        let error = small.publish(&tree("b")).unwrap_err();
        assert!(error.contains("choose a folder on a file system that can be written"), "{error}");
        assert_eq!((content(&small.srv().join("out")), names(&small.srv())), (served, vec!["out".to_string()]));
        small.publish(&tree("a")).unwrap();
        let first = publish(
            &tree("a"),
            &Memory::default(),
            &Output::new(&small.folder.path().join("new"), Spare::Never),
            &|_| (),
            &|_| (),
        );
        assert!(first.unwrap_err().to_string().contains("that can be written"));
    });
}

#[test]
fn a_mount_inside_the_tree_is_refused() {
    in_namespace("full::a_mount_inside_the_tree_is_refused", || {
        let small = Small::new("size=16m", Spare::Never);
        small.publish(&tree("a")).unwrap();
        let inside = small.srv().join("out/images");
        fs::create_dir(&inside).unwrap();
        run(Command::new("mount").args(["-t", "tmpfs", "fleetc-test"]).arg(&inside));
        fs::write(inside.join("linux"), "mine").unwrap();
        let error = small.publish(&tree("b")).unwrap_err();
        assert!(error.contains("is a mount point inside the output folder"), "{error}");
        assert_eq!(fs::read_to_string(inside.join("linux")).unwrap(), "mine");
        assert!(Path::new(&inside.join("linux")).exists());
        run(Command::new("umount").arg(&inside));
    });
}
