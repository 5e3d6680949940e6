//! The way to signaling: events are never waited for, and only those that will be repeated anyway are ever lost.

use std::collections::VecDeque;

use protocol::sfu::SfuEvent;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// Events that may wait while signaling is busy; from here on those that are soon repeated are dropped.
const BACKLOG: usize = 4096;

/// One shard's end of the event channel.
#[derive(Debug)]
pub(crate) struct EventSink {
    events: Sender<SfuEvent>,
    waiting: VecDeque<SfuEvent>,
}

impl EventSink {
    pub(crate) const fn new(events: Sender<SfuEvent>) -> Self {
        Self {
            events,
            waiting: VecDeque::new(),
        }
    }

    /// Hands an event on, in order.
    pub(crate) fn push(&mut self, event: SfuEvent) {
        let repeated = matches!(event, SfuEvent::Speakers { .. } | SfuEvent::Link { .. });
        if repeated && self.waiting.len() >= BACKLOG {
            return;
        }
        self.waiting.push_back(event);
        self.retry();
    }

    /// Sends events that wait, as far as there is room.
    pub(crate) fn retry(&mut self) {
        while let Some(event) = self.waiting.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => {
                    self.waiting.push_front(event);
                    return;
                }
                Err(TrySendError::Closed(_)) => self.waiting.clear(),
            }
        }
    }

    /// Whether events wait for room.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}
