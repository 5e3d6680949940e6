//! Dropping out, leaving, being removed.

use std::time::Duration;

use protocol::client::{
    ByeReason, ConnectionState, HEARTBEAT, LISTENER_HEARTBEAT, LeaveReason, RefusalCode,
    RosterEvent, SEAT_HELD, SessionRole,
};
use protocol::sfu::SfuCommand;
use protocol::{ParticipantId, RecordingId};

use super::Roster;
use crate::cause::{Cause, Reason};
use crate::context::Context;
use crate::room::Connection;
use crate::rules::Outcome;
use crate::rules::floor::Floor;
use crate::rules::hand::Hands;
use crate::rules::picture::Pictures;
use crate::rules::recording::Recording;
use crate::timers::Timer;
use crate::{ConnectionId, Room};

impl Room {
    pub(crate) fn connection_lost(&mut self, connection: ConnectionId) {
        if self.state.viewers.is_viewer(connection) {
            self.viewer_left(connection);
        } else if let Some(Connection { participant, .. }) = self.connections.remove(&connection) {
            self.hold_seat(participant, Reason::ConnectionLost);
        }
    }

    /// Somebody is not connected any more, and may come back.
    fn hold_seat(&mut self, participant: ParticipantId, why: Reason) {
        self.known.entry(participant).or_default().connection = None;
        if self.state.is_over() || self.state.person(participant).is_none() {
            return;
        }
        self.hold(participant);
        let mut cx = self.because(Cause::server(why));
        cx.record(RosterEvent::ConnectionChanged {
            participant,
            connection: ConnectionState::Reconnecting,
        });
    }

    fn hold(&mut self, participant: ParticipantId) {
        let until = self.now.mono.plus(SEAT_HELD);
        self.timers.set(Timer::Seat(participant), until);
    }

    /// After a restart nobody is connected: holds every seat, and asks for the recording again.
    pub(crate) fn resume_after_restart(&mut self, recording: Option<RecordingId>) {
        if self.state.is_over() {
            return;
        }
        let people: Vec<_> = self.state.people().iter().map(|p| p.id).collect();
        for participant in people {
            let person = self.state.person(participant);
            if person.is_some_and(|p| p.connection == ConnectionState::Connected) {
                self.hold_seat(participant, Reason::Restarted);
            } else {
                self.hold(participant);
            }
        }
        let mut cx = self.because(Cause::server(Reason::Restarted));
        Floor::resume(&mut cx);
        Recording::resume(&mut cx, recording);
    }

    /// Somebody's right to be here was taken away.
    pub(crate) fn access_ended(&mut self, whom: ParticipantId) {
        if let Some(connection) = self.connection_of(whom) {
            if self.state.viewers.is_viewer(connection) {
                self.viewer_left(connection);
            }
            self.bye(connection, ByeReason::AccessEnded);
        }
        if !self.state.is_over() && self.state.person(whom).is_some() {
            let mut cx = self.because(Cause::server(Reason::AccessChanged));
            Roster::depart(&mut cx, whom, LeaveReason::AccessEnded);
        }
    }

    /// Somebody's right to be here changed: they come back in another part.
    pub(crate) fn access_changed(&mut self, whom: ParticipantId) {
        let Some(connection) = self.connection_of(whom) else {
            return;
        };
        if self.state.viewers.is_viewer(connection) {
            self.viewer_left(connection);
            self.bye(connection, ByeReason::AccessChanged);
            return;
        }
        self.bye(connection, ByeReason::AccessChanged);
        self.hold_seat(whom, Reason::AccessChanged);
    }

    /// How often somebody is sent signs of life: often when they may speak.
    #[must_use]
    pub fn heartbeat_of(&self, whom: ParticipantId) -> Duration {
        let person = self.state.person(whom);
        let listens = person.is_none_or(|p| p.role == SessionRole::Viewer);
        if listens && !self.state.floor.is_held_by(whom) {
            LISTENER_HEARTBEAT
        } else {
            HEARTBEAT
        }
    }
}

impl Roster {
    /// The seat was held in vain.
    pub(crate) fn give_up(cx: &mut Context, whom: ParticipantId) {
        Self::depart(cx, whom, LeaveReason::TimedOut);
    }

    pub(super) fn leave(cx: &mut Context, me: ParticipantId) {
        // The good-bye is the last frame, so the reply comes before it.
        cx.acknowledge(me);
        if let Some(connection) = cx.known.get(&me).and_then(|known| known.connection) {
            cx.bye(connection, ByeReason::Left);
        }
        Self::depart(cx, me, LeaveReason::Left);
    }

    pub(super) fn remove(cx: &mut Context, me: ParticipantId, whom: ParticipantId) -> Outcome {
        let role = cx.role_of(whom)?;
        if whom == me || role == SessionRole::Chair {
            return Err(RefusalCode::NotAllowed.into());
        }
        if let Some(connection) = cx.known.get(&whom).and_then(|known| known.connection) {
            cx.bye(connection, ByeReason::Removed);
        }
        Self::depart(cx, whom, LeaveReason::Removed);
        cx.end_players_of(whom);
        Ok(())
    }

    /// Frees the seat and everything that hung on it, each told by its own event.
    fn depart(cx: &mut Context, whom: ParticipantId, reason: LeaveReason) {
        cx.timers.stop(Timer::Seat(whom));
        if let Some(known) = cx.known.get_mut(&whom) {
            known.connection = None;
            known.token = None;
        }
        let mut following = cx.following(Reason::Departed);
        Hands::lower(&mut following, whom);
        let had_floor = Floor::take_from(&mut following, whom);
        Pictures::end_all_of(&mut following, whom);
        cx.record(RosterEvent::ParticipantLeft {
            participant: whom,
            reason,
        });
        let room = cx.id();
        cx.media(SfuCommand::Leave {
            room,
            participant: whom,
        });
        if had_floor {
            Floor::go_on(cx);
        }
    }
}
