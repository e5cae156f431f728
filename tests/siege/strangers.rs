//! Files of another user: what cannot be linked is moved or written anew, and what cannot be changed refuses the build.
//!
//! Linux lets only the owner link a file that he may not write (`fs.protected_hardlinks`), so the same goes for a file
//! system that has no hard links at all. These tests need two users: they start themselves anew as nobody, by way of root.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use fleetc::publish::{Output, Spare, publish};
use fleetc::source::Memory;

use crate::files::{Files, content, expected, files, names};

/// Set in the process of nobody: the folder to work in.
const INSIDE: &str = "FLEETC_TEST_STRANGER";
/// The user who owns nothing.
const NOBODY: u32 = 65534;

/// Runs `test` as nobody, in a folder that root prepared.
fn as_nobody(name: &str, prepare: impl Fn(&Path), test: impl Fn(&Path)) {
    if let Some(folder) = std::env::var_os(INSIDE) {
        return test(Path::new(&folder));
    }
    assert_eq!(fs::metadata("/proc/self").unwrap().uid(), 0, "this test needs root, to be two users: run it with sudo");
    let protected = fs::read_to_string("/proc/sys/fs/protected_hardlinks").unwrap();
    assert_eq!(protected.trim(), "1", "this test needs `sysctl fs.protected_hardlinks=1`, as Debian has it");
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    prepare(folder.path());
    // The test's own program may lie where nobody can go.
    let program = folder.path().join("test");
    // By another program: one that this writes may be open in what another test starts meanwhile, and is busy then.
    let copied = Command::new("cp").arg(std::env::current_exe().unwrap()).arg(&program).status().unwrap();
    assert!(copied.success());
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]).arg(program);
    command.args(["--exact", name, "--nocapture"]).env(INSIDE, folder.path()).current_dir("/");
    let output = command.output().unwrap_or_else(|error| panic!("`setpriv`: {error}; it is in Debian's util-linux"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

fn out(folder: &Path) -> PathBuf {
    folder.join("srv/out")
}

/// Another test may be about to start a program, which then has the locks of this one for a moment.
fn waits(note: &str) {
    assert!(note.ends_with("; waiting"), "{note}");
}

fn build(tree: &Files, folder: &Path) -> Result<(usize, usize), String> {
    let done = publish(tree, &Memory::default(), &Output::new(&out(folder), Spare::Never), &waits, &|_| ());
    done.map(|done| (done.written, done.unchanged)).map_err(|error| error.to_string())
}

fn give(path: &Path) {
    std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
}

fn first() -> Files {
    files([("a", "1"), ("d/b", "2"), ("d/c", "3")])
}

#[test]
fn what_cannot_be_linked_is_moved_or_written_anew() {
    let prepare = |folder: &Path| {
        // Root built first, and put files of its own there; then the folders were given to nobody.
        build(&first(), folder).unwrap();
        fs::write(out(folder).join("linux"), "root's").unwrap();
        fs::create_dir(out(folder).join("own")).unwrap();
        fs::write(out(folder).join("own/initrd"), "root's too").unwrap();
        for path in ["srv", "srv/out", "srv/out/d", "srv/out/own"] {
            give(&folder.join(path));
        }
    };
    as_nobody("strangers::what_cannot_be_linked_is_moved_or_written_anew", prepare, |folder| {
        let foreign = ["linux", "own/initrd"].map(|name| out(folder).join(name));
        let before = foreign.clone().map(|path| fs::metadata(path).unwrap().ino());
        assert!(fs::hard_link(&foreign[0], folder.join("srv/link")).is_err(), "nobody may link what is root's");
        let tree = files([("a", "1"), ("d/b", "2"), ("d/c", "4")]);
        assert_eq!(build(&tree, folder).unwrap(), (4, 0), "nothing could be linked");
        let kept = [("linux", "root's"), ("own/initrd", "root's too")];
        let mut found = content(&out(folder));
        found.remove(Path::new("manifest.json"));
        assert_eq!(found, expected(&tree, &kept));
        assert_eq!(foreign.map(|path| fs::metadata(path).unwrap().ino()), before, "moved, not copied");
        assert_eq!(names(&folder.join("srv")), ["out"]);
        // From now on fleetc's files are nobody's.
        assert_eq!(build(&first(), folder).unwrap(), (2, 2));
    });
}

#[test]
fn a_folder_of_somebody_else_is_refused_and_kept() {
    let prepare = |folder: &Path| {
        build(&first(), folder).unwrap();
    };
    as_nobody("strangers::a_folder_of_somebody_else_is_refused_and_kept", prepare, |folder| {
        let before = content(&out(folder));
        let error = build(&files([("a", "2")]), folder).unwrap_err();
        assert!(error.contains("build as the user who owns the output folder and the folder that holds it"), "{error}");
        assert_eq!((content(&out(folder)), names(&folder.join("srv"))), (before, vec!["out".to_string()]));
        assert_eq!(build(&first(), folder).unwrap(), (0, 4), "when nothing differs, nothing has to be written");
    });
}

#[test]
fn a_folder_of_somebody_else_inside_the_tree_is_refused_or_moved_whole() {
    let prepare = |folder: &Path| {
        build(&first(), folder).unwrap();
        fs::create_dir(out(folder).join("theirs")).unwrap();
        fs::write(out(folder).join("theirs/file"), "root's").unwrap();
        for path in ["srv", "srv/out", "srv/out/d"] {
            give(&folder.join(path));
        }
    };
    as_nobody("strangers::a_folder_of_somebody_else_inside_the_tree_is_refused_or_moved_whole", prepare, |folder| {
        let before = content(&out(folder));
        // A folder without write permission cannot be renamed to another folder, so the build stops before it begins.
        let error = build(&files([("a", "2")]), folder).unwrap_err();
        assert!(error.contains("cannot carry over") && error.contains("theirs"), "{error}");
        assert_eq!((content(&out(folder)), names(&folder.join("srv"))), (before, vec!["out".to_string()]));
    });
}
