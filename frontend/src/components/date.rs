//! Dates and sizes, formatted in French.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Timelike, Utc};

use crate::browser;

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// « 14 mars 2026 », at the user's place.
pub fn date(at: DateTime<Utc>) -> String {
    long_date(local(at))
}

/// « 14 mars 2026 », for a day without an hour: the same everywhere.
pub fn day(day: NaiveDate) -> String {
    long_date(day.into())
}

/// « 14 mars 2026 à 9 h 05 », at the user's place.
pub fn date_time(at: DateTime<Utc>) -> String {
    let at = local(at);
    format!("{} à {}", long_date(at), clock(at))
}

/// « 9:05 », at the user's place: short, for what changes often.
pub fn clock_time(at: DateTime<Utc>) -> String {
    let at = local(at);
    format!("{}:{:02}", at.hour(), at.minute())
}

/// A size in bytes as people read it: « 12 ko », « 3,4 Mo ».
pub fn size(bytes: i64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} octets"),
        1_000..1_000_000 => format!("{} ko", bytes / 1_000),
        _ => format!("{},{} Mo", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// Today, at the user's place.
pub fn today() -> NaiveDate {
    local(browser::now()).date()
}

fn local(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc() + Duration::minutes(i64::from(browser::offset_minutes(at)))
}

fn long_date(at: NaiveDateTime) -> String {
    let month = MONTHS.get(at.month0() as usize).copied().unwrap_or_default();
    let day = if at.day() == 1 { "1er".to_owned() } else { at.day().to_string() };
    format!("{day} {month} {}", at.year())
}

fn clock(at: NaiveDateTime) -> String {
    format!("{}\u{a0}h\u{a0}{:02}", at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_as_people_write_them() {
        let at = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap().and_hms_opt(9, 5, 59).unwrap();
        assert_eq!(long_date(at), "1er mars 2026");
        assert_eq!(clock(at), "9\u{a0}h\u{a0}05");
        assert_eq!(long_date(at + Duration::days(30)), "31 mars 2026");
    }

    #[test]
    fn sizes_are_decimal() {
        assert_eq!(size(312), "312 octets");
        assert_eq!(size(12_500), "12 ko");
        assert_eq!(size(3_450_000), "3,4 Mo");
    }
}
