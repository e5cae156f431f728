//! A test that reads like a sentence: `fleet("…").file("role.yaml", "…").reports(&["rule 3:5"])`.

use fleetc::compile::{Compiled, compile};
use fleetc::emit::Emission;
use fleetc::source::Memory;
use fleetc::tree::{Body, Tree};

use super::part::of_a_part;

/// What a fleet needs besides the part under test.
pub const REST: &str = "
version: 1
server: { url: http://192.168.1.1 }
releases:
  stable: { version: 29880, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
  canary: { version: 30010, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
layouts:
  one-disk:
    - disk: sda
      partitions:
        - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
        - { size: rest, filesystem: ext4, mount: / }
";

pub struct Case {
    text: String,
    memory: Memory,
}

/// A fleet file as it stands.
pub fn whole(text: impl Into<String>) -> Case {
    Case { text: text.into(), memory: Memory::default() }
}

/// A part of a fleet file, completed with [`REST`].
pub fn fleet(part: &str) -> Case {
    whole(format!("{}{REST}", part.trim_start_matches('\n')))
}

impl Case {
    pub fn file(mut self, name: &str, text: &str) -> Case {
        self.memory.files.insert(name.to_string(), text.as_bytes().to_vec());
        self
    }

    pub fn compile(&self) -> Compiled {
        compile("fleet.yaml", self.text.clone(), "", &self.memory, &of_a_part())
    }

    /// The findings, as `rule line:column` in the fleet file and `rule file:line:column` elsewhere.
    pub fn findings(&self) -> Vec<String> {
        let compiled = self.compile();
        let findings = compiled.report.findings.iter().map(|finding| {
            let span = finding.diagnostic.place.span;
            let source = compiled.sources.get(span.file);
            let place = source.position(span.start);
            let file = if source.name == "fleet.yaml" { String::new() } else { format!("{}:", source.name) };
            format!("{} {file}{}:{}", finding.diagnostic.rule.id, place.line, place.column)
        });
        findings.collect()
    }

    #[track_caller]
    pub fn reports(&self, expected: &[&str]) {
        assert_eq!(self.findings(), expected, "in:\n{}", self.text);
    }

    #[track_caller]
    pub fn is_clean(&self) {
        self.reports(&[]);
    }

    /// The message and the help of the only finding.
    #[track_caller]
    pub fn says(&self, message: &str, help: &str) {
        let compiled = self.compile();
        let findings = &compiled.report.findings;
        assert_eq!(findings.len(), 1, "{:?}", self.findings());
        assert_eq!(findings[0].diagnostic.message, message);
        assert_eq!(findings[0].diagnostic.help.as_deref().unwrap_or(""), help);
    }

    /// A file of the tree.
    #[track_caller]
    pub fn emits(&self, path: &str) -> String {
        let compiled = self.compile();
        assert_eq!(self.findings(), Vec::<String>::new(), "in:\n{}", self.text);
        let tree = Emission::new(compiled.fleet().unwrap(), &compiled.sources);
        let paths: Vec<String> = (0..tree.len()).map(|index| tree.file(index).path.as_str().to_string()).collect();
        let index = paths.iter().position(|known| known == path).unwrap_or_else(|| panic!("no `{path}` in {paths:#?}"));
        match tree.file(index).body {
            Body::Bytes(bytes) => String::from_utf8(bytes.into_owned()).unwrap(),
            Body::Copy(name) => format!("copy of {name}"),
        }
    }

    /// The paths of the tree.
    pub fn paths(&self) -> Vec<String> {
        let compiled = self.compile();
        let tree = Emission::new(compiled.fleet().unwrap(), &compiled.sources);
        (0..tree.len()).map(|index| tree.file(index).path.as_str().to_string()).collect()
    }

    /// A host's template.
    #[track_caller]
    pub fn template(&self, host: &str) -> serde_json::Value {
        serde_json::from_str(&self.emits(&format!("icis/static/ister/{host}/ister_config.json"))).unwrap()
    }
}

/// Defaults with which a host needs nothing but a MAC address and a role.
pub const DEFAULTS: &str = "
defaults:
  release: stable
  layout: one-disk
  bundles: [kernel-native, os-core, os-core-update, os-cloudguest, systemd-networkd-autostart]
";
