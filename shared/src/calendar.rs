//! Working days: all but Saturdays, Sundays and the public holidays of metropolitan France (labour code, article L3133-1).
//! And what its clocks show: times and months.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};

use crate::{UnknownName, string_schema};

/// Holidays on the same day of every year: month and day.
const FIXED: [(u32, u32); 8] = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];

/// Days from Easter to Easter Monday, Ascension and Whit Monday.
const FROM_EASTER: [u64; 3] = [1, 39, 50];

/// Whether offices are open on that day.
pub fn is_working_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !is_holiday(day)
}

/// The last of that many working days that follow a day.
pub fn after_working_days(day: NaiveDate, count: usize) -> NaiveDate {
    let following = day.iter_days().skip(1).filter(|day| is_working_day(*day));
    following.take(count).last().unwrap_or(day)
}

fn is_holiday(day: NaiveDate) -> bool {
    let is_movable =
        |easter: NaiveDate| FROM_EASTER.iter().any(|days| easter.checked_add_days(Days::new(*days)) == Some(day));
    FIXED.contains(&(day.month(), day.day())) || easter(day.year()).is_some_and(is_movable)
}

/// What a clock in Paris shows: one hour more than universal time, two from the last Sunday of March to the last Sunday of
/// October, at one o’clock universal time (directive 2000/84/CE).
pub fn paris(at: DateTime<Utc>) -> NaiveDateTime {
    let at = at.naive_utc();
    let change = |month| {
        let end = NaiveDate::from_ymd_opt(at.year(), month, 31)?;
        let sunday = end.checked_sub_days(Days::new(end.weekday().num_days_from_sunday().into()))?;
        Some(sunday.and_time(NaiveTime::from_hms_opt(1, 0, 0)?))
    };
    let is_summer = change(3).is_some_and(|begin| begin <= at) && change(10).is_some_and(|end| at < end);
    at + TimeDelta::hours(if is_summer { 2 } else { 1 })
}

/// When a day begins in Paris; `None` at the ends of the calendar.
pub fn begin_in_paris(day: NaiveDate) -> Option<DateTime<Utc>> {
    let midnight = day.and_time(NaiveTime::MIN);
    let before = |hours| midnight.checked_sub_signed(TimeDelta::hours(hours)).map(|at| at.and_utc());
    [2, 1].into_iter().filter_map(before).find(|at| paris(*at) == midnight)
}

/// A month of a year from 1000 to 9999, written `2026-03`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    /// Its first day.
    first: NaiveDate,
}

string_schema!(Month, "A month: year and month.", "2026-03");

impl Month {
    /// The month that a clock in Paris shows.
    pub fn in_paris(at: DateTime<Utc>) -> Self {
        let day = paris(at).date();
        Self { first: day.with_day(1).unwrap_or(day) }
    }

    /// So many months before it.
    pub fn before(self, months: u32) -> Self {
        Self { first: self.first.checked_sub_months(Months::new(months)).unwrap_or(self.first) }
    }

    /// It and those that follow, to the last one.
    pub fn up_to(self, last: Self) -> impl Iterator<Item = Self> {
        let next = |month: &Self| Some(Self { first: month.first.checked_add_months(Months::new(1))? });
        std::iter::successors(Some(self), next).take_while(move |month| *month <= last)
    }
}

/// The months in French, in full and short.
const MONTHS: [(&str, &str); 12] = [
    ("janvier", "janv."),
    ("février", "févr."),
    ("mars", "mars"),
    ("avril", "avr."),
    ("mai", "mai"),
    ("juin", "juin"),
    ("juillet", "juil."),
    ("août", "août"),
    ("septembre", "sept."),
    ("octobre", "oct."),
    ("novembre", "nov."),
    ("décembre", "déc."),
];

impl Month {
    fn names(self) -> (&'static str, &'static str) {
        usize::try_from(self.first.month0()).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or_default()
    }

    /// « mars 2026 ».
    pub fn label(self) -> String {
        format!("{} {}", self.names().0, self.first.year())
    }

    /// « mars »; without room for that, the year.
    pub fn short_label(self, is_crowded: bool) -> String {
        if is_crowded { self.first.year().to_string() } else { self.names().1.to_owned() }
    }

    /// Whether a year begins with it.
    pub fn is_january(self) -> bool {
        self.first.month0() == 0
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

impl FromStr for Month {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let first = format!("{text}-01").parse().ok().map(|first| Self { first });
        // One month has one name: no sign, no missing zero.
        first.filter(|month| month.to_string() == text && text.len() == 7).ok_or_else(|| UnknownName(text.to_owned()))
    }
}

impl TryFrom<String> for Month {
    type Error = UnknownName;

