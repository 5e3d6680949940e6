//! Raised hands (Xin phát biểu).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ParticipantId;

/// What may be asked about hands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum HandCommand {
    /// Raises one's hand (Xin phát biểu).
    RaiseHand,
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
}
