//! Time as a port, so that tests choose it: the time of day, which people set, and a clock that runs evenly, by which
//! it is told how long things last.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use protocol::UtcMicros;
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

/// The zone whose days the dates of validity are.
const ZONE: &str = "Asia/Ho_Chi_Minh";

/// The day in Viet Nam at a moment, for example `2026-11-22`.
#[must_use]
pub fn day(at: UtcMicros) -> String {
    let moment = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    moment
        .in_tz(ZONE)
        .expect("the time zones are compiled in")
        .date()
        .to_string()
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
        assert_eq!(day(midnight), "2026-11-22");
        assert_eq!(day(midnight.plus_us(-1)), "2026-11-21");
    }
}
