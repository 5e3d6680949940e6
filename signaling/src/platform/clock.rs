//! Time as a port, so that tests choose it: the time of day, which people set, and a clock that runs evenly, by which
//! it is told how long things last.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use protocol::{Day, UtcMicros};
use signaling_core::{Mono, Now};

/// Tells the time. Clones tell the same time.
#[derive(Clone)]
pub struct Clock {
    utc: Arc<dyn Fn() -> UtcMicros + Send + Sync>,
    mono: Arc<dyn Fn() -> Mono + Send + Sync>,
}

impl Clock {
    /// The machine's own clocks.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|| {
            let since_epoch = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            UtcMicros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
        })
    }

    /// A clock that asks `utc` for the time of day each time, and the machine how long things last.
    pub fn new(utc: impl Fn() -> UtcMicros + Send + Sync + 'static) -> Self {
        Self::of(utc, || {
            Mono(i64::try_from(protocol::clock::mono_us()).unwrap_or(i64::MAX))
        })
    }

    /// A clock that asks `utc` and `mono` each time; `mono` must never run backwards.
    pub fn of(
        utc: impl Fn() -> UtcMicros + Send + Sync + 'static,
        mono: impl Fn() -> Mono + Send + Sync + 'static,
    ) -> Self {
        Self {
            utc: Arc::new(utc),
            mono: Arc::new(mono),
        }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> UtcMicros {
        (self.utc)()
    }

    /// A moment of the clock that nobody sets.
    #[must_use]
    pub fn mono(&self) -> Mono {
        (self.mono)()
    }

    /// The present on both clocks.
    #[must_use]
    pub fn both(&self) -> Now {
        Now {
            utc: self.now(),
            mono: self.mono(),
        }
    }
}

/// So many minutes.
#[must_use]
pub const fn minutes(count: u32) -> Duration {
    Duration::from_secs(count as u64 * 60)
}

/// So many hours.
#[must_use]
pub const fn hours(count: u32) -> Duration {
    Duration::from_secs(count as u64 * 3_600)
}

/// So many days of 24 hours.
#[must_use]
pub const fn days(count: u32) -> Duration {
    Duration::from_secs(count as u64 * 86_400)
}

/// 30 December 9999: later moments have no date in every zone.
const LAST_US: i64 = 253_402_207_199_999_999;

/// A time that somebody names, if it lies within the years that have a date: 1970 to 9999.
#[must_use]
pub fn plausible(us: i64) -> Option<UtcMicros> {
    (0..=LAST_US).contains(&us).then_some(UtcMicros(us))
}

/// The zone whose days the dates of validity are.
const ZONE: &str = "Asia/Ho_Chi_Minh";

/// The day in Viet Nam at a moment, for example `2026-11-22`.
#[must_use]
pub fn day(at: UtcMicros) -> Day {
    let moment = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    let in_zone = moment.in_tz(ZONE).expect("the time zones are compiled in");
    Day(in_zone.date().to_string())
}

/// When a day begins in Viet Nam; none for what is no day.
#[must_use]
pub fn start_of(day: &Day) -> Option<UtcMicros> {
    let date: jiff::civil::Date = day.0.parse().ok()?;
    let begins = date.in_tz(ZONE).ok()?.timestamp();
    plausible(begins.as_microsecond())
}

/// A moment as people in Viet Nam write it, to the second: `22/11/2026 00:00:00`.
#[must_use]
pub fn said(at: UtcMicros) -> String {
    let moment = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    let in_zone = moment.in_tz(ZONE).expect("the time zones are compiled in");
    in_zone.strftime("%d/%m/%Y %H:%M:%S").to_string()
}

/// A moment in Viet Nam as the name of a file has it, to the second: `20261122-000000`.
#[must_use]
pub fn stamp(at: UtcMicros) -> String {
    let moment = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    let in_zone = moment.in_tz(ZONE).expect("the time zones are compiled in");
    in_zone.strftime("%Y%m%d-%H%M%S").to_string()
}

/// A moment as HTTP tells it (RFC 9110, 5.6.7), for example `Sun, 22 Nov 2026 00:00:00 GMT`.
#[must_use]
pub fn http_date(at: UtcMicros) -> String {
    let moment = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&moment)
        .unwrap_or_default()
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_begins_at_midnight_in_viet_nam() {
        // 2026-11-21 17:00:00 UTC is midnight of the 22nd.
        let midnight = UtcMicros(1_795_280_400_000_000);
        assert_eq!(day(midnight).0, "2026-11-22");
        assert_eq!(day(midnight.plus_us(-1)).0, "2026-11-21");
        assert_eq!(start_of(&day(midnight)), Some(midnight));
        assert_eq!(said(midnight), "22/11/2026 00:00:00");
        assert_eq!(stamp(midnight), "20261122-000000");
        for text in ["", "2026-02-30", "22/11/2026", "1969-01-01"] {
            assert_eq!(start_of(&Day(text.to_owned())), None, "{text}");
        }
    }

    #[test]
    fn http_is_told_the_time_in_its_own_words() {
        let midnight = UtcMicros(1_795_280_400_000_000);
        assert_eq!(http_date(midnight), "Sat, 21 Nov 2026 17:00:00 GMT");
    }

    #[test]
    fn no_time_that_somebody_names_overflows() {
        assert_eq!(plausible(-1), None);
        assert_eq!(plausible(i64::MAX), None);
        assert_eq!(plausible(0), Some(UtcMicros(0)));
        assert_eq!(day(plausible(LAST_US).unwrap()).0, "9999-12-31");
        for us in [i64::MIN, i64::MAX, LAST_US] {
            let _ = day(UtcMicros(us));
        }
        for span in [
            minutes(u32::MAX),
            hours(u32::MAX),
            days(u32::MAX),
            Duration::MAX,
        ] {
            for at in [UtcMicros(i64::MIN), UtcMicros(0), UtcMicros(i64::MAX)] {
                assert!(at.minus(span) <= at && at <= at.plus(span));
            }
        }
        assert_eq!(UtcMicros(0).plus(days(u32::MAX)), UtcMicros(i64::MAX));
    }
}
