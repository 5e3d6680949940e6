//! A client's command: taken once, permitted or not, given to its rule set, answered.

use protocol::ParticipantId;
use protocol::client::{
    Command, HandCommand, MAX_COMMAND_ID_STEP, MediaCommand, MicrophoneCommand, Refusal,
    RefusalCode, ServerFrame,
};
use uuid::Uuid;

use crate::act::Attempt;
use crate::cause::Cause;
use crate::context::Context;
use crate::durable::{Then, may_go_unsaved};
use crate::role::permit;
use crate::room::Connection;
use crate::rules::Outcome;
use crate::rules::chair::Chair;
use crate::rules::chat::Chat;
use crate::rules::floor::Floor;
use crate::rules::hand::Hands;
use crate::rules::media::Media;
use crate::rules::microphone::Microphones;
use crate::rules::picture::Pictures;
use crate::rules::recording::Recording;
use crate::rules::roster::Roster;
use crate::rules::session::Session;
use crate::{ConnectionId, Output, Room};

impl Room {
    /// Takes a command of whoever is connected there. `fresh` is the id of what it may make.
    pub(crate) fn command(
        &mut self,
        connection: ConnectionId,
        id: u64,
        command: Command,
        fresh: Uuid,
    ) {
        if self.state.viewers.is_viewer(connection) {
            self.viewer_command(connection, id, command);
            return;
        }
        let Some(&Connection {
            participant,
            profile,
            ..
        }) = self.connections.get(&connection)
        else {
            return;
        };
        let known = self.known.entry(participant).or_default();
        if id <= known.last_command {
            if let Some(refusal) = known.replies.of(id) {
                self.send(connection, ServerFrame::Reply { id, refusal });
            }
            return;
        }
        let last = known.last_command;
        if id - last > MAX_COMMAND_ID_STEP {
            // Taken, it would make every honest command of this participant an old one.
            let refusal = Some(Refusal {
                code: RefusalCode::BadCommandId,
                detail: Some(last.to_string()),
            });
            self.send(connection, ServerFrame::Reply { id, refusal });
            return;
        }
        known.last_command = id;
        let durable = command.is_durable();
        let is_offer = matches!(command, Command::Media(MediaCommand::Offer { .. }));
        if durable || is_offer {
            known.replies.pending(id);
        }
        let mut cx = self.because(Cause::command(participant, id));
        let command = match command {
            Command::Media(MediaCommand::Offer { sdp, ice_restart }) => {
                let who = (participant, profile);
                Media::offer(&mut cx, connection, who, id, sdp, ice_restart);
                return;
            }
            command => command,
        };
        let attempt = Attempt::new(&cx.state, participant, &command);
        let outcome = cx.carry_out(participant, command, fresh);
        if let Some(act) = attempt.and_then(|attempt| attempt.outcome(&self.state, self.now.utc)) {
            self.put(Output::Act(act));
        }
        if durable && outcome.is_ok() {
            // The end of the session has its answer in the queue already, before the good-byes.
            if !self.state.is_over() {
                let whom = participant;
                self.when_saved(Then::Answer { whom, id });
            }
            return;
        }
        let refusal = outcome.err();
        if let Some(known) = self.known.get_mut(&participant) {
            known.replies.keep(id, refusal.clone());
        }
        // Leaving was answered before the good-bye.
        if self.connections.contains_key(&connection) {
            self.send(connection, ServerFrame::Reply { id, refusal });
        }
    }
}

impl Context<'_> {
    /// Gives a command to its rule set, if it may be asked at all.
    fn carry_out(&mut self, me: ParticipantId, command: Command, fresh: Uuid) -> Outcome {
        if self.state.is_over() {
            return Err(RefusalCode::SessionOver.into());
        }
        if self.journal.full && !may_go_unsaved(&command) {
            return Err(RefusalCode::JournalNotSaved.into());
        }
        let command = match command {
            Command::Hand(HandCommand::LowerHand {
                participant: Some(whose),
            }) if whose == me => Command::Hand(HandCommand::LowerHand { participant: None }),
            command => command,
        };
        let asker = self
            .state
            .asker(me)
            .ok_or(RefusalCode::UnknownParticipant)?;
        permit(asker, &command)?;
        match command {
            Command::Media(command) => Media::handle(self, me, command),
            // A turn ends with the lock of its holder.
            Command::Microphone(MicrophoneCommand::SetLock {
                participant,
                locked: true,
            }) if self.state.floor.is_held_by(participant) => Floor::lock_holder(self, participant),
            Command::Microphone(
                command @ (MicrophoneCommand::SetLock { locked: false, .. }
                | MicrophoneCommand::SetLockAll { locked: false }),
            ) => Floor::unlock(self, me, &command),
            Command::Microphone(command) => Microphones::handle(self, me, &command),
            Command::Picture(command) => Pictures::handle(self, me, &command),
            Command::Hand(command) => Hands::handle(self, me, &command),
            Command::Chat(command) => Chat::handle(self, me, &command, fresh),
            Command::Floor(command) => Floor::handle(self, me, &command),
            Command::Recording(command) => Recording::handle(self, &command, fresh),
            Command::Roster(command) => Roster::handle(self, me, &command),
            Command::Session(command) => Session::handle(self, me, &command),
            Command::Chair(command) => Chair::handle(self, me, &command),
        }
    }

    /// Says that a command is done before it is, because the good-bye that follows from it is the last frame.
    pub(crate) fn acknowledge(&mut self, me: ParticipantId) {
        if let (Some(id), Some(connection)) = (self.cause.command, self.connection_of(me)) {
            self.send(connection, ServerFrame::Reply { id, refusal: None });
        }
    }
}
