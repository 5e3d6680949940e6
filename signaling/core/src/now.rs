//! Two clocks: one that people set, one that nobody does.

use std::time::Duration;

use protocol::UtcMicros;

/// Microseconds on a clock that runs evenly and is never set. Only differences mean something, within one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(pub i64);

impl Mono {
    /// A moment that never comes.
    pub const NEVER: Self = Self(i64::MAX);

    /// This moment plus `span`.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let us = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(us))
    }

    /// How much later this moment is than `earlier`; nothing when it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let us = self.0.saturating_sub(earlier.0).max(0);
        Duration::from_micros(us.unsigned_abs())
    }
}

/// The present, on both clocks. How long something lasts is told by `mono`, which no correction of the server's clock
/// moves; `utc` labels what happens, and is compared with times that people planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The time of day; may jump in either direction.
    pub utc: UtcMicros,
    /// Never runs backwards.
    pub mono: Mono,
}

impl Now {
    /// When a planned time comes, as far as the clock is right at present.
    #[must_use]
    pub const fn moment_of(self, planned: UtcMicros) -> Mono {
        Mono(
            self.mono
                .0
                .saturating_add(planned.0.saturating_sub(self.utc.0)),
        )
    }
}
