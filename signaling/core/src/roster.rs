//! Who is here: coming, coming back, taking over, dropping out, leaving, being removed.

use std::time::Duration;

use protocol::client::{
    ByeReason, ChairEvent, ConnectionState, Event, FloorEvent, HEARTBEAT, HandEvent,
    LISTENER_HEARTBEAT, LeaveReason, Microphone, Participant, PictureEvent, Refusal, RefusalCode,
    RosterEvent, SEAT_HELD, ServerFrame, SessionEvent, SessionRole, Welcome,
};
use protocol::media::Profile;
use protocol::sfu::SfuCommand;
use protocol::{PROTOCOL_VERSION, ParticipantId, RecordingId};

use crate::role::presides;
use crate::room::{Cause, Connection, Outcome};
use crate::{ConnectionId, Joiner, Now, Output, ResumeClaim, ResumeToken, Room};

/// Places among [`crate::Caps::max_interactive`] that are kept for a chair and a secretary.
const PRESIDING_PLACES: usize = 2;

impl Room {
    /// Lets somebody in, or says why not. `claim` is the proof of an earlier connection, and whether another page or
    /// device of the same participant gives way.
    pub(crate) fn connect(
        &mut self,
        now: Now,
        connection: ConnectionId,
        joiner: &Joiner,
        profile: Profile,
        (resume, take_over): (Option<ResumeClaim>, bool),
        token: ResumeToken,
    ) {
        let me = joiner.participant;
        let (resumed, missed_from) = self.check_claim(me, resume);
        if let Err(refusal) = self.admit(joiner, resumed || take_over) {
            self.bye(connection, ByeReason::Refused { refusal });
            return;
        }
        let cause = Cause::of(now.utc, me);
        if self.state.seq == 0 {
            self.record(
                &Cause::server(now.utc),
                Event::Session(SessionEvent::RoomOpened),
            );
        }
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
        self.seat(now, &cause, joiner, resumed);

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
            server_time_us: now.utc,
            resumed,
            heartbeat_ms: u32::try_from(self.heartbeat_of(me).as_millis()).unwrap_or(u32::MAX),
            last_command_id,
            // Firewalls are the shell's affair.
            ice_servers: Vec::new(),
            state: missed.is_none().then(|| self.state.room.clone()),
            missed: missed.unwrap_or_default(),
        };
        self.send(connection, ServerFrame::Welcome(Box::new(welcome)));
        if self.journal.trouble.is_some() && self.role_of(me).is_ok_and(presides) {
            self.tell_of_the_journal(connection);
        }
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

    /// Whether somebody may come in, and, when connected elsewhere, may come in here.
    fn admit(&self, joiner: &Joiner, may_take_over: bool) -> Outcome {
        if self.state.ended {
            return Err(RefusalCode::SessionOver.into());
        }
        if self.state.was_removed(joiner.participant) {
            return Err(RefusalCode::NotAllowed.into());
        }
        if let Some(known) = self.state.participant(joiner.participant) {
            let is_here = known.connection == ConnectionState::Connected;
            return if is_here && !may_take_over && !joiner.encoder {
                Err(RefusalCode::AlreadyHere.into())
            } else {
                Ok(())
            };
        }
        if self.journal.full {
            return Err(RefusalCode::JournalNotSaved.into());
        }
        let full = |places: usize| {
            Err(Refusal {
                code: RefusalCode::SessionFull,
                detail: Some(places.to_string()),
            })
        };
        let caps = self.caps;
        if joiner.role == SessionRole::Viewer {
            return if self.watching() >= caps.max_receive_only {
                full(caps.max_receive_only as usize)
            } else {
                Ok(())
            };
        }
        let has_place = presides(joiner.role) || self.seat_of(joiner).is_some();
        if !has_place && self.guests() >= self.places_of_guests() {
            return full(self.places_of_guests());
        }
        Ok(())
    }

    /// How many only watch: participants and anonymous viewers.
    pub(crate) fn watching(&self) -> u32 {
        let participants = &self.state.room.participants;
        let viewers = participants
            .iter()
            .filter(|p| p.role == SessionRole::Viewer);
        let viewers = u32::try_from(viewers.count()).unwrap_or(u32::MAX);
        self.viewers.count().saturating_add(viewers)
    }

