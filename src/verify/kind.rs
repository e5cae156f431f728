//! The kinds of URL: the five of the service's own pre-flight check, and what else is asked for.

use schemars::JsonSchema;
use serde::Serialize;

use super::client::Client;
use crate::emit::ENTRY;
use crate::tree::MANIFEST;

/// A kind of URL; the order is that of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The script that DHCP names.
    BootScript,
    /// The script of a network card.
    CardScript,
    /// `ister.conf`.
    Conf,
    /// The installer's template.
    Template,
    /// Which role a network card's machine has.
    Config,
    /// The same, with `%3A` for each `:` of the address.
    ConfigEncoded,
    /// A role text.
    Role,
    /// A kernel or an initrd.
    BootFile,
    /// A file of the tree that no machine asks for.
    Other,
    /// A file that must not be there.
    Absent,
    /// What a machine that is not listed goes through.
    Unlisted,
    /// The list of files.
    Manifest,
}

impl Kind {
    /// Every kind, in the order of the table.
    pub const ALL: [Kind; 12] = [
        Kind::BootScript,
        Kind::CardScript,
        Kind::Conf,
        Kind::Template,
        Kind::Config,
        Kind::ConfigEncoded,
        Kind::Role,
        Kind::BootFile,
        Kind::Other,
        Kind::Absent,
        Kind::Unlisted,
        Kind::Manifest,
    ];

    /// The kind of a path of the tree.
    pub fn of(path: &str) -> Kind {
        let mut parts = path.splitn(3, '/');
        let [first, second, third] = [(); 3].map(|()| parts.next());
        match (first, second, third) {
            (Some(ENTRY), None, None) => Kind::BootScript,
            (Some(MANIFEST), None, None) => Kind::Manifest,
            (Some("artifacts"), Some(_), _) => Kind::BootFile,
            (Some("boot"), Some(name), None) if name.ends_with(".ipxe") => Kind::CardScript,
            (Some(_), Some("get_config"), Some(_)) => Kind::Config,
            (Some(_), Some("get_role"), Some(_)) => Kind::Role,
            (Some(_), Some("static"), Some(rest)) => match rest.rsplit('/').next() {
                Some("ister.conf") => Kind::Conf,
                Some("ister_config.json") => Kind::Template,
                _ => Kind::Other,
            },
            _ => Kind::Other,
        }
    }

    /// Who asks for it.
    pub fn client(self) -> Client {
        match self {
            Kind::BootScript | Kind::CardScript | Kind::BootFile | Kind::Unlisted => Client::Ipxe,
            Kind::Conf | Kind::Template | Kind::Config | Kind::ConfigEncoded | Kind::Role | Kind::Absent => {
                Client::Installer
            }
            Kind::Other | Kind::Manifest => Client::Fleetc,
        }
    }

    /// What it is called in the table.
    pub fn label(self) -> &'static str {
        match self {
            Kind::BootScript => "boot script",
            Kind::CardScript => "boot/<MAC>.ipxe",
            Kind::Conf => ".../static/ister/.../ister.conf",
            Kind::Template => ".../static/ister/.../ister_config.json",
            Kind::Config => ".../get_config/<MAC>",
            Kind::ConfigEncoded => ".../get_config/<MAC> with %3A",
            Kind::Role => ".../get_role/<role>",
            Kind::BootFile => "kernel and initrd",
            Kind::Other => "other files",
            Kind::Absent => "what must not be there",
            Kind::Unlisted => "a machine that is not listed",
            Kind::Manifest => "manifest.json",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn paths_have_their_kinds() {
        for (path, kind) in [
            ("ipxe_boot_script.txt", Kind::BootScript),
            ("boot/52-54-00-00-00-01.ipxe", Kind::CardScript),
            ("icis/static/ister/ister.conf", Kind::Conf),
            ("ccis/static/ister/node-1/ister.conf", Kind::Conf),
            ("icis/static/ister/node-1/ister_config.json", Kind::Template),
            ("icis/get_config/52:54:00:00:00:01", Kind::Config),
            ("icis/get_config/default", Kind::Config),
            ("icis/get_role/web.node-1", Kind::Role),
            ("artifacts/boot/linux", Kind::BootFile),
            ("manifest.json", Kind::Manifest),
            ("icis/static/config.txt", Kind::Other),
            ("boot", Kind::Other),
            ("ipxe_boot_script.txt/x", Kind::Other),
        ] {
            assert_eq!(Kind::of(path), kind, "{path}");
        }
    }
}
