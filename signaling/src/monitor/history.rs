//! From when to when a bridge point was in a session, and within that, without a connection. Pure.
//!
//! ```text
//!   joined, connected          reconnecting            left, timed out, session ended
//!  ──────────────────► in a session ─────────► lost ──────────────────────────────► in no session
//! ```

use std::collections::BTreeMap;

use protocol::api::{PointSpan, SpanState};
use protocol::client::{ConnectionState, Event, RosterEvent, SessionEvent};
use protocol::{ParticipantId, UtcMicros};

/// A session that a point took part in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stay {
    /// Its code.
    pub(crate) session: String,
    /// As whom: the point's device, and people at it.
    pub(crate) participants: Vec<ParticipantId>,
    /// What the journal says of coming and going, in order.
    pub(crate) events: Vec<(UtcMicros, Event)>,
}

/// The spans of some stays within `from..to`, by their begin. Where one participant of the point is connected the point
/// is in the session, whatever becomes of the others.
pub(crate) fn spans(stays: &[Stay], from: UtcMicros, to: UtcMicros) -> Vec<PointSpan> {
    let mut spans: Vec<PointSpan> = stays.iter().flat_map(|stay| spans_of(stay, to)).collect();
    spans.retain_mut(|span| {
        span.from_us = span.from_us.max(from);
        span.to_us = span.to_us.min(to);
        span.from_us < span.to_us
    });
    spans.sort_by_key(|span| span.from_us);
    spans
}

/// What the journal tells of one session, up to now or the end.
fn spans_of(stay: &Stay, until: UtcMicros) -> Vec<PointSpan> {
    let mut connected: BTreeMap<ParticipantId, bool> = BTreeMap::new();
    let mut spans = Vec::new();
    let mut open: Option<(UtcMicros, SpanState)> = None;
    let mut close = |open: &mut Option<(UtcMicros, SpanState)>, at: UtcMicros| {
        if let Some((from, state)) = open.take() {
            spans.push(PointSpan {
                from_us: from,
                to_us: at,
                state,
                session: stay.session.clone(),
            });
        }
    };
    for (at, event) in &stay.events {
        match event {
            Event::Roster(RosterEvent::ParticipantJoined { participant })
                if stay.participants.contains(&participant.id) =>
            {
                connected.insert(participant.id, true);
            }
            Event::Roster(RosterEvent::ConnectionChanged {
                participant,
                connection,
            }) if connected.contains_key(participant) => {
                connected.insert(*participant, *connection == ConnectionState::Connected);
            }
            Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                connected.remove(participant);
            }
            Event::Session(SessionEvent::SessionEnded { .. }) => connected.clear(),
            _ => {}
        }
        let state = match connected.values().max() {
            None => None,
            Some(true) => Some(SpanState::InSession),
            Some(false) => Some(SpanState::Lost),
        };
        if state != open.map(|(_, state)| state) {
            close(&mut open, *at);
            open = state.map(|state| (*at, state));
        }
    }
    close(&mut open, until);
    spans
}

#[cfg(test)]
mod tests {
    use protocol::client::{LeaveReason, Microphone, Participant, SessionRole};
    use uuid::Uuid;

    use super::*;

    const DEVICE: ParticipantId = ParticipantId(Uuid::from_u128(1));
    const PERSON: ParticipantId = ParticipantId(Uuid::from_u128(2));
    const OTHER: ParticipantId = ParticipantId(Uuid::from_u128(3));

    fn joined(id: ParticipantId) -> Event {
        let participant = Participant {
            id,
            name: "Kỳ Sơn".to_owned(),
            role: SessionRole::Point,
            bridge_point: None,
            seat: None,
            connection: Connected,
            microphone: Microphone::default(),
            camera_on: false,
            encoder: false,
        };
        Event::Roster(RosterEvent::ParticipantJoined { participant })
    }

    fn connection(participant: ParticipantId, connection: ConnectionState) -> Event {
        Event::Roster(RosterEvent::ConnectionChanged {
            participant,
            connection,
        })
    }

    fn left(participant: ParticipantId) -> Event {
        Event::Roster(RosterEvent::ParticipantLeft {
            participant,
            reason: LeaveReason::TimedOut,
        })
    }

    fn told(events: &[(i64, Event)], from: i64, to: i64) -> Vec<(i64, i64, SpanState)> {
        let stay = Stay {
            session: "GB-1".to_owned(),
            participants: vec![DEVICE, PERSON],
            events: events
                .iter()
                .map(|(at, event)| (UtcMicros(*at), event.clone()))
                .collect(),
        };
        spans(&[stay], UtcMicros(from), UtcMicros(to))
            .iter()
            .map(|span| (span.from_us.0, span.to_us.0, span.state))
            .collect()
    }

    use ConnectionState::{Connected, Reconnecting};
    use SpanState::{InSession, Lost};

    #[test]
    fn time_between_sessions_is_no_loss() {
        let day = [
            (10, joined(DEVICE)),
            (40, left(DEVICE)),
            (50, joined(OTHER)),
        ];
        assert_eq!(told(&day, 0, 100), [(10, 40, InSession)]);
    }

    #[test]
    fn broken_connection_is_lost_until_it_is_back_or_given_up() {
        let day = [
            (10, joined(DEVICE)),
            (20, connection(DEVICE, Reconnecting)),
            (25, connection(DEVICE, Connected)),
            (30, connection(DEVICE, Reconnecting)),
            (42, left(DEVICE)),
        ];
        assert_eq!(
            told(&day, 0, 100),
            [
                (10, 20, InSession),
                (20, 25, Lost),
                (25, 30, InSession),
                (30, 42, Lost)
            ]
        );
    }

    #[test]
    fn point_is_there_while_anybody_of_it_is() {
        let day = [
            (10, joined(DEVICE)),
            (15, joined(PERSON)),
            (20, connection(DEVICE, Reconnecting)),
            (30, left(PERSON)),
            (35, connection(DEVICE, Connected)),
            (40, Event::Session(SessionEvent::SessionEnded { by: None })),
        ];
        assert_eq!(
            told(&day, 0, 100),
            [(10, 30, InSession), (30, 35, Lost), (35, 40, InSession)]
        );
    }

    #[test]
    fn what_lasts_reaches_to_the_present_and_nothing_leaves_the_window() {
        let day = [(10, joined(DEVICE)), (50, connection(DEVICE, Reconnecting))];
        assert_eq!(told(&day, 20, 60), [(20, 50, InSession), (50, 60, Lost)]);
        assert_eq!(told(&day, 60, 60), []);
        assert_eq!(told(&[], 0, 60), []);
    }
}
