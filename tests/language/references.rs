//! Names, addresses and files that the fleet file refers to.

use crate::fleet::{DEFAULTS, fleet};

const NETWORKS: &str = "networks:\n  big: { cidr: 10.0.0.0/8, gateway: 10.0.0.1 }\n  small: { cidr: 192.168.1.0/24, gateway: 192.168.1.254, dns: 192.168.1.253 }\n";

fn host(host: &str) -> crate::fleet::Case {
    fleet(&format!(
        "hosts:\n  a: {{ mac: 52:54:00:00:00:01, role: compute{host} }}\nroles: {{ compute: {{}} }}\n{NETWORKS}{DEFAULTS}  interface: eno1\n"
    ))
}

#[test]
fn the_network_gives_prefix_gateway_and_dns() {
    let template = host(", address: 192.168.1.11").template("a");
    assert_eq!(
        template["Static_IP"],
        serde_json::json!({"iface": "eno1", "address": "192.168.1.11/24", "gateway": "192.168.1.254", "dns": "192.168.1.253"})
    );
    let template = host(", address: 10.1.2.3/8").template("a");
    assert_eq!(
        template["Static_IP"],
        serde_json::json!({"iface": "eno1", "address": "10.1.2.3/8", "gateway": "10.0.0.1"})
    );
    assert_eq!(host("").template("a").get("Static_IP"), None);
}

#[test]
fn an_address_needs_a_network_and_its_prefix_length() {
    host(", address: 172.16.0.1")
        .says("`172.16.0.1` lies in no network of the fleet", "networks: `big` (10.0.0.0/8), `small` (192.168.1.0/24)");
    host(", address: 192.168.1.11/16").says(
        "`192.168.1.11/16` has another prefix length than its network",
        "write `192.168.1.11/24`, or leave the length out",
    );
}

#[test]
fn a_dangling_name_brings_the_nearest() {
    host(", release: stabel").says("no release is called `stabel`", "did you mean `stable`?");
    host(", layout: two-disks").says("no layout is called `two-disks`", "layouts: `one-disk`");
}

#[test]
fn what_refers_to_a_faulty_thing_is_not_blamed() {
    let text = format!("hosts:\n  a: {{ mac: 52:54:00:00:00:01, role: r }}\nroles: {{ r: [] }}{DEFAULTS}");
    fleet(&text).reports(&["wrong-kind 3:13"]);
}

#[test]
fn a_missing_file_brings_the_nearest() {
    let case = fleet(&format!(
        "hosts:\n  a: {{ mac: 52:54:00:00:00:01, role: r }}\nroles: {{ r: {{ cloud_config: roles/bse.yaml }} }}{DEFAULTS}"
    ));
    case.file("roles/base.yaml", "#cloud-config\n")
        .says("there is no file `roles/bse.yaml`", "did you mean `roles/base.yaml`?");
}

#[test]
fn artifacts_may_be_urls_paths_or_files() {
    let text = format!(
        "
hosts:
  a: {{ mac: 52:54:00:00:00:01, role: r, release: mine }}
roles: {{ r: {{}} }}
version: 1
server: {{ url: http://192.168.1.1/x/ }}
releases:
  stable: {{ version: 29880, kernel: http://m/linux, initrd: /initrd, installer: {{ kind: ister, version: 69 }} }}
  mine:
    version: latest
    kernel: {{ file: boot/linux, sha256: 4F53CDA18C2BAA0C0354BB5F9A3ECBE5ED12AB4D8E11BA873C2F11161202B945 }}
    initrd: {{ url: images/initrd, sha256: 4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945 }}
    installer: {{ kind: ister, version: 69 }}
layouts:
  one-disk:
    - disk: sda
      partitions:
        - {{ size: 512M, type: EFI, filesystem: vfat, mount: /boot }}
        - {{ size: rest, filesystem: ext4, mount: / }}
{DEFAULTS}"
    );
    let case = crate::fleet::whole(text.trim_start()).file("boot/linux", "[]");
    let script = case.emits("boot/52-54-00-00-00-01.ipxe");
    assert!(
        script.contains(
            "kernel http://192.168.1.1/x/artifacts/boot/linux initrd=initrd isterconf=http://192.168.1.1/x/icis/"
        ),
        "{script}"
    );
    assert!(script.contains("initrd --name initrd http://192.168.1.1/x/images/initrd ||"), "{script}");
    assert_eq!(case.emits("artifacts/boot/linux"), "copy of boot/linux");
}

#[test]
fn a_misspelt_key_is_the_only_thing_to_say() {
    let text = format!(
        "hosts:\n  a: {{ mac: 52:54:00:00:00:01, role: r, layout: mine }}\nroles: {{ r: {{}} }}\nversion: 1\nserver: {{ url: http://h }}\n\
         releases: {{ stable: {{ version: 29880, kernel: k, initrd: i, installer: {{ kind: ister, version: 69 }} }} }}\n\
         layouts:\n  one-disk: &l\n    - disk: sda\n      partitions:\n        - {{ size: 512M, type: EFI, filesystem: vfat, mount: /boot }}\n        - {{ size: rest, filesystem: ext4, mount: / }}\n  \
         mine:\n    - disk: sda\n      partitions:\n        - {{ size: 512M, type: EFI, filesystem: vfat, mountpoint: /boot }}\n        - {{ size: rest, filesystem: ext4, mount: / }}\n{DEFAULTS}"
    );
    crate::fleet::whole(text).reports(&["unknown-key 16:54"]);
}

#[test]
fn an_address_in_a_faulty_network_is_not_blamed() {
    let text = format!(
        "hosts:\n  a: {{ mac: 52:54:00:00:00:01, role: compute, address: 10.0.0.5 }}\nroles: {{ compute: {{}} }}\n\
         networks: {{ n: {{ cidr: 10.0.0.0/24, gateway: 10.0.0.1, dhcp_range: x }} }}\n{DEFAULTS}  interface: eno1\n"
    );
    fleet(&text).reports(&["malformed-address 4:68"]);
}
