//! `fleetc plan` against trees that were built, and the diffs of what machines read.

use std::fs;

use crate::repository::{Repository, fleetc, git};

const FLEET: &str = "\
version: 1
server: { url: http://192.168.1.1 }
releases:
  stable: { version: 29880, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
layouts:
  one-disk:
    - disk: sda
      partitions:
        - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
        - { size: rest, filesystem: ext4, mount: / }
defaults:
  release: stable
  layout: one-disk
  bundles: [kernel-native, os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]
  users:
    - { name: ada, password_hash: $6$saltsalt$abcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdef }
roles:
  web:
    cloud_config: roles/web.yaml
hosts:
  node-1: { mac: 52:54:00:00:00:01, role: web }
  node-2: { mac: 52:54:00:00:00:02, role: web, state: installed }
";

const WEB: &str = "#cloud-config\nservice:\n  - mask: ucd.service\n";

/// A repository whose fleet is built into `public`.
fn site() -> Repository {
    let site = Repository::new(&[("fleet.yaml", FLEET), ("roles/web.yaml", WEB), (".gitignore", "public\n")]);
    let built = fleetc(site.folder(), &["build", "-o", "public"]);
    assert_eq!(built.code, 0, "{}", built.stderr);
    site
}

fn edit(site: &Repository, from: &str, to: &str) {
    let text = fs::read_to_string(site.folder().join("fleet.yaml")).unwrap();
    assert!(text.contains(from), "{from}");
    site.write("fleet.yaml", &text.replacen(from, to, 1));
}

#[test]
fn a_built_tree_a_manifest_and_a_revision_tell_the_same() {
    let site = site();
    fs::copy(site.folder().join("public/manifest.json"), site.folder().join("served.json")).unwrap();
    let bases = ["HEAD", "public", "./public/", "public/manifest.json"];
    for base in bases {
        assert_eq!(fleetc(site.folder(), &["plan", "--base", base]).stdout, "no machine changes\n", "{base}");
    }
    assert_eq!(fleetc(site.folder(), &["plan", "--base", "served.json"]).stdout, "no machine changes\n");
    edit(&site, "state: installed", "state: install");
    edit(&site, "version: 29880", "version: 29890");
    let plans = bases.map(|base| fleetc(site.folder(), &["plan", "--base", base]).stdout);
    for plan in &plans {
        assert_eq!(plan, &plans[0]);
    }
    assert!(plans[0].ends_with("\n2 hosts change: 1 reinstall, 1 install\n"), "{}", plans[0]);
    // A manifest alone knows which files differ, and not what in them does.
    let alone = fleetc(site.folder(), &["plan", "--base", "served.json", "--max-reinstall", "0"]);
    assert_eq!(alone.code, 1);
    assert!(alone.stdout.contains("\n2 hosts change: 1 reinstall, 1 install, 1 boot\n"), "{}", alone.stdout);
    assert!(alone.stdout.contains("fleet.yaml:21: script, template\n"), "{}", alone.stdout);
    assert!(alone.stdout.contains("this change wipes 1 of 2 machines"), "{}", alone.stdout);
}

#[test]
fn a_locked_machine_may_not_differ_from_the_tree() {
    let site = site();
    edit(&site, "state: installed }", "state: installed, locked: true }");
    assert_eq!(fleetc(site.folder(), &["plan", "--base", "public"]).code, 0);
    edit(&site, "state: installed, ", "");
    let run = fleetc(site.folder(), &["plan", "--base", "public"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("error[locked-host-changes]: host `node-2` is locked"), "{}", run.stdout);
}

#[test]
fn what_is_no_tree_is_said() {
    let site = site();
    site.write("other/index.html", "mine");
    site.write("broken.json", "{}");
    let stderr = |base: &str| {
        let run = fleetc(site.folder(), &["plan", "--base", base]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{base}");
        run.stderr
    };
    assert!(stderr("other").contains("`other` is no revision of this repository"));
    assert!(stderr("broken.json").starts_with("error: `broken.json` is not the manifest of a tree: "));
    // A file that somebody changed by hand is not what the manifest says, and so not what is compared with.
    let script = site.folder().join("public/boot/52-54-00-00-00-01.ipxe");
    fs::remove_file(&script).unwrap();
    fs::write(&script, "#!ipxe\nexit 1\n").unwrap();
    assert_eq!(
        stderr("public"),
        "error: `boot/52-54-00-00-00-01.ipxe` of `public` is not what its `manifest.json` says: build the tree anew\n"
    );
    fs::remove_file(&script).unwrap();
    assert!(stderr("public").contains("cannot be read"));
    git(site.folder(), &["branch", "public"]);
    assert!(stderr("public").starts_with("error: `public` is a revision, and a folder with a built tree\n help: "));
}

#[test]
fn diffs_show_what_machines_read_and_no_secrets() {
    let site = site();
    edit(&site, "version: 29880", "version: 29890");
    edit(&site, "$abcdefgh", "$ijklmnop");
    edit(&site, "node-2:", "node-3:");
    for base in ["HEAD", "public"] {
        let all = fleetc(site.folder(), &["plan", "--base", base, "--diff"]);
        assert_eq!(all.code, 0, "{}", all.stderr);
        let expected = "\
node-1: install
--- a/boot/52-54-00-00-00-01.ipxe
+++ b/boot/52-54-00-00-00-01.ipxe
@@ -1,6 +1,6 @@
 #!ipxe
-# node-1: installs release stable (29880)
-echo fleetc: installing node-1, release stable (29880)
+# node-1: installs release stable (29890)
+echo fleetc: installing node-1, release stable (29890)
 imgfree
";
        assert!(all.stdout.starts_with(expected), "{}", all.stdout);
        assert!(all.stdout.contains("\n-  \"Version\": 29880,\n+  \"Version\": 29890,\n"), "{}", all.stdout);
        assert!(
            all.stdout.contains("\nnode-2 → node-3: renamed\n--- a/boot/52-54-00-00-00-02.ipxe\n"),
            "{}",
            all.stdout
        );
        assert!(!all.stdout.contains("abcdefgh") && !all.stdout.contains("ijklmnop"), "{}", all.stdout);
        for name in ["node-2", "node-3"] {
            let one = fleetc(site.folder(), &["plan", "--base", base, &format!("--diff={name}")]);
            assert!(one.stdout.starts_with("node-2 → node-3: renamed\n"), "{}", one.stdout);
            assert!(!one.stdout.contains("node-1"), "{}", one.stdout);
        }
        let none = fleetc(site.folder(), &["plan", "--base", base, "--diff=node-9"]);
        assert_eq!((none.code, none.stderr.as_str()), (2, "error: there is no host `node-9`, and there was none\n"));
    }
    fs::copy(site.folder().join("public/manifest.json"), site.folder().join("served.json")).unwrap();
    let alone = fleetc(site.folder(), &["plan", "--base", "served.json", "--diff"]);
    assert_eq!(alone.code, 2);
    assert!(alone.stderr.starts_with("error: a manifest alone has no bytes to show\n"), "{}", alone.stderr);
    let json = fleetc(site.folder(), &["plan", "--base", "HEAD", "--diff", "--format", "json"]);
    assert_eq!((json.code, json.stdout.as_str()), (2, ""));
    // A secret alone that differs is said, and not shown.
    site.write("fleet.yaml", &FLEET.replace("$abcdefgh", "$ijklmnop"));
    let secret = fleetc(site.folder(), &["plan", "--base", "HEAD", "--diff"]);
    assert!(secret.stdout.ends_with("\n (what is starred out differs)\n"), "{}", secret.stdout);
    site.write("fleet.yaml", FLEET);
    assert_eq!(
        fleetc(site.folder(), &["plan", "--base", "HEAD", "--diff"]).stdout,
        "no text that a machine reads differs\n"
    );
}

#[test]
fn a_changed_entry_is_shown_once() {
    let site = site();
    edit(&site, "192.168.1.1", "192.168.1.2");
    let all = fleetc(site.folder(), &["plan", "--base", "public", "--diff"]).stdout;
    assert_eq!(all.matches("--- a/ipxe_boot_script.txt").count(), 2, "{all}");
    assert!(all.contains("\nevery listed machine: what it runs of the entry\n"), "{all}");
    assert!(all.starts_with("machines that are not listed: boot\n"), "{all}");
}
