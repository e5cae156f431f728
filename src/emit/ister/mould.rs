//! What the templates of a role's hosts have in common, written once.
//!
//! Most hosts set nothing for themselves: their templates are alike but for name and address.

use memchr::memmem;
use serde::Serialize;

use super::build;
use super::template::StaticIp;
use crate::emit::job::Job;

/// Where a template has what is a host's own. No text in a template reads like that: quotes in it are escaped.
const HOLE: &[u8] = b"  \"Hostname\": \"\"";

/// A template without what is a host's own.
pub(in crate::emit) struct Mould {
    before: Vec<u8>,
    after: Vec<u8>,
}

/// What is a host's own, as the template has it.
#[derive(Serialize)]
struct Own<'a> {
    #[serde(rename = "Hostname")]
    hostname: Option<&'a str>,
    #[serde(rename = "Static_IP", skip_serializing_if = "Option::is_none")]
    static_ip: Option<StaticIp<'a>>,
}

impl Mould {
    /// The mould of the hosts with the settings of this one.
    pub(in crate::emit) fn of(job: &Job<'_>) -> Mould {
        // Nothing of the one host gets into the templates of the others.
        let nobody = Job { host: None, ..*job };
        let mut template = build::template(&nobody);
        template.hostname = Some("");
        let text = super::json(&template);
        let hole = memmem::find(&text, HOLE).unwrap_or_else(|| unreachable!("a template with an empty name has it"));
        Mould { before: text[..hole].to_vec(), after: text[hole + HOLE.len()..].to_vec() }
    }

    /// The template of a host.
    pub(in crate::emit) fn template(&self, job: &Job<'_>) -> Vec<u8> {
        let own = Own { hostname: job.host.map(|host| host.name.as_str()), static_ip: build::static_ip(job) };
        let own = serde_json::to_vec_pretty(&own).unwrap_or_default();
        // Its keys stand in the template as they stand here, without the braces.
        let own = own.strip_prefix(b"{\n").and_then(|own| own.strip_suffix(b"\n}"));
        let own = own.unwrap_or_else(|| unreachable!("an object, a key a line"));
        [&self.before, own, &self.after].concat()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Mould;
    use crate::compile::compile;
    use crate::diag::Levels;
    use crate::emit::ister;
    use crate::emit::job::{Delivery, Job};
    use crate::source::Memory;

    const FLEET: &str = "\
version: 1
server: { url: http://10.0.0.1 }
networks:
  all: { cidr: 10.0.0.0/24, gateway: 10.0.0.1, dns: 10.0.0.2 }
  bare: { cidr: 10.0.1.0/24, gateway: 10.0.1.1 }
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
  bundles: [kernel-native, os-core, os-core-update, openssh-server, systemd-networkd-autostart]
roles:
  plain: { interface: eno1 }
  full:
    interface: eno1
    cmdline: quiet
    hooks:
      pre_install_shell: ['echo   \"Hostname\": \"\"']
      post_chroot_shell: ['echo   \"Hostname\": \"\"']
    users: [{ name: ada, sudo: true, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c you@desk }]
hosts:
  node-1: { mac: 52:54:00:00:00:01, role: plain, address: 10.0.0.11 }
  node-2: { mac: 52:54:00:00:00:02, role: plain, address: 10.0.1.12 }
  node-3: { mac: 52:54:00:00:00:03, role: plain }
  node-4: { mac: 52:54:00:00:00:04, role: full, address: 10.0.0.14 }
  node-5: { mac: 52:54:00:00:00:05, role: full }
";

    #[test]
    fn what_comes_from_a_mould_is_what_is_made_at_once() {
        let compiled = compile("fleet.yaml", FLEET.to_string(), "", &Memory::default(), &Levels::default());
        let fleet = compiled.resolved().unwrap();
        assert_eq!(fleet.hosts.len(), 5);
        // One role has texts that look like the hole.
        let hooks = &fleet.hosts[4].settings.hooks;
        assert!(hooks.pre_install_shell.get().is_some() && hooks.post_chroot_shell.get().is_some());
        for delivery in [Delivery::None, Delivery::Service] {
            let job = |host: usize| Job {
                fleet,
                settings: &fleet.hosts[host].settings,
                host: Some(&fleet.hosts[host]),
                delivery,
            };
            for (first, others) in [(0, 0..3), (1, 0..3), (2, 0..3), (3, 3..5), (4, 3..5)] {
                let mould = Mould::of(&job(first));
                for host in others {
                    let [made, whole] = [mould.template(&job(host)), ister::template(&job(host))];
                    assert_eq!(String::from_utf8(made).unwrap(), String::from_utf8(whole).unwrap());
                }
            }
        }
    }
}
