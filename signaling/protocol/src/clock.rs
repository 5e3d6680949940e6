//! The server's monotonic clock: what every `received_us` and `at_mono_us` of the relay link is read from.

use std::sync::OnceLock;
use std::time::Instant;

/// Where this process's clock starts; set at the first reading.
static ORIGIN: OnceLock<Instant> = OnceLock::new();

/// The moment at which [`mono_us`] reads zero: about when the process began to use the clock.
#[must_use]
pub fn mono_origin() -> Instant {
    *ORIGIN.get_or_init(Instant::now)
}

/// The server's monotonic clock, in microseconds. All parts of one process read the same clock.
#[must_use]
pub fn mono_us() -> u64 {
    mono_us_at(Instant::now())
}

/// What [`mono_us`] read at `moment`; zero for moments before the clock's origin.
#[must_use]
pub fn mono_us_at(moment: Instant) -> u64 {
    let elapsed = moment.saturating_duration_since(mono_origin());
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}
