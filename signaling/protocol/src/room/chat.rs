//! The chat.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::{ParticipantId, PointId, UtcMicros};

/// The most chat lines of a snapshot, and of one answer to `LoadChat`.
pub const CHAT_LINES: usize = 50;

/// The longest chat message, in characters as people count them.
pub const MAX_CHAT_CHARS: usize = 2_000;

/// What may be asked of the chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum ChatCommand {
    /// Says something in the chat.
    SendChat {
        /// 1 to [`MAX_CHAT_CHARS`] characters.
        text: String,
    },
    /// Asks for older lines of the chat. They come as `ServerFrame::Chat`.
    LoadChat {
        /// The oldest line that the client has.
        #[ts(type = "string")]
        before: Uuid,
    },
}

/// What happened in the chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export)]
pub enum ChatEvent {
    /// Somebody said something in the chat.
    ChatSent {
        /// The line.
        message: ChatMessage,
    },
}

/// A line of the chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ChatMessage {
    /// Its id.
    #[ts(type = "string")]
    pub id: Uuid,
    /// Who said it.
    pub from: ParticipantId,
    /// Under which name.
    pub name: String,
    /// At which point, if at one.
    #[serde(default)]
    pub bridge_point: Option<PointId>,
    /// The text.
    pub text: String,
    /// When.
    pub at_us: UtcMicros,
}
