//! The hook by which a machine that is not listed gets its role (contract I-87, X-15), run for real.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::server::{Kind, Server};
use crate::{Site, example};

/// The line of `ucd.service` that has not changed since v25 (contract 3.1), and the same as the installer leaves it
/// (contract I-24, I-25).
const STOCK: &str = "ExecStart=/usr/bin/ucd --fix-disk --first-boot-setup --metadata --user-data-once";
const EDITED: &str = "ExecStart=/usr/bin/ucd --fix-disk --first-boot-setup --user-data-file /etc/cloud-init-user-data";

fn unit(exec: &str) -> String {
    format!(
        "[Unit]\nDescription=micro-config-drive job for first boot\nAfter=local-fs.target\n\n[Service]\nType=oneshot\n\
         {exec}\nRemainAfterExit=yes\n\n[Install]\nWantedBy=multi-user.target\n"
    )
}

/// The new system's root, as the installer hands it to a hook.
struct Target(tempfile::TempDir);

impl Target {
    fn new(exec: &str) -> Target {
        let target = Target(tempfile::tempdir().unwrap());
        fs::create_dir_all(target.0.path().join("etc")).unwrap();
        fs::create_dir_all(target.0.path().join("usr/lib/systemd/system")).unwrap();
        fs::write(target.unit(), unit(exec)).unwrap();
        target
    }

    fn unit(&self) -> PathBuf {
        self.0.path().join("usr/lib/systemd/system/ucd.service")
    }

    fn role(&self) -> PathBuf {
        self.0.path().join("etc/cloud-init-user-data")
    }

    /// Runs a command as the installer does (contract I-85, I-86).
    fn run(&self, command: &str) -> Output {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).env("ISTER_CHROOT", self.0.path()).env("LC_ALL", "C");
        let output = shell.output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_ne!(
            output.status.code(),
            Some(127),
            "the hook needs `python3`; on Debian: apt-get install python3: {complaint}"
        );
        output
    }
}

#[test]
fn the_hook_of_bulk_gives_a_machine_that_is_not_listed_its_role() {
    let site = Site::new(example::named("bulk"));
    let template: Value = serde_json::from_slice(&site.files["icis/static/ister/ister_config.json"]).unwrap();
    let [Value::String(hook)] = &template["PostNonChrootShell"].as_array().unwrap()[..] else { panic!("{template}") };
    fs::write(site.root().join("icis/get_role/page"), "<html><body>not found</body></html>\n").unwrap();
    fs::write(site.root().join("icis/get_role/empty"), "").unwrap();
    let server = Server::start(Kind::Nginx, &site.root());
    assert_eq!(hook.matches(&site.url).count(), 1, "{hook}");
    let hook = hook.replace(&site.url, &server.url());

    let target = Target::new(STOCK);
    let output = target.run(&hook);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fs::read(target.role()).unwrap(), site.files["icis/get_role/compute"]);
    assert_eq!(fs::read_to_string(target.unit()).unwrap(), unit(EDITED));
    assert_eq!(output.stdout, b"");

    let fails = |exec: &str, hook: &str, why: &str| {
        let target = Target::new(exec);
        let output = target.run(hook);
        assert!(!output.status.success(), "the installer is not stopped: {why}");
        assert_eq!(fs::read_to_string(target.unit()).unwrap(), unit(exec), "{why}");
        target
    };
    let role = |name: &str| hook.replace("get_role/compute", &format!("get_role/{name}"));
    for (name, why) in [("gone", "no role"), ("page", "a page in the place of the role"), ("empty", "an empty role")] {
        assert!(!fails(STOCK, &role(name), why).role().exists(), "{why}: it was stored");
    }
    // v18 to v24 have the options in another order, which the installer would not match either (contract 3.1).
    let old = "ExecStart=/usr/bin/cloud-init --fix-disk --user-data-once --metadata";
    fails(old, &hook, "a unit without the options");
    fails(EDITED, &hook, "a unit that was edited already");
    let target = Target::new(STOCK);
    fs::remove_file(target.unit()).unwrap();
    assert!(!target.run(&hook).status.success(), "no unit");
    drop(server);
    fails(STOCK, &hook, "no server");
}
