//! Raised hands (Xin phát biểu): an ordered list.

use protocol::ParticipantId;
use protocol::client::{Event, HandCommand, HandEvent, RefusalCode, RosterEvent};
use serde_json::{Value, json};

use crate::act::Audited;
use crate::context::Context;
use crate::rules::Outcome;
use crate::{JournalEntry, State};

/// Whose hands are up.
#[derive(Debug, Default)]
pub(crate) struct Hands {
    /// First come first.
    raised: Vec<ParticipantId>,
}

impl Hands {
    pub(crate) fn raised(&self) -> &[ParticipantId] {
        &self.raised
    }

    pub(crate) fn is_up(&self, whose: ParticipantId) -> bool {
        self.raised.contains(&whose)
    }

    pub(crate) fn apply(&mut self, entry: &JournalEntry) {
        match entry.event() {
            Event::Hand(HandEvent::HandRaised { participant }) => {
                self.raised.retain(|raised| raised != participant);
                self.raised.push(*participant);
            }
            Event::Hand(HandEvent::HandLowered { participant })
            | Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                self.raised.retain(|raised| raised != participant);
            }
            _ => {}
        }
    }

    pub(crate) fn handle(cx: &mut Context, me: ParticipantId, command: &HandCommand) -> Outcome {
        let (whose, up) = match *command {
            HandCommand::RaiseHand => (me, true),
            HandCommand::LowerHand { participant } => (participant.unwrap_or(me), false),
        };
        cx.role_of(whose)?;
        if cx.state.hands.is_up(whose) == up {
            return Err(RefusalCode::HandUnchanged.into());
        }
        cx.record(if up {
            HandEvent::HandRaised { participant: whose }
        } else {
            HandEvent::HandLowered { participant: whose }
        });
        Ok(())
    }

    /// Lowers a hand, if it is up.
    pub(crate) fn lower(cx: &mut Context, whose: ParticipantId) {
        if cx.state.hands.is_up(whose) {
            cx.record(HandEvent::HandLowered { participant: whose });
        }
    }
}

impl Audited for HandCommand {
    fn action(&self, actor: ParticipantId) -> Option<&'static str> {
        match self {
            Self::LowerHand {
                participant: Some(whose),
            } if *whose != actor => Some("lower_hand"),
            Self::RaiseHand | Self::LowerHand { .. } => None,
        }
    }

    fn target(&self) -> Option<ParticipantId> {
        match self {
            Self::RaiseHand => None,
            Self::LowerHand { participant } => *participant,
        }
    }

    fn aspect(&self, state: &State) -> Option<Value> {
        self.target()
            .map(|whose| json!({ "hand_raised": state.hands.is_up(whose) }))
    }
}
