//! What a run does to the folder that it writes to: both files, or nothing.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::model::{Item, image, image_of, provision};
use crate::program::{fleetc, read};

/// An image that takes a while.
fn slow(folder: &Path) -> PathBuf {
    let mut items = provision();
    let mut state = 1_u32;
    let text: Vec<u8> = (0..24 << 20)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 27) as u8
        })
        .collect();
    items.push(Item::file("usr/share/large", text));
    image_of(folder, "slow", 48 << 20, &items)
}

/// What lies in a folder: its files by name, and their content; hidden ones too.
fn content(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    read(folder)
}

#[test]
fn files_that_are_there_are_replaced_and_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let place = image(folder, "image", &provision());
    let out = folder.join("boot");
    fs::create_dir(&out).unwrap();
    for (name, text) in
        [("linux-29880", "old"), ("linux-29110", "older"), ("notes", "mine"), (".linux.fleetc-new", "left")]
    {
        fs::write(out.join(name), text).unwrap();
    }
    let line = ["image", place.to_str().unwrap(), "-o", "boot"];
    assert_eq!(fleetc(folder, &line).code, Some(0));
    let after = content(&out);
    assert_eq!(after.keys().collect::<Vec<_>>(), ["initrd-29880", "linux-29110", "linux-29880", "notes"]);
    assert!(after["linux-29880"].len() == 1024 && after["linux-29110"] == b"older" && after["notes"] == b"mine");
    // The same again changes nothing.
    assert_eq!(fleetc(folder, &line).code, Some(0));
    assert!(content(&out) == after);
}

#[test]
fn what_is_in_the_way_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let place = image(folder, "image", &provision());
    let outside = folder.join("outside");
    fs::write(&outside, "outside").unwrap();
    let out = folder.join("boot");
    let line = ["image", place.to_str().unwrap(), "-o", "boot"];
    let in_the_way: [&dyn Fn(&Path); 3] =
        [&|path| symlink(&outside, path).unwrap(), &|path| symlink("nowhere", path).unwrap(), &|path| {
            fs::create_dir(path).unwrap()
        }];
    for make in in_the_way {
        for name in ["linux-29880", "initrd-29880"] {
            fs::create_dir(&out).unwrap();
            let other = if name.starts_with('l') { "initrd-29880" } else { "linux-29880" };
            fs::write(out.join(other), "old").unwrap();
            make(&out.join(name));
            let run = fleetc(folder, &line);
            let error = format!(
                "error: `boot/{name}` is there already, and is no file\n help: remove it, or choose another folder\n"
            );
            assert_eq!((run.code, run.stderr, run.stdout), (Some(2), error, String::new()));
            let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            assert_eq!(names, ["initrd-29880", "linux-29880"]);
            assert_eq!(fs::read(out.join(other)).unwrap(), b"old");
            fs::remove_dir_all(&out).unwrap();
        }
    }
    // A name for the time being is a symlink: it is removed, and not followed.
    fs::create_dir(&out).unwrap();
    symlink(&outside, out.join(".initrd.fleetc-new")).unwrap();
    assert_eq!(fleetc(folder, &line).code, Some(0));
    assert_eq!(fs::read(&outside).unwrap(), b"outside");
    // The folder is a file.
    let run = fleetc(folder, &["image", place.to_str().unwrap(), "-o", "outside"]);
    assert!(
        run.code == Some(2) && run.stderr.starts_with("error: cannot write to the folder `outside`"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_full_disk_leaves_nothing() {
    // A limit for the size of files, which is what a full disk is to a program.
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let place = slow(folder);
    let script =
        format!("trap '' XFSZ; ulimit -f 2000; exec {} image {} -o a/b", env!("CARGO_BIN_EXE_fleetc"), place.display());
    let output = Command::new("sh").args(["-c", &script]).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.ends_with(": file too large\n"), "{said}");
    assert!(!folder.join("a").exists());
}

/// Starts a run, and waits until it writes.
fn started(folder: &Path, image: &Path) -> std::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleetc"));
    command.args(["image", image.to_str().unwrap(), "-o", "boot"]).current_dir(folder);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    let writes = || fs::metadata(folder.join("boot/.initrd.fleetc-new")).is_ok_and(|file| file.len() > 0);
    while !writes() {
        assert!(start.elapsed() < Duration::from_secs(60), "it does not begin");
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

#[test]
fn ctrl_c_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let place = slow(folder);
    for signal in ["-INT", "-TERM", "-HUP"] {
        let child = started(folder, &place);
        // Another run does not write there at the same time.
        let other = fleetc(folder, &["image", place.to_str().unwrap(), "-o", "boot"]);
        assert_eq!(other.code, Some(2));
        assert!(
            other.stderr.starts_with("error: another run writes to the folder `boot`\n help: "),
            "{}",
            other.stderr
        );
        let kill = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "error: interrupted; nothing was written\n");
        assert!(output.status.code() == Some(2) && output.stdout.is_empty());
        assert!(!folder.join("boot").exists());
    }
    // Killed at once: the next run removes what is left.
    let mut child = started(folder, &place);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(fleetc(folder, &["image", place.to_str().unwrap(), "-o", "boot"]).code, Some(0));
    assert_eq!(content(&folder.join("boot")).keys().collect::<Vec<_>>(), ["initrd-29880", "linux-29880"]);
}

#[test]
fn a_terminal_sees_a_bar() {
    let folder = tempfile::tempdir().unwrap();
    let place = slow(folder.path());
    let line = format!("{} image {} -o boot", env!("CARGO_BIN_EXE_fleetc"), place.display());
    let mut command = Command::new("script");
    command
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(folder.path())
        .env("TERM", "xterm");
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("no `script` ({error}); on Debian: bsdutils"));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains(" of 24 MiB, "), "{text:?}");
    let last = text.rfind(" left").unwrap();
    assert!(text[last..].contains("releases:"), "{:?}", &text[last..]);
}
