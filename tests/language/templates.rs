//! Role texts: when they are shared, what they see, and where their faults are shown.

use crate::fleet::{Case, DEFAULTS, fleet};

fn case(text: &str) -> Case {
    let fleet = fleet(&format!(
        "
hosts:
  a: {{ mac: 52:54:00:00:00:01, role: r, address: 10.0.0.5 }}
  b: {{ mac: 52:54:00:00:00:02, role: r, vars: {{ x: own }} }}
  c: {{ mac: 52:54:00:00:00:03, role: r, labels: {{ rack: r1 }}, state: installed }}
roles:
  r: {{ cloud_config: role.sh, vars: {{ x: shared, y: [1, 2] }}, labels: {{ row: w1 }} }}
networks: {{ n: {{ cidr: 10.0.0.0/24, gateway: 10.0.0.1, domain: lab }} }}
{DEFAULTS}  interface: eno1
"
    ));
    fleet.file("role.sh", text)
}

fn roles(case: &Case) -> Vec<String> {
    case.paths().into_iter().filter_map(|path| path.strip_prefix("icis/get_role/").map(str::to_string)).collect()
}

#[test]
fn a_text_is_shared_by_the_hosts_that_change_nothing_of_it() {
    assert_eq!(roles(&case("#!/bin/sh\n")), ["r"]);
    assert_eq!(roles(&case("#!/bin/sh\necho {{ vars.y }}\n")), ["r"]);
    assert_eq!(roles(&case("#!/bin/sh\necho {{ vars.x }}\n")), ["r", "r.b"]);
    assert_eq!(roles(&case("#!/bin/sh\necho {{ labels }}\n")), ["r", "r.c"]);
    assert_eq!(roles(&case("#!/bin/sh\necho {{ host.name }}\n")), ["r.a", "r.b", "r.c"]);
    let own = case("#!/bin/sh\necho {{ vars.x }}\n");
    assert_eq!(own.emits("icis/get_role/r"), "#!/bin/sh\necho shared\n");
    assert_eq!(own.emits("icis/get_role/r.b"), "#!/bin/sh\necho own\n");
    assert_eq!(own.emits("icis/get_config/52:54:00:00:00:01"), "{\"mac_addr\":\"52:54:00:00:00:01\",\"role\":\"r\"}\n");
    assert_eq!(
        own.emits("icis/get_config/52:54:00:00:00:02"),
        "{\"mac_addr\":\"52:54:00:00:00:02\",\"role\":\"r.b\"}\n"
    );
}

#[test]
fn what_a_template_sees() {
    let text = "#!/bin/sh\n{{ host.name }} {{ host.mac }} {{ host.macs | length }} {{ host.state }} {{ role.name }} {{ release.name }} {{ release.version }} {{ server.url }} {{ server.host }} {{ server.service }}\n{% if host.address is defined %}\n{{ host.address }}/{{ host.prefix }} {{ host.interface }} {{ network.name }} {{ network.cidr }} {{ network.netmask }} {{ network.gateway }} {{ network.domain }}\n{% endif %}\n";
    let case = case(text);
    assert_eq!(
        case.emits("icis/get_role/r.a"),
        "#!/bin/sh\na 52:54:00:00:00:01 1 install r stable 29880 http://192.168.1.1 192.168.1.1 http://192.168.1.1/icis/\n10.0.0.5/24 eno1 n 10.0.0.0/24 255.255.255.0 10.0.0.1 lab\n"
    );
    assert_eq!(case.emits("icis/get_role/r.b").lines().count(), 2);
}

#[test]
fn faults_stand_in_the_role_file() {
    let undefined = case("#!/bin/sh\n# ä {{ vars.zebra }}\n");
    undefined.reports(&["template-fails role.sh:2:8"]);
    undefined.says("`vars.zebra` is not defined", "names here: `x`, `y`");
    case("#!/bin/sh\n{{ network.cidr }}\n").reports(&["template-fails role.sh:2:4"]);
    case("#!/bin/sh\n{% if %}\n").reports(&["template-syntax role.sh:2:7"]);
    case("#!/bin/sh\n{{ 1 / 0 }}\n").reports(&["template-fails role.sh:2:4"]);
}

#[test]
fn yaml_faults_of_the_rendered_text_stand_where_the_template_has_them() {
    let text = "#cloud-config\n{% for n in [1, 2] %}\n# {{ n }}\n{% endfor %}\npower_state: {mode: reboot}\ngroups: [{{ vars.x }}]\n";
    case(text).reports(&["mapping-in-mapping role.sh:5:1"]);
    // The value of a variable breaks the text: the expression is to blame.
    let text = "#cloud-config\nhostname: {{ vars.y }}\nx: {{ vars.x }}\nusers: [{{ vars.y }}\n";
    case(text).reports(&["broken-role role.sh:4:8"]);
}

#[test]
fn null_is_no_text() {
    let fleet = fleet(&format!(
        "hosts:\n  a: {{ mac: 52:54:00:00:00:01, role: r }}\nroles: {{ r: {{ cloud_config: role.sh, vars: {{ l: [null] }} }} }}{DEFAULTS}"
    ));
    fleet.file("role.sh", "#!/bin/sh\n{{ vars.l[0] }}\n").says("the template fails: this value is null", "");
}

#[test]
fn endless_templates_are_stopped() {
    let text = "#!/bin/sh\n{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}\n";
    case(text).says("the template does too much work", "loops of some ten thousand steps are the limit");
}

#[test]
fn inline_texts_and_their_faults() {
    let inline = |text: &str| {
        fleet(&format!(
            "hosts:\n  a: {{ mac: 52:54:00:00:00:01, role: r }}\nroles:\n  r:\n    cloud_config: |\n      #cloud-config\n      write_files: [{{ path: /srv/x, content: ä }}]\n{text}{DEFAULTS}"
        ))
    };
    assert_eq!(inline("").emits("icis/get_role/r"), "#cloud-config\nwrite_files: [{ path: /srv/x, content: ä }]\n");
    inline("      groups: { a: b }\n").reports(&["mapping-in-mapping 8:7"]);
    inline("      x: {{ vars.none }}\n").reports(&["template-fails 8:13"]);
}

#[test]
fn crlf_roles_are_served_with_lf() {
    // contract X-17
    assert_eq!(case("#!/bin/sh\r\necho\r\n").emits("icis/get_role/r"), "#!/bin/sh\necho\n");
}

#[test]
fn a_role_for_unlisted_machines_has_no_host() {
    let text = format!("unknown: {{ install: r }}\nroles: {{ r: {{ cloud_config: role.sh }} }}{DEFAULTS}");
    fleet(&text)
        .file("role.sh", "#!/bin/sh\n{{ host.name }}\n")
        .says("`host` is not defined", "machines that are not listed have no host; give them a role that uses none");
}
