//! Sessions: what is planned, where each one stands, how it is called, and for when it may be planned.

use std::time::Duration;

use protocol::api::{Changeable, Secrecy, SessionState};
use protocol::client::{Preset, SessionKind};
use protocol::{ClassId, Day, SessionCode, SessionId, UnitId, UtcMicros};

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, which its live room shares.
    pub id: SessionId,
    /// Its code.
    pub code: SessionCode,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: SessionKind,
    /// How its room shares out rights when it opens.
    pub preset: Preset,
    /// How its content is classified.
    pub secrecy: Secrecy,
    /// Who convenes it.
    pub convening_unit: UnitId,
    /// The class it belongs to.
    pub class: Option<ClassId>,
    /// Planned begin.
    pub starts_at: UtcMicros,
    /// Planned end.
    pub ends_at: UtcMicros,
    /// When its room was first opened.
    pub opened_at: Option<UtcMicros>,
    /// When it ended.
    pub ended_at: Option<UtcMicros>,
    /// When it was called off.
    pub cancelled_at: Option<UtcMicros>,
    /// When it was noted that nobody came.
    pub lapsed_at: Option<UtcMicros>,
    /// Whether recording starts with it.
    pub auto_record: bool,
    /// For how many days its recordings are kept.
    pub keep_days: Option<u32>,
    /// Whether guests may see its recordings.
    pub guests_may_replay: bool,
    /// Participants who may speak.
    pub max_interactive: u32,
    /// Receive-only viewers.
    pub max_receive_only: u32,
    /// How often it was changed, from 1.
    pub version: i64,
}

impl Session {
    /// Where it stands at `now`: the one rule of every list, page and door. `present` are in its room, which may be
    /// entered `early` before the planned begin.
    #[must_use]
    pub fn state(&self, now: UtcMicros, present: u32, early: Duration) -> SessionState {
        if self.cancelled_at.is_some() {
            SessionState::Cancelled
        } else if self.ended_at.is_some() {
            SessionState::Ended
        } else if self.lapsed_at.is_some() {
            SessionState::Lapsed
        } else if present > 0 {
            SessionState::Live
        } else if self.is_lapsing(now) {
            SessionState::Lapsed
        } else if now >= self.opens_at(early) {
            SessionState::Open
        } else {
            SessionState::Planned
        }
    }

    /// How much of it can be changed at `now`, with `present` people in its room. It runs from its planned begin if its room
    /// was opened, and as long as somebody is there: a room that was tried out and left holds nothing fast.
    #[must_use]
    pub fn changeable(&self, now: UtcMicros, present: u32) -> Changeable {
        let has_begun = self.opened_at.is_some() && now >= self.starts_at;
        if self.is_over(now) {
            Changeable::Nothing
        } else if present > 0 || has_begun {
            Changeable::End
        } else {
            Changeable::Wholly
        }
    }

    /// Until when a recording that begins as planned is kept; none for ever.
    #[must_use]
    pub fn recording_kept_until(&self) -> Option<UtcMicros> {
        const DAY: Duration = Duration::from_secs(86_400);
        Some(self.starts_at.plus(DAY * self.keep_days?))
    }

    /// From when its room may be entered.
    #[must_use]
    pub fn opens_at(&self, early: Duration) -> UtcMicros {
        self.starts_at.minus(early)
    }

    /// Whether its room may not be entered any more at `now`.
    #[must_use]
    pub fn is_over(&self, now: UtcMicros) -> bool {
        self.over_at().is_some() || self.is_lapsing(now)
    }

    /// When it ended, lapsed or was called off.
    #[must_use]
    pub fn over_at(&self) -> Option<UtcMicros> {
        self.ended_at.or(self.cancelled_at).or(self.lapsed_at)
    }

    /// Whether nobody came until it lapses, be that noted already or not.
    fn is_lapsing(&self, now: UtcMicros) -> bool {
        self.opened_at.is_none() && now >= self.ends_at.plus(LAPSES_AFTER)
    }
}

/// How long after its planned end a session that runs on may still be entered by what has run out meanwhile.
pub const OVERTIME: Duration = Duration::from_secs(12 * 3_600);

/// Whether a session that was to end at `ends_at` should have ended so long ago that it holds nothing that has run out by its
/// date.
#[must_use]
pub fn is_past_overtime(ends_at: UtcMicros, now: UtcMicros) -> bool {
    now >= ends_at.plus(OVERTIME)
}

/// How long after its planned end a session lapses whose room nobody opened: as long as its links work.
pub const LAPSES_AFTER: Duration = Duration::from_secs(2 * 3_600);

/// The longest session.
const MAX_DURATION: Duration = Duration::from_secs(24 * 3_600);
/// How far ahead a session may be planned: two years.
const MAX_AHEAD: Duration = Duration::from_secs(731 * 86_400);

/// Why a session may not be planned for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFault {
    /// The end does not come after the begin.
    Order,
    /// It would last longer than a day.
    TooLong,
    /// It would be over already.
    Past,
    /// It would begin more than two years ahead.
    TooFar,
}

