//! Everything that a room does by itself when it is time, in one table.

use std::collections::BTreeMap;

use protocol::ParticipantId;

use crate::Mono;

/// What is due at some moment. Of several that are due together the first in this order goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// What waits for the disk has waited long enough.
    Unsaved,
    /// The seat that is held for somebody is free.
    Seat(ParticipantId),
    /// A changed number of viewers may be told.
    Viewers,
    /// The chair's powers pass to the secretaries.
    ChairAway,
    /// The microphone of whoever has the floor opens.
    Turn,
    /// The time of whoever has the floor is over.
    TurnEnds,
    /// The recording begins by plan.
    RecordingBegins,
    /// The recording of a room in which nobody is connected stops.
    RecordingStops,
    /// The session of an empty room ends.
    SessionEnds,
}

/// When each timer that is set is due.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    due: BTreeMap<Timer, Mono>,
}

impl Timers {
    /// Sets a timer, also one that is set already.
    pub(crate) fn set(&mut self, timer: Timer, at: Mono) {
        self.due.insert(timer, at);
    }

    /// Whether the timer was set.
    pub(crate) fn stop(&mut self, timer: Timer) -> bool {
        self.due.remove(&timer).is_some()
    }

    /// When the timer is due, if it is set.
    pub(crate) fn due(&self, timer: Timer) -> Option<Mono> {
        self.due.get(&timer).copied()
    }

    /// Sets the timer, or stops it when there is no moment.
    pub(crate) fn put(&mut self, timer: Timer, at: Option<Mono>) {
        match at {
            Some(at) => self.set(timer, at),
            None => {
                self.stop(timer);
            }
        }
    }

    /// Stops all others.
    pub(crate) fn keep_only(&mut self, timer: Timer) {
        self.due.retain(|set, _| *set == timer);
    }

    /// Stops and returns a timer that is due.
    pub(crate) fn expire(&mut self, now: Mono) -> Option<Timer> {
        let timer = self
            .due
            .iter()
            .find(|(_, at)| **at <= now)
            .map(|(t, _)| *t)?;
        self.stop(timer);
        Some(timer)
    }

    /// When the next one is due; [`Mono::NEVER`] when none is set.
    pub(crate) fn next(&self) -> Mono {
        self.due.values().min().copied().unwrap_or(Mono::NEVER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_that_are_due_fire_once_and_in_their_order() {
        let mut timers = Timers::default();
        assert_eq!(
            (timers.next(), timers.expire(Mono(i64::MAX - 1))),
            (Mono::NEVER, None)
        );
        timers.set(Timer::SessionEnds, Mono(5));
        timers.set(Timer::Turn, Mono(9));
        timers.set(Timer::Turn, Mono(7));
        timers.set(Timer::Viewers, Mono(8));
        assert_eq!(timers.next(), Mono(5));
        assert_eq!(timers.expire(Mono(4)), None);
        assert_eq!(timers.expire(Mono(7)), Some(Timer::Turn));
        assert_eq!(timers.expire(Mono(7)), Some(Timer::SessionEnds));
        assert_eq!(timers.expire(Mono(7)), None);
        assert!(timers.stop(Timer::Viewers) && !timers.stop(Timer::Viewers));
        timers.put(Timer::Unsaved, Some(Mono(1)));
        timers.put(Timer::Turn, Some(Mono(1)));
        timers.keep_only(Timer::Unsaved);
        timers.put(Timer::Unsaved, None);
        assert_eq!(timers.next(), Mono::NEVER);
    }
}
