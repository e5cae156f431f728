//! The name that a role text gives to its machines.

use super::case::{Case, Machines};
use super::read::Text;
use super::text;
use crate::diag::rule;

rule! {
    /// ## What it does
    /// A `hostname` in a role text that is no host name.
    ///
    /// ## Why it matters
    /// ucd hands it to `hostnamectl` by way of a shell (contract U-32, X-18), at every boot. What `hostnamectl` refuses is
    /// not set; what the shell takes apart is worse.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// hostname: node_1!   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// hostname: node-1
    /// ```
    MALFORMED_ROLE_HOSTNAME, malformed_role_hostname: "malformed-role-hostname", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A `hostname` in a role text that several machines get.
    ///
    /// ## Why it matters
    /// ucd sets it at every boot, over the name that the installer gave (contract U-32): all machines of the role, and
    /// those that are not listed, have one name.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// hostname: node   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    ///   node-2: { mac: 52:54:00:00:00:02, role: compute }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// hostname: {{ host.name }}
    /// ```
    SHARED_HOSTNAME, shared_hostname: "shared-hostname", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A `hostname` in a role text that is not the name that the fleet file gives the machine.
    ///
    /// ## Why it matters
    /// ucd renames the machine at every boot (contract U-32). What is made from the fleet file speaks of another one.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// hostname: web-{{ host.name }}   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// hostname: {{ host.name }}.example.com
    /// ```
    OTHER_HOSTNAME, other_hostname: "other-hostname", FirstBoot, Warn;
}

/// Judges the name.
pub(super) fn judge(case: &Case<'_>, name: &Text<'_>) {
    if !text::quoted(case, "hostname", name) {
        return;
    }
    if !is_good(name.text) {
        let message = format!("{} is no host name", case.quote(name));
        let finding = case.finding(&MALFORMED_ROLE_HOSTNAME, name.place, message);
        let shown = format!("ucd would set `{}`; ", name.text);
        let help = "letters, digits and hyphens, with dots between them, 64 at most";
        return case.report(finding.help(format!("{shown}{help}")));
    }
    match case.around.machines {
        Machines::Many => {
            let message = format!("every machine that gets this text is called {}", case.quote(name));
            let help = "remove it, the installer has given each machine its name; or write `hostname: {{ host.name }}`";
            case.at(&SHARED_HOSTNAME, name.place, message, help);
        }
        Machines::One(host) => {
            let short = name.text.split('.').next().unwrap_or_default();
            if !short.eq_ignore_ascii_case(host.name.as_str()) {
                let message = "ucd gives the machine another name than the fleet file";
                let finding = case.finding(&OTHER_HOSTNAME, name.place, message);
                case.report(finding.help(format!("remove it, or write the host's name: `{}`", host.name.as_str())));
            }
        }
    }
}

/// Whether `hostnamectl` takes a name as it stands.
fn is_good(name: &str) -> bool {
    let label = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        letters && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 64 && name.split('.').all(label)
}
