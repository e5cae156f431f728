//! The script that makes the tables of releases and bundles, on a small repository of the kind that it reads; and that
//! the tables in use have the form that it gives them.

use std::fs;
use std::path::Path;
use std::process::Command;

fn git(folder: &Path, day: &str, arguments: &[&str]) {
    let moment = format!("{day}T12:00:00Z");
    let status = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_AUTHOR_DATE", &moment)
        .env("GIT_COMMITTER_DATE", &moment)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs: `tests/run` installs it");
    assert!(status.status.success(), "{arguments:?}: {status:?}");
}

/// Writes files into a repository (none: takes them out), commits them and tags the commit.
fn release(folder: &Path, day: &str, tag: &str, files: &[(&str, Option<&str>)]) {
    for (name, text) in files {
        let path = folder.join(name);
        match text {
            Some(text) => {
                fs::create_dir_all(path.parent().expect("a folder")).expect("can be made");
                fs::write(path, text).expect("can be written");
            }
            None => fs::remove_file(path).expect("can be removed"),
        }
    }
    git(folder, day, &["add", "--all"]);
    git(folder, day, &["commit", "--quiet", "--allow-empty", "--message", tag]);
    git(folder, day, &["tag", tag]);
}

fn refresh(arguments: &[&Path]) -> std::process::Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/facts/refresh");
    Command::new("bash").arg(script).args(arguments).output().expect("bash runs")
}

/// The lines of a table without its comments.
fn table(folder: &Path, name: &str) -> Vec<String> {
    let text = fs::read_to_string(folder.join(name)).expect("a table");
    assert!(text.starts_with("# ") && text.contains("clearlinux/clr-bundles"), "{text}");
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_string).collect()
}

#[test]
fn tables_are_made_from_the_tags() {
    let clone = tempfile::tempdir().expect("a folder");
    let here = clone.path();
    git(here, "2020-01-01", &["init", "--quiet"]);
    let active = "# [TITLE]: x\n# [STATUS]: Active\n# include(no)\ninclude(os-core)\ninclude( os-core )\ninclude(devpkg-x)\ncurl\n";
    release(
        here,
        "2020-01-01",
        "100",
        &[("bundles/web", Some("httpd\n")), ("bundles/os-core", Some("#[STATUS]: Deprecated\nfilesystem\n"))],
    );
    release(here, "2020-01-01", "110", &[("bundles/web", None), ("packages", Some("# single\ncurl # a tool\n\n"))]);
    release(here, "2020-01-03", "1000", &[("bundles/web", Some(active)), ("bundles/web-dev", Some("include(web)\n"))]);
    git(here, "2020-01-04", &["tag", "--annotate", "--message", "later", "1010"]);
    git(here, "2020-01-04", &["tag", "latest"]);

    let made = tempfile::tempdir().expect("a folder");
    let output = refresh(&[here, made.path()]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(table(made.path(), "releases.tsv"), ["2020-01-01\t100 110", "2020-01-03\t1000 1010"]);
    assert_eq!(
        table(made.path(), "bundles.tsv"),
        ["curl\t110-", "os-core\t100-\tDeprecated", "web\t100-110 1000-\t\tos-core", "web-dev\t1000-\t\tweb",]
    );
}

#[test]
fn a_repository_without_releases_is_refused() {
    let clone = tempfile::tempdir().expect("a folder");
    git(clone.path(), "2020-01-01", &["init", "--quiet"]);
    release(clone.path(), "2020-01-01", "v1", &[]);
    let made = tempfile::tempdir().expect("a folder");
    let output = refresh(&[clone.path(), made.path()]);
    assert!(!output.status.success());
    assert_eq!(fs::read_dir(made.path()).expect("a folder").count(), 0, "nothing is written");
    assert!(!refresh(&[]).status.success());
}

/// The comments that the script writes are those of the tables in use, but for the releases that they name.
#[test]
fn the_tables_in_use_are_such_tables() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/facts");
    let script = fs::read_to_string(folder.join("refresh")).expect("the script");
    for name in ["releases.tsv", "bundles.tsv"] {
        let text = fs::read_to_string(folder.join(name)).expect("a table");
        for comment in text.lines().take_while(|line| line.starts_with('#')) {
            let comment = comment.replace("6970 to 43760", "$first to $last").replace('`', "\\`");
            assert!(script.contains(&format!("echo \"{comment}\"")), "{name}: {comment}");
        }
        assert!(text.lines().all(|line| line == line.trim_end()), "{name}");
    }
}
