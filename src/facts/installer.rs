//! The versions of ister, the installer, and when they came (contract ch. 0).

/// Versions of ister, each with the first day of the month in which it came.
const ISTER: &[(u32, &str)] = &[
    (38, "2016-04-01"),
    (55, "2017-09-01"),
    (62, "2018-03-01"),
    (63, "2018-05-01"),
    (64, "2018-08-01"),
    (66, "2018-09-01"),
    (67, "2018-10-01"),
];

/// A day before which there was no ister of this version, as `2018-10-01`.
pub fn ister_day(version: u32) -> &'static str {
    let at = ISTER.partition_point(|(known, _)| *known <= version);
    ISTER[at.saturating_sub(1)].1
}

#[cfg(test)]
mod tests {
    use super::ister_day;

    #[test]
    fn versions_came_one_after_the_other() {
        assert_eq!(ister_day(69), "2018-10-01");
        assert_eq!(ister_day(65), "2018-08-01");
        assert_eq!(ister_day(61), "2017-09-01");
        assert_eq!(ister_day(38), "2016-04-01");
        assert_eq!(ister_day(1), "2016-04-01");
    }
}
