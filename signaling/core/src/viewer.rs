//! Anonymous viewers (WHEP): no seat, no name, counted.

use std::collections::BTreeMap;

use protocol::client::{ByeReason, Command, Event, Refusal, RefusalCode, ServerFrame};
use protocol::media::Profile;
use protocol::sfu::SfuCommand;
use protocol::{ParticipantId, UtcMicros};

use crate::room::Cause;
use crate::{ConnectionId, Negotiation, NegotiationKind, Output, Room};

/// The least time between two `ViewersChanged`, in microseconds.
pub const VIEWERS_TOLD_EVERY_US: i64 = 10_000_000;

/// Who watches.
#[derive(Debug, Default)]
pub(crate) struct Viewers {
    here: BTreeMap<ConnectionId, ParticipantId>,
    told_at: Option<UtcMicros>,
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
            .find(|(_, v)| **v == viewer)
            .map(|(c, _)| *c)
    }

    pub(crate) fn remove(&mut self, connection: ConnectionId) -> Option<ParticipantId> {
        self.here.remove(&connection)
    }

    /// When a changed number may be told, if it has changed.
    pub(crate) fn tell_at(&self, told: u32) -> Option<UtcMicros> {
        (self.count() != told).then(|| {
            self.told_at
                .map_or(UtcMicros(0), |at| at.plus_us(VIEWERS_TOLD_EVERY_US))
        })
    }

    fn count(&self) -> u32 {
        u32::try_from(self.here.len()).unwrap_or(u32::MAX)
    }
}

impl Room {
    pub(crate) fn connect_viewer(
        &mut self,
        now: UtcMicros,
        connection: ConnectionId,
        viewer: ParticipantId,
    ) {
        let places = self.caps.max_receive_only;
        let refusal = if self.state.ended {
            RefusalCode::SessionOver.into()
        } else if self.viewers.count() >= places {
            Refusal {
                code: RefusalCode::SessionFull,
                detail: Some(places.to_string()),
            }
        } else {
            if self.state.seq == 0 {
                self.record(&Cause::server(now), Event::RoomOpened);
            }
            self.viewers.here.insert(connection, viewer);
            return;
        };
        self.bye(connection, ByeReason::Refused { refusal });
    }

    /// A viewer may negotiate and leave.
    pub(crate) fn viewer_command(&mut self, connection: ConnectionId, id: u64, command: Command) {
        let Some(&viewer) = self.viewers.here.get(&connection) else {
            return;
        };
        match command {
            Command::Offer { sdp, ice_restart } => {
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
            Command::Leave => {
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

    /// Tells the number of viewers, if it changed and was not told within the last 10 s.
    pub(crate) fn tell_viewers(&mut self, now: UtcMicros) {
        if self
            .viewers
            .tell_at(self.state.room.viewers)
            .is_some_and(|at| at <= now)
        {
            self.viewers.told_at = Some(now);
            let viewers = self.viewers.count();
            self.record(&Cause::server(now), Event::ViewersChanged { viewers });
        }
    }
}
