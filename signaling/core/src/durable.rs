//! What must not be undone: it is answered when the journal has it.
//!
//! ```text
//!  command ─► applied ─► waiting ── Saved ──────► carried through, answered "done"
//!                           └────── 5 s pass ───► carried through, answered `NotSaved`
//! ```
//!
//! Locking, muting and removing act at once and only their answers wait. Ending a session and stopping a recording are
//! *carried through* when they are saved, so that nobody is sent away from a room that a crash brings back.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::client::{
    ChatCommand, Command, EventFrame, MicrophoneCommand, PictureCommand, RefusalCode,
    RosterCommand, ServerFrame, SessionCommand,
};
use protocol::{ParticipantId, RecordingId};

use crate::timers::Timer;
use crate::{Mono, Room};

/// How long an answer waits for the disk: 5 s. After that it says `NotSaved`, and what was done stays done.
pub const SAVED_WITHIN: Duration = Duration::from_secs(5);

/// What waits for the journal.
#[derive(Debug, Default)]
pub(crate) struct Durable {
    /// The last entry that is on disk.
    saved: u64,
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    /// Until this entry is on disk.
    seq: u64,
    until: Mono,
    then: Then,
}

/// What is to be done once it cannot be undone.
#[derive(Debug, Clone)]
pub(crate) enum Then {
    /// Answer a command.
    Answer {
        /// Of whom.
        whom: ParticipantId,
        /// Its number.
        id: u64,
    },
    /// Tell the recorder and the media engine.
    StopRecorder(RecordingId),
    /// Tell everybody, send them away and close the room.
    CloseRoom(EventFrame),
}

impl Durable {
    /// A room's journal that was read from the disk.
    pub(crate) const fn read_up_to(&mut self, seq: u64) {
        self.saved = seq;
    }

    /// When the first of those that wait is carried through, saved or not.
    pub(crate) fn deadline(&self) -> (Timer, Option<Mono>) {
        let first = self.waiting.front();
        (Timer::Unsaved, first.map(|waiting| waiting.until))
    }
}

impl Room {
    /// Does `then` when everything that was journalled so far is on disk.
    pub(crate) fn when_saved(&mut self, then: Then) {
        self.durable.waiting.push_back(Waiting {
            seq: self.state.seq(),
            until: self.now.mono.plus(SAVED_WITHIN),
            then,
        });
        self.carry_through();
    }

    /// Takes the number of the last entry that is on disk.
    pub(crate) fn saved(&mut self, seq: u64) {
        self.durable.saved = self.durable.saved.max(seq);
        self.carry_through();
    }

    /// Carries through, in order, what is saved or has waited long enough. Deadlines rise along the queue.
    pub(crate) fn carry_through(&mut self) {
        while let Some(first) = self.durable.waiting.front() {
            let saved = first.seq <= self.durable.saved;
            if !saved && self.now.mono < first.until {
                return;
            }
            let Some(Waiting { then, .. }) = self.durable.waiting.pop_front() else {
                return;
            };
            match then {
                Then::Answer { whom, id } => self.answer(whom, id, saved),
                Then::StopRecorder(recording) => self.stop_recorder(recording),
                Then::CloseRoom(frame) => self.close(frame),
            }
        }
    }

    fn answer(&mut self, whom: ParticipantId, id: u64, saved: bool) {
        let refusal = (!saved).then(|| RefusalCode::NotSaved.into());
        if let Some(known) = self.known.get_mut(&whom) {
            known.replies.keep(id, refusal.clone());
        }
        if let Some(connection) = self.connection_of(whom) {
            self.send(connection, ServerFrame::Reply { id, refusal });
        }
    }
}

/// What is taken although so much waits for the disk: it protects people from being heard or seen, or ends things.
pub(crate) const fn may_go_unsaved(command: &Command) -> bool {
    match command {
        Command::Microphone(command) => match command {
            MicrophoneCommand::SetMicrophone { on } => !*on,
            MicrophoneCommand::Mute { .. }
            | MicrophoneCommand::SetLock { .. }
            | MicrophoneCommand::SetLockAll { .. } => true,
        },
        Command::Picture(command) => match command {
            PictureCommand::SetCamera { on } | PictureCommand::SetScreen { on } => !*on,
            PictureCommand::Broadcast { .. } | PictureCommand::LockScreen { .. } => false,
        },
        Command::Roster(command) => matches!(command, RosterCommand::Leave),
        // Older lines are read, not written.
        Command::Chat(command) => matches!(command, ChatCommand::LoadChat { .. }),
        // Not journalled.
        Command::Media(_) => true,
        Command::Session(command) => matches!(command, SessionCommand::EndSession),
        Command::Hand(_) | Command::Floor(_) | Command::Recording(_) | Command::Chair(_) => false,
    }
}
