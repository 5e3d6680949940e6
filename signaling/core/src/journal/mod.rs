//! The journal of a room: its entries, and how they are written down.
//!
//! | Version | Payload of an entry |
//! |---|---|
//! | 2 | `{"cause": "turn_began", "event": {"type": "microphone_changed", …}}` |
//! | 1 | the event alone; [`Reader`] works out what it followed from |
//!
//! Number, time, actor and command stand beside the payload.

mod version_1;

use protocol::client::{Event, EventFrame};
use protocol::{ParticipantId, UtcMicros};
use serde::Deserialize;
use serde_json::json;

use crate::cause::{Cause, Reason};

/// The version of the payloads that this program writes.
const VERSION: i64 = 2;

/// One line of the journal `session_event`.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalEntry {
    /// Number, time and event.
    pub frame: EventFrame,
    /// Why it happened.
    pub cause: Cause,
}

impl JournalEntry {
    /// The event.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.frame.event
    }

    /// The entry as it is written down.
    ///
    /// # Errors
    /// When the event is not JSON.
    pub fn written(&self) -> Result<Written, Unreadable> {
        let event = serde_json::to_value(self.event())?;
        let kind = event["type"].as_str().unwrap_or_default().to_owned();
        let Cause {
            actor,
            command,
            reason,
        } = self.cause;
        Ok(Written {
            seq: self.frame.seq,
            at: self.frame.at_us,
            actor,
            command,
            kind,
            payload: json!({ "cause": reason, "event": event }).to_string(),
            version: VERSION,
        })
    }
}

/// An entry as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Gapless within a session, from 1.
    pub seq: u64,
    /// When.
    pub at: UtcMicros,
    /// Who caused it; none for time and server.
    pub actor: Option<ParticipantId>,
    /// The number of the actor's command, if it was one.
    pub command: Option<u64>,
    /// The `type` of the event.
    pub kind: String,
    /// Event and cause as JSON, in the form of `version`.
    pub payload: String,
    /// How the payload is written.
    pub version: i64,
}

/// Why something that is written down cannot be read, or written.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// A later program wrote it.
    #[error("payloads of version {0} are not known")]
    Version(i64),
    /// It is no event.
    #[error("no event: {0}")]
    Json(#[from] serde_json::Error),
}

/// A payload of version 2.
#[derive(Deserialize)]
struct Payload {
    cause: Reason,
    event: Event,
}

/// The event of a payload alone.
///
/// # Errors
/// When it cannot be understood.
pub fn event_of(version: i64, payload: &str) -> Result<Event, Unreadable> {
    match version {
        1 => Ok(serde_json::from_str(payload)?),
        VERSION => Ok(serde_json::from_str::<Payload>(payload)?.event),
        other => Err(Unreadable::Version(other)),
    }
}

/// Reads a journal from its first entry on, whatever the versions of its payloads.
#[derive(Debug, Default)]
pub struct Reader {
    causes: version_1::Upcaster,
}

impl Reader {
    /// Reads the next entry.
    ///
    /// # Errors
    /// When it cannot be understood.
    pub fn read(&mut self, written: &Written) -> Result<JournalEntry, Unreadable> {
        let &Written {
            seq,
            at,
            actor,
            command,
            version,
            ..
        } = written;
        let frame = |event| EventFrame {
            seq,
            at_us: at,
            event,
        };
        let by = |reason| Cause {
            actor,
            command,
            reason,
        };
        if version == 1 {
            let event = event_of(version, &written.payload)?;
            let cause = self.causes.upcast(by(Reason::Unknown), &event);
            return Ok(JournalEntry {
                frame: frame(event),
                cause,
            });
        }
        if version != VERSION {
            return Err(Unreadable::Version(version));
        }
        let Payload { cause, event } = serde_json::from_str(&written.payload)?;
        Ok(JournalEntry {
            frame: frame(event),
            cause: by(cause),
        })
    }
}
