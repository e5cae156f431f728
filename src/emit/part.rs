//! The parts of an installation, in general terms: what a change of one is called, whatever the installer.

/// A part of what an installer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The version of the operating system.
    Release,
    /// The disks.
    Layout,
    /// The bundles.
    Bundles,
    /// The users.
    Users,
    /// The kernel arguments of the installed system.
    Cmdline,
    /// Boot by BIOS.
    LegacyBios,
    /// Whether the partition table is kept.
    KeepPartitionTable,
    /// Proxy for https.
    HttpsProxy,
    /// Proxy for http.
    HttpProxy,
    /// Where the installed system gets content.
    MirrorUrl,
    /// Where the installed system gets version information.
    VersionUrl,
    /// Commands before the disks are touched.
    PreInstallShell,
    /// Programs behind the installation.
    PostNonchroot,
    /// Shell commands behind the installation.
    PostNonchrootShell,
    /// Commands in the new system.
    PostChroot,
    /// Shell commands in the new system.
    PostChrootShell,
    /// The tool that installs the software.
    SoftwareManager,
    /// Whether there is a service that knows the machine's role, and where.
    Service,
    /// The host name.
    Name,
    /// The static address: with its interface, gateway and name server.
    Address,
}
