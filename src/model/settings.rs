//! What a machine is to be, resolved through every layer: each value with the place that set it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{
    Bundle, Command, FullName, Interface, LayoutId, Line, Map, PasswordHash, Program, ReleaseId, SoftwareManager,
    SshKey, State, Uid, UserName, WebUrl,
};
use crate::diag::Reported;
use crate::source::{Span, Spanned};

/// A setting after all layers.
#[derive(Clone, Debug, Default, Hash)]
pub enum Value<T> {
    /// Nobody set it, or the last who did cleared it.
    #[default]
    Unset,
    /// Somebody set it to what could not be read; that was reported.
    Faulty(Reported),
    /// Its value.
    Is(Spanned<T>),
}

impl<T> Value<T> {
    /// The value, where there is one.
    pub fn get(&self) -> Option<&Spanned<T>> {
        match self {
            Value::Is(value) => Some(value),
            Value::Unset | Value::Faulty(_) => None,
        }
    }

    /// Whether nobody set it.
    pub fn is_unset(&self) -> bool {
        matches!(self, Value::Unset)
    }
}

/// A shared list whose elements know their places.
pub type List<T> = Arc<[Spanned<T>]>;

/// Labels by name.
pub type Labels = Map<Arc<str>>;

/// Variables for templates, by name.
pub type Vars = Map<Arc<serde_json::Value>>;

/// The settings of a role or a host.
#[derive(Clone, Debug, Default, Hash)]
pub struct Settings {
    /// Whether the machine is to be installed; the built-in value is `install`.
    pub state: Value<State>,
    /// What to install.
    pub release: Value<ReleaseId>,
    /// How to lay out its disks.
    pub layout: Value<LayoutId>,
    /// The bundles to install.
    pub bundles: Value<List<Bundle>>,
    /// The users to create.
    pub users: Value<Arc<[User]>>,
    /// The interface that gets the static address.
    pub interface: Value<Interface>,
    /// Kernel arguments of the installed system.
    pub cmdline: Value<Line>,
    /// Boot by BIOS instead of UEFI.
    pub legacy_bios: Value<bool>,
    /// Keep the partition table that is there.
    pub keep_partition_table: Value<bool>,
    /// Proxy for https.
    pub https_proxy: Value<WebUrl>,
    /// Proxy for http.
    pub http_proxy: Value<WebUrl>,
    /// Where the installed system gets content.
    pub mirror_url: Value<WebUrl>,
    /// Where the installed system gets version information.
    pub version_url: Value<WebUrl>,
    /// The tool that installs the software.
    pub software_manager: Value<SoftwareManager>,
    /// Whether no change may touch the machine.
    pub locked: Value<bool>,
    /// Commands that the installer runs; shared with the role by a machine that sets none of its own.
    pub hooks: Arc<Hooks>,
}

impl Settings {
    /// Settings of which nothing is known, because what they come from could not be read.
    pub fn faulty(reported: Reported) -> Settings {
        Settings {
            state: Value::Faulty(reported),
            release: Value::Faulty(reported),
            layout: Value::Faulty(reported),
            bundles: Value::Faulty(reported),
            users: Value::Faulty(reported),
            interface: Value::Faulty(reported),
            cmdline: Value::Faulty(reported),
            legacy_bios: Value::Faulty(reported),
            keep_partition_table: Value::Faulty(reported),
            https_proxy: Value::Faulty(reported),
            http_proxy: Value::Faulty(reported),
            mirror_url: Value::Faulty(reported),
            version_url: Value::Faulty(reported),
            software_manager: Value::Faulty(reported),
            locked: Value::Faulty(reported),
            hooks: Arc::new(Hooks {
                pre_install_shell: Value::Faulty(reported),
                post_nonchroot: Value::Faulty(reported),
                post_nonchroot_shell: Value::Faulty(reported),
                post_chroot: Value::Faulty(reported),
                post_chroot_shell: Value::Faulty(reported),
            }),
        }
    }
}

/// Commands that the installer runs, by the moment of running.
#[derive(Clone, Debug, Default, Hash)]
pub struct Hooks {
    /// Before the disks are touched.
    pub pre_install_shell: Value<List<Command>>,
    /// After the installation, outside the new system: programs.
    pub post_nonchroot: Value<List<Program>>,
    /// After the installation, outside the new system: shell commands.
    pub post_nonchroot_shell: Value<List<Command>>,
    /// After the installation, inside the new system: commands.
    pub post_chroot: Value<List<Command>>,
    /// After the installation, inside the new system: shell commands.
    pub post_chroot_shell: Value<List<Command>>,
}

/// A user of the installed system.
#[derive(Clone, Debug)]
pub struct User {
    /// Login name.
    pub name: Spanned<UserName>,
    /// Full name.
    pub full_name: Option<Spanned<FullName>>,
    /// Number.
    pub uid: Option<Spanned<Uid>>,
    /// Whether the user may become root.
    pub sudo: Option<Spanned<bool>>,
    /// Hashed password.
    pub password_hash: Option<Spanned<PasswordHash>>,
    /// Public SSH key.
    pub ssh_key: Option<Spanned<SshKey>>,
    /// Where the user is written.
    pub span: Span,
}

/// What a user is, wherever it is written.
impl Hash for User {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let User { name, full_name, uid, sudo, password_hash, ssh_key, span: _ } = self;
        (name, full_name, uid, sudo, password_hash, ssh_key).hash(hasher);
    }
}

/// What an installation cannot do without.
#[derive(Clone, Copy, Debug)]
pub struct Install<'f> {
    /// What to install.
    pub release: &'f Spanned<ReleaseId>,
    /// How to lay out the disks.
    pub layout: &'f Spanned<LayoutId>,
    /// The bundles.
    pub bundles: &'f Spanned<List<Bundle>>,
}

impl Settings {
    /// The state; the built-in one is `install`.
    pub fn state(&self) -> State {
        self.state.get().map_or(State::Install, |state| state.value)
    }

    /// What an installation needs; none when one of it is unset or faulty, which is reported elsewhere.
    pub fn install(&self) -> Option<Install<'_>> {
        Some(Install { release: self.release.get()?, layout: self.layout.get()?, bundles: self.bundles.get()? })
    }

    /// The bundles; empty when unset.
    pub fn bundles(&self) -> &[Spanned<Bundle>] {
        self.bundles.get().map_or(&[], |list| &list.value)
    }

    /// The users; empty when unset.
    pub fn users(&self) -> &[User] {
        self.users.get().map_or(&[], |list| &list.value)
    }
}
