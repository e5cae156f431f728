//! Long work shows itself on a terminal, which `script` makes, and nowhere else; Ctrl-C leaves the published tree alone.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{fleetc, generate};

/// Hosts that take well over half a second to build without optimisation.
const HOSTS: u32 = 3_000;

fn fleet() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("fleet.yaml"), generate::fleet(HOSTS)).unwrap();
    std::fs::write(folder.path().join("role.yaml"), generate::ROLE).unwrap();
    folder
}

/// What a terminal gets.
fn screen(folder: &Path, arguments: &str) -> String {
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_fleetc"));
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(folder).env("TERM", "xterm");
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("no `script` ({error}); on Debian: bsdutils"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_terminal_sees_a_bar_and_a_pipe_does_not() {
    let folder = fleet();
    let text = screen(folder.path(), "build -o public");
    assert!(text.contains(" files, ") && text.contains(" left"), "{text:?}");
    // It is gone at the end: what stays is the result.
    let last = text.rfind("left").unwrap();
    assert!(text[last..].contains("public: ") && text[last..].contains("\u{1b}["), "{:?}", &text[last..]);
    let piped = fleetc(folder.path(), &["build", "-o", "other"], "");
    assert_eq!((piped.code, piped.stderr.as_str()), (0, ""));
    // What takes no time shows nothing.
    assert!(!screen(folder.path(), "explain merge-key").contains("left"));
}

/// The manifest, which lists every file with its sum.
fn manifest(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("public/manifest.json")).unwrap()
}

/// Builds, and presses the key once a new generation is begun beside the folder; whether the build was still at it.
fn interrupted(folder: &Path, arguments: &[&str]) -> bool {
    // What a shell starts in the background ignores the key, and so does all that this starts.
    let mut command = Command::new("env");
    command.args(["--default-signal=INT", env!("CARGO_BIN_EXE_fleetc")]).args(arguments);
    let mut child = command.current_dir(folder).stdout(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while !folder.join(".public.fleetc-new").exists() && child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < Duration::from_secs(60), "no new generation");
        std::thread::sleep(Duration::from_millis(1));
    }
    // A build that has ended meanwhile gets no signal.
    let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status().unwrap();
    !child.wait().unwrap().success()
}

#[test]
fn ctrl_c_leaves_the_published_tree_as_it_was() {
    let folder = fleet();
    let arguments = ["build", "-o", "public"];
    assert_eq!(fleetc(folder.path(), &arguments, "").code, 0);
    let text = std::fs::read_to_string(folder.path().join("fleet.yaml")).unwrap();
    // Where the machine is busy, a build may have published before the key is pressed.
    let before = (2..20).find_map(|turn| {
        let before = manifest(folder.path());
        let text = text.replace("http://10.0.0.1", &format!("http://10.0.0.{turn}"));
        std::fs::write(folder.path().join("fleet.yaml"), text).unwrap();
        let interrupted = interrupted(folder.path(), &arguments);
        let published = manifest(folder.path()) != before;
        assert!(interrupted || published, "turn {turn}");
        (!published).then_some(before)
    });
    let before = before.expect("no build was interrupted before it published");
    // The next build ends what was begun, and leaves nothing beside.
    assert_eq!(fleetc(folder.path(), &arguments, "").code, 0);
    assert_ne!(manifest(folder.path()), before);
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names.iter().filter(|name| !name.contains("lock")).collect::<Vec<_>>(),
        ["fleet.yaml", "public", "role.yaml"]
    );
}
