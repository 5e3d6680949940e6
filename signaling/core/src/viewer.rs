//! Anonymous viewers (WHEP): no seat, no name, counted.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::ParticipantId;
use protocol::client::{
    ByeReason, Command, Event, MediaCommand, Refusal, RefusalCode, RosterCommand, ServerFrame,
    SessionEvent, ViewersEvent,
};
use protocol::media::Profile;
use protocol::sfu::SfuCommand;

use crate::room::Cause;
use crate::{ConnectionId, Mono, Negotiation, NegotiationKind, Now, Output, Room};

/// The least time between two `ViewersChanged`: 10 s.
pub const VIEWERS_TOLD_EVERY: Duration = Duration::from_secs(10);

/// One who watches.
#[derive(Debug, Clone, Copy)]
struct Viewer {
    id: ParticipantId,
    /// The participant that the same person is here, if they were one before they watched.
    person: Option<ParticipantId>,
}

/// Who watches.
#[derive(Debug, Default)]
pub(crate) struct Viewers {
    here: BTreeMap<ConnectionId, Viewer>,
    told_at: Option<Mono>,
}

impl Viewers {
    pub(crate) fn is_viewer(&self, connection: ConnectionId) -> bool {
        self.here.contains_key(&connection)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.here.is_empty()
    }

    pub(crate) fn connections(&self) -> impl Iterator<Item = ConnectionId> + '_ {
        self.here.keys().copied()
    }

    pub(crate) fn connection_of(&self, viewer: ParticipantId) -> Option<ConnectionId> {
        self.here
            .iter()
            .find(|(_, v)| v.id == viewer)
            .map(|(c, _)| *c)
    }

    pub(crate) fn remove(&mut self, connection: ConnectionId) -> Option<ParticipantId> {
        self.here.remove(&connection).map(|viewer| viewer.id)
    }

    /// The connections by which a participant watches besides.
    fn of_person(&self, person: ParticipantId) -> Vec<ConnectionId> {
        self.here
            .iter()
            .filter(|(_, viewer)| viewer.person == Some(person))
            .map(|(connection, _)| *connection)
            .collect()
    }

    /// When a changed number may be told, if it has changed.
    pub(crate) fn tell_at(&self, told: u32) -> Option<Mono> {
        (self.count() != told).then(|| {
            self.told_at
                .map_or(Mono(i64::MIN), |at| at.plus(VIEWERS_TOLD_EVERY))
        })
    }

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.here.len()).unwrap_or(u32::MAX)
    }
}

impl Room {
    pub(crate) fn connect_viewer(
        &mut self,
        now: Now,
        connection: ConnectionId,
        viewer: ParticipantId,
        person: Option<ParticipantId>,
    ) {
        let refusal = if self.state.ended {
            RefusalCode::SessionOver.into()
        } else if person.is_some_and(|person| self.state.was_removed(person)) {
            RefusalCode::NotAllowed.into()
        } else if self.watching() >= self.caps.max_receive_only {
            Refusal {
                code: RefusalCode::SessionFull,
                detail: Some(self.caps.max_receive_only.to_string()),
            }
        } else {
            if self.state.seq == 0 {
                self.record(
                    &Cause::server(now.utc),
                    Event::Session(SessionEvent::RoomOpened),
                );
            }
            let viewer = Viewer { id: viewer, person };
            self.viewers.here.insert(connection, viewer);
            return;
        };
        self.bye(connection, ByeReason::Refused { refusal });
    }

    /// A viewer may negotiate and leave.
    pub(crate) fn viewer_command(&mut self, connection: ConnectionId, id: u64, command: Command) {
        let Some(&Viewer { id: viewer, .. }) = self.viewers.here.get(&connection) else {
            return;
        };
        match command {
            Command::Media(MediaCommand::Offer { sdp, ice_restart }) => {
                let kind = if ice_restart {
                    NegotiationKind::IceRestart
                } else {
                    NegotiationKind::Join {
                        profile: Profile::Whep,
                        may_publish: false,
                        microphone_open: false,
                    }
                };
                self.outputs.push_back(Output::Negotiate(Negotiation {
                    connection,
                    command: id,
                    participant: viewer,
                    offer: sdp,
                    kind,
                }));
            }
            Command::Roster(RosterCommand::Leave) => {
                self.viewer_left(connection);
                self.bye(connection, ByeReason::Left);
            }
            _ => self.send(
                connection,
                ServerFrame::Reply {
                    id,
                    refusal: Some(RefusalCode::NotAllowed.into()),
                },
            ),
        }
    }

    pub(crate) fn viewer_left(&mut self, connection: ConnectionId) {
        if let Some(viewer) = self.viewers.remove(connection) {
            self.media(SfuCommand::Leave {
                room: self.id(),
                participant: viewer,
            });
        }
    }

    /// Whoever was removed does not go on hearing by a player of their own.
    pub(crate) fn end_players_of(&mut self, person: ParticipantId) {
        for connection in self.viewers.of_person(person) {
            self.viewer_left(connection);
            self.bye(connection, ByeReason::AccessEnded);
        }
    }

    /// Tells the number of viewers, if it changed and was not told within the last 10 s.
    pub(crate) fn tell_viewers(&mut self, now: Now) {
        if self
            .viewers
            .tell_at(self.state.room.viewers)
            .is_some_and(|at| at <= now.mono)
        {
            self.viewers.told_at = Some(now.mono);
            let viewers = self.viewers.count();
            self.record(
                &Cause::server(now.utc),
                Event::Viewers(ViewersEvent::ViewersChanged { viewers }),
            );
        }
    }
}
