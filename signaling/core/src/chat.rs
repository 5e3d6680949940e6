//! The chat.

use protocol::ParticipantId;
use protocol::client::{ChatMessage, Event, MAX_CHAT_CHARS, Refusal, RefusalCode};
use protocol::text::{self, TextFault};
use uuid::Uuid;

use crate::Room;
use crate::room::{Cause, Outcome};

impl Room {
    /// Says `text`, as the door for text lets it through.
    pub(crate) fn send_chat(
        &mut self,
        cause: &Cause,
        me: ParticipantId,
        text: &str,
        id: Uuid,
    ) -> Outcome {
        let text = text::CHAT.admit(text).map_err(|fault| match fault {
            TextFault::Empty | TextFault::TooLong => Refusal {
                code: RefusalCode::BadText,
                detail: Some(MAX_CHAT_CHARS.to_string()),
            },
            TextFault::Unreadable | TextFault::Direction | TextFault::Marks => {
                RefusalCode::UnreadableText.into()
            }
        })?;
        let name = self
            .state
            .participant(me)
            .map(|p| p.name.clone())
            .unwrap_or_default();
        let message = ChatMessage {
            id,
            from: me,
            name,
            text,
            at_us: cause.at,
        };
        self.record(cause, Event::ChatSent { message });
        Ok(())
    }
}