    /// How many may speak and have no place of their own: they neither preside nor sit on the seat of a point.
    fn guests(&self) -> usize {
        let participants = &self.state.room.participants;
        participants
            .iter()
            .filter(|p| p.role != SessionRole::Viewer && !presides(p.role) && p.seat.is_none())
            .count()
    }

    /// How many such may come: what the invited points, a chair and a secretary leave over.
    fn places_of_guests(&self) -> usize {
        let kept = self.state.room.seats.len() + PRESIDING_PLACES;
        (self.caps.max_interactive as usize).saturating_sub(kept)
    }

    fn seat_of(&self, joiner: &Joiner) -> Option<u32> {
        self.state
            .free_seat(joiner.bridge_point, joiner.participant)
    }

    /// Journals that somebody is here, as they are: newcomer, back again, or back in another shape. Who comes back by
    /// another page begins with everything switched off: nobody there has opened anything.
    fn seat(&mut self, now: Now, cause: &Cause, joiner: &Joiner, resumed: bool) {
        let me = joiner.participant;
        let role = self.role_for(cause, joiner);
        let Some(before) = self.state.participant(me).cloned() else {
            let participant = Participant {
                id: me,
                name: joiner.name.clone(),
                role,
                bridge_point: joiner.bridge_point,
                seat: self.seat_of(joiner),
                connection: ConnectionState::Connected,
                microphone: Microphone {
                    on: joiner.encoder,
                    muted: false,
                    locked: self.state.room.all_locked && !presides(role),
                    granted: false,
                },
                camera_on: joiner.encoder,
                encoder: joiner.encoder,
            };
            self.record(
                cause,
                Event::Roster(RosterEvent::ParticipantJoined { participant }),
            );
            return;
        };
        let mut after = Participant {
            name: joiner.name.clone(),
            bridge_point: joiner.bridge_point,
            seat: if before.bridge_point == joiner.bridge_point {
                before.seat
            } else {
                self.seat_of(joiner)
            },
            encoder: joiner.encoder,
            connection: ConnectionState::Connected,
            ..before.clone()
        };
        let has_turn = self.state.room.floor == Some(me);
        if joiner.encoder {
            after.microphone.on = true;
            after.microphone.granted = has_turn;
            after.camera_on = true;
        } else if !resumed {
            after.microphone.on = false;
            after.microphone.granted = false;
            after.camera_on = false;
        }
        let same_but_connection = Participant {
            connection: before.connection,
            ..after.clone()
        } == before;
        if !same_but_connection {
            self.record(
                cause,
                Event::Roster(RosterEvent::ParticipantJoined { participant: after }),
            );
        } else if before.connection != ConnectionState::Connected {
            self.record(
                cause,
                Event::Roster(RosterEvent::ConnectionChanged {
                    participant: me,
                    connection: ConnectionState::Connected,
                }),
            );
        }
        if before.role != role {
            self.record(
                cause,
                Event::Chair(ChairEvent::RoleChanged {
                    participant: me,
                    role,
                }),
            );
        }
        if has_turn && !resumed && !joiner.encoder {
            self.announce_again(now, cause);
        }
    }

    pub(crate) fn connection_lost(&mut self, now: Now, connection: ConnectionId) {
        if self.viewers.is_viewer(connection) {
            self.viewer_left(connection);
            return;
        }
        let Some(Connection { participant, .. }) = self.connections.remove(&connection) else {
            return;
        };
        self.hold_seat(now, participant);
    }

    pub(crate) fn hold_seat(&mut self, now: Now, participant: ParticipantId) {
        let known = self.people.entry(participant).or_default();
        known.connection = None;
        if self.state.ended || self.state.participant(participant).is_none() {
            return;
        }
        known.held_until = Some(now.mono.plus(SEAT_HELD));
        self.record(
            &Cause::server(now.utc),
            Event::Roster(RosterEvent::ConnectionChanged {
                participant,
                connection: ConnectionState::Reconnecting,
            }),
        );
    }

    /// After a restart nobody is connected: holds every seat, and asks for the recording again.
    pub(crate) fn resume_after_restart(&mut self, now: Now, recording: Option<RecordingId>) {
        if self.state.ended {
            return;
        }
        for participant in self.state.connected() {
            self.hold_seat(now, participant);
        }
        let reconnecting: Vec<ParticipantId> =
            self.state.room.participants.iter().map(|p| p.id).collect();
        for participant in reconnecting {
            self.people.entry(participant).or_default().held_until = Some(now.mono.plus(SEAT_HELD));
        }
        let cause = Cause::server(now.utc);
        let turn = self.state.room.turn;
        if turn.is_some_and(|turn| turn.opens_at_us.is_some()) {
            self.announce_again(now, &cause);
        }
        self.resume_recording(&cause, recording);
    }

