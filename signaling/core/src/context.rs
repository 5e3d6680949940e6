//! A room in the middle of deciding something.

use std::ops::{Deref, DerefMut};

use protocol::client::{Event, EventFrame};
use protocol::sfu::SfuCommand;

use crate::JournalEntry;
use crate::cause::{Cause, Reason};
use crate::port::{Output, Work};
use crate::room::Room;

/// A room, and why it does what it does next: all that a rule set decides with. Everything of the room can be read
/// through it; what is journalled changes by [`Context::record`] alone, and what else a rule set remembers is private to
/// that rule set.
pub(crate) struct Context<'a> {
    room: &'a mut Room,
    pub(crate) cause: Cause,
}

impl Deref for Context<'_> {
    type Target = Room;

    fn deref(&self) -> &Room {
        self.room
    }
}

impl DerefMut for Context<'_> {
    fn deref_mut(&mut self) -> &mut Room {
        self.room
    }
}

impl Room {
    /// Begins to decide something.
    pub(crate) const fn because(&mut self, cause: Cause) -> Context<'_> {
        Context { room: self, cause }
    }
}

impl Context<'_> {
    /// Goes on with what follows, by the same hand.
    pub(crate) const fn following(&mut self, reason: Reason) -> Context<'_> {
        Context {
            cause: self.cause.with(reason),
            room: self.room,
        }
    }

    /// Journals an event, takes it into the state and tells everybody.
    pub(crate) fn record(&mut self, event: impl Into<Event>) {
        let frame = self.journal(event);
        self.room.tell(frame);
    }

    /// Journals an event and takes it into the state.
    pub(crate) fn journal(&mut self, event: impl Into<Event>) -> EventFrame {
        let room = &mut *self.room;
        let frame = EventFrame {
            seq: room.state.seq() + 1,
            at_us: room.now.utc,
            event: event.into(),
        };
        let entry = JournalEntry {
            frame: frame.clone(),
            cause: self.cause,
        };
        room.state.apply(&entry);
        room.history.keep(frame.clone());
        room.put(Output::Persist(entry));
        frame
    }

    /// Tells the SFU.
    pub(crate) fn media(&mut self, command: SfuCommand) {
        self.room.put(Output::Media(command));
    }

    /// Asks for what takes time.
    pub(crate) fn ask(&mut self, work: Work) {
        self.room.put(Output::Work(work));
    }
}
