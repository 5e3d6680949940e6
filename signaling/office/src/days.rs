//! Days of the calendar, as texts that compare as the days do.

use jiff::civil::Date;
use protocol::Day;

/// The years in which anything of ours lies.
const YEARS: std::ops::Range<i16> = 1900..2200;

/// A day by its text, `2026-09-01`.
#[must_use]
pub fn parse(text: &str) -> Option<Day> {
    let date: Date = text.parse().ok()?;
    known(date).filter(|day| day.0 == text)
}

/// A day as people type it: `1/9/2026`, `01-09-2026`, `01.09.2026`, and as the machine writes it.
#[must_use]
pub fn read(typed: &str) -> Option<Day> {
    if let Some(day) = parse(typed) {
        return Some(day);
    }
    let mut parts = typed.split(['/', '-', '.']).map(str::trim);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || day.len() > 2 || month.len() > 2 {
        return None;
    }
    of(number(year)?, number(month)?, number(day)?)
}

/// A day by its numbers, if the calendar has it.
#[must_use]
pub fn of(year: i64, month: i64, day: i64) -> Option<Day> {
    let year = i16::try_from(year).ok()?;
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    known(Date::new(year, month, day).ok()?)
}

/// The day before another; none before the first of all.
#[must_use]
pub fn before(day: &Day) -> Option<Day> {
    let date: Date = day.0.parse().ok()?;
    known(date.yesterday().ok()?)
}

fn known(date: Date) -> Option<Day> {
    YEARS.contains(&date.year()).then(|| Day(date.to_string()))
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day(text.to_owned())
    }

    #[test]
    fn day_is_one_of_the_calendar() {
        for (typed, expected) in [
            ("2026-02-28", Some("2026-02-28")),
            ("29/02/2028", Some("2028-02-29")),
            ("1/9/2026", Some("2026-09-01")),
            ("01.09.2026", Some("2026-09-01")),
            ("01-09-2026", Some("2026-09-01")),
            ("29/02/2026", None),
            ("29/02/2100", None),
            ("31/02/1985", None),
            ("1/9/26", None),
            ("13/13/2026", None),
            ("01/09/1899", None),
            ("01/09/2200", None),
            ("45901", None),
            ("", None),
        ] {
            assert_eq!(read(typed), expected.map(day), "{typed}");
        }
        assert_eq!(parse("2026-2-28"), None);
        assert_eq!(parse("2026-02-28-1"), None);
    }

    #[test]
    fn day_before_the_first_of_a_month_is_the_last_of_the_one_before() {
        for (after, expected) in [
            ("2028-03-01", "2028-02-29"),
            ("2026-01-01", "2025-12-31"),
            ("2026-09-02", "2026-09-01"),
        ] {
            assert_eq!(before(&day(after)), Some(day(expected)));
        }
    }
}