    pub(crate) fn free_held_seats(&mut self, now: Now) {
        let expired: Vec<ParticipantId> = self
            .people
            .iter()
            .filter(|(_, p)| p.held_until.is_some_and(|until| until <= now.mono))
            .map(|(id, _)| *id)
            .collect();
        for participant in expired {
            self.depart(
                now,
                &Cause::server(now.utc),
                participant,
                LeaveReason::TimedOut,
            );
        }
    }

    /// Somebody's right to be here was taken away.
    pub(crate) fn access_ended(&mut self, now: Now, whom: ParticipantId) {
        if let Some(connection) = self.connection_of(whom) {
            if self.viewers.is_viewer(connection) {
                self.viewer_left(connection);
            }
            self.bye(connection, ByeReason::AccessEnded);
        }
        if !self.state.ended && self.state.participant(whom).is_some() {
            self.depart(now, &Cause::server(now.utc), whom, LeaveReason::AccessEnded);
        }
    }

    pub(crate) fn leave_by_choice(&mut self, now: Now, cause: &Cause, me: ParticipantId) {
        if let Some(connection) = self.people.get(&me).and_then(|p| p.connection) {
            self.bye(connection, ByeReason::Left);
        }
        self.depart(now, cause, me, LeaveReason::Left);
    }

    pub(crate) fn remove(
        &mut self,
        now: Now,
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
        self.depart(now, cause, whom, LeaveReason::Removed);
        self.end_players_of(whom);
        Ok(())
    }

    /// Lets somebody who was removed come back.
    pub(crate) fn readmit(&mut self, cause: &Cause, whom: ParticipantId) -> Outcome {
        if !self.state.was_removed(whom) {
            return Err(RefusalCode::UnknownParticipant.into());
        }
        self.record(
            cause,
            Event::Roster(RosterEvent::ParticipantReadmitted { participant: whom }),
        );
        Ok(())
    }

    /// Frees the seat and everything that hung on it, each told by its own event.
    fn depart(&mut self, now: Now, cause: &Cause, whom: ParticipantId, reason: LeaveReason) {
        if let Some(known) = self.people.get_mut(&whom) {
            known.connection = None;
            known.held_until = None;
            known.token = None;
            known.claim = None;
        }
        if self.state.room.hands.contains(&whom) {
            self.record(
                cause,
                Event::Hand(HandEvent::HandLowered { participant: whom }),
            );
        }
        if self.state.room.next == Some(whom) {
            self.record(
                cause,
                Event::Floor(FloorEvent::NextChanged { participant: None }),
            );
        }
        let had_floor = self.state.room.floor == Some(whom);
        if had_floor {
            self.turn_opens_at = None;
            self.record(
                cause,
                Event::Floor(FloorEvent::FloorReleased {
                    participant: whom,
                    declined: false,
                }),
            );
        }
        if self.state.room.broadcast == Some(whom) {
            self.record(
                cause,
                Event::Picture(PictureEvent::BroadcastChanged { participant: None }),
            );
        }
        if self.state.room.screen == Some(whom) {
            self.record(
                cause,
                Event::Picture(PictureEvent::ScreenChanged { participant: None }),
            );
        }
        self.record(
            cause,
            Event::Roster(RosterEvent::ParticipantLeft {
                participant: whom,
                reason,
            }),
        );
        self.media(SfuCommand::Leave {
            room: self.id(),
            participant: whom,
        });
        if had_floor {
            self.go_on_after_turn(now, cause);
        }
    }

    /// How often somebody is sent signs of life: often when they may speak.
    #[must_use]
    pub fn heartbeat_of(&self, whom: ParticipantId) -> Duration {
        let listens = self
            .state
            .participant(whom)
            .is_none_or(|p| p.role == SessionRole::Viewer);
        if listens && self.state.room.floor != Some(whom) {
            LISTENER_HEARTBEAT
        } else {
            HEARTBEAT
        }
    }

    pub(crate) fn role_of(&self, whom: ParticipantId) -> Result<SessionRole, Refusal> {
        self.state
            .participant(whom)
            .map(|p| p.role)
            .ok_or_else(|| RefusalCode::UnknownParticipant.into())
    }
}
