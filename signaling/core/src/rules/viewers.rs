//! Anonymous viewers (WHEP): no seat, no name, counted.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::ParticipantId;
use protocol::client::{
    ByeReason, Command, Event, MediaCommand, Refusal, RefusalCode, RosterCommand, ServerFrame,
    ViewersEvent,
};
use protocol::media::Profile;
use protocol::sfu::SfuCommand;

use crate::cause::{Cause, Reason};
use crate::context::Context;
use crate::port::Work;
use crate::rules::session::Session;
use crate::timers::Timer;
use crate::{ConnectionId, JournalEntry, Mono, Negotiation, NegotiationKind, Output, Room};

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
    /// How many there were when it was told last.
    told: u32,
    /// When that was.
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

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.here.len()).unwrap_or(u32::MAX)
    }

    pub(crate) const fn told(&self) -> u32 {
        self.told
    }

    pub(crate) fn apply(&mut self, entry: &JournalEntry) {
        if let Event::Viewers(ViewersEvent::ViewersChanged { viewers }) = entry.event() {
            self.told = *viewers;
        }
    }

    /// When a changed number may be told, if it has changed.
    pub(crate) fn deadline(room: &Room) -> (Timer, Option<Mono>) {
        let Self { told, told_at, .. } = room.state.viewers;
        let may_be_told = told_at.map_or(Mono(i64::MIN), |at| at.plus(VIEWERS_TOLD_EVERY));
        let changed = room.state.viewers.count() != told;
        (Timer::Viewers, changed.then_some(may_be_told))
    }

    /// Tells the number of viewers.
    pub(crate) fn tell(cx: &mut Context) {
        cx.state.viewers.told_at = Some(cx.now.mono);
        let viewers = cx.state.viewers.count();
        cx.record(ViewersEvent::ViewersChanged { viewers });
    }
}

impl Room {
    pub(crate) fn connect_viewer(
        &mut self,
        connection: ConnectionId,
        viewer: ParticipantId,
        person: Option<ParticipantId>,
    ) {
        let refusal = if self.state.is_over() {
            RefusalCode::SessionOver.into()
        } else if person.is_some_and(|person| self.state.was_removed(person)) {
            RefusalCode::NotAllowed.into()
        } else if self.watching() >= self.caps.max_receive_only {
            Refusal {
                code: RefusalCode::SessionFull,
                detail: Some(self.caps.max_receive_only.to_string()),
            }
        } else {
            Session::open(self, Cause::server(Reason::Arrived));
            let viewer = Viewer { id: viewer, person };
            self.state.viewers.here.insert(connection, viewer);
            return;
        };
        self.bye(connection, ByeReason::Refused { refusal });
    }

    /// A viewer may negotiate and leave.
    pub(crate) fn viewer_command(&mut self, connection: ConnectionId, id: u64, command: Command) {
        let Some(&Viewer { id: viewer, .. }) = self.state.viewers.here.get(&connection) else {
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
                self.put(Output::Work(Work::Negotiate(Negotiation {
                    connection,
                    command: id,
                    participant: viewer,
                    offer: sdp,
                    kind,
                })));
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
        if let Some(viewer) = self.state.viewers.remove(connection) {
            self.put(Output::Media(SfuCommand::Leave {
                room: self.id(),
                participant: viewer,
            }));
        }
    }

    /// Whoever was removed does not go on hearing by a player of their own.
    pub(crate) fn end_players_of(&mut self, person: ParticipantId) {
        for connection in self.state.viewers.of_person(person) {
            self.viewer_left(connection);
            self.bye(connection, ByeReason::AccessEnded);
        }
    }

    /// How many only watch: participants and anonymous viewers.
    pub(crate) fn watching(&self) -> u32 {
        let count = self.state.viewers.count();
        count.saturating_add(self.state.roster.watching())
    }
}
