//! Release numbers and their days.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

const TABLE: &str = include_str!("releases.tsv");

/// The releases that are tags of clearlinux/clr-bundles. Others lie between.
#[derive(Debug)]
pub struct Releases {
    numbers: Vec<u32>,
    days: Vec<&'static str>,
}

/// Where a release stands to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It is older.
    Before,
    /// It lies between the last tag before the day and the first one from the day on.
    Between,
    /// It is of that day, or younger.
    Since,
}

impl Releases {
    /// The table.
    pub fn get() -> &'static Releases {
        static RELEASES: OnceLock<Releases> = OnceLock::new();
        RELEASES.get_or_init(|| Releases::read(TABLE))
    }

    fn read(table: &'static str) -> Releases {
        let mut releases = Releases { numbers: Vec::with_capacity(2000), days: Vec::with_capacity(2000) };
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let Some((day, numbers)) = line.split_once('\t') else { continue };
            for number in numbers.split(' ').filter_map(|number| number.parse().ok()) {
                releases.numbers.push(number);
                releases.days.push(day);
            }
        }
        releases
    }

    /// The first and the last number.
    pub fn known(&self) -> RangeInclusive<u32> {
        match (self.numbers.first(), self.numbers.last()) {
            (Some(first), Some(last)) => *first..=*last,
            _ => 0..=0,
        }
    }

    /// How many tags there are at or below a number.
    fn up_to(&self, number: u32) -> usize {
        self.numbers.partition_point(|tag| *tag <= number)
    }

    /// Whether a number lies so far above the last one that no release can have it that came since.
    pub fn is_far_above(&self, number: u32) -> bool {
        number > self.known().end() + 1000
    }

    /// The day of a release: that of the nearest tag at or below. None below the first tag.
    pub fn day_of(&self, number: u32) -> Option<&'static str> {
        self.days.get(self.up_to(number).checked_sub(1)?).copied()
    }

    /// The tags around a release: the nearest at or below, and the nearest at or above.
    pub fn around(&self, number: u32) -> (Option<u32>, Option<u32>) {
        let above = self.numbers.partition_point(|tag| *tag < number);
        let below = self.up_to(number).checked_sub(1);
        (below.and_then(|at| self.numbers.get(at)).copied(), self.numbers.get(above).copied())
    }

    /// The first release of a day or later, the day as `2019-07-04`; the last one when all are older.
    pub fn since(&self, day: &str) -> u32 {
        let at = self.days.partition_point(|known| *known < day);
        self.numbers.get(at).copied().unwrap_or(*self.known().end())
    }

    /// Where a release stands to a day.
    pub fn when(&self, number: u32, day: &str) -> When {
        if number >= self.since(day) {
            When::Since
        } else if self.around(number).1.and_then(|tag| self.day_of(tag)).is_some_and(|known| known < day) {
            When::Before
        } else {
            When::Between
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Releases, When};

    #[test]
    fn days_are_those_of_the_tags() {
        // looked up by hand in the tags of clearlinux/clr-bundles
        let releases = Releases::get();
        assert_eq!(releases.known(), 6970..=43760);
        assert_eq!(releases.numbers.len(), 1974);
        assert_eq!(releases.day_of(6960), None);
        assert_eq!(releases.day_of(6970), Some("2016-03-23"));
        assert_eq!(releases.day_of(8000), Some("2016-03-23"));
        assert_eq!(releases.day_of(29880), Some("2019-06-11"));
        assert_eq!(releases.day_of(29890), Some("2019-06-11"));
        assert_eq!(releases.day_of(99990), Some("2025-07-01"));
        assert!(releases.numbers.is_sorted() && releases.days.is_sorted());
    }

    #[test]
    fn releases_of_a_day() {
        let releases = Releases::get();
        // 15040 is of 2017-04-28, 15100 of 2017-05-03
        assert_eq!(releases.since("2017-05-01"), 15100);
        let when = |number| releases.when(number, "2017-05-01");
        assert_eq!([15030, 15040, 15050, 15100, 43760, 99990].map(when), {
            use When::{Before, Between, Since};
            [Before, Before, Between, Since, Since, Since]
        });
        assert_eq!(releases.since("2030-01-01"), 43760);
        assert_eq!(releases.around(29885), (Some(29880), Some(29910)));
        assert_eq!(releases.around(29880), (Some(29880), Some(29880)));
        assert_eq!(releases.around(10), (None, Some(6970)));
        assert_eq!(releases.around(50000), (Some(43760), None));
    }
}
