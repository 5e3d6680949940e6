//! Who is here: coming, coming back, taking over, dropping out, leaving, being removed.

use protocol::client::{
    ByeReason, ConnectionState, Event, LeaveReason, Microphone, Participant, Refusal, RefusalCode,
    SEAT_HELD_SECONDS, ServerFrame, SessionRole, Welcome,
};
use protocol::media::Profile;
use protocol::sfu::SfuCommand;
use protocol::{PROTOCOL_VERSION, ParticipantId, RecordingId, UtcMicros};
use uuid::Uuid;

use crate::role::presides;
use crate::room::{Cause, Connection, Outcome};
use crate::{ConnectionId, Joiner, Output, ResumeClaim, ResumeToken, Room};

const SEAT_HELD_US: i64 = SEAT_HELD_SECONDS.cast_signed() * 1_000_000;

impl Room {
    #[expect(clippy::too_many_arguments, reason = "the fields of one input")]
    pub(crate) fn connect(
        &mut self,
        now: UtcMicros,
        connection: ConnectionId,
        joiner: &Joiner,
        profile: Profile,
        resume: Option<ResumeClaim>,
        token: ResumeToken,
        fresh: Uuid,
    ) {
        if let Err(refusal) = self.admit(joiner) {
            self.bye(connection, ByeReason::Refused { refusal });
            return;
        }
        let me = joiner.participant;
        let cause = Cause::of(now, me);
        if self.state.seq == 0 {
            self.record(&Cause::server(now), Event::RoomOpened);
        }
        let (resumed, missed_from) = self.check_claim(me, resume);
        if let Some(earlier) = self.people.get(&me).and_then(|p| p.connection) {
            self.bye(earlier, ByeReason::TakenOver);
        }
        if !resumed && self.state.participant(me).is_some() {
            // Another page or device: what the earlier one sent and showed is over.
            self.media(SfuCommand::Leave {
                room: self.id(),
                participant: me,
            });
            self.end_screen_of(&cause, me);
        }
        self.seat(&cause, joiner);

        let known = self.people.entry(me).or_default();
        known.connection = Some(connection);
        known.held_until = None;
        known.token = Some(token.hash);
        known.token_is_old = false;
        let last_command_id = known.last_command;
        self.connections.insert(
            connection,
            Connection {
                participant: me,
                profile,
                hears_events: !joiner.encoder,
            },
        );
        self.outputs.push_back(Output::Remember {
            participant: me,
            hash: token.hash,
        });
        let missed = missed_from.and_then(|last_seq| self.history.after(last_seq));
        let welcome = Welcome {
            protocol: PROTOCOL_VERSION,
            you: me,
            resume_token: token.token,
            seq: self.state.seq,
            server_time_us: now,
            resumed,
            last_command_id,
            // Firewalls are the shell's affair.
            ice_servers: Vec::new(),
            state: missed.is_none().then(|| self.state.room.clone()),
            missed: missed.unwrap_or_default(),
        };
        self.send(connection, ServerFrame::Welcome(Box::new(welcome)));
        self.record_from_the_start(&cause, RecordingId(fresh));
    }

    /// Whether the claim continues an earlier connection, and from which event its page can go on.
    fn check_claim(&self, me: ParticipantId, claim: Option<ResumeClaim>) -> (bool, Option<u64>) {
        let Some(claim) = claim else {
            return (false, None);
        };
        let Some(known) = self.people.get(&me) else {
            return (false, None);
        };
        let here = self.state.participant(me).is_some();
        if !here || known.token != Some(claim.hash) {
            return (false, None);
        }
        // A page that saw more than the journal kept through a crash has seen events that never were. One that saw no
        // event has no state that events could change.
        let saw_lost_events = known.token_is_old && claim.last_seq > self.restarted_at_seq;
        let can_go_on = claim.last_seq > 0 && !saw_lost_events;
        (true, can_go_on.then_some(claim.last_seq))
    }

    fn admit(&self, joiner: &Joiner) -> Outcome {
        if self.state.ended {
            return Err(RefusalCode::SessionOver.into());
        }
        if self.state.removed.contains(&joiner.participant) {
            return Err(RefusalCode::NotAllowed.into());
        }
        let known = self.state.participant(joiner.participant).is_some();
        let places = self.caps.max_interactive;
        if !known && self.state.room.participants.len() >= places as usize {
            return Err(Refusal {
                code: RefusalCode::SessionFull,
                detail: Some(places.to_string()),
            });
        }
        Ok(())
    }

