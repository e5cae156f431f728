//! The rules that `fleetc import` asks of what other programs left behind: here are their pages; the importers report
//! them.

use crate::diag::rule;

rule! {
    /// ## What it does
    /// A row of a `config.txt` with which the service never answered a machine: a second row for the same address, an
    /// address in capitals or with hyphens, an address that no network card has, a `default` that a later one
    /// overrides.
    ///
    /// ## Why it matters
    /// The service took the first row that begins with what the installer asks for, letter by letter, and the
    /// installer asks in lower case, with colons (contract S-3, S-4, S-6). A machine whose row is dead got the role of
    /// `default`, whatever the row says. `fleetc import` leaves it out as the service did; with `--repair dead-row` it
    /// lists the machines whose address is only written otherwise.
    ///
    /// ## Example
    /// ```text config.txt
    /// 52:54:00:00:00:01,compute
    /// 52:54:00:00:00:0A,compute   # <-
    /// 52:54:00:00:00:01,storage   # <-
    /// ```
    /// ```yaml roles/compute
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    ///
    /// ## Instead
    /// ```text config.txt
    /// 52:54:00:00:00:01,compute
    /// 52:54:00:00:00:0a,compute
    /// ```
    /// ```yaml roles/compute
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    pub(crate) DEAD_ROW, dead_row: "dead-row", Import, Warn;
}

rule! {
    /// ## What it does
    /// A row of a `config.txt` with which the service failed the machine: there is no role in it, or what stands there
    /// is no name that a URL can hold, as a blank behind the comma.
    ///
    /// ## Why it matters
    /// The installer had written the disk before it asked. Without a role in the row the service answered with an
    /// error, and the machine was left without one; with a blank in the role, the installer stopped (contract S-5,
    /// I-20). `--repair broken-row` takes blanks away; a role that is missing only you can know.
    ///
    /// ## Example
    /// ```text config.txt
    /// 52:54:00:00:00:01, compute   # <-
    /// 52:54:00:00:00:02   # <-
    /// 52:54:00:00:00:03,compute
    /// ```
    /// ```yaml roles/compute
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    ///
    /// ## Instead
    /// ```text config.txt
    /// 52:54:00:00:00:01,compute
    /// 52:54:00:00:00:02,compute
    /// 52:54:00:00:00:03,compute
    /// ```
    /// ```yaml roles/compute
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    pub(crate) BROKEN_ROW, broken_row: "broken-row", Import, Error, fixed;
}

rule! {
    /// ## What it does
    /// A role that a `config.txt` gives to a machine, while the service has no file of that name.
    ///
    /// ## Why it matters
    /// The service answered 404, and the installer stopped after it had written the disk (contract S-7, I-21).
    /// `--repair role-without-file` makes it a role without text: the machine is installed, and stays as it is then.
    ///
    /// ## Example
    /// ```text config.txt
    /// 52:54:00:00:00:01,compute   # <-
    /// 52:54:00:00:00:02,storage
    /// ```
    /// ```yaml roles/storage
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    ///
    /// ## Instead
    /// ```text config.txt
    /// 52:54:00:00:00:01,compute
    /// ```
    /// ```yaml roles/compute
    /// #cloud-config
    /// service:
    ///   - mask: ucd.service
    /// ```
    pub(crate) ROLE_WITHOUT_FILE, role_without_file: "role-without-file", Import, Error, fixed;
}

rule! {
    /// ## What it does
    /// A list of machines that does not have the form of one: no column for MAC addresses, a row with more or fewer
    /// fields than the heading, a line that the program it was written for would refuse.
    ///
    /// ## Why it matters
    /// With a sign too many in a row, what belongs to one column stands in another: the machine would get the wrong
    /// role, or another machine's address.
    ///
    /// ## Example
    /// ```text machines.csv
    /// name,mac,rack
    /// node-1,52:54:00:00:00:01,a1
    /// node-2,52:54:00:00:00:02,a1,a2   # <-
    /// ```
    ///
    /// ## Instead
    /// ```text machines.csv
    /// name,mac,rack
    /// node-1,52:54:00:00:00:01,a1
    /// node-2,52:54:00:00:00:02,"a1,a2"
    /// ```
    pub(crate) MALFORMED_LIST, malformed_list: "malformed-list", Import, Error, fixed;
}

