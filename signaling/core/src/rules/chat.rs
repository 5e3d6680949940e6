//! The chat.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::ParticipantId;
use protocol::client::{
    CHAT_LINES, ChatCommand, ChatEvent, ChatMessage, Event, RefusalCode, ServerFrame,
};
use protocol::text;
use uuid::Uuid;

use crate::act::Audited;
use crate::context::Context;
use crate::port::{ChatPage, Work};
use crate::role::presides;
use crate::rules::Outcome;
use crate::text::admit;
use crate::{ConnectionId, JournalEntry, Mono, Room};

/// The most text that the lines of a snapshot hold, in bytes, so that a flood of long lines does not weigh down
/// everybody who comes. Older lines are in the journal.
const CHAT_BYTES: usize = 32 * 1024;

/// What one participant may say: five lines at once, then a line a second.
const OWN_ALLOWANCE: Allowance = Allowance {
    at_once: 5,
    every: Duration::from_secs(1),
};

/// What all who do not preside may say together: 40 lines at once, then ten a second. Each is sent to everybody.
const COMMON_ALLOWANCE: Allowance = Allowance {
    at_once: 40,
    every: Duration::from_millis(100),
};

/// The newest lines, and how much may be said.
#[derive(Debug)]
pub(crate) struct Chat {
    /// Oldest first; so many as a snapshot holds.
    lines: Vec<ChatMessage>,
    /// Whether there are older ones.
    older: bool,
    /// What is left of what each participant may say.
    own: BTreeMap<ParticipantId, Budget>,
    /// The same of all who do not preside together.
    common: Budget,
}

impl Default for Chat {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            older: false,
            own: BTreeMap::new(),
            common: Budget::of(COMMON_ALLOWANCE),
        }
    }
}

impl Chat {
    pub(crate) fn lines(&self) -> &[ChatMessage] {
        &self.lines
    }

    pub(crate) const fn has_older(&self) -> bool {
        self.older
    }

    pub(crate) fn apply(&mut self, entry: &JournalEntry) {
        let Event::Chat(ChatEvent::ChatSent { message }) = entry.event() else {
            return;
        };
        self.lines.push(message.clone());
        let kept = newest(&self.lines);
        if kept < self.lines.len() {
            self.lines.drain(..self.lines.len() - kept);
            self.older = true;
        }
    }

    /// `fresh` is the id of a line.
    pub(crate) fn handle(
        cx: &mut Context,
        me: ParticipantId,
        command: &ChatCommand,
        fresh: Uuid,
    ) -> Outcome {
        match command {
            ChatCommand::SendChat { text } => Self::send(cx, me, text, fresh),
            &ChatCommand::LoadChat { before } => {
                if let Some(to) = cx.connection_of(me) {
                    cx.ask(Work::LoadChat { to, before });
                }
                Ok(())
            }
        }
    }

    /// Says `text`, as the door for text lets it through.
    fn send(cx: &mut Context, me: ParticipantId, text: &str, id: Uuid) -> Outcome {
        let text = admit(text::CHAT, text)?;
        let Some(person) = cx.state.person(me) else {
            return Err(RefusalCode::UnknownParticipant.into());
        };
        let message = ChatMessage {
            id,
            from: me,
            name: person.name.clone(),
            bridge_point: person.bridge_point,
            text,
            at_us: cx.now.utc,
        };
        let (presides, now) = (presides(person.role), cx.now.mono);
        if !cx.state.chat.spend(me, presides, now) {
            return Err(RefusalCode::ChatTooFast.into());
        }
        cx.record(ChatEvent::ChatSent { message });
        Ok(())
    }

    /// Whether one more line may be said; it counts as said then.
    fn spend(&mut self, who: ParticipantId, presides: bool, now: Mono) -> bool {
        let own = self
            .own
            .entry(who)
            .or_insert_with(|| Budget::of(OWN_ALLOWANCE));
        let allowed = own.allows(now) && (presides || self.common.allows(now));
        if allowed {
            own.spend(now);
            if !presides {
                self.common.spend(now);
            }
        }
        allowed
    }
}

impl Room {
    /// Gives a page the older lines that it asked for.
    pub(crate) fn chat_loaded(&mut self, to: ConnectionId, page: ChatPage) {
        if self.connections.contains_key(&to) {
            let ChatPage { messages, more } = page;
            self.send(to, ServerFrame::Chat { messages, more });
        }
    }
}

/// How many of the newest lines a snapshot holds.
fn newest(chat: &[ChatMessage]) -> usize {
    let mut bytes = 0;
    chat.iter()
        .rev()
        .take(CHAT_LINES)
        .take_while(|line| {
            bytes += line.text.len();
            bytes <= CHAT_BYTES
        })
        .count()
}

/// How much may be said.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    at_once: u32,
    every: Duration,
}

/// What is left of an allowance: a bucket that is full at first and fills evenly.
#[derive(Debug, Clone)]
struct Budget {
    allowance: Allowance,
    /// When the bucket is, or was, full.
    full_at: Mono,
}

impl Budget {
    const fn of(allowance: Allowance) -> Self {
        Self {
            allowance,
            full_at: Mono(i64::MIN),
        }
    }

    /// Whether one more line may be said.
    fn allows(&self, now: Mono) -> bool {
        let Allowance { at_once, every } = self.allowance;
        self.full_at.max(now).plus(every) <= now.plus(every * at_once)
    }

    fn spend(&mut self, now: Mono) {
        self.full_at = self.full_at.max(now).plus(self.allowance.every);
    }
}

/// What people say is not for the audit log.
impl Audited for ChatCommand {}
