//! The server's monotonic clock: what every `received_us` and `at_mono_us` of the relay link is read from.

use std::fs;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// A moment, and how long the machine had run by then; taken at the first reading.
static ANCHOR: OnceLock<(Instant, Duration)> = OnceLock::new();

fn anchor() -> (Instant, Duration) {
    *ANCHOR.get_or_init(|| {
        let since_boot = clock_gettime(ClockId::Monotonic);
        let since_boot = Duration::try_from(since_boot).unwrap_or_default();
        (Instant::now(), since_boot)
    })
}

/// The machine's monotonic clock in microseconds since it was booted (`CLOCK_MONOTONIC`, clock_gettime(2)): every process
/// reads the same until the next boot, however often the time of day is set.
#[must_use]
pub fn mono_us() -> u64 {
    mono_us_at(Instant::now())
}

/// What [`mono_us`] read at `moment`; zero for moments before the boot.
#[must_use]
pub fn mono_us_at(moment: Instant) -> u64 {
    let (origin, since_boot) = anchor();
    let reading = match moment.checked_duration_since(origin) {
        Some(later) => since_boot.saturating_add(later),
        None => since_boot.saturating_sub(origin.saturating_duration_since(moment)),
    };
    u64::try_from(reading.as_micros()).unwrap_or(u64::MAX)
}

/// Which boot [`mono_us`] counts from, as the kernel names it (random(4)); readings of two boots have nothing in common.
/// `None` where the kernel does not say.
#[must_use]
pub fn boot_id() -> Option<String> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let id = text.trim();
    (!id.is_empty()).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two readings lie as far apart as the machine pleases; the process is much younger than the machine.
    const SLACK_US: u64 = 10_000_000;

    #[test]
    fn every_process_of_a_boot_reads_the_same_clock() {
        let since_boot = Duration::try_from(clock_gettime(ClockId::Monotonic)).unwrap();
        let since_boot_us = u64::try_from(since_boot.as_micros()).unwrap();
        assert!(mono_us().abs_diff(since_boot_us) < SLACK_US);
    }

    #[test]
    fn moments_lie_as_far_apart_as_they_were() {
        let now = Instant::now();
        let _ = mono_us();
        for (earlier_us, later_us) in [(500, 0), (0, 500), (250, 750)] {
            let earlier = now.checked_sub(Duration::from_micros(earlier_us)).unwrap();
            let later = now + Duration::from_micros(later_us);
            assert_eq!(
                mono_us_at(later) - mono_us_at(earlier),
                earlier_us + later_us
            );
        }
    }
}
