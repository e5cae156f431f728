//! Repositories made by a test, and the program run in them.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// A repository with one commit.
pub struct Repository(TempDir);

/// What the program printed.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn json(&self) -> Value {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// Runs the program in a folder, with nothing but `PATH` around it.
pub fn fleetc(folder: &Path, arguments: &[&str]) -> Run {
    with_path(folder, arguments, &std::env::var("PATH").unwrap())
}

pub fn with_path(folder: &Path, arguments: &[&str], path: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleetc"));
    command.args(arguments).current_dir(folder).env_clear().env("PATH", path);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs git in a folder, with no settings but its own.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let settings = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"];
    let output = Command::new("git")
        .args(settings)
        .args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

impl Repository {
    pub fn new(files: &[(&str, &str)]) -> Repository {
        let repository = Repository(TempDir::new().unwrap());
        for (name, text) in files {
            repository.write(name, text);
        }
        git(repository.folder(), &["init", "-q"]);
        repository.commit("first");
        repository
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn commit(&self, message: &str) {
        git(self.folder(), &["add", "-A"]);
        git(self.folder(), &["commit", "-q", "-m", message]);
    }
}
