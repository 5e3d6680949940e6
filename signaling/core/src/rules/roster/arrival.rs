//! Coming, coming back, taking over.

use protocol::PROTOCOL_VERSION;
use protocol::ParticipantId;
use protocol::client::{
    ByeReason, ChairEvent, ConnectionState, Microphone, Participant, Refusal, RefusalCode,
    RosterEvent, ServerFrame, SessionRole, Welcome,
};
use protocol::media::Profile;
use protocol::sfu::SfuCommand;

use super::Roster;
use crate::cause::{Cause, Reason};
use crate::context::Context;
use crate::role::{acts, presides};
use crate::room::Connection;
use crate::rules::Outcome;
use crate::rules::chair::Chair;
use crate::rules::floor::Floor;
use crate::rules::microphone::Microphones;
use crate::rules::picture::Pictures;
use crate::rules::session::Session;
use crate::timers::Timer;
use crate::{ConnectionId, Joiner, Output, ResumeClaim, ResumeToken, Room};

/// Places among [`crate::Caps::max_interactive`] that are kept for a chair and a secretary.
const PRESIDING_PLACES: usize = 2;

impl Room {
    /// Lets somebody in, or says why not. `claim` is the proof of an earlier connection, and whether another page or
    /// device of the same participant gives way.
    pub(crate) fn connect(
        &mut self,
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
        Session::open(self, Cause::of(me, Reason::Arrived));
        if let Some(earlier) = self.known.get(&me).and_then(|known| known.connection) {
            self.bye(earlier, ByeReason::TakenOver);
        }
        let mut cx = self.because(Cause::of(me, Reason::Arrived));
        if !resumed && cx.state.person(me).is_some() {
            // Another page or device: what the earlier one sent and showed is over.
            let room = cx.id();
            cx.media(SfuCommand::Leave {
                room,
                participant: me,
            });
            Pictures::end_screen_of(&mut cx, me);
        }
        Roster::seat(&mut cx, joiner, resumed);

        self.timers.stop(Timer::Seat(me));
        let known = self.known.entry(me).or_default();
        known.connection = Some(connection);
        known.token = Some(token.hash);
        known.token_is_old = false;
        let last_command_id = known.last_command;
        self.connections.insert(
            connection,
            Connection {
                participant: me,
                profile,
                hears_events: !joiner.encoder,
                told: self.state.asker(me),
            },
        );
        self.put(Output::Remember {
            participant: me,
            hash: token.hash,
        });
        let missed = missed_from.and_then(|last_seq| self.history.after(last_seq));
        let welcome = Welcome {
            protocol: PROTOCOL_VERSION,
            you: me,
            resume_token: token.token,
            seq: self.state.seq(),
            server_time_us: self.now.utc,
            resumed,
            heartbeat_ms: u32::try_from(self.heartbeat_of(me).as_millis()).unwrap_or(u32::MAX),
            last_command_id,
            may: self.state.asker(me).map(acts).unwrap_or_default(),
            // Firewalls are the shell's affair.
            ice_servers: Vec::new(),
            state: missed.is_none().then(|| self.state.snapshot()),
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
        let Some(known) = self.known.get(&me) else {
            return (false, None);
        };
        let here = self.state.person(me).is_some();
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
        if self.state.is_over() {
            return Err(RefusalCode::SessionOver.into());
        }
        if self.state.was_removed(joiner.participant) {
            return Err(RefusalCode::NotAllowed.into());
        }
        if let Some(known) = self.state.person(joiner.participant) {
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
        if !has_place && self.state.roster.guests() >= self.places_of_guests() {
            return full(self.places_of_guests());
        }
        Ok(())
    }

    /// How many may come who have no place of their own: what the invited points, a chair and a secretary leave over.
    fn places_of_guests(&self) -> usize {
        let kept = self.state.seats().len() + PRESIDING_PLACES;
        (self.caps.max_interactive as usize).saturating_sub(kept)
    }

    fn seat_of(&self, joiner: &Joiner) -> Option<u32> {
        let roster = &self.state.roster;
        roster.free_seat(joiner.bridge_point, joiner.participant)
    }
}

impl Roster {
    /// Journals that somebody is here, as they are: newcomer, back again, or back in another shape. Who comes back by
    /// another page begins with everything switched off: nobody there has opened anything.
    fn seat(cx: &mut Context, joiner: &Joiner, resumed: bool) {
        let me = joiner.participant;
        let role = Chair::role_for(cx, joiner);
        let Some(before) = cx.state.participant(me) else {
            let participant = Participant {
                id: me,
                name: joiner.name.clone(),
                role,
                bridge_point: joiner.bridge_point,
                seat: cx.seat_of(joiner),
                connection: ConnectionState::Connected,
                microphone: Microphone {
                    on: joiner.encoder,
                    muted: false,
                    locked: Microphones::locks(&cx.state, role),
                    granted: false,
                },
                camera_on: joiner.encoder,
                encoder: joiner.encoder,
            };
            cx.record(RosterEvent::ParticipantJoined { participant });
            return;
        };
        let mut after = Participant {
            name: joiner.name.clone(),
            bridge_point: joiner.bridge_point,
            seat: if before.bridge_point == joiner.bridge_point {
                before.seat
            } else {
                cx.seat_of(joiner)
            },
            encoder: joiner.encoder,
            connection: ConnectionState::Connected,
            ..before.clone()
        };
        let has_turn = cx.state.floor.is_held_by(me);
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
            cx.record(RosterEvent::ParticipantJoined { participant: after });
        } else if before.connection != ConnectionState::Connected {
            cx.record(RosterEvent::ConnectionChanged {
                participant: me,
                connection: ConnectionState::Connected,
            });
        }
        if before.role != role {
            cx.record(ChairEvent::RoleChanged {
                participant: me,
                role,
            });
        }
        if has_turn && !resumed && !joiner.encoder {
            Floor::announce_again(cx);
        }
    }
}
