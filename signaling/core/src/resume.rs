//! Coming back: which events were missed, and what was answered already.

use std::collections::VecDeque;

use protocol::client::{EventFrame, Refusal};

/// How many events a room keeps for clients that come back; one who missed more gets a snapshot.
pub const EVENTS_KEPT: usize = 2_000;

/// How many missed events a client is sent at most; one who missed more gets a snapshot, which is smaller.
pub const EVENTS_RESENT: usize = 256;

/// How many replies are kept per participant for commands that are sent again after a reconnect.
const REPLIES_KEPT: usize = 64;

/// The newest events of a room.
#[derive(Debug, Default)]
pub(crate) struct History {
    events: VecDeque<EventFrame>,
}

impl History {
    pub(crate) fn keep(&mut self, frame: EventFrame) {
        if self.events.len() == EVENTS_KEPT {
            self.events.pop_front();
        }
        self.events.push_back(frame);
    }

    /// The events after `last_seq`, in order; none when they are too many, when the oldest of them is forgotten, or when
    /// `last_seq` has not happened.
    pub(crate) fn after(&self, last_seq: u64) -> Option<Vec<EventFrame>> {
        let newest = self.events.back().map_or(0, |e| e.seq);
        let oldest = self.events.front().map_or(1, |e| e.seq);
        let too_many = newest.saturating_sub(last_seq) > EVENTS_RESENT as u64;
        if last_seq > newest || too_many || last_seq + 1 < oldest {
            return None;
        }
        Some(
            self.events
                .iter()
                .filter(|e| e.seq > last_seq)
                .cloned()
                .collect(),
        )
    }
}

/// The newest replies to a participant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Replies {
    kept: VecDeque<(u64, Answer)>,
}

#[derive(Debug, Clone)]
enum Answer {
    Pending,
    Given(Option<Refusal>),
}

impl Replies {
    /// Notes a command whose reply comes later.
    pub(crate) fn pending(&mut self, id: u64) {
        self.put(id, Answer::Pending);
    }

    /// Notes the reply to a command.
    pub(crate) fn keep(&mut self, id: u64, refusal: Option<Refusal>) {
        self.kept.retain(|(kept, _)| *kept != id);
        self.put(id, Answer::Given(refusal));
    }

    /// What to say to a command that was applied already: nothing while its reply is pending, the same as before when
    /// that is known, else that it was done.
    #[expect(
        clippy::option_option,
        reason = "outer: whether to reply; inner: the refusal, if any"
    )]
    pub(crate) fn of(&self, id: u64) -> Option<Option<Refusal>> {
        match self.kept.iter().find(|(kept, _)| *kept == id) {
            Some((_, Answer::Pending)) => None,
            Some((_, Answer::Given(refusal))) => Some(refusal.clone()),
            None => Some(None),
        }
    }

    fn put(&mut self, id: u64, answer: Answer) {
        if self.kept.len() == REPLIES_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((id, answer));
    }
}
