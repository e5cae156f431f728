//! Marks: what a machine's files are made from, in short.
//!
//! A file of a host is made from the host and from what all hosts have in common, the ground. Places are no part of
//! either: a line more above a host changes none of its files.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::model::{Fleet, Host};
use crate::tree::Mark;

/// The mark of a host. `own` tells whether it has a role text of its own, which depends on where values are set.
pub(super) fn host(fleet: &Fleet, host: &Host, own: bool) -> Mark {
    let Host { name, macs, role, address, settings, labels, vars } = host;
    let mut bytes = Bytes(Vec::with_capacity(512));
    (name, macs, role, address, own).hash(&mut bytes);
    // What a host shares with its role is in the ground.
    let role = fleet.role(role.value);
    unless_shared(&mut bytes, settings, &role.settings);
    unless_shared(&mut bytes, labels, &role.labels);
    unless_shared(&mut bytes, vars, &role.vars);
    bytes.mark()
}

/// The mark of what all hosts have in common; `entry` is the script that DHCP names, through which each of them goes.
pub(super) fn ground(fleet: &Fleet, entry: &[u8]) -> Mark {
    let Fleet {
        server,
        unknown,
        unknown_at: _,
        guards: _,
        defaults: _,
        networks,
        releases,
        layouts,
        roles,
        texts,
        hosts: _,
        strays: _,
    } = fleet;
    let mut bytes = Bytes(Vec::new());
    (server, unknown, networks, releases, layouts, roles, texts, entry).hash(&mut bytes);
    bytes.mark()
}

fn unless_shared<T: Hash>(bytes: &mut Bytes, own: &Arc<T>, shared: &Arc<T>) {
    (!Arc::ptr_eq(own, shared)).then_some(own).hash(bytes);
}

/// Takes what is hashed, byte for byte: a hash of 64 bits would be too short to rely on.
struct Bytes(Vec<u8>);

impl Bytes {
    fn mark(&self) -> Mark {
        let sum: [u8; 32] = Sha256::digest(&self.0).into();
        let mut mark = [0; 16];
        mark.copy_from_slice(&sum[..16]);
        Mark(mark)
    }
}

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        self.mark().0.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}