rule! {
    /// ## What it does
    /// Something in a list that a fleet file has no place for, so that it is left out.
    ///
    /// ## Why it matters
    /// What the list said is said nowhere any more. A pattern like `52:54:00:*` stands for machines that nobody has
    /// counted; a fleet file lists each.
    ///
    /// ## Example
    /// ```text dnsmasq.conf
    /// dhcp-host=52:54:00:00:00:01,node-1
    /// dhcp-host=52:54:00:*:*:*,ignore   # <-
    /// ```
    ///
    /// ## Instead
    /// ```text dnsmasq.conf
    /// dhcp-host=52:54:00:00:00:01,node-1
    /// ```
    pub(crate) NOT_IMPORTED, not_imported: "not-imported", Import, Warn;
}

rule! {
    /// ## What it does
    /// A `sudo` rule in a role of the service that begins with a name, as the one in the role that the service came
    /// with.
    ///
    /// ## Why it matters
    /// ucd puts the user's name before the rule, and sudo cannot read what comes out: the user has no rights (contract
    /// S-9, U-20). `fleetc import` takes the role over as it was, and as soon as a machine has it, `check` calls it
    /// `malformed-sudo-rule`, an error. `--repair sudo-rule-with-name` takes the name away.
    ///
    /// ## Example
    /// ```text config.txt
    /// 52:54:00:00:00:01,compute
    /// ```
    /// ```yaml roles/compute
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     sudo:
    ///     - ALL ALL=(ALL) NOPASSWD:ALL   # <-
    /// ```
    ///
    /// ## Instead
    /// ```text config.txt
    /// 52:54:00:00:00:01,compute
    /// ```
    /// ```yaml roles/compute
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     sudo:
    ///     - ALL=(ALL) NOPASSWD:ALL
    /// ```
    pub(crate) SUDO_RULE_WITH_NAME, sudo_rule_with_name: "sudo-rule-with-name", Import, Warn;
}

rule! {
    /// ## What it does
    /// A template that the installer would refuse, or would not install as it reads: no JSON, a key that is missing, a
    /// value of another kind, lists that do not fit together.
    ///
    /// ## Why it matters
    /// Some of it stops the installer while the disk is whole (contract I-30 to I-44), some of it once the disk is
    /// written (I-51, I-59, I-63, I-82), and some of it never: machines were installed, and without a role (I-13).
    /// A fleet file says one thing, so it is for you to say which.
    ///
    /// ## Example
    /// ```json ister_config.json
    /// {
    ///   "DestinationType": "physical",
    ///   "PartitionLayout": [{ "disk": "sda", "partition": 1, "size": "rest", "type": "linux" }],
    ///   "FilesystemTypes": [{ "disk": "sda", "partition": 1, "type": "ext4" }],
    ///   "PartitionMountPoints": [{ "disk": "sda", "partition": 1, "mount": "/" }],
    ///   "LegacyBios": true,
    ///   "Version": "29880",   # <-
    ///   "Bundles": "os-core"   # <-
    /// }
    /// ```
    ///
    /// ## Instead
    /// ```json ister_config.json
    /// {
    ///   "DestinationType": "physical",
    ///   "PartitionLayout": [{ "disk": "sda", "partition": 1, "size": "rest", "type": "linux" }],
    ///   "FilesystemTypes": [{ "disk": "sda", "partition": 1, "type": "ext4" }],
    ///   "PartitionMountPoints": [{ "disk": "sda", "partition": 1, "mount": "/" }],
    ///   "LegacyBios": true,
    ///   "Version": 29880,
    ///   "Bundles": ["os-core"]
    /// }
    /// ```
    pub(crate) MALFORMED_TEMPLATE, malformed_template: "malformed-template", Import, Error, fixed;
}
