//! Names of bundles: whether the release has a bundle of that name.

use std::collections::{HashMap, HashSet};

use super::catalogue::{Catalogue, Verdict, verdict};
use crate::diag::{Diagnostic, Sink, rule};
use crate::facts::{Brings, BundleId, Bundles, Presence, Releases, brings};
use crate::model::{Bundle, Fleet, Release, Version};
use crate::nearest::nearest;
use crate::rules::setup::Setup;
use crate::source::{Span, Spanned};

rule! {
    /// ## What it does
    /// A bundle that the release does not have: its name is misspelt, it was renamed or removed, or it came later.
    ///
    /// ## Why it matters
    /// The installer writes the disk and leaves the names to swupd (contract I-70). swupd looks them up in the list of the
    /// release, letter by letter (B-10), and stops at the first that is not there: the machine has neither its old system
    /// nor a new one. Bundles were renamed and removed over the years (B-9); fleetc knows those of all releases from 6970
    /// to 43760.
    ///
    /// `latest` is the newest release that the installer's swupd can read (I-71), and that depends on the image. A bundle
    /// is missing there when no release has it that is as young as the installer; if only the last ones do without it,
    /// that is [`doubtful-bundle`](doubtful-bundle.md).
    ///
    /// Machines with `mirror_url`, `version_url` or a hook before the installation, and releases with numbers below 6970,
    /// may be of a mix with bundles of its own: their names are not judged here.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles:
    ///     - kernel-native
    ///     - os-core
    ///     - os-cloudguest
    ///     - cloud-network   # <-
    ///     - network-manager   # <-
    ///     - systemd-networkd-autostart
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles:
    ///     - kernel-native
    ///     - os-core
    ///     - os-cloudguest
    ///     - network-basic
    ///     - NetworkManager
    ///     - systemd-networkd-autostart
    /// ```
    BUNDLE_NOT_IN_RELEASE, bundle_not_in_release: "bundle-not-in-release", Software, Error, fixed;
}

rule! {
    /// ## What it does
    /// A bundle that the release may not have: it is gone from the last release that fleetc knows of, and the machine gets
    /// `latest`, or a younger one; or Clear Linux does not have it, and the machine has a mirror, which may be that of a
    /// mix.
    ///
    /// ## Why it matters
    /// If it is not there, swupd stops at it, and the machine has neither its old system nor a new one (contract I-70,
    /// B-9). What `latest` is depends on the installer's image (I-71); the number of a release does not.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: latest
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 69 }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles:
    ///     - kernel-lts2018   # <-
    ///     - os-core
    ///     - os-cloudguest
    ///     - systemd-networkd-autostart
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     installer: { kind: ister, version: 69 }
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles:
    ///     - kernel-lts2018
    ///     - os-core
    ///     - os-cloudguest
    ///     - systemd-networkd-autostart
    /// ```
    DOUBTFUL_BUNDLE, doubtful_bundle: "doubtful-bundle", Software, Warn;
}

/// What to take for a bundle that is gone, where the contract says so or the names do (contract B-9).
const SUCCESSORS: &[(&str, &str)] = &[
    ("cloud-network", "network-basic"),
    ("kernel-container", "kernel-kvm"),
    ("kernel-embedded", "kernel-native"),
    ("kernel-hyperv-mini", "kernel-hyperv"),
    ("kernel-iot", "kernel-native"),
    ("kernel-lts2017", "kernel-ltsprev"),
    ("kernel-lts2018", "kernel-ltsprev"),
    ("kernel-lts2019", "kernel-ltsprev"),
    ("kernel-lts2020", "kernel-ltsprev"),
    ("kernel-lts2021", "kernel-ltsprev"),
    ("kernel-networktest", "kernel-native"),
    ("kernel-pk", "kernel-native"),
    ("kernel-pxe", "kernel-native"),
    ("os-cloudguest-cci", "os-cloudguest"),
    ("python-basic-dev", "python3-basic"),
    ("python2-basic", "python3-basic"),
    ("sysadmin", "sysadmin-basic"),
    ("sysadmin-advanced", "sysadmin-basic"),
    ("sysadmin-basic-doc", "sysadmin-basic"),
];

/// How many different names are compared with all bundles to find the nearest.
const GUESSES: usize = 200;

