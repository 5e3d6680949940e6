//! Raised hands (Xin phát biểu).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ParticipantId, UtcMicros};

/// What may be asked about hands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum HandCommand {
    /// Raises one's hand (Xin phát biểu).
    RaiseHand,
    /// Says what one would speak about, while one's hand is up. The place in the queue stays.
    SetTopic {
        /// One line ([`crate::text::TOPIC`]); nothing takes it back.
        topic: String,
    },
    /// Lowers a hand: one's own, or another's by chair or secretary.
    LowerHand {
        /// Whose; oneself when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        participant: Option<ParticipantId>,
    },
}

/// What happened to hands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum HandEvent {
    /// A hand went up; it is last in the list.
    HandRaised {
        /// Whose.
        participant: ParticipantId,
    },
    /// A hand went down.
    HandLowered {
        /// Whose.
        participant: ParticipantId,
    },
    /// Somebody whose hand is up said what they would speak about, or took it back.
    TopicChanged {
        /// Whose hand.
        participant: ParticipantId,
        /// What about.
        topic: Option<String>,
    },
}

/// A raised hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RaisedHand {
    /// Whose.
    pub participant: ParticipantId,
    /// When it went up.
    pub since_us: UtcMicros,
    /// What they would speak about.
    pub topic: Option<String>,
}
