//! The chat.

use std::time::Duration;

use protocol::ParticipantId;
use protocol::client::{ChatEvent, ChatMessage, Event, MAX_CHAT_CHARS, Refusal, RefusalCode};
use protocol::text::{self, TextFault};
use uuid::Uuid;

use crate::role::presides;
use crate::room::{Cause, Outcome};
use crate::{Mono, Now, Output, Room};

/// What one participant may say: five lines at once, then a line a second.
const OWN_BUDGET: Budget = Budget {
    at_once: 5,
    every: Duration::from_secs(1),
};

/// What all who do not preside may say together: 40 lines at once, then ten a second. Each is sent to everybody.
pub(crate) const ROOM_BUDGET: Budget = Budget {
    at_once: 40,
    every: Duration::from_millis(100),
};

/// How much may be said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    at_once: u32,
    every: Duration,
}

/// What is left of a budget: a bucket that is full at first and fills evenly.
#[derive(Debug, Clone)]
pub(crate) struct ChatBudget {
    budget: Budget,
    /// When the bucket is, or was, full.
    full_at: Mono,
}

impl Default for ChatBudget {
    fn default() -> Self {
        Self::of(OWN_BUDGET)
    }
}

impl ChatBudget {
    pub(crate) const fn of(budget: Budget) -> Self {
        Self {
            budget,
            full_at: Mono(i64::MIN),
        }
    }

    /// Whether one more line may be said.
    fn allows(&self, now: Mono) -> bool {
        let Budget { at_once, every } = self.budget;
        self.full_at.max(now).plus(every) <= now.plus(every * at_once)
    }

    fn spend(&mut self, now: Mono) {
        self.full_at = self.full_at.max(now).plus(self.budget.every);
    }
}

impl Room {
    /// Says `text`, as the door for text lets it through.
    pub(crate) fn send_chat(
        &mut self,
        now: Now,
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
        let Some(participant) = self.state.participant(me) else {
            return Err(RefusalCode::UnknownParticipant.into());
        };
        let message = ChatMessage {
            id,
            from: me,
            name: participant.name.clone(),
            bridge_point: participant.bridge_point,
            text,
            at_us: cause.at,
        };
        let presides = presides(participant.role);
        let own = &mut self.people.entry(me).or_default().chat;
        if !own.allows(now.mono) || !(presides || self.chat.allows(now.mono)) {
            return Err(RefusalCode::ChatTooFast.into());
        }
        own.spend(now.mono);
        if !presides {
            self.chat.spend(now.mono);
        }
        self.record(cause, Event::Chat(ChatEvent::ChatSent { message }));
        Ok(())
    }

    /// Has lines before `before` fetched for the page of `me`.
    pub(crate) fn load_chat(&mut self, me: ParticipantId, before: Uuid) -> Outcome {
        if let Some(to) = self.connection_of(me) {
            self.outputs.push_back(Output::LoadChat { to, before });
        }
        Ok(())
    }
}