/// What a list of bundles comes to.
pub(super) struct Contents {
    /// What they bring.
    pub(super) brings: Brings,
    /// Whether something may have to be said of one of them.
    pub(super) doubtful: bool,
}

/// Judges the names of bundles.
pub(super) struct Names<'f> {
    catalogue: Catalogue<'f>,
    /// The places that were reported.
    reported: HashSet<Span>,
    /// The bundle that a name was meant to be, by name and release.
    meant: HashMap<(&'f str, u32), Option<&'static str>>,
}

/// The number that a release is judged by.
fn number(release: &Release) -> u32 {
    match release.version.value {
        Version::Number(number) => number,
        Version::Latest => *Releases::get().known().end(),
    }
}

/// A release with its day, for a message.
fn dated(release: u32) -> String {
    let day = Releases::get().day_of(release).unwrap_or_default();
    format!("{release} ({day})")
}

fn has(name: &str, release: u32) -> bool {
    let bundles = Bundles::get();
    bundles.find(name).is_some_and(|bundle| bundles.presence(bundle, release) == Presence::There)
}

/// The bundle that stands for another one in a release: its successor, or the same in a smaller or larger form.
fn in_place_of(name: &str, release: u32) -> Option<&'static str> {
    let successor = SUCCESSORS.iter().find(|(gone, _)| *gone == name).map(|(_, successor)| *successor);
    let bundles = Bundles::get();
    let other = match name.strip_suffix("-basic") {
        Some(whole) => bundles.find(whole),
        None => bundles.find(&format!("{name}-basic")),
    };
    successor.or(other.map(BundleId::name)).filter(|name| has(name, release))
}

/// Whether two names differ by case, `-` and `_` alone.
fn is_same_but_for_case(one: &str, other: &str) -> bool {
    let plain = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    one.bytes().map(plain).eq(other.bytes().map(plain))
}

