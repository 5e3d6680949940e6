//! Who was there when. Pure: events in, stretches of time out.

use std::collections::{BTreeMap, BTreeSet};

use protocol::ParticipantId;
use protocol::client::{ConnectionState, Event, RosterEvent};

use crate::segment::events::{EventLine, LogEvent};

/// Whoever is still there is named again within this time when recording goes on after a gap.
const NAMED_AGAIN_US: i64 = 5_000_000;

/// Stretches of session time in microseconds; one without an end lasts as long as the recording.
pub(super) type Stretches = Vec<(i64, Option<i64>)>;

/// What the event log tells of people.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Attendance {
    /// When each one was in the room, a held seat included.
    pub(super) here: BTreeMap<ParticipantId, Stretches>,
    /// When anybody at all was connected.
    pub(super) connected: Stretches,
}

impl Attendance {
    /// Reads the whole log. Who left while nobody recorded is taken to have left when recording went on.
    pub(super) fn of(events: &[EventLine]) -> Self {
        let mut attendance = Self::default();
        let mut connected = BTreeSet::new();
        for (n, line) in events.iter().enumerate() {
            let at_us = line.at_us;
            match &line.event {
                LogEvent::Resumed => {
                    let still_here = named_again(&events[n + 1..], at_us);
                    let gone: Vec<_> = attendance
                        .present()
                        .filter(|who| !still_here.contains(who))
                        .collect();
                    for who in gone {
                        attendance.leaves(who, at_us);
                        connected.remove(&who);
                    }
                }
                LogEvent::Room { event } => match event {
                    Event::Roster(RosterEvent::ParticipantJoined { participant }) => {
                        attendance.comes(participant.id, at_us);
                        set(&mut connected, participant.id, participant.connection);
                    }
                    Event::Roster(RosterEvent::ConnectionChanged {
                        participant,
                        connection,
                    }) => set(&mut connected, *participant, *connection),
                    Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                        attendance.leaves(*participant, at_us);
                        connected.remove(participant);
                    }
                    _ => continue,
                },
                _ => continue,
            }
            match (attendance.connected.last_mut(), connected.is_empty()) {
                (Some((_, to @ None)), true) => *to = Some(at_us),
                (None | Some((_, Some(_))), false) => attendance.connected.push((at_us, None)),
                _ => {}
            }
        }
        attendance
    }

    fn present(&self) -> impl Iterator<Item = ParticipantId> {
        let present = |stretches: &Stretches| matches!(stretches.last(), Some((_, None)));
        self.here
            .iter()
            .filter(move |(_, stretches)| present(stretches))
            .map(|(who, _)| *who)
    }

    fn comes(&mut self, who: ParticipantId, at_us: i64) {
        let stretches = self.here.entry(who).or_default();
        if !matches!(stretches.last(), Some((_, None))) {
            stretches.push((at_us, None));
        }
    }

    fn leaves(&mut self, who: ParticipantId, at_us: i64) {
        if let Some((_, to @ None)) = self.here.get_mut(&who).and_then(|s| s.last_mut()) {
            *to = Some(at_us);
        }
    }
}

fn set(connected: &mut BTreeSet<ParticipantId>, who: ParticipantId, state: ConnectionState) {
    match state {
        ConnectionState::Connected => connected.insert(who),
        ConnectionState::Reconnecting => connected.remove(&who),
    };
}

fn named_again(events: &[EventLine], resumed_us: i64) -> BTreeSet<ParticipantId> {
    events
        .iter()
        .take_while(|line| line.at_us <= resumed_us.saturating_add(NAMED_AGAIN_US))
        .filter_map(|line| match &line.event {
            LogEvent::Room {
                event: Event::Roster(RosterEvent::ParticipantJoined { participant }),
            } => Some(participant.id),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::UtcMicros;
    use protocol::client::{LeaveReason, Participant, SessionRole};
    use uuid::Uuid;

    fn who(n: u128) -> ParticipantId {
        ParticipantId(Uuid::from_u128(n))
    }

    fn joined(n: u128, connection: ConnectionState) -> LogEvent {
        let participant = Participant {
            id: who(n),
            name: format!("Điểm cầu {n}"),
            role: SessionRole::Point,
            bridge_point: None,
            seat: None,
            connection,
            microphone: Default::default(),
            camera_on: false,
            encoder: false,
        };
        LogEvent::Room {
            event: Event::Roster(RosterEvent::ParticipantJoined { participant }),
        }
    }

    fn connection(n: u128, connection: ConnectionState) -> LogEvent {
        LogEvent::Room {
            event: Event::Roster(RosterEvent::ConnectionChanged {
                participant: who(n),
                connection,
            }),
        }
    }

    fn left(n: u128) -> LogEvent {
        LogEvent::Room {
            event: Event::Roster(RosterEvent::ParticipantLeft {
                participant: who(n),
                reason: LeaveReason::Left,
            }),
        }
    }

    fn attendance(events: &[(i64, LogEvent)]) -> Attendance {
        let lines: Vec<_> = events
            .iter()
            .map(|(at_us, event)| EventLine {
                seq: 1,
                at_us: *at_us,
                utc_us: UtcMicros(0),
                event: event.clone(),
            })
            .collect();
        Attendance::of(&lines)
    }

    use ConnectionState::{Connected, Reconnecting};

    #[test]
    fn room_is_deserted_once_the_last_connection_is_gone_though_seats_are_held() {
        let attendance = attendance(&[
            (0, joined(1, Connected)),
            (5, joined(2, Connected)),
            (10, left(1)),
            (20, connection(2, Reconnecting)),
            (30, connection(2, Connected)),
            (40, connection(2, Reconnecting)),
            (60, left(2)),
        ]);
        assert_eq!(attendance.connected, [(0, Some(20)), (30, Some(40))]);
        assert_eq!(attendance.here[&who(1)], [(0, Some(10))]);
        assert_eq!(attendance.here[&who(2)], [(5, Some(60))]);
    }

    #[test]
    fn whoever_left_while_nobody_recorded_is_not_named_again() {
        let attendance = attendance(&[
            (0, joined(1, Connected)),
            (0, joined(2, Connected)),
            (9_000_000, LogEvent::Resumed),
            (9_100_000, joined(2, Connected)),
        ]);
        assert_eq!(attendance.here[&who(1)], [(0, Some(9_000_000))]);
        assert_eq!(attendance.here[&who(2)], [(0, None)]);
        assert_eq!(attendance.connected, [(0, None)]);
    }

    #[test]
    fn whoever_comes_back_has_two_stretches() {
        let attendance = attendance(&[
            (0, joined(1, Reconnecting)),
            (5, left(1)),
            (9, joined(1, Connected)),
        ]);
        assert_eq!(attendance.here[&who(1)], [(0, Some(5)), (9, None)]);
        assert_eq!(attendance.connected, [(9, None)]);
    }
}
