//! The chat.

use protocol::ParticipantId;
use protocol::client::{ChatMessage, Event, MAX_CHAT_CHARS, Refusal, RefusalCode};
use uuid::Uuid;

use crate::Room;
use crate::room::{Cause, Outcome};

impl Room {
    /// Says `text`, without the spaces around it.
    pub(crate) fn send_chat(
        &mut self,
        cause: &Cause,
        me: ParticipantId,
        text: &str,
        id: Uuid,
    ) -> Outcome {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > MAX_CHAT_CHARS {
            return Err(Refusal {
                code: RefusalCode::BadText,
                detail: Some(MAX_CHAT_CHARS.to_string()),
            });
        }
        let name = self
            .state
            .participant(me)
            .map(|p| p.name.clone())
            .unwrap_or_default();
        let message = ChatMessage {
            id,
            from: me,
            name,
            text: text.to_owned(),
            at_us: cause.at,
        };
        self.record(cause, Event::ChatSent { message });
        Ok(())
    }
}
