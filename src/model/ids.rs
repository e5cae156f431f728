//! How one part of a fleet refers to another.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
    )* };
}

ids! {
    /// A network of the fleet.
    NetworkId;
    /// A release of the fleet.
    ReleaseId;
    /// A layout of the fleet.
    LayoutId;
    /// A role of the fleet.
    RoleId;
    /// A role text of the fleet.
    TextId;
}
