//! Bundles: which release has which, and what they include.

use std::ops::Range;
use std::sync::OnceLock;

use super::Releases;

const TABLE: &str = include_str!("bundles.tsv");

/// A bundle that some release had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundleId(u16);

impl BundleId {
    /// Its name.
    pub fn name(self) -> &'static str {
        Bundles::get().names[self.index()]
    }

    /// Its place in a list of all bundles.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a bundle is in a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The release has it.
    There,
    /// It may be there as a single package, or it came or went between two tags.
    Unsure,
    /// The release does not have it.
    Missing {
        /// The release in which it was gone, when an older one had it.
        gone: Option<u32>,
        /// The release that brought it, when a younger one has it.
        came: Option<u32>,
    },
}

/// Every bundle that some release had, by name.
#[derive(Debug)]
pub struct Bundles {
    names: Vec<&'static str>,
    /// For each bundle where its releases begin in `releases`; one more at the end.
    starts: Vec<u16>,
    releases: Vec<Range<u32>>,
    status: Vec<&'static str>,
    includes: Vec<&'static str>,
    /// Releases in which single packages were bundles as well.
    packages: Vec<Range<u32>>,
}

fn ranges(text: &str) -> impl Iterator<Item = Range<u32>> {
    text.split(' ').filter_map(|range| {
        let (first, until) = range.split_once('-')?;
        Some(first.parse().ok()?..until.parse().unwrap_or(u32::MAX))
    })
}

impl Bundles {
    /// The table.
    pub fn get() -> &'static Bundles {
        static BUNDLES: OnceLock<Bundles> = OnceLock::new();
        BUNDLES.get_or_init(|| Bundles::read(TABLE))
    }

    fn read(table: &'static str) -> Bundles {
        let mut bundles = Bundles {
            names: Vec::with_capacity(2000),
            starts: Vec::with_capacity(2000),
            releases: Vec::with_capacity(2000),
            status: Vec::with_capacity(2000),
            includes: Vec::with_capacity(2000),
            packages: Vec::new(),
        };
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let mut column = || columns.next().unwrap_or_default();
            let (name, releases) = (column(), column());
            if name == "*" {
                bundles.packages.extend(ranges(releases));
                continue;
            }
            bundles.names.push(name);
            bundles.starts.push(bundles.releases.len() as u16);
            bundles.releases.extend(ranges(releases));
            bundles.status.push(column());
            bundles.includes.push(column());
        }
        bundles.starts.push(bundles.releases.len() as u16);
        bundles
    }

    /// The bundle of a name; names are case-sensitive (contract B-10).
    pub fn find(&self, name: &str) -> Option<BundleId> {
        self.names.binary_search_by(|known| (*known).cmp(name)).ok().map(|at| BundleId(at as u16))
    }

    /// Every bundle, by name.
    pub fn all(&self) -> impl Iterator<Item = BundleId> {
        (0..self.names.len()).map(|at| BundleId(at as u16))
    }

    /// The releases that define it.
    fn releases_of(&self, bundle: BundleId) -> &[Range<u32>] {
        let at = bundle.index();
        &self.releases[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Its status in the last release, unless that is `Active`.
    pub fn status(&self, bundle: BundleId) -> Option<&'static str> {
        Some(self.status[bundle.index()]).filter(|status| !status.is_empty())
    }

    /// The bundles that it includes in the last release.
    pub fn includes(&self, bundle: BundleId) -> impl Iterator<Item = BundleId> {
        self.includes[bundle.index()].split(' ').filter_map(|name| self.find(name))
    }

    /// Whether a bundle includes another one in the last release, by itself or through others.
    pub fn is_within(&self, inner: BundleId, outer: BundleId) -> bool {
        let mut seen = vec![outer];
        let mut at = 0;
        while let Some(bundle) = seen.get(at).copied() {
            for included in self.includes(bundle) {
                if included == inner {
                    return true;
                }
                if !seen.contains(&included) {
                    seen.push(included);
                }
            }
            at += 1;
        }
        false
    }

    /// Whether any release from this one on has it.
    pub fn is_there_from(&self, bundle: BundleId, release: u32) -> bool {
        self.releases_of(bundle).iter().any(|range| range.end > release)
    }

    /// What a bundle is in a release.
    pub fn presence(&self, bundle: BundleId, release: u32) -> Presence {
        let defined = self.releases_of(bundle);
        let has = |release: u32| defined.iter().any(|range| range.contains(&release));
        let (below, above) = Releases::get().around(release);
        match (below.map(has), above.map(has)) {
            (Some(true), None | Some(true)) => return Presence::There,
            (Some(false), None | Some(false)) => {}
            // Nothing is known from before the first tag; between two tags it came or went.
            _ => return Presence::Unsure,
        }
        let gone = defined.iter().map(|range| range.end).rfind(|end| *end <= release);
        let came = defined.iter().map(|range| range.start).find(|start| *start > release);
        // A definition takes the place of a single package, and the other way round.
        let package = self.packages.iter().find(|window| window.contains(&release)).is_some_and(|window| {
            let inside = |release: &Option<u32>| release.is_some_and(|release| window.contains(&release));
            !is_composed(self.names[bundle.index()]) && (inside(&gone) || inside(&came))
        });
        if package { Presence::Unsure } else { Presence::Missing { gone, came } }
    }
}