impl<'f> Names<'f> {
    pub(super) fn new(fleet: &'f Fleet) -> Names<'f> {
        Names { catalogue: Catalogue::new(fleet), reported: HashSet::new(), meant: HashMap::new() }
    }

    /// What the bundles of one list come to, if there is one.
    pub(super) fn contents(&mut self, setup: &Setup<'f>) -> Option<Contents> {
        let bundles = setup.bundles()?;
        let mut shelf = setup.settings.release.get().map(|release| self.catalogue.of(release.value));
        let (mut all, mut kernels, mut odd) = (Brings::default(), 0, false);
        for bundle in bundles.value.iter() {
            let Some(id) = bundle.value.id() else {
                odd = true;
                continue;
            };
            let own = brings(id);
            all |= own;
            kernels += u32::from(own.any(Brings::KERNEL));
            odd |= shelf.as_mut().is_some_and(|shelf| !shelf.is_fine(id));
        }
        Some(Contents { brings: all, doubtful: odd || kernels > 1 })
    }

    /// Judges the bundles of one list in one release.
    pub(super) fn judge(&mut self, setup: &Setup<'f>, sink: &Sink) {
        let (Some(bundles), Some(id)) = (setup.bundles(), setup.settings.release.get()) else { return };
        for bundle in bundles.value.iter() {
            let fine = bundle.value.id().is_some_and(|bundle| self.catalogue.of(id.value).is_fine(bundle));
            if !fine
                && !self.reported.contains(&bundle.span)
                && let Some(finding) = self.finding(bundle, setup)
            {
                self.reported.insert(bundle.span);
                sink.report(finding);
            }
        }
    }

    fn finding(&mut self, bundle: &'f Spanned<Bundle>, setup: &Setup<'f>) -> Option<Diagnostic> {
        let release = setup.release()?;
        let (name, version) = (bundle.as_str(), release.version.value);
        let verdict = bundle.value.id().map(|bundle| verdict(bundle, release));
        let finding = match verdict {
            Some(Verdict::Fine) => return None,
            None if setup.may_be_a_mix() => return None,
            None => {
                let message =
                    format!("no release has a bundle `{name}`; the installer fails at that once the disk is written");
                return Some(self.misspelt(BUNDLE_NOT_IN_RELEASE.at(bundle.span, message), bundle, setup, release));
            }
            Some(Verdict::Missing(gone, came)) if setup.may_be_a_mix() => {
                let message =
                    format!("release {version} of Clear Linux has no bundle `{name}`; only a mix may have it");
                DOUBTFUL_BUNDLE.at(bundle.span, message).help_if(help(name, gone, came, number(release)))
            }
            Some(Verdict::Missing(gone, came)) => {
                let what = match version {
                    Version::Number(number) => format!("release {number} has no bundle `{name}`"),
                    Version::Latest => format!("no release that `latest` can be has a bundle `{name}`"),
                };
                let message = format!("{what}; the installer fails at that once the disk is written");
                let finding = BUNDLE_NOT_IN_RELEASE.at(bundle.span, message);
                let finding = finding.help_if(help(name, gone, came, number(release)));
                // The contract says what took its place.
                match (name, gone) {
                    ("cloud-network", Some(_)) if !is_listed("network-basic", setup) => {
                        finding.edit(bundle.span, "network-basic")
                    }
                    _ => finding,
                }
            }
            Some(Verdict::Doubtful(gone, came)) => {
                let message = match version {
                    Version::Latest => format!("`latest` may be a release without `{name}`"),
                    Version::Number(number) => {
                        let last = Releases::get().known();
                        format!("release {number} may do without `{name}`, as {} does, the last one known", last.end())
                    }
                };
                DOUBTFUL_BUNDLE.at(bundle.span, message).help_if(help(name, gone, came, number(release)))
            }
        };
        Some(finding.and(release.version.span, "this release is installed"))
    }

    /// Says what a name was meant to be that no release has.
    fn misspelt(
        &mut self,
        finding: Diagnostic,
        bundle: &'f Spanned<Bundle>,
        setup: &Setup<'f>,
        release: &Release,
    ) -> Diagnostic {
        let (name, number) = (bundle.as_str(), number(release));
        let room = self.meant.len() < GUESSES;
        let meant = match self.meant.get(&(name, number)) {
            Some(meant) => *meant,
            None if room => {
                let there = Bundles::get().all().map(BundleId::name).filter(|name| has(name, number));
                *self.meant.entry((name, number)).or_insert(nearest(name, there))
            }
            None => None,
        };
        match meant {
            Some(meant) => {
                let finding = finding.help(format!("did you mean `{meant}`?"));
                if is_same_but_for_case(name, meant) && !is_listed(meant, setup) {
                    finding.edit(bundle.span, meant)
                } else {
                    finding
                }
            }
            None => finding.help(
                "remove it; for bundles of your own, say with `mirror_url` and `version_url` where the machine gets them",
            ),
        }
    }
}

/// Whether a bundle is in the list of these machines.
fn is_listed(name: &str, setup: &Setup<'_>) -> bool {
    setup.settings.bundles().iter().any(|bundle| bundle.as_str() == name)
}

/// What to do about a bundle that went in one release, or comes in another.
fn help(name: &str, gone: Option<u32>, came: Option<u32>, release: u32) -> Option<String> {
    let other = in_place_of(name, release);
    Some(match (gone, came, other) {
        (Some(gone), _, Some(other)) => format!("take `{other}`; `{name}` is gone since {}", dated(gone)),
        (Some(gone), None, None) => format!("remove it; it is gone since {}", dated(gone)),
        (Some(gone), Some(came), None) => {
            format!("it went with {} and came again with {}; remove it, or install that", dated(gone), dated(came))
        }
        (None, Some(came), Some(other)) => format!("take `{other}`; `{name}` came with {}", dated(came)),
        (None, Some(came), None) => format!("it came with {}; install that or a later one, or remove it", dated(came)),
        (None, None, _) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{SUCCESSORS, in_place_of};
    use crate::facts::Bundles;

    #[test]
    fn successors_are_bundles_that_stay() {
        assert!(SUCCESSORS.is_sorted());
        let bundles = Bundles::get();
        for (gone, successor) in SUCCESSORS {
            let of = |name: &str| bundles.find(name).is_some_and(|bundle| bundles.is_there_from(bundle, 43760));
            assert!(bundles.find(gone).is_some() && !of(gone), "{gone}");
            assert!(of(successor), "{successor}");
        }
        assert_eq!(in_place_of("kernel-lts2018", 43000), Some("kernel-ltsprev"));
        assert_eq!(in_place_of("kernel-lts2018", 16000), None, "there is no kernel-ltsprev yet");
        assert_eq!(in_place_of("curl-basic", 29880), Some("curl"));
        assert_eq!(in_place_of("NetworkManager-basic", 31000), Some("NetworkManager"));
    }
}
