//! Built-in → `defaults` → the role's `extends` chain → role → host.

use serde_json::json;

use crate::fleet::{DEFAULTS, fleet};

fn case(roles: &str, host: &str) -> crate::fleet::Case {
    fleet(&format!(
        "hosts:\n  a: {{ mac: 52:54:00:00:00:01, role: r{host} }}\nroles:\n{roles}{DEFAULTS}  cmdline: from defaults\n"
    ))
}

#[test]
fn the_nearest_layer_wins() {
    assert_eq!(case("  r: {}\n", "").template("a")["cmdline"], "from defaults");
    assert_eq!(case("  b: { cmdline: base }\n  r: { extends: b }\n", "").template("a")["cmdline"], "base");
    assert_eq!(
        case("  b: { cmdline: base }\n  r: { extends: b, cmdline: role }\n", "").template("a")["cmdline"],
        "role"
    );
    assert_eq!(case("  r: { cmdline: role }\n", ", cmdline: host").template("a")["cmdline"], "host");
}

#[test]
fn null_clears_and_a_later_layer_sets_anew() {
    assert_eq!(case("  r: { cmdline: null }\n", "").template("a").get("cmdline"), None);
    assert_eq!(case("  r: { cmdline: ~ }\n", ", cmdline: host").template("a")["cmdline"], "host");
    assert_eq!(case("  b: { cmdline: x }\n  r: { extends: b }\n", ", cmdline:").template("a").get("cmdline"), None);
}

#[test]
fn lists_replace_and_bundles_can_be_edited() {
    let list = |case: crate::fleet::Case| case.template("a")["Bundles"].clone();
    let base = ["kernel-native", "os-core", "os-core-update", "os-cloudguest", "systemd-networkd-autostart"];
    assert_eq!(list(case("  r: {}\n", "")), json!(base));
    assert_eq!(
        list(case("  r: { bundles: [kernel-native, systemd-networkd-autostart] }\n", "")),
        json!(["kernel-native", "systemd-networkd-autostart"])
    );
    assert_eq!(
        list(case(
            "  r: { bundles: { add: [vim, os-core] } }\n",
            ", bundles: { add: [git], remove: [os-core-update, vim] }"
        )),
        json!(["kernel-native", "os-core", "os-cloudguest", "systemd-networkd-autostart", "git"])
    );
}

#[test]
fn removing_what_is_not_there_is_reported() {
    case("  r: {}\n", ", bundles: { remove: [os-cor] }")
        .says("`os-cor` is not among the inherited bundles", "did you mean `os-core`?");
}

#[test]
fn maps_merge_by_key_and_null_removes_one() {
    let text = "#!/bin/sh\necho {{ labels.x }}{{ labels.y }}{% if labels.z is defined %}{{ labels.z }}{% endif %} {{ vars.n + 1 }}\n";
    let case = case(
        "  b: { labels: { x: b, y: b, z: b }, vars: { n: 1 } }\n  r: { extends: b, cloud_config: role.sh, labels: { y: r } }\n",
        ", labels: { z: null }, vars: { n: 41 }",
    );
    assert_eq!(case.file("role.sh", text).emits("icis/get_role/r.a"), "#!/bin/sh\necho br 42\n");
}

#[test]
fn hooks_merge_by_key() {
    let case = case(
        "  b: { hooks: { pre_install_shell: [one], post_chroot: [two] } }\n  r: { extends: b, hooks: { post_chroot: null, post_chroot_shell: [three, four] } }\n",
        "",
    );
    let template = case.template("a");
    assert_eq!(template["PreInstallShell"], json!(["one"]));
    assert_eq!(template.get("PostChroot"), None);
    assert_eq!(template["PostChrootShell"], json!(["three", "four"]));
}

#[test]
fn the_built_in_state_is_install() {
    let paths = case("  r: { state: installed }\n", "").paths();
    assert!(!paths.iter().any(|path| path.contains("static")), "{paths:?}");
    let paths = case("  r: { state: installed }\n", ", state: install").paths();
    assert!(paths.iter().any(|path| path.contains("static")), "{paths:?}");
    // A line left half written wipes nothing.
    case("  r: { state: installed }\n", ", state:").reports(&["cleared-state 2:41"]);
    // Nor does a role that clears what all machines have.
    fleet(&format!("hosts:\n  a: {{ mac: 52:54:00:00:00:01, role: r }}\nroles:\n  r: {{ state: null }}\n{DEFAULTS}  state: installed\n"))
        .reports(&["cleared-state 4:15"]);
}

#[test]
fn a_long_chain_is_no_problem() {
    let mut roles = String::from("  r: { extends: r0 }\n");
    for index in 0..20_000 {
        roles.push_str(&format!("  r{index}: {{ extends: r{} }}\n", index + 1));
    }
    roles.push_str("  r20000: { cmdline: far }\n");
    assert_eq!(case(&roles, "").template("a")["cmdline"], "far");
}

#[test]
fn circles_are_reported_once_each() {
    case("  r: { extends: s }\n  s: { extends: t }\n  t: { extends: s }\n  u: { extends: u }\n", "")
        .reports(&["extends-cycle 5:17", "extends-cycle 7:17"]);
}

#[test]
fn a_default_role() {
    let case = fleet(&format!(
        "hosts:\n  a: {{ mac: 52:54:00:00:00:01 }}\nroles: {{ r: {{ cmdline: x }} }}{DEFAULTS}  role: r\n"
    ));
    assert_eq!(case.template("a")["cmdline"], "x");
}
