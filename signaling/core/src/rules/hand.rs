//! Raised hands (Xin phát biểu): an ordered list, and what each would speak about.

use protocol::ParticipantId;
use protocol::client::{Event, HandCommand, HandEvent, RaisedHand, RefusalCode, RosterEvent};
use protocol::text;
use serde_json::{Value, json};

use crate::act::Audited;
use crate::context::Context;
use crate::rules::Outcome;
use crate::text::admit;
use crate::{JournalEntry, State};

/// Whose hands are up.
#[derive(Debug, Default)]
pub(crate) struct Hands {
    /// First come first.
    raised: Vec<RaisedHand>,
}

impl Hands {
    pub(crate) fn raised(&self) -> &[RaisedHand] {
        &self.raised
    }

    pub(crate) fn is_up(&self, whose: ParticipantId) -> bool {
        self.of(whose).is_some()
    }

    /// Somebody's hand, if it is up.
    pub(crate) fn of(&self, whose: ParticipantId) -> Option<&RaisedHand> {
        self.raised.iter().find(|hand| hand.participant == whose)
    }

    pub(crate) fn apply(&mut self, entry: &JournalEntry) {
        match entry.event() {
            Event::Hand(HandEvent::HandRaised { participant }) => {
                self.raised.retain(|hand| hand.participant != *participant);
                self.raised.push(RaisedHand {
                    participant: *participant,
                    since_us: entry.frame.at_us,
                    topic: None,
                });
            }
            Event::Hand(HandEvent::TopicChanged { participant, topic }) => {
                let mut raised = self.raised.iter_mut();
                if let Some(hand) = raised.find(|hand| hand.participant == *participant) {
                    hand.topic.clone_from(topic);
                }
            }
            Event::Hand(HandEvent::HandLowered { participant })
            | Event::Roster(RosterEvent::ParticipantLeft { participant, .. }) => {
                self.raised.retain(|hand| hand.participant != *participant);
            }
            _ => {}
        }
    }

    pub(crate) fn handle(cx: &mut Context, me: ParticipantId, command: &HandCommand) -> Outcome {
        let (whose, up) = match command {
            HandCommand::SetTopic { topic } => return Self::set_topic(cx, me, topic),
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

    /// Says what somebody whose hand is up would speak about.
    fn set_topic(cx: &mut Context, me: ParticipantId, topic: &str) -> Outcome {
        let topic = match topic {
            "" => None,
            topic => Some(admit(text::TOPIC, topic)?),
        };
        let hand = cx.state.hands.of(me).ok_or(RefusalCode::HandUnchanged)?;
        if hand.topic != topic {
            cx.record(HandEvent::TopicChanged {
                participant: me,
                topic,
            });
        }
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
            Self::RaiseHand | Self::SetTopic { .. } | Self::LowerHand { .. } => None,
        }
    }

    fn target(&self) -> Option<ParticipantId> {
        match self {
            Self::RaiseHand | Self::SetTopic { .. } => None,
            Self::LowerHand { participant } => *participant,
        }
    }

    fn aspect(&self, state: &State) -> Option<Value> {
        self.target()
            .map(|whose| json!({ "hand_raised": state.hands.is_up(whose) }))
    }
}