    fn try_from(text: String) -> Result<Self, UnknownName> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

/// Easter Sunday of a year of the Gregorian calendar: the « Anonymous Gregorian » computus (Meeus, Astronomical Algorithms,
/// chapter 8).
fn easter(year: i32) -> Option<NaiveDate> {
    let (century, rest) = (year.div_euclid(100), year.rem_euclid(100));
    let golden = year.rem_euclid(19);
    let correction = (8 * century + 13) / 25;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let shift = (golden + 11 * epact + 22 * to_sunday) / 451;
    let position = epact + to_sunday - 7 * shift + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(position / 31).ok()?, u32::try_from(position % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_at_midnight_in_paris() {
        let begin = |day: &str| begin_in_paris(day.parse().unwrap()).unwrap().to_rfc3339();
        assert_eq!(begin("2026-01-15"), "2026-01-14T23:00:00+00:00");
        assert_eq!(begin("2026-07-15"), "2026-07-14T22:00:00+00:00");
        // The days on which the clocks change, which they do after midnight.
        assert_eq!(begin("2026-03-29"), "2026-03-28T23:00:00+00:00");
        assert_eq!(begin("2026-10-25"), "2026-10-24T22:00:00+00:00");
        assert_eq!(begin_in_paris(NaiveDate::MIN), None);
    }

    #[test]
    fn easter_is_when_it_was() {
        for sunday in ["2000-04-23", "2008-03-23", "2011-04-24", "2024-03-31", "2025-04-20", "2026-04-05", "2038-04-25"]
        {
            assert_eq!(easter(day(sunday).year()), Some(day(sunday)));
        }
    }

    #[test]
    fn clocks_change_on_the_last_sundays_of_march_and_october() {
        for (universal, shown) in [
            ("2026-01-15T12:00:00Z", "2026-01-15 13:00:00"),
            ("2026-03-29T00:59:59Z", "2026-03-29 01:59:59"),
            ("2026-03-29T01:00:00Z", "2026-03-29 03:00:00"),
            ("2026-07-14T22:30:00Z", "2026-07-15 00:30:00"),
            ("2026-10-25T00:59:59Z", "2026-10-25 02:59:59"),
            ("2026-10-25T01:00:00Z", "2026-10-25 02:00:00"),
            ("2027-03-28T01:00:00Z", "2027-03-28 03:00:00"),
            ("2027-10-31T01:00:00Z", "2027-10-31 02:00:00"),
            ("2026-12-31T23:30:00Z", "2027-01-01 00:30:00"),
        ] {
            assert_eq!(paris(universal.parse().unwrap()).to_string(), shown, "{universal}");
        }
    }

    #[test]
    fn a_month_is_that_of_paris_and_has_one_name() {
        for (universal, month) in [
            ("2026-02-28T22:59:59Z", "2026-02"),
            ("2026-02-28T23:00:00Z", "2026-03"),
            ("2026-08-31T22:00:00Z", "2026-09"),
        ] {
            assert_eq!(Month::in_paris(universal.parse().unwrap()).to_string(), month);
        }
        let month: Month = "2026-03".parse().unwrap();
        assert_eq!(month.before(14).to_string(), "2025-01");
        let following: Vec<String> = month.before(3).up_to(month).map(String::from).collect();
        assert_eq!(following, ["2025-12", "2026-01", "2026-02", "2026-03"]);
        assert_eq!(month.up_to(month.before(1)).count(), 0);
        for wrong in
            ["", "2026", "2026-3", "2026-13", "2026-00", "26-03", "+2026-03", "2026-03-01", "2026-03 ", "0026-03x"]
        {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn offices_are_closed_at_week_ends_and_on_holidays() {
        let closed = [
            "2026-11-28",
            "2026-11-29",
            "2026-01-01",
            "2026-04-06",
            "2026-05-01",
            "2026-05-08",
            "2026-05-14",
            "2026-05-25",
            "2026-07-14",
            "2026-12-25",
        ];
        for closed in closed {
            assert!(!is_working_day(day(closed)), "{closed}");
        }
        for open in ["2026-11-30", "2026-04-03", "2026-05-15", "2026-05-26", "2026-12-24", "2026-12-31"] {
            assert!(is_working_day(day(open)), "{open}");
        }
    }

    #[test]
    fn working_days_are_counted_from_the_day_after() {
        for (from, count, last) in [
            ("2026-11-30", 10, "2026-12-14"),
            ("2026-11-28", 10, "2026-12-11"),
            ("2026-12-18", 10, "2027-01-05"),
            ("2026-04-30", 10, "2026-05-19"),
            ("2026-11-30", 0, "2026-11-30"),
        ] {
            assert_eq!(after_working_days(day(from), count), day(last), "{count} from {from}");
        }
    }
}