impl TimeFault {
    /// The code of the reason.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::TooLong => "too_long",
            Self::Past => "past",
            Self::TooFar => "too_far",
        }
    }

    /// The field that is at fault.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Order | Self::TooLong | Self::Past => "ends_at_us",
            Self::TooFar => "starts_at_us",
        }
    }
}

/// Whether a session may be planned for a time.
///
/// # Errors
/// Why not.
pub fn check_times(
    starts_at: UtcMicros,
    ends_at: UtcMicros,
    now: UtcMicros,
) -> Result<(), TimeFault> {
    if ends_at <= starts_at {
        Err(TimeFault::Order)
    } else if ends_at > starts_at.plus(MAX_DURATION) {
        Err(TimeFault::TooLong)
    } else if ends_at <= now {
        Err(TimeFault::Past)
    } else if starts_at > now.plus(MAX_AHEAD) {
        Err(TimeFault::TooFar)
    } else {
        Ok(())
    }
}

/// The most points a session may invite: as many as may speak, less two places that chair and secretary need.
#[must_use]
pub fn most_points(max_interactive: u32) -> usize {
    let places = max_interactive.saturating_sub(2).max(1);
    usize::try_from(places).unwrap_or(usize::MAX)
}

/// The codes of sessions of a kind on a day, the first choice first: for example `HOP-261122`, `HOP-261122-2`, …
pub fn codes(kind: SessionKind, day: &Day) -> impl Iterator<Item = String> + use<> {
    let prefix = match kind {
        SessionKind::Meeting => "HOP",
        SessionKind::Briefing => "GB",
        SessionKind::Conference => "HN",
        SessionKind::Seminar => "HT",
        SessionKind::Training => "TH",
        SessionKind::ClassObservation => "DG",
    };
    let day = day.0.replace('-', "");
    let base = format!("{prefix}-{}", day.get(2..).unwrap_or(&day));
    (1_u32..).map(move |number| match number {
        1 => base.clone(),
        more => format!("{base}-{more}"),
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const HOUR_US: i64 = 3_600_000_000;
    const EARLY: Duration = Duration::from_secs(3_600);

    fn planned() -> Session {
        Session {
            id: SessionId(Uuid::nil()),
            code: SessionCode("GB-01".to_owned()),
            title: "Họp".to_owned(),
            kind: SessionKind::Meeting,
            preset: Preset::Discussion,
            secrecy: Secrecy::Normal,
            convening_unit: UnitId(Uuid::nil()),
            class: None,
            starts_at: UtcMicros(10 * HOUR_US),
            ends_at: UtcMicros(12 * HOUR_US),
            opened_at: None,
            ended_at: None,
            cancelled_at: None,
            lapsed_at: None,
            auto_record: false,
            keep_days: None,
            guests_may_replay: false,
            max_interactive: 60,
            max_receive_only: 1_000,
            version: 1,
        }
    }

    #[test]
    fn state_follows_the_clock_who_is_there_and_what_was_noted() {
        let session = planned();
        let at = |hour: i64| UtcMicros(hour * HOUR_US);
        let state = |session: &Session, hour, present| session.state(at(hour), present, EARLY);
        assert_eq!(state(&session, 8, 0), SessionState::Planned);
        assert_eq!(
            state(&session, 9, 0),
            SessionState::Open,
            "it may be entered"
        );
        assert_eq!(state(&session, 9, 1), SessionState::Live);
        assert_eq!(
            state(&session, 11, 0),
            SessionState::Open,
            "nobody came yet"
        );
        assert_eq!(state(&session, 13, 0), SessionState::Open);
        assert_eq!(state(&session, 14, 0), SessionState::Lapsed);
        assert!(session.is_over(at(14)) && !session.is_over(at(13)));
        let opened = Session {
            opened_at: Some(at(10)),
            ..planned()
        };
        assert_eq!(
            state(&opened, 14, 0),
            SessionState::Open,
            "the room ends it"
        );
        assert_eq!(state(&opened, 14, 3), SessionState::Live);
        for (noted, expected) in [
            (
                Session {
                    ended_at: Some(at(11)),
                    ..opened.clone()
                },
                SessionState::Ended,
            ),
            (
                Session {
                    cancelled_at: Some(at(7)),
                    ..planned()
                },
                SessionState::Cancelled,
            ),
            (
                Session {
                    lapsed_at: Some(at(14)),
                    ..planned()
                },
                SessionState::Lapsed,
            ),
        ] {
            assert_eq!(state(&noted, 11, 3), expected);
            assert!(noted.is_over(at(11)));
        }
        assert_eq!(planned().changeable(at(11), 0), Changeable::Wholly);
        assert_eq!(planned().changeable(at(9), 1), Changeable::End);
        assert_eq!(planned().changeable(at(14), 0), Changeable::Nothing);
        let tried_out = Session {
            opened_at: Some(at(9)),
            ..planned()
        };
        assert_eq!(tried_out.changeable(at(9), 0), Changeable::Wholly);
        assert_eq!(tried_out.changeable(at(10), 0), Changeable::End);
        let far = Session {
            starts_at: UtcMicros(i64::MAX),
            ends_at: UtcMicros(i64::MAX),
            ..planned()
        };
        assert_eq!(
            far.state(UtcMicros(i64::MIN), 0, Duration::MAX),
            SessionState::Planned
        );
    }
}
