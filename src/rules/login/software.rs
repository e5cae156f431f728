//! What Ansible needs to be installed on a machine (contract A-2).

use super::text::Made;
use crate::facts::{Brings, When};
use crate::rules::setup::{Setup, head};
use crate::source::Span;

/// A piece of software.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Software {
    /// What it is, for a message.
    pub(super) what: &'static str,
    /// The bundle that brings it.
    pub(super) bundle: &'static str,
    brings: Brings,
}

/// What answers at the door.
static SERVER: Software = Software { what: "an SSH server", bundle: "openssh-server", brings: Brings::SSHD };
/// What makes a user root.
static SUDO: Software = Software { what: "`sudo`", bundle: "sysadmin-basic", brings: Brings::SUDO };
/// What Ansible's modules run in.
static PYTHON: Software = Software { what: "Python", bundle: "python3-basic", brings: Brings::PYTHON };

/// The day since which `os-cloudguest` includes Python (contract B-3: `b8ac2b20`).
pub(in crate::rules) const CLOUDGUEST_HAS_PYTHON: &str = "2019-07-04";

impl Software {
    /// The first that a machine lacks which is to be installed, and the bundles to blame. What a machine has that is
    /// installed already, the fleet file does not know.
    pub(super) fn missing(setup: &Setup<'_>, made: &Made, user: &str) -> Option<(&'static Software, Span)> {
        if setup.host.is_some_and(|host| !host.installs()) {
            return None;
        }
        let all = setup.brings() | made.brings();
        let python = all.any(Brings::PYTHON)
            || all.any(Brings::LATE_PYTHON) && setup.when(CLOUDGUEST_HAS_PYTHON) != Some(When::Before);
        let wanted =
            [(&SERVER, all.any(Brings::SSHD)), (&SUDO, all.any(Brings::SUDO) || user == "root"), (&PYTHON, python)];
        // A bundle that no release had may bring anything.
        let lacks = |(software, there): (&'static Software, bool)| {
            let bundles = (!there).then(|| setup.lacks(software.brings)).flatten()?;
            Some((software, head(bundles)))
        };
        wanted.into_iter().find_map(lacks)
    }
}