/// Whether a bundle is made of several packages by its name, so that no single package is called like it.
fn is_composed(name: &str) -> bool {
    let family = ["os-", "kernel-", "devpkg-"].iter().any(|family| name.starts_with(family));
    (family && name != "kernel-install") || name.ends_with("-basic") || name.ends_with("-dev")
}

#[cfg(test)]
mod tests {
    use super::{BundleId, Bundles, Presence, Releases};

    fn bundle(name: &str) -> BundleId {
        Bundles::get().find(name).expect(name)
    }

    fn presence(name: &str, release: u32) -> Presence {
        Bundles::get().presence(bundle(name), release)
    }

    #[test]
    fn the_table_is_sorted_and_of_known_releases() {
        let bundles = Bundles::get();
        assert_eq!(bundles.names.len(), 1817);
        assert!(bundles.names.windows(2).all(|pair| pair[0] < pair[1]));
        let releases = Releases::get();
        for bundle in bundles.all() {
            let ranges = bundles.releases_of(bundle);
            assert!(!ranges.is_empty(), "{}", bundle.name());
            for range in ranges {
                assert!(range.start < range.end, "{}", bundle.name());
                for end in [range.start, range.end].into_iter().filter(|end| *end != u32::MAX) {
                    assert_eq!(releases.around(end), (Some(end), Some(end)), "{}", bundle.name());
                }
            }
            assert_eq!(bundles.find(bundle.name()), Some(bundle));
            let included = bundles.includes[bundle.index()].split(' ').filter(|name| !name.is_empty()).count();
            assert_eq!(bundles.includes(bundle).count(), included, "{}", bundle.name());
        }
    }

    #[test]
    fn bundles_come_and_go() {
        // looked up by hand in the tags of clearlinux/clr-bundles
        let missing = |gone, came| Presence::Missing { gone, came };
        assert_eq!(presence("cloud-network", 16270), Presence::There);
        assert_eq!(presence("cloud-network", 16290), missing(Some(16290), None));
        assert_eq!(presence("cloud-network", 43760), missing(Some(16290), None));
        assert_eq!(presence("os-core-plus", 29880), missing(None, Some(30270)));
        assert_eq!(presence("os-core-plus", 30270), Presence::There);
        assert_eq!(presence("NetworkManager-basic", 29880), Presence::There);
        assert_eq!(presence("NetworkManager-basic", 31000), missing(Some(30780), Some(43650)));
        assert_eq!(presence("kernel-native", 99990), Presence::There);
        assert_eq!(presence("kernel-lts2018", 99990), missing(Some(42710), None));
        assert_eq!(Bundles::get().find("networkmanager"), None);
    }

    #[test]
    fn between_two_tags_nothing_is_certain() {
        // 6970 has it not and 9560 has it; no tag lies between
        assert_eq!(presence("cloud-network", 6970), Presence::Missing { gone: None, came: Some(9560) });
        assert_eq!(presence("cloud-network", 8000), Presence::Unsure);
        assert_eq!(presence("cloud-network", 9560), Presence::There);
        assert_eq!(presence("kernel-native", 10), Presence::Unsure);
    }

    #[test]
    fn single_packages_were_bundles_for_a_time() {
        // curl was a definition up to 21510 and again from 28060 on, and a single package in between
        assert_eq!(presence("curl", 21000), Presence::There);
        assert_eq!(presence("curl", 25000), Presence::Unsure);
        assert_eq!(presence("curl", 17000), Presence::Missing { gone: None, came: Some(20860) });
        assert_eq!(presence("nginx", 43760), Presence::Unsure);
        assert_eq!(presence("kernel-install", 28000), Presence::Unsure);
        assert_eq!(presence("systemd-networkd-autostart", 28000), Presence::Missing { gone: None, came: Some(28970) });
    }

    #[test]
    fn includes_are_those_of_the_last_release() {
        let bundles = Bundles::get();
        let included: Vec<&str> = bundles.includes(bundle("os-cloudguest")).map(BundleId::name).collect();
        assert_eq!(included, ["ethtool-basic", "openssh-server", "python-basic"]);
        assert_eq!(bundles.status(bundle("linuxcnc")), Some("Deprecated"));
        assert_eq!(bundles.status(bundle("os-cloudguest")), None);
        assert!(bundles.is_within(bundle("python3-basic"), bundle("os-cloudguest")));
        assert!(!bundles.is_within(bundle("os-cloudguest"), bundle("python3-basic")));
        assert!(bundles.is_there_from(bundle("kernel-lts2018"), 42700));
        assert!(!bundles.is_there_from(bundle("kernel-lts2018"), 42710));
    }
}