    /// Journals that somebody is here, as they are: newcomer, back again, or back in another shape.
    fn seat(&mut self, cause: &Cause, joiner: &Joiner) {
        let me = joiner.participant;
        let role = self.role_for(cause, joiner);
        let Some(before) = self.state.participant(me).cloned() else {
            let participant = Participant {
                id: me,
                name: joiner.name.clone(),
                role,
                bridge_point: joiner.bridge_point,
                seat: self.state.free_seat(joiner.bridge_point, me),
                connection: ConnectionState::Connected,
                microphone: Microphone {
                    on: joiner.encoder,
                    muted: false,
                    locked: self.state.room.all_locked && !presides(role),
                },
                camera_on: joiner.encoder,
                encoder: joiner.encoder,
            };
            self.record(cause, Event::ParticipantJoined { participant });
            return;
        };
        let mut after = Participant {
            name: joiner.name.clone(),
            bridge_point: joiner.bridge_point,
            seat: if before.bridge_point == joiner.bridge_point {
                before.seat
            } else {
                self.state.free_seat(joiner.bridge_point, me)
            },
            encoder: joiner.encoder,
            connection: ConnectionState::Connected,
            ..before.clone()
        };
        if joiner.encoder && !before.encoder {
            after.microphone.on = true;
            after.camera_on = true;
        }
        let same_but_connection = Participant {
            connection: before.connection,
            ..after.clone()
        } == before;
        if !same_but_connection {
            self.record(cause, Event::ParticipantJoined { participant: after });
        } else if before.connection != ConnectionState::Connected {
            self.record(
                cause,
                Event::ConnectionChanged {
                    participant: me,
                    connection: ConnectionState::Connected,
                },
            );
        }
        if before.role != role {
            self.record(
                cause,
                Event::RoleChanged {
                    participant: me,
                    role,
                },
            );
        }
    }

    pub(crate) fn connection_lost(&mut self, now: UtcMicros, connection: ConnectionId) {
        if self.viewers.is_viewer(connection) {
            self.viewer_left(connection);
            return;
        }
        let Some(Connection { participant, .. }) = self.connections.remove(&connection) else {
            return;
        };
        self.hold_seat(now, participant);
    }

    fn hold_seat(&mut self, now: UtcMicros, participant: ParticipantId) {
        let known = self.people.entry(participant).or_default();
        known.connection = None;
        known.held_until = Some(now.plus_us(SEAT_HELD_US));
        self.record(
            &Cause::server(now),
            Event::ConnectionChanged {
                participant,
                connection: ConnectionState::Reconnecting,
            },
        );
    }

    /// After a restart nobody is connected: holds every seat, and asks for the recording again.
    pub(crate) fn resume_after_restart(&mut self, now: UtcMicros, recording: Option<RecordingId>) {
        if self.state.ended {
            return;
        }
        for participant in self.state.connected() {
            self.hold_seat(now, participant);
        }
        let reconnecting: Vec<ParticipantId> =
            self.state.room.participants.iter().map(|p| p.id).collect();
        for participant in reconnecting {
            self.people.entry(participant).or_default().held_until =
                Some(now.plus_us(SEAT_HELD_US));
        }
        self.resume_recording(&Cause::server(now), recording);
    }

    pub(crate) fn free_held_seats(&mut self, now: UtcMicros) {
        let expired: Vec<ParticipantId> = self
            .people
            .iter()
            .filter(|(_, p)| p.held_until.is_some_and(|until| until <= now))
            .map(|(id, _)| *id)
            .collect();
        for participant in expired {
            self.depart(&Cause::server(now), participant, LeaveReason::TimedOut);
        }
    }

    pub(crate) fn leave_by_choice(&mut self, cause: &Cause, me: ParticipantId) {
        if let Some(connection) = self.people.get(&me).and_then(|p| p.connection) {
            self.bye(connection, ByeReason::Left);
        }
        self.depart(cause, me, LeaveReason::Left);
    }

    pub(crate) fn remove(
        &mut self,
        cause: &Cause,
        me: ParticipantId,
        whom: ParticipantId,
    ) -> Outcome {
        let role = self.role_of(whom)?;
        if whom == me || role == SessionRole::Chair {
            return Err(RefusalCode::NotAllowed.into());
        }
        if let Some(connection) = self.people.get(&whom).and_then(|p| p.connection) {
            self.bye(connection, ByeReason::Removed);
        }
        self.depart(cause, whom, LeaveReason::Removed);
        Ok(())
    }

    /// Frees the seat and everything that hung on it, each told by its own event.
    fn depart(&mut self, cause: &Cause, whom: ParticipantId, reason: LeaveReason) {
        if let Some(known) = self.people.get_mut(&whom) {
            known.connection = None;
            known.held_until = None;
            known.token = None;
            known.claim = None;
        }
        if self.state.room.hands.contains(&whom) {
            self.record(cause, Event::HandLowered { participant: whom });
        }
        if self.state.room.floor == Some(whom) {
            self.record(cause, Event::FloorReleased { participant: whom });
            self.give_microphones_back(cause);
        }
        if self.state.room.broadcast == Some(whom) {
            self.record(cause, Event::BroadcastChanged { participant: None });
        }
        if self.state.room.screen == Some(whom) {
            self.record(cause, Event::ScreenChanged { participant: None });
        }
        self.record(
            cause,
            Event::ParticipantLeft {
                participant: whom,
                reason,
            },
        );
        self.media(SfuCommand::Leave {
            room: self.id(),
            participant: whom,
        });
    }

    pub(crate) fn role_of(&self, whom: ParticipantId) -> Result<SessionRole, Refusal> {
        self.state
            .participant(whom)
            .map(|p| p.role)
            .ok_or_else(|| RefusalCode::UnknownParticipant.into())
    }
}
